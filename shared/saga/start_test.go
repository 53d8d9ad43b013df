package saga

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/google/go-cmp/cmp"
)

// A guest's request and what the saga does for it are one trace.
func TestASagaGoesOnWithTheTraceOfWhoStartsIt(t *testing.T) {
	const header = "Root=1-581cf771-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1"
	for name, test := range map[string]struct {
		ctx  context.Context
		want map[string]string
	}{
		"traced":     {context.WithValue(t.Context(), "x-amzn-trace-id", header), map[string]string{"traceHeader": header}}, //nolint:staticcheck // aws-lambda-go's own key
		"not traced": {t.Context(), map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			var got map[string]string
			service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
					t.Error(err)
				}
				w.Write([]byte(`{"executionArn":"a","startDate":1}`))
			}))
			defer service.Close()
			m := &Machines{Book: "book", SFN: sfn.New(sfn.Options{
				BaseEndpoint: &service.URL, Region: "us-east-1",
				Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
					return aws.Credentials{AccessKeyID: "k", SecretAccessKey: "s"}, nil
				}),
			})}
			if err := m.Start(test.ctx, booked(), true); err != nil {
				t.Fatal(err)
			}
			test.want["stateMachineArn"], test.want["name"], test.want["input"] = "book", "b1-0-0", `{"booking":"b1","checked":true}`
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}
