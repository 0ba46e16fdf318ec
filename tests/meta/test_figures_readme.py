"""Figures that README.md prints, worked out once more from docs/run.json and docs/eie.json, and
what these say from the papers' tables, the shapes of the layers and the models."""

from __future__ import annotations

import re
from math import prod
from statistics import geometric_mean, mean
from typing import Any

import numpy as np
import pytest

from models import registry
from models.dense.config import DenseConfig
from models.dense.design import DESIGN as DENSE
from models.eie.config import EieConfig
from models.layer import Layer
from models.places import ROOT
from models.workloads.eie import EIE_LAYERS
from scripts.bench import figures as paper
from scripts.bench.tasks import suite
from scripts.measure.jobs import NetworkJob
from scripts.run import figures

README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNS = {(one["workload"], one["design"]): one for one in figures.load()}
EIE = paper.load("eie")
EIE_MHZ = 800

#: Layers of the fetched networks: outputs, inputs, kernel, size of a side, stride, padding.
SHAPES: dict[str, list[tuple[int, int, int, int, int, int]]] = {
    "squeezenet": [
        (64, 3, 3, 227, 2, 1),
        (16, 64, 1, 56, 1, 0),
        (64, 16, 3, 56, 1, 1),
        (128, 32, 3, 27, 1, 1),
        (64, 512, 1, 13, 1, 0),
        (256, 64, 3, 13, 1, 1),
        (1000, 512, 1, 13, 1, 0),
    ],
    "vgg16": [(256, 128, 3, 56, 1, 1), (512, 256, 3, 28, 1, 1), (512, 512, 3, 14, 1, 1)],
}


def rows_of(part: str) -> dict[str, list[str]]:
    """Cells of a table of README.md, by the first cell, or the first three where that repeats."""
    found = re.search(rf"<!-- {part}:begin -->\n(.*?)<!-- {part}:end -->", README, re.DOTALL)
    assert found is not None
    lines = [line.strip("| \n").split(" | ") for line in found[1].splitlines()[2:]]
    lines = [[cell.strip(" |") for cell in line] for line in lines]
    made = {line[0]: line for line in lines}
    return made if len(made) == len(lines) else {" ".join(line[:3]): line for line in lines}


# ---------------------------------------------------------------- EIE beside its paper


@pytest.mark.parametrize("layer", EIE_LAYERS)
def test_times_of_eie_are_its_cycles(layer: str) -> None:
    facts, row = EIE_LAYERS[layer], rows_of("eie")[layer]
    mine = {
        name: [one for one in EIE if (one["layer"], one["variant"]) == (layer, name)]
        for name in ("plain", "tuned")
    }
    assert [len(some) for some in mine.values()] == [3, 3]
    cycles = [mean(one["cycles_compute"] for one in some) for some in mine.values()]
    ratios = [
        geometric_mean(one["cycles_compute"] / one["baseline_cycles"] for one in some)
        for some in mine.values()
    ]
    assert row[1:] == [
        *(f"{time:.1f}" for time in (facts.theoretical_us, facts.actual_us)),
        *(f"{number / EIE_MHZ:.2f}" for number in cycles),
        *(f"{ratio:.3f}" for ratio in (facts.actual_us / facts.theoretical_us, *ratios)),
    ]


def test_every_run_of_eie_was_right() -> None:
    for one in EIE:
        assert one["bit_exact"] and one["cycles_compute"] == one["cycles_model"], one
    assert list(rows_of("eie"))[:-1] == list(EIE_LAYERS)
    columns = list(zip(*list(rows_of("eie").values())[:-1], strict=True))[5:]
    shown = [float(cell) for cell in rows_of("eie")["geometric mean"][-3:]]
    for column, found in zip(columns, shown, strict=True):
        assert geometric_mean(map(float, column)) == pytest.approx(found, abs=1e-3)


@pytest.mark.parametrize("variant", ["plain", "tuned"])
@pytest.mark.parametrize("layer", ["nt-we", "nt-lstm"])
def test_a_layer_of_eie_takes_what_it_takes_today(layer: str, variant: str) -> None:
    """vgg-8: ``test_figures.py``. The others are larger, and held by their own run alone."""
    design = registry.design("eie")
    (shown,) = (
        one for one in EIE if (one["layer"], one["variant"], one["seed"]) == (layer, variant, 1)
    )
    config = design.variants[variant].of(EieConfig())
    passes = design.cycles(design.compile(suite("eie").make(layer, 1), config), config)
    assert sum(int(one.compute) for one in passes) == shown["cycles_compute"]


# ---------------------------------------------------------------- fetched networks


@pytest.mark.parametrize("net", SHAPES)
def test_dense_takes_the_cycles_of_the_shapes(net: str) -> None:
    """The array's cycles do not depend on values: layers of zeros take as many."""
    shown, config = RUNS[net, "dense"], DENSE.config(**RUNS[net, "dense"]["config"])
    assert isinstance(config, DenseConfig)
    total = outputs = 0
    for filters, channels, taps, side, stride, padding in SHAPES[net]:
        layer = Layer(
            np.zeros((filters, channels, taps, taps), np.int64),
            np.zeros((1, channels, side, side), np.int64),
            stride=stride,
            padding=padding,
        )
        outputs += prod(layer.out_shape)
        program = DENSE.compile(layer, config)
        total += sum(int(one.compute) for one in DENSE.cycles(program, config))
    assert (total, outputs) == (shown["cycles_compute"], shown["compared"])


def test_fetched_networks_are_printed_as_they_ran() -> None:
    table = rows_of("fetched").values()
    found = [[one[4], one[3], one[5]] for one in table]
    kept = [one for (net, _), one in RUNS.items() if net in SHAPES]
    assert found == [
        [f"{one['cycles_compute']:,}", f"{one['compared']:,}", f"{one['weight_bits'] / 1e6:,.2f}"]
        for one in kept
    ]


def ratio(net: str, one: str, other: str, key: str = "cycles_compute") -> float:
    """A figure of a design over that of another one, on a network."""
    return float(RUNS[net, one][key] / RUNS[net, other][key])


def test_what_is_said_of_the_fetched_networks() -> None:
    said = " ".join(README.split())
    more = [100 * (ratio(net, "sparse_on_dense", "dense") - 1) for net in SHAPES]
    assert (
        f"compression costs {more[0]:.2f} % of cycles in the first network and {more[1]:.2f} % in "
        "the second, and halves what is read"
    ) in said
    for net in SHAPES:
        assert ratio(net, "sparse_on_dense", "dense", "weight_bits") == pytest.approx(0.5, abs=0.02)
    assert "SCNN, with a quarter of the multipliers, takes two thirds of the cycles" in said
    assert ratio("squeezenet", "scnn", "dense") == pytest.approx(2 / 3, abs=0.03)


# ---------------------------------------------------------------- the embedded networks


def test_the_default_run_is_printed_as_it_ran() -> None:
    rows = list(rows_of("run").values())
    kept = [one for (net, _), one in RUNS.items() if net == figures.DEFAULT]
    assert [row[1:] for row in rows] == [
        [
            f"{one['mac_slots'] // one['cycles_compute']:,}",
            f"{one['cycles_compute']:,}",
            f"{100 * one['mac_useful'] / one['mac_slots']:.1f} %",
            f"{one['weight_bits'] / 1e6:,.1f}",
            f"{one['energy_pj'] / 1e6:,.0f}",
        ]
        for one in kept
    ]
    assert {f"{one['compared']:,}" for one in kept} == {"82,000"} and "All 82,000 outputs" in README


def cycles(name: str, layer: Layer, config: Any) -> list[Any]:
    design = registry.design(name)
    return list(design.cycles(design.compile(layer, config), config))


def test_ten_digits_on_eie_are_as_printed() -> None:
    """The block under the command that is to be tried first."""
    config = EieConfig()
    job = NetworkJob(figures.DEFAULT, 10)
    passes = [cycles("eie", layer, config) for layer in job.with_inputs(config.act_width)]
    compute = [sum(int(one.compute) for one in some) for some in passes]
    used = [
        sum(one.counters["mac_useful"] for one in some)
        / sum(one.counters["mac_slots"] for one in some)
        for some in passes
    ]
    shapes = [layer.weights.shape[:2] for layer in job.layers]
    printed = {
        "shape": [f"{inputs} -> {outputs}" for outputs, inputs in shapes],
        "outputs compared": [f"{10 * outputs:,}" for outputs, _ in shapes],
        "cycles in RTL": [f"{number:,}" for number in compute],
        "cycles of the model": [f"{number:,}" for number in compute],
        "utilisation": [f"{100 * share:.1f} %" for share in used],
    }
    for name, cells in printed.items():
        (line,) = re.findall(rf"^{name}  +(.*)$", README, re.MULTILINE)
        assert re.split(r"  +", line.strip()) == cells, name
    total = sum(10 * outputs for outputs, _ in shapes)
    assert f"bit-exact: {total:,} outputs compared, all equal" in README


def test_a_layer_that_waits_for_its_weights_is_as_printed() -> None:
    """LeNet-5's first fully connected layer on Sparse-on-Dense, 25 digits."""
    job = NetworkJob("lenet_5", 25)
    layer = job.with_inputs(16)[2]
    found = []
    for name in ("dense", "sparse_on_dense"):
        design = registry.design(name)
        config = design.config(**RUNS["lenet_5", name]["config"])
        found.append(sum(int(one.compute) for one in cycles(name, layer, config)))
    assert f"takes {100 * (found[1] / found[0] - 1):.0f} % more cycles on 25 digits" in README
