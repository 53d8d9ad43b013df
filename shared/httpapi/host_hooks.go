package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/booking"
	"yakusoku/shared/hook"
	"yakusoku/shared/zone"
)

const (
	hooksPath      = "/api/host/hooks"
	hookPath       = "/api/host/hooks/{hook}"
	hookSecretPath = "/api/host/hooks/{hook}/secret"
	hookTestPath   = "/api/host/hooks/{hook}/test"
	deliveriesPath = "/api/host/hooks/{hook}/deliveries"
	replayPath     = "/api/host/hooks/{hook}/deliveries/{delivery}/replay"
)

// HookRow is an address that a host wants told what becomes of their bookings.
type HookRow struct {
	ID           string             `json:"id"`
	URL          string             `json:"url"`
	Format       hook.Format        `json:"format" enum:"json,slack,google_chat"`
	Events       []booking.NewsKind `json:"events" nullable:"false" enum:"booking.confirmed,booking.failed,booking.cancelled,booking.rescheduled"`
	Active       bool               `json:"active"`
	Off          *HookOff           `json:"off,omitempty" doc:"Why it was switched off, if not by its host"`
	Failing      *time.Time         `json:"failingSince,omitempty" doc:"When deliveries began to fail; left out while they do not"`
	Secret       string             `json:"secret,omitempty" doc:"Signs deliveries by Standard Webhooks; shown once, where it is made"`
	CreatedAt    time.Time          `json:"createdAt"`
	LastDelivery *LastDelivery      `json:"lastDelivery,omitempty"`
}

// HookOff is how a hook was switched off.
type HookOff struct {
	Reason hook.OffReason `json:"reason" enum:"gone,failing" doc:"gone: the receiver answered 410. failing: nothing could be delivered for days"`
	At     time.Time      `json:"at"`
}

// LastDelivery is the last that a hook was told.
type LastDelivery struct {
	At     time.Time   `json:"at" doc:"Of the last attempt or, before the first, of the news"`
	Status hook.Status `json:"status" enum:"waiting,delivered,failed"`
}

// HookList is a host's hooks.
type HookList struct {
	Hooks []HookRow `json:"hooks" nullable:"false"`
	Most  int       `json:"most" doc:"How many there may be"`
}

// HookRequest is the body that makes or changes a hook.
type HookRequest struct {
	URL    string             `json:"url" maxLength:"2000" doc:"https, at a public address" example:"https://hooks.example.com/yakusoku"`
	Format hook.Format        `json:"format,omitempty" enum:"json,slack,google_chat" doc:"json if left out; it cannot be changed later"`
	Events []booking.NewsKind `json:"events,omitempty" maxItems:"4" enum:"booking.confirmed,booking.failed,booking.cancelled,booking.rescheduled" doc:"All if left out"`
	Active *bool              `json:"active,omitempty" doc:"true if left out"`
}

// HookSecret is a hook's new secret.
type HookSecret struct {
	Secret string `json:"secret" doc:"Shown this once. The former signs too for a day"`
}

// DeliveryRow is one piece of news on its way to a hook.
type DeliveryRow struct {
	ID        string           `json:"id" doc:"Also the webhook-id"`
	Event     booking.NewsKind `json:"event" enum:"booking.confirmed,booking.failed,booking.cancelled,booking.rescheduled,test"`
	Booking   string           `json:"booking,omitempty" doc:"Id"`
	CreatedAt time.Time        `json:"createdAt"`
	Status    hook.Status      `json:"status" enum:"waiting,delivered,failed"`
	Attempts  []AttemptRow     `json:"attempts" nullable:"false" doc:"The last of them, the first first"`
	NextAt    *time.Time       `json:"nextAt,omitempty" doc:"Of one that waits"`
}

// AttemptRow is what came of one attempt.
type AttemptRow struct {
	At     time.Time `json:"at"`
	Status int       `json:"status,omitempty" doc:"Of the answer"`
	Error  hook.Word `json:"error,omitempty" enum:"timeout,name_not_resolved,address_refused,connection_failed,tls_failed,redirect_refused,hook_off" doc:"Why there was no answer"`
	Millis int       `json:"millis"`
}

// DeliveryList is a page of a hook's deliveries, the latest news first.
type DeliveryList struct {
	Deliveries []DeliveryRow `json:"deliveries" nullable:"false"`
	Cursor     string        `json:"cursor,omitempty" doc:"Of the next page, if there is one"`
}

// OwnHook names a hook of the host who asks.
type OwnHook struct {
	Hook string `path:"hook" maxLength:"64"`
}

type hookInput struct{ Body HookRequest }

type changeHookInput struct {
	OwnHook
	Body HookRequest
}

type deliveriesInput struct {
	OwnHook
	Cursor string `query:"cursor" maxLength:"100"`
}

type replayInput struct {
	OwnHook
	Delivery string `path:"delivery" maxLength:"64"`
}

type hookOutput struct {
	Location     string `header:"Location"`
	CacheControl string `header:"Cache-Control"`
	Body         HookRow
}

// hooksTag groups what has to do with hooks in the document.
const hooksTag = "Team notices"

func (c *console) registerHooks(api huma.API) {
	const tag = hooksTag
	describeDeliveries(api)
	huma.Register(api, hosts("list-hooks", http.MethodGet, hooksPath, tag, "The host's webhooks"), c.hooks)
	create := hosts("create-hook", http.MethodPost, hooksPath, tag, "Have another system told of bookings", 400, 409, 413, 415)
	create.DefaultStatus = http.StatusCreated
	create.Description = "Deliveries are POSTs, signed by Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature), made at least once: " +
		"a receiver may see one twice, under the same id. 2xx takes it; 410 switches the hook off; anything else is tried again for three days."
	huma.Register(api, create, c.createHook)
	huma.Register(api, hosts("change-hook", http.MethodPut, hookPath, tag, "Change a webhook", 400, 413, 415), c.changeHook)
	huma.Register(api, hosts("delete-hook", http.MethodDelete, hookPath, tag, "Delete a webhook, with what it was told"),
		func(ctx context.Context, in *OwnHook) (*nothing, error) {
			h, err := c.me(ctx)
			if err != nil {
				return nil, err
			}
			return &nothing{CacheControl: private}, c.Hooks.Remove(ctx, h.Handle, in.Hook)
		})
	huma.Register(api, hosts("rotate-hook-secret", http.MethodPost, hookSecretPath, tag, "Give a webhook another secret"), c.rotateHook)
	test := hosts("test-hook", http.MethodPost, hookTestPath, tag, "Try a webhook with a booking that there is not, once")
	test.DefaultStatus = http.StatusAccepted
	huma.Register(api, test, func(ctx context.Context, in *OwnHook) (*nothing, error) {
		h, err := c.me(ctx)
		if err != nil {
			return nil, err
		}
		return &nothing{CacheControl: private}, c.Hooks.Test(ctx, h, in.Hook)
	})
	huma.Register(api, hosts("list-deliveries", http.MethodGet, deliveriesPath, tag, "What a webhook was told"), c.deliveries)
	replay := hosts("replay-delivery", http.MethodPost, replayPath, tag, "Deliver something again, with the same id and body")
	replay.DefaultStatus = http.StatusAccepted
	huma.Register(api, replay, func(ctx context.Context, in *replayInput) (*nothing, error) {
		h, err := c.me(ctx)
		if err != nil {
			return nil, err
		}
		return &nothing{CacheControl: private}, c.Hooks.Replay(ctx, h.Handle, in.Hook, in.Delivery)
	})
}

// describeDeliveries tells in the document what a hook of format json is sent.
func describeDeliveries(api huma.API) {
	text := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: true, Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	api.OpenAPI().Webhooks = map[string]*huma.PathItem{"booking": {Post: &huma.Operation{
		OperationID: "booking-news", Tags: []string{hooksTag}, Summary: "What became of a booking, to webhooks of format json",
		Parameters: []*huma.Param{
			text("webhook-id", "Of the delivery: who has seen it before has been told already"),
			text("webhook-timestamp", "Of the attempt, in seconds since 1970"),
			text("webhook-signature", "v1, and the base64 of HMAC-SHA256 over id.timestamp.body with the decoded secret; several are separated by spaces"),
		},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {
			Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[hook.Event](), true, "Event"),
		}}},
		Responses: map[string]*huma.Response{
			"2XX": {Description: "Taken"}, "410": {Description: "Nothing more is wanted: the hook is switched off"},
			"default": {Description: "Tried again, after Retry-After if that is longer than the usual pause"},
		},
	}}}
}

// settings are what the body says of a hook.
func (r HookRequest) settings() hook.Settings {
	return hook.Settings{URL: r.URL, Format: r.Format, Kinds: r.Events, Active: r.Active == nil || *r.Active}
}

func hookRowOf(l hook.Listed, in *time.Location) HookRow {
	row := HookRow{ID: l.ID, URL: l.URL, Format: l.Format, Events: l.Kinds, Active: l.Active, CreatedAt: l.CreatedAt.In(in)}
	if l.Off != nil {
		row.Off = &HookOff{Reason: l.Off.Why, At: l.Off.At.In(in)}
	}
	if !l.FailingSince.IsZero() {
		since := l.FailingSince.In(in)
		row.Failing = &since
	}
	if l.Last != nil {
		at := l.Last.CreatedAt
		if n := len(l.Last.Attempts); n > 0 {
			at = l.Last.Attempts[n-1].At
		}
		row.LastDelivery = &LastDelivery{At: at.In(in), Status: l.Last.Status}
	}
	return row
}

func deliveryRowOf(d hook.Delivery, in *time.Location) DeliveryRow {
	row := DeliveryRow{
		ID: d.ID, Event: d.Kind, Booking: d.Booking, CreatedAt: d.CreatedAt.In(in), Status: d.Status, Attempts: []AttemptRow{},
	}
	for _, a := range d.Attempts {
		row.Attempts = append(row.Attempts, AttemptRow{At: a.At.In(in), Status: a.Status, Error: a.Word, Millis: a.Millis})
	}
	if d.Status == hook.Waiting {
		next := d.NextAt.In(in)
		row.NextAt = &next
	}
	return row
}

func (c *console) hooks(ctx context.Context, _ *struct{}) (*answer[HookList], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	in, err := zone.Load(h.TimeZone)
	if err != nil {
		return nil, err
	}
	all, err := c.Hooks.List(ctx, h.Handle)
	if err != nil {
		return nil, err
	}
	list := HookList{Hooks: []HookRow{}, Most: hook.MostHooks}
	for _, l := range all {
		list.Hooks = append(list.Hooks, hookRowOf(l, in))
	}
	return answered(list), nil
}

func (c *console) createHook(ctx context.Context, in *hookInput) (*hookOutput, error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	location, err := zone.Load(h.TimeZone)
	if err != nil {
		return nil, err
	}
	if in.Body.Format == "" {
		in.Body.Format = hook.JSON
	}
	made, secret, err := c.Hooks.Create(ctx, h.Handle, in.Body.settings())
	if err != nil {
		return nil, err
	}
	row := hookRowOf(hook.Listed{Hook: made}, location)
	row.Secret = secret
	return &hookOutput{Location: hooksPath + "/" + made.ID, CacheControl: private, Body: row}, nil
}

func (c *console) changeHook(ctx context.Context, in *changeHookInput) (*answer[HookRow], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	location, err := zone.Load(h.TimeZone)
	if err != nil {
		return nil, err
	}
	changed, err := c.Hooks.Change(ctx, h.Handle, in.Hook, in.Body.settings())
	if err != nil {
		return nil, err
	}
	return answered(hookRowOf(changed, location)), nil
}

func (c *console) rotateHook(ctx context.Context, in *OwnHook) (*answer[HookSecret], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	secret, err := c.Hooks.Rotate(ctx, h.Handle, in.Hook)
	if err != nil {
		return nil, err
	}
	return answered(HookSecret{Secret: secret}), nil
}

func (c *console) deliveries(ctx context.Context, in *deliveriesInput) (*answer[DeliveryList], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	location, err := zone.Load(h.TimeZone)
	if err != nil {
		return nil, err
	}
	found, next, err := c.Hooks.Deliveries(ctx, h.Handle, in.Hook, in.Cursor)
	if err != nil {
		return nil, err
	}
	list := DeliveryList{Deliveries: []DeliveryRow{}, Cursor: next}
	for _, d := range found {
		list.Deliveries = append(list.Deliveries, deliveryRowOf(d, location))
	}
	return answered(list), nil
}

// ExportedHook is a hook with all that is kept of what it was told.
type ExportedHook struct {
	HookRow
	Deliveries []ExportedDelivery `json:"deliveries"`
}

// ExportedDelivery is a delivery with its body.
type ExportedDelivery struct {
	DeliveryRow
	Payload json.RawMessage `json:"payload"`
}

// exportHooks lists the host's hooks, without their secrets.
func (c *console) exportHooks(ctx context.Context, handle string, in *time.Location) ([]ExportedHook, error) {
	all, err := c.Hooks.List(ctx, handle)
	if err != nil {
		return nil, err
	}
	var list []ExportedHook
	for _, l := range all {
		e := ExportedHook{HookRow: hookRowOf(l, in)}
		for cursor := ""; ; {
			found, next, err := c.Hooks.Deliveries(ctx, handle, l.ID, cursor)
			if err != nil {
				return nil, err
			}
			for _, d := range found {
				e.Deliveries = append(e.Deliveries, ExportedDelivery{DeliveryRow: deliveryRowOf(d, in), Payload: json.RawMessage(d.Body)})
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		list = append(list, e)
	}
	return list, nil
}
