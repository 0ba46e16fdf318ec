"""Times of the dense array in closed form; "Cycles" in ``rtl/dense/README.md``.

``N = P*Q`` pixels and ``T = KT*R*S*CT`` weight tiles; cycle 0 is the first of the compute phase.
Pixel 0 of tile k enters lane 0 in cycle ``t_k``. The last ``t`` says all: the pixels of a tile
follow each other, so what lies between ``t_0`` and ``t_{T-1}`` beside ``(T-1)*N`` is waiting.
"""

from __future__ import annotations

from models.array.config import ArrayConfig
from models.packets import row_words

#: t_0 of the dense array: the first weights must be there.
FIRST_TILE = 4
#: Cycles of a pass outside its phases: the checks of the geometry.
CHECKS = 47
#: First result word, counted from the start of the output phase.
FIRST_RESULT = 4
#: The address generator is active from this cycle on, and issues a pixel some cycles before it
#: enters lane 0.
_FIRST_ISSUE = 1
_ISSUE_TO_LANE = 2


def tile_interval(pixels: int, config: ArrayConfig) -> int:
    """Cycles from one tile's start to the next one's, ``pixels`` = N: the time of its pixels, of
    the rows of the next tile's weights, or of the switch's way to the last column.

    >>> from models.dense.config import DenseConfig
    >>> tile_interval(1, DenseConfig()), tile_interval(196, DenseConfig())
    (17, 196)
    """
    return max(pixels, config.rows, config.cols + 1)


def last_start(pixels: int, tiles: int, config: ArrayConfig) -> int:
    """t_{T-1} of the dense array."""
    return FIRST_TILE + (tiles - 1) * tile_interval(pixels, config)


def compute_cycles(last: int, pixels: int, config: ArrayConfig) -> int:
    """Cycles of a compute phase whose last tile starts in cycle ``last``.

    >>> from models.dense.config import DenseConfig
    >>> compute_cycles(last_start(196, 36, DenseConfig()), 196, DenseConfig())
    7093
    """
    return last + pixels + config.rows + config.cols + 1


def waiting_cycles(last: int, pixels: int, tiles: int) -> int:
    """Cycles in which the address generator waits for the weights of a tile.

    >>> waiting_cycles(last=4, pixels=196, tiles=1), waiting_cycles(last=21, pixels=7, tiles=2)
    (1, 11)
    """
    return last - _ISSUE_TO_LANE - _FIRST_ISSUE - (tiles - 1) * pixels


def output_cycles(pixels: int, kt: int, config: ArrayConfig) -> int:
    """Cycles of an output phase whose receiver never waits."""
    return kt * pixels * row_words(config.cols, config.act_width) + FIRST_RESULT
