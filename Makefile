# On a fresh machine with Python 3.11 or newer: `make app` serves the dashboard, `make test`
# runs every test. Both make the environment in .venv first, and only when it is missing or
# the pinned requirements have changed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

VENV ?= .venv
PORT ?= 8501
# More arguments for pytest: make test ARGS="-k heads"
ARGS ?=
# At once; the tests of one file stay together. One more than two cores: while one waits for a
# browser, a server or a process, another has its core.
PROCESSES ?= 3
# The torch that `make requirements` pins.
TORCH ?= 2.13.0
IMAGE ?= protein-attention-atlas

RUN := $(VENV)/bin/python
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
# The first interpreter that is recent enough; python3 comes first, as the one chosen by the user.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$p" -c '$(RECENT)' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
# This project's packages only, whatever the user's shell or home folder holds.
PIP := PIP_USER=0 PYTHONNOUSERSITE=1 $(RUN) -m pip --disable-pip-version-check
SAY = echo "make:"

.PHONY: help app test lint image requirements demo clean

help:
	@echo "make app [PORT=8501]   make the environment and serve the dashboard"
	@echo "make test [ARGS=...]   make the environment and run every test"
	@echo "make lint              formatting, lint rules and types"
	@echo "make image             the Docker image"
	@echo "make requirements      pin the newest versions that go together"
	@echo "make demo DATA=DIR     train the demo model, rebuild its results and the examples"
	@echo "make clean             remove the environment and everything built"

app: $(VENV)/.app static/3Dmol-min.js
	@exec $(RUN) -m streamlit run serve.py \
		--server.port $(PORT) --server.showEmailPrompt false --browser.gatherUsageStats false

test: $(VENV)/.test $(VENV)/.weights static/3Dmol-min.js
	@$(RUN) -m pytest --numprocesses $(PROCESSES) \
		--dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/.test
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy

# Everything that ships with the demo, from a folder that holds families/ and structures/.
# build/demo keeps the training between calls: remove it to train anew (over an hour on a CPU).
DATA ?= ../shared/data
demo: $(VENV)/.app
	@$(RUN) -m precompute examples $(DATA)
	@$(RUN) -m precompute build-demo $(DATA) --work build/demo

$(RUN):
	@if [ -z "$(PYTHON)" ]; then \
		$(SAY) "Python 3.11 or newer is needed and none was found; install it," \
			"or name it: make PYTHON=/path/to/python3" >&2; exit 1; fi
	@if ! "$(PYTHON)" -c '$(RECENT)' >/dev/null 2>&1; then \
		$(SAY) "$(PYTHON) does not run or is older than Python 3.11" >&2; exit 1; fi
	@if ! "$(PYTHON)" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		$(SAY) "$(PYTHON) cannot make an environment, as its parts venv and ensurepip are missing;" \
			"on Debian and Ubuntu the package python3-venv has them" >&2; exit 1; fi
	@$(SAY) "making $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv --clear $(VENV)

# A stamp is written only after pip has succeeded, so a broken download is tried again.
$(VENV)/.app: requirements.txt $(RUN)
	@rm -f $@
	@if ! $(RUN) -c '$(RECENT)'; then \
		$(SAY) "$(VENV) does not run or is older than Python 3.11; remove it" \
			"(make clean) and try again" >&2; exit 1; fi
	@$(SAY) "installing requirements.txt into $(VENV) (about 1.8 GB, most of it torch)"
	@$(PIP) install --quiet -r requirements.txt || { \
		$(SAY) "the requirements could not be installed (see above); nothing counts as done," \
			"the same command tries again" >&2; exit 1; }
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.app
	@rm -f $@
	@$(PIP) install --quiet -r requirements-test.txt || { \
		$(SAY) "the test tools could not be installed (see above)" >&2; exit 1; }
	@touch $@

# Trained weights for the tests (190 MB), without what their packages ask for; tests skip without.
$(VENV)/.weights: requirements-weights.txt $(VENV)/.test
	@rm -f $@
	@if $(PIP) install --quiet --no-deps -r requirements-weights.txt; then touch $@; else \
		$(SAY) "the trained weights could not be installed (see above): their tests are skipped," \
			"and the same command tries again"; fi

# Both libraries at once. Without npm, or when it cannot reach its registry, charts are drawn by
# the larger file that the plotly package carries, and 3Dmol.js comes from a CDN.
static/3Dmol-min.js: package.json package-lock.json
	@if ! command -v npm >/dev/null 2>&1; then \
		$(SAY) "npm was not found: charts take the plotly package's own file,"\
			"and the 3D view loads 3Dmol.js from a CDN"; \
	elif ! npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; then \
		$(SAY) "npm could not install them (see above): charts take the plotly package's own file,"\
			"and the 3D view loads 3Dmol.js from a CDN"; \
	else \
		mkdir -p static && \
		cp node_modules/3dmol/LICENSE static/3Dmol-LICENSE.txt && \
		cp node_modules/plotly.js-cartesian-dist-min/LICENSE static/plotly-LICENSE.txt && \
		cp node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js static/ && \
		cp node_modules/3dmol/build/3Dmol-min.js $@.part && mv $@.part $@ && \
		rm -rf node_modules; fi

image:
	docker build --tag $(IMAGE) .

# pip resolves into an empty environment without installing anything; what a CUDA build of
# torch asks for is left to torch.
requirements: $(VENV)/.app
	@for extra in models,cluster models,cluster,test; do \
		$(PIP) install --quiet --dry-run --ignore-installed --report $(VENV)/$$extra.json \
			"torch==$(TORCH)" ".[$$extra]" || exit 1; done
	@$(RUN) -c "$$WRITE_REQUIREMENTS" $(VENV)/models,cluster.json \
		$(VENV)/models,cluster,test.json
	@rm -f $(VENV)/models,cluster.json $(VENV)/models,cluster,test.json
	@git --no-pager diff --stat -- requirements.txt requirements-test.txt || true

define WRITE_REQUIREMENTS
import json, pathlib, re, sys

def pins(report):
    found = {}
    for item in json.loads(pathlib.Path(report).read_text())["install"]:
        name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
        if not re.match(r"(nvidia|cuda|triton|protein-attention-atlas)(-|$$)", name):
            found[name] = item["metadata"]["version"].split("+")[0]
    return found

def write(path, pinned):
    lines = pathlib.Path(path).read_text().splitlines()
    head = [line for line in lines if line.startswith(("#", "-r"))]
    body = [f"{name}=={version}" for name, version in sorted(pinned.items())]
    pathlib.Path(path).write_text("\n".join([*head, *body, ""]))

product, everything = map(pins, sys.argv[1:])
write("requirements.txt", product)
write("requirements-test.txt", {n: v for n, v in everything.items() if n not in product})
endef
export WRITE_REQUIREMENTS

clean:
	rm -rf $(VENV) node_modules static/*-min.js static/*.min.js static/*-LICENSE.txt test-output build dist
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
