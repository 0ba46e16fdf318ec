"""The errors of Cambricon-SE that the socket does not know."""

from __future__ import annotations

from enum import IntEnum


class CseError(IntEnum):
    """Codes of the design's own.

    ACT_VALUE   a packed activation behind a set mask bit is 0; ERR_POS = beat
    LIST_RANGE  a list names a row past the block, or goes on past its memory;
                ERR_POS = {core, entry}
    HUF_TABLE   a code table is none, or codes come without one; ERR_POS = beat
    HUF_CODE    bits that are no code, or bits behind the last one; ERR_POS = beat
    HUF_SHORT   the packet ends within codes; ERR_POS = beat
    """

    ACT_VALUE = 32
    LIST_RANGE = 33
    HUF_TABLE = 34
    HUF_CODE = 35
    HUF_SHORT = 36
