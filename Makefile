# Every target sets up what it needs; Python 3.11 or newer and make are all a machine must have.
# Stamps in .venv say what is installed, so a second run starts at once and a changed lock installs anew.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
  $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
RUN := .venv/bin/python
PIP := $(RUN) -m pip install -qq --disable-pip-version-check --no-deps --require-hashes
# a test file stays whole on one worker, so what its tests share is built once; long files begin (tests/conftest.py)
SIDE_BY_SIDE ?= -n auto --dist loadfile --no-loadscope-reorder
ROUNDS ?= 20
MINUTES ?= 10
# tests start the desk some hundred times: from byte code, even where Python is told to write none by itself
COMPILE := $(RUN) -m compileall -q bot handlers integrations config

.PHONY: demo test check format readme pictures teams-package bench chaos fuzz lock clean
.DEFAULT_GOAL := demo

demo: .venv/.runtime ## the whole desk on this machine, no account anywhere: make demo [PORT=9000]
	@exec $(RUN) -m bot demo $(if $(PORT),--port $(PORT))

test: .venv/.test ## everything that can run here; says what it skipped and why: make test [ARGS="tests/domain -x"]
	@$(COMPILE)
	@$(RUN) -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: .venv/.test ## format, lint, types, import contracts, tests; with COVERAGE=1 the coverage gates too
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/ruff check --quiet .
	@$(MAKE) --no-print-directory --jobs=2 typed tested
ifdef COVERAGE
	@.venv/bin/coverage report --fail-under=95
	@.venv/bin/coverage report --fail-under=100 --include='bot/domain/*'
endif

# the two halves of a check that take long: mypy keeps to one processor, so the tests begin on the other
.PHONY: typed tested
typed:
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo

tested:
	@$(COMPILE)
	@$(RUN) -m pytest $(SIDE_BY_SIDE) $(ARGS) $(if $(COVERAGE),--cov --cov-report=)

format: .venv/.test ## rewrite the code in the house's format
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

readme: .venv/.test ## write the README's table of systems from the manifests
	@$(RUN) -m tests.readme_table

pictures: .venv/.test ## every card as Slack, Teams and the console draw it, in var/pictures: make pictures [ONLY=ticket_new]
	@.ci/renderers
	@$(RUN) -m tests.pictures $(if $(ONLY),--only=$(ONLY))

teams-package: .venv/.runtime ## the zip that Teams takes, in var/: make teams-package [APP_ID=…] [PUBLIC_URL=https://…]
	@$(RUN) -m bot teams-package $(if $(APP_ID),--app-id $(APP_ID)) $(if $(PUBLIC_URL),--public-url $(PUBLIC_URL))

bench: .venv/.test ## the figures, as ratios measured in one run
	@$(COMPILE)
	@$(RUN) -m tests.bench

chaos: .venv/.test ## kill the desk at every step, more often than make test does: make chaos [ROUNDS=20]
	@CHAOS_ROUNDS=$(ROUNDS) $(RUN) -m pytest -m chaos $(ARGS)

fuzz: .venv/.fuzz ## let two engines look for mail that stops the reader and requests that stop the chats: make fuzz [MINUTES=10]
	@$(RUN) -m tests.reading.fuzz --minutes $(MINUTES)
	@$(RUN) -m tests.reading.fuzz_branches --minutes $(MINUTES)
	@$(RUN) -m tests.handlers.fuzzing.shape --minutes $(MINUTES)
	@$(RUN) -m tests.handlers.fuzzing.branches --minutes $(MINUTES)

lock: ## requirements*.in -> requirements*.txt; the only target that needs uv
	@for name in requirements requirements-test requirements-fuzz; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --no-header $(if $(UPGRADE),--upgrade) $$name.in --output-file $$name.txt >/dev/null || exit 1; \
	done

clean: ## remove what make and the tools made; var/ (the demo's store) stays
	@rm -rf .venv .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Privacy Desk needs Python 3.11 or newer; none was found as python3. Name one: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

.venv/.runtime: requirements.txt | .venv/bin/python
	@echo "Setting up the desk's libraries in .venv (once, about half a minute) ..."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.test: requirements-test.txt .venv/.runtime
	@echo "Setting up what tests and checks need (once, about half a minute) ..."
	@$(PIP) -r requirements-test.txt
	@touch $@

.venv/.fuzz: requirements-fuzz.txt .venv/.test
	@$(PIP) -r requirements-fuzz.txt
	@touch $@
