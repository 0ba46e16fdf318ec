"""``make run`` on SCNN, the cycle model in place of the RTL: builds, widths, PEs on the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.networks import TOUR
from models.registry import DESIGNS, design
from scripts.measure.records import RecordError, load_results, save_results
from scripts.run import cli as run
from scripts.run.tasks import Task, tasks_of
from tests.meta.test_run_arrays import player

SMALL = "PeX=2,PeY=3,F=2,I=2,Banks=8,IaramRows=64,CarryDepth=512"


def tasks(*arguments: object) -> list[Task]:
    return tasks_of(run.parse(list(map(str, arguments))))


@pytest.fixture
def floats(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    path = tmp_path / "f.npz"
    np.savez(path, weights=rng.normal(size=(32, 32)), activations=np.abs(rng.normal(size=32)))
    return path


@pytest.fixture
def conv(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    path = tmp_path / "conv.npz"
    acts = rng.integers(1, 9, (1, 6, 9, 12)) * (rng.random((1, 6, 9, 12)) < 0.6)
    np.savez(path, weights=rng.integers(-3, 4, (8, 6, 3, 3)), activations=acts, shift=0, padding=1)
    return path


# ---------------------------------------------------------------- builds and widths


def test_no_build_named_is_the_quick_build_and_says_so() -> None:
    """Beside the others, each network once on each design that takes it."""
    made = tasks()
    mine = [one for one in made if one.design == "scnn"]
    assert [one.job.name for one in mine] == list(TOUR)
    quick = design("scnn").builds[design("scnn").quick]
    for one in (*mine, *tasks("--design", "scnn"), *tasks("--design", "scnn", "--net", "lenet_5")):
        assert quick.items() <= one.config.parameters().items()
        assert "CONFIG=default is full size" in one.notes[0]
    assert all(one.notes == () for one in made if design(one.design).quick == "default")


@pytest.mark.parametrize("named", ["default", "8x8,BankMap=1"])
def test_a_build_that_is_named_is_that_one(named: str) -> None:
    (one,) = tasks("--design", "scnn", "--config", named)
    assert (one.config.pe_x, one.config.pe_y) == (8, 8)
    assert one.notes == ("built with acc_width=40, bias_width=32, as the layers need",)


def test_changes_alone_are_changes_of_the_quick_build() -> None:
    (one,) = tasks("--design", "scnn", "--config", "PeX=3")
    quick = design("scnn").builds[design("scnn").quick]
    assert (one.config.pe_x, one.config.pe_y) == (3, quick["PeY"])


def test_accumulators_are_widened_only_where_that_is_needed_and_not_given(conv: Path) -> None:
    (narrow,) = tasks("--design", "scnn", "--layer", conv, "--config", "default")
    assert (narrow.config.acc_width, narrow.notes) == (24, ())
    (given,) = tasks("--design", "scnn", "--net", "lenet_5", "--config", "default,acc_width=30")
    assert (given.config.acc_width, given.notes) == (30, ())


def test_a_layer_is_not_scaled_down_to_accumulators_that_can_be_wider(floats: Path) -> None:
    """What the other designs run does not depend on whether SCNN runs beside them."""
    arguments = ("--layer", floats, "--config", "default", "--design")
    with_it = {one.design: one for one in tasks(*arguments, "all")}
    without = tasks(*arguments, "eie,dense,sparse_on_dense")
    assert set(with_it) == set(DESIGNS)
    for one in without:
        layer, same = one.job.layers[0], with_it[one.design].job.layers[0]
        assert np.array_equal(layer.weights, same.weights)
        assert np.array_equal(layer.inputs, same.inputs)
    assert "acc_width=40" in with_it["scnn"].notes[0]


# ---------------------------------------------------------------- a network


def test_every_layer_of_a_network_is_compared_though_a_chain_answers_once(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["--design", "scnn", "--net", "lenet_300_100", "--count", 3, "--out", out]
    arguments += ["--config", "PeX=2,PeY=2"]
    assert run.main(list(map(str, arguments)), player()) == run.OK
    runs = load_results(out / "results.json")["runs"]
    assert [one["compared"] for one in runs] == [900, 300, 30]


# ---------------------------------------------------------------- single PEs


def test_slots_of_each_pe_are_kept_shown_and_checked(tmp_path: Path, conv: Path) -> None:
    out = tmp_path / "out"
    arguments = ["--layer", conv, "--design", "scnn", "--config", SMALL, "--out", out]
    assert run.main(list(map(str, arguments)), player()) == run.OK
    data = load_results(out / "results.json")
    (one,) = data["runs"]
    slots = one["slots_per_pe"]
    assert {len(each) for each in slots.values()} == {6}
    assert {name: sum(each) for name, each in slots.items()} == {
        name: one["slots"][name] for name in slots
    }
    assert len({sum(each) for each in zip(*slots.values(), strict=True)}) == 1, "as many each"
    page = (out / "index.html").read_text()
    assert "Where the slots of each PE went" in page
    assert "Load of each PE" not in page
    slots["sync"][0] += 1
    with pytest.raises(RecordError, match=r"PEs have \d+ of \d+ slots of sync"):
        save_results(tmp_path / "wrong.json", data)
