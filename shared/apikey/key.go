// Package apikey lets programs of a host's own use the API in the host's name. It
// knows what a key may do, what is kept of it, until when it is good and how often
// it is taken. Where keys are kept, package store knows; which operations take
// them, package httpapi.
package apikey

import (
	"slices"
	"time"
)

// Scope is one kind of thing that a key may see or change.
type Scope string

const (
	ReadProfile   Scope = "profile:read"
	ReadBookings  Scope = "bookings:read"
	WriteBookings Scope = "bookings:write"
	ReadPages     Scope = "pages:read"
	WritePages    Scope = "pages:write"
	ReadHooks     Scope = "hooks:read"
	WriteHooks    Scope = "hooks:write"
)

// Scopes are all that there are, in the order in which they are shown.
var Scopes = []Scope{ReadProfile, ReadBookings, WriteBookings, ReadPages, WritePages, ReadHooks, WriteHooks}

// MostKeys is how many keys a host may have, those that have expired among them.
const MostKeys = 10

// Key lets a program do some of what its host may.
type Key struct {
	ID     string
	Host   string `json:"-"` // handle; the record stands under it
	Name   string // the host's own word for what uses it: it is never logged
	Scopes []Scope
	// Hash is all by which the secret is known again.
	Hash   string
	Ending string // the secret's last letters, for people to tell keys apart
	// ExpiresAt ends the key by itself; zero: nothing but its host does.
	ExpiresAt time.Time
	// UsedOn is the day of its last use, in its host's zone; empty: never used. A day
	// is enough to see what is idle, and is written once.
	UsedOn    string
	CreatedAt time.Time
}

// Expired reports whether the key's time is over.
func (k Key) Expired(now time.Time) bool {
	return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt)
}

// May reports whether the key has the scope.
func (k Key) May(s Scope) bool { return slices.Contains(k.Scopes, s) }

// NotFound says that the host has no such key.
type NotFound struct{}

func (*NotFound) Error() string { return "no such key" }

// TooMany says that the host has as many keys as may be.
type TooMany struct{}

func (*TooMany) Error() string { return "the host has as many keys as may be" }

// NotGood says that what was shown is no key, or not any more. Which of these is for
// its host to see.
type NotGood struct{}

func (*NotGood) Error() string { return "the key is unknown, revoked or expired" }

// ScopeMissing says that a key is good, but not for this.
type ScopeMissing struct{ Scope Scope }

func (e *ScopeMissing) Error() string { return "the key lacks the scope " + string(e.Scope) }

// RateLimited says that a key was used too often, and when it is taken again.
type RateLimited struct{ Until time.Time }

func (*RateLimited) Error() string { return "the key was used too often" }
