"""Coverage of Sparse-on-Dense and of the formats counts what passes and tiles really had."""

from __future__ import annotations

import numpy as np
import pytest

from models.layer import Layer
from models.socket import Phase
from models.sparse_on_dense import SparseOnDenseConfig, compile, cycles
from models.sparse_on_dense.config import WgtFormat
from tb.common.uvm.items import ObservedPass
from tb.common.uvm.registers import State
from tb.formats import fmt_env
from tb.formats.coverage import FormatCoverage
from tb.formats.kinds import KINDS, Kind, model_of
from tb.sparse_on_dense.coverage import SodCoverage

DONE = State(busy=False, done=True, error=False, dropped=False, phase=Phase.IDLE)


def pace(pixels: int, density: float) -> set[str]:
    """Bins of ``sod_pace`` that a layer of four weight tiles hits, 4 x 4, one CSC unit."""
    config = SparseOnDenseConfig(rows=4, cols=4, num_units=1, wgt_format=WgtFormat.CSC)
    draw = np.random.default_rng(1)
    weights = draw.integers(1, 9, (8, 8, 1, 1)) * (draw.random((8, 8, 1, 1)) < density)
    layer = Layer(weights, np.ones((8, 1, pixels), dtype=np.int64))
    program = compile(layer, config)
    coverage = SodCoverage(config)
    for item, model in zip(program.passes, cycles(program, config), strict=True):
        cfg = tuple(item.cfg.get(index, 0) for index in range(16))
        coverage.sample_pass(ObservedPass(cfg, item.wgt, item.act, None, model.counters, DONE))
    return {name for name, count in coverage.collector.hits()["sod_pace"]["waits"].items() if count}


def test_pace_of_many_pixels_has_no_waits():
    assert pace(pixels=200, density=1.0) == {"none"}


def test_pace_of_one_pixel_always_waits():
    assert pace(pixels=1, density=1.0) == {"always"}


def events_of(kind: Kind, at: tuple[int, int]) -> set[str]:
    """Bins of the point ``event`` that a tile with one non-zero hits."""
    parameters = kind.configs["default"]
    matrix = np.zeros((parameters["TileRows"], parameters["TileCols"]), dtype=np.int64)
    matrix[at] = 1
    model = model_of(kind, parameters)
    words = fmt_env.to_ints(model.words(model.encode(matrix), parameters["WordWidth"]))
    row, col = np.argwhere(matrix)[0]
    items = [(int(row), int(col), 1, 0)]
    seen = fmt_env.Seen(words=words, items=items, error=None, pauses=("none", "none"))
    coverage = FormatCoverage(f"fmt_{kind.name}", kind, parameters)
    coverage.sample(seen)
    hits = coverage.collector.hits()[f"fmt_{kind.name}"]["event"]
    return {name for name, count in hits.items() if count}


PLACES = {"one_nonzero", "first_only", "last_only", "last_column_only"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_events_of_a_tile_are_counted(kind):
    assert events_of(kind, (0, 0)) & PLACES == {"one_nonzero", "first_only"}
    expected = {"one_nonzero", "last_only", "last_column_only"}
    assert events_of(kind, (-1, -1)) & PLACES == expected
