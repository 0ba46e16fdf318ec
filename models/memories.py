"""The memories of a build: what one counted access moves, and how large the array behind it is.

Each design says which it has (``Design.memories``); the names are those of the counters: wgt, idx,
act, psum (``models/socket.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CLASSES = ("wgt", "idx", "act", "psum")


@dataclass(frozen=True)
class Memory:
    """One class of memory.

    width  bits that one counted access moves
    depth  words of ``width`` bits of one bank, the array that an access opens
    banks  how many there are

    >>> Memory(width=64, depth=16384, banks=64).bits
    67108864
    """

    width: int
    depth: int
    banks: int = 1

    @property
    def bank_bits(self) -> int:
        """Capacity of one bank."""
        return self.width * self.depth

    @property
    def bits(self) -> int:
        """Capacity of all banks."""
        return self.bank_bits * self.banks


def moved(counters: Mapping[str, int], kinds: Mapping[str, Memory]) -> dict[str, dict[str, int]]:
    """Bits read and written by class: {class: {"reads", "writes"}}.

    Raises ValueError when a class that the design does not have was accessed.

    >>> moved({"wgt_reads": 3, "wgt_writes": 0}, {"wgt": Memory(64, 8)})
    {'wgt': {'reads': 192, 'writes': 0}}
    """
    found = {}
    for name in CLASSES:
        counts = {way: counters.get(f"{name}_{way}", 0) for way in ("reads", "writes")}
        if name in kinds:
            found[name] = {way: count * kinds[name].width for way, count in counts.items()}
        elif any(counts.values()):
            raise ValueError(f"{name}: found {counts}, the design has no such memory")
    return found
