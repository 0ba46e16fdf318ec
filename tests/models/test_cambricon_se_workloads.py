"""The layers of Cambricon-SE's evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from models.workloads.cambricon_se import FC_LAYERS, LAYERS, cambricon_se_layer
from models.workloads.eie import EIE_LAYERS
from models.workloads.scnn import SCNN_LAYERS, scnn_layer


@pytest.mark.parametrize("name", ["alexnet-conv4", "googlenet-4b-5x5-reduce", "alexnet-fc8"])
@pytest.mark.parametrize("structure", ["block", "fine"])
def test_a_layer_has_the_printed_density(name, structure):
    layer = cambricon_se_layer(name, structure=structure)
    if name in FC_LAYERS:
        facts = EIE_LAYERS[FC_LAYERS[name][0]]
        density = facts.weight_density
        assert layer.activation_density == pytest.approx(facts.activation_density, abs=0.02)
    else:
        density = SCNN_LAYERS[name].weight_density
        assert np.array_equal(layer.inputs, scnn_layer(name).inputs)
    assert layer.weight_density == pytest.approx(density, rel=0.05)
    more = cambricon_se_layer(name, structure=structure, keep=1.2)
    assert more.weight_density == pytest.approx(1.2 * density, rel=0.05)
    assert np.array_equal(layer.inputs, more.inputs)


def test_blocks_stay_as_a_whole():
    conv = cambricon_se_layer("googlenet-4b-5x5-reduce").weights != 0  # 24 outputs: one is cut off
    for group in (conv[:16], conv[16:]):
        assert (group == group[:1]).all()
    assert (conv[0] != conv[16]).any()
    for name, side in (("alexnet-fc8", 16), ("vgg16-fc7", 32)):
        kept = cambricon_se_layer(name, filters=64).weights[:, :, 0, 0] != 0
        cut = kept.reshape(64 // side, side, -1, side)
        assert (cut == cut[:, :1, :, :1]).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "alexnet-fc9"}, "layer: found 'alexnet-fc9', did you mean 'alexnet-fc8'"),
        ({"name": LAYERS[0], "structure": "blocks"}, "structure: found 'blocks'"),
        ({"name": LAYERS[0], "maps": "iit"}, "maps: found 'iit'"),
    ],
)
def test_what_there_is_not_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        cambricon_se_layer(**given)
