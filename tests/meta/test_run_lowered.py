"""``make run LAYER=`` with a geometry that designs do not have: it runs on all, and says how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import registry
from models.case import Case
from scripts.measure.records import load_results
from scripts.run import cli as run
from tests.meta.exits import status
from tests.meta.interpreting import interpreting

RNG = np.random.default_rng(3)
#: Two groups, SAME padding, a stride along the height and a dilation along the width.
LAYER: dict[str, Any] = {
    "weights": RNG.integers(-3, 4, (4, 1, 3, 2)),
    "activations": RNG.integers(0, 9, (2, 8, 7)),
    "groups": 2,
    "stride": [2, 1],
    "dilation": [1, 2],
    "padding": [0, 1, 0, 1],
}


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(run, "write_report", lambda folder: folder)


def go(tmp_path: Path, *arguments: str, spoil: bool = False, **more: Any) -> int:
    """``make run`` of the layer; the answers are those of the interpreters, the counters those of
    the cycle models.
    """

    path = tmp_path / "odd.npz"
    np.savez(path, **LAYER | more)
    options = ["--layer", str(path), "--out", str(tmp_path), *arguments]
    return status(run.main, options, interpreting(spoil))


def test_every_design_runs_the_layer_and_says_what_was_lowered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go(tmp_path, "--design", "all") == run.OK
    data = load_results(tmp_path / "results.json")
    assert not data["missing"]
    records = {one["design"]: one for one in data["runs"]}
    assert set(records) == set(registry.DESIGNS)
    text = capsys.readouterr().out
    for name, one in records.items():
        assert one["bit_exact"] and one["compared"] == 4 * 4 * 6
        assert "2 groups" in one["lowered"]
        assert ("stride (2, 1)" in one["lowered"]) == (name != "eie"), "it has that of its own"
        assert f"odd on {name}: lowered, {one['lowered']}, {one['passes']} pass" in text
    assert "bit-exact: 672 outputs compared" in text


def test_a_wrong_word_of_a_part_is_found_in_the_layer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go(tmp_path, "--design", "dense", spoil=True) == run.FAILED
    assert "odd: 1 of 96 outputs differ" in capsys.readouterr().err
    (path,) = (tmp_path / "build" / "cases" / "run").glob("*.npz")
    (layer,) = Case.load(path).layers
    assert (layer.groups, layer.stride, layer.padding) == (2, (2, 1), (0, 1, 0, 1))


def test_a_layer_of_plain_geometry_is_not_lowered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain: dict[str, Any] = {"weights": RNG.integers(-3, 4, (4, 2, 3, 2)), "groups": 1, "stride": 2}
    assert go(tmp_path, "--design", "dense", **plain, dilation=1, padding=1) == run.OK
    assert "lowered" not in load_results(tmp_path / "results.json")["runs"][0]
    assert "lowered" not in capsys.readouterr().out
