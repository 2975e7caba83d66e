# `make report` and `make test` set up what they need, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OUT := out
JOBS := 2

.DEFAULT_GOAL := help
.PHONY: help report test mutants scoreboard lint format types bench clean

help: ## what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# constraints.txt pins every version; a newer one of either file installs again.
$(READY): pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (once; the frameworks are large)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

report: $(READY) ## run the whole catalogue, print the summary, write out/report.html
	@$(BIN)/backproof run -o $(OUT)

test: $(READY) ## run the tests; of the mutants, one in four
	@ONE_MUTANT_IN=4 $(BIN)/python -m pytest -n $(JOBS)

mutants: $(READY) ## every mutant of the reference, of which the tests ask a share
	@$(BIN)/python -m pytest -n $(JOBS) tests/faults/test_mutants.py

scoreboard: $(READY) ## what becomes of every fault, for the report
	@$(BIN)/python -m tests.faults.scoreboard

lint: $(READY) ## ruff: lint and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(READY) ## let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# Type checkers do not follow the package mapping of an editable install: check a tree of links instead.
types: $(READY) ## mypy --strict
	@rm -rf build/types && mkdir -p build/types/backproof
	@ln -s $(CURDIR)/backproof/* build/types/backproof/
	@for part in reference cases adapters reports; do ln -s $(CURDIR)/$$part build/types/backproof/$$part; done
	@cd build/types && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml -p backproof

bench: $(READY) ## time it against the frameworks, side by side
	@$(BIN)/python -m pytest benchmarks -o testpaths=benchmarks --benchmark-only

clean: ## remove what make made
	rm -rf $(VENV) build $(OUT) *.egg-info .pytest_cache .mypy_cache .ruff_cache
