"""Named builds of SCNN at full size, parameters as in the RTL.

``4x256``: as many multipliers and as much memory in four large PEs, the paper's other end.
"""

from __future__ import annotations

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
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
