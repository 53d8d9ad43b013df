package deployment

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Config is that of a client of the account's, as its root.
func (a *Account) Config() aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: aws.String(a.URL),
		Credentials: credentials.NewStaticCredentialsProvider(rootKey, rootKey, ""),
	}
}

// call asks a service that no client of ours is for. Nothing but the scope of a root's
// signature is read.
func (a *Account) call(ctx context.Context, service, method, path, kind, body string, header map[string]string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, a.URL+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=none", rootKey, Region, service))
	request.Header.Set("Content-Type", kind)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %s: %s", service, response.Status, content)
	}
	return content, err
}

func (a *Account) cloudFormation(ctx context.Context, answer any, pairs ...string) error {
	form := url.Values{"Version": {"2010-05-15"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	content, err := a.call(ctx, "cloudformation", http.MethodPost, "/", "application/x-www-form-urlencoded", form.Encode(), nil)
	if err != nil {
		return err
	}
	return xml.Unmarshal(content, answer)
}

// stacks are our own in the region, and not CDK's.
func (a *Account) stacks(ctx context.Context) ([]stack, error) {
	var described struct {
		Stacks []stack `xml:"DescribeStacksResult>Stacks>member"`
	}
	if err := a.cloudFormation(ctx, &described, "Action", "DescribeStacks"); err != nil {
		return nil, err
	}
	var own []stack
	for _, s := range described.Stacks {
		if strings.HasPrefix(strings.ToLower(s.Name), "yakusoku-") {
			own = append(own, s)
		}
	}
	return own, nil
}

type stack struct {
	Name    string `xml:"StackName"`
	Outputs []struct {
		Key   string `xml:"OutputKey"`
		Value string `xml:"OutputValue"`
	} `xml:"Outputs>member"`
}

// Output is what one of the stacks says under the name.
func (a *Account) Output(ctx context.Context, name string) (string, error) {
	stacks, err := a.stacks(ctx)
	if err != nil {
		return "", err
	}
	for _, s := range stacks {
		for _, o := range s.Outputs {
			if o.Key == name {
				return o.Value, nil
			}
		}
	}
	return "", fmt.Errorf("no stack has the output %s", name)
}

// Resource is one that a stack has made.
type Resource struct{ Type, LogicalID, PhysicalID string }

// Resources are those of all stacks.
func (a *Account) Resources(ctx context.Context) ([]Resource, error) {
	stacks, err := a.stacks(ctx)
	if err != nil {
		return nil, err
	}
	var all []Resource
	for _, s := range stacks {
		for token := ""; ; {
			var page struct {
				Next      string `xml:"ListStackResourcesResult>NextToken"`
				Summaries []struct {
					Type       string `xml:"ResourceType"`
					LogicalID  string `xml:"LogicalResourceId"`
					PhysicalID string `xml:"PhysicalResourceId"`
				} `xml:"ListStackResourcesResult>StackResourceSummaries>member"`
			}
			pairs := []string{"Action", "ListStackResources", "StackName", s.Name}
			if token != "" {
				pairs = append(pairs, "NextToken", token)
			}
			if err := a.cloudFormation(ctx, &page, pairs...); err != nil {
				return nil, err
			}
			for _, r := range page.Summaries {
				all = append(all, Resource(r))
			}
			if token = page.Next; token == "" {
				break
			}
		}
	}
	return all, nil
}

// Invoke calls a function as its schedule does. It is found by the beginning of its
// logical id, which CDK completes.
func (a *Account) Invoke(ctx context.Context, id string) error {
	all, err := a.Resources(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Type != "AWS::Lambda::Function" || !strings.HasPrefix(r.LogicalID, id) {
			continue
		}
		content, err := a.call(ctx, "lambda", http.MethodPost, "/2015-03-31/functions/"+r.PhysicalID+"/invocations", "application/json", "{}", nil)
		if err == nil && strings.Contains(string(content), "errorMessage") {
			err = fmt.Errorf("%s: %s", id, content)
		}
		return err
	}
	return fmt.Errorf("no stack has the function %s", id)
}

// api is the host that the stack's one HTTP API is served for.
func (a *Account) api(ctx context.Context) (host string, err error) {
	content, err := a.call(ctx, "apigateway", http.MethodGet, "/v2/apis", "application/json", "", nil)
	if err != nil {
		return "", err
	}
	var listed struct {
		Items []struct {
			ProtocolType string `json:"protocolType"`
			Endpoint     string `json:"apiEndpoint"`
		} `json:"items"`
	}
	if err := json.Unmarshal(content, &listed); err != nil {
		return "", fmt.Errorf("read the APIs: %w", err)
	}
	if len(listed.Items) != 1 || listed.Items[0].ProtocolType != "HTTP" {
		return "", fmt.Errorf("not one HTTP API: %s", content)
	}
	endpoint, err := url.Parse(listed.Items[0].Endpoint)
	if err == nil && endpoint.Host == "" {
		err = errors.New("it has no host")
	}
	if err != nil {
		return "", fmt.Errorf("read the API's endpoint: %w", err)
	}
	return endpoint.Host, nil
}
