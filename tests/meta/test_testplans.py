"""Every ``tb/<folder>/testplan*.toml``, with what all designs have to show, against the benches and
covergroups of its folder.

A plan that names what does not exist promises too much; a test that no point claims was written
for no reason that anybody could look up.
"""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Any

import pytest

from models.places import ROOT
from scripts.cov.plan import SHARED, STAGES, read_plans
from tb.common.coverage import functional as coverage
from tb.common.sim.bench import Bench, discover

_KEYS = {"name", "stage", "goal", "tests", "covergroups"}
FOLDERS = sorted(path.parent.name for path in (ROOT / "tb").glob("*/benches.py"))


def benches_of(folder: str, root: Path = ROOT) -> list[Bench]:
    """Benches whose tests live in the folder."""
    return [b for b in discover(root).values() if b.module.startswith(f"tb.{folder}.")]


def faults(points: list[dict[str, Any]], tests: set[str], groups: set[str]) -> list[str]:
    """What is wrong with the points of a plan, given the tests and covergroups there are."""
    found, names, claimed, covered = [], set(), set(), set()
    for point in points:
        name = point.get("name", "?")
        if missing := {"name", "stage", "goal"} - point.keys():
            found.append(f"point {name}: no {', '.join(sorted(missing))}")
        if unknown := point.keys() - _KEYS:
            found.append(f"point {name}: unknown key {', '.join(sorted(unknown))}")
        if point.get("stage") not in STAGES:
            found.append(f"point {name}: stage is {point.get('stage')!r}, not one of {STAGES}")
        if name in names:
            found.append(f"point {name} is there twice")
        names.add(name)
        if not point.get("tests") and not point.get("covergroups"):
            found.append(f"point {name}: neither tests nor covergroups")
        for pattern in point.get("tests", []):
            matched = set(fnmatch.filter(tests, pattern))
            claimed |= matched
            if not matched:
                found.append(f"point {name}: no test matches {pattern!r}")
        for group in point.get("covergroups", []):
            matched = set(fnmatch.filter(groups, group))
            covered |= matched
            if not matched:
                found.append(f"point {name}: no covergroup {group!r}")
    found += [f"no point claims test {test}" for test in sorted(tests - claimed)]
    found += [f"no point claims covergroup {group}" for group in sorted(groups - covered)]
    return found


@pytest.mark.parametrize("name", FOLDERS)
def test_plan_fits(name):
    folder = ROOT / "tb" / name
    paths = sorted(folder.glob("testplan*.toml"))
    assert paths, f"{folder.relative_to(ROOT)} has no testplan.toml"
    points = [point for _, _, point in read_plans(folder)]
    tests = {f"{bench.name}.{test}" for bench in benches_of(name) for test in bench.tests}
    groups = {group.name for group in coverage.discover().get(name, ())}
    wrong = faults(points, tests, groups)
    assert not wrong, "\n".join([f"{folder.relative_to(ROOT)}:", *wrong])


GOOD = {"name": "order", "stage": "V1", "goal": "in order", "tests": ["fifo.*"]}


@pytest.mark.parametrize(
    ("changes", "tests", "groups", "message"),
    [
        ({}, {"fifo.smoke"}, set(), None),
        ({"stage": "V4"}, {"fifo.smoke"}, set(), "stage is 'V4'"),
        ({"tests": ["fifo.other"]}, {"fifo.smoke"}, set(), "no test matches 'fifo.other'"),
        ({}, {"fifo.smoke", "sram.smoke"}, set(), "no point claims test sram.smoke"),
        ({}, {"fifo.smoke"}, {"level"}, "no point claims covergroup level"),
        ({"covergroups": ["full"]}, {"fifo.smoke"}, set(), "no covergroup 'full'"),
        ({"covergroups": ["*_full"]}, {"fifo.smoke"}, {"fifo_full"}, None),
        ({"tests": []}, {"fifo.smoke"}, set(), "neither tests nor covergroups"),
        ({"why": "?"}, {"fifo.smoke"}, set(), "unknown key why"),
    ],
)
def test_faults_are_found(changes, tests, groups, message):
    found = faults([GOOD | changes], tests, groups)
    assert any(message in text for text in found) if message else not found


def test_a_design_has_what_every_design_has_and_its_own_words_for_it(tmp_path):
    shared = tmp_path / SHARED
    shared.parent.mkdir(parents=True)
    shared.write_text(
        '[[point]]\nname = "speed"\n[[point]]\nname = "reset"\ntests = ["{design}.x"]\n'
    )
    for name in ("dense", "formats"):
        (tmp_path / name).mkdir()
        plan = tmp_path / name / "testplan.toml"
        plan.write_text('[[point]]\nname = "speed"\ngoal = "its own"\n')
    design = [(path.name, line, point) for path, line, point in read_plans(tmp_path / "dense")]
    assert design == [
        ("testplan.toml", 1, {"name": "speed", "goal": "its own"}),
        ("testplan_socket.toml", 3, {"name": "reset", "tests": ["dense.x"]}),
    ]
    assert len(read_plans(tmp_path / "formats")) == 1, "it is no design"


def test_point_twice_is_found():
    assert "point order is there twice" in faults([GOOD, GOOD], {"fifo.smoke"}, set())
