"""Named builds of SCNN at full size, parameters as in the RTL.

``4x4`` has a quarter of the PEs, and accumulators for 16-bit operands of any layer: what a
simulator gets through while one waits. ``4x256`` has as many multipliers and as much memory in four
large PEs, the paper's other end.
"""

from __future__ import annotations

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
    "8x8": {},
    "4x4": {"PeX": 4, "PeY": 4, "AccWidth": 40, "BiasWidth": 32},
    "4x256": {
        "PeX": 2,
        "PeY": 2,
        "F": 16,
        "I": 16,
        "Banks": 512,
        "IaramRows": 4096,
        "CountWidth": 12,
        "CarryDepth": 32768,
    },
}
#: Of ``make run`` where nothing is named.
QUICK = "4x4"
#: Small enough to be looked at in one piece.
SMALL: dict[str, int] = {
    "PeX": 2,
    "PeY": 2,
    "F": 2,
    "I": 2,
    "Banks": 8,
    "Entries": 16,
    "MaxKc": 8,
    "WgtFifo": 16,
    "IaramRows": 64,
    "MaxC": 64,
    "WgtDepth": 512,
    "CarryDepth": 512,
}
