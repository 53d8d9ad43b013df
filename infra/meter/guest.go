package meter

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"yakusoku/infra/local/seed"
)

// page is the demo host's that guests come to.
const page = "/" + seed.Handle + "/intro"

// Receipt is what a guest gets for a submission.
type Receipt struct {
	ID, Token string
}

// Slot is a time that is offered.
type Slot struct{ Start, End string }

// answer is what the front door said, as it was sent.
type answer struct {
	header http.Header
	body   []byte
	head   int // bytes of the headers
}

// send asks the front door as a browser does, and counts what it sends back.
func (r *Run) send(ctx context.Context, method, path, body string, header map[string]string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.Front+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Accept-Encoding", "br, gzip") // and leave it packed
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	var head bytes.Buffer
	if err := response.Header.Write(&head); err != nil {
		return answer{}, err
	}
	r.sent += int64(head.Len() + len(content))
	if response.StatusCode >= http.StatusBadRequest {
		return answer{}, fmt.Errorf("%s %s: status %d, %.200s", method, path, response.StatusCode, content)
	}
	return answer{response.Header, content, head.Len()}, nil
}

// Part is a file that a page is made of.
type Part struct {
	Path  string
	Kind  string // its media type
	Bytes int    // of the body, as sent
	Head  int    // bytes of the headers before it
	// Inline is how many of Bytes are styles that came within a page, as far as packed
	// bytes can be told apart.
	Inline int
}

// inline are the styles within a page.
var inline = regexp.MustCompile(`(?s)<style[^>]*>(.*?)</style>`)

// linked are the scripts and styles that a page asks for by itself.
var linked = regexp.MustCompile(`(?:src|href)="(/[^"]+\.(?:js|css))"`)

// Look opens the booking page and what it is made of; the page comes first.
func (r *Run) Look(ctx context.Context) ([]Part, error) {
	// Packed text cannot be searched for links: the page is read once more, plain.
	plain, err := r.send(ctx, http.MethodGet, "/b"+page, "", map[string]string{"Accept-Encoding": "identity"})
	if err != nil {
		return nil, err
	}
	html, err := r.part(ctx, "/b"+page)
	if err != nil {
		return nil, err
	}
	for _, style := range inline.FindAllSubmatch(plain.body, -1) {
		html.Inline += len(style[1]) * html.Bytes / len(plain.body)
	}
	parts := []Part{html}
	for _, link := range linked.FindAllSubmatch(plain.body, -1) {
		p, err := r.part(ctx, string(link[1]))
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	if len(parts) == 1 {
		return nil, fmt.Errorf("the page at /b%s links no script", page)
	}
	return parts, nil
}

func (r *Run) part(ctx context.Context, path string) (Part, error) {
	a, err := r.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return Part{}, err
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	return Part{Path: path, Kind: kind, Bytes: len(a.body), Head: a.head}, nil
}

// View opens the booking page, whose parts the browser has.
func (r *Run) View(ctx context.Context) error {
	_, err := r.part(ctx, "/b"+page)
	return err
}

// Fetch asks for one part.
func (r *Run) Fetch(ctx context.Context, path string) error {
	_, err := r.part(ctx, path)
	return err
}

// Slots are the open times of another month.
func (r *Run) Slots(ctx context.Context) ([]Slot, error) {
	var month struct{ Slots []Slot }
	if err := r.read(ctx, SlotsPath(), nil, &month); err != nil {
		return nil, err
	}
	if len(month.Slots) == 0 {
		return nil, fmt.Errorf("no time is open at %s", page)
	}
	return month.Slots, nil
}

// SlotsPath asks for the times of a month from the day after tomorrow.
func SlotsPath() string {
	today := time.Now().UTC()
	return fmt.Sprintf("/api/pages%s/slots?from=%s&to=%s&timezone=UTC", page,
		today.AddDate(0, 0, 2).Format(time.DateOnly), today.AddDate(0, 0, 33).Format(time.DateOnly))
}

// Submission is where and what a guest whom nobody else is submits for the time.
func Submission(start string) (path string, body []byte, err error) {
	body, err = json.Marshal(map[string]any{
		"start": start,
		"guest": map[string]string{
			"name": "予約 太郎", "email": "guest-" + strings.ToLower(rand.Text()[:12]) + "@example.com",
			"company": "株式会社見本", "timezone": "Asia/Tokyo", "locale": "ja",
		},
		"answers": map[string]string{"topic": "導入の相談"},
	})
	return "/api/pages" + page + "/bookings", body, err
}

func (r *Run) read(ctx context.Context, path string, header map[string]string, into any) error {
	if header == nil {
		header = map[string]string{}
	}
	header["Accept-Encoding"] = "identity"
	a, err := r.send(ctx, http.MethodGet, path, "", header)
	if err != nil {
		return err
	}
	return json.Unmarshal(a.body, into)
}

// Book submits a booking for the time.
func (r *Run) Book(ctx context.Context, start string) (Receipt, error) {
	path, body, err := Submission(start)
	if err != nil {
		return Receipt{}, err
	}
	a, err := r.send(ctx, http.MethodPost, path, string(body), map[string]string{"Idempotency-Key": rand.Text()})
	if err != nil {
		return Receipt{}, err
	}
	var receipt Receipt
	return receipt, json.Unmarshal(a.body, &receipt)
}

func (b Receipt) path(more string) string { return "/api/bookings/" + b.ID + more }

func (b Receipt) authorized() map[string]string {
	return map[string]string{"Authorization": "Bearer " + b.Token}
}

// Follow reads the booking once.
func (r *Run) Follow(ctx context.Context, b Receipt) error {
	_, err := r.Status(ctx, b)
	return err
}

// Status is what the booking's guest is told of it.
func (r *Run) Status(ctx context.Context, b Receipt) (string, error) {
	var view struct{ Status string }
	err := r.read(ctx, b.path(""), b.authorized(), &view)
	return view.Status, err
}

// Cancel cancels the booking.
func (r *Run) Cancel(ctx context.Context, b Receipt) error {
	_, err := r.send(ctx, http.MethodPost, b.path("/cancel"), `{"message":"予定が変わりました"}`, b.authorized())
	return err
}

// Move moves the booking to the time.
func (r *Run) Move(ctx context.Context, b Receipt, start string) error {
	_, err := r.send(ctx, http.MethodPost, b.path("/reschedule"), fmt.Sprintf(`{"start":%q}`, start), b.authorized())
	return err
}

// Invoke calls a function as its schedule does.
func (r *Run) Invoke(ctx context.Context, function string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Lambda+"/2015-03-31/functions/"+function+"/invocations", strings.NewReader("{}"))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || response.Header.Get("X-Amz-Function-Error") != "") {
		err = fmt.Errorf("function %s failed: status %d, %s", function, response.StatusCode, content)
	}
	return err
}

// ask speaks to one of the run's own doors.
func (r *Run) ask(ctx context.Context, method, url string, body, into any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, url, &content)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: status %d, %s", method, url, response.StatusCode, said)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(said, into)
}
