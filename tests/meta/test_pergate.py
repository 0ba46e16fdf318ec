"""``make pergate``: the figures behind the maps could come out otherwise."""

from __future__ import annotations

import io
import json
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models import registry
from models.checks import check_accumulator
from models.layer import Layer
from models.names import quoted
from scripts.area.tree import AreaTree
from scripts.area.yosys import AreaError
from scripts.console import Console
from scripts.farm.settings import Setting
from scripts.pergate import cli as pergate
from scripts.pergate import page as pergate_report
from scripts.pergate.cli import (
    BUILDS,
    LAYERS,
    OVERHEADS,
    Build,
    Point,
    measure,
    per_gate,
    random_layer,
)
from scripts.pergate.page import best_advantage, flat_paths, ratios, why, write_report


def point(build: str, weight: float, activation: float, rate: float) -> dict:
    return {
        "layer": "x",
        "build": build,
        "weight_density": weight,
        "activation_density": activation,
        "equal": rate,
        "scaled": rate,
        "memory": rate,
    }


@pytest.fixture
def data() -> dict:
    """EIE at 1 and 3 (the better build counts), dense at 2, Sparse-on-Dense at 4 and 12."""
    points = []
    for weight in (0.1, 1.0):
        for activation in (0.1, 1.0):
            points += [
                point("EIE, 64 PEs", weight, activation, 1),
                point("EIE, files", weight, activation, 3),
                point("dense", weight, activation, 2),
                point("Sparse-on-Dense", weight, activation, 12 if weight == 0.1 else 4),
            ]
    chip = {"gates": 10.0, "fo4": 5.0, "multipliers": 2, "file_bits": 0}
    labels = ("EIE, 64 PEs", "EIE, files", "dense", "Sparse-on-Dense")
    designs = ("eie", "eie", "dense", "sparse_on_dense")
    chips = {one: chip | {"design": name} for one, name in zip(labels, designs, strict=True)}
    return {
        "densities": [0.1, 1.0],
        "points": points,
        "silicon": chips,
        "bit_price": 0.5,
        "overhead": OVERHEAD,
    }


OVERHEAD = [
    {"size": size, "format": "CSC", "units": 2, "lanes": 1, "gates": gates, "array": array,
     "of_array": gates / array, "of_total": gates / (2 * array)}
    for size, gates, array in ((8, 40, 800), (16, 50, 3200))
]  # fmt: skip
EIES = ["EIE, 64 PEs", "EIE, files"]
OVER = ("sparse_on_dense",)


def test_ratios_take_the_best_build_of_each_side(data):
    assert ratios(data, "x", "equal", EIES, ["dense"]).tolist() == [[1.5, 1.5], [1.5, 1.5]]
    found = ratios(data, "x", "equal", ["Sparse-on-Dense"], EIES)
    assert found.tolist() == [[4.0, 4.0], [4 / 3, 4 / 3]]


def test_advantage_over_each_build_of_eie_in_every_measure(data, tmp_path):
    for one in data["points"]:
        one["memory"] = 2.0 if one["build"].startswith("EIE") else one["equal"]
    assert best_advantage(data, "equal", *OVER, EIES[0])[0] == 12
    advantage, where = best_advantage(data, "equal", *OVER, EIES[1])
    assert (advantage, "weights 10 %" in where) == (4, True)
    assert [
        [most for most, _ in cells] for _, cells in pergate_report.advantages(data, *OVER, "eie")
    ] == [
        ["12.0", "4.0"],
        ["12.0", "4.0"],
        ["6.0", "6.0"],
    ]


def test_what_is_committed_has_the_largest_advantage_over_every_build(data):
    for one in data["points"]:
        if one["build"] == "dense":
            one |= {"equal": 0.0}
    found = pergate_report.for_docs(data)
    assert (found["overhead"], found["silicon"]) == (data["overhead"], data["silicon"])
    ratios_of = {(one["build"], one["measure"]): one["ratio"] for one in found["advantages"]}
    assert {one["above"] for one in found["advantages"]} == {"sparse_on_dense"}
    assert ratios_of[EIES[0], "equal"] == 12 and ratios_of[EIES[1], "memory"] == 4
    assert ratios_of["dense", "scaled"] == 6 and ratios_of["dense", "equal"] is None
    assert json.loads(json.dumps(found)) == found


def test_what_never_meets_is_a_gap(data, tmp_path):
    for one in data["points"]:
        if one["weight_density"] == one["activation_density"] == 0.1:
            one |= {"equal": 0.0, "scaled": 0.0, "memory": 0.0}
    found = ratios(data, "x", "equal", EIES, ["dense"])
    assert math.isnan(found[0, 0])
    assert found[1, 1] == 1.5
    assert best_advantage(data, "equal", *OVER, EIES[1])[0] == 4
    write_report(tmp_path, data)
    for one in data["points"]:
        one["equal"] = 0.0
    assert pergate_report.advantages(data, *OVER, "eie")[0][1] == [("-", ""), ("-", "")]
    pergate_report.figure_of(data, "x")


def test_line_of_the_map_is_where_both_are_equal(data):
    for one in data["points"]:
        if one["build"] == "Sparse-on-Dense":
            one["equal"] = 8.0 if one["weight_density"] == 0.1 else 0.5
    axis: Any = pergate_report.figure_of(data, "x").axes[1]  # over dense at 2: 4 and 1/4
    (line,) = (one for one in axis.collections if one.get_paths()[0].vertices.size)
    assert np.allclose(line.get_paths()[0].vertices[:, 1], 0.5), "half-way between +2 and -2"


def test_sentences_on_decompression():
    first, met, sides = why(OVERHEAD)
    assert "at most 1.2 times" in first  # 50 of 40
    assert "4.0 times (800 to 3,200)" in first
    assert "CSC (2 x 1) 20 and 25" in first
    assert met == "At most 2 % of the array: CSC (2 x 1) at 16 x 16."
    assert "CSC (2 x 1) from 15 x 15" in sides  # 50 / 2 % / 12.5 a place: 200, below 15 squared
    assert why([]) == []


def test_every_build_of_the_maps_has_its_overhead_stated():
    stated = [(name, dict(one.changes)) for name, one in OVERHEADS if one.size == 16]
    for build in BUILDS:
        if build.design == "sparse_on_dense":
            config = build.config
            names = ("rows", "cols", "wgt_format", "num_units", "num_lanes")
            assert (build.design, {one: getattr(config, one) for one in names}) in stated


def test_maps_are_of_the_designs_that_are_there(data):
    assert pergate_report.pairs_of(data) == [
        ("eie", "dense"),
        ("sparse_on_dense", "dense"),
        ("eie", "sparse_on_dense"),
    ]
    del data["silicon"]["dense"]
    assert pergate_report.pairs_of(data) == [("eie", "sparse_on_dense")]


PATHS = {"register": {"fo4": 9.0, "start": "a_q", "end": "b_q"}}


def tree(module: str, count: int, nands: int, *children: AreaTree) -> AreaTree:
    return AreaTree(module, module, {}, count, {"$_NAND_": nands}, 0, PATHS, children)


def test_gates_of_a_build_leave_out_accounts_and_files(monkeypatch):
    files = tree("lac_eie_act_rw", 3, 100, tree("lac_requant", 1, 7))
    made = tree("lac_eie", 1, 50, files, tree("lac_perf", 1, 1000))
    plain = Build("plain", "eie", {"num_pe": 4, "act_regs": 8, "acc_width": 40})
    memory = Build("memory", "eie", dict(plain.changes) | {"file_mem": 1}, "plain")
    monkeypatch.setattr(pergate, "area", lambda top, parameters: made)
    monkeypatch.setattr(pergate, "BUILDS", (plain, memory))
    found = pergate.silicon(Console(file=io.StringIO()))
    same = {"design": "eie", "fo4": 9.0, "multipliers": 4}
    assert found["plain"] == same | {"gates": 371, "file_bits": 0}
    assert found["memory"] == same | {"gates": 371, "file_bits": 2560}


def test_share_of_decompression_is_of_the_array(monkeypatch):
    made = tree(
        "lac_sparse_on_dense", 1, 80, tree("lac_sod_unit", 4, 10), tree("lac_array_mesh", 1, 100),
        tree("lac_array_skew", 2, 10), tree("lac_array_slots", 1, 60),
    )  # fmt: skip
    mine = [one for one in OVERHEADS if one[0] == "sparse_on_dense"]
    monkeypatch.setattr(pergate, "area", lambda top, parameters: made)
    monkeypatch.setattr(pergate, "OVERHEADS", mine)
    found = pergate.overheads(Console(file=io.StringIO()))
    assert len(found) == len(mine)
    for one in found:
        assert (one["gates"], one["array"]) == (40, 120)
        assert (one["of_array"], one["of_total"]) == (40 / 120, 40 / 240)


def test_every_point_has_its_own_values(monkeypatch):
    def fake(name, build, weight, activation):
        cycles = round(1000 * weight) + round(10 * activation) + len(build.label)
        return Point(name, build.label, weight, activation, len(name), cycles, 100)

    plain = Build("plain", "eie", {"num_pe": 4, "act_regs": 8, "acc_width": 40})
    memory = Build("as memory", "eie", dict(plain.changes) | {"file_mem": 1}, "plain")
    monkeypatch.setattr(pergate, "measure", fake)
    monkeypatch.setattr(pergate, "BUILDS", (plain, memory, Build("dense one", "dense", {})))
    found = pergate.measure_all((0.1, 1.0), Setting(), 1, Console(file=io.StringIO()))
    assert len(found) == 2 * 3 * 4
    for one in found:
        like = SimpleNamespace(label=one.build.replace("as memory", "plain"))
        same = fake(one.layer, like, one.weight_density, one.activation_density)
        assert (one.useful, one.cycles) == (same.useful, same.cycles)
        assert one.memory_bits == (2660 if one.build == "as memory" else 100)


def bits_of(design: str, layer: Layer, **changes: int) -> dict[str, int]:
    config = Build("x", design, changes).config
    made = registry.design(design)
    return made.footprint(layer, config, made.compile(layer, config))


@pytest.fixture
def tiny() -> Layer:
    """Three non-zeros in 20 outputs of 3 inputs, 2 samples; the first of column 0 is in row 19."""
    weights = np.zeros((20, 3), dtype=np.int64)
    weights[19, 0] = weights[0, 2] = weights[1, 2] = 256
    return Layer(weights.reshape(20, 3, 1, 1), np.ones((2, 3, 1, 1), dtype=np.int64), shift=1)


def test_memory_bits_of_eie(tiny):
    # A run of 19 zeros needs a zero entry: 4 entries of 4 + 4 bits; 4 pointers of 18 bits.
    assert bits_of("eie", tiny, num_pe=1) == {
        "weights": 4 * 8 + 4 * 18,
        "activations": 2 * 3 * 16,
        "accumulators": 0,
    }


def test_memory_bits_of_dense(tiny):
    # 5 tiles of 4 x 4; 20 outputs of 2 samples in one pass.
    assert bits_of("dense", tiny, rows=4, cols=4) == {
        "weights": 5 * 16 * 16,
        "activations": 2 * 3 * 16,
        "accumulators": 20 * 2 * 48,
    }


def test_memory_bits_of_sparse_on_dense(tiny):
    # Each of 5 tiles: a header and a bitmap, a word each; two of them have a word of values too.
    found = bits_of("sparse_on_dense", tiny, rows=4, cols=4, wgt_format=1, num_units=1)
    assert found == {
        "weights": (5 * 2 + 2) * 65,
        "activations": 2 * 3 * 16,
        "accumulators": 20 * 2 * 48,
    }


def test_weights_that_are_loaded_again_count_once(tiny):
    small = bits_of("dense", tiny, rows=4, cols=4, wgt_depth=4, acc_depth=1)
    assert small["weights"] == 5 * 16 * 16
    assert small["accumulators"] == 4 * 48


def test_page_from_its_file(data, tmp_path):
    (tmp_path / "pergate.json").write_text(json.dumps(data))
    assert pergate_report.main([str(tmp_path)]) == 0
    page = (tmp_path / pergate_report.PAGE).read_text()
    assert "<b>4.0</b>" in page
    assert "<b>12.0</b>" in page
    assert "loading is not counted" in page
    assert "At most 2 % of the array: CSC (2 x 1) at 16 x 16." in page
    assert all(one in page for one in flat_paths())
    assert (tmp_path / "pergate.png").stat().st_size > 10_000


def test_prices():
    one = pergate.Point("x", "b", 1, 1, useful=100, cycles=10, memory_bits=1000)
    found = per_gate(one, gates=500, fo4=50, bit_price=0.5)
    assert found == {"equal": 20_000.0, "scaled": 40_000.0, "memory": 10_000.0}


def test_layers_have_the_densities_that_were_asked_for():
    for name in LAYERS:
        layer = random_layer(name, 0.1, 0.4)
        assert layer.weight_density == pytest.approx(0.1, abs=0.01)
        assert layer.activation_density == pytest.approx(0.4, abs=0.01)
        assert np.unique(layer.weights).size <= 16


def test_sums_of_the_densest_layers_fit_every_build():
    narrowest = min(build.config.acc_width for build in BUILDS)
    for name in LAYERS:
        check_accumulator(random_layer(name, 1.0, 1.0), narrowest)


def test_density_saves_time_in_eie_and_reads_in_sparse_on_dense(monkeypatch):
    monkeypatch.setitem(LAYERS, "small", ((32, 64, 1, 1), (32, 64, 1, 1), 0))
    eie, dense = Build("e", "eie", {"num_pe": 4}), Build("d", "dense", {})
    sparse = Build("s", "sparse_on_dense", {})
    full, thin = (measure("small", eie, share, share) for share in (1.0, 0.1))
    assert thin.cycles < full.cycles / 10
    assert measure("small", dense, 0.1, 0.1).cycles == measure("small", dense, 1, 1).cycles
    full, thin = (measure("small", sparse, share, 1.0) for share in (1.0, 0.1))
    assert thin.memory_bits < full.memory_bits
    assert full.useful == 32 * 64 * 32


@pytest.mark.parametrize("option", ["--densities", "--bit-price", "--jobs"])
@pytest.mark.parametrize("value", ["-1", "nan", "inf", "abc", ""])
def test_refusals(option, value, capsys):
    with pytest.raises(SystemExit) as stop:
        pergate.main([f"{option}={value}"])
    said = capsys.readouterr()
    assert (stop.value.code, said.out) == (2, "")
    assert f"error: {option[2:]}: found {quoted(value)}, need" in said.err


@pytest.mark.parametrize("argument", ["--densities=0.1,1", "--bit-price=0.25"])
def test_only_the_usual_maps_are_committed(argument, capsys):
    with pytest.raises(SystemExit) as stop:
        pergate.main(["--docs", argument])
    assert stop.value.code == 2
    assert "error: docs: found other densities or bit price" in capsys.readouterr().err


@pytest.mark.parametrize("argument", ["--densities=0,1", "--densities=0.5,1.1", "--jobs=0"])
def test_refusals_at_the_limits(argument, capsys):
    with pytest.raises(SystemExit):
        pergate.main([argument])
    assert f"error: {argument[2:].split('=')[0]}: found" in capsys.readouterr().err


def test_errors_are_said_as_they_are(monkeypatch, capsys, tmp_path):
    def broken(console):
        raise AreaError("a[/b] in rtl")

    monkeypatch.setattr(pergate, "silicon", broken)
    assert pergate.main(["--out", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "error: a[/b] in rtl\n")


def test_builds_that_differ_in_price_only_share_their_cycles():
    priced = [one for one in BUILDS if one.like]
    assert priced
    for one in priced:
        other = next(build for build in BUILDS if build.label == one.like)
        assert (other.design, other.like, other.file_bits) == (one.design, "", 0)
        assert one.file_bits > 0
