package main

import (
	"fmt"
	"io"
	"time"

	"yakusoku/infra/local/seed"
	"yakusoku/infra/local/stack"
)

// banner says where everything is.
func banner(w io.Writer, a stack.Addresses, s stack.Settings, took time.Duration) {
	place := func(url, real string) string {
		if url == "" {
			return real
		}
		return url + "/"
	}
	fmt.Fprintf(w, `
  Yakusoku is ready (%s).

  Demo page   %s/b/demo/intro
  Console     %s/console  (sign in as %s)
  API         %s/api/docs
  Mailbox     %s/
  Zoom        %s
  Google      %s
  Microsoft   %s
  Faults      %s
  Data, logs  %s

  Ctrl-C stops it; the next run finds its data again.

`, took.Round(100*time.Millisecond), a.Front, a.Front, seed.Email, a.Front, a.Mailbox,
		place(a.Zoom, "the real one"), place(a.Google, "the real one"), place(a.Microsoft, "the real one"), a.Faults, s.Dir)
}
