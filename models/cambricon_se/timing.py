"""Constants of Cambricon-SE's cycles; "Cycles" in ``rtl/cambricon_se/README.md``.

Cycle 0 is the first of the compute phase.
"""

from __future__ import annotations

#: T0: the first window of a core is in A.
FIRST = 7
#: E: from the last vector of the slowest core to the end of the phase.
END = 10
#: A load phase beside payload words: its first cycle, the header.
LOAD = 2
#: More than one for a word of numbers of a code table.
NUMBER = 3
#: Between the last step of bit strings and the cycle that takes the next header, or the last word.
CLOSING = 2
#: First result word, counted from the start of the output phase.
FIRST_RESULT = 4


def output_cycles(results: int, words: int) -> int:
    """Cycles of an output phase whose receiver never waits, ``words`` of a result.

    >>> output_cycles(10, 4)
    44
    """
    return results * words + FIRST_RESULT
