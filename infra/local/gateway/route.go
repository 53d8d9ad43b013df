package gateway

import (
	"strings"

	"yakusoku/shared/httpapi"
)

// route is a httpapi.Route made ready for matching. In its path, {name} stands
// for one segment and {name+} for the rest.
type route struct {
	httpapi.Route
	key      string // as in the event: "GET /b/{host}"
	segments []string
}

func compile(r httpapi.Route) route {
	return route{Route: r, key: r.Method + " " + r.Path, segments: segments(r.Path)}
}

func segments(path string) []string {
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

// match finds the route for a decoded path. As API Gateway has it, the most
// specific one wins: a literal segment over {name}, {name} over {name+}.
func match(routes []route, method, path string) (route, map[string]string, bool) {
	var best route
	var parameters map[string]string
	var bestRank []int
	got := segments(path)
	for _, r := range routes {
		if r.Method != method && r.Method != "ANY" {
			continue
		}
		p, rank, ok := r.match(got)
		if ok && (bestRank == nil || outranks(rank, bestRank)) {
			best, parameters, bestRank = r, p, rank
		}
	}
	return best, parameters, bestRank != nil
}

// Ranks of a matched segment.
const (
	greedy = iota
	variable
	literal
)

// match compares the path's segments with the route's, and ranks each match.
func (r route) match(got []string) (map[string]string, []int, bool) {
	parameters := make(map[string]string)
	rank := make([]int, 0, len(r.segments))
	for i, want := range r.segments {
		name, isVariable := strings.CutPrefix(want, "{")
		name = strings.TrimSuffix(name, "}")
		rest, isGreedy := strings.CutSuffix(name, "+")
		switch {
		case isVariable && isGreedy:
			if i >= len(got) || got[i] == "" {
				return nil, nil, false
			}
			parameters[rest] = strings.Join(got[i:], "/")
			return parameters, append(rank, greedy), true
		case i >= len(got):
			return nil, nil, false
		case isVariable && got[i] != "":
			parameters[name] = got[i]
			rank = append(rank, variable)
		case want == got[i]:
			rank = append(rank, literal)
		default:
			return nil, nil, false
		}
	}
	return parameters, rank, len(got) == len(r.segments)
}

// outranks compares from the left: the first difference decides.
func outranks(a, b []int) bool {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return len(a) > len(b)
}
