# Press Two. `make help` lists what may be asked for. Nothing but Python 3.11+, pip and make is needed.

BIN := .venv/bin
READY := .venv/.ready
# The first Python here that is new enough; looked for only when there is something to install.
PYTHON = $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
DECEMBER = config/published/access-to-crisis-care-december-2025.csv
PIP = $(BIN)/pip --quiet --disable-pip-version-check --no-input

.PHONY: help run call setup test drill bench replay lock
.DEFAULT_GOAL := help

help: ## Show this list.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

run: $(READY) ## Start the whole line here; Ctrl-C ends it. PORT=9000 make run puts it elsewhere.
	@exec $(BIN)/ivr run

call: $(READY) ## Ring the line from this terminal.
	@exec $(BIN)/ivr call

setup: $(READY) ## Install what the line needs into .venv; nothing to do when it is there.

test: $(READY) ## Run every check: format, lint, types, import contracts, tests.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -n 3

drill: $(READY) ## Break everything behind the line while 2,000 callers ring, kill it at every place, publish under it, replay London; a quarter of an hour.
	@$(BIN)/python -m tests.drills
	@$(BIN)/python -m tests.drills.crashes
	@$(BIN)/python -m tests.drills.canaries
	@$(BIN)/python -m tests.drills.publishing
	@state=$$(mktemp -d) && trap 'rm -rf "$$state"' EXIT && \
		$(BIN)/ivr replay $(DECEMBER) --region London --state "$$state"

bench: $(READY) ## Measure what has a bar, such as the store's 5,000 events a second; needs a quiet machine.
	@$(BIN)/python -m tests.benchmarks

REGION ?= London
replay: $(READY) ## Ring every call of December 2025 in London. REGION= make replay rings all of England's.
	@exec $(BIN)/ivr replay $(DECEMBER) $(if $(REGION),--region "$(REGION)")

lock: ## Pin the newest allowed versions in requirements.lock (needs uv).
	uv pip compile --quiet --universal --upgrade --generate-hashes --no-header --no-annotate \
		--group dev pyproject.toml -o requirements.lock

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Press Two needs Python 3.11 or newer, and found none." >&2; exit 1; }
	@echo "Installing into .venv; this is done once."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-index --no-build-isolation --no-deps --editable .
	@touch $@
