# Podrška. `make demo` to try it, `make test` to test it; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-deps check bench lock messages docs format clean
.DEFAULT_GOAL := help

help:
	@echo "make demo       the desk on this machine, no account needed: one page to try it on"
	@echo 'make test       the tests (ARGS="..." is handed to pytest)'
	@echo "make test-deps  installs what only some tests need (Debian packages; asks for root)"
	@echo "make check      lint, types, architecture, documents and every test; fails if a test had to be left out"
	@echo "make bench      speed, as ratios measured in one run"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Podrška needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment here; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)
	$(BIN)/podrska demo

test: $(READY)
	$(BIN)/python -m pytest -n auto $(ARGS)

test-deps:
	sh tests/install-deps

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	REQUIRE_SERVERS=1 $(MAKE) --no-print-directory test

bench: $(READY)
	$(BIN)/podrska bench

lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --group dev --no-emit-index-url --no-header pyproject.toml -o requirements.lock

messages: $(READY)
	$(BIN)/python -m locales.compile

docs: $(READY)
	$(BIN)/python -m docs.generate

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
