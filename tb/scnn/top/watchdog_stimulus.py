"""Jobs of which one event is the only sign of progress; see ``tb/common/tests/watchdog.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tb.common.tests.watchdog import DirectedWatchdog
from tb.common.uvm.items import Job
from tb.scnn.top.spoilt import ScnnBad


class ScnnWatchdog(DirectedWatchdog, ScnnBad):
    """SCNN's jobs."""

    def jobs(self) -> Mapping[str, tuple[Job, Mapping[str, int]]]:
        maker, config = self.maker, self.cfg.config
        kc4 = replace(config, kc=4)
        pixels = (config.pe_y, config.pe_x)
        # Rows of weights that concern nobody.
        far = np.zeros((1, config.max_c, *pixels), dtype=bool)
        far[:, -1] = True
        every = np.ones((4, config.max_c, 1, 1), dtype=bool)
        jobs = {
            # Steps: one block, over and over, for all activations of a tile.
            "steps": maker.job(
                maker.layer((4, 1, 1, 3), (config.pe_y, 12 * config.pe_x)), "steps", kc4
            ),
            "rows": maker.job(maker.masked(every, far), "rows", kc4),
            # As published, blocks without work cost a cycle each.
            "nulls": maker.job(maker.masked(every, far), "nulls", replace(kc4, empty_free=False)),
            # The walker: halos on all sides and results, of next to no work.
            "walk": maker.job(
                maker.layer((4, 1, 3, 3), maker.plane, density=0.05, padding=1), "walk", kc4
            ),
            "dense": maker.job(
                maker.layer((4, 1, 1, 1), (config.pe_y, 12 * config.pe_x), act_density=0.1),
                "dense",
                replace(kc4, dense_out=True),
            ),
        }
        # From the row of a group's first block to its product in a bank, and the way of its word to
        # the last PE.
        rest = {"wgt": 2, "act": 2, "compute": 14, "output": 40}
        return {name: (one, rest) for name, one in jobs.items()}
