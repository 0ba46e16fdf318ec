"""Dataflow of Cambricon-SE."""

from __future__ import annotations

from models.cambricon_se.config import CambriconSeConfig, Selector
from models.dataflow import Action, Dataflow, uncompressed

_WIDTH = 16
_CODES = (4, 8)


def dataflow(config: CambriconSeConfig) -> Dataflow:
    """The outputs of a group share an index list; its selector takes the neurons that are left."""
    neurons = config.selector != Selector.PER_PE
    return Dataflow(
        stationary="Outputs",
        formats={
            "Weights": (("K1", "UOP"), ("RSC1", "CP"), ("C0", "B"), ("K0", "U")),
            "Inputs": (("H", "U"), ("W", "U"), ("C1", "U"), ("C0", "B" if neurons else "U")),
            "Outputs": uncompressed("KPQ"),
        },
        order=("B", "K1", "P", "Q", "RSC1", "C0"),
        space=(("K1", config.cores), ("K0", config.pes), ("C0", config.lanes)),
        words={
            "Weights": config.codes if config.codes in _CODES else _CODES[1],
            "Inputs": _WIDTH,
            "Outputs": config.acc_width,
        },
        metadata={"Weights": 1, "Inputs": int(neurons), "Outputs": 0},
        actions=(
            Action("skipping", "Inputs", ("Weights",)),
            *((Action("skipping", "Weights", ("Inputs",)),) if neurons else ()),
        ),
    )
