package engine

import "testing"

func TestAPortIsClaimedByOneAtATime(t *testing.T) {
	taken := map[int]bool{}
	for range 2000 {
		port, claim, err := claimPort(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if taken[port] {
			t.Fatalf("port %d was claimed twice", port)
		}
		taken[port] = true
		t.Cleanup(func() { _ = claim.Close() })
	}
}
