# Penumbra: `make demo` shows the main job, `make test` proves it. Both set up all they need.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PY ?= python3
BIN := .venv/bin
UV := .tools/bin/uv
STAMP := .venv/.installed

.PHONY: help setup demo test check bench format lock clean
help:           ## this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | column -ts $$'\t'

$(UV):
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Penumbra needs Python 3.11 or newer: set PY=/path/to/python3.11'; exit 1; }
	@$(PY) -c 'import venv, ensurepip' 2>/dev/null || { echo 'Python has no venv module: on Debian or Ubuntu run: apt-get install python3-venv'; exit 1; }
	@$(PY) -m venv .tools
	@.tools/bin/python -m pip install -q --disable-pip-version-check uv

$(STAMP): requirements.lock pyproject.toml | $(UV)
	@[ -x $(BIN)/python ] || $(UV) venv -q --no-managed-python --python $(PY) .venv
	@$(UV) pip sync -q --no-managed-python --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install -q --no-managed-python --python $(BIN)/python --no-deps -e .
	@touch $@

setup: $(STAMP) ## install what the project needs into .venv

demo: setup     ## the main job: start the simulated vendors, scan every source, show what was found, serve it (ONCE=1 to exit)
	@$(BIN)/penumbra demo $(if $(filter 1,$(ONCE)),--once)

test: setup     ## every test, on SQLite and PostgreSQL and in a browser
	@.ci/prepare
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

check: setup    ## lint, format, types, import contracts, migrations against the models
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.support.check_migrations

bench: setup    ## speed, side by side with plain code in one run
	@$(BIN)/python -m tests.bench $(ARGS)

format: setup   ## write code the way `make check` wants it
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(UV)     ## renew requirements.lock
	@$(UV) pip compile -q --no-managed-python --universal --generate-hashes --group dev pyproject.toml -o requirements.lock --no-header --no-annotate --no-emit-index-url --upgrade

clean:          ## remove what setup made
	@rm -rf .venv .tools
