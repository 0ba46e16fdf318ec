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
#: Of ``make compare``: one codebook and files of accumulators as memories, as a chip would have
#: them. 32 bits are the paper's size of a file, 48 hold the sums of any 16-bit operands.
_LEAN: dict[str, int | str] = {"num_codebooks": 1, "file_mem": 1}
_WIDE = _LEAN | {"acc_width": 48}
SIZES: dict[str, dict[str, int | str]] = {
    "64 PEs, 32-bit sums": _LEAN,
    "16 PEs": {"num_pe": 16, **_WIDE},
    "64 PEs": _WIDE,
    "64 PEs, 8 Mbit": {**_WIDE, "spmat_depth": 1024, "ptr_depth": 2048},
}
