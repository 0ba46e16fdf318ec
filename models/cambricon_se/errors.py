"""The errors of Cambricon-SE that the socket does not know."""

from __future__ import annotations

from enum import IntEnum


class CseError(IntEnum):
    """Codes of the design's own.

    ACT_VALUE   a packed activation behind a set mask bit is 0; ERR_POS = beat
    LIST_RANGE  a list names a row past the block, or goes on past its memory;
                ERR_POS = {core, entry}
    """

    ACT_VALUE = 32
    LIST_RANGE = 33
