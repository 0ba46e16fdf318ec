# Lacuna. `make` prints what can be made; every target makes what it lacks first.

PYTHON ?= python3
JOBS   ?= 2
SEED   ?= 1
SIM    ?= verilator
N      ?= 10

VENV  := .venv
READY := $(VENV)/.ready
PY    := $(VENV)/bin/python

# $(call opt,NAME) is --name value if NAME has one; given: only if it came from the command line.
lower = $(shell echo $(1) | tr A-Z a-z)
opt   = $(foreach name,$(1),$(if $($(name)),--$(call lower,$(name)) '$($(name))'))
given = $(foreach name,$(1),$(if $(filter command environment,$(origin $(name))),$(call opt,$(name))))
flag  = $(foreach name,$(1),$(if $(filter-out 0,$($(name))),--$(call lower,$(name))))

BOLD  := $(if $(MAKE_TERMOUT),\033[1m)
PLAIN := $(if $(MAKE_TERMOUT),\033[0m)

.DEFAULT_GOAL := help
.PHONY: help setup run test sim regress waves lint bench cov formats area pergate train clean

help: ## this list
	@echo "Lacuna: sparse neural-network accelerators, proved bit for bit. make <target>:"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  $(BOLD)%-8s$(PLAIN) %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## real networks in RTL on every design, or: LAYER=file.npz [DENSITY= BITS=] | NET= | WORKLOAD=
	@$(PY) -m scripts.run $(call opt,LAYER NET WORKLOAD DENSITY BITS DESIGN CONFIG) $(call given,SIM SEED) \
	  $(call opt,LAYERS COUNT ENERGY) $(RUN_ARGS)

test: $(READY) ## lint, model tests and every bench on the simulators there are
	@$(PY) -m scripts.lint
	@$(PY) -m pytest -n $(JOBS) --maxschedchunk=1 $(PYTEST_ARGS)

sim: $(READY) ## one bench: DESIGN= [CONFIG= TEST= SEED= SIM= DEBUG=1 WAVES=1]; no DESIGN: a list
	@$(PY) -m scripts.sim $(call opt,DESIGN CONFIG TEST SEED SIM PLUSARGS) $(call flag,DEBUG WAVES)

waves: $(READY) ## the same with a dump of all signals, for GTKWave or Surfer
	@$(PY) -m scripts.sim $(call opt,DESIGN CONFIG TEST SEED SIM PLUSARGS) $(call flag,DEBUG) --waves

regress: $(READY) ## N=10 seeds of every bench, JOBS=2 at a time [DESIGN=a,b* CONFIG= TEST= SEED=first SIM=]
	@$(PY) -m scripts.regress $(call opt,DESIGN CONFIG TEST SEED N JOBS) $(call given,SIM)

lint: $(READY) ## Verilator, Icarus, Verible and Yosys over the RTL, ruff over Python
	@$(PY) -m scripts.lint

bench: $(READY) ## the paper's layers at full size: DESIGN=eie
	@$(PY) -m scripts.bench $(call opt,DESIGN CONFIG JOBS) $(call given,SIM) $(BENCH_ARGS)

cov: $(READY) ## functional and code coverage, as HTML, table and UCIS; fails under its goal
	@$(PY) -m scripts.cov $(call opt,DESIGN CONFIG JOBS) $(call given,SEED N) $(COV_ARGS)

formats: $(READY) ## what each sparsity format costs: [LAYER=file.npz | NET= | SHAPE=K,C,R,S] [DENSITY= WIDTH=]
	@$(PY) -m scripts.formats $(call opt,LAYER NET SHAPE DENSITY WIDTH BITS) $(call given,SEED) \
	  $(FORMATS_ARGS)

area: $(READY) ## gates, flip-flops, memory bits, depth of every block and design: [DESIGN= CONFIG= JOBS=]
	@$(PY) -m scripts.area $(call opt,DESIGN CONFIG JOBS) $(AREA_ARGS)

pergate: $(READY) ## throughput per gate of every design over density [PERGATE_ARGS=--bit-price=...]
	@$(PY) -m scripts.pergate $(call opt,JOBS) $(PERGATE_ARGS)

train: $(READY) ## train, prune and quantize the embedded networks again
	@$(PY) -m scripts.train $(call opt,NET)

setup: $(READY) ## only the virtual environment

$(READY): requirements.lock scripts/bootstrap.py
	@$(PYTHON) scripts/bootstrap.py $(VENV) requirements.lock
	@touch $@

clean: ## remove everything that was made (the virtual environment too)
	rm -rf build $(VENV) .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
