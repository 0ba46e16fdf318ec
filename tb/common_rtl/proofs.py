"""Proofs of the blocks of ``rtl/common``; harnesses in ``prove``."""

from __future__ import annotations

from tb.common.prove.proof import INDUCTION, Change, Proof

_COMMON = "rtl/common/"

_FIFO = _COMMON + "lac_fifo.sv"
_SPILL = _COMMON + "lac_spill.sv"
_PIPE = _COMMON + "lac_pipe.sv"
_ARB = _COMMON + "lac_arb.sv"
_PERF = _COMMON + "lac_perf.sv"
_REQUANT = _COMMON + "lac_requant.sv"
_COMPACT = _COMMON + "lac_compact_move.sv"
_FIRST = _COMMON + "lac_first.sv"
_PACKET_RX = _COMMON + "lac_packet_rx.sv"
_AXIL = _COMMON + "lac_axil_regs.sv"
_XBAR = _COMMON + "lac_xbar.sv"

PROOFS = (
    Proof(
        name="fifo",
        harness="lac_prove_fifo",
        claims="nothing lost, doubled, changed, reordered; streams stable; full only if full",
        method=INDUCTION,
        depth=2,
        cover=14,
        configs={
            "odd": {"Depth": 3},
            "one": {"Depth": 1},
            "seven": {"Depth": 7},
            "eight": {"Depth": 8},
        },
        quick=("one", "odd"),
        faults=(
            Change(_FIFO, "level_q != LevelWidth'(Depth);", "1'b1;"),
            Change(_FIFO, "if (push) mem_q", "mem_q"),
            Change(_FIFO, "else if (pop && !push)", "else if (pop)"),
        ),
    ),
    Proof(
        name="spill",
        harness="lac_prove_spill",
        claims="nothing lost, doubled, changed, reordered; streams stable; full only if full",
        method=INDUCTION,
        depth=2,
        cover=8,
        quick=("default",),
        faults=(
            Change(_SPILL, "spill_valid_q ? spill_data_q : in_data_i", "in_data_i"),
            Change(_SPILL, "~moves & (push | spill_valid_q)", "~moves & push"),
        ),
    ),
    Proof(
        name="pipe",
        harness="lac_prove_pipe",
        claims="nothing lost, doubled, changed, reordered; streams stable; holes close up",
        method=INDUCTION,
        depth=2,
        cover=10,
        configs={"three": {"Stages": 3}, "one": {"Stages": 1}, "five": {"Stages": 5}},
        quick=("three",),
        unreached={"one": ("cover_closes_up",)},
        faults=(Change(_PIPE, "~valid_q[k] | ready[k+1]", "1'b1"),),
    ),
    Proof(
        name="arb",
        harness="lac_prove_arb",
        claims="one grant, who requests, in turn, locked until taken; no one waits a second round",
        method=INDUCTION,
        depth=4,
        cover=10,
        configs={"four": {"NumReq": 4}, "one": {"NumReq": 1}, "five": {"NumReq": 5}},
        quick=("four",),
        faults=(
            Change(_ARB, "out_ready_i ? from_grant & ~out_grant_o : from_grant", "from_grant"),
            Change(_ARB, "later_from[NumReq-1] ? later_from : req_from", "req_from"),
        ),
    ),
    Proof(
        name="perf",
        harness="lac_prove_perf",
        claims="a counter is the sum of its increments, or all ones if that is larger",
        method=INDUCTION,
        depth=2,
        cover=6,
        configs={"default": {}, "widest": {"NumCounters": 1, "IncWidth": 32}},
        quick=("default",),
        faults=(Change(_PERF, "assign inc = inc_q[c*IncWidth+:IncWidth];", "assign inc = '1;"),),
    ),
    Proof(
        name="requant",
        harness="lac_prove_requant",
        claims="divided by 2^shift, halves away from zero, limited, ReLU: for every input",
        method=INDUCTION,
        depth=2,
        cover=3,
        configs={
            "small": {"AccWidth": 12, "OutWidth": 6},
            "eight": {"AccWidth": 24, "OutWidth": 8},
            "default": {"AccWidth": 40, "OutWidth": 16},
        },
        quick=("small",),
        faults=(
            Change(_REQUANT, "guard && (!negative || sticky)", "guard"),
            Change(_REQUANT, "relu_i && negative", "relu_i"),
        ),
    ),
    Proof(
        name="compact",
        harness="lac_prove_compact",
        claims="lane l has the l-th kept slot, nothing else: for every input",
        method=INDUCTION,
        depth=2,
        cover=3,
        configs={
            "eight": {"NumIn": 8, "NumOut": 4},
            "odd": {"NumIn": 11, "NumOut": 5, "Width": 2},
            "sixteen": {"NumIn": 16, "NumOut": 4, "Width": 1},
        },
        quick=("eight",),
        faults=(Change(_COMPACT, "holes_i & ~parity", "holes_i & parity"),),
    ),
    Proof(
        name="first",
        harness="lac_prove_first",
        claims="the first n set bits, by counting; the lowest set bit: for every input",
        method=INDUCTION,
        depth=2,
        cover=3,
        configs={"eight": {"Width": 8}, "odd": {"Width": 13}, "sixteen": {"Width": 16}},
        quick=("eight",),
        faults=(Change(_FIRST, "bits << 1;", "bits;"),),
    ),
    Proof(
        name="packet_rx",
        harness="lac_prove_packet_rx",
        claims="payload whole and in order; one verdict, the right one; drops what nobody wants",
        method=INDUCTION,
        depth=2,
        cover=8,
        configs={
            "default": {},
            "per_word": {"PerWord": 4},
            "words_per": {"WordsPer": 3},
            "check_count": {"CheckCount": 1},
        },
        quick=("default",),
        unreached={"check_count": ("cover_empty",)},
        faults=(
            Change(_PACKET_RX, "left - 32'd1;", "left;"),
            Change(_PACKET_RX, "s_axis_tlast & (left != 32'd0)", "1'b0"),
            Change(_PACKET_RX, "(state_q == StDrain) | discard_i", "(state_q == StDrain)"),
        ),
    ),
    Proof(
        name="axil_regs",
        harness="lac_prove_axil_regs",
        claims="AXI4-Lite both ways: stable, one answer each, none early; CFG reads as written",
        method=INDUCTION,
        depth=3,
        cover=9,
        faults=(
            Change(_AXIL, "!aw_held_q && !bvalid_q", "!aw_held_q"),
            Change(_AXIL, "if (s_axil_rready) rvalid_q", "rvalid_q"),
            Change(_AXIL, "strb[1] ? data[15:8]", "strb[0] ? data[15:8]"),
        ),
    ),
    Proof(
        name="xbar",
        harness="lac_prove_xbar",
        claims="no beat lost, doubled, changed, misled; in order; no one waits a second round",
        method=INDUCTION,
        depth=3,
        cover=8,
        configs={
            "direct": {},
            "spill": {"OutSpill": 1},
            "larger": {"NumIn": 5, "OutSpill": 1},
        },
        unreached={"larger": ("cover_no_conflict",)},
        quick=("direct",),
        faults=(
            Change(_XBAR, "= grant & {NumIn{ready}}", "= req & {NumIn{ready}}"),
            Change(_XBAR, "in_dest_i[i*DestWidth+:DestWidth] == DestWidth'(o)", "1'b1"),
        ),
    ),
)
