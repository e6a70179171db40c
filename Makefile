# `make` lists what there is to do. Everything installs what it needs first; only Python 3.11, git and make are assumed.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo demo-reset walkthrough test trials lint format bench lock

help:  ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run-env:
	@$(PYTHON) scripts/bootstrap.py run

dev-env:
	@$(PYTHON) scripts/bootstrap.py dev

demo: run-env  ## Start it all on this machine: portal, System Console, Stripe simulator, worker
	@exec $(BIN)/python -m demo

demo-reset:  ## Forget the demo's data
	@$(PYTHON) demo/reset.py

walkthrough: dev-env  ## Play every procedure in a browser on a fresh demo, with pictures
	@$(BIN)/python scripts/services.py --chromium -- $(BIN)/python -m demo.walkthrough

test: dev-env  ## Format, lint, walls, types, and every test on SQLite and PostgreSQL
	@$(BIN)/python scripts/test.py $(ONLY)

trials: dev-env  ## The long trials of what the tests try in short, and their table; TRIAL=kill runs one alone
	@$(BIN)/python scripts/services.py --postgres --chromium -- $(BIN)/python -m tests.trials $(TRIAL)

lint: dev-env  ## Format, lint, walls and types alone
	@$(BIN)/python scripts/test.py lint

format: dev-env  ## Put the code into its format
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: dev-env  ## Measure: each figure a ratio against a floor of the same run
	@$(BIN)/python -m bench

lock: dev-env  ## Lock the dependencies anew (scripts/lock --upgrade takes newer ones)
	@scripts/lock
