# The two commands of the README: `make demo` and `make test`. Both set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := runs/demo
CHROMIUM ?= /usr/bin/chromium
# Hundreds of tests start the program anew: without compiled files each of them would compile it all again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo test types units test-train test-browser test-agentdojo test-inspect clean

install: $(VENV)/.installed

$(VENV)/.python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

$(VENV)/.installed: $(VENV)/.python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# Python compiles at first use, and the tests use only a part of what is installed.
$(VENV)/.installed-dev: $(VENV)/.python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[dev]'
	touch $(VENV)/.installed $@

demo: install
	rm -rf $(DEMO)
	$(BIN)/autosafe improve --limit 1000 --out $(DEMO)
	@echo
	@echo "Everything is in $(DEMO); next: $(BIN)/autosafe transcript $(DEMO)/round-1/run"

test: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAKE) --no-print-directory --jobs 2 types units

# Side by side: each has times in which it keeps one core only.
types: $(VENV)/.installed-dev
	$(BIN)/mypy

units: $(VENV)/.installed-dev
	$(BIN)/pytest

# Fine-tuning on a CPU: some 2 GB of libraries in a venv of their own, so never a part of `make test`. On Linux plain
# `torch` brings CUDA along; TORCH='torch --index-url https://download.pytorch.org/whl/cpu' is much smaller.
TRAIN := .venv-train
TORCH ?= torch==2.13.0

$(TRAIN)/.installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(TRAIN)
	$(TRAIN)/bin/python -m pip install --quiet --upgrade pip
	$(TRAIN)/bin/python -m pip install --quiet $(TORCH)
	$(TRAIN)/bin/python -m pip install --quiet --editable '.[dev,train]'
	touch $@

test-train: $(TRAIN)/.installed
	HF_HUB_OFFLINE=1 $(TRAIN)/bin/pytest -m slow -n 0 tests/slow

test-browser: $(VENV)/.installed-dev
	test -x $(CHROMIUM) || { echo "no browser at $(CHROMIUM); Debian: apt-get install chromium; else: make test-browser CHROMIUM=PATH"; exit 2; }
	$(BIN)/python -m pip install --quiet --editable '.[browser]'
	axe=$$(mktemp -d) && trap 'rm -rf "$$axe"' EXIT && npm install --silent --no-fund --no-audit --prefix "$$axe" axe-core@4 && \
	AUTOSAFE_BROWSER=$(CHROMIUM) AUTOSAFE_AXE="$$axe/node_modules/axe-core/axe.min.js" $(BIN)/pytest tests/browser -n 0 -s

# AgentDojo and Inspect bring many packages along, so each has a venv of its own, outside `make test`.
.venv-agentdojo/.installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv-agentdojo
	.venv-agentdojo/bin/python -m pip install --quiet --editable '.[dev,agentdojo]'
	touch $@

.venv-inspect/.installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv-inspect
	.venv-inspect/bin/python -m pip install --quiet --editable '.[dev,inspect,parquet]'
	touch $@

test-agentdojo: .venv-agentdojo/.installed
	.venv-agentdojo/bin/pytest tests/integrations -n 0 -k agentdojo

test-inspect: .venv-inspect/.installed
	.venv-inspect/bin/pytest tests/integrations -n 0 -k exports

clean:
	rm -rf $(VENV) .venv-train .venv-agentdojo .venv-inspect runs build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
