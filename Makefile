# Every target sets up its own .venv; python3 is all that must be on the machine.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Journeys mostly wait, so that one process more than there are cores is no burden.
PROCESSES ?= 3
RUN_STAMP := $(VENV)/.run-$(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)
DEV_STAMP := $(VENV)/.dev-$(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)
BENCH_STAMP := $(VENV)/.bench-$(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: bench-delivery help install run test check format bench bench-feeds bench-pages bench-polling bench-sentences bench-summaries train-pages explore faults fuzz clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 26

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Newsgist needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Set PYTHON=python3.12, say."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): | $(VENV)/bin/python
	@echo "Setting up $(VENV) (about a minute, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEV_STAMP): | $(VENV)/bin/python
	@echo "Setting up $(VENV) with the development tools (about two minutes, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(RUN_STAMP)

$(BENCH_STAMP): $(DEV_STAMP)
	@echo "Adding what summaries and pages are compared with, and matplotlib"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@# It asks for a python-dateutil before 3, and works with ours; what else it needs stands in the extra.
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps newspaper4k==0.9.6
	@touch $@

install: $(RUN_STAMP) ## what `make run` needs, without running it

run: $(RUN_STAMP) ## start the bot; without a token, a sandbox with a chat page in the browser
	@exec $(BIN)/newsgist run

test: $(DEV_STAMP) ## every test but the long fault sweep and the benches
	@# In the order of the files: those with few tests are the longest, and would all come last.
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder

check: $(DEV_STAMP) ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV_STAMP) ## put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(BENCH_STAMP) ## speed and memory beside the peers (CORPUS=folder adds quality)
	$(BIN)/python -m tests.bench $(if $(CORPUS),--corpus $(CORPUS))

bench-summaries: $(BENCH_STAMP) ## summaries beside those of others, and pictures (CORPUS=folder, DOCUMENTS=most of a file)
	$(BIN)/python -m tests.bench.summaries $(if $(CORPUS),--corpus $(CORPUS)) $(if $(DOCUMENTS),--documents $(DOCUMENTS))

bench-sentences: $(BENCH_STAMP) ## sentence splitting beside sentencex, pysbd and blingfire (CORPUS=folder)
	$(BIN)/python -m tests.bench sentences $(if $(CORPUS),--corpus $(CORPUS))

bench-feeds: $(DEV_STAMP) ## feeds a second and fields right, beside feedparser and fastfeedparser; hostile feeds
	$(BIN)/python -m tests.bench feeds hostile $(if $(CORPUS),--corpus $(CORPUS))

faults: $(DEV_STAMP) ## kill, cut and starve the bot (SEEDS=n of each; SCENARIO=…, DATABASE=sqlite|postgresql, SEED=one, JOBS=at once)
	$(BIN)/python -m tests.faults --seeds $(or $(SEEDS),20) $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(DATABASE),--database $(DATABASE)) $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS))

$(VENV)/aiogram/bin/python: | $(VENV)/bin/python
	@echo "Adding aiogram, in a place of its own: it wants another pydantic"
	@$(PYTHON) -m venv $(VENV)/aiogram
	@$(VENV)/aiogram/bin/python -m pip install --quiet --disable-pip-version-check aiogram==3.31.0

bench-delivery: $(BENCH_STAMP) $(VENV)/aiogram/bin/python ## cost, pace, planning and a broadcast with a ban and a kill (PARTS="pace cost …")
	$(BIN)/python -m tests.bench.delivery $(PARTS) --aiogram $(VENV)/aiogram/bin/python

bench-polling: $(DEV_STAMP) ## ten thousand feeds polled while the chat answers, beside aiohttp and httpx; lists of feeds
	$(BIN)/python -m tests.bench polling lists $(if $(CORPUS),--corpus $(CORPUS))

explore: $(DEV_STAMP) ## every property of the tests with ten times the examples, new ones each time (minutes)
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=explore --timeout=1800 -n $(PROCESSES)

fuzz: $(DEV_STAMP) ## any bytes as texts for the summariser (SECONDS_LONG=300)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,fuzz]'
	$(BIN)/python -m tests.fuzz -max_total_time=$(or $(SECONDS_LONG),300) -max_len=4000 -len_control=0 -artifact_prefix=$(VENV)/

bench-pages: $(BENCH_STAMP) ## pages a second, words, titles, authors and dates right, beside trafilatura, resiliparse, newspaper4k
	$(BIN)/python -m tests.bench pages $(if $(CORPUS),--corpus $(CORPUS))

train-pages: $(BENCH_STAMP) ## learn again which blocks of a page are its article (CORPUS=folder)
	$(BIN)/python -m tests.bench.train_pages --corpus $(CORPUS)

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
