"""``make run`` on SPS, the cycle model in place of the RTL: its account and its picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.sps import SpsConfig
from models.sps.slots import tile_map
from scripts.measure.engine import Engine
from scripts.measure.records import load_results
from scripts.run import cli as run
from scripts.run.details import BINS, Details, tile_maps
from tests.meta.test_run_arrays import draw_layer, player
from tests.models.sps_cases import drawn, layer_of, periodic

BUILD = SpsConfig(rows=4, cols=4)


def patterned(sizes: list[int], shape: tuple[int, ...] = (8, 8, 3, 3)):
    """A layer with four patterns of ``sizes`` in turn."""
    rng = np.random.default_rng(3)
    return layer_of(rng, periodic(rng, shape, drawn(rng, 4, 9, sizes)), (5, 5))


def test_a_page_shows_steps_and_patterns(tmp_path: Path) -> None:
    layer, path, out = patterned([4, 1, 2, 3]), tmp_path / "mine.npz", tmp_path / "out"
    np.savez(path, weights=layer.weights, activations=layer.inputs, shift=4)
    arguments = ["--layer", path, "--design", "dense,sps", "--config", "rows=4,cols=4"]
    assert run.main([*map(str, arguments), "--out", str(out)], player()) == run.OK
    dense, sps = load_results(out / "results.json")["runs"]
    assert sps["slots"]["padding"] < dense["slots"]["padding"]
    assert sps["causes"]["padding"].keys() == {"geometry", "step", "weight", "activation"}
    page = (out / "index.html").read_text()
    assert page.count("<h3>Which slots had a weight</h3>") == 1, "on SPS alone"
    assert "rows with a shorter one multiply by zero" in page
    assert Details.load(out / "details.npz", 0).of_tiles() == {}
    (found,) = Details.load(out / "details.npz", 1).of_tiles().values()
    assert found["patterns"].tolist() == tile_map(layer, BUILD).patterns.tolist()


@pytest.mark.parametrize("sizes", [[4], [9, 0], [2, 1]])
def test_the_map_has_every_weight_of_the_layer_in_the_tiles_of_the_model(sizes: list[int]) -> None:
    layer = patterned(sizes, (6, 7, 3, 3))
    found = tile_map(layer, BUILD)
    assert round(found.share.sum() * BUILD.cols) == np.count_nonzero(layer.weights)
    assert found.share.shape == (found.steps.sum(), BUILD.rows)
    assert found.steps.max() <= found.patterns.max()


def test_many_tiles_are_averaged_and_none_is_lost() -> None:
    layer = draw_layer((100, 100, 1, 1), (1, 100, 1, 1), name="fc")
    found = tile_maps([layer], Engine("sps", BUILD))
    share = found["tiles.fc.share"]
    count = int(found["tiles.fc.count"])
    assert count == 625 > BINS and share.shape == (4, 313)
    widths = np.full(313, 2)
    widths[-1] = 1
    whole = (share * widths).sum() * BUILD.cols
    assert round(whole) == np.count_nonzero(layer.weights)
    assert tile_maps([layer], Engine("dense", BUILD)) == {}
