"""Dataflow of SPS."""

from __future__ import annotations

from models.array.dataflow import dataflow as of_the_array
from models.dataflow import Action, Dataflow
from models.sps.config import SpsConfig

#: A kernel's positions are those of its pattern, which is in a table and not stored with it.
_WEIGHTS = (("K1", "U"), ("C1", "U"), ("RS", "CP"), ("C0", "U"), ("K0", "U"))


def dataflow(config: SpsConfig) -> Dataflow:
    """That of the array, over the positions that the patterns of a tile have."""
    order = ("B", "K1", "C1", "RS", "P", "Q")
    skipped = (Action("skipping", "Inputs", ("Weights",)),)
    return of_the_array(config, _WEIGHTS, 0, order, skipped)
