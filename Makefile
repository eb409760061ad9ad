# Everything here needs Python 3.11 or later and make; the environment is built on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_OUT ?= demo

.PHONY: demo test lint bench docs clean

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Sosie needs Python 3.11 or later: make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,postgresql,dp,notes,images,timelines,genomes]'
	@touch $@

demo: $(VENV)/.ready
	$(BIN)/sosie demo --out $(DEMO_OUT)

test: $(VENV)/.ready
	$(BIN)/python -m pytest -rs -n auto

lint: $(VENV)/.ready
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python benchmarks/tables.py
	$(BIN)/python benchmarks/leave_out.py
	$(BIN)/python benchmarks/privacy.py shadow
	$(BIN)/python benchmarks/private.py
	$(BIN)/python benchmarks/known_answers.py

docs: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) $(DEMO_OUT) site
