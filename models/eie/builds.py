"""Named builds of EIE at full size: every memory as in the paper, parameters as in the RTL.

Small builds, whose memories make ordinary layers be cut, are those of its bench
(``tb/eie/top/benches.py``). ``CONFIG=`` takes both wherever it is taken.
"""

from __future__ import annotations

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
    "pe4_full": {"NumPe": 4},
    "pe64_full": {},
}
#: Old spelling -> name.
OLD_NAMES = {"4pe": "pe4_full", "64pe": "pe64_full"}
