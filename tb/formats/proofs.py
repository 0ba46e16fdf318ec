"""Proofs of the decoders of ``rtl/formats``: one harness for all, small tiles, any words.

Words of 32 bits and tiles of a few elements: what is proved is control, which the width of a value
has no part in. Any word may come in any cycle, good tiles and bad ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from tb.common.prove.proof import INDUCTION, PDR, Change, Proof

_CLAIMS = "at most the tile's elements, inside it; ends once; drains behind an error; never hangs"
_SHARED = ("WordWidth", "ValueWidth", "TileRows", "TileCols", "NumLanes")
#: Of the part that most have: a tile that ends at every step.
_ENDS = ("lac_fmt_step", "step_o && stop_o;", "step_o;")
#: One too short hangs.
_HANGS = Change("rtl/formats/lac_fmt_step.sv", "there_i || last_i", "there_i")
#: A cover of pipelines of more than one stage.
_ONE_STAGE = ("cover_closes_up",)

#: What Huffman's tables answer, and what lac_prove_fmt_huffman shows of it: ones from bit 0 up.
_TABLES = ("u_dut.past", "u_dut.rank")
_LIMITS = "(!u_dut.body||u_dut.state_q!=2||(u_dut.past&(u_dut.past+16'd1))=='0)"

#: What the tables of periodic patterns answer, and what lac_prove_fmt_periodic shows of it.
_PATTERNS = ("u_dut.col", "u_dut.next_size")
_IN_RANGE = (
    "!u_dut.go||((u_dut.state_q!=3||u_dut.empty||u_dut.col<2'd3)"
    "&&(!(u_dut.state_q==3?u_dut.through:u_dut.state_q!=0&&u_dut.wraps)"
    "||(u_dut.state_q==1&&u_dut.period_q==1)||u_dut.next_size<=2'd2))"
)


def _decoder(
    name: str,
    fault: tuple[str, str, str],
    own: Mapping[str, int] | None = None,
    wait: int = 9,
    cover: int = 14,
    unreached: tuple[str, ...] = (),
    more: tuple[Change, ...] = (),
    free: tuple[str, ...] = (),
    known: str = "",
    variant: str = "",
    late: bool = False,
    named: bool = False,
    timeout: int = 600,
) -> Proof:
    """The proof of a decoder.

    Args:
        name: as in ``lac_fmt_<name>_dec``.
        fault: module, text in it, other text.
        own: its own parameters.
        wait: within how many cycles there is a word or a beat while both sides are ready.
        cover: cycles within which all covers are reached, but those ``unreached``.
        more: further faults.
        free: signals that may be anything, but for what is ``known`` of them.
        variant: behind its name, where it has several proofs.
        late: errors are found behind the steps, which then go on.
        named: only where it is asked for.
        timeout: seconds; the longest begin first.
    """
    passed = {**{one: one for one in _SHARED}, **(own or {})}
    module, *texts = fault
    return Proof(
        name=f"fmt_{name}{variant}",
        harness="lac_prove_fmt_dec",
        claims=f"{_CLAIMS}: {wait} cycles at most without a word or a beat",
        method=PDR,
        depth=0,
        cover=cover,
        rtl=("formats",),
        configs={"small": {"Wait": wait, "Late": int(late)}},
        unreached={"small": unreached},
        defines={
            "LAC_DUT": f"lac_fmt_{name}_dec",
            "LAC_SIZES": ",".join(f".{one}({value})" for one, value in passed.items()),
            **({"LAC_KNOWN": known} if known else {}),
        },
        free=free,
        named=named,
        timeout=timeout,
        faults=(Change(f"rtl/formats/{module}.sv", *texts), *more),
    )


PROOFS = (
    _decoder("dense", _ENDS, more=(_HANGS,)),
    _decoder("bitmap", _ENDS),
    _decoder(
        "blockmap",
        _ENDS,
        {"BlockRows": 2, "BlockCols": 1},
        unreached=("cover_mask_with_values",),  # there is one mask
    ),
    _decoder("rle", _ENDS, {"RunWidth": 2}),
    _decoder(
        "coo",
        ("lac_fmt_coo_dec", "!there ? ErrNone : outside", "1'b0"),
        unreached=_ONE_STAGE,
    ),
    _decoder(
        "csr",
        ("lac_fmt_csr_dec", "32'(col) >= 32'(TileCols)", "1'b0"),
        {"PtrWidth": 8},
        unreached=_ONE_STAGE,
    ),
    _decoder(
        "csc",
        ("lac_fmt_csc_dec", "here >= NextWidth'(TileRows)", "1'b0"),
        {"IdxWidth": 2, "PtrWidth": 8},
        unreached=(*_ONE_STAGE, "cover_placeholder"),  # for more rows than there are
    ),
    _decoder(
        "bsr",
        ("lac_fmt_bsr_dec", "32'(col_here) >= GridCols", "1'b0"),
        {"BlockRows": 2, "BlockCols": 1, "PtrWidth": 8},
        unreached=("cover_empty_row", "cover_column_alone"),  # one row of blocks
    ),
    _decoder("ell", _ENDS),
    _decoder("nm", _ENDS, {"GroupN": 2, "GroupM": 3}),
    _decoder(
        "periodic",
        ("lac_fmt_periodic_dec", "fault = end_q || (!empty", "fault = (!empty"),
        {"Kss": 2},
        wait=72,
        cover=34,
        unreached=_ONE_STAGE,
        free=_PATTERNS,
        known=_IN_RANGE,
        named=True,
        timeout=3600,
    ),
    _decoder(
        "codebook",
        ("lac_fmt_codebook_dec", "+ 2'(ends_in) - 2'(ends_out);", "+ 2'(ends_in);"),
        {"CodeWidth": 2, "RegionsRow": 1, "RegionsCol": 1, "Inner": 0, "RunWidth": 2},
        wait=16,
        cover=18,
    ),
    _decoder(
        "huffman",
        _ENDS,
        {"RunWidth": 0},
        wait=30,
        cover=34,
        unreached=(*_ONE_STAGE, "cover_late_fault", "cover_dropped"),  # of runs
        free=_TABLES,
        known=_LIMITS,
    ),
    _decoder(
        "huffman",
        _ENDS,
        {"RunWidth": 1},
        wait=34,
        cover=34,
        unreached=_ONE_STAGE,
        free=_TABLES,
        known=_LIMITS,
        variant="_runs",
        late=True,
        named=True,
        timeout=3600,
    ),
    Proof(
        name="fmt_huffman_limits",
        harness="lac_prove_fmt_huffman",
        claims="limits of codes do not fall, whatever lengths come: what the proof above assumes",
        method=INDUCTION,
        depth=2,
        cover=12,
        rtl=("formats",),
        configs={"small": {}},
        free=("u_dut.number",),
        alone=True,
        faults=(
            Change(
                "rtl/formats/lac_fmt_huffman_dec.sv",
                "space_q <= space;",
                "space_q <= SumWidth'(number);",
            ),
        ),
    ),
    Proof(
        name="fmt_periodic_tables",
        harness="lac_prove_fmt_periodic",
        claims="columns and sizes that tables answer are in range: what fmt_periodic assumes",
        method=INDUCTION,
        depth=2,
        cover=16,
        rtl=("formats",),
        configs={"small": {}},
        alone=True,
        faults=(
            Change(
                "rtl/formats/lac_fmt_periodic_dec.sv", "!position_there ? ErrNone : outside", "1'b0"
            ),
        ),
    ),
)
