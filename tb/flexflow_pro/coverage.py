"""Functional coverage of FlexFlow-Pro, sampled from what the monitors saw of each pass.

What a pass worked on is read from the packets that its stores were filled with, by the model's
reader of programs (``models/flexflow_pro/machine.py``); what it waited for from the counters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.flexflow_pro import DESIGN
from models.flexflow_pro.config import FlexflowProConfig
from models.flexflow_pro.geometry import Geometry
from models.flexflow_pro.machine import Machine
from models.flexflow_pro.registers import Mode
from models.program import Pass
from models.socket import ErrorCode
from tb.common.coverage.functional import Cross, Group, Point, labels
from tb.common.coverage.socket import (
    OUTPUT,
    RELU,
    START,
    WEIGHT_SOURCE,
    SocketCoverage,
    pass_options,
    shared_groups,
)
from tb.common.uvm.items import ObservedPass

Bools = NDArray[np.bool_]

_MANY = 1 << 24
_SOME = labels("none", "some")
_LOADED = labels("none", "some", "all")
_RELAXED = Point("relaxed", "MODE option", labels("lock_step", "relaxed"))

BUILD = Group(
    "flexflow_pro_build",
    "Builds that computed.",
    (
        Point("rows", "Rows", {"2": 2, "4": 4, "8+": (8, 32)}),
        Point("cols", "Cols", {"2": 2, "odd": 3, "4+": (4, 32)}),
        Point("mask_word", "MaskWord", {"4": 4, "8": 8, "16": 16}),
        Point("fifo_depth", "FifoDepth", {"1": 1, "2": 2, "3+": (3, 64)}),
        Point("bus_words", "BusWords", {"1": 1, "2": 2}),
    ),
)

PASS = Group(
    "flexflow_pro_pass",
    "Passes that computed and ended well: geometry and options.",
    (
        _RELAXED,
        Point("lines", "LINES", {"1": 1, "2+": (2, _MANY)}),
        Point("windows", "WINDOWS", {"1": 1, "2": 2, "3+": (3, _MANY)}),
        Point("taps", "TAPS", {"1": 1, "2": 2, "3+": (3, 255)}),
        Point("stride", "STRIDE against TAPS", labels("one", "between", "taps")),
        Point("groups", "groups of pixels", labels("one", "some", "rows")),
        Point("maps", "MAPS", labels("one", "some", "most")),
        Point("cells", "CELLS", {"1": 1, "2": 2, "3+": (3, 255)}),
        Point("pieces", "pieces of the last cell", labels("one", "some", "all")),
        Point("ring", "RING against SPAN", labels("span", "longer")),
        Point("threshold", "THRESHOLD", {"0": 0, "1-32767": (1, 32767), "32768+": (32768, 65535)}),
        Point("input_source", "activations of this pass or before", labels("loaded", "resident")),
        START,
        RELU,
        WEIGHT_SOURCE,
        OUTPUT,
    ),
    (
        Cross("relaxed_groups", "both kinds of passes on every grouping", ("relaxed", "groups")),
        Cross("relaxed_ring", "both kinds of passes on both rings", ("relaxed", "ring")),
        Cross("lines_groups", "ends of lines on every grouping", ("lines", "groups")),
        Cross("start_output", "beginning and end of sums", ("start", "output")),
    ),
)

STORE = Group(
    "flexflow_pro_store",
    "What PEs and columns had in passes that computed and ended well.",
    (
        _RELAXED,
        Point("weights", "weights of a PE that are not zero", _LOADED),
        Point("row", "weights of a row", _SOME),
        Point("neurons", "live neurons of a column", _LOADED),
        Point("window", "live neurons of a window in all columns", _SOME),
        Point("pairs", "PEs with a pair", labels("none", "one", "some", "all")),
    ),
    (
        Cross("relaxed_weights", "stores in both kinds of passes", ("relaxed", "weights")),
        Cross("relaxed_pairs", "pairs in both kinds of passes", ("relaxed", "pairs")),
    ),
)

FLOW = Group(
    "flexflow_pro_flow",
    "What passes waited for, from their counters.",
    (
        _RELAXED,
        Point("sync", "stall_sync", _SOME),
        Point("full", "bus_full", _SOME),
        Point("empty", "slot_empty", _SOME),
        Point("padding", "slot_padding", _SOME),
    ),
    (
        Cross("sync_full", "FIFOs and rings", ("sync", "full")),
        Cross(
            "relaxed_empty",
            "cells without a pair",
            ("relaxed", "empty"),
            {("lock_step", "some"): "in lock step positions without a pair are padding"},
        ),
    ),
)

FAULT = Group(
    "flexflow_pro_fault",
    "Overflows: where.",
    (
        Point("row", "row", labels("first", "inner", "last")),
        Point("result", "accumulator", {"0": 0, "1+": (1, _MANY)}),
    ),
)

COVERAGE: tuple[Group, ...] = (
    *(BUILD, PASS, STORE, FLOW, FAULT),
    *shared_groups("flexflow_pro", DESIGN),
)


class FlexflowProCoverage(SocketCoverage):
    """Coverage of ``lac_flexflow_pro``; keeps its stores, as the packets filled them."""

    prefix = "flexflow_pro"
    groups = COVERAGE
    config: FlexflowProConfig
    machine: Machine | None = None

    def started(self, observed: ObservedPass) -> None:
        machine = self.machine = self.machine or Machine(self.config)
        state, cfg = observed.state, dict(enumerate(observed.cfg))
        if state is None or not (state.done or state.code == ErrorCode.ACC_OVERFLOW):
            return
        # Loads only: sums are the scoreboard's.
        cfg[0] &= int(Mode.LOAD_WGT | Mode.LOAD_ACT)
        wgt = observed.wgt if cfg[0] & Mode.LOAD_WGT else None
        act = observed.act if cfg[0] & Mode.LOAD_ACT else None
        machine.run(Pass(cfg, wgt, act, 0))

    def failed(self, code: int, position: int) -> None:
        super().failed(code, position)
        if code == ErrorCode.ACC_OVERFLOW:
            row, last = position >> 24, self.config.rows - 1
            place = "first" if row == 0 else "last" if row == last else "inner"
            self.sample("fault", row=place, result=position & 0xFF_FFFF)

    def passed(self, observed: ObservedPass) -> None:
        geo = Geometry.of(Pass(dict(enumerate(observed.cfg)), None, None, 0))
        if geo.mode & Mode.OUTPUT and observed.out is not None:
            self.sample_results(observed.out, self.config.act_width)
        if not geo.mode & Mode.COMPUTE:
            return
        config, relaxed = self.config, int(bool(geo.mode & Mode.RELAXED))
        self.sample(
            "build",
            rows=config.rows,
            cols=config.cols,
            mask_word=config.mask_word,
            fifo_depth=config.fifo_depth,
            bus_words=config.bus_words,
        )
        self.sample("pass", **self._pass(geo), relaxed=relaxed)
        self._stores(geo, relaxed)
        names = {"sync": "stall_sync", "full": "bus_full", "empty": "slot_empty"}
        names |= {"padding": "slot_padding"}
        counted = {one: int(observed.counters[name] > 0) for one, name in names.items()}
        self.sample("flow", **counted, relaxed=relaxed)

    def _pass(self, geo: Geometry) -> dict[str, Any]:
        config = self.config
        tail = geo.pieces - (geo.cells - 1) * config.mask_word
        stride = "taps" if geo.stride == geo.taps else "one" if geo.stride == 1 else "between"
        return pass_options(geo.mode, Mode) | {
            "lines": geo.lines,
            "windows": geo.windows,
            "taps": geo.taps,
            "stride": stride,
            "groups": _place(geo.groups, config.rows, "one", "rows"),
            "maps": _place(geo.maps, config.max_maps, "one", "most"),
            "cells": geo.cells,
            "pieces": _place(tail, config.mask_word, "one", "all"),
            "ring": "span" if geo.ring == geo.span else "longer",
            "threshold": geo.threshold,
        }

    def _stores(self, geo: Geometry, relaxed: int) -> None:
        machine, config = self.machine, self.config
        assert machine is not None
        used = geo.maps * geo.taps * geo.cells
        size = geo.lines * geo.line * geo.cells
        shape = (config.rows, config.cols, used, config.mask_word)
        kernels = machine.kernel[:, : used * config.mask_word].reshape(shape) != 0
        neurons = machine.mask[:, :size]
        slices = geo.maps * geo.taps, geo.cells * config.mask_word
        for one in np.unique(_filled(kernels.reshape(-1, *slices), geo.pieces)):
            self.sample("store", weights=int(one), relaxed=relaxed)
        for one in np.unique(kernels.reshape(config.rows, -1).any(axis=1)):
            self.sample("store", row=int(one))
        columns = neurons.reshape(config.cols, -1, slices[1])
        for one in np.unique(_filled(columns, geo.pieces)):
            self.sample("store", neurons=int(one))
        live = np.asarray(neurons.reshape(config.cols, geo.lines, geo.line, -1).any(axis=(0, 3)))
        for group in range(geo.groups):
            windows = np.array([live[:, geo.slices(group, tap)] for tap in range(geo.taps)])
            for one in np.unique(windows.any(axis=0)):
                self.sample("store", window=int(one))
        pairs = self._pairs(geo, kernels, neurons)
        kind = min(int(pairs.sum()), 2)
        self.sample("store", pairs=3 if pairs.all() else kind, relaxed=relaxed)

    def _pairs(self, geo: Geometry, kernels: Bools, neurons: Bools) -> Bools:
        """Whether a PE ever has a pair: [Rows, Cols]."""
        config = self.config
        shape = config.rows, config.cols, geo.maps, geo.taps, -1
        wgt = np.asarray(kernels.reshape(shape).any(axis=2))
        act = neurons.reshape(config.cols, geo.lines, geo.line, -1)
        found = np.zeros((config.rows, config.cols), dtype=bool)
        places = config.rows >> geo.groups_log
        for group in range(geo.groups):
            rows = slice(group * places, (group + 1) * places)
            for tap in range(geo.taps):
                there = act[:, :, geo.slices(group, tap)].any(axis=(1, 2))
                found[rows] |= (wgt[rows, :, tap] & there).any(axis=-1)
        return found


def _place(value: int, most: int, one: str, all_: str) -> str:
    """Bin of a number of 1 to ``most``."""
    return one if value == 1 else all_ if value == most else "some"


def _filled(masks: Bools, pieces: int) -> NDArray[np.int64]:
    """Bin none, some or all of masks [any, slices, CELLS*MaskWord]: of its pieces, each."""
    there = masks[..., :pieces]
    found: NDArray[np.int64] = np.asarray(there.any(axis=(1, 2)), dtype=np.int64)
    return found + np.asarray(there.all(axis=(1, 2)), dtype=np.int64)
