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
    if low.weights.shape[2:] == (1, 1) and not config.kind:
        kinds = ["taps"]  # the same pieces, and one line
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
    number = len(layout.groups)
    block = _sample(layout)
    # Groups of maps may be sorted by load: those in the middle stand for all.
    found = [_measured(layout, group, block) for group in {(number - 1) // 2, number // 2}]
    rate, fixed = np.mean(found, axis=0)
    windows = sum(
        (one.lines[1] - one.lines[0]) * (one.windows[1] - one.windows[0]) for one in layout.blocks
    )
    results = windows * sum(len(one) for one in layout.groups)
    runs = len(layout.blocks) * number
    return float(layout.mapping.passes * (results * rate + runs * (fixed - rate)))


def _measured(layout: Layout, group: int, block: Block) -> tuple[float, float]:
    """Cycles from a result to the next in a pass of a group of maps, and those beside."""
    config, geo = layout.config, layout.geometry(group, 0, block)
    act = np.abs(layout.cells(group, 0, block)) > config.act_threshold
    wgt = layout.kernels(group, 0) != 0
    work = work_of(act, wgt, geo, config, config.relaxed)
    times = clock(work.work, work.bus, geo, config, config.relaxed)
    run = times.fires[-1].max() - times.fires[0].max()
    return float(run) / max(1, geo.results - 1), float(times.cycles - run)


def _sample(layout: Layout) -> Block:
    """Windows in the middle of the layer."""
    mapping, problem = layout.mapping, layout.problem
    windows = min(mapping.windows, _SAMPLE)
    lines = min(mapping.lines, max(1, _SAMPLE // windows))
    line = (problem.lines - lines) // 2
    window = (mapping.all_windows(problem) - windows) // 2
    return Block((line, line + lines), (window, window + windows))
