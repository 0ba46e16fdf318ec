"""Jobs of which one event is the only sign of progress; see ``tb/common/tests/watchdog.py``."""

from __future__ import annotations

from collections.abc import Mapping

from tb.common.tests.watchdog import DirectedWatchdog
from tb.common.uvm.items import Job


class ArrayWatchdog(DirectedWatchdog):
    """Jobs of the designs around the array."""

    def jobs(self) -> Mapping[str, tuple[Job, Mapping[str, int]]]:
        maker, config = self.maker, self.cfg.config
        # The last sum moves through all columns; decoding takes a cycle more where nothing moves.
        quiet = config.cols + 1 + hasattr(config, "num_units")
        # Or the last pixel through all rows, held by their scan or behind what is decoded.
        if hasattr(config, "row_offsets") or hasattr(config, "num_units"):
            quiet = max(quiet, config.rows - 1)
        rest = {"wgt": 1, "act": 1, "output": 2}  # a register in front of requantization
        pixels = maker.layer((config.cols, config.rows, 1, 1), (6, 7), density=1, act_density=1)
        tiles = maker.layer((config.cols, 4 * config.rows, 1, 1), (1, 1), density=1)
        return {
            "pixels": (maker.job(pixels, "pixels"), rest | {"compute": quiet}),
            "tiles": (maker.job(tiles, "tiles"), rest | {"compute": quiet}),
        }
