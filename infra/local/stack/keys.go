package stack

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"yakusoku/shared/secret"
	"yakusoku/shared/vault"
)

// keys are the run's secrets: files that only their owner may read, made on the
// first run and kept, since bookings and tokens are worth nothing without them.
type keys struct {
	folder string

	guestToken, vaultKey string // references, as the functions get them

	zoomClient, googleClient, microsoftClient string
	zoom, google, microsoft                   secret.Client

	zoomWebhook string // reference to zoomToken
	zoomToken   string // by which Zoom signs; empty for a real app whose token is not configured
}

func openKeys(folder string, s Settings) (*keys, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("find the secrets: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("keep the secrets: %w", err)
	}
	k := &keys{folder: folder}
	k.guestToken, err = k.ensure("guest-token", func() ([]byte, error) { return []byte(rand.Text() + rand.Text()), nil })
	if err != nil {
		return nil, err
	}
	if k.vaultKey, err = k.ensure("vault.key", vault.NewKey); err != nil {
		return nil, err
	}
	k.zoom = secret.Client{ID: s.ZoomClientID, Secret: s.ZoomClientSecret}
	if k.zoomClient, err = k.client("zoom-client", &k.zoom); err != nil {
		return nil, err
	}
	if err := k.openZoomToken(s); err != nil {
		return nil, err
	}
	k.google = secret.Client{ID: s.GoogleClientID, Secret: s.GoogleClientSecret}
	if k.googleClient, err = k.client("google-client", &k.google); err != nil {
		return nil, err
	}
	k.microsoft = secret.Client{ID: s.MicrosoftClientID, Secret: s.MicrosoftClientSecret}
	if k.microsoftClient, err = k.client("microsoft-client", &k.microsoft); err != nil {
		return nil, err
	}
	return k, nil
}

// client keeps a configured OAuth client, or makes up one for the simulator. The
// two have files of their own: who takes a client id out of .env again finds the
// simulator's as it was.
func (k *keys) client(name string, c *secret.Client) (string, error) {
	if c.ID != "" {
		content, err := json.Marshal(c)
		if err != nil {
			return "", fmt.Errorf("keep %s: %w", name, err)
		}
		return k.write(name+".configured.json", content)
	}
	reference, err := k.ensure(name+".json", func() ([]byte, error) {
		return json.Marshal(secret.Client{ID: "local-" + rand.Text(), Secret: rand.Text()})
	})
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(filepath.Join(k.folder, name+".json"))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	if err := json.Unmarshal(content, c); err != nil {
		return "", fmt.Errorf("read %s: it is not JSON", name) // the decoder's error may quote it
	}
	return reference, nil
}

// openZoomToken keeps the configured app's token, filled in or not, or makes one up
// for the simulator.
func (k *keys) openZoomToken(s Settings) error {
	type file struct {
		Token string `json:"token"`
	}
	if s.ZoomClientID != "" {
		content, err := json.Marshal(file{s.ZoomSecretToken})
		if err != nil {
			return fmt.Errorf("keep zoom-webhook: %w", err)
		}
		k.zoomToken = s.ZoomSecretToken
		k.zoomWebhook, err = k.write("zoom-webhook.configured.json", content)
		return err
	}
	const name = "zoom-webhook.json"
	var err error
	if k.zoomWebhook, err = k.ensure(name, func() ([]byte, error) { return json.Marshal(file{rand.Text()}) }); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(k.folder, name))
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	var kept file
	if json.Unmarshal(content, &kept) != nil || kept.Token == "" {
		return fmt.Errorf("read %s: there is no token in it", name)
	}
	k.zoomToken = kept.Token
	return nil
}

// ensure makes the file by content if it is not there, and returns the reference
// to it.
func (k *keys) ensure(name string, content func() ([]byte, error)) (string, error) {
	path := filepath.Join(k.folder, name)
	_, err := os.Stat(path)
	if err == nil {
		return "file://" + path, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("keep %s: %w", name, err)
	}
	made, err := content()
	if err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	return k.write(name, made)
}

// write replaces the file at once, so that a kill leaves the old one or the new.
func (k *keys) write(name string, content []byte) (string, error) {
	path := filepath.Join(k.folder, name)
	if err := writeFile(path, content); err != nil {
		return "", fmt.Errorf("keep %s: %w", name, err)
	}
	return "file://" + path, nil
}

func writeFile(path string, content []byte) error {
	aside := path + ".new"
	if err := os.WriteFile(aside, content, 0o600); err != nil {
		return err
	}
	return os.Rename(aside, path)
}
