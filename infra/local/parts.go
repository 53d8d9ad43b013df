package main

import (
	"log/slog"
	"net/http"

	"yakusoku/infra/function"
	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/googlesim"
	"yakusoku/infra/local/journal"
	"yakusoku/infra/local/microsoftsim"
	"yakusoku/infra/local/stack"
	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/httpapi"
	"yakusoku/shared/secret"
)

// parts is what the local run is made of, where `make build` puts it.
func parts(s stack.Settings, log *slog.Logger) stack.Config {
	return stack.Config{
		Settings:  s,
		Root:      ".",
		Binaries:  ".build",
		Functions: function.All(),
		Routes:    httpapi.Routes(),
		Faults:    new(fault.Faults),
		Zoom:      zoom,
		Google:    google,
		Microsoft: microsoft,
		Log:       log,
	}
}

func zoom(events stack.Events) stack.Simulator {
	return func(state *journal.Journal, client secret.Client, log *slog.Logger) (http.Handler, error) {
		simulator, err := zoomsim.New(zoomsim.Config{
			State: state, Log: log, ClientID: client.ID, ClientSecret: client.Secret, Endpoint: zoomsim.Endpoint(events),
		})
		if err != nil {
			return nil, err
		}
		return simulator.Handler(), nil
	}
}

func google(state *journal.Journal, client secret.Client, log *slog.Logger) (http.Handler, error) {
	simulator, err := googlesim.New(googlesim.Config{
		State: state, Log: log, ClientID: client.ID, ClientSecret: client.Secret,
	})
	if err != nil {
		return nil, err
	}
	return simulator.Handler(), nil
}

func microsoft(state *journal.Journal, client secret.Client, log *slog.Logger) (http.Handler, error) {
	simulator, err := microsoftsim.New(microsoftsim.Config{
		State: state, Log: log, ClientID: client.ID, ClientSecret: client.Secret,
	})
	if err != nil {
		return nil, err
	}
	return simulator.Handler(), nil
}
