// Package journal keeps a simulator's state across runs: a file of keys and
// JSON values that is only ever appended to while it is open. It knows nothing
// of what the values mean, and it survives the death of the process, not of the
// machine: nothing is fsynced.
package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Journal is an open journal. It is safe for concurrent use by one process. A
// nil *Journal is one that forgets: its methods do nothing and succeed.
type Journal struct {
	mu     sync.Mutex
	file   *os.File
	size   int64 // of the whole lines in file
	values map[string]json.RawMessage
}

// line is one change. A null value says that the key was deleted.
type line struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

var errNull = errors.New("a null value would read as deleted")

// Open opens the journal at path, making the file and its folder if need be. A
// torn last line, left by a process that was killed while writing it, is
// dropped; damage anywhere else is an error. The file is compacted to one line
// per key.
func Open(path string) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	values, err := replay(content)
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	if err := compact(path, values); err != nil {
		return nil, fmt.Errorf("compact journal: %w", err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open journal: %w", err), file.Close())
	}
	return &Journal{file: file, size: info.Size(), values: values}, nil
}

// replay reads the lines of a journal's file into the values they leave.
func replay(content []byte) (map[string]json.RawMessage, error) {
	// A line counts once its newline is there: what follows the last one is torn.
	whole := content[:bytes.LastIndexByte(content, '\n')+1]
	values := make(map[string]json.RawMessage)
	number := 0
	for text := range bytes.Lines(whole) {
		number++
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if string(l.Value) == "null" {
			delete(values, l.Key)
			continue
		}
		values[l.Key] = l.Value
	}
	return values, nil
}

// compact replaces the file at path with one that holds only values.
func compact(path string, values map[string]json.RawMessage) error {
	var content bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(values)) {
		text, err := encode(key, values[key])
		if err != nil {
			return err
		}
		content.Write(text)
	}
	// Written aside and renamed, so that a kill leaves the old file or the new.
	aside := path + ".compacting"
	if err := os.WriteFile(aside, content.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(aside, path)
}

func encode(key string, value json.RawMessage) ([]byte, error) {
	text, err := json.Marshal(line{Key: key, Value: value})
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// Put stores v, as JSON, under key. Once it has returned, the value outlives
// the process. A v that is null in JSON is an error: Delete says that.
func (j *Journal) Put(key string, v any) error {
	if j == nil {
		return nil
	}
	value, err := json.Marshal(v)
	if err == nil && string(value) == "null" {
		err = errNull
	}
	if err != nil {
		return fmt.Errorf("put into journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.write(key, value); err != nil {
		return fmt.Errorf("put into journal: %w", err)
	}
	j.values[key] = value
	return nil
}

// Delete forgets key. To delete what is not there is no error.
func (j *Journal) Delete(key string) error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, ok := j.values[key]; !ok {
		return nil
	}
	if err := j.write(key, json.RawMessage("null")); err != nil {
		return fmt.Errorf("delete from journal: %w", err)
	}
	delete(j.values, key)
	return nil
}

// write appends one line, whole or not at all.
func (j *Journal) write(key string, value json.RawMessage) error {
	text, err := encode(key, value)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(text); err != nil {
		return errors.Join(err, j.file.Truncate(j.size))
	}
	j.size += int64(len(text))
	return nil
}

// Each calls visit with every key that begins with prefix and its value, in the
// order of the keys, until visit returns an error, which Each returns. It visits
// what was there when it was called, so visit may use the journal.
func (j *Journal) Each(prefix string, visit func(key string, raw json.RawMessage) error) error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	values := maps.Clone(j.values)
	j.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		if err := visit(key, values[key]); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the journal's use of its file.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.file.Close()
}
