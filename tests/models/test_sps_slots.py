"""Where the slots of SPS go, and the memory that its layers fill."""

import numpy as np
import pytest
from hypothesis import given, settings

from models import dense
from models.dense.design import footprint as dense_footprint
from models.sps import SpsConfig, compile, cycles
from models.sps.design import DESIGN
from models.sps.errors import SpsError
from models.sps.footprint import footprint
from models.sps.slots import zero_operands
from tests.models.sps_cases import configs, drawn, layer_of, layers, periodic, small


@settings(max_examples=30)
@given(layers(), configs())
def test_causes_are_all_of_the_padding(layer, config):
    counted = [one.counters for one in cycles(compile(layer, config), config)]
    useful = sum(one["mac_useful"] for one in counted)
    causes = zero_operands(layer, config, useful)["padding"]
    assert sum(causes.values()) == sum(one["slot_padding"] for one in counted)
    assert min(causes.values()) >= 0


@pytest.mark.parametrize(
    ("filters", "channels", "sizes", "found"),
    [
        (8, 8, [3], {"geometry": 0, "step": 0, "weight": 0}),
        # Rows of one position in tiles of three steps.
        (8, 4, [3, 1], {"geometry": 0, "step": 2 * 2 * 2 * 4, "weight": 0}),
        # Two outputs of four columns, three channels of four rows, one position.
        (2, 3, [1], {"geometry": 16 - 6, "step": 0, "weight": 0}),
    ],
)
def test_causes_by_hand(filters, channels, sizes, found):
    """Slots of a pixel; patterns in turn by channel."""
    rng = np.random.default_rng(0)
    weights = periodic(rng, (filters, channels, 3, 3), drawn(rng, len(sizes), 9, sizes), (0, 1))
    layer = layer_of(rng, weights, (5, 6))
    causes = zero_operands(layer, small(), useful=0)["padding"]
    assert {key: causes[key] / 12 for key in found} == found


def test_footprint_holds_weights_once_and_tables():
    """Three of nine weights, a period of four, 32 x 32 kernels, 16 bits."""
    rng = np.random.default_rng(1)
    weights = periodic(rng, (64, 32, 3, 3), drawn(rng, 4, 9, [3]))
    layer, config = layer_of(rng, weights, (6, 6), padding=1), SpsConfig()
    found = footprint(layer, config, compile(layer, config))
    tables = 4 * 16 + 12 * 8 + 4 * 4 + 2 * 16 * 4
    assert found["weights"] == 64 * 32 * 3 * 16 + 64 * 32 + tables
    same = dense.DenseConfig()
    whole = dense_footprint(layer, same, dense.compile(layer, same))
    assert found["activations"] == whole["activations"]
    assert found["accumulators"] == whole["accumulators"]


def test_the_design_says_what_the_models_do():
    """Causes are accounts, errors those of a scan, builds those of the configuration."""
    layer = layer_of(np.random.default_rng(2), np.ones((4, 4, 3, 3), dtype=int), (4, 4))
    names = {one.name for one in DESIGN.accounts}
    assert {f"padding_{key}" for key in zero_operands(layer, small(), 0)["padding"]} <= names
    assert {code: name for code, (name, _) in DESIGN.own_errors.items()} == {
        int(one): one.name for one in SpsError
    }
    for changes in (*DESIGN.builds.values(), *DESIGN.checked.values(), *DESIGN.flat.values()):
        assert changes.keys() <= SpsConfig().parameters().keys()
    moved = {name for one in cycles(compile(layer, small()), small()) for name in one.counters}
    assert set(DESIGN.counters) <= moved
