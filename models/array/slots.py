"""Why an array multiplies by zero: the slots behind ``slot_padding``, by cause.

An array feeds every tap of the kernel with every output pixel, tile by tile: ``Rows x Cols`` slots
for a tile and a pixel, whichever passes they run in. What is no useful multiply has one cause:

    geometry    the row has no channel or the column no output: the layer does not fill the tile
    weight      there are both, and the weight between them is zero; where N rows choose from M
                channels, the layer has less than N weights for them
    activation  the weight is not zero, the activation is (or lies in the border of the image)
"""

from __future__ import annotations

import numpy as np

from models.array.config import ArrayConfig
from models.array.problem import Lowered, problem_of
from models.layer import Layer


def zero_operands(layer: Layer, config: ArrayConfig, useful: int) -> dict[str, dict[str, int]]:
    """Slots of a layer on all its samples by account and cause, see above.

    useful  multiplies of two non-zero operands in the program of the layer

    >>> from models.dense.config import DenseConfig
    >>> layer = Layer([[1, 0, 2]], [[5, 6, 0]])  # three lanes of four, one column of four
    >>> zero_operands(layer, DenseConfig(rows=4, cols=4), useful=1)
    {'padding': {'geometry': 13, 'weight': 1, 'activation': 1}}
    """
    low = problem_of(layer)  # as compiled: what the build cannot hold did not come this far
    return of_tiles(low, config, useful, low.weights.size)


def of_tiles(
    low: Lowered, config: ArrayConfig, useful: int, there: int
) -> dict[str, dict[str, int]]:
    """The same of the layer as the array sees it; ``there``: places of rows and columns that have
    channels and an output.
    """
    filters, channels, *taps = low.weights.shape
    tiles = -(-filters // config.cols) * -(-channels // config.inputs) * int(np.prod(taps))
    pixels = low.acts.shape[0] * int(np.prod(low.out_size))
    filled = int(np.count_nonzero(low.weights))
    return {
        "padding": {
            "geometry": (tiles * config.multipliers - there) * pixels,
            "weight": (there - filled) * pixels,
            "activation": filled * pixels - useful,
        }
    }
