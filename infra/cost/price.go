package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

//go:embed prices.json
var priceFile []byte

// ID names a price.
type ID string

// Price is what a service asks for so many of something.
type Price struct {
	ID      ID
	Service string
	Of      string
	USD     float64
	Per     float64
	AsOf    string // when that was so
	Source  string
}

// each is the price of one.
func (p Price) each() float64 { return p.USD / p.Per }

// Peer is what another scheduling service asks.
type Peer struct {
	Name   string
	USD    float64
	Per    string
	AsOf   string
	Source string
}

// List is the price list.
type List struct {
	Region string
	Note   string
	Prices []Price
	Peers  []Peer
}

// readList reads a price list, each of whose lines says when it was true and who says
// so.
func readList(file []byte) (List, error) {
	var l List
	if err := json.Unmarshal(file, &l); err != nil {
		return List{}, fmt.Errorf("read the prices: %w", err)
	}
	seen := map[ID]bool{}
	var errs []error
	for _, p := range l.Prices {
		if _, err := time.Parse(time.DateOnly, p.AsOf); err != nil || p.Source == "" || p.Service == "" || p.Of == "" {
			errs = append(errs, fmt.Errorf("the price %s lacks its service, what it is for, its source or its date", p.ID))
		}
		if p.Per <= 0 || p.USD < 0 || seen[p.ID] {
			errs = append(errs, fmt.Errorf("the price %s is none, or is there twice", p.ID))
		}
		seen[p.ID] = true
	}
	return l, errors.Join(errs...)
}

// price finds a price by its id.
func (l List) price(id ID) (Price, bool) {
	for _, p := range l.Prices {
		if p.ID == id {
			return p, true
		}
	}
	return Price{}, false
}
