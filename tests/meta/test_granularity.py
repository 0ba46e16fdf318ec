"""``make granularity``: references against brute force, storage against formats, the page."""

from __future__ import annotations

import io
import itertools
import json
from html import unescape
from typing import Any

import numpy as np
import pytest
from rich.progress import Progress

from models.formats.rle import Rle
from models.networks import FOLDER, load_digits
from models.pruning import mask
from models.workloads.scnn import SCNN_LAYERS, ScnnBenchmark
from scripts.console import Console
from scripts.granularity import accuracy, cli, counted, hardware, page, paper, plots, tables
from scripts.granularity.layers import Conv
from scripts.granularity.references import (
    FACTORS,
    GROUP,
    PE_GRID,
    distinct,
    merging,
    outputs_of_steps,
    products,
    streams,
)
from scripts.train import granularity as train
from tests.meta.test_pictures import misleading

SMALL = Conv("small")


@pytest.fixture(autouse=True)
def _a_small_layer(monkeypatch: pytest.MonkeyPatch):
    """In the table of layers."""
    monkeypatch.setitem(SCNN_LAYERS, SMALL.full_name, ScnnBenchmark(40, 20, 3, 11, 0.4, 0.5))


def drawn(grain: str, seed: int = 1):
    """A small layer pruned at a granularity, and a map, both with odd sizes."""
    draw = np.random.default_rng(seed)
    weights = mask(draw.normal(size=(10, 5, 3, 3)), 0.4, grain, **train.GRAINS[grain])
    return weights, draw.random((5, 11, 13)) < 0.45


def products_of(weights, acts, pad):
    """Every product of two non-zeros that has an output: (k, c, r, s, y, x, output)."""
    high = acts.shape[1] + 2 * pad - weights.shape[2] + 1
    wide = acts.shape[2] + 2 * pad - weights.shape[3] + 1
    for k, c, r, s in np.argwhere(weights).tolist():
        for y, x in np.argwhere(acts[c]).tolist():
            row, col = y - r + pad, x - s + pad
            if 0 <= row < high and 0 <= col < wide:
                yield k, c, r, s, y, x, (k, row, col)


GRAIN_OF = {
    "fine": lambda k, c, r, s: (k, c, r, s),
    "vector": lambda k, c, r, s: (k, c, r),
    "kernel": lambda k, c, r, s: (k, c),
    "filter": lambda k, c, r, s: (k,),
    "block": lambda k, c, r, s: (k // 4, c // 4, r, s),
}


@pytest.mark.parametrize("grain", train.GRAINS)
@pytest.mark.parametrize("pad", [0, 1])
def test_distinct_outputs_of_grains_are_those_of_brute_force(grain, pad):
    weights, acts = drawn(grain)
    every = list(products_of(weights, acts, pad))
    assert products(weights, acts, pad) == len(every)
    touched = {(GRAIN_OF[grain](*one[:4]), one[6]) for one in every}
    assert distinct(grain, weights, acts, pad) == len(touched)


def steps_by_hand(weights, acts, aligned):
    """The steps of both streams of every channel, in plain Python."""
    filters, channels, rows, cols = weights.shape
    high, wide = (-(-n // parts) for n, parts in zip(acts.shape[1:], PE_GRID, strict=True))
    for c in range(channels):
        wgt: list[Any] = []
        inside: list[Any]
        for first in range(0, filters, GROUP):
            inside = [
                (k, r, s)
                for k in range(first, min(first + GROUP, filters))
                for r in range(rows)
                for s in range(cols)
                if weights[k, c, r, s]
            ]
            if aligned:
                parts = [list(some) for _, some in itertools.groupby(inside, lambda one: one[:2])]
            else:
                parts = [inside[at : at + FACTORS[0]] for at in range(0, len(inside), FACTORS[0])]
            wgt += parts
        act = []
        for tile in itertools.product(range(PE_GRID[0]), range(PE_GRID[1])):
            inside = [
                (y, x)
                for y in range(tile[0] * high, min((tile[0] + 1) * high, acts.shape[1]))
                for x in range(tile[1] * wide, min((tile[1] + 1) * wide, acts.shape[2]))
                if acts[c, y, x]
            ]
            act += [inside[at : at + FACTORS[1]] for at in range(0, len(inside), FACTORS[1])]
        yield c, wgt, act


@pytest.mark.parametrize("aligned", [False, True])
def test_merging_within_a_step_is_that_of_brute_force(aligned):
    weights, acts = drawn("fine")
    pad, out = 1, acts.shape[1:]
    made = streams(weights, acts, aligned)
    found = outputs = 0
    for c, wgt, act in steps_by_hand(weights, acts, aligned):
        assert made.weights.first[c + 1] - made.weights.first[c] == len(wgt)
        assert made.acts.first[c + 1] - made.acts.first[c] == len(act)
        for some, others in itertools.product(wgt, act):
            places = [(k, y - r + pad, x - s + pad) for k, r, s in some for y, x in others]
            inside = [one for one in places if 0 <= one[1] < out[0] and 0 <= one[2] < out[1]]
            found += len(inside)
            outputs += len(set(inside))
    pairs = [
        (w, a)
        for c in range(weights.shape[1])
        for w in range(made.weights.first[c], made.weights.first[c + 1])
        for a in range(made.acts.first[c], made.acts.first[c + 1])
    ]
    wgt_steps, act_steps = np.array(pairs).T
    counts = outputs_of_steps(made, wgt_steps, act_steps, out, pad)
    assert (counts[0].sum(), counts[1].sum()) == (found, outputs)
    assert found == products(weights, acts, pad)
    share = merging(weights, acts, pad, np.random.default_rng(3), aligned, drawn=20_000)
    assert abs(share.share - outputs / found) < 5 * share.error
    assert 0 < share.error < 0.01


def test_one_row_of_a_kernel_on_a_long_row_follows_the_closed_form():
    acts = np.random.default_rng(1).random((4, 1, 20_000)) < 0.4
    weights = np.ones((1, 4, 1, 3), dtype=bool)
    share = distinct("vector", weights, acts, 0) / products(weights, acts, 0)
    assert share == pytest.approx((1 - 0.6**3) / (3 * 0.4), abs=0.005)


def test_a_layer_without_anything_has_no_references():
    weights, acts = np.zeros((2, 2, 3, 3), dtype=bool), np.zeros((2, 4, 4), dtype=bool)
    assert merging(weights, acts, 1, np.random.default_rng(1)).share == 1.0
    assert all(distinct(grain, weights, acts, 1) == 0 for grain in train.GRAINS)


# ---------------------------------------------------------------- what make train left


@pytest.fixture(scope="module")
def results() -> train.Results:
    return train.read()


def test_the_tiny_study_comes_out_the_same(results):
    assert train.tiny(load_digits(), Progress(disable=True)) == results.check


def test_committed_results_are_whole(results):
    keys = [(o["network"], o["seed"], o["granularity"], o["asked"]) for o in results.points]
    assert len(set(keys)) == len(keys)
    for one in results.points:
        assert abs(one["accuracy"] * 2000 - round(one["accuracy"] * 2000)) < 1e-6
        assert one["density"] == pytest.approx(one["asked"], abs=0.06)
    for network, seed in itertools.product(train.STUDIED, train.SEEDS):
        mine = {key[2:] for key in keys if key[:2] == (network, seed)}
        assert (train.DENSE, 1.0) in mine
        for grain in set(train.GRAINS) - {"filter"}:
            assert {(grain, density) for density in train.PLANS[network][0]} <= mine
    for network, (densities, _) in train.PLANS.items():
        last = {
            o["granularity"]: o["accuracy"]
            for o in accuracy.curves(results)
            if (o["network"], o["asked"]) == (network, densities[-2])
        }
        assert last["fine"] > last["filter"]


def test_masks_are_made_of_whole_grains_and_nested(results):
    for (network, grain, density, layer), kept in results.masks.items():
        shape = train.studied_shapes(network)[layer]
        again = train.grow(kept[train.representatives(shape, grain)], shape, grain)
        assert np.array_equal(again, kept)
        sparser = [d for d in train.PLANS[network][0] if d < density]
        for other in sparser[:1]:
            inside = results.masks.get((network, grain, other, layer))
            assert inside is None or not (inside & ~kept).any()


def test_damaged_results_are_refused(tmp_path, results):
    for name in (train.RESULTS, train.MASKS):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    data = json.loads((tmp_path / train.RESULTS).read_text())
    point = next(one for one in data["points"] if one["granularity"] == "kernel")
    point["kept"] = {name: count + 9 for name, count in point["kept"].items()}
    (tmp_path / train.RESULTS).write_text(json.dumps(data))
    with pytest.raises(ValueError, match="need what make train wrote"):
        train.read(tmp_path)
    with pytest.raises(FileNotFoundError):
        train.read(tmp_path / "nowhere")


# ---------------------------------------------------------------- storage


@pytest.mark.parametrize("density", [0.03, 0.2])
def test_fine_grains_with_fillers_are_the_run_length_format(density):
    kept = mask(np.random.default_rng(1).normal(size=(40, 20, 3, 3)), density)
    fmt = Rle(8, 4)
    size = fmt.size(fmt.encode(accuracy.matrix_of(kept, "fine"))).total
    found = accuracy.stored({"layer": kept}, "fine")
    assert found["measured"] == pytest.approx(size / kept.size / 8)
    assert found["formula"] == pytest.approx(paper.formula(kept.mean(), 1))
    assert (found["measured"] > 1.05 * found["formula"]) == (density < 0.1)


def test_grains_of_a_3x3_kernel_store_what_the_formula_says():
    weights = np.random.default_rng(1).normal(size=(32, 16, 3, 3))
    for grain, size in paper.GRAINS.items():
        kept = mask(weights, 0.5, grain)
        found = accuracy.stored({"layer": kept}, grain)
        assert found["formula"] == pytest.approx(paper.formula(kept.mean(), size))
        assert found["best"] <= 1.02 * found["measured"]


def test_the_formula_gives_the_papers_figures_where_it_should():
    for network, found in paper.STORAGE.items():
        for grain, size in paper.GRAINS.items():
            density, storage = found[grain]
            if network == "VGG-16" or grain == "fine":
                assert 100 * paper.formula(density / 100, size) == pytest.approx(storage, abs=0.16)


def test_density_at_equal_accuracy_lies_between_the_points():
    def point(density, value):
        return {"density": density, "accuracy": value, "asked": density}

    points = [point(1.0, 0.99), point(0.5, 0.99), point(0.25, 0.97), point(0.1, 0.98)]
    share, above, below = accuracy.crossing(points, 0.98)
    assert share == pytest.approx(0.5) and (above["density"], below["density"]) == (0.5, 0.25)
    assert accuracy.between(0.5, 0.5, 0.125) == 0.25
    assert accuracy.crossing(points, 0.9) is None


# ---------------------------------------------------------------- designs


def test_what_is_zero_throughout_is_left_out():
    kept = np.zeros((6, 4, 3, 3), dtype=bool)
    kept[1:3, 2] = True
    acts = np.arange(4 * 6 * 6).reshape(4, 6, 6)
    layer = hardware.Work("other", "x", "kernel", kept, acts).as_layer(False)
    assert layer.weights.shape == (2, 1, 3, 3) and (layer.weights != 0).all()
    assert np.array_equal(layer.inputs[0, 0], acts[2])


def test_every_design_runs_every_granularity():
    work = list(hardware.density_work(SMALL))
    records = [hardware.measure(one, build) for one in work for build in hardware.builds()]
    assert not [one for one in records if "reason" in one]
    sums = hardware.totals(records, hardware.EQUAL_DENSITY)
    assert len(sums) == len(hardware.builds()) > 2
    for name in tables.FIGURES:
        for found in hardware.relative(sums, name).values():
            assert found[hardware.UNPRUNED] == 1
            assert found["filter"] < 1 or name != "loaded"
            assert all(0 < value < 1.4 for value in found.values())


def test_a_build_that_cannot_run_all_layers_has_no_figures():
    one = {"kind": "x", "build": "b", "granularity": "fine"}
    assert hardware.totals([one | {"reason": "too large"}], "x") == {}


# ---------------------------------------------------------------- RTL, page, command line


def test_references_on_scnn_are_a_column_only_where_there_are_any(tmp_path):
    records = [counted.of_layer(SMALL, grain) for grain in train.GRAINS]
    data = {"references": records, "on_scnn": [], "maps": "iid"}
    plain = tables.reference_table(data)
    assert not [one for one in plain.head if "SCNN" in one] and "MERGE" not in plain.text
    point = {
        "layer": "small", "granularity": "vector", "source": "model", "equal": True, "share": 0.75,
        "whole": None,
        "crop": [16, 8, 14], "products": 200, "reads": 150, "bank_off": 0.1, "bank_on": 0.05,
        "cycles": 0.99,
    }  # fmt: skip
    path = tmp_path / "bench.json"
    path.write_text(json.dumps({"studies": {"merging": [point]}}))
    other = tmp_path / "of_another_design.json"
    other.write_text(json.dumps({"runs": []}))
    found = counted.on_scnn(tmp_path / "none.json", other, path)
    assert found == [point]
    table = tables.reference_table(data | {"on_scnn": [point | {"source": "rtl"}]})
    assert table.head[-1] == "SCNN vector" and table.rows[0][-1] == "75.0"
    assert "MERGE" in table.text
    table = tables.reference_table(data | {"on_scnn": found})
    assert table.rows[0][-1] == "75.0~", "what was not counted in RTL says so"
    (row,) = tables.merged(found).rows
    assert row[1:] == ("16 of 8, 14x14", "vector", "model", "200", "150", "75.0", "", "10.0",
                       "5.0", "99.0")  # fmt: skip
    assert counted.on_scnn(tmp_path / "none.json") == []
    path.write_text('{"studies": {"merging": [{"layer": "x"}]}}')
    with pytest.raises(ValueError, match="need records of make bench"):
        counted.on_scnn(path)
    path.write_text(json.dumps({"studies": {"merging": [point | {"equal": False}]}}))
    with pytest.raises(ValueError, match="RTL and model count differently in small"):
        counted.on_scnn(path)


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch):
    """One small layer on two builds, in this process."""
    monkeypatch.setattr(cli, "LAYERS", ("small",))
    monkeypatch.setattr(hardware, "CHOSEN", ("small",))
    monkeypatch.setattr(hardware, "studied_shapes", lambda network: {})
    some = hardware.builds()[:2]
    monkeypatch.setattr(hardware, "builds", lambda: some)


@pytest.mark.usefixtures("_small")
def test_the_whole_study_on_a_small_layer(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cli, "DOCS", tmp_path / "small.json")
    assert cli.main(["--jobs=1", "--out", str(tmp_path), "--docs"]) == cli.OK
    said = capsys.readouterr().out
    data = json.loads((tmp_path / "granularity.json").read_text())
    kept = json.loads((tmp_path / "small.json").read_text())
    assert kept["equal"] == data["equal"] and len(kept["paper"]) == 15
    assert kept["references"] == counted.total(data["references"])
    html = (tmp_path / page.PAGE).read_text()
    for table in tables.all_tables(data):
        assert table.title in unescape(html) and table.title in said
    assert html.count("<svg") == 4 and (tmp_path / "granularity.png").is_file()
    assert page.main([str(tmp_path)]) == 0
    assert (tmp_path / page.PAGE).read_text() == html
    figures = [plots.accuracy(data["accuracy"]), plots.storage(data["equal"]),
               plots.references(data["references"]),
               plots.hardware(data["hardware"], hardware.EQUAL_DENSITY)]  # fmt: skip
    assert [misleading(one) for one in figures] == [[]] * 4


def test_clustered_maps_are_other_maps():
    one, other = (counted.of_layer(Conv("small", maps), "vector") for maps in ("iid", "clustered"))
    assert one["products"] != other["products"]
    assert one["d1"] / one["products"] != pytest.approx(other["d1"] / other["products"], rel=0.01)


@pytest.mark.parametrize("part", ["--layers=conv5-1", "--maps=clustered"])
def test_only_the_whole_study_is_committed(part, capsys):
    assert cli.main(["--docs", part]) == cli.BAD_INPUT
    assert "docs: found a part, need all layers and iid maps" in capsys.readouterr().err


def near(record):
    """A record with nine digits of its numbers: the last ones are the processor's."""
    return {name: f"{one:.9g}" if isinstance(one, float) else one for name, one in record.items()}


def test_the_committed_study_is_that_of_today(results):
    kept = json.loads(cli.DOCS.read_text())
    curves, sizes = accuracy.curves(results), accuracy.sizes(results)
    for name, today in (("equal", accuracy.equal(curves, sizes)), ("paper", cli.of_paper())):
        assert len(kept[name]) == len(today)
        for one, other in zip(kept[name], today, strict=True):
            assert near(one) == near(other)


def test_wrong_layers_are_refused(tmp_path, capsys):
    assert cli.main(["--layers", "conv9", "--out", str(tmp_path)]) == cli.BAD_INPUT
    assert "layers: found 'conv9'" in capsys.readouterr().err


def test_a_table_marks_the_best_in_the_terminal():
    table = tables.Shown("t", "", ("a", "b"), (("x", "0.5*"), ("y", "0.7")))
    out = io.StringIO()
    Console(file=out, width=60).print(table.console())
    assert "0.5 " in out.getvalue() and "*" not in out.getvalue()


def test_pages_are_made_from_files_only(results):
    """The figures of the accuracy part come from what is committed, without training."""
    records = accuracy.curves(results)
    sizes = accuracy.sizes(results)
    for one in accuracy.equal(records, sizes):
        assert 0 < one["density"] <= 1 and one["formula"] <= one["measured"] + 1e-9
    assert (FOLDER / train.MASKS).stat().st_size < 100_000
