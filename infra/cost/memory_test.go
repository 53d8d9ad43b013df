package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/function"
	"yakusoku/infra/meter"
)

// What is computed takes half as long with twice the memory, and costs the same; what is
// waited takes as long, and costs twice.
func TestACallIsShownWithEachMemory(t *testing.T) {
	m := model(t)
	m.Slower, m.Waits = 1, Waits{"dynamodb": 5}
	m.Sheet.Doings[meter.View] = meter.Reading{Amounts: meter.Amounts{
		{Kind: meter.Invocations, By: function.Site}: 2,
		{Kind: meter.Processor, By: function.Site}:   20,
		{Kind: meter.Trips, By: function.Site}:       2,
	}}
	m.Sheet.Peaks = map[string]float64{function.Site: 30}
	m.Inits = map[string]meter.Init{function.Site: {Peak: 20}}
	all, err := m.calls()
	if err != nil {
		t.Fatal(err)
	}
	price, _ := m.price("lambda.gb-second")
	of := func(mb, took float64, chosen bool) offer {
		return offer{chosen, took, 1e6 * took / 1000 * mb / 1024 * price.each()}
	}
	for _, c := range all {
		if c.Name != function.Site {
			continue
		}
		want := []offer{
			of(128, 10*1769./128+5, c.MB == 128), of(256, 10*1769./256+5, c.MB == 256),
			of(512, 10*1769./512+5, c.MB == 512), of(1024, 10*1769./1024+5, c.MB == 1024),
		}
		if diff := cmp.Diff(want, c.Offered, about); diff != "" || c.Peak != 30 {
			t.Errorf("it held %g; offered (-want +got):\n%s", c.Peak, diff)
		}
	}
}

func TestAFunctionWithoutRoomIsNamed(t *testing.T) {
	m := model(t)
	m.Sheet.Peaks = map[string]float64{function.Webhook: 50}
	if err := m.tight(); err != nil {
		t.Error(err)
	}
	m.Sheet.Peaks[function.Webhook] = 100
	if err := m.tight(); err == nil || !strings.Contains(err.Error(), function.Webhook) {
		t.Errorf("it says %v", err)
	}
}
