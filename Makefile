# Penumbra: `make demo` shows the main job, `make test` proves it. Both set up all they need.
# Another Python: PY=/path/to/python3.12. Two runs of make at once are safe: setting up is done once.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# Tests start many processes of ours: what a module compiles to is kept, wherever the machine says not to.
export PYTHONDONTWRITEBYTECODE :=
PY ?= python3
BIN := .venv/bin
UV := .tools/bin/uv
STAMP := .venv/.installed
# Held while a recipe sets something up, where the machine has flock (macOS has not).
LOCK := exec 9>.make.lock; if command -v flock >/dev/null; then flock 9; fi
COMPILE := $(UV) pip compile -q --no-managed-python --python $(PY) --universal --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

.PHONY: help setup demo test check bench screenshots format lock clean
help:           ## this list
	@awk -F ':[^#]*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

$(UV):
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo 'Penumbra needs Python 3.11 or newer: install it, or say where it is: make PY=/path/to/python3.11 …' >&2; exit 1; }
	@$(PY) -c 'import venv, ensurepip' 2>/dev/null || { echo 'This Python cannot make virtual environments: on Debian or Ubuntu run: apt-get install python3-venv' >&2; exit 1; }
	@$(LOCK); [ -x $@ ] || { $(PY) -m venv --clear .tools; .tools/bin/python -m pip install -q --disable-pip-version-check uv; }

$(STAMP): requirements.lock pyproject.toml | $(UV)
	@$(LOCK); \
	[ -x $(BIN)/python ] || $(UV) venv -q --clear --no-managed-python --python $(PY) .venv; \
	$(UV) pip sync -q --compile-bytecode --no-managed-python --python $(BIN)/python --require-hashes requirements.lock; \
	$(UV) pip install -q --no-managed-python --python $(BIN)/python --no-deps -e .; \
	touch $@

setup: $(STAMP) ## install what the project needs into .venv

demo: setup     ## the main job on a simulated company, then pages and API (ONCE=1 to exit then, PORT=8400)
	@$(BIN)/penumbra demo $(if $(filter 1 yes true,$(ONCE)),--once) $(if $(PORT),--port $(PORT))

test: setup     ## every test, on SQLite and PostgreSQL and in a browser (ARGS='-k okta' for some)
	@.ci/prepare
	@$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

check: setup    ## lint, format, types, import contracts, migrations against the models
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.support.check_migrations

bench: setup    ## speed, side by side with plain code in one run (ARGS for its options)
	@$(BIN)/python -m tests.bench $(ARGS)

screenshots: setup ## the pictures in README and docs, taken anew of the demo (ARGS='home review' for some, --help)
	@.ci/prepare
	@$(BIN)/python -m tests.support.screenshots $(ARGS)

format: setup   ## write code the way `make check` wants it
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(UV)     ## renew the locks: for development, for running (same versions), for building the package
	@$(COMPILE) --upgrade --group dev pyproject.toml -o requirements.lock
	@$(COMPILE) --upgrade -c requirements.lock pyproject.toml -o requirements.runtime.lock
	@sed -n '/^\[build-system\]/,/^\[project\]/s/^requires = \["\(.*\)"\]$$/\1/p' pyproject.toml \
		| $(COMPILE) --upgrade -c requirements.lock - -o requirements.build.lock

clean:          ## remove what setup made
	@rm -rf .venv .tools .make.lock
