package promise_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"yakusoku/infra/function"
	"yakusoku/infra/local/googlesim"
	"yakusoku/infra/local/microsoftsim"
	"yakusoku/infra/local/seed"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/infra/promise/deployment"
	"yakusoku/infra/promise/release"
)

// deployedFolder names the folder in which `make deploy-local` has these tests work.
const deployedFolder = "DEPLOY_LOCAL_DIR"

// deployed is the stack in an emulated AWS account, and the demo host there.
type deployed struct {
	*owner
	account  *deployment.Account
	outside  *deployment.Outside
	password string // the host's own
}

// anAccount is an empty AWS account, with the simulators in their providers' place.
func anAccount(t *testing.T) *deployed {
	t.Helper()
	dir := os.Getenv(deployedFolder)
	if dir == "" {
		t.Skip("the stack is deployed to an emulated AWS by `make deploy-local`")
	}
	d := &deployed{outside: new(deployment.Outside), owner: &owner{system: &system{began: time.Now().UTC()}}}
	zoom, err := zoomsim.New(zoomsim.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	google, err := googlesim.New(googlesim.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	microsoft, err := microsoftsim.New(microsoftsim.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	d.Zoom, d.Google, d.Microsoft = serve(t, zoom.Handler()), serve(t, google.Handler()), serve(t, microsoft.Handler())
	lead := func(base string, hosts ...string) {
		if err := d.outside.Lead(base, hosts...); err != nil {
			t.Fatal(err)
		}
	}
	lead(d.Zoom, "zoom.us", "api.zoom.us")
	lead(d.Google, "accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com")
	lead(d.Microsoft, "login.microsoftonline.com", "graph.microsoft.com")

	dir = filepath.Join(dir, t.Name())
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if d.account, err = deployment.Open(t.Context(), root(), dir, d.outside); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.account.Close(context.Background())
		if t.Failed() {
			d.account.ShowLogs(t.Output())
		}
	})
	d.Mailbox = serve(t, d.account.Mailbox())
	d.timed(t, "cdk bootstrap", func() error { return d.account.Bootstrap(t.Context()) })
	return d
}

func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func (d *deployed) timed(t *testing.T, what string, do func() error) {
	t.Helper()
	began := time.Now()
	if err := do(); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	t.Logf("%s: %s", what, time.Since(began).Round(100*time.Millisecond))
}

// deploys deploys an assembly, and finds the way in.
func (d *deployed) deploys(t *testing.T, assembly string) {
	t.Helper()
	d.timed(t, "cdk deploy", func() error { return d.account.Deploy(t.Context(), assembly) })
	origin, front, err := d.account.Front(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.site, d.Front, d.network = origin, serve(t, front), d.outside
	d.browser = &http.Client{Transport: d.network, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), d.site+"/console/") {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// fillsIn fills in the secrets that the stack leaves to people.
func (d *deployed) fillsIn(t *testing.T) {
	t.Helper()
	secrets := secretsmanager.NewFromConfig(d.account.Config())
	for output, content := range map[string]string{
		"ZoomClientSecret":   fmt.Sprintf(`{"id":%q,"secret":%q}`, zoomsim.DefaultClientID, zoomsim.DefaultClientSecret),
		"GoogleClientSecret": fmt.Sprintf(`{"id":%q,"secret":%q}`, googlesim.DefaultClientID, googlesim.DefaultClientSecret),
	} {
		name, err := d.account.Output(t.Context(), output)
		if err != nil {
			t.Fatal(err)
		}
		_, err = secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: aws.String(content)})
		if err != nil {
			t.Fatalf("fill in %s: %v", output, err)
		}
	}
}

// signsIn has the host sign in at the user pool. One who was given the password chooses
// their own.
func (d *deployed) signsIn(t *testing.T, password string) {
	t.Helper()
	var err error
	if d.token, err = d.account.SignIn(t.Context(), d.site, seed.Email, password, d.password); err != nil {
		t.Fatal(err)
	}
}

// settlesIn is all that a new host does, up to a page that can be booked.
func (d *deployed) settlesIn(t *testing.T) {
	t.Helper()
	given, err := d.account.Invite(t.Context(), seed.Email)
	if err != nil {
		t.Fatal(err)
	}
	d.password = rand.Text()
	d.signsIn(t, given)
	d.call(t, "PUT", "/api/host/profile", fmt.Sprintf(`{"handle":%q,"name":"約束 花子","timezone":"Asia/Tokyo","locale":"ja"}`, seed.Handle), http.StatusCreated)
	d.connects(t, "zoom", seed.Email)
	d.connects(t, "google", seed.Email)
	const hours = `[{"from":"09:00","to":"12:00"},{"from":"13:00","to":"18:00"}]`
	d.call(t, "POST", "/api/host/pages", fmt.Sprintf(`{"slug":"intro","title":"初回相談","published":true,
		"weekly":{"mon":%[1]s,"tue":%[1]s,"wed":%[1]s,"thu":%[1]s,"fri":%[1]s},
		"questions":[{"id":"topic","label":"ご相談内容","type":"textarea"}]}`, hours), http.StatusCreated)
	// It reads the calendar now, and not again while a booking comes and goes.
	d.runs(t, function.Function{Name: function.Mirror})
}

// runs has a function that has a period run now.
func (d *deployed) runs(t *testing.T, f function.Function) {
	t.Helper()
	if err := d.account.Invoke(t.Context(), f.Placeholder()); err != nil {
		t.Error(err)
	}
}

// ends holds the run to the functions' policies, and says in words what a green test does
// not show.
func (d *deployed) ends(t *testing.T) {
	t.Helper()
	denied, err := d.account.Denied()
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range denied {
		t.Errorf("a policy does not allow %s", call)
	}
	given, err := d.account.Given()
	if err != nil {
		t.Fatal(err)
	}
	if len(given) > 0 {
		t.Logf("not tried, for the emulator takes note of it and makes nothing: %s", strings.Join(given, ", "))
	}
}

// present is the stack as it is now, synthesized once for all accounts.
func present(t *testing.T, d *deployed) string {
	t.Helper()
	assembly := filepath.Join(os.Getenv(deployedFolder), "present")
	synthesized.Do(func() {
		d.timed(t, "cdk synth", func() error { return d.account.Synthesize(t.Context(), assembly, "prod") })
	})
	return assembly
}

var synthesized sync.Once

// What `cdk deploy` makes of an empty account keeps the promise, by the README's way from
// there to the first booking, and to its end.
func TestTheDeployedStackKeepsThePromise(t *testing.T) {
	d := anAccount(t)
	d.deploys(t, present(t, d))
	d.fillsIn(t)
	d.settlesIn(t)
	slot := d.open(t)
	began := time.Now()
	r := d.book(t, slot.Start)
	if v := d.settled(t, r); v.Status != "confirmed" {
		t.Fatalf("settled as %+v", v)
	}
	t.Logf("confirmed in %s", time.Since(began).Round(10*time.Millisecond))
	d.becomes(t, r, everywhere)
	if d.offers(t, slot.Start) {
		t.Error("the slot is still offered")
	}
	d.cancel(t, r)
	d.becomes(t, r, gone)
	if !d.offers(t, slot.Start) {
		t.Error("the slot is not offered again")
	}

	stays := d.book(t, slot.Start)
	d.becomes(t, stays, everywhere)
	for _, f := range function.All() {
		if f.Every > 0 {
			d.runs(t, f)
		}
	}
	d.becomes(t, stays, everywhere)
	d.ends(t)
}

// What was there before an upgrade from the last release is there after it: the same
// table, keys, secrets and user pool, a booking with all that belongs to it, a host who
// signs in and is booked again.
func TestAnUpgradeFromTheLastReleaseLosesNothing(t *testing.T) {
	d := anAccount(t)
	last, now := filepath.Join(os.Getenv(deployedFolder), "last"), present(t, d)
	if err := release.Restore(release.Last(root()), last, filepath.Join(root(), ".build", deployment.Architecture())); err != nil {
		t.Fatal(err)
	}
	if lost, err := release.Lost(last, now); err != nil || len(lost) > 0 {
		t.Errorf("the upgrade would lose, error %v:\n%s", err, strings.Join(lost, "\n"))
	}
	d.deploys(t, last)
	d.fillsIn(t)
	d.settlesIn(t)
	former := d.book(t, d.open(t).Start)
	d.becomes(t, former, everywhere)
	held := d.held(t)

	d.deploys(t, now)
	for id, physical := range d.held(t) {
		if was, there := held[id]; there && was != physical {
			t.Errorf("%s was %s and is %s", id, was, physical)
		}
		delete(held, id)
	}
	for id := range held {
		t.Errorf("%s is gone", id)
	}
	d.becomes(t, former, everywhere)
	d.signsIn(t, d.password)
	d.call(t, "GET", "/api/host/profile", "", http.StatusOK)
	later := d.book(t, d.open(t).Start)
	d.becomes(t, later, everywhere)
	for _, r := range []receipt{former, later} {
		d.cancel(t, r)
		d.becomes(t, r, gone)
	}
	d.ends(t)
}

// held are the resources that nobody can make again: what each is, by its type and
// logical id.
func (d *deployed) held(t *testing.T) map[string]string {
	t.Helper()
	all, err := d.account.Resources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]string{}
	for _, r := range all {
		if release.Lasts(r.Type) {
			held[r.Type+" "+r.LogicalID] = r.PhysicalID
		}
	}
	if len(held) == 0 {
		t.Fatal("the stack holds nothing")
	}
	return held
}
