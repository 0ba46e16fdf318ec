"""Which mapping a layer gets: that with the fewest cycles, as a sample of its windows shows.

The real clock runs on some windows in the middle of one pass; cycles of loading do not count, as
they are the same work of the streams whatever the PEs do.
"""

from __future__ import annotations

import numpy as np

from models.array.problem import Lowered
from models.flexflow_pro.clock import clock
from models.flexflow_pro.config import KINDS, FlexflowProConfig
from models.flexflow_pro.layout import Layout
from models.flexflow_pro.lowering import Problem
from models.flexflow_pro.machine import work_of
from models.flexflow_pro.mapping import Block, mappings

#: Windows of a sample.
_SAMPLE = 64


def choose(low: Lowered, config: FlexflowProConfig) -> Layout:
    """The layout that the layer gets; ValueError when the options leave none."""
    kinds = [config.kind] if config.kind else KINDS
    problems = {kind: Problem.of(low, kind, config.act_threshold) for kind in kinds}
    layouts = [
        Layout(problems[mapping.kind], mapping, config)
        for mapping in mappings(problems, len(low.weights), config)
    ]
    if not layouts:
        raise ValueError(
            f"kind, maps, groups_log: found {config.kind!r}, {config.maps}, {config.groups_log}, "
            f"the stores cannot hold a window of layer '{low.name}'"
        )
    return layouts[0] if len(layouts) == 1 else min(layouts, key=price)


def price(layout: Layout) -> float:
    """Cycles of all compute phases, estimated."""
    config, mapping = layout.config, layout.mapping
    group = len(layout.groups) // 2
    if len(layout.groups[group]) < mapping.maps:
        group = 0
    block = _sample(layout)
    geo = layout.geometry(group, 0, block)
    act = np.abs(layout.cells(group, 0, block)) > config.act_threshold
    wgt = layout.kernels(group, 0) != 0
    work = work_of(act, wgt, geo, config, config.relaxed)
    times = clock(work.work, work.bus, geo, config, config.relaxed)
    first, last = times.fires[0].max(), times.fires[-1].max()
    rate = (last - first) / max(1, geo.results - 1)
    fixed = times.cycles - (last - first)
    results = sum(
        (one.lines[1] - one.lines[0]) * (one.windows[1] - one.windows[0]) for one in layout.blocks
    )
    maps = sum(len(one) for one in layout.groups)
    runs = len(layout.blocks) * len(layout.groups)
    return float(mapping.passes * (results * maps * rate + runs * (fixed - rate)))


def _sample(layout: Layout) -> Block:
    """Windows in the middle of the layer."""
    mapping, problem = layout.mapping, layout.problem
    windows = min(mapping.windows, _SAMPLE)
    lines = min(mapping.lines, max(1, _SAMPLE // windows))
    line = (problem.lines - lines) // 2
    window = (mapping.all_windows(problem) - windows) // 2
    return Block((line, line + lines), (window, window + windows))
