"""``make bench`` says so when a goal is missed; its studies and pages hold what they promise."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from models import registry
from scripts.bench import cli as bench
from scripts.bench import figures
from scripts.bench import schema as bench_schema
from scripts.measure.records import BENCH_SCHEMA, load_results
from tests.meta import toy_design
from tests.meta.exits import status
from tests.meta.schemas import misfits

PAPER = toy_design.DESIGN.suite.layers


@pytest.fixture(autouse=True)
def _toy(monkeypatch):
    monkeypatch.setitem(registry.DESIGNS, "toy", "tests.meta.toy_design")
    monkeypatch.setenv("COLUMNS", "200")


def scaled(cycles: int):
    """Counters of a machine that needs ``cycles`` (100 in theory 90)."""

    def change(result):
        for one in result.counters:
            more = cycles - one["cycles_compute"]
            one["cycles_compute"] += more
            one["mac_slots"] += more * (one["mac_slots"] // 100)

    return change


def go(tmp_path, *arguments, change=lambda result: None) -> int:
    return bench.main(
        ["--design", "toy", "--jobs", "1", "--out", str(tmp_path), *arguments],
        toy_design.player(change),
    )


def test_all_met(tmp_path, capsys):
    assert go(tmp_path, "--no-studies") == bench.OK
    data = load_results(tmp_path / "bench.json", BENCH_SCHEMA)
    assert [(r["layer"], r["seed"], r["variant"]) for r in data["runs"]] == [
        (layer, seed, variant)
        for layer in PAPER
        for seed in (1, 2, 3)
        for variant in ("plain", "tuned")
    ]
    assert all(r["ratio"] == pytest.approx(100 / 90, abs=1e-6) for r in data["runs"])
    assert all(r["paper_ratio"] == pytest.approx(1.2) for r in data["runs"])
    assert all(r["baseline_cycles"] == 90 for r in data["runs"])
    assert "all goals met" in capsys.readouterr().out
    assert "geometric mean" in (tmp_path / "bench.html").read_text()
    form = bench_schema.schema()
    assert misfits(data, form, "layers") == misfits(data, form) == []
    del data["runs"][3]["baseline"]
    data["runs"][5]["seed"] = "first"
    assert misfits(data, form, "layers") == [
        "$.runs[3]: 'baseline' is a required property",
        "$.runs[5].seed: 'first' is not of type 'integer'",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda result: result.packets[-1].__setitem__(-1, 77), "outputs differ"),
        (scaled(103), "cycle model is off by -2.91 %"),
        (scaled(110), "ratio 1.222, the paper's is 1.200"),
        (scaled(105), "geometric mean of the tuned ratios 1.167"),
        (lambda result: result.packets.pop(), "need at least one array"),
    ],
)
def test_missed_goals_are_exit_1(tmp_path, capsys, change, message):
    status = go(tmp_path, "--no-studies", "--seeds", "1", change=change)
    assert status == bench.FAILED
    assert message in capsys.readouterr().err


def test_what_is_committed_has_layers_and_studies(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    arguments = ("--docs", "--seeds", "1", "--study-rtl", "none")
    assert go(tmp_path / "first", *arguments) == bench.OK
    path = tmp_path / "docs" / "toy.json"
    first = json.loads(path.read_text())
    assert {one["layer"] for one in first["runs"]} == set(PAPER)
    points = json.loads((tmp_path / "first" / "studies.json").read_text())["points"]
    assert first["studies"] == points and points
    assert go(tmp_path / "second", "--docs", "--seeds", "2", "--no-studies") == bench.OK
    second = json.loads(path.read_text())
    assert second["studies"] == points, "studies that did not run stay"
    assert {one["seed"] for one in second["runs"]} == {2}
    assert figures.load("toy") == second["runs"]
    assert go(tmp_path / "third", "--docs", "--study-layers", "big") == bench.BAD_INPUT


def test_a_part_of_the_layers_is_not_held_to_the_mean(tmp_path, monkeypatch):
    suite = replace(toy_design.DESIGN.suite, goal=("tuned", 1.0))
    monkeypatch.setattr(toy_design, "DESIGN", replace(toy_design.DESIGN, suite=suite))
    arguments = ("--no-studies", "--layers", "big", "--seeds", "1")
    assert go(tmp_path, *arguments) == bench.OK


def test_studies_tell_rtl_from_model(tmp_path):
    assert go(tmp_path, "--only-studies", "--study-rtl", "small") == bench.OK
    points = json.loads((tmp_path / "studies.json").read_text())["points"]
    assert {p["source"] for p in points if p["layer"] == "big"} == {"model"}
    points = [p for p in points if p["layer"] == "small"]
    pes = [p for p in points if p["study"] == "num_pe" and p["variant"] == "tuned"]
    assert [p["num_pe"] for p in pes] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert {p["num_pe"] for p in pes if p["source"] == "model"} == {128, 256}
    assert all(p["bit_exact"] is (True if p["source"] == "rtl" else None) for p in points)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--layers", "alex-9"], "layers: found 'alex-9'"),
        (["--variants", "fast"], "variants: found 'fast'"),
        (["--seeds", "one"], "seeds: found 'one'"),
        (["--design", "tpu"], "design: found 'tpu'"),
        (["--config", "pes=3"], "config: toy: found 'pes', known: num_pe"),
        (["--jobs", "0"], "jobs: found '0', need an integer 1..64"),
        (["--study-rtl", "alex-9"], "study-rtl: found 'alex-9'"),
    ],
)
def test_bad_options_are_exit_2_and_one_line(tmp_path, capsys, arguments, message):
    ended = status(bench.main, ["--design", "toy", "--out", str(tmp_path), *arguments])
    assert ended == bench.BAD_INPUT
    text = capsys.readouterr().err.strip()
    assert message in text
    assert len(text.splitlines()) == 1


def test_points_that_differ_are_missed_goals():
    good = {
        "study": "num_pe", "layer": "l", "variant": "plain", "num_pe": 4, "queue_depth": 8,
        "bit_exact": True, "cycles_compute": 100, "cycles_model": 100,
    }  # fmt: skip
    assert bench.missed_points([good, {**good, "bit_exact": None}]) == []
    assert "differ" in bench.missed_points([{**good, "bit_exact": False}])[0]
    assert "off by" in bench.missed_points([{**good, "cycles_model": 101}])[0]
