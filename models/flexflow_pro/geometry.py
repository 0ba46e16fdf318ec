"""The CFG registers of a pass of FlexFlow-Pro, and the sizes that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.flexflow_pro.registers import REGISTERS
from models.program import Pass

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Geometry:
    """Names as in the contract.

    >>> geo = Geometry(lines=2, windows=3, taps=3, stride=1, groups_log=1, maps=2, pieces=5)
    >>> geo.step, geo.span, geo.line, geo.results
    (2, 4, 8, 12)
    """

    mode: int = 0
    lines: int = 1
    windows: int = 1
    taps: int = 1
    stride: int = 1
    groups_log: int = 0
    maps: int = 1
    pieces: int = 1
    cells: int = 1
    ring: int = 1
    threshold: int = 0
    shift: int = 0

    @classmethod
    def of(cls, item: Pass) -> Self:
        """Read the registers of a pass."""
        return cls(**{field.name.lower(): field.of(item.cfg) for field in REGISTERS.cfg})

    @property
    def groups(self) -> int:
        """Groups of pixels."""
        return 1 << self.groups_log

    @property
    def step(self) -> int:
        """STEP: slices from a window to the next."""
        return self.stride << self.groups_log

    @property
    def span(self) -> int:
        """SPAN: slices of the windows of all groups."""
        return self.taps + (self.groups - 1) * self.stride

    @property
    def line(self) -> int:
        """LINE: slices of a line."""
        return (self.windows - 1) * self.step + self.span

    @property
    def all_windows(self) -> int:
        """Windows of all lines."""
        return self.lines * self.windows

    @property
    def results(self) -> int:
        """RES: results of a PE."""
        return self.all_windows * self.maps

    def ends(self) -> Ints:
        """Slices up to the end of each window: int64 [windows of all lines]."""
        at = np.arange(self.all_windows)
        return at // self.windows * self.line + at % self.windows * self.step + self.span

    def released(self) -> Ints:
        """Slices given back by each window and those before: int64 [windows of all lines].

        >>> Geometry(lines=2, windows=2, taps=3).released().tolist()
        [1, 4, 5, 8]
        """
        at = np.arange(1, self.all_windows + 1)
        inside = at // self.windows * self.line + at % self.windows * self.step
        return np.where(at % self.windows == 0, at // self.windows * self.line, inside)

    def slices(self, group: int, tap: int) -> Ints:
        """The slice of a tap in every window of a line, for a group: int64 [windows]."""
        return np.arange(self.windows) * self.step + group * self.stride + tap
