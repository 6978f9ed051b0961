# Understudy: `make` lists what can be done. Everything is done by local/understudy.py; these are its names.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo local stop task stuck logs token limits tokens revoke names evidence restore smoke sam-local test simulate mutants mutation chaos bench lint lint-bites package format clean

PYTHON ?= python3
export STACK PORT PROVIDER_PORT PROVIDER_HOST PARAMS COMETAPI_BASE_URL COMETAPI_API_KEY ID SEEDS SEED MUTANT ORDERS TENANT CAP INFLIGHT ADMIN TOKEN AWS FUNCTION EVENT DEBUG DAY KEYNAME YES CHARACTER REFERENCE HOURS FROM

run = @command -v $(PYTHON) >/dev/null 2>&1 || { echo 'understudy: Python was not found: install Python 3.11 or later, so that `python3` is on the PATH.' >&2; exit 1; }; exec $(PYTHON) local/understudy.py

help: ## list these commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  STACK=name PORT=4570           another stack beside the first (demo, local, stop, task, stuck, logs, token, limits, tokens, revoke, evidence, restore, smoke)'
	@echo '  AWS=1                          the stack of that name in the AWS account this shell is set up for (task, stuck, token, limits, tokens, revoke, names, evidence, restore, smoke)'
	@echo '  AWS_ENDPOINT_URL=http://…      a local AWS that runs already, such as LocalStack, and not one of ours (demo, local)'
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

stuck: ## what does not get on by itself, and where it stands what to do about it
	$(run) stuck

logs: ## what the functions logged lately
	$(run) logs

token: ## a new token for the API, shown once. TENANT=<name> [CAP=<dollars a month>|none] [INFLIGHT=<tasks>|none] [ADMIN=1]
	$(run) token

limits: ## set limits of a tenant without a new token. TENANT=<name> [CAP=…] [INFLIGHT=…]
	$(run) limits

tokens: ## names, tenants and limits, never a token. [TENANT=<name>]
	$(run) tokens

names: ## the names of a stack on AWS, as variables for integration tests. AWS=1 [STACK=…]
	$(run) names

revoke: ## take a token away, within a minute. TOKEN=<its name>
	$(run) revoke

sam-local: ## with Docker: every function in `sam local`, and Runway's SDK at `sam local start-api`. [FUNCTION=<one> [EVENT=events/…] [ID=<task id>] [DEBUG=<port>], after `make local`]
	$(run) sam-local

evidence: ## what was sent on a day beside the provider's own count, to decide about an unknown submission. [DAY=2026-11-21] [KEYNAME=…]
	$(run) evidence

restore: ## puts what the table has lost back from a table that a backup was restored to. FROM=<that table>
	$(run) restore

smoke: ## one real performance, which is paid: what of the provider's contract is open is answered in a report. [YES=1] [HOURS=<to watch the output's address>]
	$(run) smoke

test: ## everything that is checked: unit tests, quality, template, state machine, and the whole on the local AWS
	$(run) test

simulate: ## the whole product on a virtual clock with everything going wrong. [SEEDS=20000] [SEED=<one, with its trace>]
	$(run) simulate

mutants: ## what the simulation catches: realistic mistakes, and the seeds it takes to see each. [MUTANT=<part of a name>]
	$(run) mutants

mutation: ## what the unit tests catch: every small change of the rules that money depends on (PIT), at least 90 % of them
	$(run) mutation

chaos: ## many orders on the local AWS while 5 % of everything fails and functions are killed at every call; then the books are compared. [ORDERS=200] [SEED=…]
	$(run) chaos

bench: ## measure what docs/performance.md claims, and write that page
	$(run) bench

lint: ## what reads the project without running it: template, state machine, names, secrets, scripts, libraries, Java
	$(run) lint

lint-bites: ## ten mistakes, one at a time in a copy: the check that must catch it is red, and green without it
	$(run) lint-bites

package: ## a folder, and a zip of it, that deploys with SAM CLI alone: target/package
	$(run) package

format: ## format the Java sources
	$(run) format

clean: ## remove what was built here (not the tools in the user's cache)
	rm -rf target simulator/target .aws-sam
