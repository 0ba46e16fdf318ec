"""Compiler of the dense design: that of the array, with weights as they are."""

from __future__ import annotations

from models.array import compiler as array
from models.array.compiler import unpack
from models.dense.config import DenseConfig
from models.dense.store import DENSE
from models.layer import Layer
from models.program import Program

__all__ = ["compile", "unpack"]


def compile(layer: Layer, config: DenseConfig) -> Program:
    """Passes of one layer on all its samples; tags are (0, band, output range, channel range).

    Raises ValueError when a value does not fit a width of the build or a sum could overflow.
    """
    return array.compile(layer, config, DENSE)
