"""A new design is three folders and a line: a clone of the dense array, looked at from every tool.

Its pages are made from records, without Yosys and long simulations; one short simulation is real.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tb.common.sim import simulators
from tests.meta import clone


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clone.tree(tmp_path_factory.mktemp("clone"))


def ran(tree: Path, code: str, *arguments: object) -> str:
    """What a program prints in the copy; it must end well."""
    done = clone.python(tree, "-c", code, *map(str, arguments))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


RUN = """
import sys
from scripts.run import cli
from tests.meta.test_run_arrays import player
sys.exit(cli.main(sys.argv[1:], player()))
"""


def test_its_run_is_exact_and_its_report_has_its_words(tree: Path) -> None:
    rng = np.random.default_rng(1)
    weights = rng.integers(-3, 4, (10, 5, 3, 3))
    np.savez(
        tree / "mine.npz",
        weights=weights * (rng.random(weights.shape) < 0.5),
        activations=rng.integers(0, 9, (2, 5, 7, 6)),
        shift=0,
    )
    out = tree / "out"
    said = ran(
        tree, RUN, "--layer", "mine.npz", "--design", "dense,clone,sparse_on_dense", "--config",
        "rows=4,cols=8", "--out", out,
    )  # fmt: skip
    assert "bit-exact: " in said
    runs = {one["design"]: one for one in json.loads((out / "results.json").read_text())["runs"]}
    assert runs["clone"]["slots"] == runs["dense"]["slots"]
    assert runs["clone"]["energy_pj"] == runs["dense"]["energy_pj"]
    page = (out / "index.html").read_text()
    assert "Clone: mine.npz" in page
    assert "Clone, 4 x 8 PEs" in page
    assert clone.COLOUR in page, "its bars are in its colour"
    section = page[page.index("Clone: mine.npz</h2>") :].split("Sparse-on-Dense: mine")[0]
    assert "no channel or output" in section
    assert "weights of the next tile" in section


AREA = """
import json, sys
from pathlib import Path
from scripts.area import builds, cli, page
from scripts.area.tree import AreaTree
path = {"register": {"fo4": 9.0, "start": "a_q", "end": "b_q"}}
made = []
for one in builds.asked("clone", None):
    slots = AreaTree("u_slots", "lac_array_slots", {}, 1, {"$_NAND_": 40}, 0, path, ())
    tree = AreaTree(one.top, one.top, one.parameters, 1, {"$_NAND_": 1000}, 64, path, (slots,))
    made.append(cli.entry(one, tree))
data = {"versions": {"yosys": "none"}, "cells": cli.CELLS, "accounting": list(cli.ACCOUNTING),
        "tops": made, "blocks": [], "flat": []}
folder = Path(sys.argv[1])
folder.mkdir()
page.write_report(folder, data)
checked = [(one.design, one.name) for one in (*builds.CHECKED, *builds.FLAT)]
print(json.dumps({"names": [one["config"] for one in made], "checked": checked,
                  "accelerator": made[0]["accelerator_gates"], "gates": made[0]["gates"]}))
"""


def test_its_area(tree: Path) -> None:
    found = json.loads(ran(tree, AREA, tree / "area"))
    assert found["names"] == ["8x8", "16x16", "32x32", "16x16_8bit", "16x16_2of4"]
    assert [name for design, name in found["checked"] if design == "clone"] == [
        "4x4",
        "4x4_2of4",
        "4x4_8bit",
    ]
    assert found["gates"] - found["accelerator"] == 40, "what only counts is left out"
    page = (tree / "area" / "area.html").read_text()
    assert "Where the gates are: clone" in page
    assert "clone 16x16" in page


PER_GATE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from scripts.pergate import cli, page
cli.LAYERS["small"] = ((8, 64, 1, 1), (4, 64, 1, 1), 0)
points = []
for build in cli.BUILDS:
    one = cli.measure("small", build, 0.5, 0.5)
    points.append(asdict(one) | cli.per_gate(one, 1000.0, 50, 0.5))
silicon = {one.label: {"design": one.design, "gates": 1000.0, "fo4": 50.0, "file_bits": 0,
                       "multipliers": one.multipliers} for one in cli.BUILDS}
data = {"densities": [0.5], "bit_price": 0.5, "silicon": silicon, "overhead": [], "points": points}
folder = Path(sys.argv[1])
folder.mkdir()
(folder / "pergate.json").write_text(json.dumps(data))
page.write_report(folder, data)
print(json.dumps({"points": {one["build"]: one for one in points}, "silicon": silicon}))
"""


def test_its_gates(tree: Path) -> None:
    found = json.loads(ran(tree, PER_GATE, tree / "pergate"))
    mine, like = (found["points"][f"{name} 16x16"] for name in ("clone", "dense"))
    assert mine["memory_bits"] == like["memory_bits"] > 0
    assert (mine["useful"], mine["cycles"]) == (like["useful"], like["cycles"])
    assert found["silicon"]["clone 16x16"]["multipliers"] == 256
    page = (tree / "pergate" / "pergate.html").read_text()
    assert "Clone / Dense" in page, "a map of its own, beside the baseline"
    assert "The clone array keeps 16-bit weights." in page


CONTRACT = """
from models import registry
from tests.meta.contract import Brought, faults
print("\\n".join(faults(Brought(registry.design("clone")))))
"""


def test_the_contract_asks_for_the_rest_and_for_nothing_else(tree: Path) -> None:
    lines = ran(tree, CONTRACT).splitlines()
    assert "mutants: there is no tests/meta/mutants_clone.toml" in lines
    assert "mutants: rtl/clone/lac_clone.sv has 0, need 3" in lines
    assert "interpreter: there is no tests/models/clone_interpreter.py" in lines
    assert {line.split(":")[0] for line in lines} == {"mutants", "interpreter"}, lines


def test_documents_are_made_of_it(tree: Path) -> None:
    done = clone.python(tree, "-m", "scripts.docs.cli")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(../rtl/clone/README.md)" in (tree / "docs" / "socket.md").read_text()
    assert "lac_clone_wgt_feed" in (tree / "rtl" / "README.md").read_text()


def test_it_simulates(tree: Path) -> None:
    """Smoke reads ID and CAP registers, and compares a layer."""
    if why := simulators.missing("icarus"):
        pytest.skip(why)
    done = clone.python(
        tree, "-m", "scripts.sim", "--design", "clone", "--config", "a4", "--test", "smoke",
        "--sim", "icarus",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"1 .*passed", done.stdout + done.stderr) or "passed" in done.stdout
