# Everything runs from one virtual environment, made on first use.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

# Of `make lab`: where the provider listens, and options of Jupyter such as --no-browser.
PORT ?= 8765
LAB ?=

.PHONY: help demo test lint types tests docs lab samples benchmarks fuzz crash attack prism lock clean
help:            ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up .venv (some minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

demo: $(READY)   ## the whole job on the sample workbooks; reports in reports/demo
	@$(BIN)/portops demo

test: lint types tests  ## style, types and every test

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

types: $(READY)
	@$(BIN)/mypy

tests: $(READY)
	@$(BIN)/pytest -q -n auto --dist worksteal --durations=25

reports/demo/portops.db: | $(READY)
	@$(BIN)/portops demo

lab: $(READY) reports/demo/portops.db  ## JupyterLab on the notebooks, with the demo's store and its provider
	@$(BIN)/portops sandbox serve --data reports/demo/sandbox --port $(PORT) & provider=$$!; \
	trap 'kill $$provider' EXIT; \
	PORTOPS_SANDBOX_URL=http://127.0.0.1:$(PORT) \
	PORTOPS_STORE=$${PORTOPS_STORE:-sqlite:///$(CURDIR)/reports/demo/portops.db} \
	$(BIN)/jupyter lab $(LAB) notebooks

docs: $(READY)    ## make the reference pages in docs again
	@$(BIN)/python docs/make.py

benchmarks: $(READY)  ## measure; see benchmarks/README.md
	@$(BIN)/python benchmarks/check.py
	@$(BIN)/python benchmarks/real.py
	@$(BIN)/python benchmarks/submit.py
	@$(BIN)/python benchmarks/history.py
	@$(BIN)/python benchmarks/reconcile.py
	@$(BIN)/python benchmarks/report.py

fuzz: $(READY)    ## long searches for input that breaks the check
	@HYPOTHESIS_PROFILE=long $(BIN)/pytest -q -n auto tests/intake tests/providers tests/tracking/test_odd_provider.py tests/checks/test_cluster.py

crash: $(READY)   ## kill -9 a submission 200 times and the sandbox at every statement
	@CRASH_KILLS=200 $(BIN)/pytest -q -n auto tests/submission/test_crash.py tests/submission/test_orders.py
	@CRASH_KILLS=0 $(BIN)/pytest -q -n auto tests/sandbox/test_outbox.py

attack: $(READY)  ## slow answers in real time, two workbooks at once, suspended clients, wrong clocks: some 30 minutes
	@ATTACK=long $(BIN)/pytest -q -n auto tests/submission/test_attack.py tests/submission/test_suspended.py

samples: $(READY)  ## make data/samples again
	@$(BIN)/python data/make_samples.py

PRISM ?= npx --yes @stoplight/prism-cli@5
prism: $(READY)   ## Stoplight Prism between adapters and sandbox: not one violation of the published documents
	@PRISM="$(PRISM)" $(BIN)/pytest -q tests/providers/contract/test_prism.py

lock:            ## resolve the dependencies anew into constraints.txt
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@.venv-lock/bin/python -m pip freeze --exclude-editable > constraints.txt
	@rm -rf .venv-lock

clean:           ## remove the environment and what was made
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache reports/demo

.PHONY: axe
axe:  ## pages and mail by axe-core in headless Chromium
	npm install --no-save --silent axe-core
	.venv/bin/pytest -n 0 tests/reporting/press/test_accessibility.py
