# Every target does its own set-up: the virtual environment, the pinned packages, and for the tests the Debian packages.
.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
# A stamp carries the hash of what was installed, so that a changed lock file is noticed whatever its date.
RUN_STAMP := $(VENV)/.run-$(shell cat requirements.txt pyproject.toml | sha256sum | cut -c1-16)
DEV_STAMP := $(VENV)/.dev-$(shell cat requirements-dev.txt pyproject.toml | sha256sum | cut -c1-16)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
# The tests start many small databases and directories: where memory can hold their files, they do not wait for the disk.
MEMORY := $(shell df --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 6000000 {print "TMPDIR=/dev/shm"}')
# They also start the command many times, which takes twice as long where Python may not keep what it compiled.
TESTS := $(MEMORY) PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist worksteal --ignore=tests/benchmarks
PROJECT := $(PIP) install --no-deps --no-index --no-build-isolation --editable .

.PHONY: help
help: ## Show what can be typed
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(RUN_STAMP) ## Start the service with a demonstration office and print its address, people and first passwords
	@exec $(BIN)/provisioner serve --demo

.PHONY: test
test: packages lint ## Check and test everything, with real servers and a real browser
	$(TESTS)

.PHONY: quick
quick: $(DEV_STAMP) ## The tests of the core and the pages on SQLite alone, for while one works on them
	$(TESTS) --store sqlite tests/provisioner tests/web

.PHONY: coverage
coverage: packages $(DEV_STAMP) ## The same tests, counting which branches they take (half as long again)
	$(TESTS) --cov --cov-report=term:skip-covered

.PHONY: bench
bench: packages $(DEV_STAMP) ## Measure; the figures stand in docs/performance.md
	$(BIN)/pytest tests/benchmarks -s --timeout 0

.PHONY: chaos
chaos: $(DEV_STAMP) ## Let calls to a system go wrong by lot, for some minutes; a failure prints the seed that repeats it
	CHAOS_SEED=$${CHAOS_SEED:-$$RANDOM} CHAOS_ROUNDS=$${CHAOS_ROUNDS:-200} $(BIN)/pytest --timeout 0 tests/faults/test_chaos.py

.PHONY: faults
faults: packages $(DEV_STAMP) ## Break machines, servers and networks again and again while people approve (as root; half an hour or more)
	FAULTS_SEED=$${FAULTS_SEED:-$$RANDOM} FAULTS_REQUESTS=$${FAULTS_REQUESTS:-500} $(MEMORY) PYTHONDONTWRITEBYTECODE= \
		$(BIN)/pytest --timeout 3600 tests/faults/test_many_processes.py

.PHONY: lint
lint: $(DEV_STAMP) ## Check style and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: format
format: $(DEV_STAMP) ## Put the code into the project's style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: deb
deb: | $(BIN)/python ## Build the Debian package: dist/siak-provisioner_VERSION_ARCHITECTURE.deb (some minutes)
	@package/build

.PHONY: package-test
package-test: deb ## Install, run, upgrade and remove it on a bare Debian without a network (as root; some minutes)
	@package/try && package/try-many

.PHONY: docs
docs: $(RUN_STAMP) ## Write docs/settings.md and docs/connectors.md from the settings themselves
	$(BIN)/python -m provisioner.settings.page > docs/settings.md
	$(BIN)/python -m provisioner.settings.page connectors > docs/connectors.md

.PHONY: lock
lock: ## Pin every package anew with its hashes (needs uv)
	uv pip compile --quiet --generate-hashes --universal --no-strip-extras --no-header --python-version 3.11 --upgrade \
		pyproject.toml --group build -o requirements.txt
	uv pip compile --quiet --generate-hashes --universal --no-strip-extras --no-header --python-version 3.11 --constraint requirements.txt \
		--upgrade pyproject.toml --group build --group dev -o requirements-dev.txt

.PHONY: packages
packages:
	@.ci/debian-packages

$(BIN)/python:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed." >&2; exit 2; }
	@python3 -m venv $(VENV) || { echo "Type: sudo apt-get install python3-venv" >&2; rm -rf $(VENV); exit 2; }

$(RUN_STAMP): | $(BIN)/python
	@echo "Installing the pinned packages into $(VENV) (about a minute the first time) ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PROJECT)
	@rm -f $(VENV)/.run-*; touch $@

$(DEV_STAMP): | $(BIN)/python
	@echo "Installing the pinned packages for development into $(VENV) (about a minute the first time) ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@$(PROJECT)
	@rm -f $(VENV)/.dev-*; touch $@
