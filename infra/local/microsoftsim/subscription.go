package microsoftsim

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// longestSubscription is of one to Outlook's events (graph/api/resources/subscription).
	longestSubscription = 4230 * time.Minute
	// A notification that is not answered 2xx is sent again, each time after twice as
	// long. Microsoft does so for hours.
	deliveries   = 5
	firstPause   = 100 * time.Millisecond
	deliverLimit = 10 * time.Second
	maxState     = 128
)

// subscription is what a client subscribed to: the changes of a calendar.
type subscription struct {
	ID        string    `json:"id"`
	User      string    `json:"user"`
	Calendar  string    `json:"calendar"`
	Changes   []string  `json:"changes"`
	Address   string    `json:"address"`
	Lifecycle string    `json:"lifecycle"` // its address for news of the subscription itself; may be empty
	State     string    `json:"state"`     // the client's secret
	Expires   time.Time `json:"expires"`
	Messages  int       `json:"messages"`
	Lossy     bool      `json:"lossy"` // its notifications get lost on the way
}

// wish is a subscription as a client writes it.
type wish struct {
	ChangeType               string `json:"changeType"`
	Resource                 string `json:"resource"`
	NotificationURL          string `json:"notificationUrl"`
	LifecycleNotificationURL string `json:"lifecycleNotificationUrl"`
	ExpirationDateTime       string `json:"expirationDateTime"`
	ClientState              string `json:"clientState"`
}

func invalidSubscription(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "ExtensionError", message: fmt.Sprintf(format, args...)}
}

var changeTypes = []string{"created", "updated", "deleted"}

// createSubscription makes one, once its address has shown that it is the
// client's. Unlike Microsoft it also takes addresses on this machine without TLS:
// that is where the local run is.
func (s *Simulator) createSubscription(r request) (answer, *refusal) {
	var w wish
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil {
		return answer{}, invalidSubscription("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	made, refused := s.read(w, r.caller)
	if refused != nil {
		return answer{}, refused
	}
	// The address is asked while nobody waits for the simulator: who answers may
	// call it.
	s.mu.Unlock()
	err := validate(made.Address)
	if err == nil && made.Lifecycle != "" && made.Lifecycle != made.Address {
		err = validate(made.Lifecycle)
	}
	s.mu.Lock()
	if err != nil {
		return answer{}, &refusal{status: http.StatusBadRequest, code: "ValidationError",
			message: "Subscription validation request failed. " + err.Error()}
	}
	if err := s.keepSubscription(made); err != nil {
		return answer{}, unsaved(err)
	}
	return answer{http.StatusCreated, map[string]any{
		"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#subscriptions/$entity",
		"id":             made.ID, "resource": w.Resource, "changeType": w.ChangeType, "clientState": w.ClientState,
		"notificationUrl": made.Address, "lifecycleNotificationUrl": w.LifecycleNotificationURL,
		"expirationDateTime": made.Expires.UTC().Format(time.RFC3339), "applicationId": s.config.ClientID,
		"creatorId": r.caller.userID(), "latestSupportedTlsVersion": "v1_2",
	}}, nil
}

// read makes the subscription of a wish, or says what is wrong with it.
func (s *Simulator) read(w wish, a *account) (*subscription, *refusal) {
	id, ok := strings.CutPrefix(w.Resource, "me/calendars/")
	id, isEvents := strings.CutSuffix(id, "/events")
	if !ok || !isEvents {
		return nil, invalidSubscription("resource %q is not simulated", w.Resource)
	}
	id, err := url.PathUnescape(id)
	if err != nil {
		return nil, invalidSubscription("resource %q cannot be read", w.Resource)
	}
	c, known := a.calendar(id)
	if !known || id == "" {
		return nil, itemNotFound
	}
	changes := strings.Split(w.ChangeType, ",")
	for _, change := range changes {
		if !slices.Contains(changeTypes, change) {
			return nil, invalidSubscription("changeType %q is none", change)
		}
	}
	for _, address := range []string{w.NotificationURL, w.LifecycleNotificationURL} {
		u, err := url.Parse(address)
		if address == "" && w.NotificationURL != "" {
			continue
		}
		if err != nil || u.Scheme != "https" && !onThisMachine(u) {
			return nil, invalidSubscription("Notification endpoint must be HTTPS.")
		}
	}
	expires, err := time.Parse(time.RFC3339, w.ExpirationDateTime)
	switch now := s.config.Clock(); {
	case err != nil || !expires.After(now):
		return nil, invalidSubscription("Subscription expiration can only be in the future.")
	case expires.Sub(now) > longestSubscription:
		return nil, invalidSubscription("Subscription expiration can only be %d minutes in the future.", int(longestSubscription.Minutes()))
	case len(w.ClientState) > maxState:
		return nil, invalidSubscription("clientState is longer than %d characters", maxState)
	}
	return &subscription{
		ID: newGUID(), User: a.Email, Calendar: c.ID, Changes: changes, Address: w.NotificationURL,
		Lifecycle: w.LifecycleNotificationURL, State: w.ClientState, Expires: expires,
	}, nil
}

func onThisMachine(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// validate sends the address a token and expects it back as plain text.
func validate(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	token := "Validation: Testing client application reachability for subscription Request-Id: " + rand.Text() + " + %"
	query := u.Query()
	query.Set("validationToken", token)
	u.RawQuery = query.Encode()
	ctx, cancel := context.WithTimeout(context.Background(), deliverLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyLimit))
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || response.StatusCode != http.StatusOK || kind != "text/plain" || string(body) != token {
		return fmt.Errorf("the endpoint answered %d %s", response.StatusCode, kind)
	}
	return nil
}

func (s *Simulator) deleteSubscription(r request) (answer, *refusal) {
	found, ok := s.subscriptions[r.subscriptionID]
	if !ok || found.User != r.caller.Email {
		return answer{}, &refusal{status: http.StatusNotFound, code: "ResourceNotFound", message: "The object was not found."}
	}
	if err := s.dropSubscription(found); err != nil {
		return answer{}, unsaved(err)
	}
	return answer{status: http.StatusNoContent}, nil
}

func (s *Simulator) keepSubscription(n *subscription) error {
	s.subscriptions[n.ID] = n
	return s.config.State.Put(subscriptionPrefix+n.ID, n)
}

func (s *Simulator) dropSubscription(n *subscription) error {
	delete(s.subscriptions, n.ID)
	return s.config.State.Delete(subscriptionPrefix + n.ID)
}

// notify tells who subscribed to the calendar of a change, which is of the event's
// state before, if it was there, to that after.
func (s *Simulator) notify(before, after *event) error {
	change := "updated"
	switch {
	case before == nil:
		change = "created"
	case after.Deleted:
		change = "deleted"
	}
	for _, n := range s.sortedSubscriptions() {
		concerns := n.Calendar == after.Calendar || before != nil && n.Calendar == before.Calendar
		if n.User != after.User || !concerns || !slices.Contains(n.Changes, change) {
			continue
		}
		if !s.config.Clock().Before(n.Expires) {
			if err := s.dropSubscription(n); err != nil {
				return err
			}
			continue
		}
		resource := "Users/" + s.accounts[n.User].userID() + "/Events/" + after.Lasting
		err := s.send(n, n.Address, map[string]any{
			"changeType": change, "resource": resource,
			"resourceData": map[string]any{
				"@odata.type": "#Microsoft.Graph.Event", "@odata.id": resource, "id": after.Lasting,
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// send sends a notification on its way. Nobody waits for it.
func (s *Simulator) send(n *subscription, address string, more map[string]any) error {
	n.Messages++
	if err := s.keepSubscription(n); err != nil {
		return err
	}
	if n.Lossy {
		return nil
	}
	more["subscriptionId"], more["clientState"] = n.ID, n.State
	more["subscriptionExpirationDateTime"] = n.Expires.UTC().Format(time.RFC3339)
	more["tenantId"] = guidOf(make([]byte, 16))
	body, err := json.Marshal(map[string]any{"value": []any{more}})
	if err != nil {
		return err
	}
	go s.deliver(address, body)
	return nil
}

func (s *Simulator) deliver(address string, body []byte) {
	pause := firstPause
	for range deliveries {
		status, err := post(address, body)
		if err == nil && status >= 200 && status <= 299 {
			return
		}
		s.config.Log.Warn("notification not taken", "status", status, "error", err)
		time.Sleep(pause)
		pause *= 2
	}
}

func post(address string, body []byte) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), deliverLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

func (s *Simulator) sortedSubscriptions() []*subscription {
	var all []*subscription
	for _, n := range s.subscriptions {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *subscription) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// SubscriptionState is one subscription.
type SubscriptionState struct {
	ID       string    `json:"id"`
	User     string    `json:"user"`
	Calendar string    `json:"calendar"`
	Expires  time.Time `json:"expires"`
	Messages int       `json:"messages"` // sent so far
}

// Subscriptions are those that there are.
func (s *Simulator) Subscriptions() []SubscriptionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []SubscriptionState{}
	for _, n := range s.sortedSubscriptions() {
		list = append(list, SubscriptionState{ID: n.ID, User: n.User, Calendar: n.Calendar, Expires: n.Expires, Messages: n.Messages})
	}
	return list
}

// lifecycleEvents are what Microsoft may say of a subscription itself
// (graph/change-notifications-lifecycle-events).
var lifecycleEvents = []string{"subscriptionRemoved", "missed", "reauthorizationRequired"}

// Lifecycle sends such an event to all who subscribed. What is removed is so.
func (s *Simulator) Lifecycle(event string) error {
	if !slices.Contains(lifecycleEvents, event) {
		return fmt.Errorf("the event must be one of %v", lifecycleEvents)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.sortedSubscriptions() {
		if n.Lifecycle != "" {
			if err := s.send(n, n.Lifecycle, map[string]any{"lifecycleEvent": event}); err != nil {
				return err
			}
		}
		if event == "subscriptionRemoved" {
			if err := s.dropSubscription(n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Simulator) serveLifecycle(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Event string `json:"event"`
	}
	if !readAdmin(w, r, &asked) {
		return
	}
	writeAdmin(w, struct{}{}, s.Lifecycle(asked.Event))
}

func (s *Simulator) serveSubscriptions(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Subscriptions())
}

// LoseNotifications has all notifications of the present subscriptions get lost
// from now on.
func (s *Simulator) LoseNotifications() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.subscriptions {
		n.Lossy = true
		if err := s.keepSubscription(n); err != nil {
			return err
		}
	}
	return nil
}

func (s *Simulator) serveLose(w http.ResponseWriter, _ *http.Request) {
	writeAdmin(w, struct{}{}, s.LoseNotifications())
}

// RemoveEvent deletes an event, by its lasting id, as if its host had done so by
// hand.
func (s *Simulator) RemoveEvent(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.events[id]
	if !ok || e.Deleted {
		return fmt.Errorf("there is no event %s", id)
	}
	gone := *e
	gone.Deleted, gone.Updated = true, s.config.Clock()
	if refused := s.saveEvent(&gone); refused != nil {
		return fmt.Errorf("%s: %s", refused.code, refused.message)
	}
	return nil
}

func (s *Simulator) serveRemoveEvent(w http.ResponseWriter, r *http.Request) {
	writeAdmin(w, struct{}{}, s.RemoveEvent(r.PathValue("id")))
}

// ChangeEvent changes an event as if its user had done so by hand: to another time,
// say. resource is part of an event resource in JSON, as in a PATCH.
func (s *Simulator) ChangeEvent(id string, resource []byte) (EventState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.events[id]
	if !ok || e.Deleted {
		return EventState{}, fmt.Errorf("there is no event %s", id)
	}
	changed, refused := s.changeEvent(e, resource)
	if refused != nil {
		return EventState{}, fmt.Errorf("%s: %s", refused.code, refused.message)
	}
	return changed.state(), nil
}

func (s *Simulator) serveChangeEvent(w http.ResponseWriter, r *http.Request) {
	var resource json.RawMessage
	if readAdmin(w, r, &resource) {
		changed, err := s.ChangeEvent(r.PathValue("id"), resource)
		writeAdmin(w, changed, err)
	}
}
