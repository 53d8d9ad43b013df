package meter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Trip is one call to the database.
type Trip struct {
	Function     string // that called; empty for the run itself
	Operation    string
	Reads        float64 // capacity units
	Writes       float64
	Began, Ended time.Time

	vaultCalls int
}

// delay is how long an answer is held back. The engine answers so fast that calls
// which are made side by side would not overlap, and would look as if one waited for
// the other.
const delay = 4 * time.Millisecond

// database stands before an engine of DynamoDB's, and has it say what each call
// consumed.
type database struct {
	engine string // its base URL
	client *http.Client

	mu    sync.Mutex
	trips []Trip
}

// reading are the operations that consume read units.
var reading = []string{"GetItem", "BatchGetItem", "Query", "Scan"}

func (d *database) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // its caller has left
	}
	began := time.Now()
	answer, err := d.ask(r, asking(operation, body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	trip := Trip{
		Function: caller(r.UserAgent()), Operation: operation, Began: began,
		vaultCalls: vaultCalls(operation, body),
	}
	units := consumed(operation, body, answer)
	if slices.Contains(reading, operation) {
		trip.Reads = units
	} else {
		trip.Writes = units
	}
	<-time.After(delay)
	trip.Ended = time.Now()
	d.mu.Lock()
	d.trips = append(d.trips, trip)
	d.mu.Unlock()

	maps.Copy(w.Header(), answer.header)
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body) // its caller may have left
}

// reply is the engine's answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// ask passes the call on. The engine checks no signature, which another body breaks.
func (d *database) ask(r *http.Request, body []byte) (reply, error) {
	onward, err := http.NewRequestWithContext(r.Context(), r.Method, d.engine+"/", bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	maps.Copy(onward.Header, r.Header)
	answer, err := d.client.Do(onward)
	if err != nil {
		return reply{}, fmt.Errorf("ask the engine: %w", err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return reply{}, fmt.Errorf("hear the engine: %w", err)
	}
	return reply{answer.StatusCode, answer.Header, content}, nil
}

// vaultCalls counts what a call of this kind has the vault ask KMS: who reads a grant
// unseals it, and who writes one has sealed it. The local run's key is a file, which
// asks nobody.
func vaultCalls(operation string, body []byte) int {
	if operation == "GetItem" {
		return bytes.Count(body, []byte(`{"S":"CONN#`))
	}
	return bytes.Count(body, []byte(`"Sealed":{"B":`))
}

// take returns the trips since the last take.
func (d *database) take() []Trip {
	d.mu.Lock()
	defer d.mu.Unlock()
	trips := d.trips
	d.trips = nil
	return trips
}

// last is when the last call ended.
func (d *database) last() (last time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.trips {
		if t.Ended.After(last) {
			last = t.Ended
		}
	}
	return last
}

// asking is the call with the question what it consumed. Calls that are about tables
// do not take it.
func asking(operation string, body []byte) []byte {
	var call map[string]json.RawMessage
	if !strings.Contains(operation, "Item") && !slices.Contains(reading, operation) || json.Unmarshal(body, &call) != nil {
		return body
	}
	call["ReturnConsumedCapacity"] = json.RawMessage(`"TOTAL"`)
	asked, err := json.Marshal(call)
	if err != nil { // it was JSON
		panic(err)
	}
	return asked
}

// appID is what aws-sdk-go-v2 makes of AWS_SDK_UA_APP_ID.
var appID = regexp.MustCompile(`\bapp/(\S+)`)

func caller(userAgent string) string {
	if found := appID.FindStringSubmatch(userAgent); found != nil {
		return found[1]
	}
	return ""
}

// consumed reads the capacity units out of an answer. A write whose condition fails is
// charged as if it had been made, and says nothing of it: at least one unit each, two in
// a transaction (Developer Guide, "DynamoDB throughput capacity").
func consumed(operation string, body []byte, answer reply) float64 {
	if answer.status != http.StatusOK {
		if !bytes.Contains(answer.body, []byte("ConditionalCheckFailed")) {
			return 0
		}
		var call struct{ TransactItems []json.RawMessage }
		if operation != "TransactWriteItems" || json.Unmarshal(body, &call) != nil {
			return 1
		}
		return float64(2 * len(call.TransactItems))
	}
	type capacity struct{ CapacityUnits float64 }
	var one struct{ ConsumedCapacity capacity }
	if json.Unmarshal(answer.body, &one) == nil {
		return one.ConsumedCapacity.CapacityUnits
	}
	var several struct{ ConsumedCapacity []capacity } // of operations on several tables
	total := 0.0
	if json.Unmarshal(answer.body, &several) == nil {
		for _, c := range several.ConsumedCapacity {
			total += c.CapacityUnits
		}
	}
	return total
}

// InSequence counts the trips of which each waited for the one before: those made side
// by side are one.
func InSequence(trips []Trip) int {
	ended := slices.SortedFunc(slices.Values(trips), func(a, b Trip) int { return a.Ended.Compare(b.Ended) })
	n := 0
	var last time.Time
	for _, t := range ended {
		if !t.Began.Before(last) {
			n++
			last = t.Ended
		}
	}
	return n
}
