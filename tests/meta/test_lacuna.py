"""The API of notebooks: by model and in RTL the same, refusals in one line, the example runs."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from models.golden import golden
from scripts import example, lacuna
from scripts.measure.records import SCHEMA, check_record
from tests.meta.test_run_arrays import draw_layer, player

LAYER = draw_layer((10, 5, 3, 3), (2, 5, 7, 6), stride=1, padding=1, name="toy")


def test_every_design_by_model():
    runs = lacuna.compare(LAYER, rtl=False)
    assert [one.design for one in runs] == lacuna.designs()
    for one in runs:
        assert one.source == "model" and one.exact is False
        assert one.record["compared"] == 0 and one.record["simulator"] == "model"
        assert one.cycles == one.counters["cycles_compute"] > 0
        assert 0 < one.utilisation <= 1 and one.energy > 0
        assert sum(one.slots.values()) == one.counters["mac_slots"]
        check_record(one.record, SCHEMA)
        assert np.array_equal(one.outputs, golden(LAYER))


def test_rtl_and_model_agree():
    """The player answers what the cycle model says; spoiled, the run is not exact."""
    found = lacuna.run(LAYER, "dense", "rows=4,cols=8", player=player())
    model = lacuna.run(LAYER, "dense", "rows=4,cols=8", rtl=False)
    assert found.exact and found.source == "rtl"
    assert np.array_equal(found.outputs, model.outputs)
    assert found.cycles == model.cycles

    def spoil(result):
        result.counters[0]["act_reads"] += 1

    assert not lacuna.run(LAYER, "dense", "rows=4,cols=8", player=player(spoil)).exact


def test_builds_and_sweeps():
    runs = lacuna.sweep(LAYER, "dense", "8x8", rows=[4, 8], cols=[4])
    assert [(one.config.rows, one.config.cols) for one in runs] == [(4, 4), (8, 4)]
    assert runs[0].cycles > runs[1].cycles
    table = lacuna.rows(runs, "rows", "passes")
    assert [row["rows"] for row in table] == [4, 8]
    with pytest.raises(ValueError, match="depth: found no such field of dense"):
        lacuna.build("dense", depth=2)
    with pytest.raises(ValueError, match="values: found none"):
        lacuna.sweep(LAYER, "dense")
    with pytest.raises(ValueError, match="fields: found 'nothing'"):
        lacuna.rows(runs, "nothing")
    with pytest.raises(ValueError, match="design: found 'dens'"):
        lacuna.run(LAYER, "dens", rtl=False)


def test_what_cannot_be_taken_is_left_out():
    wide = lacuna.Layer(np.full((4, 3), 1 << 20), np.ones(3, np.int64))
    with pytest.raises(lacuna.CannotTake, match="dense: weights: "):
        lacuna.compare(wide, ("dense", "sps"), rtl=False)


def test_files_and_networks(tmp_path):
    np.savez(tmp_path / "my.npz", weights=np.eye(4) * 0.5, activations=np.arange(4.0))
    layer = lacuna.load(tmp_path / "my.npz", density=1.0, configs=[lacuna.build("dense")])
    assert layer.weights.shape == (4, 4, 1, 1)
    from tests.models.graph.nets import sequence

    (tmp_path / "net.onnx").write_bytes(sequence().SerializeToString())
    net = lacuna.network(tmp_path / "net.onnx", {"x": np.ones((3, 4, 30), np.float32)})
    assert [one.name for one in net.layers] == ["conv0", "matmul4"]
    assert next(iter(net.outputs.values())).shape == (3, 5)
    assert lacuna.run(net.layers[1], "dense", rtl=False).outputs.shape == (3, 5, 1, 1)


def test_pictures():
    runs = lacuna.compare(LAYER, ("dense", "sps"), rtl=False)
    figure = lacuna.plot(runs, "energy_pj")
    assert [one.get_text() for one in figure.axes[0].get_yticklabels()] == ["dense", "sps"]
    assert len(lacuna.plot(runs, "passes", "rows").axes[0].patches) == 2


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    assert example.main([]) == 0
    text = capsys.readouterr().out
    assert "sparse_on_dense" in text and "eie, queues of 8:" in text
    with (tmp_path / "python" / "designs.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) >= 7
    assert (tmp_path / "python" / "designs.png").stat().st_size > 1000
