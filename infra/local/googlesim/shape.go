package googlesim

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// shape says what a value of a request must look like, in the terms of Google's
// discovery document.
type shape struct {
	kind     string           // string, integer, boolean, object or array
	format   string           // date, date-time or int32; empty: any
	enum     []string         // nil: any
	min, max *int             // of an integer; nil: unbounded
	repeated bool             // of a query parameter
	pattern  *regexp.Regexp   // of a string; nil: any
	fields   map[string]shape // of an object; no others are let through
	required []string         // among fields
	each     *shape           // of an array's items, or of an object with keys of any name
	most     int              // items of an array; 0: any number
}

func bound(n int) *int { return &n }

// check returns what is wrong with v, a decoded JSON value, or nil. A null
// stands for what is absent. at is where v stands in the request.
func (s shape) check(at string, v any) error {
	if v == nil {
		return nil
	}
	switch s.kind {
	case "string":
		text, ok := v.(string)
		if !ok {
			return fmt.Errorf("%s must be a string", at)
		}
		return s.checkText(at, text)
	case "integer":
		number, ok := v.(float64)
		if !ok || number != math.Trunc(number) || math.Abs(number) > math.MaxInt32 {
			return fmt.Errorf("%s must be an integer", at)
		}
		return s.checkRange(at, int(number))
	case "boolean":
		if _, ok := v.(bool); !ok {
			return fmt.Errorf("%s must be a boolean", at)
		}
		return nil
	case "array":
		return s.checkArray(at, v)
	default:
		return s.checkObject(at, v)
	}
}

func (s shape) checkText(at, text string) error {
	if s.enum != nil && !slices.Contains(s.enum, text) {
		return fmt.Errorf("%s must be one of %v", at, s.enum)
	}
	if s.pattern != nil && !s.pattern.MatchString(text) {
		return fmt.Errorf("%s must match %s", at, s.pattern)
	}
	switch s.format {
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return fmt.Errorf("%s must be a date, YYYY-MM-DD", at)
		}
	case "date-time":
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return fmt.Errorf("%s must be an RFC 3339 time with its offset", at)
		}
	}
	return nil
}

func (s shape) checkRange(at string, number int) error {
	if s.min != nil && number < *s.min || s.max != nil && number > *s.max {
		return fmt.Errorf("%s is out of range", at)
	}
	return nil
}

func (s shape) checkArray(at string, v any) error {
	items, ok := v.([]any)
	if !ok {
		return fmt.Errorf("%s must be an array", at)
	}
	if s.most > 0 && len(items) > s.most {
		return fmt.Errorf("%s must have at most %d items", at, s.most)
	}
	for i, item := range items {
		if err := s.each.check(fmt.Sprintf("%s[%d]", at, i), item); err != nil {
			return err
		}
	}
	return nil
}

func (s shape) checkObject(at string, v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s must be an object", at)
	}
	for name, value := range object {
		of, known := s.fields[name]
		if s.each != nil {
			of, known = *s.each, true
		}
		if !known {
			return fmt.Errorf("%s.%s is not a field that is known here", at, name)
		}
		if err := of.check(at+"."+name, value); err != nil {
			return err
		}
	}
	for _, name := range s.required {
		if object[name] == nil {
			return fmt.Errorf("%s.%s is required", at, name)
		}
	}
	return nil
}

// checkParameter returns what is wrong with the values of a query parameter.
func (s shape) checkParameter(name string, values []string) error {
	if len(values) > 1 && !s.repeated {
		return fmt.Errorf("parameter %s may be given once", name)
	}
	for _, text := range values {
		value, err := s.parse(text)
		if err != nil {
			return fmt.Errorf("parameter %s must be of type %s", name, s.kind)
		}
		if err := s.check("parameter "+name, value); err != nil {
			return err
		}
	}
	return nil
}

// parse reads a query parameter's text as the JSON value that it stands for.
func (s shape) parse(text string) (any, error) {
	switch s.kind {
	case "integer":
		number, err := strconv.Atoi(text)
		return float64(number), err
	case "boolean":
		return strconv.ParseBool(text)
	default:
		return text, nil
	}
}
