"""Proofs of the crossbar of SCNN's PE; harness in ``prove``.

The smallest numbers of lanes and banks that the block has: they share one code by ``generate``.
"""

from __future__ import annotations

from tb.common.prove.proof import INDUCTION, Change, Proof

_XBAR = "rtl/scnn/lac_scnn_xbar.sv"

PROOFS = (
    Proof(
        name="scnn_xbar",
        harness="lac_prove_scnn_xbar",
        claims="each product leaves once, unchanged, at its bank; the longest wait is a number",
        method=INDUCTION,
        depth=2,
        cover=14,
        rtl=("scnn",),
        configs={
            "two": {"XbarGrants": 2, "BankDepth": 4},
            "one": {"XbarGrants": 1, "BankDepth": 2},
            "ahead": {"XbarGrants": 2, "BankDepth": 3, "LookAhead": 2},
            "both": {"XbarGrants": 2, "BankDepth": 2},
        },
        unreached={
            "two": ("cover_no_room",),
            "one": ("cover_no_room",),
            "ahead": ("cover_no_room",),
        },
        faults=(
            Change(_XBAR, "next_turn == '0 ? '1 : next_turn", "'1"),
            Change(_XBAR, "(rest << 2) | Places'(3)", "(rest << 1) | Places'(1)"),
            Change(_XBAR, "served[r*Lanes+:Lanes] = goes;", "served[r*Lanes+:Lanes] = '0;"),
        ),
    ),
    Proof(
        name="scnn_xbar_one",
        harness="lac_prove_scnn_xbar",
        claims="the same with one place in a bank, without a longest wait: four turns can be lost",
        method=INDUCTION,
        depth=2,
        cover=24,
        rtl=("scnn",),
        configs={"default": {"XbarGrants": 1, "BankDepth": 1}},
        faults=(Change(_XBAR, "served[r*Lanes+:Lanes] = goes;", "served[r*Lanes+:Lanes] = '0;"),),
    ),
)
