package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/apikey"
	"yakusoku/shared/zone"
)

const (
	keysPath = "/api/host/keys"
	keyPath  = "/api/host/keys/{key}"
)

// KeyRow is an API key, as its host knows it again.
type KeyRow struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Scopes     []apikey.Scope `json:"scopes" nullable:"false" enum:"profile:read,bookings:read,bookings:write,pages:read,pages:write,hooks:read,hooks:write"`
	Ending     string         `json:"ending" doc:"The key's last letters" example:"7QXA"`
	CreatedAt  time.Time      `json:"createdAt"`
	ExpiresAt  *time.Time     `json:"expiresAt,omitempty" doc:"When it ends by itself; left out if it does not"`
	Expired    bool           `json:"expired"`
	LastUsedOn string         `json:"lastUsedOn,omitempty" format:"date" doc:"Day of the last use, in the host's zone; left out if there was none"`
}

// KeyList is a host's API keys.
type KeyList struct {
	Keys []KeyRow `json:"keys" nullable:"false"`
	Most int      `json:"most" doc:"How many there may be"`
}

// KeyRequest is the body that makes a key.
type KeyRequest struct {
	Name   string         `json:"name" maxLength:"120" doc:"What will use it, for people" example:"CRM"`
	Scopes []apikey.Scope `json:"scopes" nullable:"false" maxItems:"7" enum:"profile:read,bookings:read,bookings:write,pages:read,pages:write,hooks:read,hooks:write"`
	Days   int            `json:"expiresInDays,omitempty" minimum:"1" maximum:"366" doc:"Without end if left out"`
}

// MadeKey is a key at the moment when it is made.
type MadeKey struct {
	KeyRow
	Key string `json:"key" doc:"Shown this once"`
}

// OwnKey names a key of the host who asks.
type OwnKey struct {
	Key string `path:"key" maxLength:"64"`
}

type keyInput struct{ Body KeyRequest }

func (c *console) registerKeys(api huma.API) {
	const tag = "API keys"
	huma.Register(api, hosts("list-keys", http.MethodGet, keysPath, tag, "The host's API keys"), c.keys)
	create := hosts("create-key", http.MethodPost, keysPath, tag, "Make an API key", 400, 409, 413, 415)
	create.DefaultStatus = http.StatusCreated
	create.Description = "A key opens the operations under " + keyedPrefix + " for which it has the scope, in the host's name. It cannot be changed, nor shown again."
	huma.Register(api, create, c.createKey)
	revoke := hosts("revoke-key", http.MethodDelete, keyPath, tag, "Revoke an API key")
	revoke.Description = "At once: the next call with it is refused."
	huma.Register(api, revoke, func(ctx context.Context, in *OwnKey) (*nothing, error) {
		h, err := c.me(ctx)
		if err != nil {
			return nil, err
		}
		return &nothing{CacheControl: private}, c.Keys.Revoke(ctx, h.Handle, in.Key)
	})
}

func (c *console) keyRowOf(k apikey.Key, in *time.Location) KeyRow {
	row := KeyRow{
		ID: k.ID, Name: k.Name, Scopes: k.Scopes, Ending: k.Ending,
		CreatedAt: k.CreatedAt.In(in), Expired: k.Expired(c.Now()), LastUsedOn: k.UsedOn,
	}
	if !k.ExpiresAt.IsZero() {
		at := k.ExpiresAt.In(in)
		row.ExpiresAt = &at
	}
	return row
}

// keyRows lists the host's keys.
func (c *console) keyRows(ctx context.Context, handle string, in *time.Location) ([]KeyRow, error) {
	all, err := c.Keys.List(ctx, handle)
	rows := []KeyRow{}
	for _, k := range all {
		rows = append(rows, c.keyRowOf(k, in))
	}
	return rows, err
}

func (c *console) keys(ctx context.Context, _ *struct{}) (*answer[KeyList], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	in, err := zone.Load(h.TimeZone)
	if err != nil {
		return nil, err
	}
	rows, err := c.keyRows(ctx, h.Handle, in)
	if err != nil {
		return nil, err
	}
	return answered(KeyList{Keys: rows, Most: apikey.MostKeys}), nil
}

func (c *console) createKey(ctx context.Context, in *keyInput) (*answer[MadeKey], error) {
	h, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	location, err := zone.Load(h.TimeZone)
	if err != nil {
		return nil, err
	}
	made, secret, err := c.Keys.Create(ctx, h.Handle, apikey.Settings{Name: in.Body.Name, Scopes: in.Body.Scopes, Days: in.Body.Days})
	if err != nil {
		return nil, err
	}
	return answered(MadeKey{KeyRow: c.keyRowOf(made, location), Key: secret}), nil
}
