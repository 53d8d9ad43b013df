// Package storetest gives tests a store in the real local engine, or in the one
// that AWS_ENDPOINT_URL_DYNAMODB names.
package storetest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"yakusoku/infra/local/engine"
	"yakusoku/shared/store"
)

// New returns a store with an empty table of its own.
func New(t testing.TB) *store.Store {
	t.Helper()
	url, err := endpoint()
	if err != nil {
		t.Fatal(err)
	}
	s := &store.Store{DB: client(url), Table: "test-" + rand.Text()}
	if _, err := s.DB.CreateTable(t.Context(), store.Table(s.Table)); err != nil {
		t.Fatalf("create the table: %v", err)
	}
	return s
}

// endpoint starts the engine once for a test binary; it dies with it.
var endpoint = sync.OnceValues(func() (string, error) {
	if url := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"); url != "" {
		return url, nil
	}
	dir, err := os.MkdirTemp("", "yakusoku-store-")
	if err != nil {
		return "", err
	}
	log, err := os.Create(filepath.Join(dir, "log")) // #nosec G304 -- in a folder just made
	if err != nil {
		return "", err
	}
	e, err := engine.Start(context.Background(), tools().DynamoDB(filepath.Join(dir, "db")), log)
	if err != nil {
		return "", err
	}
	return e.URL.String(), nil
})

// tools is infra/local, seen from this file.
func tools() engine.Tools {
	_, here, _, _ := runtime.Caller(0)
	return engine.Tools(filepath.Join(filepath.Dir(here), "..", "..", "..", "infra", "local"))
}

func client(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(url),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}
