package zoomsim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Endpoint is where our client is told what happens (developers.zoom.us/docs/api/webhooks).
type Endpoint struct {
	URL         string
	SecretToken string // signs what is sent
}

const (
	// answerWithin is how long Zoom waits for an answer.
	answerWithin = 3 * time.Second
	// answerLimit bounds what is read of one, in bytes.
	answerLimit = 64 << 10
	// sendersAtOnce bounds the events that are under way.
	sendersAtOnce = 8
	// remembered is how many events' fates are kept to be looked at.
	remembered = 2000
)

// usualPauses are those before an event is sent again, Zoom's 5, 20 and 60 minutes
// made short.
var usualPauses = []time.Duration{200 * time.Millisecond, 800 * time.Millisecond, 2400 * time.Millisecond}

// event is one on its way to our client.
type event struct {
	ID   string          `json:"id"`
	Name string          `json:"name"`
	Body json.RawMessage `json:"body"`
}

// Delivery is what became of an event.
type Delivery struct {
	Event  string `json:"event"`
	Tries  int    `json:"tries"`
	Status int    `json:"status"` // of the last answer; 0: there was none
	Wrong  string `json:"wrong"`  // what Zoom would not take of the answers; empty: nothing
}

// Deliveries are the events so far.
type Deliveries struct {
	Waiting int        `json:"waiting"` // not taken yet, and to be sent (again)
	Done    []Delivery `json:"done"`
}

// tell sends an event on its way; nobody waits for it. It outlives the simulator
// until it is taken or given up.
func (s *Simulator) tell(name string, payload map[string]any) error {
	if s.endpoint.URL == "" {
		return nil
	}
	body, err := json.Marshal(map[string]any{"event": name, "event_ts": s.config.Clock().UnixMilli(), "payload": payload})
	if err != nil {
		return err
	}
	e := event{ID: rand.Text(), Name: name, Body: body}
	if err := s.config.State.Put(eventPrefix+e.ID, e); err != nil {
		return err
	}
	s.send(e)
	return nil
}

func (s *Simulator) send(e event) {
	s.waiting++
	go s.deliver(e, s.endpoint)
}

// deliver sends the event until it is taken, refused, or given up.
func (s *Simulator) deliver(e event, to Endpoint) {
	d := Delivery{Event: e.Name}
	for _, pause := range append([]time.Duration{0}, s.config.Pauses...) {
		time.Sleep(pause)
		d.Tries++
		err := s.proven(to)
		if err == nil {
			d.Status, err = s.post(to, e.Body, s.config.Clock())
		}
		d.Wrong = ""
		if err != nil {
			d.Wrong = err.Error()
			s.config.Log.Warn("event not taken", "event", e.Name, "error", err)
		}
		if final := (*finalAnswer)(nil); err == nil || errors.As(err, &final) {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting--
	s.done = append(s.done, d)
	s.done = s.done[max(0, len(s.done)-remembered):]
	if err := s.config.State.Delete(eventPrefix + e.ID); err != nil {
		s.config.Log.Warn("event kept", "error", err) // the run has ended: it is sent again by the next
	}
}

// finalAnswer is one after which Zoom does not come again.
type finalAnswer struct{ status int }

func (e *finalAnswer) Error() string {
	return fmt.Sprintf("status %d is neither 200 nor 204", e.status)
}

// post signs and sends a body once. Everything but 200 and 204 within the time is an
// error; *finalAnswer, unless it is a 5xx.
func (s *Simulator) post(to Endpoint, body []byte, at time.Time) (int, error) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	status, _, err := s.request(to, body, stamp, signature(to.SecretToken, stamp, body))
	switch {
	case err != nil:
		return 0, err
	case status >= 500:
		return status, fmt.Errorf("status %d", status)
	case status != http.StatusOK && status != http.StatusNoContent:
		return status, &finalAnswer{status}
	}
	return status, nil
}

func signature(secretToken, stamp string, body []byte) string {
	return "v0=" + mac(secretToken, "v0:"+stamp+":"+string(body))
}

func mac(key, text string) string {
	hash := hmac.New(sha256.New, []byte(key))
	hash.Write([]byte(text))
	return hex.EncodeToString(hash.Sum(nil))
}

// patient waits for an answer as long as Zoom does, and follows nothing.
var patient = &http.Client{
	Timeout:       answerWithin,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (s *Simulator) request(to Endpoint, body []byte, stamp, signed string) (int, []byte, error) {
	s.senders <- struct{}{}
	defer func() { <-s.senders }()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "Zoom Marketplace/1.0a")
	request.Header.Set("X-Zm-Request-Timestamp", stamp)
	request.Header.Set("X-Zm-Signature", signed)
	response, err := patient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	return response.StatusCode, answer, err
}

// proven has the endpoint show once that it knows the secret token: before, it is
// told nothing.
func (s *Simulator) proven(to Endpoint) error {
	s.proving.Lock()
	defer s.proving.Unlock()
	if s.proved == to {
		return nil
	}
	if err := s.challenge(to); err != nil {
		return fmt.Errorf("the endpoint is not valid: %w", err)
	}
	s.proved = to
	return nil
}

func (s *Simulator) challenge(to Endpoint) error {
	plain := rand.Text()
	now := s.config.Clock()
	body, err := json.Marshal(map[string]any{
		"event": "endpoint.url_validation", "event_ts": now.UnixMilli(), "payload": map[string]string{"plainToken": plain},
	})
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	status, answer, err := s.request(to, body, stamp, signature(to.SecretToken, stamp, body))
	if err != nil {
		return err
	}
	var said struct{ PlainToken, EncryptedToken string }
	switch err := json.Unmarshal(answer, &said); {
	case status != http.StatusOK:
		return fmt.Errorf("status %d to a challenge", status)
	case err != nil:
		return errors.New("the answer to a challenge is not JSON")
	case said.PlainToken != plain || said.EncryptedToken != mac(to.SecretToken, plain):
		return errors.New("the answer to a challenge is another than the secret token makes")
	}
	return nil
}

// SetEndpoint has our client be told at another address from now on, if that can
// show that it knows the secret token. Without one in it, the token stays.
func (s *Simulator) SetEndpoint(to Endpoint) error {
	s.mu.Lock()
	if to.SecretToken == "" {
		to.SecretToken = s.endpoint.SecretToken
	}
	s.mu.Unlock()
	if err := s.challenge(to); err != nil {
		return err
	}
	s.proving.Lock()
	s.proved = to
	s.proving.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoint = to
	return nil
}

// Deliveries returns what became of the events, the oldest first.
func (s *Simulator) Deliveries() Deliveries {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Deliveries{Waiting: s.waiting, Done: append([]Delivery{}, s.done...)}
}

// Sending is an event that a test wants to be sent, whatever it says.
type Sending struct {
	Body  json.RawMessage `json:"event"` // as it goes out, to the byte
	Times int             `json:"times"` // 0: once
	Forge bool            `json:"forge"` // signed by somebody who has not the token
	Age   int             `json:"age"`   // of the time stamp, in seconds
}

// Send sends an event at once, and returns the statuses of the answers.
func (s *Simulator) Send(e Sending) ([]int, error) {
	s.mu.Lock()
	to := s.endpoint
	s.mu.Unlock()
	if to.URL == "" {
		return nil, errors.New("no endpoint is set")
	}
	if e.Forge {
		to.SecretToken += " of another app"
	}
	statuses := []int{}
	for range max(1, e.Times) {
		status, err := s.post(to, e.Body, s.config.Clock().Add(-time.Duration(e.Age)*time.Second))
		if status == 0 {
			return nil, err
		}
		statuses = append(statuses, status)
	}
	return statuses, nil
}

// resume sends the events that a former run did not get rid of.
func (s *Simulator) resume() error {
	if s.endpoint.URL == "" {
		return nil
	}
	return s.config.State.Each(eventPrefix, into(func(e *event) { s.send(*e) }))
}

// tellOf tells that something was done to a meeting: by our client, which acts for
// the host, or by the host. Of an update the host's id is not told.
func (s *Simulator) tellOf(m *meeting, done string) error {
	return s.tell("meeting."+done, map[string]any{
		"account_id": s.users[m.User].AccountID, "operator": m.User, "operator_id": s.users[m.User].ID, "operation": "all",
		"object": map[string]any{
			"uuid": m.UUID, "id": m.ID, "host_id": s.users[m.User].ID, "topic": m.Topic, "type": 2,
			"start_time": m.Start.Format(time.RFC3339), "duration": m.Duration, "timezone": m.TimeZone,
		},
	})
}

func (s *Simulator) tellOfUpdate(was, is *meeting) error {
	object := func(m *meeting) map[string]any {
		said := map[string]any{"id": m.ID, "uuid": m.UUID}
		if !was.Start.Equal(is.Start) {
			said["start_time"] = m.Start.Format(time.RFC3339)
		}
		if was.Duration != is.Duration {
			said["duration"] = m.Duration
		}
		if was.Topic != is.Topic {
			said["topic"] = m.Topic
		}
		return said
	}
	return s.tell("meeting.updated", map[string]any{
		"account_id": s.users[is.User].AccountID, "operator": is.User, "operator_id": s.users[is.User].ID, "scope": "all",
		"time_stamp": s.config.Clock().UnixMilli(), "object": object(is), "old_object": object(was),
	})
}

// tellOfRemoval tells that the user removed our app.
func (s *Simulator) tellOfRemoval(u *user) error {
	return s.tell("app_deauthorized", map[string]any{
		"account_id": u.AccountID, "user_id": u.ID, "client_id": s.config.ClientID, "user_data_retention": "false",
		"deauthorization_time": s.config.Clock().UTC().Format("2006-01-02T15:04:05.000Z"), "signature": strings.ToLower(rand.Text()),
	})
}

func (s *Simulator) serveEndpoint(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		URL         string `json:"url"`
		SecretToken string `json:"secretToken"`
	}
	if readAdmin(w, r, &asked) {
		writeAdmin(w, struct{}{}, s.SetEndpoint(Endpoint{asked.URL, asked.SecretToken}))
	}
}

func (s *Simulator) serveDeliveries(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Deliveries())
}

func (s *Simulator) serveSend(w http.ResponseWriter, r *http.Request) {
	var asked Sending
	if readAdmin(w, r, &asked) {
		statuses, err := s.Send(asked)
		writeAdmin(w, map[string][]int{"statuses": statuses}, err)
	}
}
