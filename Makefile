# Everything runs in .venv, made from uv.lock; nothing else on the machine is touched.
PYTHON ?= python3
UV_VERSION := 0.13.9
# A compiled module saves every program that is started a while.
unexport PYTHONDONTWRITEBYTECODE
# Files are dealt out in their order, the long ones first; what needs the machine alone comes last.
TOGETHER := -n 4 --dist loadfile --no-loadscope-reorder --ignore tests/alone

.PHONY: help demo bench test coverage chaos fuzz flood check format
.DEFAULT_GOAL := help

help: ## Show what there is to run
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/ready ## Run the whole system on this machine, clickable; OBSERVE=1 runs Prometheus, too
	@.venv/bin/python -m sandbox.demo $(if $(OBSERVE),--observe)

bench: .venv/ready ## Measure clicks, whole expenses and waiting: BENCH="click --quick" does less
	.venv/bin/python -W ignore -m benchmarks $(BENCH)

test: .venv/ready ## Run every test: Temporal, PostgreSQL and a browser included
ifdef TESTS
	.venv/bin/python -m pytest $(TESTS)
else
	$(CLOCK) .venv/bin/python -m pytest $(TOGETHER)
	$(CLOCK) .venv/bin/python -m pytest tests/alone
endif

coverage: .venv/ready ## Run every test and measure what of the code they reach
	@.venv/bin/coverage erase
	$(CLOCK) .venv/bin/coverage run -m pytest $(TOGETHER)
	$(CLOCK) .venv/bin/coverage run -m pytest tests/alone
	@.venv/bin/coverage combine -q
	@.venv/bin/coverage report

chaos: .venv/ready ## Kill everything again and again, and count what was lost
	@.venv/bin/python -m chaos $(CHAOS)

fuzz: .venv/ready ## Throw 100,000 inputs at every public entrance
	@.venv/bin/python -m fuzz $(FUZZ)

flood: .venv/ready ## Flood the bot, and measure the clicks of managers meanwhile
	@.venv/bin/python -m fuzz.flood $(FLOOD)

check: .venv/ready ## Check formatting, lint, types, and who imports whom
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: .venv/ready ## Format the code
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

.venv/ready: uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 ...")'
	@echo "Setting up .venv from uv.lock ..."
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@.venv/bin/uv sync --quiet --frozen --compile-bytecode
	@touch $@
