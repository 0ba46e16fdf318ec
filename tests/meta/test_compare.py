"""``make compare``, ``which``, ``map`` and ``sweep``: their figures could come out otherwise."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models import registry, workloads
from models.design import BASELINE
from models.layer import Layer
from models.workloads import bert
from models.workloads.structures import STRUCTURES, structured
from scripts import which
from scripts.compare import choose, results, sizes, tables
from scripts.compare import cli as compare
from scripts.compare.family import family_head_rows
from scripts.farm import farm
from scripts.farm.place import Here
from scripts.map import cli as maps
from scripts.map import data as map_data
from scripts.map import grid
from scripts.map.plots import thesis, winners_map
from scripts.map.tables import tally_rows, thesis_rows
from scripts.measure.predict import predict
from scripts.measure.records import summed
from scripts.sweep import cli as sweep
from scripts.sweep.plot import figure_of
from scripts.sweep.space import values


@pytest.fixture
def layer() -> Layer:
    draw = np.random.default_rng(3)
    weights = structured((16, 32, 1, 1), 0.5, "2:4", draw)
    return Layer(weights, draw.integers(0, 2, (2, 32, 1, 1)), shift=4, name="toy")


# ---- predict ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", registry.DESIGNS)
def test_a_prediction_is_what_the_cycle_model_says(name, layer):
    design = registry.design(name)
    config = next(design.config(**changes) for changes in design.sizes.values())
    found = predict(design, config, layer)
    counters = summed(
        [one.counters for one in design.cycles(design.compile(layer, config), config)]
    )
    assert found.cycles == counters["cycles_compute"] > 0
    assert found.useful == np.einsum(
        "kc,bc->", layer.weights[..., 0, 0] != 0, layer.inputs[..., 0, 0] != 0, dtype=int
    )
    assert found.energy == sum(found.energy_pj.values()) > found.energy_pj["dram"] > 0
    assert found.stream_bytes == 8 * sum(found.words.values()) > 0
    moved = {name: one["reads"] + one["writes"] for name, one in found.bits_moved.items()}
    for kind, memory in design.memories(config).items():
        assert moved[kind] == found.references[kind] * memory.width


def test_a_layer_that_a_build_cannot_take_is_refused_with_the_number():
    design = registry.design("sparse_on_dense")
    config = design.config(**design.sizes["2:4 8x8"])
    with pytest.raises(ValueError, match="4 non-zeros in group 0"):
        predict(design, config, Layer(np.ones((4, 8), dtype=int), np.ones(8, dtype=int)))


# ---- sizes --------------------------------------------------------------------------------------


def test_every_size_is_in_the_record_with_the_figures_it_cites():
    found = sizes.load()
    assert {one.design for one in found} == set(registry.DESIGNS)
    cited = 0
    for one in found:
        design, config = one.model, one.config
        assert one.multipliers == design.multipliers(config)
        assert one.memory_bits == sum(kind.bits for kind in design.memories(config).values())
        if one.cost.source.startswith("docs/area.json"):
            assert one.cost == sizes.known(design, config), one.title
            cited += 1
        elif one.cost.source == sizes.NOT_MADE:
            assert one.cost.gates is None and one.fo4 is None
        else:
            assert one.cost.source == "synthesis" and one.cost.gates
    assert cited >= 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "found no such file, need that of"),
        ("{", "need what python -m scripts.compare.sizes writes"),
        ('{"sizes": []}', "no size"),
        ('{"sizes": [{"design": "eie"}]}', "need what"),
    ],
)
def test_a_damaged_record_of_sizes_is_refused_in_one_line(tmp_path, text, message):
    path = tmp_path / "sizes.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(sizes.SizesError, match=message):
        sizes.load(path)


def test_another_size_of_a_design_makes_the_record_stale(monkeypatch):
    design = registry.design("eie")
    changed = replace(design, sizes={**design.sizes, "more": {"num_pe": 2}})
    monkeypatch.setattr(registry, "every", lambda: (changed,))
    with pytest.raises(sizes.SizesError, match="found other sizes"):
        sizes.load()


def test_a_cycle_holds_the_access_of_a_memory():
    cost = sizes.Cost(1.0, 40.0, 30.0, "x")
    one = sizes.Size("eie", "x", {}, 1, 1, cost)
    assert one.fo4 == 30.0 + sizes.ACCESS_FO4
    assert replace(one, cost=replace(cost, memory_fo4=20.0)).fo4 == 40.0


def size(design: str, label: str, gates: float | None, multipliers: int = 64) -> sizes.Size:
    cost = sizes.Cost(gates, 40.0 if gates else None, None, "x")
    return sizes.Size(design, label, {}, multipliers, 1000, cost)


def test_equal_is_the_nearest_by_ratio_those_alike_and_nothing_far():
    there = [
        size("eie", "half", 60), size("eie", "near", 95), size("eie", "alike", 100),
        size("scnn", "far", 250), size("sps", "unknown", None), size("dense", "a", 110),
    ]  # fmt: skip
    found = choose.equal(there, "gates", 100)
    assert [one.label for one in found["eie"]] == ["near", "alike"]
    assert found["scnn"] == found["sps"] == []
    assert [one.label for one in found["dense"]] == ["a"]
    assert choose.equal(there, "multipliers", 64)["sps"]


def test_the_budget_is_that_of_the_baseline():
    assert choose.budget_of(sizes.load(), "multipliers") == 64
    with pytest.raises(ValueError, match=f"found no gates of {BASELINE}"):
        choose.budget_of([size("eie", "x", 1)], "gates")


def test_sums_that_are_too_wide_get_a_wider_build():
    one = next(one for one in sizes.load() if one.label == "64 PEs, 32-bit sums")
    weights = np.full((4, 600), 30_000)
    found = choose.entrant(one, [Layer(weights, np.full(600, 30_000), shift=30)])
    assert found.found and found.wider == {"AccWidth": choose.WIDEST_SUM}


# ---- compare ------------------------------------------------------------------------------------


def compared(tmp_path, monkeypatch, *words: str) -> tuple[int, dict[str, Any]]:
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    layer = tmp_path / "my.npz"
    draw = np.random.default_rng(1)
    np.savez(layer, weights=draw.integers(-3, 4, (12, 40)), activations=draw.integers(0, 9, 40))
    out = tmp_path / "out"
    status = compare.main([f"--layer={layer}", f"--out={out}", *words])
    return status, json.loads((out / "compare.json").read_text()) if status != 2 else {}


def test_a_layer_is_compared_on_every_design(tmp_path, monkeypatch, capsys):
    status, data = compared(tmp_path, monkeypatch, "--no-rtl")
    assert status == 0
    (one,) = data["comparisons"]
    assert [row["design"] for row in one["rows"]] == list(registry.DESIGNS)
    assert {row["source"] for row in one["rows"]} == {results.MODEL}
    lines = list(csv.DictReader(io.StringIO((tmp_path / "out" / "compare.csv").read_text())))
    assert [line["design"] for line in lines] == list(registry.DESIGNS)
    assert all(int(line["cycles"]) > 0 for line in lines)
    said = capsys.readouterr().out
    assert "at equal multipliers: nearest to 64" in said and "bit-exact" not in said
    page = (tmp_path / "out" / "compare.html").read_text()
    assert "FlexFlow-Pro" in page and "<svg" in page


@pytest.mark.parametrize(("cycles", "exact"), [(0, True), (0, False), (1, True)])
def test_what_differs_in_rtl_ends_with_1(tmp_path, monkeypatch, capsys, cycles, exact):
    """A row of RTL that is wrong in a bit, or took a cycle more than the model said."""

    def in_rtl(found, *rest):
        rows = [results.row_of(one) for one in found]
        run: Any = SimpleNamespace(
            compared=12,
            different=int(not exact),
            first_difference="" if exact else "[0, 1, 0, 0]: 3, golden 4",
            counters={"cycles_compute": rows[0]["cycles"] + cycles},
            counter_errors=[],
            layer="fc",
        )
        rows[0] = results.with_rtl(rows[0], [run])
        return rows

    monkeypatch.setattr(compare, "in_rtl", in_rtl)
    status, _ = compared(tmp_path, monkeypatch)
    said = capsys.readouterr()
    good = exact and not cycles
    assert status == (0 if good else 1)
    assert ("bit-exact" in said.out) == good
    assert ("differs: " in said.err) == (not good)


def test_where_no_design_is_near_the_budget_it_ends_with_2(tmp_path, monkeypatch, capsys):
    status, _ = compared(tmp_path, monkeypatch, "--no-rtl", "--budget=1e9")
    assert status == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "need one within a factor of 2 of the budget" in line


def test_the_best_of_a_column_is_marked_and_missing_designs_say_why():
    row = {"title": "A", "size": "s", "wider": {}, "multipliers": 4, "gates": 5e3, "fo4": 40.0,
           "memory_bits": 1, "source": results.MODEL, "useful_share": 0.5, "references": 7,
           "bytes": 8, "time_us": 1.0}  # fmt: skip
    rows = [
        {**row, "design": "a", "cycles": 10, "energy_uj": 2.0},
        {**row, "design": "b", "title": "B", "cycles": 11, "energy_uj": 1.0, "time_us": None},
        {**row, "design": "c", "title": "C", "source": results.MISSING, "reason": "too wide"},
    ]
    data = {"rows": rows, "at": "gates", "budget": 1, "workload": "w", "layers": ["l"]}
    assert results.winners(rows) | {"energy_uj": "b", "cycles": "a", "time_us": "a"} == (
        results.winners(rows)
    )
    first, second, third = tables.marked(data, "<{}>")
    at = {name: place for place, name in enumerate(tables.HEAD)}
    assert first[at["cycles"]] == "<10>" and second[at["energy, uJ"]] == "<1.00>"
    assert second[at["time, us"]] == "-" and third[-1] == "missing"
    assert tables.reasons(data) == ["C is missing: too wide"]


def test_simulated_is_what_one_can_wait_for():
    def simulated(
        found: tuple[int, ...] = (1,), multipliers: int = 256, cycles: float = 10
    ) -> bool:
        size = SimpleNamespace(multipliers=multipliers)
        entrant: Any = SimpleNamespace(found=found, size=size, cycles=cycles)
        return compare.simulated(entrant)

    assert simulated()
    assert not simulated(found=())
    assert not simulated(cycles=1e9)
    assert not simulated(multipliers=1024)


# ---- which --------------------------------------------------------------------------------------


def test_which_recommends_three_and_says_why(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "my.npz"
    draw = np.random.default_rng(1)
    np.savez(path, weights=draw.integers(-3, 4, (64, 64)), activations=draw.integers(0, 9, 64))
    assert which.main([f"--layer={path}", "--at=multipliers"]) == 0
    said = capsys.readouterr().out
    for text in which.GOALS.values():
        assert text in said
    assert said.count("of the slots useful") == which.BEST
    assert "missing: Sparse-on-Dense" not in said


def test_which_ranks_by_what_it_says():
    def one(label: str, time: float | None, energy: float) -> Any:
        cost = SimpleNamespace(gates=2.0)
        return SimpleNamespace(
            found=(1,), time_us=time, energy_uj=energy, size=SimpleNamespace(cost=cost, label=label)
        )

    a, b, c = one("a", 1.0, 9.0), one("b", 2.0, 3.0), one("c", None, 1.0)
    assert [(x.size.label, ratio) for x, ratio in which.ranked([b, a, c], "time")] == [
        ("a", 1.0), ("b", 2.0),
    ]  # fmt: skip
    assert [x.size.label for x, _ in which.ranked([b, a, c], "energy")] == ["c", "b", "a"]


# ---- map ----------------------------------------------------------------------------------------


def record(design: str, cycles: int, energy: float, weight: float = 0.1) -> dict[str, Any]:
    return {
        "kind": "3x3", "structure": "fine", "weight_density": weight, "activation_density": 0.3,
        "design": design, "size": "s", "cycles": cycles, "energy_nj": energy,
    }  # fmt: skip


def build(design: str, gates: float | None, fo4: float, size: str = "s") -> dict[str, Any]:
    return {"design": design, "size": size, "gates": gates, "fo4": fo4, "multipliers": 4,
            "published": size == "p"}  # fmt: skip


@pytest.fixture
def small() -> dict[str, Any]:
    """Dense is 12 times as good per gate as EIE, half as good in energy; SPS has no gates. SCNN is
    twice as good as its build as published.
    """
    return {
        "builds": [build("dense", 100, 40), build("sparse_on_dense", 100, 40),
                   build("eie", 300, 80), build("sps", None, 0), build("scnn", 200, 50),
                   build("scnn", 200, 50, "p")],
        "points": [record("dense", 10, 2), record("sparse_on_dense", 10, 2), record("eie", 20, 1),
                   record("sps", 5, 4), record("dense", 10, 2, 1.0), record("eie", 10, 1, 1.0),
                   record("scnn", 20, 3), record("scnn", 40, 3) | {"size": "p"}],
    }  # fmt: skip


def test_dense_over_sparse_counts_gates_and_clock(small):
    point = ("3x3", "fine", 0.1, 0.3)
    assert map_data.dense_over(small, "eie", "area")[point] == pytest.approx(12)
    assert map_data.dense_over(small, "eie", "area", map_data.PIPELINED)[point] == pytest.approx(6)
    assert map_data.dense_over(small, "eie", "energy")[point] == pytest.approx(0.5)
    assert map_data.dense_over(small, "sps", "area") == {}
    assert map_data.dense_over(small, "sps", "energy")[point] == pytest.approx(2)


def test_a_verdict_follows_the_ratio(small):
    def said(measure: str) -> str:
        return next(
            one["verdict"]
            for one in map_data.verdicts(small)
            if (one["measure"], one["design"]) == (measure, "eie")
        )

    assert (said("area"), said("energy")) == ("reproduced", "refuted")
    small["points"][2]["cycles"] = 24
    assert said("area") == "surpassed"
    small["points"][1]["cycles"] = 14  # that of dense PEs without decompression is not theirs
    assert said("area") == "refuted"
    assert any(row[-1] == "not synthesised" for row in thesis_rows(small))


def test_a_build_as_published_is_a_rival_of_its_own(small):
    assert map_data.rivals(small)[:3] == ["eie", "scnn", "scnn, as published"]
    point = ("3x3", "fine", 0.1, 0.3)
    ours, theirs = (
        map_data.dense_over(small, rival, "area")[point] for rival in map_data.rivals(small)[1:3]
    )
    assert [ours, theirs] == pytest.approx([5, 10])
    assert "scnn, as published" not in map_data.merits(small, "area")[point]
    assert [row[1] for row in thesis_rows(small)].count("SCNN, as published") == 2


def test_the_map_counts_who_is_best(small):
    assert map_data.tally(small, "area") == {"dense": 2}
    assert map_data.tally(small, "energy") == {"eie": 2}
    assert tally_rows(small)[0][2:] == ["0", "0", "2"]


def test_the_pictures_draw_what_there_is(small):
    for measure in map_data.MEASURES:
        figure = winners_map(small, measure)
        assert any(text.get_text() for axis in figure.axes for text in axis.texts)
    assert thesis(small).axes


def test_points_of_the_map_have_the_densities_they_say():
    several = list(grid.points(list(grid.KINDS), STRUCTURES))
    assert len(several) == len(set(several)) > 200
    assert not [one for one in several if one.structure == "periodic" and "1x1" in one.kind]
    for one in several[:: len(several) // 12]:
        layer = one.layer
        assert layer.weight_density == pytest.approx(one.weight_density, abs=0.06)
        assert layer.activation_density == pytest.approx(one.activation_density, abs=0.01)
        again = one.layer
        assert np.array_equal(again.weights, layer.weights)


def test_a_small_map_comes_out_whole(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setattr(grid, "ACTIVATIONS", (0.25,))
    work = [
        grid.Work(point, tuple(maps.builds(sizes.load())))
        for point in grid.points(["FC, batch 1"], ["2:4"])
        if point.weight_density == 0.5
    ]
    (one,) = work
    found = grid.measure(one)
    assert {row["design"] for row in found} >= {"dense", "sparse_on_dense", "sps"}
    assert all(row["cycles"] > 0 and row["energy_nj"] > 0 for row in found)


# ---- sweep --------------------------------------------------------------------------------------


def swept(tmp_path, monkeypatch, *words: str) -> tuple[int, list[dict[str, str]]]:
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    out = tmp_path / "out"
    monkeypatch.setattr(farm, "Processes", lambda _: Here())
    status = sweep.main(["--design=eie", "--shape=32,32", f"--out={out}", *words])
    return status, list(csv.DictReader(io.StringIO((out / "sweep.csv").read_text())))


def test_a_sweep_has_a_row_for_each_point_and_can_be_resumed(tmp_path, monkeypatch, capsys):
    words = ("--config=num_pe=4,8;queue_depth=1..4", "--density=0.5,1")
    status, rows = swept(tmp_path, monkeypatch, *words)
    assert status == 0 and len(rows) == 2 * 3 * 2
    assert {(row["num_pe"], row["queue_depth"]) for row in rows} == {
        (pe, depth) for pe in ("4", "8") for depth in ("1", "2", "4")
    }
    assert all(int(row["cycles"]) > 0 and not row["reason"] for row in rows)
    assert (tmp_path / "out" / "sweep.png").stat().st_size > 10_000
    assert "done before" not in capsys.readouterr().out
    monkeypatch.setattr(sweep, "measure", lambda point: pytest.fail("measured again"))
    status, again = swept(tmp_path, monkeypatch, "--resume", *words)
    assert (status, again) == (0, rows)
    assert "12 of 12 were done before" in capsys.readouterr().out


def test_a_build_that_cannot_be_is_a_row_with_the_reason(tmp_path, monkeypatch, capsys):
    status, rows = swept(tmp_path, monkeypatch, "--config=num_pe=4,5")
    assert status == 0
    assert [bool(row["reason"]) for row in rows] == [False, True]
    assert "num_pe" in rows[1]["reason"]
    assert "missing: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1..16", [1, 2, 4, 8, 16]), ("1..10", [1, 2, 4, 8, 10]), ("3", [3]), ("4,8,4", [4, 8]),
     ("0..4:2", [0, 2, 4])],
)  # fmt: skip
def test_values_of_a_sweep(text, wanted):
    assert values(text, int, "x") == wanted


def test_the_picture_of_a_sweep_has_a_line_for_each_build():
    rows = [
        {"design": "eie", "num_pe": pe, "weight_density": share, "activation_density": 0.5,
         "cycles": 10, "energy_uj": 1.0, "reason": ""}
        for pe in (4, 8) for share in (0.1, 1.0)
    ]  # fmt: skip
    data = {"design": "eie", "shape": [4, 4, 1, 1], "structure": "fine", "batch": 1,
            "swept": ["num_pe"], "rows": rows}  # fmt: skip
    assert [len(axis.lines) for axis in figure_of(data).axes] == [2, 2]


# ---- BERT ---------------------------------------------------------------------------------------


def test_layers_of_bert_are_what_their_names_say():
    assert len(bert.LAYERS) == 27
    for name in ("768x3072-fine-b1", "3072x768-block-b1", "768x768-2_4-b16"):
        layer = workloads.workload(f"bert/{name}")
        inputs, outputs, structure, tokens = bert.LAYERS[name]
        assert layer.weights.shape == (outputs, inputs, 1, 1)
        assert layer.inputs.shape == (tokens, inputs, 1, 1)
        assert layer.weight_density == pytest.approx(bert.DENSITY[structure], abs=0.005)
        assert layer.activation_density == 1 and layer.inputs.min() < 0
        assert np.unique(layer.weights).size <= 16
        if structure == "2:4":
            kept = (layer.weights != 0).reshape(outputs // 4, 4, -1).sum(axis=1)
            assert (kept == 2).all()
    with pytest.raises(ValueError, match="workload: found 'bert/768'"):
        workloads.workload("bert/768")


def test_a_family_is_a_table_with_a_row_for_each_layer():
    rows = [{"design": "eie", "source": results.MODEL, "cycles": 2000, "energy_uj": 1.0}]
    _, (line,) = family_head_rows([{"workload": "bert/x", "rows": rows}])
    assert line[0] == "bert/x" and "2.00* / 1.00*" in line and line.count("-") == 6
