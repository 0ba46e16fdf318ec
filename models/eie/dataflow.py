"""Dataflow of EIE."""

from __future__ import annotations

from models.dataflow import Action, Dataflow, uncompressed
from models.eie.config import EieConfig


def dataflow(config: EieConfig) -> Dataflow:
    """Inputs that are not zero are broadcast; each PE walks its slice of the column."""
    return Dataflow(
        stationary="Weights",
        formats={
            "Weights": (("K0", "U"), ("C", "UOP"), ("K1", "RLE")),
            "Inputs": uncompressed("C"),
            "Outputs": uncompressed("K"),
        },
        order=("B", "P", "Q", "C", "K1"),
        space=(("K0", config.num_pe),),
        words={
            "Weights": config.code_width,
            "Inputs": config.act_width,
            "Outputs": config.acc_width,
        },
        metadata={"Weights": config.idx_width, "Inputs": 0, "Outputs": 0},
        actions=(
            Action("skipping", "Weights", ("Inputs",)),
            Action("skipping", "Compute", ("Weights", "Inputs")),
        ),
    )
