"""``make run`` on arrays: counters as the cycle model says, zero operands by cause, N:M for all.

No RTL: a player answers what the cycle model predicts, and a test spoils it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from models.dense import DenseConfig
from models.layer import Layer
from models.packets import pack_rows_of_lanes
from models.registry import DESIGNS, design
from models.sparse_on_dense import SparseOnDenseConfig
from scripts.measure.records import SATURATED, disagreements, load_results
from scripts.run import cli as run
from scripts.run.tasks import tasks_of, weight_group
from tests.meta.toy_design import Result

SMALL = "rows=4,cols=8"


def player(change=lambda result: None):
    """Results and counters of the cycle model, spoiled by ``change``."""

    def play(program, config, progress, **_options) -> Result:
        packets, counters = [], []
        made = design(program.design)
        for one in made.cycles(program, config):
            counters.append(dict.fromkeys(made.counter_names, 0) | one.counters)
            counters[-1]["cycles"] = one.compute
            if one.results is not None:
                lanes = one.results.reshape(-1, getattr(config, "cols", 4))
                packets.append(pack_rows_of_lanes(lanes, config.act_width))
        result = Result(packets, counters)
        change(result)
        return result

    return play


def draw_layer(weights, acts, seed: int = 1, **options) -> Layer:
    """A random layer, half of the weights and a third of the activations zero."""
    rng = np.random.default_rng(seed)
    return Layer(
        rng.integers(-3, 4, weights) * (rng.random(weights) < 0.5),
        rng.integers(1, 9, acts) * (rng.random(acts) < 0.67),
        **options,
    )


@pytest.fixture
def conv(tmp_path):
    """A file: 5 channels, 10 outputs, 3 x 3, stride 2, padding 1."""
    layer = draw_layer((10, 5, 3, 3), (2, 5, 7, 6))
    path = tmp_path / "conv.npz"
    np.savez(
        path, weights=layer.weights, activations=layer.activations, stride=2, padding=1, shift=0
    )
    return path


# ---------------------------------------------------------------- the cycle model


def go(tmp_path, *arguments, change=lambda result: None) -> int:
    given = ["--out", str(tmp_path / "out"), *map(str, arguments)]
    return run.main(given, player(change))


@pytest.fixture
def _no_page(monkeypatch):
    monkeypatch.setattr(run, "write_report", lambda folder: folder)


@pytest.mark.parametrize("name", ["dense", "sparse_on_dense"])
@pytest.mark.parametrize(
    "counter",
    ["cycles_compute", "stall_input", "stall_sync", "slot_padding", "wgt_reads", "act_writes"],
)
@pytest.mark.usefixtures("_no_page")
def test_a_counter_that_is_off_is_exit_1_with_all_that_says_where(
    tmp_path, capsys, conv, name, counter
):
    counts = []

    def fewer(result):
        counts.append(result.counters[1][counter])
        result.counters[1][counter] -= 1

    arguments = ("--layer", conv, "--design", name, "--config", SMALL)
    assert go(tmp_path, *arguments) == run.OK
    capsys.readouterr()
    assert go(tmp_path, *arguments, change=fewer) == run.FAILED
    said = capsys.readouterr()
    assert (
        f"differs: {name}, conv: counter {counter} is {counts[0] - 1} in RTL, {counts[0]} in the "
        "cycle model (pass 2 of 2 differs)"
    ) in said.err
    assert "bit-exact:" not in said.out


@pytest.mark.parametrize("name", ["dense", "sparse_on_dense"])
def test_a_cycle_model_half_off_fails_and_the_page_says_so(tmp_path, capsys, conv, name):
    def faster(result):
        result.counters[0]["cycles_compute"] = result.counters[0]["cycles_compute"] * 2 // 3

    assert go(tmp_path, "--layer", conv, "--design", name, change=faster) == run.FAILED
    assert "counter cycles_compute is " in capsys.readouterr().err
    page = (tmp_path / "out" / "index.html").read_text()
    assert "conv: the RTL is not as the cycle model predicts: cycles_compute is " in page


@dataclass
class Predicted:
    """What is looked at of a ``PassCycles``."""

    compute: int
    counters: dict[str, int]


def test_passes_are_compared_one_by_one():
    """Errors that cancel out over the passes are errors."""
    model: Any = [Predicted(10, {"wgt_reads": 4}) for _ in range(4)]
    count = [{"cycles_compute": 10, "wgt_reads": n} for n in (4, 5, 3, 4)]
    (line,) = disagreements(count, model)
    assert line == (
        "wgt_reads is 5 in RTL, 4 in the cycle model (pass 2 of 4 differs; so do 1 more)"
    )
    count = [one | {"wgt_reads": 4} for one in count]
    assert disagreements(count, model) == []
    count[3]["cycles_compute"] = 11
    (line,) = disagreements(count, model)
    assert line == "cycles_compute is 11 in RTL, 10 in the cycle model (pass 4 of 4 differs)"


def test_a_counter_stays_at_its_end():
    model: Any = [Predicted(10, {"mac_slots": SATURATED + 7})]
    assert disagreements([{"cycles_compute": 10, "mac_slots": SATURATED}], model) == []


# ---------------------------------------------------------------- zero operands


def counted(layer: Layer, rows: int, cols: int) -> dict[str, int]:
    """Slots of each kind by looking at every one: outputs, pixels, taps, rows, columns."""
    weights, acts = layer.weights, layer.activations
    if layer.border == 0 and weights.shape[2:] == acts.shape[2:]:  # fully connected
        weights = weights.reshape(len(weights), -1, 1, 1)
        acts = acts.reshape(len(acts), -1, 1, 1)
    filters, channels, taps_r, taps_s = weights.shape
    samples, _, height, width = acts.shape
    _, _, out_h, out_w = layer.out_shape
    found = dict.fromkeys(("useful", "geometry", "weight", "activation"), 0)
    lanes = range(-(-channels // rows) * rows)
    outs = range(-(-filters // cols) * cols)
    places = product(range(samples), range(out_h), range(out_w), range(taps_r), range(taps_s))
    for b, p, q, r, s in places:
        y, x = p * layer.step + r - layer.border, q * layer.step + s - layer.border
        inside = 0 <= y < height and 0 <= x < width
        for c, k in product(lanes, outs):
            if c >= channels or k >= filters:
                found["geometry"] += 1
            elif weights[k, c, r, s] == 0:
                found["weight"] += 1
            elif not inside or acts[b, c, y, x] == 0:
                found["activation"] += 1
            else:
                found["useful"] += 1
    return found


LAYERS = {
    "conv": draw_layer((10, 5, 3, 3), (2, 5, 7, 6), stride=2, padding=1),
    "border": draw_layer((3, 6, 2, 3), (1, 6, 4, 4), stride=1, padding=2),
    "steps": draw_layer((9, 4, 1, 1), (1, 4, 7, 7), stride=3),
    "batch": draw_layer((11, 9, 1, 1), (5, 9, 1, 1)),
    "whole image": draw_layer((5, 3, 3, 2), (3, 3, 3, 2)),
    "fills it": draw_layer((8, 4, 1, 1), (1, 4, 3, 3)),
    "all zero": Layer(np.zeros((3, 3), int), [1, 2, 3]),
}
#: as it is, and so small that layers are cut along every axis
DEPTHS = {"large": {}, "cut": {"act_depth": 7, "wgt_depth": 20, "acc_depth": 5, "bias_depth": 1}}


@pytest.mark.parametrize("depths", DEPTHS)
@pytest.mark.parametrize("kind", [DenseConfig, SparseOnDenseConfig])
@pytest.mark.parametrize("name", LAYERS)
def test_causes_are_those_of_a_look_at_every_slot(name, kind, depths):
    layer, config = LAYERS[name], kind(rows=4, cols=8, **DEPTHS[depths])
    model = design("dense" if kind is DenseConfig else "sparse_on_dense")
    predicted = model.cycles(model.compile(layer, config), config)
    useful = sum(one.counters["mac_useful"] for one in predicted)
    found = model.causes(layer, config, useful)["padding"]
    assert found | {"useful": useful} == counted(layer, 4, 8)
    assert sum(found.values()) == sum(one.counters["slot_padding"] for one in predicted)


def test_the_layers_are_cut_and_have_every_cause():
    every = [counted(one, 4, 8) for one in LAYERS.values()]
    assert all(any(one[cause] for one in every) for cause in every[0])
    assert counted(LAYERS["fills it"], 4, 8)["geometry"] == 0
    config = DenseConfig(rows=4, cols=8, **DEPTHS["cut"])
    model = design("dense")
    assert len(model.compile(LAYERS["conv"], config).passes) > 4


def test_causes_are_in_results_page_and_table(tmp_path, conv, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert go(tmp_path, "--layer", conv, "--design", "dense", "--config", SMALL) == run.OK
    (one,) = load_results(tmp_path / "out" / "results.json")["runs"]
    want = counted(
        replace(draw_layer((10, 5, 3, 3), (2, 5, 7, 6)), stride=(2, 2), padding=(1,) * 4), 4, 8
    )
    assert one["causes"]["padding"] | {"useful": one["mac_useful"]} == want
    assert sum(one["causes"]["padding"].values()) == one["slots"]["padding"]
    page, text = (tmp_path / "out" / "index.html").read_text(), capsys.readouterr().out
    for label, cause in (
        ("no channel or output", "geometry"),
        ("weight is zero", "weight"),
        ("activation is zero", "activation"),
    ):
        share = f"{100 * want[cause] / one['mac_slots']:.1f} %"
        assert f"{want[cause]:,}\n({share})" in page
        assert f"<th>{label}</th>" in page
        assert any(label in line and share in line for line in text.splitlines())
        assert page.count(label) >= 2, "in the picture and in the table"
    assert "padding entry" not in page


# ---------------------------------------------------------------- N:M


@pytest.fixture
def floats(tmp_path):
    rng = np.random.default_rng(1)
    path = tmp_path / "f.npz"
    np.savez(path, weights=rng.normal(size=(32, 32)), activations=np.abs(rng.normal(size=32)))
    return path


def jobs(*arguments):
    return {one.design: one.job for one in tasks_of(run.parse(list(map(str, arguments))))}


def test_side_by_side_all_designs_have_the_weights_that_one_can_store(floats):
    made = jobs("--layer", floats, "--design", "all", "--config", "wgt_format=2")
    assert set(made) == set(DESIGNS)
    weights = [job.layers[0].weights for job in made.values()]
    assert all(np.array_equal(one, weights[0]) for one in weights)
    assert made["dense"].layers[0].weight_density == 0.5
    assert (np.count_nonzero(weights[0].reshape(8, 4, 32), axis=1) == 2).all()
    for job in made.values():
        note = job.notes[0]
        assert "2:4 along the outputs, for every design" in note and "sparse_on_dense" in note
    alone = jobs("--layer", floats, "--design", "all")["eie"]
    assert alone.layers[0].weight_density == pytest.approx(0.1, abs=0.01)
    assert [note.split(":")[0] for note in alone.notes] == ["weights"]


@pytest.mark.usefixtures("_no_page")
def test_the_note_is_shown_and_kept(tmp_path, floats, capsys):
    arguments = ("--layer", floats, "--design", "dense,sparse_on_dense", "--config", "wgt_format=2")
    assert go(tmp_path, *arguments) == run.OK
    assert capsys.readouterr().out.count("note: weights pruned to 2:4 along the outputs") == 1
    data = load_results(tmp_path / "out" / "results.json")
    assert [len(group["notes"]) for group in data["groups"]] == [2, 2]
    assert [one["weight_density"] for one in data["runs"]] == [0.5, 0.5]


def test_a_density_beside_groups_is_refused_by_name(tmp_path, floats, capsys):
    config = "wgt_format=2,group_n=1"
    arguments = ("--layer", floats, "--design", "all", "--config", config, "--density", 0.05)
    assert go(tmp_path, *arguments) == run.BAD_INPUT
    said = capsys.readouterr().err.strip()
    assert "density: found 0.05 beside weights pruned to 1:4 (sparse_on_dense)" in said
    assert len(said.splitlines()) == 1
    for design_name in ("dense", "eie"):
        made = jobs("--layer", floats, "--design", design_name, "--density", 0.05)
        assert made[design_name].layers[0].weight_density == pytest.approx(0.05, abs=0.01)


def test_integers_are_not_said_to_be_pruned(conv):
    made = jobs("--layer", conv, "--design", "all", "--config", "wgt_format=2")
    assert all(job.notes == [] for job in made.values())


def test_builds_that_disagree_on_groups_are_refused():
    kind = SparseOnDenseConfig
    one, other = kind(wgt_format=2), kind(wgt_format=2, group_n=1)
    assert weight_group({"a": DenseConfig(), "b": one, "c": one}).note.startswith("weights pruned")
    assert weight_group({"a": DenseConfig(), "b": kind()}) is None
    with pytest.raises(ValueError, match=r"config: found 2:4 \(a\) and 1:4 \(b\), need the same"):
        weight_group({"a": one, "b": other})


# ---------------------------------------------------------------- designs that cannot take a layer


@pytest.fixture
def many(tmp_path):
    """Integer weights whose sums are beyond the accumulator of EIE alone, of more values than it
    has codes of 4 bits for, and of more than any codebook holds.
    """
    draw = np.random.default_rng(3)
    paths = [tmp_path / f"{name}.npz" for name in ("wide", "narrow", "codes")]
    np.savez(paths[0], weights=np.full((4, 9), 30000), activations=np.full(9, 30000))
    for path, span in zip(paths[1:], (60, 3000), strict=True):
        weights = draw.integers(-span, span, (20, 30))
        np.savez(path, weights=weights, activations=draw.integers(0, 9, 30))
    return paths


def test_a_design_that_cannot_take_a_layer_is_missing_with_its_reason(tmp_path, many, capsys):
    reason = "acc_width 32 holds less than 2147483648"
    assert go(tmp_path, "--layer", many[0], "--design", "all") == run.OK
    said = " ".join(capsys.readouterr().out.split())
    assert reason in said and "missing: eie" in said and "all equal" in said
    data = load_results(tmp_path / "out" / "results.json")
    assert {one["design"] for one in data["runs"]} == set(DESIGNS) - {"eie"}
    (missing,) = data["missing"]
    assert missing["design"] == "eie" and reason in missing["reason"]
    page = " ".join((tmp_path / "out" / "index.html").read_text().split())
    assert page.count(reason) == 2, "on top, and in the table"


@pytest.mark.usefixtures("_no_page")
def test_a_design_that_was_named_and_cannot_is_exit_2_and_the_others_are_kept(
    tmp_path, many, capsys
):
    assert go(tmp_path, "--layer", many[0], "--design", "dense,eie") == run.BAD_INPUT
    assert len(load_results(tmp_path / "out" / "results.json")["runs"]) == 1
    capsys.readouterr()
    assert go(tmp_path, "--layer", many[0], "--design", "eie") == run.BAD_INPUT
    said = capsys.readouterr().err.strip()
    assert said.startswith("error: eie: accumulator: ") and len(said.splitlines()) == 1


@pytest.mark.usefixtures("_no_page")
def test_one_design_left_of_two_is_still_in_the_table(tmp_path, many, capsys):
    assert go(tmp_path, "--layer", many[0], "--design", "eie,dense") == run.BAD_INPUT
    table = capsys.readouterr().out.split("Side by side")[1]
    assert "dense" in table and "missing" in table


@pytest.mark.usefixtures("_no_page")
def test_integers_run_as_they_are_but_for_a_codebook(tmp_path, many, capsys):
    """However many different values there are; only EIE has other weights, and says by how much."""
    assert go(tmp_path, "--layer", many[2], "--design", "all") == run.OK
    data = load_results(tmp_path / "out" / "results.json")
    assert {one["design"] for one in data["runs"]} == set(DESIGNS)
    said = re.findall(r"note: (codes on \w+: weights re-quantized [^;]*)", capsys.readouterr().out)
    (layer,) = jobs("--layer", many[2], "--design", "dense")["dense"].layers
    given = np.load(many[2])["weights"]
    assert np.array_equal(layer.weights[:, :, 0, 0], given) and np.unique(given).size > 500
    model = design("eie")
    config = model.holding([layer], model.config())
    used = model.fitted(layer, config).weights[:, :, 0, 0]
    error = np.sqrt(((used - given) ** 2).sum() / (given**2).sum())
    assert 0 < error < 0.01
    assert said == [
        f"codes on eie: weights re-quantized to {np.unique(used[used != 0]).size} shared values, "
        f"relative error {error:.3g} (root mean square)"
    ]


def test_codes_are_as_wide_as_the_layer_needs(many, floats):
    def build(*arguments):
        tasks = {one.design: one for one in tasks_of(run.parse(list(map(str, arguments))))}
        return tasks["eie"]

    narrow = build("--layer", many[1], "--design", "all")
    assert (narrow.config.code_width, narrow.config.idx_width) == (8, 8)
    assert narrow.notes == (
        "built with code_width=8, idx_width=8, spmat_width=64, as the layer needs",
    )
    design("eie").compile(narrow.job.layers[0], narrow.config)
    wide = build("--layer", floats, "--bits", 8, "--design", "all")
    assert wide.config.code_width == 8
    design("eie").compile(wide.job.layers[0], wide.config)
    assert build("--layer", floats, "--bits", 4, "--design", "all").config.code_width == 4
    given = build("--layer", many[1], "--design", "eie", "--config", "code_width=4")
    assert given.config.code_width == 4, "what is asked for is not changed"


@pytest.mark.usefixtures("_no_page")
def test_a_float_layer_runs_on_builds_of_8_bits(tmp_path, floats):
    config = "act_width=8,wgt_width=8,rows=4,cols=8"
    arguments = ("--layer", floats, "--design", "dense,sparse_on_dense", "--config", config)
    assert go(tmp_path, *arguments) == run.OK
    (job,) = {id(one): one for one in jobs(*arguments).values()}.values()
    layer = job.layers[0]
    assert 64 <= np.abs(layer.weights).max() < 128 and 64 <= np.abs(layer.activations).max() < 128


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "all weights are pruned away: DENSITY=0.1, the default, keeps 0 of 4"),
        ({"weights": np.zeros((2, 2), int)}, "all weights are zero"),
        ({"weights": np.eye(2, dtype=int), "activations": np.zeros(2)}, "all activations are zero"),
        ({"weights": -np.ones((2, 2), int), "activations": np.ones(2, int)}, "outputs are zero"),
        ({"weights": np.full((2, 2), 9), "activations": np.full(2, 30000), "shift": np.array(0)},
         "outputs saturate"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("_no_page")
def test_a_result_in_which_nothing_was_computed_says_so(tmp_path, capsys, change, told):
    arrays = {"weights": np.ones((2, 2)), "activations": np.array([0.1, 0.2])} | change
    np.savez(tmp_path / "tiny.npz", **arrays)
    assert go(tmp_path, "--layer", tmp_path / "tiny.npz", "--design", "dense") == run.OK
    assert told in " ".join(capsys.readouterr().out.split())
    (group,) = load_results(tmp_path / "out" / "results.json")["groups"]
    assert any(told in note for note in group["notes"])


@pytest.mark.usefixtures("_no_page")
def test_a_layer_in_which_something_was_computed_has_no_such_note(tmp_path, conv):
    assert go(tmp_path, "--layer", conv, "--design", "dense") == run.OK
    (group,) = load_results(tmp_path / "out" / "results.json")["groups"]
    assert group["notes"] == []
