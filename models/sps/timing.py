"""Times of SPS in closed form; what is as in the array is in ``models/array/timing.py``.

Tiles follow each other as in the dense array. The last pixel of a tile is held until it is known
whether another step follows, which is when all rows have been scanned: a tile of few pixels takes
the address generator ``Rows - 3`` cycles.
"""

from __future__ import annotations

from models.array import timing as array
from models.array.config import ArrayConfig
from models.array.timing import tile_interval

#: t_0: tables may be written in cycle 0, a row is scanned from cycle 3 on, the index unit takes
#: three cycles to its weights.
FIRST = 10
#: From the start of the address generator, in cycle 1, to the first pixel of a tile in lane 0 if it
#: has not to wait.
_START_TO_LANE = 5


def held(pixels: int, config: ArrayConfig) -> int:
    """M: cycles of the address generator from the first pixel of a tile to the last.

    >>> from models.sps.config import SpsConfig
    >>> held(1, SpsConfig()), held(49, SpsConfig())
    (13, 49)
    """
    return max(pixels, config.rows - 3)


def last_start(tiles: int, pixels: int, config: ArrayConfig) -> int:
    """t_{T-1}."""
    return FIRST + (tiles - 1) * tile_interval(pixels, config)


def compute_cycles(last: int, pixels: int, config: ArrayConfig) -> int:
    """Cycles of a compute phase whose last tile starts in cycle ``last``."""
    return array.compute_cycles(last, held(pixels, config), config)


def waiting_cycles(last: int, pixels: int, tiles: int, config: ArrayConfig) -> int:
    """Cycles in which the address generator has no pixel to read, beside fill and drain."""
    return last - _START_TO_LANE + held(pixels, config) - tiles * pixels
