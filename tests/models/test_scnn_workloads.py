"""The table of SCNN's layers, and what is drawn from it."""

import numpy as np
import pytest

from models.workloads.scnn import (
    MAPS,
    NETWORKS,
    SCNN_LAYERS,
    dcnn_cycles,
    network_of,
    scnn_layer,
)


def test_the_table_is_that_of_the_paper():
    """72 layers, conv2 in two halves; multiplies of Table 1, in millions."""
    assert {name: len(rows) for name, rows in NETWORKS.items()} == {
        "alexnet": 6,
        "googlenet": 54,
        "vgg16": 13,
    }
    millions = {n: sum(one.macs for one in rows.values()) / 1e6 for n, rows in NETWORKS.items()}
    assert millions["alexnet"] == pytest.approx(690, rel=0.01)
    assert millions["googlenet"] == pytest.approx(1100, rel=0.3)
    assert millions["vgg16"] == pytest.approx(15300, rel=0.01)


def test_baseline():
    """A plane of 13 fills 49 of 64 PEs; fractions of a cycle are whole."""
    assert dcnn_cycles(SCNN_LAYERS["alexnet-conv3"]) == 2 * 2 * 384 * 256 * 9 // 16
    assert dcnn_cycles(SCNN_LAYERS["vgg16-conv1-1"]) == 28 * 28 * 64 * 3 * 9 // 16
    assert dcnn_cycles(SCNN_LAYERS["googlenet-5b-1x1"], grid=2, lanes=256) == 16 * 384 * 832 // 256


@pytest.mark.parametrize("maps", MAPS)
@pytest.mark.parametrize("name", ["alexnet-conv3", "googlenet-5b-5x5", "vgg16-conv1-1"])
def test_densities_are_those_of_the_table(name, maps):
    """Within three deviations of what is drawn (channels of clustered maps vary most)."""
    facts = SCNN_LAYERS[name]
    layer = scnn_layer(name, seed=3, maps=maps)
    assert layer.weights.shape == (facts.filters, facts.channels, facts.kernel, facts.kernel)
    assert layer.out_shape == (1, facts.filters, facts.size, facts.size)
    spread = 3 * np.sqrt(facts.density * (1 - facts.density))
    spread /= np.sqrt(facts.channels * (5 if maps == "clustered" else facts.size**2))
    assert abs(layer.activation_density - facts.density) <= spread
    deviation = np.sqrt(facts.weight_density * (1 - facts.weight_density) / layer.weights.size)
    assert abs(layer.weight_density - facts.weight_density) < 4 * deviation


def test_clustered_maps_are_clustered():
    """Channels differ more than by chance, and neighbours are alike."""
    name = "vgg16-conv5-1"
    iid, clustered = (scnn_layer(name, maps=maps).inputs[0] != 0 for maps in MAPS)

    def apart(live):
        return live.mean(axis=(1, 2)).std(), (live[:, 1:] == live[:, :-1]).mean()

    assert apart(clustered)[0] > 3 * apart(iid)[0]
    assert apart(clustered)[1] > apart(iid)[1] + 0.1


def test_part_of_a_layer_and_bad_names():
    assert scnn_layer("alexnet-conv3", filters=16).weights.shape[0] == 16
    assert network_of("vgg16-conv1-1") == "vgg16"
    with pytest.raises(ValueError, match="layer: found 'conv9'"):
        scnn_layer("conv9")
    with pytest.raises(ValueError, match="maps: found 'real'"):
        scnn_layer("alexnet-conv3", maps="real")


def test_the_seed_decides():
    one, same, other = (scnn_layer("googlenet-5b-5x5", seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.weights, same.weights)
    assert not np.array_equal(one.weights, other.weights)
