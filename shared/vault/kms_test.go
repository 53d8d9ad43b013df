package vault

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const arn = "arn:aws:kms:us-east-1:000000000000:key/1"

// service is a KMS that encrypts by writing its key's name before what it gets.
func service(t *testing.T, calls *[]string) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		var call struct {
			KeyId                     string
			Plaintext, CiphertextBlob []byte
			EncryptionContext         map[string]string
		}
		if err := json.NewDecoder(r.Body).Decode(&call); err != nil || len(call.EncryptionContext) > 0 {
			t.Errorf("the call is %+v, %v", call, err)
		}
		*calls = append(*calls, operation+" "+call.KeyId)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		answer := map[string][]byte{"CiphertextBlob": append([]byte(arn), call.Plaintext...)}
		if operation == "Decrypt" {
			plain, ok := strings.CutPrefix(string(call.CiphertextBlob), arn)
			if !ok {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"__type":"InvalidCiphertextException"}`)
				return
			}
			answer = map[string][]byte{"Plaintext": []byte(plain)}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
}

func TestUnderKMSWhatIsSealedIsUnsealedByOneCallEach(t *testing.T) {
	var calls []string
	v, err := Open(t.Context(), kmsScheme+arn, service(t, &calls))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := v.Seal(t.Context(), []byte("token"), "connection/demo/zoom")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(sealed), "token") {
		t.Errorf("it can be read: %q", sealed)
	}
	plain, err := v.Unseal(t.Context(), sealed, "connection/demo/zoom")
	if err != nil || string(plain) != "token" {
		t.Errorf("unsealed %q, %v", plain, err)
	}
	if got := strings.Join(calls, ", "); got != "Encrypt "+arn+", Decrypt "+arn {
		t.Errorf("the calls are %s", got)
	}
	if plain, err := v.Unseal(t.Context(), sealed, "connection/other/zoom"); err == nil {
		t.Errorf("for another purpose it is %q", plain)
	}
}
