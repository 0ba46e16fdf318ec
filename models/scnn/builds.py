"""Named builds of SCNN at full size, parameters as in the RTL.

``4x4_40bit`` and ``2x2_40bit`` have fewer of the same PEs, and accumulators for 16-bit operands of
any layer. A simulator of the latter is soon built and gets through LeNet-5 while one waits; it has
64 multipliers, as EIE. ``4x256`` has as many multipliers and as much memory as 8x8 in four large
PEs, the paper's other end.
"""

from __future__ import annotations

BUILDS: dict[str, dict[str, int]] = {
    "default": {},
    "8x8": {},
    "4x4_40bit": {"PeX": 4, "PeY": 4, "AccWidth": 40, "BiasWidth": 32},
    "2x2_40bit": {"PeX": 2, "PeY": 2, "AccWidth": 40, "BiasWidth": 32},
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
#: Of ``make run`` where none is named.
QUICK = "2x2_40bit"
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
#: Of ``make compare``: fields that are not the default's; accumulators for any 16-bit operands, no
#: merging of equal addresses, which no program of theirs asks for.
_WIDE: dict[str, int | str] = {"acc_width": 40, "bias_width": 32, "merge": 0}
#: One lane into a bank in a cycle, 4 x 4 multipliers, groups of eight output channels. How deep its
#: queues are the paper does not say.
_PUBLISHED: dict[str, int | str] = {**_WIDE, "xbar_grants": 1, "shapes": False, "kc": 8}
SIZES: dict[str, dict[str, int | str]] = {
    "2x1 PEs": {"pe_x": 2, "pe_y": 1, **_WIDE},
    "2x2 PEs": {"pe_x": 2, "pe_y": 2, **_WIDE},
    "4x4 PEs": {"pe_x": 4, "pe_y": 4, **_WIDE},
    "8x8 PEs": {},
    "2x1 PEs, as published": {"pe_x": 2, "pe_y": 1, **_PUBLISHED},
    "2x2 PEs, as published": {"pe_x": 2, "pe_y": 2, **_PUBLISHED},
}
#: Of these, without our gains.
PUBLISHED = ("2x1 PEs, as published", "2x2 PEs, as published")
