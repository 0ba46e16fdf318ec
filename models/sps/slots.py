"""Why SPS multiplies by zero: the slots behind ``slot_padding``, by cause.

geometry    the row has no channel or the column no output: the layer does not fill the tile
step        there are both, and the pattern of the row is shorter than the longest of the tile
weight      a position of the pattern, and the weight there is zero
activation  the weight is not zero, the activation is (or lies in the border of the image)
"""

from __future__ import annotations

import numpy as np

from models.array.lowering import lower, plan
from models.design import TileMap
from models.layer import Layer
from models.sps.config import SpsConfig
from models.sps.store import SpsTiles


def zero_operands(layer: Layer, config: SpsConfig, useful: int) -> dict[str, dict[str, int]]:
    """Slots of a layer on all its samples by account and cause, see above.

    useful  multiplies of two non-zero operands in the program of the layer

    >>> layer = Layer([[1, 0, 2]], [[5, 6, 0]])  # three lanes of four, one column of four
    >>> zero_operands(layer, SpsConfig(rows=4, cols=4), useful=1)
    {'padding': {'geometry': 13, 'step': 0, 'weight': 1, 'activation': 1}}
    """
    tiles = SpsTiles.of(lower(layer, config), config)
    low, arranged = tiles.low, tiles.arranged
    made = plan(low, config, tiles)
    pixels = low.acts.shape[0] * int(np.prod(low.out_size))
    outs = (arranged.outputs >= 0).reshape(-1, config.cols).sum(axis=1)
    channels = (arranged.channels >= 0).reshape(-1, config.rows)
    steps = sum(tiles.steps(*piece) for piece in tiles.pieces(made.r, made.s))  # [KT, CT]
    held = int(outs @ steps @ channels.sum(axis=1))
    residues = (arranged.kres[:, None, None] + arranged.rres) % arranged.period
    sizes = arranged.used.sum(axis=1)[residues]  # [KT, CT, Rows]
    there = int(outs @ (sizes * channels).sum(axis=(1, 2)))
    filled = int(np.count_nonzero(layer.weights))
    return {
        "padding": {
            "geometry": (int(np.sum(steps)) * config.multipliers - held) * pixels,
            "step": (held - there) * pixels,
            "weight": (there - filled) * pixels,
            "activation": filled * pixels - useful,
        }
    }


def tile_map(layer: Layer, config: SpsConfig) -> TileMap:
    """Which rows have weights in which step.

    >>> found = tile_map(Layer([[1, 0, 2]], [[5, 6, 0]]), SpsConfig(rows=4, cols=4))
    >>> found.share.tolist(), found.steps.tolist(), found.patterns.tolist()
    ([[0.25, 0.0, 0.25, 0.0]], [1], [1])
    """
    tiles = SpsTiles.of(lower(layer, config), config)
    arranged = tiles.arranged
    made = plan(tiles.low, config, tiles)
    whole = (0, len(arranged.kres)), (0, len(arranged.rres))
    pieces = tiles.pieces(made.r, made.s)
    share = [(tiles.rows(*whole, *piece) != 0).mean(axis=2) for piece in pieces]
    steps = [tiles.steps(*piece).ravel() for piece in pieces]
    return TileMap(np.concatenate(share), np.concatenate(steps), arranged.used.sum(axis=1))
