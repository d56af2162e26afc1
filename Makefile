# The commands of the house. Nothing needs to be installed by hand but python3 (3.11 or newer) and make.
# `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps

.DEFAULT_GOAL := help
.PHONY: help demo test check chaos soak bench lock clean

help: ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 12

demo: $(STAMPS)/core ## install what the server needs and open the demo at http://127.0.0.1:8420
	@$(BIN)/leitstand demo $(ARGS)

test: $(STAMPS)/dev ## run the whole suite (as root on Debian: installs Chromium, nginx and strace when they are missing)
	@tools/install.sh system
	@$(BIN)/python tools/run_tests.py $(ARGS)

check: $(STAMPS)/dev ## linter, formatter, strict types, import contracts, sizes, size of the installation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q tests/architecture
	$(BIN)/python tools/reference.py --check
	$(BIN)/python tools/install_size.py

chaos: $(STAMPS)/dev ## 20,000 cases, 500 kills, 100 freezes on STORE=sqlite or postgres; ledgers outside Leitstand decide
	@$(BIN)/python -m tests.chaos --store $(or $(STORE),sqlite) $(ARGS)

soak: $(STAMPS)/dev ## MINUTES=30 at half load with faults on STORE=postgres or sqlite; memory, files, connections and tasks must not grow
	@$(BIN)/python -m tests.soak --store $(or $(STORE),postgres) --minutes $(or $(MINUTES),30) $(ARGS)

bench: $(STAMPS)/dev ## the goals beside other programs, speed of the parts, quality of retrieval; QUALITY=FOLDER with labelled data adds the checks
	$(BIN)/python -m bench.goals $(ARGS)
	$(BIN)/python -m bench.engine
	$(BIN)/python -m bench.chain
	$(BIN)/python -m bench.start
	$(BIN)/python bench/steps.py $(if $(QUALITY),$(QUALITY)/retrieval)
	$(BIN)/python bench/store.py
	$(BIN)/python bench/drivers.py
	$(BIN)/python bench/backfill.py
	$(BIN)/python bench/retrieval.py $(or $(QUALITY),tests/data)/retrieval
	$(if $(QUALITY),$(BIN)/python bench/guards.py $(QUALITY))

lock: $(STAMPS)/dev ## write both locks again with the newest versions that pyproject.toml allows
	@tools/install.sh lock

clean: ## remove the environment and everything that tools leave behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache out

$(STAMPS)/core: requirements.lock requirements-build.lock pyproject.toml tools/install.sh
	@PYTHON=$(PYTHON) tools/install.sh core

$(STAMPS)/dev: requirements-dev.lock pyproject.toml tools/install.sh
	@PYTHON=$(PYTHON) tools/install.sh dev
