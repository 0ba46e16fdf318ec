"""Passes of EIE as monitors would have seen them, made from the compiler and the golden model.

No simulator and no device model: the streams are those of the program, the results those of the
golden tensors.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import socket
from models.eie import EieConfig, compile, compile_network
from models.eie.packets import Cfg, Mode, activation_packet, pack_lanes
from models.golden import chain, golden
from models.layer import Layer
from models.program import Program
from models.socket import ErrorCode, Phase
from tb.common.coverage.functional import Collector
from tb.common.uvm.items import ObservedPass
from tb.common.uvm.registers import State
from tb.eie.coverage import COVERAGE, EieCoverage

DONE = State(busy=False, done=True, error=False, dropped=False, phase=Phase.IDLE)
CUT = State(busy=True, done=False, error=False, dropped=False, phase=Phase.COMPUTE)
QUIET = dict.fromkeys((name for name, _ in socket.COUNTERS), 0)


def failed(code: ErrorCode) -> State:
    """State of a pass that ended in an error."""
    return State(False, False, True, False, Phase.ERROR, code)


def config(**fields: Any) -> EieConfig:
    """A small build; rows stay where they are unless ``balance`` is asked for."""
    small: dict[str, Any] = {
        "num_pe": 4,
        "spmat_depth": 256,
        "ptr_depth": 512,
        "act_regs": 64,
        "act_depth": 64,
    }
    return EieConfig(**(small | {"balance": False} | fields))


def observed(
    program: Program, tensors: Sequence[NDArray[np.int64]], act_width: int, **counters: int
) -> list[ObservedPass]:
    """A program that went well."""
    slices = iter(program.outputs.slices)
    seen = []
    for item in program.passes:
        out = None
        if item.out_words:
            piece = next(slices)
            tensor = tensors[piece.layer]
            rows = np.moveaxis(tensor, 1, -1).reshape(-1, tensor.shape[1])
            out = pack_lanes(rows[piece.vector][piece.rows], act_width)
        cfg = tuple(item.cfg.get(index, 0) for index in range(socket.NUM_CFG))
        seen.append(ObservedPass(cfg, item.wgt, item.act, out, QUIET | counters, DONE))
    return seen


def run(layer: Layer, build: EieConfig, **counters: int) -> list[ObservedPass]:
    """One layer."""
    tensors = [golden(layer, build.act_width)]
    return observed(compile(layer, build), tensors, build.act_width, **counters)


def run_inputs(layer: Layer, acts: Sequence[int], build: EieConfig) -> list[ObservedPass]:
    """One layer on inputs that the compiler would refuse, as they end at a rail exactly."""
    true = layer.with_activations(np.array(acts))
    seen = observed(compile(layer, build), [golden(true, build.act_width)], build.act_width)
    return [replace(seen[0], act=activation_packet(np.array(acts), build.act_width))]


def run_network(layers: Sequence[Layer], build: EieConfig) -> list[ObservedPass]:
    """Chained layers."""
    tensors = [golden(full, build.act_width) for full, _ in chain(layers, build.act_width)]
    return observed(compile_network(layers, build), tensors, build.act_width)


def resident(seen: ObservedPass) -> ObservedPass:
    """The same pass once more, with nothing loaded."""
    mode = seen.cfg[Cfg.MODE] & ~(Mode.LOAD_WGT | Mode.LOAD_ACT)
    return with_cfg(replace(seen, wgt=None, act=None), {Cfg.MODE: mode})


def with_cfg(seen: ObservedPass, change: Mapping[int, int]) -> ObservedPass:
    """The pass with other CFG registers."""
    cfg = list(seen.cfg)
    for index, value in change.items():
        cfg[index] = int(value)
    return replace(seen, cfg=tuple(cfg))


@functools.cache
def _collector() -> Collector:
    """One for all calls: making the covergroups takes longer than most samples."""
    return Collector(COVERAGE)


def hits(
    build: EieConfig, seen: Sequence[ObservedPass], pauses: Mapping[str, str] | None = None
) -> set[str]:
    """Paths ``group.item.bin`` that the passes hit."""
    collector = _collector()
    before = _flat(collector)
    coverage = EieCoverage(build, pauses, collector=collector)
    for item in seen:
        coverage.sample_pass(item)
    return {path for path, count in _flat(collector).items() if count != before.get(path, 0)}


def _flat(collector: Collector) -> dict[str, int]:
    return {
        f"{group}.{item}.{name}": count
        for group, items in collector.hits().items()
        for item, bins in items.items()
        for name, count in bins.items()
    }
