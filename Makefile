# `make run` and `make test` do all the set-up; nothing is installed outside $(VENV).
# Another Python: make test PYTHON=python3.12 VENV=.venv312

VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

# The environment is made anew only when what is pinned changes.
RUNTIME := $(VENV)/runtime.stamp
DEVELOPMENT := $(VENV)/development.stamp

.PHONY: run check test test-timezones verify bench lint lock clean

run: $(RUNTIME)
	@$(BIN)/python run.py

check: $(RUNTIME)
	@$(BIN)/python run.py check

test: $(DEVELOPMENT)
	$(BIN)/python -m pytest

# Nothing may depend on where the machine stands; Chatham is 45 minutes off the hour.
TIMEZONES := UTC Asia/Kolkata America/New_York Pacific/Chatham
test-timezones: $(DEVELOPMENT)
	@for zone in $(TIMEZONES); do \
	  echo "TZ=$$zone"; \
	  TZ=$$zone $(BIN)/python -m pytest || exit 1; \
	done

# Checks on recorded data that may not be given on: make verify DATA=DIR
verify: $(DEVELOPMENT)
	@test -d "$(DATA)" || { echo "make verify needs DATA=DIR, the folder of the recorded data" >&2; exit 66; }
	BELLWETHER_DATA="$(abspath $(DATA))" $(BIN)/python -m pytest tests/outside

bench: $(DEVELOPMENT)
	$(BIN)/python -m bench

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

# Pins the newest versions for every supported Python and system; needs uv on the PATH.
lock:
	for name in requirements requirements-parquet requirements-dev; do \
	  uv pip compile --upgrade --universal --python-version 3.11 --only-binary :all: --generate-hashes --quiet \
	    --no-header --no-emit-index-url --no-emit-find-links "$$name.in" --output-file "$$name.txt" || exit 1; \
	done

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)

$(RUNTIME): requirements.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Bellwether needs Python 3.11 or newer$(if $(PYTHON),; $(PYTHON) is older or missing). Name one: make PYTHON=/path/to/python3.12" >&2; exit 69; }
	"$(PYTHON)" -m venv --clear $(VENV)
	$(INSTALL) -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	$(INSTALL) -r requirements-dev.txt
	@touch $@
