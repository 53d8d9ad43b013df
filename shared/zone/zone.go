// Package zone knows the world's time zones: one edition of the IANA database,
// carried in the binary, so that the page, the API, the mails and the invitations
// agree on every clock change. It refuses the machine's own database and the
// machine's own zone.
package zone

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:generate go run generate.go 2026.6

// zones holds each zone once as a compiled TZif file (RFC 9636), with its other
// names in the entry's comment and the edition in the archive's. A zip, so that
// loading one zone inflates that zone alone.
//
//go:embed zones.zip
var zones []byte

// Unknown says that the database has no zone of that name.
type Unknown struct{ Name string }

func (e *Unknown) Error() string { return fmt.Sprintf("unknown time zone %q", e.Name) }

// Load returns the zone of an IANA name, such as "Asia/Tokyo". Names are matched
// exactly; "" and "Local" are no zones. It returns *Unknown. Zones are parsed
// once; Load is safe for concurrent use.
func Load(name string) (*time.Location, error) {
	if loaded, ok := cache.Load(name); ok {
		return loaded.(*time.Location), nil
	}
	d, err := open()
	if err != nil {
		return nil, err
	}
	file, ok := d.files[name]
	if !ok {
		return nil, &Unknown{Name: name}
	}
	location, err := parse(name, file)
	if err != nil {
		return nil, fmt.Errorf("time zone %s: %w", name, err)
	}
	loaded, _ := cache.LoadOrStore(name, location)
	return loaded.(*time.Location), nil
}

// Known reports whether Load would find the name.
func Known(name string) bool {
	d, err := open()
	return err == nil && d.files[name] != nil
}

// continents are the first parts of the names that people are offered: the others
// are old names, and zones of no place.
var continents = []string{"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}

// Names lists the zones to choose from, sorted.
func Names() []string {
	d, _ := open()
	var names []string
	for name := range d.files {
		if continent, _, ok := strings.Cut(name, "/"); ok && slices.Contains(continents, continent) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Version is the edition of the database, such as "2026f".
func Version() string {
	d, _ := open()
	return d.version
}

// cache holds parsed zones by name; it cannot outgrow the database.
var cache sync.Map // string → *time.Location

type database struct {
	version string
	files   map[string]*zip.File // by every name
}

var open = sync.OnceValues(func() (database, error) {
	archive, err := zip.NewReader(bytes.NewReader(zones), int64(len(zones)))
	if err != nil {
		return database{}, fmt.Errorf("time zone database: %w", err)
	}
	d := database{version: archive.Comment, files: make(map[string]*zip.File, 2*len(archive.File))}
	for _, file := range archive.File {
		d.files[file.Name] = file
		for alias := range strings.FieldsSeq(file.Comment) {
			d.files[alias] = file
		}
	}
	return d, nil
})

func parse(name string, file *zip.File) (*time.Location, error) {
	r, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return time.LoadLocationFromTZData(name, data)
}
