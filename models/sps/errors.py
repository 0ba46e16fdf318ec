"""The errors of SPS that the socket does not know, and how a scan meets them."""

from __future__ import annotations

from enum import IntEnum


class SpsError(IntEnum):
    """Codes of the design's own.

    WGT_RANGE  a tile's weights lie past the buffer; ERR_POS = number of the tile in the pass
    RESIDUE    a residue is not below the period; ERR_POS = {word[31:16], kind[15:8], row[7:0]}: the
               word of the table of that section kind, KRES (row 0) or RRES
    POSITION   a position past the table, or outside the window; ERR_POS = place in the table
    """

    WGT_RANGE = 32
    RESIDUE = 33
    POSITION = 34


class ScanError(ValueError):
    """The first thing that the index unit refuses in a pass: ``code`` and ``pos``."""

    def __init__(self, code: SpsError, pos: int) -> None:
        super().__init__(f"tables: found {code.name} at {pos:#x}")
        self.code, self.pos = code, pos
