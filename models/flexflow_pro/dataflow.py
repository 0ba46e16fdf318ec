"""Dataflow of FlexFlow-Pro."""

from __future__ import annotations

from models.dataflow import Action, Dataflow, uncompressed
from models.flexflow_pro.config import FlexflowProConfig

_WIDTH = 16


def dataflow(config: FlexflowProConfig) -> Dataflow:
    """Kernels stay in the PEs; rows are outputs (or groups of pixels), columns slices of a sum."""
    both = ("Weights", "Inputs")
    return Dataflow(
        stationary="Weights",
        formats={
            "Weights": (("K1", "U"), ("S", "U"), ("C1R", "B")),
            "Inputs": (("H", "U"), ("W", "U"), ("C1", "B")),
            "Outputs": uncompressed("KPQ"),
        },
        order=("B", "K2", "P", "Q", "K1", "S", "C1R"),
        space=(("K0", config.rows), ("C0", config.cols)),
        words={"Weights": _WIDTH, "Inputs": _WIDTH, "Outputs": config.acc_width},
        metadata={"Weights": 1, "Inputs": 1, "Outputs": 0},
        actions=(Action("skipping", "Compute", both),) if config.relaxed else (),
    )
