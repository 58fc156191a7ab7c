# Podrška. `make demo` to try it, `make test` to test it; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-deps check faults simulate bench lock messages docs format clean
.DEFAULT_GOAL := help

help:
	@echo "make demo       the desk on this machine, no account needed: one page to try it on"
	@echo 'make test       the tests (ARGS="..." is handed to pytest)'
	@echo "make test-deps  installs what only some tests need (Debian packages; asks for root)"
	@echo "make check      lint, types, architecture, documents and every test; fails if a test had to be left out"
	@echo "make faults     kills and failing platforms, at random (KILLS=n that many, SEED=k one run again)"
	@echo "make simulate   the same in virtual time, thousands of times faster (SEEDS=n, SEED=k likewise)"
	@echo "make bench      speed, as ratios measured in one run"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Podrška needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment here; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Setting up, once; this takes about half a minute."
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $(READY)

$(READY_DEV): $(READY) requirements-dev.lock
	@echo "Setting up the tests, once; this takes about half a minute."
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $(READY_DEV)

demo: $(READY)
	$(BIN)/podrska demo

test: $(READY_DEV)
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

test-deps:
	sh tests/install-deps

check: $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	REQUIRE_SERVERS=1 $(MAKE) --no-print-directory test

simulate: $(READY)
	$(BIN)/python -m bots.simulation.check $(foreach name,SEEDS SEED,$(if $($(name)),$(name)=$($(name))))

faults: $(READY_DEV)
	$(BIN)/python -m tests.faults.campaign $(foreach name,KILLS START SEED PEOPLE AROUND JOBS,$(if $($(name)),$(name)=$($(name))))

bench: $(READY)
	$(BIN)/podrska bench

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --no-emit-index-url --no-header

lock: $(READY)
	$(PIP) uv
	$(LOCK) --group build pyproject.toml -o requirements.lock
	$(LOCK) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

messages: $(READY_DEV)
	$(BIN)/python -m locales.compile

docs: $(READY_DEV)
	$(BIN)/python -m docs.generate

format: $(READY_DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
