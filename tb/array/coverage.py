"""Functional coverage that every design around the systolic array has, from the monitors."""

from __future__ import annotations

from models.array.config import ArrayConfig
from models.array.machine import Geometry
from models.array.packets import Mode
from models.program import Pass
from tb.common.coverage.socket import SocketCoverage
from tb.common.uvm.items import ObservedPass


class ArrayCoverage(SocketCoverage):
    """Samples passes by their geometry.

    A design around the array has ``computed``, called with every pass that computed and ended well.
    """

    config: ArrayConfig

    def passed(self, observed: ObservedPass) -> None:
        geo = Geometry.of(Pass(dict(enumerate(observed.cfg)), None, None, 0))
        if geo.mode & Mode.OUTPUT and observed.out is not None:
            self.sample_results(observed.out, self.config.act_width)
        if geo.mode & Mode.COMPUTE:
            self.computed(geo, observed)

    def computed(self, geo: Geometry, observed: ObservedPass) -> None:
        """A pass computed and ended well."""
        raise NotImplementedError
