package stack_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/function"
	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/googlesim"
	"yakusoku/infra/local/journal"
	"yakusoku/infra/local/stack"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/secret"
)

var binaries string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "stack")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binaries = dir
		for _, f := range function.All() {
			build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(dir, f.Name, "bootstrap"), "./testdata/function")
			build.Stderr = os.Stderr
			if err := build.Run(); err != nil {
				panic(err)
			}
		}
		return m.Run()
	}())
}

func zoom(stack.Events) stack.Simulator {
	return func(state *journal.Journal, client secret.Client, _ *slog.Logger) (http.Handler, error) {
		sim, err := zoomsim.New(zoomsim.Config{State: state, ClientID: client.ID, ClientSecret: client.Secret})
		if err != nil {
			return nil, err
		}
		return sim.Handler(), nil
	}
}

func google(state *journal.Journal, client secret.Client, _ *slog.Logger) (http.Handler, error) {
	sim, err := googlesim.New(googlesim.Config{State: state, ClientID: client.ID, ClientSecret: client.Secret})
	if err != nil {
		return nil, err
	}
	return sim.Handler(), nil
}

// nobody's simulator: nothing here asks it.
func nobody(*journal.Journal, secret.Client, *slog.Logger) (http.Handler, error) {
	return http.NotFoundHandler(), nil
}

func config(t *testing.T, dir string, variables ...string) stack.Config {
	t.Helper()
	settings, err := stack.ReadSettings(append([]string{"PORT=0", "LOCAL_DIR=" + dir}, variables...), os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	return stack.Config{
		Settings: settings, Root: filepath.Join("..", "..", ".."), Binaries: binaries,
		Functions: function.All(),
		Routes:    []httpapi.Route{{Method: "GET", Path: "/{function}", Function: function.BookingPage}},
		Faults:    new(fault.Faults),
		Zoom:      zoom, Google: google, Microsoft: nobody,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

func start(t *testing.T, c stack.Config) *stack.Stack {
	t.Helper()
	s, err := stack.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

var anyone = credentials.NewStaticCredentialsProvider("local", "local", "")

func table(s *stack.Stack) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &s.Addresses.DynamoDB, Credentials: anyone, RetryMaxAttempts: 1,
	})
}

func put(t *testing.T, s *stack.Stack) error {
	t.Helper()
	_, err := table(s).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("yakusoku-local"), Item: item})
	return err
}

var item = map[string]types.AttributeValue{
	"pk": &types.AttributeValueMemberS{Value: "TEST"}, "sk": &types.AttributeValueMemberS{Value: "TEST"},
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAFunctionGetsItsOwnVariablesAndNoOthers(t *testing.T) {
	s := start(t, config(t, t.TempDir()))
	for _, f := range function.All() {
		response, err := http.Post(s.Addresses.Lambda+"/2015-03-31/functions/"+f.Name+"/invocations", "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		var environ []string
		err = json.NewDecoder(response.Body).Decode(&environ)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]bool)
		for _, line := range environ {
			name, _, _ := strings.Cut(line, "=")
			got[name] = true
		}
		for _, name := range f.Requires {
			if !got[name] {
				t.Errorf("%s: %s is not set", f.Name, name)
			}
		}
		for _, other := range function.All() {
			for _, name := range other.Environment() {
				if got[name] && !slices.Contains(f.Environment(), name) {
					t.Errorf("%s: %s is set", f.Name, name)
				}
			}
		}
		if got["HOME"] {
			t.Errorf("%s sees this machine's environment", f.Name)
		}
	}
}

func TestTheFrontDoorLeadsToTheFunctions(t *testing.T) {
	s := start(t, config(t, t.TempDir()))
	if got := get(t, s.Addresses.Front+"/anything"); !strings.Contains(got, "TABLE_NAME=yakusoku-local") {
		t.Errorf("the function answered %s", got)
	}
}

func TestASagaRunsThroughTheFunctions(t *testing.T) {
	s := start(t, config(t, t.TempDir()))
	client := sfn.New(sfn.Options{Region: "us-east-1", BaseEndpoint: &s.Addresses.StepFunctions, Credentials: anyone})
	began, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String("arn:aws:states:us-east-1:000000000000:stateMachine:book"),
		Input:           aws.String(`{"booking":"b1","checked":true}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		got, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: began.ExecutionArn})
		if err != nil {
			t.Fatal(err)
		}
		if got.Status == sfntypes.ExecutionStatusSucceeded {
			return
		}
		if got.Status != sfntypes.ExecutionStatusRunning || time.Now().After(deadline) {
			t.Fatalf("the execution is %s: %s %s", got.Status, aws.ToString(got.Error), aws.ToString(got.Cause))
		}
	}
}

func TestTheNextRunFindsTheDataOfTheLast(t *testing.T) {
	dir := t.TempDir()
	c := config(t, dir)
	first := start(t, c)
	if err := put(t, first); err != nil {
		t.Fatal(err)
	}
	client := sesv2.New(sesv2.Options{Region: "us-east-1", BaseEndpoint: &first.Addresses.Mailbox, Credentials: anyone})
	_, err := client.SendEmail(t.Context(), &sesv2.SendEmailInput{Content: &sestypes.EmailContent{Raw: &sestypes.RawMessage{
		Data: []byte("From: a@example.com\r\nTo: b@example.com\r\nSubject: kept\r\n\r\nhello\r\n"),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	keys := secrets(t, dir)
	first.Stop()

	second := start(t, c)
	got, err := table(second).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("yakusoku-local"), Key: item})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Item) == 0 {
		t.Error("the item is gone")
	}
	if mails := get(t, second.Addresses.Mailbox+"/store"); strings.Count(mails, `"subject":"kept"`) != 1 {
		t.Errorf("the mailbox holds %s", mails)
	}
	if diff := cmp.Diff(keys, secrets(t, dir)); diff != "" {
		t.Error("the secrets are others now")
	}
}

// secrets reads the run's secrets and checks that nobody else may.
func secrets(t *testing.T, dir string) map[string]string {
	t.Helper()
	contents := make(map[string]string)
	files, err := filepath.Glob(filepath.Join(dir, "secrets", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by others: %s", filepath.Base(file), info.Mode())
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		contents[filepath.Base(file)] = string(content)
	}
	want := []string{"google-client.json", "guest-token", "microsoft-client.json", "vault.key", "zoom-client.json", "zoom-webhook.json"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(contents))); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	return contents
}

func TestOtherProcessesFindTheStackByItsFile(t *testing.T) {
	dir := t.TempDir()
	s := start(t, config(t, dir))
	file := filepath.Join(dir, "ports.json")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got stack.Addresses
	if err := json.Unmarshal(content, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Addresses, got); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	s.Stop()
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after the end the file is still there: %v", err)
	}
}

func TestTwoRunsDoNotShareAFolder(t *testing.T) {
	dir := t.TempDir()
	start(t, config(t, dir))
	if _, err := stack.Start(t.Context(), config(t, dir)); err == nil || !strings.Contains(err.Error(), "another run uses") {
		t.Errorf("error %v, want that another run uses the folder", err)
	}
}

func TestARuleFailsAnOperationOfAWS(t *testing.T) {
	s := start(t, config(t, t.TempDir()))
	rule := `{"match":"dynamodb POST /PutItem","kind":"error","status":400,"times":1,
		"body":"{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionConflictException\"}"}`
	response, err := http.Post(s.Addresses.Faults, "application/json", bytes.NewReader([]byte(rule)))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := put(t, s); !errors.As(err, new(*types.TransactionConflictException)) {
		t.Errorf("error %v, want the rule's", err)
	}
	if err := put(t, s); err != nil {
		t.Errorf("after its times, the rule still fails: %v", err)
	}
}

func TestWhatIsMissingIsNamedInOneLine(t *testing.T) {
	for name, missing := range map[string]struct {
		change func(*stack.Config)
		want   string
	}{
		"a function that is not built": {func(c *stack.Config) { c.Binaries = t.TempDir() }, "bookingpage is not built: run `make build`"},
		// The engines start side by side: whichever is missed first is named.
		"tools that are not installed": {func(c *stack.Config) { c.Root = t.TempDir() }, "install"},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t, t.TempDir())
			missing.change(&c)
			s, err := stack.Start(t.Context(), c)
			if err == nil {
				s.Stop()
			}
			if err == nil || !strings.Contains(err.Error(), missing.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want %q", err, missing.want)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte("PORT=9000\nSWEEP_EVERY=1m\nZOOM_CLIENT_ID=id\nZOOM_CLIENT_SECRET=\"se cret\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("the environment outdoes the file", func(t *testing.T) {
		got, err := stack.ReadSettings([]string{"PORT=9001"}, file)
		if err != nil {
			t.Fatal(err)
		}
		if got.Port != 9001 || got.SweepEvery != time.Minute || got.ZoomClientSecret != "se cret" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("no file is an empty one", func(t *testing.T) {
		got, err := stack.ReadSettings(nil, filepath.Join(t.TempDir(), "none"))
		if err != nil {
			t.Fatal(err)
		}
		if got.Port != 8080 || got.Dir != ".local" || got.RetryScale != 1 {
			t.Errorf("got %+v, want the defaults", got)
		}
	})
	t.Run("half a client is refused", func(t *testing.T) {
		_, err := stack.ReadSettings([]string{"GOOGLE_CLIENT_ID=id"}, os.DevNull)
		if err == nil || !strings.Contains(err.Error(), "GOOGLE_CLIENT_SECRET") {
			t.Errorf("error %v, want it to name GOOGLE_CLIENT_SECRET", err)
		}
	})
}
