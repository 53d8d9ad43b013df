package booking

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"yakusoku/shared/language"
)

// Codes sends the codes by which guests show that an address is theirs.
type Codes interface {
	SendCode(ctx context.Context, c CodeLetter) error
}

// CodeLetter is a code and whom it is for.
type CodeLetter struct {
	Email    string
	Language language.Tag
	Code     string // six digits
	Title    string // the page's
	HostName string

	AccentColor string // the page's, "#rrggbb", or empty
}

// CodeValid is how long a code is good for, at least.
const CodeValid = 10 * time.Minute

// Limits within an hour on what codes allow: mails that nobody asked for, and
// guessing. One of a million in codeTries guesses is one in 50,000 hours.
const (
	codesPerEmail   = 5
	codesPerAddress = 30
	codeTries       = 10
)

// CodeRequest asks for a code.
type CodeRequest struct {
	Host, Page string // handle and slug
	Email      string
	Language   language.Tag
	Address    string // the network address that it came from
}

// SendCode mails a code to the address, where the page asks for one. It returns
// *PageNotFound, *NotAccepting or *RateLimited.
func (d *Desk) SendCode(ctx context.Context, r CodeRequest) error {
	offer, err := d.Page(ctx, r.Host, r.Page)
	if err != nil {
		return err
	}
	if !offer.Accepting || !offer.Page.VerifyEmail {
		return &NotAccepting{}
	}
	for _, q := range append(
		d.quota("code by address", network(r.Address), codesPerAddress),
		d.quota("code by email", mailbox(r.Email), codesPerEmail)...,
	) {
		if err := d.Ledger.Count(ctx, q); err != nil {
			return err
		}
	}
	return d.Codes.SendCode(ctx, CodeLetter{
		Email: r.Email, Language: r.Language, Title: offer.Page.Title, HostName: offer.Host.Name,
		AccentColor: offer.Page.Brand.AccentColor,
		Code:        d.Tokens.code(r.Host, r.Page, r.Email, window(d.Now())),
	})
}

// checkCode returns *Invalid for a wrong code, and *RateLimited if too many were
// tried.
func (d *Desk) checkCode(ctx context.Context, s Submission) error {
	for _, q := range d.quota("code tried by email", mailbox(s.Guest.Email), codeTries) {
		if err := d.Ledger.Count(ctx, q); err != nil {
			return err
		}
	}
	now := window(d.Now())
	right := 0
	for _, w := range []int64{now, now - 1} {
		right |= subtle.ConstantTimeCompare([]byte(s.Code), []byte(d.Tokens.code(s.Host, s.Page, s.Guest.Email, w)))
	}
	if right == 0 {
		return &Invalid{Fields: []FieldProblem{{Field: "code", Code: WrongCode}}}
	}
	return nil
}

// window numbers the spans within which an address gets the same code.
func window(t time.Time) int64 { return t.Unix() / int64(CodeValid/time.Second) }

// code is derived, so that nothing is stored for who only asks for one.
func (t Tokens) code(host, slug, email string, window int64) string {
	sum := t.derive("mail code", host, slug, mailbox(email), strconv.FormatInt(window, 10))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(sum)%1_000_000)
}
