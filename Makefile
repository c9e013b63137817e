# Everything stays inside this folder: the virtual environment in .venv, the state of `make up` in .netral.
# PYTHON=/path/to/python3.12 chooses an interpreter; otherwise the first that fits is taken.

.DEFAULT_GOAL := help
SHELL := /bin/sh

BIN := .venv/bin
# Named after this folder: an environment that came along with a copied or moved clone points to the old one
# and is made anew.
READY := .venv/.ready-$(shell pwd | cksum | cut -d ' ' -f 1)
PACKAGES := refusals storage agreement audit exchange host cooperation bawaslu kasn ppk operations verifier cli
STYLED := services tests proto/generate.py
TEST_WORKERS ?= 5
BENCHES ?= pledges monitoring trail queries witness idle
ROUNDS ?= 5
PARTS ?=
T ?= tests

.PHONY: help
help:  ## List the commands.
	@echo 'make <command>:'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F '|' '{ printf "%-16s %s\n", $$1, $$2 }'

.PHONY: setup
setup: $(READY)  ## Install everything into .venv (the other commands do it by themselves).

.PHONY: up
up: setup  ## Start NATS and the three desks on this machine, and return when they answer.
	@$(BIN)/netral up --detach

.PHONY: down
down: setup  ## Stop what `make up` started; the data stays.
	@$(BIN)/netral down

.PHONY: demo
demo: setup  ## Play two cases through three services and NATS, verify every log, catch a changed byte.
	@$(BIN)/netral demo

.PHONY: verify
verify: setup  ## Check every log, receipt and signature of the running installation.
	@$(BIN)/netral audit verify

# The same modules are imported by hundreds of processes: they are compiled once, whatever the environment says of it.
.PHONY: test
test: setup  ## Run the tests; `make test T=tests/audit` runs some.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n $(TEST_WORKERS) --dist worksteal $(T)

.PHONY: law
law: setup  ## Print the law as a page that a lawyer can check: every case with the answer of the rules (Markdown).
	@PYTHONPATH=services:tests $(BIN)/python tests/agreement/law_page.py

.PHONY: golden
golden: setup  ## Write the golden files again (tests/contracts/golden): what differs then was changed on purpose.
	@NETRAL_UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q tests/contracts/test_golden_*.py tests/cli/officers_day

.PHONY: soak
soak: setup  ## Run the tests that keep the exchange under load for long.
	@$(BIN)/python -m pytest -m soak --timeout 0 $(T)

.PHONY: bench
bench: setup  ## Measure the speed that must be reached: one table; `make bench ROUNDS=1 PARTS=exchange,trips`.
	@PYTHONPATH=tests $(BIN)/python -m bench.run --rounds $(ROUNDS) $(PARTS:%=--parts %)

.PHONY: bench-others
bench-others: setup  ## Measure lists of pledges, figures, the trail, questions, witnesses, and the cost of rest.
	@for part in $(BENCHES); do echo "bench.$$part"; PYTHONPATH=tests $(BIN)/python -m bench.$$part || exit 1; done

.PHONY: compat-world
compat-world: setup  ## Make a world that later commits must be able to open; `make compat-world WORLD=world-2`.
	@PYTHONPATH=tests $(BIN)/python -m compat.make $(WORLD)

.PHONY: check
check: check-style check-types check-imports check-proto check-verifier  ## Check style, types, import rules and contracts; changes nothing.

.PHONY: check-style
check-style: setup
	@$(BIN)/ruff check --quiet $(STYLED)
	@$(BIN)/ruff format --quiet --diff $(STYLED) || { echo 'Not formatted: run `make format`.' >&2; exit 1; }

.PHONY: check-types
check-types: setup
	@$(BIN)/mypy $(wildcard $(PACKAGES:%=services/%)) proto/generate.py

.PHONY: check-imports
check-imports: setup
	@$(BIN)/lint-imports --no-logo --cache-dir .import_linter_cache

.PHONY: check-proto
check-proto: setup
	@$(BIN)/python proto/generate.py check

.PHONY: check-verifier
check-verifier: setup
	@$(BIN)/python services/verifier/build.py check

.PHONY: format
format: setup  ## Format the code and sort its imports.
	@$(BIN)/ruff check --quiet --select I --fix $(STYLED)
	@$(BIN)/ruff format --quiet $(STYLED)

.PHONY: proto
proto: setup  ## Generate services/netral and services/buf from the contracts in proto/.
	@$(BIN)/python proto/generate.py write

.PHONY: proto-import
proto-import: setup  ## Renew proto/validate.binpb, what the contracts import, from the installed wheels.
	@$(BIN)/python proto/generate.py import

.PHONY: proto-release
proto-release: setup  ## Take today's contracts as the baseline that `make check` allows no breaking change of.
	@$(BIN)/python proto/generate.py release

.PHONY: verifier
verifier: setup  ## Build services/verifier/verify_standalone.py, the one file for auditors, out of the modules beside it.
	@$(BIN)/python services/verifier/build.py

.PHONY: lock
lock: setup  ## Compile requirements.lock again; `make lock UPGRADE=--upgrade` takes newer versions.
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra dev $(UPGRADE) \
		pyproject.toml -o requirements.lock

.PHONY: migration
migration: setup  ## Write the next migration of an agency from its tables; `make migration AGENCY=ppk NAME=notices`.
	@cd services && ../$(BIN)/python -m operations.new_migration $(AGENCY) $(NAME)
	@$(BIN)/ruff format --quiet services/$(AGENCY)/migrations

.PHONY: catalogue
catalogue: setup  ## Write the catalogues of refusals and of the command again from the code; translations stay.
	@cd services && ../$(BIN)/python -m refusals.extract . && ../$(BIN)/python -m cli.words.extract

# One clear sentence for what a fresh machine may lack; no stack trace.
define INSTALL
say() { echo "$$*" >&2; }
stop() { say "$$*"; exit 1; }

old= bare=
find_python() {
	for name in $${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
		found=$$(command -v "$$name") || continue
		version=$$("$$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
		"$$found" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { old="$$version at $$found"; continue; }
		"$$found" -c 'import venv, ensurepip' 2>/dev/null || { bare="$$version"; continue; }
		python=$$found
		return
	done
	[ -z "$$bare" ] || stop "Python $$bare lacks venv: install it (Debian, Ubuntu: apt install python$$bare-venv), then run make again."
	[ -z "$$old" ] || stop "Netral needs Python 3.11 or newer, and here is only $$old: install one, or name one with make PYTHON=/path/to/python."
	stop "Netral needs Python 3.11 or newer, and here is none$${PYTHON:+ at $$PYTHON}: install python3 and python3-venv."
}

make_environment() {
	find_python
	free=$$(df -Pk . | awk 'NR == 2 { print $$4 }')
	[ "$${free:-2000000}" -ge 1000000 ] || stop "The installation needs 1 GB of disk in $$(pwd), and $$((free / 1024)) MB are free."
	say "Making .venv with Python $$version."
	"$$python" -m venv --clear .venv || stop "Python $$version could not make .venv; see above."
}

[ -e "$(READY)" ] && $(BIN)/python -c '' 2>/dev/null || make_environment
say "Installing what requirements.lock names; the first time takes a minute or two."
$(BIN)/python -m pip install -qq --no-input --disable-pip-version-check --require-hashes -r requirements.lock ||
	stop "The installation failed; see above. It needs a package index that it can reach (pip's settings and PIP_* are used)."
$(BIN)/python -m pip install -qq --no-input --disable-pip-version-check --no-deps --no-build-isolation -e . ||
	stop "Netral itself could not be installed; see above."
touch "$(READY)"
endef
export INSTALL

$(READY): requirements.lock pyproject.toml
	@sh -euc "$$INSTALL"
