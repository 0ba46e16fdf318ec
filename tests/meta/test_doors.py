"""The doors of the project: variables of make, their values, and what every program refuses."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from models.places import ROOT
from scripts import door, options

#: For make: the environment is there.
READY = [f"--assume-old=.venv/ready-{path.stem}" for path in ROOT.glob("requirements/*.lock")]
#: File names that a shell, make or Python's format strings could take apart.
NASTY = (
    "a'b.npz",
    'a"b.npz',
    "a b  c.npz",
    "a$b$(id)${HOME}.npz",
    "a`id`.npz",
    "a#b.npz",
    "a;b&c|d>e.npz",
    "a\\b\\.npz",
    "-a=b.npz",
    "überschuß-層.npz",
    "a%b*c?[d]{e}.npz",
    "a:b!c.npz",
)
FILES = [
    (name, variable)
    for name, target in door.TARGETS.items()
    for variable in target.takes
    if door.VARIABLES[variable].check is options.file
]


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make; with ``-n`` programs are not started, their command is printed."""
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def command(*arguments: str, **environment: str) -> list[str]:
    """Module and options that make would start."""
    result = make("-n", *READY, *arguments, **environment)
    assert result.returncode == 0, result.stderr
    words = shlex.split(result.stdout.splitlines()[-1])
    return words[words.index("-m") + 1 :]


def refused(result: subprocess.CompletedProcess[str]) -> str:
    """The line that make's door says; nothing else may have happened."""
    assert result.returncode == 2
    assert result.stdout == ""
    line, end = result.stderr.splitlines()
    assert re.fullmatch(r"Makefile:\d+: \*\*\* nothing was made\.  Stop\.", end)
    assert line.startswith("error: ")
    return line.removeprefix("error: ")


# ---------------------------------------------------------------- table and Makefile


def test_help_is_the_default_and_names_every_target():
    text = make().stdout
    for target in door.TARGETS:
        assert re.search(rf"^  {target}\b", text, re.MULTILINE), target
    assert len(text.splitlines()) <= 30, "help fills more than a screen"
    assert max(map(len, text.splitlines())) < 100


def test_the_makefile_has_the_targets_of_the_table():
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY:(.*)$", text, re.MULTILINE)[1].split()
    assert sorted(phony) == sorted(door.TARGETS)
    for name, target in door.TARGETS.items():
        assert set(target.takes) <= set(door.VARIABLES), name
        if target.module.startswith("scripts."):
            assert (ROOT / Path(*target.module.split("."))).with_suffix(".py").is_file(), name


@pytest.mark.parametrize("target", door.TARGETS)
def test_help_explains_every_variable_of_a_target(target, capsys):
    assert door.show_help(target, bold=False) == 0
    text = capsys.readouterr().out
    for name in door.TARGETS[target].takes:
        assert re.search(rf"^  {name} ", text, re.MULTILINE), name


# ---------------------------------------------------------------- values reach the programs


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["sim", "DESIGN=a", "CONFIG=b", "TEST=c", "SEED=4", "SIM=icarus"],
            "scripts.sim --design=a --config=b --test=c --seed=4 --sim=icarus",
        ),
        (["sim", "DESIGN=a", "DEBUG=1", "WAVES=1"], "scripts.sim --design=a --debug --waves"),
        (["sim", "DESIGN=a", "DEBUG=0"], "scripts.sim --design=a"),
        (["sim", "PLUSARGS=+a +b=c d"], "scripts.sim --plusargs='+a +b=c d'"),
        (["waves", "DESIGN=a"], "scripts.sim --waves --design=a"),
        (["regress", "N=3", "JOBS=1"], "scripts.regress.cli --n=3 --jobs=1"),
        (["regress", "SIM=icarus", "DESIGN="], "scripts.regress.cli --sim=icarus"),
        (
            ["run", "DENSITY=0.1", "RUN_ARGS=--out 'a b'"],
            "scripts.run.cli --density=0.1 --out 'a b'",
        ),
        (["bench", "DESIGN=eie"], "scripts.bench.cli --design=eie"),
        (["formats", "SHAPE=8,8", "SEED=3"], "scripts.formats.cli --shape=8,8 --seed=3"),
        (["cov", "N=5"], "scripts.cov.cli --n=5"),
        (
            ["area", "AREA_ARGS=--top lac_fifo -G Width=3"],
            "scripts.area.cli --top lac_fifo -G Width=3",
        ),
        (["train", "NET=lenet5"], "scripts.train.cli --net=lenet5"),
    ],
)
def test_variables_reach_the_scripts(arguments, expected):
    assert command(*arguments) == shlex.split(expected)


@pytest.mark.parametrize("target", ["run", "regress", "formats", "cov", "bench", "area"])
def test_defaults_stay_with_the_scripts(target):
    assert command(target) == [door.TARGETS[target].module]


@pytest.mark.parametrize(("target", "variable"), FILES)
def test_a_file_of_any_name_reaches_its_script(target, variable, tmp_path):
    for name in NASTY:
        path = tmp_path / name
        path.touch()
        option = f"--{variable.lower()}={path}"
        assert command(target, f"{variable}={path}")[1:] == [option], name
    assert not list(tmp_path.glob("*id*uid*"))


def test_text_of_any_kind_reaches_its_script():
    for name in NASTY:
        assert command("sim", f"TEST={name}") == ["scripts.sim", f"--test={name}"]


def test_the_environment_is_not_read():
    environment = {name: "1" for name in door.VARIABLES if name != "PYTHON"}
    for extra in ([], ["-e"]):
        assert command(*extra, "sim", **environment) == ["scripts.sim"]
    python = make("-n", "setup", "-W", "requirements/run.lock", PYTHON="/no/python")
    assert "/no/python" not in python.stdout


def test_what_describes_the_machine_may_be_set_there():
    assert command("regress", LAC_JOBS="3") == ["scripts.regress.cli", "--jobs=3"]
    assert command("regress", "JOBS=4", LAC_JOBS="3") == ["scripts.regress.cli", "--jobs=4"]
    assert refused(make("-n", "regress", LAC_JOBS="many")).startswith("LAC_JOBS: found 'many'")
    assert make("help", LAC_PYTHON="/no/python").returncode == 2
    assert "need Python" in make("help", "PYTHON=/no/python").stderr


def test_programs_do_not_see_what_make_left():
    left = {"MAKEFLAGS": "-- N=1", "MAKELEVEL": "1", "SIM": "x", "LAC_GIVEN": "SIM", "PATH": "p"}
    assert door.clean(left) == {"PATH": "p"}


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "DESNITY=0.1"], "DESNITY: no such variable, did you mean DENSITY?"),
        (["run", "design=eie"], "design: no such variable, did you mean DESIGN?"),
        (["lint", "QWXZ=1"], "QWXZ: no such variable, it takes none"),
        (["area", "WIDTH=8"], "WIDTH: make area does not take it; it takes DESIGN, CONFIG, JOBS"),
        (["clean", "DESIGN=eie"], "DESIGN: make clean does not take it; it takes none"),
        (["tset"], "make tset: no such target, did you mean 'make test'?"),
        (["run", "DENSITY=abc"], "DENSITY: found 'abc', need a number above 0 up to 1"),
        (["run", "SEED=-1"], "SEED: found '-1', need an integer 0.."),
        (["regress", "N=0"], "N: found '0', need an integer 1.."),
        (["test", "JOBS=0"], "JOBS: found '0', need an integer 1..64"),
        (["cov", "JOBS=abc"], "JOBS: found 'abc', need an integer 1..64"),
        (["sim", "SIM=verilatro"], "SIM: found 'verilatro', did you mean 'verilator'?"),
        (["run", "LAYER=docs"], "LAYER: found 'docs' (a folder), need a file to read"),
        (["run", "ENERGY=none.toml"], "ENERGY: found 'none.toml' (no such file)"),
        (["run", "RUN_ARGS=it's"], "RUN_ARGS: found 'it's' (No closing quotation)"),
    ],
)
def test_make_refuses_in_one_line(arguments, expected):
    assert refused(make("-n", *arguments)).startswith(expected)


def test_variables_of_several_goals():
    assert door.problem(["lint", "regress"], {"N": "3"}) == ""
    wrong = door.problem(["lint", "area"], {"N": "3"})
    assert wrong == "N: make lint area does not take it; they take DESIGN, CONFIG, JOBS, AREA_ARGS"


@pytest.mark.parametrize("target", door.TARGETS)
def test_every_target_refuses_what_it_does_not_take(target):
    taken = (*door.TARGETS[target].takes, *door.COMMON)
    for name in door.VARIABLES:
        wrong = door.problem([target], {name: ""})
        assert bool(wrong) == (name not in taken), name
        assert name in taken or f"make {target} does not take it" in wrong
    assert "did you mean PYTHON" not in door.problem([target], {"NOTHING_LIKE_IT": "1"})
