// Command local runs Yakusoku on this machine: `make run`.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"yakusoku/infra/local/child"
	"yakusoku/infra/local/stack"
)

func main() {
	follow := flag.Bool("follow", false, "end when the process that started this one ends, however that happens")
	flag.Parse()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if *follow {
		ctx = child.FollowParent(ctx)
	}
	if err := run(ctx, log); err != nil {
		fmt.Fprintln(os.Stderr, "yakusoku:", err)
		os.Exit(1)
	}
}

// run keeps a stack up until ctx ends or a part of it fails.
func run(ctx context.Context, log *slog.Logger) error {
	began := time.Now()
	file := os.Getenv("ENV_FILE") // tests must not read a developer's own
	if file == "" {
		file = ".env"
	}
	settings, err := stack.ReadSettings(os.Environ(), file)
	if err != nil {
		return err
	}
	s, err := stack.Start(ctx, parts(settings, log))
	if err != nil {
		return err
	}
	defer s.Stop()
	banner(os.Stdout, s.Addresses, settings, time.Since(began))
	select {
	case <-ctx.Done():
		fmt.Println("\nStopping.")
		return nil
	case err := <-s.Failed():
		return err
	}
}
