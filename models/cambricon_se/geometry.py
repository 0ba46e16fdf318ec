"""The CFG registers of a pass of Cambricon-SE, and the sizes that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se.registers import REGISTERS
from models.program import Pass

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Geometry:
    """Names as in the contract.

    >>> geo = Geometry(h=3, w=4, p=2, q=2, cb=2, groups=3)
    >>> geo.rows, geo.origins().tolist(), geo.groups_of(0, 2), geo.groups_of(1, 2)
    (24, [0, 2, 8, 10], 2, 1)
    """

    mode: int = 0
    h: int = 1
    w: int = 1
    p: int = 1
    q: int = 1
    stride: int = 1
    cb: int = 1
    groups: int = 1
    shift: int = 0

    @classmethod
    def of(cls, item: Pass) -> Self:
        """Read the registers of a pass."""
        return cls(**{field.name.lower(): field.of(item.cfg) for field in REGISTERS.cfg})

    @property
    def rows(self) -> int:
        """Rows of the block in a neuron buffer."""
        return self.h * self.w * self.cb

    @property
    def pixels(self) -> int:
        """Output pixels."""
        return self.p * self.q

    def origins(self) -> Ints:
        """The first row of the origin of each pixel: int64 [P*Q]."""
        lines = np.arange(self.p) * self.stride * self.w
        found: Ints = (lines[:, None] + np.arange(self.q) * self.stride).ravel() * self.cb
        return found

    def groups_of(self, core: int, cores: int) -> int:
        """Groups of a core."""
        return max(0, -(-(self.groups - core) // cores))
