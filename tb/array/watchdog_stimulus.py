"""Jobs of which one event is the only sign of progress; see ``tb/common/tests/watchdog.py``."""

from __future__ import annotations

from collections.abc import Mapping

from tb.common.tests.watchdog import DirectedWatchdog
from tb.common.uvm.items import Job


class ArrayWatchdog(DirectedWatchdog):
    """Jobs of the designs around the array."""

    def jobs(self) -> Mapping[str, tuple[Job, Mapping[str, int]]]:
        maker, config = self.maker, self.cfg.config
        rest = {"wgt": 1, "act": 1, "output": 2}  # a register in front of requantization
        pixels = maker.layer((config.cols, config.rows, 1, 1), (6, 7), density=1, act_density=1)
        tiles = maker.layer((config.cols, 4 * config.rows, 1, 1), (1, 1), density=1)
        return {
            "pixels": (maker.job(pixels, "pixels"), rest | {"compute": maker.quiet}),
            "tiles": (maker.job(tiles, "tiles"), rest | {"compute": maker.quiet}),
        }
