"""Dataflow of SCNN."""

from __future__ import annotations

from models.dataflow import Action, Dataflow, uncompressed
from models.scnn.config import ScnnConfig


def dataflow(config: ScnnConfig) -> Dataflow:
    """Planar tiles of the inputs stay, the weights of a group of outputs are broadcast: all pairs
    of a channel's non-zero weights and activations, F x I at a time.
    """
    return Dataflow(
        stationary="Inputs",
        formats={
            "Weights": (("K1", "U"), ("C", "UOP"), ("SRK0", "RLE")),
            "Inputs": (("H1", "U"), ("W1", "U"), ("C", "UOP"), ("H0W0", "RLE")),
            "Outputs": uncompressed("KPQ"),
        },
        order=("B", "K1", "C", "H0W0", "SRK0"),
        space=(("H1", config.pe_y), ("W1", config.pe_x), ("SRK0", config.f), ("H0W0", config.i)),
        words={
            "Weights": config.wgt_width,
            "Inputs": config.act_width,
            "Outputs": config.acc_width,
        },
        metadata={"Weights": config.run_width, "Inputs": config.run_width, "Outputs": 0},
        actions=(
            Action("skipping", "Weights", ("Weights",)),
            Action("skipping", "Inputs", ("Inputs",)),
            Action("skipping", "Compute", ("Weights", "Inputs")),
        ),
    )
