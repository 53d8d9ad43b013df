# Everything that a target needs and that Go, Node with npm, make and root can
# get, the target gets. `make` alone says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

TOOLS := infra/local/node_modules
WEB := functions/site/web
VENV := .local/venv
CHECKS := .local/checkov
FUNCTIONS := $(notdir $(patsubst %/,%,$(dir $(wildcard functions/*/main.go))))
GOSEC := go run github.com/securego/gosec/v2/cmd/gosec@v2.30.0
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0
GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
CFN_LINT := cfn-lint==1.58.0
CHECKOV := checkov==3.3.30
MINISTACK := ministack==1.5.33
CRYPTOGRAPHY := cryptography==50.0.2
SCHEMATHESIS := schemathesis==4.32.5

# One set of flags for binaries and tests, so that what they share is compiled
# once: static, and aws-lambda-go without what only its old runtime needs.
export CGO_ENABLED := 0
export GOFLAGS := -tags=lambda.norpc -buildvcs=false
export CHROMIUM ?= $(shell command -v chromium-headless-shell || command -v chromium)
BUILD := go build -ldflags '-s -w'
# Tools that need a newer Node than the machine's find npm's own.
WITH_NODE := PATH="$(CURDIR)/$(TOOLS)/.bin:$$PATH"

##@ Every day
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Run everything on this machine: http://127.0.0.1:8080/b/demo/intro
	@exec .build/local -follow

# What is tried every day is one way through everything in a browser, in Japanese, and of
# the promise what is not a table of every fault and kill.
BROWSED := --grep @daily --grep-invert ' en '
THOROUGH := ^Test(Histories|RandomHistories.*|EveryFault.*|AfterAKillAtAnyCall.*|ACancelledBookingIsNowhereWhateverFails|ACalendarFollowsTheMails.*)$$
test-all: BROWSED :=
test-all: THOROUGH := ^$$
test test-all: build browser $(VENV)/.stamp $(CHECKS)/.stamp
	$(WITH_NODE) npm test --prefix $(WEB)
	$(WITH_NODE) npm run --prefix $(WEB) e2e -- $(BROWSED)
	@# A developer's .env may name real clients: no test must find it.
	$(WITH_NODE) ENV_FILE=/dev/null go test -short -skip '$(THOROUGH)' -timeout 30m $$(go list ./... | grep -v '/infra/promise$$')
	@# Each of these starts a system, and waits most of its time. Go does not know which
	@# binaries that is made of: a result that it kept says nothing.
	$(WITH_NODE) ENV_FILE=/dev/null go test -short -skip '$(THOROUGH)' -count 1 -parallel 4 -timeout 30m ./infra/promise
test: ## Run the tests of every day, in some five minutes
test-all: ## Run every test; of what `make prove` runs whole, a sample

# What measures runs alone. What computes runs behind what waits for answers, and must not
# keep those waiting.
PROVE = $(WITH_NODE) ENV_FILE=/dev/null PROOF_DIR=$(CURDIR)/.local/proof go test -count 1 -timeout 40m
MEASURED := ^Test(OfAThousandGuestsAtOnceOneBooks|ARushOverManySlotsOverbooksNothing|TwiceItsCapacityIsTurnedAwayAndLeavesNoTrace)$$
prove: build browser $(VENV)/.provers ## Run what takes long (some 20 minutes), and write infra/PROOF.md
	rm -rf .local/proof
	$(PROVE) ./infra/promise -run '$(MEASURED)'
	$(MAKE) -j2 prove-promise prove-orders
	PROOF_DIR=$(CURDIR)/.local/proof $(MAKE) fuzz FUZZ_AT_ONCE=13
	go run ./infra/proof/page .local/proof infra/PROOF.md

prove-promise:
	$(PROVE) -parallel 5 ./infra/promise -skip '$(MEASURED)'

prove-orders:
	$(subst go test,nice -n 19 go test,$(PROVE)) -p 2 ./infra/promise/model ./infra/promise/history

build: $(TOOLS)/.stamp web ## Build the functions and the local run
	@mkdir -p .build/bin
	$(BUILD) -o .build/bin/ $(addprefix ./functions/,$(FUNCTIONS))
	@for f in $(FUNCTIONS); do mkdir -p .build/$$f && ln -f .build/bin/$$f .build/$$f/bootstrap; done
	@go build -o .build/local ./infra/local

lint: $(TOOLS)/.stamp web ## Look for mistakes that compile
	$(GOLANGCI_LINT) run ./...

fmt: ## Format the Go code
	gofmt -w $$(git ls-files --cached --others --exclude-standard '*.go')

screens: build browser ## Write a picture of each screen to .local/screens/
	$(WITH_NODE) npm run --prefix $(WEB) screens

# Counts and ratios may not grow by a fifth beyond infra/bench/baseline.json.
BENCH ?=
bench: build browser ## Measure what DESIGN §9 sets targets for; what is meant to change: BENCH=-accept
	ENV_FILE=/dev/null go run ./infra/bench $(BENCH)
	@$(MAKE) lighthouse

lighthouse: build browser ## Lighthouse's scores of the booking page, where it and a browser are to be had
	@$(WITH_NODE) npm run --prefix $(WEB) lighthouse || echo 'Lighthouse did not run: its figures are not known here.'

# What stands in an account is counted in the templates.
COST ?=
cost: build build-arm ## Compute what bookings cost on AWS, and write infra/COST.md: COST='-views=20'
	@rm -rf .build/cost
	$(WITH_NODE) cdk synth --quiet --output .build/cost -c stage=prod -c sender='Yakusoku <no-reply@example.com>' >/dev/null
	ENV_FILE=/dev/null go run ./infra/cost $(COST)

FUZZ_TIME ?= 60s
FUZZ_AT_ONCE ?= 2
fuzz: web ## Fuzz every decoder of what comes from outside, for FUZZ_TIME=60s each
	@FUZZ_TIME='$(FUZZ_TIME)' go test ./infra/proof -run '^TestNothingIsFoundByFuzzingEveryDecoder$$' \
		-parallel $(FUZZ_AT_ONCE) -count 1 -timeout 0 -v

# G101 takes names and texts for secrets. What is not deployed opens the files, and
# starts the programs, that it is told to.
audit: web ## Look for weaknesses: in the code, and in what it depends on
	$(GOSEC) -quiet -tags lambda.norpc -exclude G101 ./functions/... ./shared/... ./infra ./infra/function
	@# Its database may be out of reach: then what could be newer is for people to look at.
	@said=$$($(GOVULNCHECK) ./functions/... ./infra ./shared/... 2>&1) && echo "$$said" || case "$$said" in \
		*'fetching vulnerabilities'*) \
			echo 'govulncheck could not ask; direct dependencies with something newer:'; \
			go list -m -f '{{if not (or .Indirect .Main)}}{{.Path}}{{end}}' all | \
				xargs go list -m -u -f '{{if .Update}}{{.Path}} {{.Version}} -> {{.Update.Version}}{{end}}' ;; \
		*) echo "$$said"; exit 1 ;; esac

##@ On AWS
build-arm: web ## Build the functions for Lambda (arm64)
	@mkdir -p .build/arm64/bin
	GOOS=linux GOARCH=arm64 $(BUILD) -trimpath -o .build/arm64/bin/ $(addprefix ./functions/,$(FUNCTIONS))
	@for f in $(FUNCTIONS); do mkdir -p .build/arm64/$$f && ln -f .build/arm64/bin/$$f .build/arm64/$$f/bootstrap; done

# The same template, by the same commands, to an AWS that a Python program emulates. It
# runs the functions itself, as they are built for this machine.
HERE := .build/$(subst aarch64,arm64,$(shell uname -m))
DEPLOYED := ^Test(TheDeployedStackKeepsThePromise|AnUpgradeFromTheLastReleaseLosesNothing)$$
deploy-local: build ## Deploy to an AWS emulated on this machine, book there, and upgrade from the last release
	@if [ "$$(uname -s)" != Linux ]; then \
		echo 'Not tried: the emulator of AWS runs the functions as Lambda would, on Linux.'; exit 0; fi; \
	if ! $(MAKE) $(VENV)/.emulator; then \
		echo 'Not tried: the emulator of AWS needs Python 3 with venv, and PyPI.'; exit 0; fi; \
	for f in $(FUNCTIONS); do mkdir -p $(HERE)/$$f && ln -f .build/bin/$$f $(HERE)/$$f/bootstrap; done; \
	$(WITH_NODE) ENV_FILE=/dev/null DEPLOY_LOCAL_DIR=$(CURDIR)/.local/deployed \
		go test ./infra/promise -run '$(DEPLOYED)' -v -count 1 -timeout 20m && \
	rm -rf .local/deployed # who looks for what went wrong finds it there

# What upgrades are tried from, once this is what people run.
release: $(TOOLS)/.stamp ## Keep the templates of this version as the last release's
	$(WITH_NODE) cdk synth --quiet --output .build/release -c stage=prod -c sender='Yakusoku <no-reply@example.com>'
	go run ./infra/promise/release/keep .build/release

# What is not named here is as cdk.json has it under context; CONTEXT='-c atOnce=true' is
# for what has no name here.
SETTINGS = $(CONTEXT) $(if $(STAGE),-c stage='$(STAGE)') $(if $(SENDER),-c sender='$(SENDER)') $(if $(ALARMS),-c alarms='$(ALARMS)') \
	$(if $(RESTART),-c restart='$(RESTART)') $(if $(DOMAIN),-c domain='$(DOMAIN)') $(if $(CERTIFICATE),-c certificate='$(CERTIFICATE)')
deploy: build-arm $(TOOLS)/.stamp ## Deploy with your AWS credentials: STAGE=prod SENDER='Name <address>' ALARMS=address DOMAIN=name CERTIFICATE=arn CONTEXT='-c …'
	$(WITH_NODE) cdk deploy --all --outputs-file .build/outputs.json $(SETTINGS)
	@echo; echo 'What is left to you:'
	@$(WITH_NODE) node -e 'const all = require("./.build/outputs.json"); const said = all[Object.keys(all).find((n) => n.endsWith("-app"))]; for (const name of Object.keys(said).filter((n) => n.startsWith("Next")).sort()) console.log(name.slice(4, 5) + ". " + said[name]);'

##@ Now and then
clean: ## Remove what was built and fetched; .local/ (the data) stays
	rm -rf .build cdk.out $(TOOLS) $(WEB)/node_modules

# npm 10 does not link the Node that it has just installed; npm 11 does. No
# install script runs: nothing here needs one.
$(TOOLS)/.stamp: infra/local/package.json infra/local/package-lock.json
	npm ci --prefix infra/local --ignore-scripts --no-audit --no-fund --loglevel=error
	@for node in $(TOOLS)/node-*/bin/node; do \
		if [ -x "$$node" ]; then ln -sf "../$${node#$(TOOLS)/}" $(TOOLS)/.bin/node; fi; done
	@touch $@

# The web app is part of the site function's binary.
web: $(if $(wildcard $(WEB)/package.json),.build/web.stamp)

.build/web.stamp: $(TOOLS)/.stamp $(shell find $(WEB) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
	$(WITH_NODE) npm ci --prefix $(WEB) --no-audit --no-fund --loglevel=error
	$(WITH_NODE) npm run --prefix $(WEB) build
	@mkdir -p .build && touch $@

# A browser and Japanese glyphs for the tests that look at pages: Chromium without
# windows, which does the same in half the time, or else Chromium.
browser:
	@if [ -n "$(CHROMIUM)" ] && ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-noto-cjk chromium-headless-shell >/dev/null || \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-noto-cjk chromium >/dev/null; \
	elif [ -z "$(CHROMIUM)" ]; then \
		echo 'The browser tests need "chromium-headless-shell" or "chromium" on the PATH, and a Japanese font such as fonts-noto-cjk.' >&2; exit 1; \
	fi

# cfn-lint reads the synthesized template; it is a Python program.
$(VENV)/.stamp: Makefile
	@if ! python3 -m venv --help >/dev/null 2>&1 || ! python3 -c 'import ensurepip' 2>/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv >/dev/null; \
		else echo 'cfn-lint needs Python 3 with its venv module.' >&2; exit 1; fi; fi
	python3 -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check '$(CFN_LINT)'
	@touch $@

# checkov reads it too, with many dependencies of its own.
$(CHECKS)/.stamp: $(VENV)/.stamp
	python3 -m venv --clear $(CHECKS)
	$(CHECKS)/bin/pip install --quiet --disable-pip-version-check '$(CHECKOV)'
	@touch $@

# An AWS, and who asks what an OpenAPI document allows: Python programs too. The AWS
# signs and verifies tokens only with cryptography.
$(VENV)/.emulator: $(VENV)/.stamp
	$(VENV)/bin/pip install --quiet --disable-pip-version-check '$(MINISTACK)' '$(CRYPTOGRAPHY)'
	@touch $@

$(VENV)/.provers: $(VENV)/.emulator
	$(VENV)/bin/pip install --quiet --disable-pip-version-check '$(SCHEMATHESIS)'
	@touch $@

.PHONY: help run test test-all prove prove-promise prove-orders build lint fmt screens bench lighthouse cost fuzz audit build-arm deploy-local release deploy clean web browser
