"""``make pergate``: the figures behind the maps could come out otherwise."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scripts import pergate
from scripts.pergate import BUILDS, LAYERS, Build, measure, per_gate, random_layer
from scripts.pergate_report import best_advantage, ratios, write_report


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
    chips = {"EIE, 64 PEs": {"gates": 10.0, "depth": 5, "multipliers": 2}}
    return {"densities": [0.1, 1.0], "points": points, "silicon": chips, "bit_price": 0.5}


def test_ratios_take_the_best_build_of_each_side(data):
    assert ratios(data, "x", "equal", ("EIE",), ("dense",)).tolist() == [[1.5, 1.5], [1.5, 1.5]]
    found = ratios(data, "x", "equal", ("Sparse-on-Dense",), ("EIE",))
    assert found.tolist() == [[4.0, 4.0], [4 / 3, 4 / 3]]
    advantage, where = best_advantage(data)
    assert advantage == pytest.approx(4)
    assert "weights 10 %" in where


def test_page_from_its_file(data, tmp_path):
    (tmp_path / "pergate.json").write_text(json.dumps(data))
    page = write_report(tmp_path).read_text()
    assert "<b>4.0 times</b>" in page
    assert (tmp_path / "pergate.png").stat().st_size > 10_000


def test_prices():
    one = pergate.Point("x", "b", 1, 1, useful=100, cycles=10, memory_bits=1000)
    found = per_gate(one, gates=500, depth=50, bit_price=0.5)
    assert found == {"equal": 20_000.0, "scaled": 40_000.0, "memory": 10_000.0}


def test_layers_have_the_densities_that_were_asked_for():
    for name in LAYERS:
        layer = random_layer(name, 0.1, 0.4)
        assert layer.weight_density == pytest.approx(0.1, abs=0.01)
        assert layer.activation_density == pytest.approx(0.4, abs=0.01)
        assert np.unique(layer.weights).size <= 16


def test_density_saves_time_in_eie_and_reads_in_sparse_on_dense(monkeypatch):
    monkeypatch.setitem(LAYERS, "small", ((32, 64, 1, 1), (32, 64, 1, 1), 0))
    eie, dense = Build("e", "eie", {"num_pe": 4}), Build("d", "dense", {})
    sparse = Build("s", "sparse_on_dense", {})
    full, thin = (measure("small", eie, share, share) for share in (1.0, 0.1))
    assert thin.cycles < full.cycles / 10
    assert measure("small", dense, 0.1, 0.1).cycles == measure("small", dense, 1, 1).cycles
    full, thin = (measure("small", sparse, share, 1.0) for share in (1.0, 0.1))
    assert thin.memory_bits < full.memory_bits / 1.5
    assert full.useful == 32 * 64 * 32


@pytest.mark.parametrize("arguments", [["--densities", "0,1"], ["--bit-price", "-1"]])
def test_refusals(arguments, capsys):
    assert pergate.main(arguments) == 2
    assert "must be" in capsys.readouterr().out


def test_builds_that_differ_in_price_only_share_their_cycles():
    priced = [one for one in BUILDS if one.files]
    assert priced
    for one in priced:
        assert any(other.design == one.design and not other.files for other in BUILDS)
