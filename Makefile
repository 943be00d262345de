# make repro and make test need only Python 3.11 or 3.12 (with venv), git and make.
SHELL := /bin/bash
SEARCHED := $(or $(PATH),/usr/local/bin:/usr/bin:/bin)
SUPPORTED := import ensurepip, sys, venv; assert (3, 11) <= sys.version_info[:2] <= (3, 12)
# The first that will do; python3 where none does, for the message that says what is wrong with it.
PYTHON ?= $(shell export PATH="$(SEARCHED)"; for name in python3.11 python3.12 python3; do \
  $$name -c '$(SUPPORTED); print(sys._base_executable)' 2> /dev/null && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(SEARCHED)
# Compiled bytecode makes each stage start three times as fast.
unexport PYTHONDONTWRITEBYTECODE
export DVC_NO_ANALYTICS := 1

.PHONY: repro serve test test-slow prove tools check format bench lock clean

repro: $(VENV)/ready ## reproduce the graph on the real flights
	dvc repro
	@mooring gate || true
	@echo "open reports/index.html"

serve: $(VENV)/ready ## serve the model on 127.0.0.1:3000
	dvc repro package
	mooring serve

test: $(VENV)/ready ## the fast suite
	pytest -q -n 2 --dist worksteal -m "not slow and not prove"

test-slow: $(VENV)/ready ## the slow suite: whole graphs, servers, traffic
	pytest -q -n 2 --dist worksteal -m "slow and not prove"

prove: $(VENV)/ready ## the long proofs, or only ONLY=NAME; writes docs/proofs.md
	pytest -v -m "prove or hypothesis" --hypothesis-profile=prove --record-proofs=docs/proofs.md $(if $(ONLY),-k "$(ONLY)")

tools: $(VENV)/ready ## install the programs that some tests need, with apt-get (Debian, Ubuntu)
	python -m tests.support.tools

check: $(VENV)/ready ## format, lint, types, dead code, graph, composed config, clean tree
	ruff format --check .
	ruff check .
	mypy
	vulture
	mooring compose --check
	mooring graph --check
	mooring alerts --check
	git diff --exit-code --stat

format: $(VENV)/ready
	ruff format .
	ruff check --fix .
	mooring graph

bench: $(VENV)/ready ## compare with peers and limits
	@for name in $$(ls benchmarks/*.py | xargs -n1 basename | sed 's/\.py$$//' | grep -v __init__); do \
	  echo "== $$name"; python -m benchmarks.$$name || exit 1; done

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url
lock: $(VENV)/ready ## resolve pyproject.toml into requirements.lock, and the requirements of the scorer
	$(LOCK) pyproject.toml --group dev --upgrade -o requirements.lock > /dev/null
	$(LOCK) bentos/scorer/requirements.in --constraint requirements.lock -o bentos/scorer/requirements.lock > /dev/null

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' || \
	  { echo "Mooring needs Python 3.11 or 3.12; got $$($(PYTHON) --version 2>&1). Fix: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make virtual environments. Fix: apt-get install python3-venv"; exit 2; }
	rm -f $@
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index \
	  --config-settings editable_mode=compat -e .
	site=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') && \
	  cp mooring/machine/durability.py $$site/mooring_durability.py && \
	  echo 'import mooring_durability; mooring_durability.install()' > $$site/mooring_durability.pth
	$(BIN)/python -m compileall -q mooring stages
	touch $@

clean: ## remove everything that was made, except the DVC cache
	rm -rf $(VENV) .mooring .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find mooring stages tests benchmarks -name __pycache__ -type d -exec rm -rf {} +
