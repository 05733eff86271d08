# Two commands are enough: `make demo` opens the dashboard, `make test` checks everything.
PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
PACKAGES := castoon casting toonify embeddings index app_pages

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo test test-all check lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo "  Settings: PORT=8502 (dashboard), TORCH_BACKEND=cpu (small installation), PYTHON=python3.12"

install:  ## make .venv from the lock
	@$(PYTHON) tools/install.py

install-dev:  ## the same with development tools
	@$(PYTHON) tools/install.py --dev

demo: install  ## prepare the demo cast once and open the dashboard
	@$(BIN)/castoon demo --port $(PORT)

check: install-dev  ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check  ## every check and the test suite
	@sh tools/browser.sh
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

test-all: check  ## the same with slow tests
	@sh tools/browser.sh
	$(BIN)/pytest -n 2 --dist worksteal

lock: install-dev  ## resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--upgrade -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --extra heic --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --upgrade -c requirements.lock -q -o requirements-dev.lock
	echo uv | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--upgrade -q -o requirements-uv.lock

clean:  ## remove the environment and caches; libraries stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
