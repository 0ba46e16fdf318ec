"""The door of ``make``: which target takes which variable, and how values reach the scripts.

One table, ``TARGETS``, is the source of the help, of the check of names and values (which make does
before anything else), and of the command that a recipe starts. Standard library only: it runs
before there is a virtual environment.

    python3 -m scripts.door check TARGETS... -- NAME=VALUE...   refuse what no target takes
    python3 -m scripts.door run TARGET PYTHON                   start the target's program
    python3 -m scripts.door help [TARGET]

Values never pass through a shell: make exports them, and the names of those that came from its
command line as ``LAC_GIVEN``; the environment of the caller is not read otherwise. What describes
the machine may be set there once: ``LAC_JOBS``, ``LAC_FARM`` and ``LAC_PYTHON`` (defaults of JOBS,
FARM and PYTHON), ``LAC_BUILD`` (folder of everything that is made), ``LAC_VENV`` (folder of the
virtual environment).
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.names import listing, nearest, quoted, unknown
from scripts import options
from scripts.options import refuse


def _text(text: str) -> str:
    return text


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"found {quoted(text)} ({error})") from None


_flag = options.choice("0", "1")


@dataclass(frozen=True)
class Variable:
    """A variable of make: what its values may be, and what help says."""

    check: Callable[[str], object]
    help: str


VARIABLES: dict[str, Variable] = {
    "LAYER": Variable(
        options.tensor, "your layer: .npz, .mtx, file.safetensors:tensor, file.pt:tensor"
    ),
    "INPUT": Variable(options.file, "what a layer or network is given, .npz or .npy"),
    "NET": Variable(_text, "a network by name, or a .onnx file"),
    "WORKLOAD": Variable(_text, "a named workload, such as eie/alex-7"),
    "SHAPE": Variable(_text, "a random layer: K,C or K,C,R,S"),
    "DENSITY": Variable(options.number(0, 1), "share of the weights that is kept"),
    "BITS": Variable(options.code_bits, "bits of a code of shared weights, or none"),
    "WIDTH": Variable(options.integer(2, 32), "bits of a weight that is made from floats"),
    "LAYERS": Variable(_text, "some layers of a network, commas between"),
    "COUNT": Variable(options.integer(1), "digits sent through a network"),
    "ENERGY": Variable(options.file, "table of energies, a .toml file"),
    "AT": Variable(
        options.choice("multipliers", "gates", "memory"), "what is equal in all designs"
    ),
    "DESIGN": Variable(_text, "accelerator; where benches run: bench or pattern, commas between"),
    "CONFIG": Variable(
        _text, "a build by name, changes, or both: CONFIG=pe4,queue_depth=8 (make sim DESIGN=...)"
    ),
    "TEST": Variable(_text, "tests by name or pattern, commas between"),
    "SEED": Variable(options.seed, "first, or only, seed"),
    "N": Variable(options.count, "number of seeds, or of mutants"),
    "SIM": Variable(options.simulator, "verilator or icarus"),
    "MUTANT": Variable(_text, "one mutant, by the name that an earlier run printed"),
    "CASE": Variable(options.file, "a saved case, a .npz file of build/cases"),
    "JOBS": Variable(options.jobs, "how many at a time; default 2, or LAC_JOBS"),
    "FARM": Variable(
        options.farm,
        "where jobs run: local, dask, slurm, lsf, sge, pbs, htcondor, tcp://HOST:PORT; default "
        "local, or LAC_FARM",
    ),
    "DEBUG": Variable(_flag, "1: every signal can be read and written from Python"),
    "WAVES": Variable(_flag, "1: dump all signals"),
    "MERGE": Variable(_text, "folders of earlier coverage, commas between; alone: no new runs"),
    "RESUME": Variable(_flag, "1: run only what has not passed in an earlier call"),
    "RENEW": Variable(_flag, "1: measure again what the table is made from, all of it: hours"),
    "FAILED": Variable(_flag, "1: run the failures of the last call, nothing else"),
    "PLUSARGS": Variable(_words, "more plusargs for the simulator"),
    "TARGET": Variable(_text, "the target to explain"),
    "RUN_ARGS": Variable(_words, "more options of scripts.run.cli"),
    "BENCH_ARGS": Variable(_words, "more options of scripts.bench.cli"),
    "COV_ARGS": Variable(_words, "more options of scripts.cov.cli"),
    "PROVE_ARGS": Variable(_words, "more options of scripts.prove.cli"),
    "FORMATS_ARGS": Variable(_words, "more options of scripts.formats.cli"),
    "GRANULARITY_ARGS": Variable(_words, "more options of scripts.granularity.cli"),
    "COARSE_ARGS": Variable(_words, "more options of scripts.coarse.cli"),
    "AREA_ARGS": Variable(_words, "more options of scripts.area.cli"),
    "PERGATE_ARGS": Variable(_words, "more options of scripts.pergate.cli"),
    "COMPARE_ARGS": Variable(_words, "more options of scripts.compare.cli"),
    "MAP_ARGS": Variable(_words, "more options of scripts.map.cli"),
    "SWEEP_ARGS": Variable(_words, "more options of scripts.sweep.cli"),
    "PYTEST_ARGS": Variable(_words, "more options of pytest"),
    "PYTHON": Variable(_text, "the Python that makes .venv; default python3, or LAC_PYTHON"),
}
#: Where a target takes more than the others.
SPECIAL: dict[tuple[str, str], Variable] = {
    ("replay", "SIM"): Variable(options.replayer, "verilator, icarus or model; default: as it was"),
    ("regress", "RESUME"): Variable(
        _flag, "1: leave out what has passed on the same sources, of what the others ask for"
    ),
    ("regress", "FAILED"): Variable(
        _flag,
        "1: run the failures of the last call as they were; beside JOBS and FARM alone, RESUME "
        "takes the others",
    ),
    ("cov", "RESUME"): Variable(
        _flag,
        "1: run only what has not passed on the same RTL: of what was asked for so far, or of "
        "what DESIGN, CONFIG, SEED and N ask for; the other runs stay in the database",
    ),
    ("cov", "MERGE"): Variable(
        _text,
        "folders of earlier coverage, commas between; without DESIGN, CONFIG, SEED and N: no new "
        "runs",
    ),
    ("sweep", "DENSITY"): Variable(_text, "shares of the weights that are kept: 0.05..1 doubles"),
    ("sweep", "CONFIG"): Variable(_text, "fields with values: num_pe=16,64;queue_depth=1..16"),
    ("sweep", "SHAPE"): Variable(_text, "of the layer: K,C or K,C,R,S"),
    ("mutate", "DESIGN"): Variable(
        _text, "benches whose modules are changed, by name or pattern, commas between"
    ),
    ("mutate", "N"): Variable(options.count, "number of mutants; default 20"),
    ("mutate", "SEED"): Variable(
        options.seed,
        "which mutants are drawn; default: any, or with RESUME=1 those of the last call",
    ),
    ("mutate", "RESUME"): Variable(
        _flag, "1: run only what is left of the last call, or of that of SEED= N= DESIGN="
    ),
    ("prove", "DESIGN"): Variable(_text, "proofs by name, commas between; default: all"),
    ("prove", "CONFIG"): Variable(_text, "one configuration of theirs"),
}
FLAGS = ("DEBUG", "WAVES", "RESUME", "RENEW", "FAILED")
#: Every target takes these.
COMMON = ("PYTHON",)
#: Defaults that the environment may set, once for a machine.
MACHINE = {"JOBS": "LAC_JOBS", "FARM": "LAC_FARM"}


@dataclass(frozen=True)
class Target:
    """A target: its line of help, the Python module behind it, the variables it takes."""

    help: str
    module: str = ""
    takes: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()

    def command(self, python: str, values: Mapping[str, str]) -> list[str]:
        """The program with its options; ``values`` by name, as they were given."""
        words = [python, "-m", self.module, *self.fixed]
        for name in self.takes:
            value = values.get(name, "")
            if name in FLAGS:
                words += [f"--{name.lower()}"] if value == "1" else []
            elif name.endswith("_ARGS"):
                words += _words(value)
            elif value:  # one word: a value may begin with a minus
                words.append(f"{OPTIONS.get((self.module, name), '--' + name.lower())}={value}")
        return words


#: Options that are not called like their variable.
OPTIONS = {("scripts.interrupt", "JOBS"): "--numprocesses"}

_BENCHES = ("DESIGN", "CONFIG", "TEST", "SEED", "SIM")
TARGETS: dict[str, Target] = {
    "run": Target(
        "real networks in RTL on every design, or your layer: LAYER= NET= WORKLOAD=",
        "scripts.run.cli",
        ("LAYER", "NET", "WORKLOAD", "INPUT", "DENSITY", "BITS", "DESIGN", "CONFIG", "SIM", "SEED")
        + ("LAYERS", "COUNT", "ENERGY", "RUN_ARGS"),
    ),
    "test": Target(
        "lint, model tests and every bench on the simulators there are",
        "scripts.interrupt",  # pytest
        ("JOBS", "PYTEST_ARGS"),
        ("--maxschedchunk=1", "--numprocesses=2"),
    ),
    "sim": Target(
        "one bench: DESIGN= CONFIG= TEST= SEED=; alone: a list",
        "scripts.sim",
        (*_BENCHES, "PLUSARGS", "DEBUG", "WAVES"),
    ),
    "waves": Target(
        "the same with a dump of all signals, for GTKWave or Surfer",
        "scripts.sim",
        (*_BENCHES, "PLUSARGS", "DEBUG"),
        ("--waves",),
    ),
    "replay": Target(
        "the inputs of a failing case again: CASE=file SIM=verilator|icarus|model",
        "scripts.replay",
        ("CASE", "SIM", "WAVES"),
    ),
    "regress": Target(
        "many seeds of every bench: N= JOBS= DESIGN=a,b*",
        "scripts.regress.cli",
        (*_BENCHES, "N", "JOBS", "FARM", "RESUME", "FAILED"),
    ),
    "lint": Target(
        "Verilator, Icarus, Verible and Yosys over RTL, ruff and mypy over Python", "scripts.lint"
    ),
    "bench": Target(
        "the paper's layers at full size: DESIGN=eie",
        "scripts.bench.cli",
        ("DESIGN", "CONFIG", "SIM", "JOBS", "FARM", "RESUME", "BENCH_ARGS"),
    ),
    "cov": Target(
        "functional and code coverage: HTML, table, UCIS; some benches: DESIGN=",
        "scripts.cov.cli",
        ("DESIGN", "CONFIG", "SEED", "N", "JOBS", "FARM", "MERGE", "RESUME", "COV_ARGS"),
    ),
    "prove": Target(
        "properties of blocks, proved for every input: DESIGN=fifo,fmt_csr",
        "scripts.prove.cli",
        ("DESIGN", "CONFIG", "JOBS", "PROVE_ARGS"),
    ),
    "mutate": Target(
        "faults made by a program: which do the benches notice: N= SEED= DESIGN=",
        "scripts.mutate.cli",
        ("DESIGN", "N", "SEED", "MUTANT", "JOBS", "FARM", "RESUME"),
    ),
    "formats": Target(
        "what each sparsity format costs: LAYER= NET= SHAPE= DENSITY=",
        "scripts.formats.cli",
        ("LAYER", "NET", "SHAPE", "DENSITY", "WIDTH", "BITS", "SEED", "FORMATS_ARGS"),
    ),
    "granularity": Target(
        "accuracy, storage and designs by granularity of sparsity",
        "scripts.granularity.cli",
        ("LAYERS", "JOBS", "FARM", "GRANULARITY_ARGS"),
    ),
    "coarse": Target(
        "pruning by blocks, local codebooks, Huffman codes: accuracy and what they store",
        "scripts.coarse.cli",
        ("COARSE_ARGS",),
    ),
    "area": Target(
        "gates, flip-flops, memory bits, longest paths of every block and design",
        "scripts.area.cli",
        ("DESIGN", "CONFIG", "JOBS", "AREA_ARGS"),
    ),
    "pergate": Target(
        "throughput per gate of every design over density",
        "scripts.pergate.cli",
        ("JOBS", "FARM", "PERGATE_ARGS"),
    ),
    "compare": Target(
        "the same layers on every design: LAYER= NET= WORKLOAD= AT=gates",
        "scripts.compare.cli",
        ("LAYER", "NET", "WORKLOAD", "AT", "COUNT", "LAYERS", "DENSITY", "BITS", "SEED")
        + ("JOBS", "FARM", "RESUME", "COMPARE_ARGS"),
    ),
    "which": Target(
        "the three best designs for your layer, and why: LAYER=",
        "scripts.which",
        ("LAYER", "NET", "WORKLOAD", "AT", "COUNT", "LAYERS", "DENSITY", "BITS", "SEED"),
    ),
    "map": Target(
        "which design is best, by density, kind of layer and structure; dense or sparse PEs",
        "scripts.map.cli",
        ("JOBS", "FARM", "RESUME", "MAP_ARGS"),
    ),
    "sweep": Target(
        "a design over builds and densities, csv and plot: DESIGN= CONFIG= DENSITY=",
        "scripts.sweep.cli",
        ("DESIGN", "CONFIG", "DENSITY", "SHAPE", "SEED", "JOBS", "FARM", "RESUME", "SWEEP_ARGS"),
    ),
    "claims": Target(
        "every claim of the papers beside ours, with a verdict; one paper: DESIGN=",
        "scripts.claims.cli",
        ("DESIGN", "RENEW", "RESUME"),
    ),
    "train": Target(
        "the embedded networks and their accuracy by granularity again",
        "scripts.train.cli",
        ("NET",),
    ),
    "setup": Target("the virtual environment with all packages; the others make what they need"),
    "clean": Target("remove everything that was made (the virtual environment too)"),
    "help": Target("this list; TARGET=run: what a target takes", takes=("TARGET",)),
}


# ---------------------------------------------------------------- check


def problem(goals: Sequence[str], values: Mapping[str, str]) -> str:
    """What is wrong with the goals and variables of a command line, "" if nothing.

    >>> problem(["run"], {"DESNITY": "0.1"})
    'DESNITY: no such variable, did you mean DENSITY?'
    >>> problem(["area"], {"WIDTH": "8"})
    'WIDTH: make area does not take it; it takes DESIGN, CONFIG, JOBS, AREA_ARGS'
    >>> problem(["run"], {"DENSITY": "abc"})
    "DENSITY: found 'abc', need a number above 0 up to 1"
    """
    for goal in goals:
        if goal.isalpha() and goal not in TARGETS:
            near = nearest(goal, TARGETS)
            guess = f"did you mean 'make {near}'?" if near else f"there are: {', '.join(TARGETS)}"
            return f"make {goal}: no such target, {guess}"
    asked = [TARGETS[goal] for goal in goals if goal in TARGETS]
    for name, value in values.items():
        if wrong := _problem_of(name, value, goals, asked):
            return wrong
    return ""


def _problem_of(name: str, value: str, goals: Sequence[str], asked: Sequence[Target]) -> str:
    taken = list(dict.fromkeys(one for target in asked for one in target.takes))
    if name not in VARIABLES:
        near = nearest(name, taken) or nearest(name, VARIABLES)
        known = f"did you mean {near}?" if near else _they_take(goals, taken)
        return f"{name}: no such variable, {known}"
    if asked and name not in (*taken, *COMMON):
        return f"{name}: make {' '.join(goals)} does not take it; {_they_take(goals, taken)}"
    if not value:
        return ""
    try:
        variable_of(goals[0] if goals else "", name).check(value)
    except argparse.ArgumentTypeError as error:
        return f"{name}: {error}"
    return ""


def variable_of(target: str, name: str) -> Variable:
    """A variable as a target takes it."""
    return SPECIAL.get((target, name), VARIABLES[name])


def _they_take(goals: Sequence[str], taken: Sequence[str]) -> str:
    return f"{'it takes' if len(goals) == 1 else 'they take'} {listing(taken, 99)}"


def check(goals: Sequence[str], settings: Sequence[str]) -> int:
    """``problem`` of the words that make was called with, said in one line."""
    values = dict(one.partition("=")[::2] for one in settings)
    goals = goals or ["help"]
    for name, variable in MACHINE.items():
        if name not in values and variable in os.environ:
            wrong = _problem_of(name, os.environ[variable], goals, [])
            if wrong:
                refuse(variable + wrong.removeprefix(name))
    if wrong := problem(goals, values):
        refuse(wrong)
    return 0


# ---------------------------------------------------------------- run


def given(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of make's command line, and the machine's defaults."""
    values = {name: environ[variable] for name, variable in MACHINE.items() if variable in environ}
    named = environ.get("LAC_GIVEN", "").split()
    return values | {name: environ.get(name, "") for name in named if environ.get(name)}


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for the program: without what make put there for us, or for its children."""
    drop = {"LAC_GIVEN", "MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", *VARIABLES}
    return {name: value for name, value in environ.items() if name not in drop}


def dry(makeflags: str) -> str:
    """Which of make's switches that run nothing are on: n (print), q or t.

    >>> dry("n -- LAYER=x"), dry(" --no-print-directory -- N=1"), dry("kq")
    ('n', '', 'q')
    """
    word = makeflags.split(" ", maxsplit=1)[0]
    return "" if "=" in word or word.startswith("-") else "".join(set(word) & set("nqt"))


def start(target: str, python: str) -> int:
    """Become the target's program; under ``make -n`` print it as a shell would take it."""
    words = TARGETS[target].command(python, given(os.environ))
    if flags := dry(os.environ.get("MAKEFLAGS", "")):
        if "n" in flags:
            print(shlex.join(words))
        return 0
    sys.stdout.flush()
    try:
        os.execve(python, words, clean(os.environ))
    except OSError as error:
        return refuse(f"{python}: {error.strerror}; make clean, then again")


# ---------------------------------------------------------------- help


def show_help(target: str, bold: bool) -> int:
    """The list of targets, or what one of them takes."""
    mark, plain = ("\033[1m", "\033[0m") if bold else ("", "")
    if not target:
        print("Lacuna: sparse neural-network accelerators, proved bit for bit. make <target>:\n")
        for name, one in TARGETS.items():
            print(f"  {mark}{name:11}{plain} {one.help}")
        return 0
    if target not in TARGETS:
        refuse(unknown("TARGET", target, TARGETS))
    one = TARGETS[target]
    print(f"{mark}make {target}{plain}: {one.help}\n")
    width = min(shutil.get_terminal_size().columns, 100)
    for name in (*one.takes, *COMMON):
        text = textwrap.wrap(variable_of(target, name).help, max(width - 17, 20))
        print(f"  {mark}{name:13}{plain} {text[0]}")
        print("".join(f"{'':16} {line}\n" for line in text[1:]), end="")
    return 0


def main(arguments: Sequence[str]) -> int:
    """Command line entry; returns the exit status."""
    what, *rest = arguments
    if what == "check":
        at = rest.index("--")
        return check(rest[:at], rest[at + 1 :])
    if what == "run":
        return start(rest[0], str(Path(rest[1]).absolute()))
    return show_help(given(os.environ).get("TARGET", ""), bool(os.environ.get("MAKE_TERMOUT")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
