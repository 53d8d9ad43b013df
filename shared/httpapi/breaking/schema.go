package breaking

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// direction is who writes what a schema describes: of what programs send nothing may
// be refused that was taken, of what they are told nothing may be missing that was
// there.
type direction bool

const (
	sent direction = true
	told direction = false
)

func (c *comparison) schema(at string, was, is map[string]any, d direction) {
	if ref, ok := was["$ref"].(string); ok {
		operation, _, _ := strings.Cut(at, ".")
		place := fmt.Sprint(operation, ref, is["$ref"], d)
		if c.seen[place] {
			return // within itself, or told already
		}
		c.seen[place] = true
	}
	was, is = resolved(c.was, was), resolved(c.is, is)
	if before, now := types(was), types(is); !within(before, now, d) {
		c.say(at, "is of another type")
		return
	}
	if !reflect.DeepEqual(was["format"], is["format"]) || !reflect.DeepEqual(was["oneOf"], is["oneOf"]) {
		c.say(at, "has another form")
	}
	c.options(at, was, is, d)
	if d == sent {
		c.limits(at, was, is)
	}
	c.members(at, was, is, d)
	for part, mark := range map[string]string{"items": "[]", "additionalProperties": ".*"} {
		if before, ok := was[part].(map[string]any); ok {
			c.schema(at+mark, before, object(is[part]), d)
		}
	}
}

func (c *comparison) options(at string, was, is map[string]any, d direction) {
	before, _ := was["enum"].([]any)
	now, limited := is["enum"].([]any)
	for _, option := range before {
		if limited && !slices.Contains(now, option) {
			c.say(at, fmt.Sprint("lacks the option ", option))
		}
	}
	if d == sent && limited && before == nil {
		c.say(at, "takes no more than some options")
	}
}

// limits are what a program may send; wider ones break nothing.
func (c *comparison) limits(at string, was, is map[string]any) {
	for name, most := range map[string]bool{
		"maxLength": true, "maxItems": true, "maximum": true, "minLength": false, "minItems": false, "minimum": false,
	} {
		now, limited := is[name].(float64)
		before, was := was[name].(float64)
		if limited && (!was || most && now < before || !most && now > before) {
			c.say(at, "has a narrower "+name)
		}
	}
	if pattern, ok := is["pattern"]; ok && pattern != was["pattern"] {
		c.say(at, "has another pattern")
	}
}

func (c *comparison) members(at string, was, is map[string]any, d direction) {
	for name, member := range object(was["properties"]) {
		now, there := object(is["properties"])[name]
		if !there {
			c.say(at+"."+name, "is gone")
			continue
		}
		c.schema(at+"."+name, object(member), object(now), d)
	}
	before, _ := was["required"].([]any)
	now, _ := is["required"].([]any)
	if d == sent {
		for _, name := range now {
			if !slices.Contains(before, name) {
				c.say(fmt.Sprint(at, ".", name), "is required now")
			}
		}
		return
	}
	for _, name := range before {
		if _, there := object(is["properties"])[fmt.Sprint(name)]; there && !slices.Contains(now, name) {
			c.say(fmt.Sprint(at, ".", name), "may be left out now")
		}
	}
}

// within reports whether all that was sent is still taken or, of what is told, whether
// nothing comes that did not before. No types stand for any.
func within(was, is []string, d direction) bool {
	if d == told {
		was, is = is, was
	}
	if len(is) == 0 {
		return true
	}
	return len(was) > 0 && !slices.ContainsFunc(was, func(t string) bool { return !slices.Contains(is, t) })
}

func types(schema map[string]any) (all []string) {
	switch t := schema["type"].(type) {
	case string:
		return []string{t}
	case []any:
		for _, one := range t {
			all = append(all, fmt.Sprint(one))
		}
	}
	return all
}

func resolved(document, schema map[string]any) map[string]any {
	ref, ok := schema["$ref"].(string)
	if !ok {
		return schema
	}
	return object(object(object(document["components"])["schemas"])[strings.TrimPrefix(ref, "#/components/schemas/")])
}

// object is what is there, or an empty one.
func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}
