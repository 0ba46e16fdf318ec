"""Constants of FlexFlow-Pro's cycles; "Cycles" in ``rtl/flexflow_pro/README.md``.

Cycle 0 is the first of the compute phase.
"""

from __future__ import annotations

#: A bus has its first cell in this cycle.
FIRST = 3
#: From the last scan cycle of a window in the slowest row to the first cell that takes its place.
RELEASE = 2
#: From the last scan cycle of a result in the slowest PE to its fire.
FIRE = 4
#: Cycles from the last fire to the end of the phase.
END = 6
#: First result word, counted from the start of the output phase.
FIRST_RESULT = 4


def output_cycles(results: int, words: int) -> int:
    """Cycles of an output phase whose receiver never waits, ``words`` of a result.

    >>> output_cycles(10, 4)
    44
    """
    return results * words + FIRST_RESULT
