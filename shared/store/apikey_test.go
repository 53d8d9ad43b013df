package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/apikey"
	"yakusoku/shared/host"
	"yakusoku/shared/store/storetest"
)

func TestAKeyIsFoundByItsHashUntilItIsRemoved(t *testing.T) {
	s := storetest.New(t)
	made := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	one := apikey.Key{
		ID: "one", Host: "demo", Name: "CRM", Scopes: []apikey.Scope{apikey.ReadBookings, apikey.WritePages},
		Hash: "hash of one", Ending: "ABCD", CreatedAt: made, ExpiresAt: made.AddDate(0, 0, 30),
	}
	two := apikey.Key{ID: "two", Host: "demo", Name: "表計算", Hash: "hash of two", Ending: "EFGH", CreatedAt: made.Add(time.Second)}
	for _, k := range []apikey.Key{one, two} {
		if err := s.AddKey(t.Context(), k, made); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(step string, want ...apikey.Key) {
		t.Helper()
		got, err := s.Keys(t.Context(), "demo")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v, keys (-want +got):\n%s", step, err, diff)
		}
		for _, k := range want {
			found, err := s.KeyByHash(t.Context(), k.Hash)
			if diff := cmp.Diff(k, found); err != nil || diff != "" {
				t.Errorf("%s: error %v, by its hash (-want +got):\n%s", step, err, diff)
			}
		}
	}
	none := (*apikey.NotFound)(nil)
	holds("made", one, two)

	one.UsedOn = "2026-12-01"
	for _, id := range []string{"one", "none"} { // of one that is gone nothing comes back
		if err := s.MarkUsed(t.Context(), "demo", id, "2026-12-01"); err != nil {
			t.Error(err)
		}
	}
	if err := s.MarkUsed(t.Context(), "another", "one", "2026-12-01"); err != nil {
		t.Error(err)
	}
	holds("used", one, two)

	for _, c := range []struct{ host, id string }{{"another", "one"}, {"demo", "none"}} {
		if err := s.RemoveKey(t.Context(), c.host, c.id); !errors.As(err, &none) {
			t.Errorf("removed %s of %s: %v", c.id, c.host, err)
		}
	}
	if err := s.RemoveKey(t.Context(), "demo", "one"); err != nil {
		t.Fatal(err)
	}
	holds("removed", two)
	if _, err := s.KeyByHash(t.Context(), one.Hash); !errors.As(err, &none) {
		t.Errorf("found by its hash: %v", err)
	}
}

// However many are made at once, no host has more than may be, and none of them is
// lost.
func TestNoHostHasMoreKeysThanMayBe(t *testing.T) {
	s := storetest.New(t)
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	add := func(n int) error {
		return s.AddKey(t.Context(), apikey.Key{ID: fmt.Sprint("k", n), Host: "demo", Hash: fmt.Sprint("h", n)}, now)
	}
	for n := range apikey.MostKeys - 2 {
		if err := add(n); err != nil {
			t.Fatal(err)
		}
	}
	var done sync.WaitGroup
	refused := make(chan error, 4)
	for n := range cap(refused) {
		done.Go(func() {
			if err := add(apikey.MostKeys + n); err != nil {
				refused <- err
			}
		})
	}
	done.Wait()
	close(refused)
	if len(refused) != 2 {
		t.Errorf("%d refused", len(refused))
	}
	for err := range refused {
		if many := (*apikey.TooMany)(nil); !errors.As(err, &many) {
			t.Errorf("refused: %v", err)
		}
	}
	keys, err := s.Keys(t.Context(), "demo")
	if err != nil || len(keys) != apikey.MostKeys {
		t.Errorf("%d keys, %v", len(keys), err)
	}
}

func TestKeysGoWithTheirHost(t *testing.T) {
	s := storetest.New(t)
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	h := host.Host{Handle: "demo", Subject: "demo", Connected: map[string]bool{}}
	if err := s.OpenHost(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	if err := s.AddKey(t.Context(), apikey.Key{ID: "one", Host: "demo", Hash: "hash"}, now); err != nil {
		t.Fatal(err)
	}
	if err := s.ForgetHost(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	none, unknown := (*apikey.NotFound)(nil), (*host.Unknown)(nil)
	if _, err := s.KeyByHash(t.Context(), "hash"); !errors.As(err, &none) {
		t.Errorf("found by its hash: %v", err)
	}
	if keys, err := s.Keys(t.Context(), "demo"); err != nil || len(keys) > 0 {
		t.Errorf("left: %v, %v", keys, err)
	}
	if err := s.AddKey(t.Context(), apikey.Key{ID: "late", Host: "demo", Hash: "late"}, now); !errors.As(err, &unknown) {
		t.Errorf("a key was made for who is gone: %v", err)
	}
}
