package release

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
)

// lasting are the types whose resources hold what nobody can make again, each with the
// properties that no upgrade may change: those by which CloudFormation makes another
// resource, or refuses to (the user guide's "Update requires" of each type). A secret's
// value is written anew where its text changes, over what was filled in.
var lasting = map[string][]string{
	"AWS::DynamoDB::Table":        {"TableName", "KeySchema", "LocalSecondaryIndexes", "ImportSourceSpecification"},
	"AWS::KMS::Key":               {"KeySpec", "KeyUsage", "MultiRegion", "Origin"},
	"AWS::SecretsManager::Secret": {"Name", "SecretString", "GenerateSecretString"},
	"AWS::Cognito::UserPool":      {"UsernameAttributes", "AliasAttributes", "UsernameConfiguration", "Schema"},
	"AWS::SES::EmailIdentity":     {"EmailIdentity"},
}

// Lasts reports whether a type's resources hold what nobody can make again.
func Lasts(kind string) bool { return lasting[kind] != nil }

// Lost is what an upgrade from one assembly to another would cost, in words. A resource
// that goes to another stack is lost like one that goes.
func Lost(from, to string) ([]string, error) {
	before, err := templates(from)
	if err != nil {
		return nil, err
	}
	after, err := templates(to)
	if err != nil {
		return nil, err
	}
	var lost []string
	held := 0
	for _, stack := range slices.Sorted(maps.Keys(before)) {
		for _, id := range slices.Sorted(maps.Keys(before[stack])) {
			was := before[stack][id]
			if !Lasts(was.Type) {
				continue
			}
			held++
			is, there := after[stack][id]
			if !there || is.Type != was.Type {
				lost = append(lost, fmt.Sprintf("%s %s is no longer in %s", was.Type, id, stack))
				continue
			}
			for _, property := range lasting[was.Type] {
				if a, b := was.Properties[property], is.Properties[property]; !reflect.DeepEqual(a, b) {
					lost = append(lost, fmt.Sprintf("%s %s: %s is %v and becomes %v", was.Type, id, property, a, b))
				}
			}
		}
	}
	if held == 0 {
		return nil, fmt.Errorf("%s holds nothing that lasts", from)
	}
	return lost, nil
}

type resource struct {
	Type       string
	Properties object
}

// templates are the resources of each stack of an assembly.
func templates(assembly string) (map[string]map[string]resource, error) {
	manifest, err := readManifest(assembly)
	if err != nil {
		return nil, err
	}
	stacks := map[string]map[string]resource{}
	for name, a := range manifest.Artifacts {
		if a["type"] != stackType {
			continue
		}
		template, err := read(filepath.Join(assembly, a.file()))
		if err != nil {
			return nil, err
		}
		stacks[name] = map[string]resource{}
		all, _ := template["Resources"].(object)
		for id, r := range all {
			r, _ := r.(object)
			kind, _ := r["Type"].(string)
			properties, _ := r["Properties"].(object)
			stacks[name][id] = resource{kind, properties}
		}
	}
	return stacks, nil
}
