"""Proofs of the decoders of ``rtl/formats``: one harness for all, small tiles, any words.

Words of 32 bits and tiles of a few elements: what is proved is control, which the width of a value
has no part in. All are bounded: any word may come in any cycle, good tiles and bad ones.
The other formats have no proof yet.
"""

from __future__ import annotations

from collections.abc import Mapping

from tb.common.prove.proof import BOUNDED, Change, Proof

_CLAIMS = "at most the tile's elements, inside it; ends once; drains behind an error; never hangs"
_OUT = "rtl/formats/"
#: Of the part that all have: a tile that ends at every step, one too short that hangs.
_FAULTS = (
    ("lac_fmt_step", "step_o && stop_o;", "step_o;"),
    ("lac_fmt_step", "there_i || last_i", "there_i"),
)


def _decoder(
    name: str,
    own: Mapping[str, int] | None = None,
    unreached: tuple[str, ...] = (),
) -> Proof:
    """The proof of a decoder; ``own``: its own parameters."""
    shared = ("WordWidth", "ValueWidth", "TileRows", "TileCols", "NumLanes")
    passed = {**{one: one for one in shared}, **(own or {})}
    return Proof(
        name=f"fmt_{name}",
        harness="lac_prove_fmt_dec",
        claims=_CLAIMS,
        method=BOUNDED,
        depth=9,
        cover=14,
        unreached={"small": unreached},
        rtl=("formats",),
        configs={"small": {}},
        defines={
            "LAC_DUT": f"lac_fmt_{name}_dec",
            "LAC_SIZES": ",".join(f".{one}({value})" for one, value in passed.items()),
        },
        faults=tuple(Change(f"{_OUT}{one[0]}.sv", *one[1:]) for one in _FAULTS),
    )


PROOFS = (
    _decoder("dense"),
    _decoder("rle", {"RunWidth": 2}),
    # Its pipeline does not close up within the 14 cycles.
    _decoder("coo", unreached=("cover_closes_up",)),
)
