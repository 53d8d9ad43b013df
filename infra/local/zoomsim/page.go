package zoomsim

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// showMeetings is the page for people: the newest meeting first.
func (s *Simulator) showMeetings(w http.ResponseWriter, _ *http.Request) {
	state := s.State()
	slices.Reverse(state.Meetings)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Execute(w, state); err != nil {
		s.config.Log.Warn("page not written", "error", err)
	}
}
