"""Which mapping and balance a layer gets: those with the fewest cycles.

Of computing, as a sample of the layer's windows shows: the real clock runs on some windows in the
middle of one pass. With the objective "total" a cycle for each word of the streams is added, which
is what loading takes; a word costs more energy than anything on the chip, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.array.problem import Lowered
from models.flexflow_pro.clock import clock
from models.flexflow_pro.config import KINDS, FlexflowProConfig
from models.flexflow_pro.layout import Layout
from models.flexflow_pro.lowering import Problem
from models.flexflow_pro.machine import work_of
from models.flexflow_pro.mapping import Block, mappings
from models.flexflow_pro.streams import streams

#: What is tried where the balance is the compiler's choice; the first one wins a tie.
_BALANCES = ("group", "layer")
#: Windows of a sample.
_SAMPLE = 64


def choose(low: Lowered, config: FlexflowProConfig) -> Layout:
    """The layout that the layer gets; ValueError when the options leave none."""
    kinds = [config.kind] if config.kind else KINDS
    if low.weights.shape[2:] == (1, 1) and not config.kind:
        kinds = ["taps"]  # the same pieces, and one line
    problems = {kind: Problem.of(low, kind, config.act_threshold) for kind in kinds}
    balances = [replace(config, balance=config.balance or one) for one in _BALANCES]
    layouts = [
        Layout(problems[mapping.kind], mapping, one)
        for mapping in mappings(problems, len(low.weights), config)
        for one in dict.fromkeys(balances)
    ]
    if not layouts:
        raise ValueError(
            f"kind, maps, groups_log: found {config.kind!r}, {config.maps}, {config.groups_log}, "
            f"the stores cannot hold a window of layer '{low.name}'"
        )
    if len(layouts) == 1:
        return layouts[0]
    return min(layouts, key=price) if config.objective == "compute" else _least(layouts)


def _least(layouts: Sequence[Layout]) -> Layout:
    """The one with the fewest cycles in total; those whose words alone are more are not priced."""
    words = {one: streams(one).words for one in layouts}
    best, *others = sorted(layouts, key=lambda one: words[one])
    cycles = words[best] + price(best)
    for one in others:
        if words[one] >= cycles:
            break
        if (found := words[one] + price(one)) < cycles:
            best, cycles = one, found
    return best


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
