// Package breaking finds what a later OpenAPI document breaks of a released one: what
// a program that was written by the one cannot rely on any more. It is for tests.
package breaking

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// comparison finds in what a document breaks programs that were written by another.
type comparison struct {
	was, is map[string]any
	seen    map[string]bool
	found   []string
}

// Find lists what of a released document does not hold any more today. Additions are
// none: members that programs may leave out, and such that they are told besides.
func Find(was, is map[string]any, today time.Time) []string {
	c := &comparison{was: was, is: is, seen: map[string]bool{}}
	for path, item := range object(was["paths"]) {
		for method, op := range object(item) {
			name := strings.ToUpper(method) + " " + path
			now, there := object(object(is["paths"])[path])[method]
			switch {
			case there:
				c.operation(name, object(op), object(now))
				if hasty(object(now)) {
					c.say(name, "is to go sooner than in a year")
				}
			case !over(object(op), today):
				c.say(name, "is gone")
			}
		}
	}
	for name, item := range object(was["webhooks"]) {
		now, there := object(is["webhooks"])[name]
		if !there {
			c.say("webhook "+name, "is gone")
			continue
		}
		c.bodies("webhook "+name+" news", object(object(object(item)["post"])["requestBody"]), object(object(object(now)["post"])["requestBody"]), told)
	}
	slices.Sort(c.found)
	return slices.Compact(c.found)
}

// over reports whether the operation was announced to end, and has.
func over(op map[string]any, today time.Time) bool {
	end, ok := day(op, "x-sunset")
	return op["deprecated"] == true && ok && today.After(end)
}

// hasty reports whether the operation is deprecated, and not for as long as is
// promised.
func hasty(op map[string]any) bool {
	since, announced := day(op, "x-deprecated-since")
	end, ends := day(op, "x-sunset")
	return op["deprecated"] == true && (!announced || !ends || end.Before(since.AddDate(1, 0, 0)))
}

func day(op map[string]any, extension string) (time.Time, bool) {
	text, _ := op[extension].(string)
	at, err := time.Parse(time.DateOnly, text)
	return at, err == nil
}

func (c *comparison) say(at, what string) { c.found = append(c.found, at+" "+what) }

func (c *comparison) operation(name string, was, is map[string]any) {
	if !reflect.DeepEqual(was["security"], is["security"]) {
		c.say(name, "asks for other rights")
	}
	before, now := parameters(was), parameters(is)
	for which, p := range before {
		q, there := now[which]
		if !there {
			c.say(name+" "+which, "is gone")
			continue
		}
		c.schema(name+" "+which, object(p["schema"]), object(q["schema"]), sent)
	}
	for which, q := range now {
		if q["required"] == true && before[which]["required"] != true {
			c.say(name+" "+which, "is required now")
		}
	}
	if body, there := was["requestBody"]; there {
		now, there := is["requestBody"]
		if !there {
			c.say(name+" body", "is gone")
		}
		c.bodies(name+" body", object(body), object(now), sent)
	}
	for status, answer := range object(was["responses"]) {
		if !strings.HasPrefix(status, "2") {
			continue // what is refused, and how, is said by the problem's code
		}
		now, there := object(is["responses"])[status]
		if !there {
			c.say(name, "answers "+status+" no more")
			continue
		}
		c.bodies(name+" answer", object(answer), object(now), told)
	}
}

// parameters are an operation's, by where they stand and their name.
func parameters(op map[string]any) map[string]map[string]any {
	all := map[string]map[string]any{}
	list, _ := op["parameters"].([]any)
	for _, p := range list {
		all[fmt.Sprint(object(p)["in"], " ", object(p)["name"])] = object(p)
	}
	return all
}

func (c *comparison) bodies(at string, was, is map[string]any, d direction) {
	for kind, media := range object(was["content"]) {
		now, there := object(is["content"])[kind]
		if !there && len(is) > 0 {
			c.say(at, "is "+kind+" no more")
		}
		if there {
			c.schema(at, object(object(media)["schema"]), object(object(now)["schema"]), d)
		}
	}
}
