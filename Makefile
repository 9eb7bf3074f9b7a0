# `make help` lists what there is. Everything runs inside .venv, which `make install` fills with
# the exact versions of requirements.lock and this checkout, editable.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo quick quick-tests test lint format data-index wheel clean validate today file-format docs bench calibration notebooks browser test-seeds sweep

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

install: $(STAMP)  ## make .venv with the locked dependencies (PYTHON=... to choose a Python)

# An environment whose Python no longer runs, or is too old, is made anew. Byte-compiling is pip's
# slowest step, on one core; compileall uses them all (some packages hold templates that are no
# valid Python: they are meant to fail). The last step compiles what the first fit would wait for.
$(STAMP): requirements.lock pyproject.toml tools/find-python
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || { \
	    python=$$(sh tools/find-python) || exit 1; \
	    echo "Making $(VENV) with $$python"; \
	    "$$python" -m venv --clear $(VENV); }
	@{ $(PIP) install --no-compile --requirement requirements.lock 2>&1; echo "exit $$?"; } | \
	    awk -v total=$$(grep -c == requirements.lock) -f tools/pip-progress.awk
	@echo "Compiling what will be run"
	@$(BIN)/python -W ignore -m compileall -qq -j 0 $(VENV)/lib/python*/site-packages || true
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -P -m bayesnu.inference.machine_code
	@touch $@

demo: install  ## the limit on the effective magnetic moment from XENONnT, into results/demo
	$(BIN)/bayesnu limit xenonnt-2022-er --signal magnetic-moment --parameter mu_eff --out results/demo

lint: install  ## ruff and mypy
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy

quick: install  ## lint, and fast tests of every layer (tests/quick.txt), in under a minute
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint quick-tests

quick-tests: install
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -m "not stochastic" @tests/quick.txt

test: lint browser  ## ruff, mypy and all tests
	$(BIN)/python -m pytest

browser:  ## install Debian's chromium for the tests of reports, as root with apt-get
	@sh tools/install-browser

test-seeds: install  ## the tests of random numbers with 20 shifted seeds (SEEDS=...), noted in docs/promises.md
	$(BIN)/python tools/shifted_seeds.py --number $(or $(SEEDS),20) --write

format: install  ## sort imports and format the code
	$(BIN)/python -m ruff check --fix-only --select I .
	$(BIN)/python -m ruff format .

data-index: install  ## write the index of data/README.md from the tables
	$(BIN)/python tools/data_index.py

file-format: install  ## write the reference of docs/file-format.md from the schema
	$(BIN)/python tools/file_format.py

wheel: install  ## build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

clean:  ## remove .venv, caches, results and build products
	rm -rf $(VENV) dist build results .mypy_cache .ruff_cache .pytest_cache .benchmarks .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

validate: install  ## recompute every published row and write docs/validation.{json,md}
	$(BIN)/python tools/validate.py

today: install  ## recompute today's combined limits and write docs/today.md
	$(BIN)/python tools/headline.py

docs: install  ## build the documentation site into build/docs; warnings are errors
	$(BIN)/python -m sphinx -q -W --keep-going -n -b html docs build/docs

bench: install  ## measure speed beside other ways, write docs/speed.md (15 minutes on a quiet machine)
	$(BIN)/python -m benchmarks.run $(if $(ONLY),--only $(ONLY))

sweep: install  ## hold every limit against an independent referee (some hours on two cores), write docs/sweep.{json,md}
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.sweep --cores 2 $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

notebooks: install  ## execute the notebooks and store their outputs
	$(BIN)/python tools/notebooks.py

calibration: install  ## measure calibration and coverage (many hours), write docs/calibration.{json,md}
	for part in sbc coverage credible refits dask kill fuzz simuk; do \
	    $(BIN)/python benchmarks/campaigns.py $$part --out results/campaigns || exit 1; done
	$(BIN)/python benchmarks/calibration_page.py
