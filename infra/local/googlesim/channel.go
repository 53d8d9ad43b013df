package googlesim

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// usualLife and longestLife are of a channel: 604,800 s is the default of
	// params.ttl, and no longer one was seen.
	usualLife   = 7 * 24 * time.Hour
	longestLife = usualLife

	// A notification that is answered 500, 502, 503 or 504 is sent again, each time
	// after twice as long. Google does so for longer.
	deliveries  = 5
	firstPause  = 100 * time.Millisecond
	answerLimit = 10 * time.Second
)

// channel is one that a client opened to hear of a calendar's changes.
type channel struct {
	ID         string    `json:"id"`
	ResourceID string    `json:"resourceId"`
	User       string    `json:"user"`
	Calendar   string    `json:"calendar"`
	Address    string    `json:"address"`
	Token      string    `json:"token"`
	Expires    time.Time `json:"expires"`
	Number     int       `json:"number"` // of the last message
	Lossy      bool      `json:"lossy"`  // its notifications get lost on the way
}

func (c *channel) resourceURI() string {
	return "https://www.googleapis.com" + apiPath + "calendars/" + url.PathEscape(c.Calendar) + "/events?alt=json"
}

var (
	badType    = &refusal{http.StatusBadRequest, "global", "invalid", "type must be web_hook"}
	notHTTPS   = &refusal{http.StatusBadRequest, "global", "push.webhookUrlNotHttps", "WebHook callback must be HTTPS"}
	idNotFree  = &refusal{http.StatusBadRequest, "global", "channelIdNotUnique", "Channel id not unique"}
	noPush     = &refusal{http.StatusBadRequest, "calendar", "pushNotSupportedForRequestedResource", "Push notifications are not supported by this resource."}
	noChannel  = &refusal{http.StatusNotFound, "global", "notFound", "Channel not found for project"}
	channelIDs = regexp.MustCompile(`^[A-Za-z0-9\-_+/=]{1,64}$`)
)

// watchEvents opens a channel. Unlike Google it also takes addresses on this
// machine without TLS: that is where the local run is.
func (s *Simulator) watchEvents(r request) (answer, *refusal) {
	c, ok := r.caller.calendar(r.calendarID)
	if !ok {
		return answer{}, notFound
	}
	text := func(field string) string {
		value, _ := r.body[field].(string)
		return value
	}
	address, err := url.Parse(text("address"))
	switch {
	case text("type") != "web_hook" && text("type") != "webhook":
		return answer{}, badType
	case err != nil || address.Scheme != "https" && !onThisMachine(address):
		return answer{}, notHTTPS
	case strings.Contains(c.ID, "#holiday@"):
		return answer{}, noPush
	case s.channels[text("id")] != nil:
		return answer{}, idNotFree
	}
	life, refused := lifeAsked(r.body)
	if refused != nil {
		return answer{}, refused
	}
	opened := &channel{
		ID: text("id"), ResourceID: rand.Text(), User: r.caller.Email, Calendar: c.ID,
		Address: text("address"), Token: text("token"),
		Expires: s.config.Clock().Add(min(life, s.longestChannel())),
	}
	for _, other := range s.channels {
		if other.User == opened.User && other.Calendar == opened.Calendar {
			opened.ResourceID = other.ResourceID // it names what is watched
		}
	}
	if err := s.send(opened, "sync"); err != nil {
		return answer{}, unsaved(err)
	}
	return answer{map[string]any{
		"kind": "api#channel", "id": opened.ID, "resourceId": opened.ResourceID,
		"resourceUri": opened.resourceURI(), "token": opened.Token,
		"expiration": strconv.FormatInt(opened.Expires.UnixMilli(), 10),
	}}, nil
}

func onThisMachine(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

func lifeAsked(body map[string]any) (time.Duration, *refusal) {
	params, _ := body["params"].(map[string]any)
	text, ok := params["ttl"].(string)
	if !ok {
		return usualLife, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds <= 0 {
		return 0, invalid("params.ttl is not a number of seconds")
	}
	return time.Duration(seconds) * time.Second, nil
}

func (s *Simulator) longestChannel() time.Duration {
	if s.config.ChannelLife > 0 {
		return s.config.ChannelLife
	}
	return longestLife
}

func (s *Simulator) stopChannel(r request) (answer, *refusal) {
	id, _ := r.body["id"].(string)
	resource, _ := r.body["resourceId"].(string)
	c := s.channels[id]
	if c == nil || c.ResourceID != resource || c.User != r.caller.Email {
		return answer{}, noChannel
	}
	if err := s.dropChannel(c); err != nil {
		return answer{}, unsaved(err)
	}
	return answer{}, nil
}

func (s *Simulator) dropChannel(c *channel) error {
	delete(s.channels, c.ID)
	return s.config.State.Delete(channelPrefix + c.ID)
}

// notify tells those who watch the calendar that something changed in it.
func (s *Simulator) notify(user, calendarID string) error {
	for _, c := range s.sortedChannels() {
		if c.User != user || c.Calendar != calendarID {
			continue
		}
		if !s.config.Clock().Before(c.Expires) {
			if err := s.dropChannel(c); err != nil {
				return err
			}
			continue
		}
		if err := s.send(c, "exists"); err != nil {
			return err
		}
	}
	return nil
}

func (s *Simulator) sortedChannels() []*channel {
	var channels []*channel
	for _, c := range s.channels {
		channels = append(channels, c)
	}
	slices.SortFunc(channels, func(a, b *channel) int { return strings.Compare(a.ID, b.ID) })
	return channels
}

// send counts a message and sends it on its way: an empty body, all is in the
// headers. Nobody waits for it.
func (s *Simulator) send(c *channel, state string) error {
	c.Number++
	s.channels[c.ID] = c
	if err := s.config.State.Put(channelPrefix+c.ID, c); err != nil {
		return err
	}
	if c.Lossy {
		return nil
	}
	header := http.Header{}
	header.Set("X-Goog-Channel-ID", c.ID)
	header.Set("X-Goog-Channel-Token", c.Token)
	header.Set("X-Goog-Channel-Expiration", c.Expires.UTC().Format(http.TimeFormat))
	header.Set("X-Goog-Resource-ID", c.ResourceID)
	header.Set("X-Goog-Resource-URI", c.resourceURI())
	header.Set("X-Goog-Resource-State", state)
	header.Set("X-Goog-Message-Number", strconv.Itoa(c.Number))
	go s.deliver(c.Address, header)
	return nil
}

func (s *Simulator) deliver(address string, header http.Header) {
	pause := firstPause
	for range deliveries {
		status, err := post(address, header)
		switch {
		case err != nil:
			s.config.Log.Warn("notification not delivered", "error", err)
		case status == 500 || status == 502 || status == 503 || status == 504:
			s.config.Log.Warn("notification not taken", "status", status)
		default:
			return
		}
		time.Sleep(pause)
		pause *= 2
	}
}

func post(address string, header http.Header) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return 0, err
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// ChannelState is one open channel.
type ChannelState struct {
	ID       string    `json:"id"`
	User     string    `json:"user"`
	Calendar string    `json:"calendar"`
	Address  string    `json:"address"`
	Expires  time.Time `json:"expires"`
	Messages int       `json:"messages"` // sent so far
}

func (s *Simulator) channelStates() []ChannelState {
	states := []ChannelState{}
	for _, c := range s.sortedChannels() {
		states = append(states, ChannelState{
			ID: c.ID, User: c.User, Calendar: c.Calendar, Address: c.Address, Expires: c.Expires, Messages: c.Number,
		})
	}
	return states
}

// LoseNotifications has all notifications of the channels that are open get lost
// from now on.
func (s *Simulator) LoseNotifications() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.channels {
		c.Lossy = true
		if err := s.config.State.Put(channelPrefix+c.ID, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Simulator) serveLose(w http.ResponseWriter, _ *http.Request) {
	writeAdmin(w, struct{}{}, s.LoseNotifications())
}
