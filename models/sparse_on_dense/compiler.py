"""Compiler of Sparse-on-Dense: that of the dense array, with weights in compressed parts."""

from __future__ import annotations

from models.array import compiler as array
from models.array.compiler import unpack
from models.layer import Layer
from models.program import Program
from models.sparse_on_dense.config import SparseOnDenseConfig
from models.sparse_on_dense.store import SPARSE_ON_DENSE

__all__ = ["compile", "unpack"]


def compile(layer: Layer, config: SparseOnDenseConfig) -> Program:
    """Passes of one layer on all its samples; tags are (0, band, output range, channel range).

    Raises ValueError when a value does not fit a width of the build, a sum could overflow, a bank
    cannot hold the largest part of a tile, or weights are not N:M where the build asks for it.
    """
    return array.compile(layer, config, SPARSE_ON_DENSE)
