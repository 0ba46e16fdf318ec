"""What of the times of the array is different here; all else is in ``models/array/timing.py``."""

from __future__ import annotations

from models.array.timing import FIRST_TILE

#: Cycles from a row of the scan to its shadow weights that the dense array has not: a look-up of
#: the pattern, a look-up of the position.
INDEX_STAGES = 2
#: t_0.
FIRST = FIRST_TILE + INDEX_STAGES
