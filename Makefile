# Understudy: `make` lists what can be done. Everything is done by local/understudy.py; these are its names.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo local stop task logs test bench lint format clean

PYTHON ?= python3
export STACK PORT PROVIDER_PORT PARAMS COMETAPI_BASE_URL COMETAPI_API_KEY ID

run = @command -v $(PYTHON) >/dev/null 2>&1 || { echo 'understudy: Python was not found: install Python 3.11 or later, so that `python3` is on the PATH.' >&2; exit 1; }; exec $(PYTHON) local/understudy.py

help: ## list these commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  STACK=name PORT=4570           another stack beside the first (demo, local, stop, task, logs)'
	@echo '  PARAMS="Name=value …"          settings of docs/configuration.md (demo, local)'
	@echo '  COMETAPI_BASE_URL=… COMETAPI_API_KEY=…   another provider than the simulated one (demo, local)'

demo: ## set everything up, render one performance from an upload to an MP4, and end it all
	$(run) demo

local: ## the same stack, left running
	$(run) local

stop: ## end what `make local` started
	$(run) stop

task: ## where is my shot? ID=<task id>
	$(run) task

logs: ## what the functions logged lately
	$(run) logs

test: ## everything that is checked: unit tests, quality, template, state machine, and the whole on the local AWS
	$(run) test

bench: ## measure what docs/performance.md claims, and write that page
	$(run) bench

lint: ## the quick part of `make test`: formatting, template and state machine
	$(run) lint

format: ## format the Java sources
	$(run) format

clean: ## remove what was built here (not the tools in the user's cache)
	rm -rf target simulator/target .aws-sam
