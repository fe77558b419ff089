# `make` prints this help. Every goal brings what it needs and does nothing twice.
.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Options of `gridbridge pipeline run`, as in: make pipeline ARGS="--recordings small"
ARGS ?=
# Two names, as in: make lab PAIR="Ada & Edgar"
PAIR ?=
# Tests run in so many processes, each with services and a Spark of its own (about 4 GB).
JOBS ?= 2
# `make proof` runs all proofs of the lessons, and of other files every so manieth, chosen by the commit: 1 = all.
SHARE ?= 1
PYTEST = $(BIN)/pytest -q -n $(JOBS) --dist loadgroup --no-loadscope-reorder
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --no-header -q

.DELETE_ON_ERROR:
.PHONY: help setup pipeline services services-down lab doctor test proof bench lint check format lock clean distclean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# PYTHON is for where `python3.11` is not on the path (pyenv, conda). An environment without pip was cut off in the
# making (python comes first, pip last), so it is made anew.
$(VENV)/bin/pip:
	@python="$(PYTHON)"; "$$python" -c '' 2>/dev/null || python=python3; \
	"$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	  || { found=$$("$$python" --version 2>/dev/null); \
	    echo "Python 3.11 is needed, found $${found:-none}. Install it, then run:  make distclean setup PYTHON=/path/to/python3.11"; exit 1; }; \
	"$$python" -c 'import ensurepip' 2>/dev/null \
	  || { echo "$$python has no ensurepip, which makes environments. Run:  apt install python3.11-venv  and then:  make setup"; exit 1; }; \
	said=$$("$$python" -m venv --clear $(VENV) 2>&1) \
	  || { echo "$(VENV) could not be made: $$(tail -n 1 <<< "$$said"). Mend that, then run:  make setup"; exit 1; }

# Not order-only: what was installed went with the environment that was made anew.
$(READY): locks/bootstrap.txt locks/python.txt pyproject.toml $(VENV)/bin/pip
	@echo "Setting up $(VENV) from locks/python.txt ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r locks/bootstrap.txt
	@$(BIN)/uv pip install --python $(BIN)/python --compile-bytecode --require-hashes -r locks/python.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q helpers
	@touch $(READY)

setup: $(READY) ## Virtual environment, jars, LocalStack and class archives (resumes if cut off)
	@$(BIN)/gridbridge setup

pipeline: setup ## Run the pipeline notebook on real services (KEEP=1 leaves them up; ARGS="--recordings small")
	@$(BIN)/gridbridge pipeline run $(if $(filter-out 0,$(KEEP)),--keep) $(ARGS)

services: setup ## Start Kafka, LocalStack (S3) and PostgreSQL and show a table
	@$(BIN)/gridbridge services up

services-down: $(READY) ## Stop exactly the services that `make services` started
	@$(BIN)/gridbridge services down

lab: services ## Open JupyterLab at the map of lessons (127.0.0.1, token on); for two: PAIR="Ada & Edgar"
	@$(BIN)/gridbridge lab$(if $(PAIR), --pair "$(PAIR)") -- $(ARGS)

doctor: $(READY) ## Check Java, Python, memory, disk, ports, locks and services; say what mends a failure
	@$(BIN)/gridbridge doctor $(ARGS)

test: setup ## Format, lint, types, layers, then all tests on real services
	@$(MAKE) --no-print-directory lint
	@$(PYTEST) -m "not proof"

proof: setup ## What takes longer than `make test` (SHARE=4: all of lessons and notebooks, a quarter of the rest, as CI does)
	@$(PYTEST) -m proof --share $(SHARE)

bench: setup ## Measure a pipeline run, the checks of the lessons, the bridge beside others (ARGS=pipeline, lessons or bridge)
	@$(BIN)/gridbridge bench $(ARGS)

lint: $(READY) ## Format, lint, types and layers only
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint ## Format, lint, types, layers and locks only
	@$(BIN)/pytest -q tests/unit/project/test_locks.py

format: $(READY) ## Format and mend what ruff can mend
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: $(READY) ## Make all locks again (UPGRADE=1: newer Python packages too)
	@$(BIN)/$(COMPILE) pyproject.toml --group dev $(if $(filter-out 0,$(UPGRADE)),--upgrade) -o locks/python.txt
	@$(BIN)/$(COMPILE) --no-config locks/localstack.in --exclude-newer 2025-11-01 -o locks/localstack.txt
	@for tool in ibis databathing; do $(BIN)/$(COMPILE) locks/$$tool.in -o locks/$$tool.txt || exit 1; done
	@$(BIN)/gridbridge lock-jars

clean: ## Tell the disk used per folder and delete what tools left behind (not .venv, .cache or work)
	@du -sh .venv .cache/* work/* 2>/dev/null || true
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find helpers tests $(wildcard pipelines) -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Delete the environment and the cache too; `work/` stays
	@rm -rf .venv .cache *.egg-info
