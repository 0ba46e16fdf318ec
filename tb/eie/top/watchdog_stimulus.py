"""Jobs of which one event is the only sign of progress; see ``tb/common/tests/watchdog.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from models.eie.packets import Kind
from models.packets import packet_of
from tb.common.tests.watchdog import DirectedWatchdog
from tb.common.uvm.items import Job
from tb.eie.top.stimulus import slices_mask


class EieWatchdog(DirectedWatchdog):
    """EIE's jobs."""

    def zeros(self, job: Job) -> Job:
        """The job with all its entries zero weights, without runs of zeros between them."""
        (item,) = job.passes
        sections = [
            replace(section, payload=np.zeros_like(section.payload))
            if section.kind == Kind.SPMAT
            else section
            for section in self.maker.sections_of(item)
        ]
        job.passes = (replace(item, wgt=packet_of(sections)),)
        return job

    def jobs(self) -> Mapping[str, tuple[Job, Mapping[str, int]]]:
        maker, config = self.maker, self.cfg.config
        pe, rows = config.num_pe, min(maker.rows, 24 * config.num_pe)
        deep = rows // pe
        columns = min(maker.columns, 40)

        def job(name: str, mask: np.ndarray, active: np.ndarray, **options) -> Job:
            return maker.job(maker.layer(mask, active, **options), name)

        first = np.zeros(columns, dtype=bool)
        first[0] = True
        one = slices_mask(config, rows, [range(deep), *[[]] * (columns - 1)], [0])
        sparse = slices_mask(config, rows, [[deep - 1], *[[]] * (columns - 1)], [0])
        last = np.zeros(columns, dtype=bool)
        last[-1] = True
        far = slices_mask(config, rows, [*[[]] * (columns - 1), [0]], [0])
        every = np.ones(columns, dtype=bool)
        jobs = {
            "entries": (job("entries", one, first), 3),
            "zeros": (self.zeros(job("zeros", one, first)), 2),
            "empty": (job("empty", far, every), 5),
            "scan": (job("scan", far, last), 5),
            "bias": (job("bias", sparse, first, bias=True), 3),
        }
        lanes = 64 // config.act_width
        rest = {"wgt": 1, "act": max(1, lanes // pe - 1), "output": 4 + max(1, lanes // pe)}
        # Row by row of several words, or with one PE, entries do not come every cycle.
        plain = pe > 1 and config.spmat_width <= 64
        return {
            name: (one, rest | {"compute": compute if plain else 5})
            for name, (one, compute) in jobs.items()
        }
