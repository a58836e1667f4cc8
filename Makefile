# Everything an analyst or a developer types. Each target sets up what it needs in .venv, once.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
STUDY  ?= sample
PERIOD ?= 2026Q3

.DEFAULT_GOAL := help
.PHONY: help setup report reports test check lint types format lab lock clean

help: ## show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## create .venv and install the locked packages

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "survey_kpi needs Python 3.11 or newer; call make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

report: $(READY) ## render the leadership edition of the sample study (STUDY=, PERIOD=)
	@$(BIN)/survey-kpi report $(STUDY) $(PERIOD) --edition leadership

reports: $(READY) ## render every edition
	@$(BIN)/survey-kpi report $(STUDY) $(PERIOD) --edition all

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: lint types test ## what CI runs: lint, format, types, tests

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

format: $(READY) ## rewrite the code in the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lab: $(READY) ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir=.

SOLVE  := uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --upgrade
EXTRA   = $(PYTHON) -c 'import sys, tomllib; print(*tomllib.load(sys.stdin.buffer)["project"]["optional-dependencies"]["$(1)"], sep="\n")' <pyproject.toml

lock: ## solve every lock again (needs uv)
	$(SOLVE) pyproject.toml --extra lab --group dev -o requirements.lock
	$(call EXTRA,postgres) | $(SOLVE) - --constraints requirements.lock -o requirements-postgres.lock
	$(call EXTRA,spark) | $(SOLVE) - --constraints requirements.lock -o requirements-spark.lock

clean: ## remove what the targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist
