package stack

import (
	"testing"
	"time"

	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

func TestATableOfAnEarlierVersionGetsTheIndexesThatItLacks(t *testing.T) {
	db := storetest.New(t).DB
	const name = "earlier"
	earlier := store.Table(name)
	earlier.GlobalSecondaryIndexes = earlier.GlobalSecondaryIndexes[:1]
	earlier.AttributeDefinitions = earlier.AttributeDefinitions[:4] // those of the keys and that index
	if _, err := db.CreateTable(t.Context(), earlier); err != nil {
		t.Fatal(err)
	}
	s := &store.Store{DB: db, Table: name}
	if err := s.Due(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // and once more does no harm
		if err := createTable(t.Context(), db, name); err != nil {
			t.Fatal(err)
		}
	}
	due, err := s.DueForMirror(t.Context(), time.Now(), 10)
	if err != nil || len(due) != 1 {
		t.Errorf("due: %v, %v", due, err)
	}
	if ids, err := s.Unsettled(t.Context(), time.Now(), 10); err != nil || len(ids) > 0 {
		t.Errorf("unsettled: %v, %v", ids, err)
	}
}
