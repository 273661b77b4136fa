# Endpoint Autopilot. `make help` lists the targets. Needs Python 3.11+, Node 20+ and make; installs
# the rest, pinned and hashed, into .venv and node_modules.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PY := .venv/bin/python
VENV := .venv/.installed
NODE := node_modules/.installed

# Node 20 is past its end of life for jsii, and runs it all the same.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
export PYTHONPATH := functions:.

.PHONY: help setup build demo fleet lab test quick check bench retire pictures docs notices format lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV) $(NODE)  ## install the pinned dependencies (the other targets do it by themselves)

$(VENV): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; choose one: make PYTHON=python3.13 ..." >&2; exit 1; }
	@echo "Installing Python packages into .venv (about a minute, once) ..." >&2
	@$(PYTHON) -m venv --clear .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

$(NODE): package-lock.json
	@echo "Installing the CDK CLI into node_modules ..." >&2
	@npm ci --silent --no-fund --no-audit >&2
	@touch $@

build: $(VENV)  ## bundle the functions into build/ (`cdk deploy` does it by itself)
	@$(PY) -m infra.bundle

demo: setup  ## the main job, end to end, in the lab: watch it work (WORLD=aws: at AWS's own pace)
	@$(PY) -m demo

fleet: setup  ## a hub over twelve accounts in two Regions, in the lab (a few minutes)
	@$(PY) -m demo.fleet

lab: setup  ## AWS on this machine with the stack deployed; runs until Ctrl-C (see lab/README.md)
	@exec $(PY) -m lab

test: setup build  ## all tests, the lab's stories included
	@$(PY) -m pytest -n 7 --dist loadfile --no-loadscope-reorder

quick: setup build  ## what a person runs before each commit: decisions, adapters, workflows (1 minute)
	@$(PY) -m pytest -n 2 --dist loadfile tests/unit tests/adapters tests/workflows tests/stories

check: setup build  ## style, types, who-may-import-whom, lock files; what CI runs besides the tests
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-cache
	@$(PY) -m tests.hygiene

bench: setup build  ## measurements, each a ratio against a named baseline in the same run (10 minutes)
	@$(PY) -m bench

retire: $(VENV)  ## list what the deployed stack has made and, if you say yes, remove it (docs/uninstall.md)
	@./autopilot retire $(if $(STACK),--stack "$(STACK)") $(if $(filter yes,$(CONFIRM)),--yes)

pictures: demo  ## run the demo and take the README's pictures from the dashboard that it saves
	@$(PY) -m demo.pictures

docs: $(VENV)  ## write anew what the manual has of the code: notices, permissions, the policy
	@$(PY) -m tests.notices && $(PY) -m tests.policy_page && $(PY) -m tests.permissions

notices: $(VENV)  ## write docs/notices.md anew, the mail of a kind that is new, and all mails that stories tell
	@$(PY) -m tests.notices
	@$(PY) -m tests.stories

format: $(VENV)  ## put the code into the house's format
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format --quiet .

COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --override requirements/overrides.in
lock:  ## compile requirements/*.in anew (needs uv)
	@$(COMPILE) requirements/dev.in -o requirements/dev.txt
	@$(COMPILE) requirements/runtime.in -c requirements/dev.txt -o requirements/runtime.txt
	@npm install --package-lock-only --ignore-scripts --no-fund --no-audit
	@$(PY) -c "import json,pathlib; p=pathlib.Path('package-lock.json'); d=json.loads(p.read_text()); \
	  [v.pop('resolved', None) for v in d['packages'].values()]; p.write_text(json.dumps(d, indent=2) + '\n')"

clean:  ## remove what was built and installed
	rm -rf build cdk.out .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
