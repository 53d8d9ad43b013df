package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Deployment is what stands in AWS, busy or not.
type Deployment struct {
	// Month is what it uses in a month in which nothing happens, but for the functions
	// that run all the same.
	Month Usage
	// Edge says that CloudFront stands before the front door.
	Edge bool
}

// readDeployment reads the templates that `cdk synth` left in the folder.
func readDeployment(folder string) (Deployment, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.template.json"))
	if err != nil {
		return Deployment{}, err
	}
	if len(files) == 0 {
		return Deployment{}, fmt.Errorf("no template is in %s", folder)
	}
	d := Deployment{Month: Usage{}}
	for _, file := range files {
		content, err := os.ReadFile(file) // #nosec G304 -- as globbed
		if err != nil {
			return Deployment{}, err
		}
		if err := d.add(content); err != nil {
			return Deployment{}, fmt.Errorf("read %s: %w", file, err)
		}
	}
	return d, nil
}

// add counts what a template has that is paid for by the month.
func (d *Deployment) add(template []byte) error {
	var t struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				Metrics []struct{ MetricStat json.RawMessage } // of an alarm
				Rules   []json.RawMessage                      // of a web ACL
			}
		}
	}
	if err := json.Unmarshal(template, &t); err != nil {
		return err
	}
	if len(t.Resources) == 0 {
		return errors.New("no resource is in it")
	}
	for _, r := range t.Resources {
		switch r.Type {
		case "AWS::KMS::Key":
			d.Month["kms.key"]++
		case "AWS::SecretsManager::Secret":
			d.Month["secrets.secret"]++
		case "AWS::CloudWatch::Dashboard":
			d.Month["metrics.dashboard"]++
		case "AWS::CloudWatch::CompositeAlarm":
			d.Month["metrics.composite"]++
		case "AWS::CloudWatch::Alarm":
			// One that computes its metric of others is charged for each of those.
			watched := 0.0
			for _, m := range r.Properties.Metrics {
				if len(m.MetricStat) > 0 {
					watched++
				}
			}
			d.Month["metrics.alarm"] += max(1, watched)
		case "AWS::WAFv2::WebACL":
			d.Month["waf.acl"]++
			d.Month["waf.rule"] += float64(len(r.Properties.Rules))
		case "AWS::CloudFront::Distribution":
			d.Edge = true
		}
	}
	return nil
}
