"""Dataflow of the systolic array, common to the designs that have it."""

from __future__ import annotations

from models.array.config import ArrayConfig
from models.dataflow import Action, Dataflow, uncompressed

_WEIGHTS = (("K1", "U"), ("R", "U"), ("S", "U"), ("C1", "U"), ("C0", "U"), ("K0", "U"))


def dataflow(
    config: ArrayConfig,
    weights: tuple[tuple[str, str], ...] = _WEIGHTS,
    metadata: int = 0,
    order: tuple[str, ...] = ("B", "K1", "R", "S", "C1", "P", "Q"),
    actions: tuple[Action, ...] = (),
) -> Dataflow:
    """A tile of Rows x Cols weights stays, all pixels pass it."""
    return Dataflow(
        stationary="Weights",
        formats={
            "Weights": weights,
            "Inputs": uncompressed("CHW"),
            "Outputs": uncompressed("PQK"),
        },
        order=order,
        space=(("C0", config.rows), ("K0", config.cols)),
        words={
            "Weights": config.wgt_width,
            "Inputs": config.act_width,
            "Outputs": config.acc_width,
        },
        metadata={"Weights": metadata, "Inputs": 0, "Outputs": 0},
        actions=actions,
    )
