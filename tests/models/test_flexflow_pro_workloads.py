"""The layers of FlexFlow-Pro's evaluation are those of SCNN's."""

import numpy as np
import pytest

from models.workloads import flexflow_pro, scnn
from models.workloads.flexflow_pro import GOALS, LAYERS, MEAN_GOALS, SIMULATED


@pytest.mark.parametrize("maps", flexflow_pro.MAPS)
def test_layers_are_the_same(maps):
    """Under its own name; so many output maps of it, the same activations."""
    name = "googlenet-5b-5x5"
    mine = flexflow_pro.flexflow_pro_layer(name, 3, maps, 7)
    other = scnn.scnn_layer(name, 3, maps)
    assert mine.name == "flexflow_pro/googlenet-5b-5x5"
    assert np.array_equal(mine.activations, other.activations)
    assert mine.weights.shape == (7, *other.weights.shape[1:])
    with pytest.raises(ValueError, match="layer: found 'x'"):
        flexflow_pro.flexflow_pro_layer("x")


def test_what_is_simulated_is_there():
    assert all(any(name.startswith(one) for name in LAYERS) for one in SIMULATED)


def test_goals_are_of_every_network():
    """A mean that is asked for is not above the mean of the networks' goals by much."""
    assert all(set(goals) == set(flexflow_pro.NETWORKS) for goals in GOALS.values())
    for variant, least in MEAN_GOALS.items():
        assert least == pytest.approx(np.mean(list(GOALS[variant].values())), abs=0.03)
