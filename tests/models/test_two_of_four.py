"""The ratios that docs/layers.md prints for 2:4 along the inputs, and the layer behind them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from models import registry
from models.golden import golden
from models.layer import Layer
from models.places import ROOT
from scripts import lacuna

OUTPUTS, INPUTS, SIDE = 64, 64, 14
#: A row of the table: designs, or one of its builds in brackets, and the ratio.
ROW = re.compile(r"^\| ([^|]+) \| (\d\.\d\d) \|$", re.MULTILINE)


def layers() -> tuple[Layer, Layer]:
    """(with all weights, with 2 of 4 neighbouring inputs): half of the activations zero."""
    draw = np.random.default_rng(1)
    weights = draw.integers(1, 100, (OUTPUTS, INPUTS, 3, 3)) * draw.choice([-1, 1])
    order = draw.permuted(np.arange(4).repeat(OUTPUTS * INPUTS // 4 * 9).reshape(4, -1), axis=0)
    kept = order.T.reshape(OUTPUTS, 3, 3, INPUTS // 4, 4).reshape(OUTPUTS, 3, 3, INPUTS) < 2
    size = (1, INPUTS, SIDE, SIDE)
    acts = draw.integers(1, 100, size) * (draw.random(size) < 0.5)
    dense = Layer(weights, acts, padding=1, shift=8, name="all")
    pruned = Layer(weights * kept.transpose(0, 3, 1, 2), acts, padding=1, shift=8, name="2of4")
    return dense, pruned


def printed() -> dict[str, float]:
    """Design, and ``build`` behind it where one is named -> the ratio on the page."""
    page = (ROOT / "docs" / "layers.md").read_text()
    part = page.partition("| design | 2:4 over dense |")[2].partition("\n\n")[0]
    found = {}
    for names, ratio in ROW.findall(part):
        for name in names.split(", "):
            found[name] = float(ratio)
    return found


def cycles(layer: Layer, design: str, config: Any) -> int:
    return lacuna.run(layer, design, config, rtl=False).cycles


def test_two_of_four_are_kept():
    dense, pruned = layers()
    assert dense.weight_density == 1 and pruned.weight_density == 0.5
    groups = pruned.weights.reshape(OUTPUTS, INPUTS // 4, 4, 3, 3)
    assert (np.count_nonzero(groups, axis=2) == 2).all()


@pytest.mark.parametrize(
    ("name", "design", "config"),
    [
        ("SCNN", "scnn", "2x2_40bit"),
        ("FlexFlow-Pro", "flexflow_pro", "8x8"),
        ("Cambricon-SE", "cambricon_se", "2x8x8"),
        ("dense", "dense", ""),
        ("dense (16x16_2of4)", "dense", "16x16_2of4"),
        ("Sparse-on-Dense", "sparse_on_dense", ""),
        ("SPS", "sps", ""),
    ],
)
def test_the_ratio_on_the_page_is_that_of_the_model(name, design, config):
    """The builds are those of ``make run``."""
    if "(" not in name:
        assert config in ("", registry.design(design).quick)
    dense, pruned = layers()
    build = lacuna.build(design, config)
    ratio = cycles(pruned, design, build) / cycles(dense, design, build)
    assert round(ratio, 2) == printed()[name], ratio


def test_every_row_of_the_page_is_tested():
    assert len(printed()) == 7


def test_choosing_halves_the_cycles_of_the_array_as_it_was():
    """Over the plain array with as many multipliers, which takes 2:4 as it takes all weights."""
    _, pruned = layers()
    plain, choosing = (lacuna.build("dense", name) for name in ("16x16", "16x16_2of4"))
    assert plain.multipliers == choosing.multipliers
    assert cycles(pruned, "dense", choosing) / cycles(pruned, "dense", plain) < 0.502


def test_all_weights_take_as_long_as_without_choice():
    dense, _ = layers()
    plain, choosing = (lacuna.build("dense", name) for name in ("16x16", "16x16_2of4"))
    assert cycles(dense, "dense", choosing) == cycles(dense, "dense", plain)
    assert golden(dense).any()
