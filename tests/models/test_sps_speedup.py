"""What SPS gains on VGG-16's and ResNet-18's layers, and the layers themselves."""

import numpy as np
import pytest

from models import dense
from models.dense import DenseConfig
from models.sps import SpsConfig, compile, cycles
from models.sps.speedup import GOALS, Row, cycles_of, report, row
from models.workloads.sps import EVALUATED, NETWORKS, SPS_LAYERS, sps_layer
from tests.models.sps_cases import drawn, layer_of, periodic


def test_the_layers_are_those_of_the_networks():
    """13, 16 and 16 layers; multiplies of the dense layers, in millions."""
    assert {name: len(rows) for name, rows in NETWORKS.items()} == {
        "vgg16": 13,
        "resnet18": 16,
        "resnet50": 16,
    }
    millions = {
        name: sum(9 * one.filters * one.channels * one.pixels for one in layers.values()) / 1e6
        for name, layers in NETWORKS.items()
    }
    assert millions["vgg16"] == pytest.approx(15_347, rel=0.001)
    assert millions["resnet18"] == pytest.approx(1_676, rel=0.001)
    assert millions["resnet50"] == pytest.approx(1_850, rel=0.001)
    strided = [name for name, one in SPS_LAYERS.items() if one.stride == 2]
    assert strided == [
        f"{network}-conv{stage}_1" for network in ("resnet18", "resnet50") for stage in (3, 4, 5)
    ]


@pytest.mark.parametrize(
    ("structure", "kept"), [("kss4", 16), ("kss2", 8), ("full4", 21), ("full2", 15)]
)
def test_patterns_come_again(structure, kept):
    """P 4: as many positions as the structure says, those of (k + c) mod 4."""
    layer = sps_layer("resnet18-conv2_1", structure, 4)
    live = (layer.weights != 0).reshape(64, 64, 9)
    assert live[:4, 0].sum() == kept
    for residue in range(4):
        here = (np.arange(64)[:, None] + np.arange(64)) % 4 == residue
        assert (live[here] == live[residue, 0]).all()
    assert 0.2 < layer.activation_density < 0.8
    assert layer.out_shape == (1, 64, 56, 56)


def test_the_first_layer_stays_dense_and_shapes_need_no_memory():
    layer = sps_layer("vgg16-conv1_1", "kss2", 8, acts=False)
    assert layer.weight_density == 1
    assert layer.inputs.strides == (0, 0, 0, 0)


def test_unknown_layers_structures_and_periods():
    with pytest.raises(ValueError, match="layer.*did you mean 'vgg16-conv5_1'"):
        sps_layer("vgg16-conv1_0")
    with pytest.raises(ValueError, match="structure"):
        sps_layer("vgg16-conv1_1", "kss9")
    with pytest.raises(ValueError, match="period: found 0, need 1 or more"):
        sps_layer("vgg16-conv1_1", period=0)


@pytest.mark.parametrize("stride", [1, 2])
def test_cycles_by_shape_are_those_of_programs(stride):
    """In several passes, on memories that hold a part of the layer."""
    rng = np.random.default_rng(stride)
    config = SpsConfig(rows=8, cols=8, acc_depth=50, wgt_depth=300, act_depth=200)
    same = DenseConfig(rows=8, cols=8, acc_depth=50, wgt_depth=300, act_depth=200)
    weights = periodic(rng, (32, 32, 3, 3), drawn(rng, 4, 9, [9, 4, 4, 4]))
    layer = layer_of(rng, weights, (13, 12), samples=2, padding=1, stride=stride)
    found = cycles_of(layer, config)
    program = compile(layer, config)
    assert len(program.passes) > 3
    assert found.sps == sum(one.compute for one in cycles(program, config))
    assert found.dense == sum(one.compute for one in dense.cycles(dense.compile(layer, same), same))
    assert found.sps < found.unsorted


@pytest.mark.parametrize("network", EVALUATED)
@pytest.mark.parametrize(("structure", "period"), GOALS)
def test_goals(network, structure, period):
    found = row(network, structure, period)
    assert found.speedup >= found.goal == GOALS[structure, period]
    assert found.speedup >= found.unsorted
    if period == 4:
        assert found.filled >= 0.97
    if structure.startswith("full"):
        assert found.unsorted < 1.1


def test_the_report_shows_goals():
    text = report([Row("vgg16", "full4", 8, 1.884, 1.02, 0.95), Row("vgg16", "kss2", 4, 4, 4, 1)])
    head, _, first, second = text.splitlines()
    assert "unsorted" in head
    assert first == "| vgg16 | 4 of 9, one full | 8 | x1.88 | x1.02 | 95.0 % | 1.60 |"
    assert second.endswith("| x4.00 | x4.00 | 100.0 % |  |")
