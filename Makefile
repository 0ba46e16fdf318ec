# Lacuna. `make` prints what can be made; every target makes what it lacks first.
#
# scripts/door.py has the table of targets and their variables. Variables are those of make's command
# line, not the environment's; their values go to the programs as they are, never through a shell.

GIVEN := $(strip $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name))))

ifneq ($(origin PYTHON),command line)
override PYTHON := $(or $(value LAC_PYTHON),python3)
endif

# $(call quote,TEXT) is TEXT as one word for the shell.
quote = '$(subst ','\'',$(1))'
DOOR := $(call quote,$(value PYTHON)) -m scripts.door

# The words of the command line, before anything is made.
CHECK := $(DOOR) check $(foreach goal,$(MAKECMDGOALS),$(call quote,$(goal))) --
CHECK += $(foreach name,$(GIVEN),$(call quote,$(name)=$(value $(name))))
REFUSED := $(shell $(value CHECK))
ifeq ($(.SHELLSTATUS),2)
$(error nothing was made)
else ifneq ($(.SHELLSTATUS),0)
$(error PYTHON: found '$(value PYTHON)', need Python 3.11 or newer (apt-get install python3))
endif
$(foreach name,$(GIVEN),$(eval override $(name) := $$(value $(name)))$(eval export $(name)))
export LAC_GIVEN := $(GIVEN)

VENV := $(or $(value LAC_VENV),.venv)
PY   := $(VENV)/bin/python
ifneq ($(words $(VENV)),1)
$(error LAC_VENV: found '$(VENV)', make takes no folder with a space in it)
endif
# $(call ready,GROUPS) are the marks of groups of packages (requirements/GROUP.lock).
ready = $(1:%=$(VENV)/ready-%)
# An environment whose Python is gone (moved, upgraded) is made anew whatever its marks say.
BROKEN := $(shell $(PY) -c 'import pip' 2>/dev/null || echo broken)

# $(call start,TARGET) runs a target's program; `make -n` prints its command (hence the +).
start = +@$(DOOR) run $(1) $(PY)

.DEFAULT_GOAL := help
.PHONY: help setup run test sim replay regress waves lint bench cov prove mutate formats granularity coarse area pergate compare which map sweep claims train clean

help:
	@$(DOOR) help

# Readers of other tools' files come with the first such file, or network that is fetched as one.
OTHERS := .onnx .safetensors mobilenet_v3
files := $(if $(strip $(foreach end,$(OTHERS),$(findstring $(end),$(LAYER) $(NET)))),sim files)

# Dask comes with the first farm that needs it.
WORKERS := $(or $(FARM),$(value LAC_FARM))
farm := $(if $(filter-out local,$(WORKERS)),sim farm)

test: $(call ready,run sim area lint test files prove mutate farm)
	$(call start,lint)
	$(call start,test)

run formats compare which: $(call ready,$(files))
run bench formats granularity coarse compare which map sweep claims train: $(call ready,run)
sim waves replay regress cov: $(call ready,run sim)
regress cov bench granularity pergate compare map sweep mutate: $(call ready,$(farm))
prove: $(call ready,run sim area prove)
mutate: $(call ready,run sim mutate)
area pergate: $(call ready,run area)
lint: $(call ready,run sim area lint files mutate)
run sim waves replay regress lint bench cov prove mutate formats granularity coarse area pergate compare which map sweep claims train:
	$(call start,$@)

setup: $(call ready,run sim area lint test files prove mutate farm)

# A newer Yosys than that of `make area`, in an environment of its own.
$(VENV)/ready-prove: requirements/prove.lock $(BROKEN) | $(VENV)/ready-run
	@$(call quote,$(PYTHON)) scripts/bootstrap.py $(VENV)/prove prove
	@touch $@

$(VENV)/ready-%: requirements/%.lock $(BROKEN)
	@$(call quote,$(PYTHON)) scripts/bootstrap.py $(VENV) $*

.PHONY: broken
broken:

clean:
	rm -rf build $(VENV) .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
