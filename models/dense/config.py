"""The build parameters of ``lac_dense``."""

from __future__ import annotations

from dataclasses import dataclass

from models.array.config import ArrayConfig


@dataclass(frozen=True)
class DenseConfig(ArrayConfig):
    """One build of ``lac_dense``; a word of the weight buffer is ``cols`` weights.

    >>> DenseConfig(rows=8).parameters()["Rows"], DenseConfig().multipliers
    (8, 256)
    """
