# `make` prints this help. Every goal brings what it needs and does nothing twice.
.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup services services-down lab test proof check format lock clean distclean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# A name of its own for the interpreter where `python3.11` is not on the path (pyenv, conda).
$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null 2>&1 && "$(PYTHON)" -c '' 2>/dev/null && "$(PYTHON)" -m venv $(VENV) \
	  || python3 -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "Python 3.11 is needed, found $$($(BIN)/python --version). Install it, then run:  make distclean setup PYTHON=/path/to/python3.11"; rm -rf $(VENV); exit 1; }

$(READY): locks/bootstrap.txt locks/python.txt pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) from locks/python.txt ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r locks/bootstrap.txt
	@$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r locks/python.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(READY)

setup: $(READY) ## Virtual environment, jars and LocalStack, from the locks (resumes if cut off)
	@$(BIN)/gridbridge setup

services: setup ## Start Kafka, LocalStack (S3) and PostgreSQL and show a table
	@$(BIN)/gridbridge services up

services-down: $(READY) ## Stop exactly the services that `make services` started
	@$(BIN)/gridbridge services down

lab: services ## Open JupyterLab (127.0.0.1, token on)
	@$(BIN)/jupyter lab --ServerApp.ip=127.0.0.1 --ServerApp.root_dir=.

test: setup ## Format, lint, types, layers, then all tests on real services
	@$(MAKE) --no-print-directory check
	@$(BIN)/pytest -q

check: $(READY) ## Format, lint, types and layers only
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

proof: $(READY) ## What takes longer than `make test` (nothing yet)
	@echo "No long proofs exist yet."

format: $(READY) ## Format and mend what ruff can mend
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: $(READY) ## Resolve the direct dependencies of pyproject.toml again
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o locks/python.txt

clean: ## Tell the disk used and delete what tools left behind (not .venv, .cache or work)
	@du -sh .venv .cache work 2>/dev/null || true
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find helpers tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Delete the environment and the cache too; `work/` stays
	@rm -rf .venv .cache *.egg-info
