"""Functional coverage of Cambricon-SE, sampled from what the monitors saw of each pass.

What a pass worked on is read from the packets that its memories were filled with, by the model's
reader of programs (``models/cambricon_se/machine.py``); what it waited for from the counters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se import DESIGN
from models.cambricon_se.config import CambriconSeConfig, Selector
from models.cambricon_se.errors import CseError
from models.cambricon_se.geometry import Geometry
from models.cambricon_se.huffman import LONGEST
from models.cambricon_se.machine import Lists, Machine
from models.cambricon_se.packets import results_of, section_words
from models.cambricon_se.registers import Kind, Mode
from models.packets import pack_lanes
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

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_MANY = 1 << 24
_NO_YES = labels("no", "yes")
_SOME = labels("none", "some")
_SELECTOR = Point("selector", "Selector", {one.name.lower(): int(one) for one in Selector})
#: Survivors of a window against lanes.
_COUNTS = labels("none", "fewer", "lanes", "more", "whole")
_WORDS = labels("shorter", "same", "longer")
_KINDS = labels(*(kind.name.lower() for kind in Kind))
_OF_SECTIONS = ("WGT_HEADER", "WGT_ORDER", "WGT_VALUE")
_NO_VALUE = "any word is a row of codes, or a codebook"
_OWN_VALUE = "a wrong code table is HUF_TABLE"

BUILD = Group(
    "cambricon_se_build",
    "Builds that computed.",
    (
        _SELECTOR,
        Point("cores", "Cores", {"1": 1, "2": 2, "4": 4}),
        Point("lanes", "Lanes", {"2": 2, "4": 4, "8+": (8, 16)}),
        Point("window", "Window", {"8": 8, "16": 16, "32": 32, "64+": (64, 256)}),
        Point("row", "CodeRow against Window", labels("shorter", "whole")),
    ),
)

PASS = Group(
    "cambricon_se_pass",
    "Passes that computed and ended well: geometry and options.",
    (
        _SELECTOR,
        Point("pixels", "P * Q", {"1": 1, "2": 2, "3+": (3, _MANY)}),
        Point("stride", "STRIDE", {"1": 1, "2": 2, "3+": (3, 15)}),
        Point("rows", "CB", {"1": 1, "2": 2, "3+": (3, 255)}),
        Point("groups", "groups against cores", labels("fewer", "even", "uneven")),
        Point("code", "MODE option", labels("8", "4")),
        Point("packed_in", "MODE option", _NO_YES),
        Point("packed_out", "MODE option", _NO_YES),
        Point("input_source", "activations of this pass or before", labels("loaded", "resident")),
        START,
        RELU,
        WEIGHT_SOURCE,
        OUTPUT,
    ),
    (
        Cross("selector_code", "codes of both kinds in each selector", ("selector", "code")),
        Cross("selector_groups", "groups in each selector", ("selector", "groups")),
        Cross("packed", "both ways", ("packed_in", "packed_out")),
        Cross("start_output", "beginning and end of sums", ("start", "output")),
    ),
)

WINDOW = Group(
    "cambricon_se_window",
    "Windows of passes that computed and ended well; with a selector per PE those of each.",
    (
        _SELECTOR,
        Point("survivors", "survivors against lanes", _COUNTS),
        Point("place", "place in its list", labels("only", "first", "inner", "last")),
        Point("a", "survivors of a window that another follows", _COUNTS),
        Point("b", "survivors of the one that follows", _COUNTS),
    ),
    (
        Cross("selector_survivors", "windows of each selector", ("selector", "survivors")),
        Cross("survivors_place", "windows at each place of a list", ("survivors", "place")),
        Cross("pair", "A and B of an output", ("a", "b")),
    ),
)

LIST = Group(
    "cambricon_se_list",
    "Entries of lists of passes that computed and ended well.",
    (
        Point("entries", "entries of a list", {"1": 1, "2": 2, "3+": (3, _MANY)}),
        Point("bits", "mask bits against CodeRow", labels("none", "some", "full")),
        Point("zero", "a code of value 0 behind a mask bit", _NO_YES),
        Point("region", "codebook of an entry", {"0": 0, "1": 1, "2+": (2, 15)}),
        Point("again", "several entries of a row in a list", _NO_YES),
    ),
)

FLOW = Group(
    "cambricon_se_flow",
    "What passes waited for, from their counters; packets against plain ones.",
    (
        _SELECTOR,
        Point("sync", "stall_sync", _SOME),
        Point("skipped", "empty_windows", _SOME),
        Point("empty", "slot_empty", _SOME),
        Point("padding", "slot_padding", _SOME),
        Point("words_in", "packed activations", _WORDS),
        Point("words_out", "packed results", _WORDS),
    ),
    (
        Cross("selector_sync", "barriers of each selector", ("selector", "sync")),
        Cross("selector_padding", "zeros multiplied in each selector", ("selector", "padding")),
    ),
)

STRINGS = Group(
    "cambricon_se_strings",
    "Weight packets in bit strings that were loaded well.",
    (
        Point("table", "code table", labels("loaded", "kept")),
        Point("symbols", "codes of the table", {"1": 1, "2": 2, "3+": (3, 256)}),
        Point("longest", "its longest code", {"1": 1, "2+": (2, LONGEST - 1), "most": LONGEST}),
        Point("words", "stream words against the plain packet", labels("fewer", "not")),
    ),
)

FAULT = Group(
    "cambricon_se_fault",
    "Errors of computing: where. Of a weight packet: in a section of which kind.",
    (
        Point("over_pe", "PE of an overflow", labels("first", "inner", "last")),
        Point("over_at", "accumulator of an overflow", {"0": 0, "1+": (1, _MANY)}),
        Point("list_core", "core of a list", {"0": 0, "1": 1, "2+": (2, 3)}),
        Point("list_entry", "entry of a list", labels("first", "inner", "last")),
        Point("code", "error", {name.lower(): int(ErrorCode[name]) for name in _OF_SECTIONS}),
        Point("kind", "kind of the section", _KINDS),
    ),
    (
        Cross(
            "code_kind",
            "errors in sections of each kind",
            ("code", "kind"),
            {
                ("wgt_value", "codes"): _NO_VALUE,
                ("wgt_value", "book"): _NO_VALUE,
                ("wgt_value", "table"): _OWN_VALUE,
            },
        ),
    ),
)

COVERAGE: tuple[Group, ...] = (
    *(BUILD, PASS, WINDOW, LIST, FLOW, STRINGS, FAULT),
    *shared_groups("cambricon_se", DESIGN, {("error", "error")}),
)


class CambriconSeCoverage(SocketCoverage):
    """Coverage of ``lac_cambricon_se``; keeps its memories, as the packets filled them."""

    prefix = "cambricon_se"
    groups = COVERAGE
    config: CambriconSeConfig
    machine: Machine | None = None

    def started(self, observed: ObservedPass) -> None:
        machine = self.machine = self.machine or Machine(self.config)
        state, cfg = observed.state, dict(enumerate(observed.cfg))
        if state is None:
            return
        coded = observed.cfg[0] & Mode.HUFFMAN
        if int(state.code) in map(int, (ErrorCode[n] for n in _OF_SECTIONS)) and not coded:
            self._section(observed.wgt, int(state.code), state.position)
        if not state.done:  # behind an error the packet may be another; the next pass loads all
            return
        # Loads only: sums are the scoreboard's.
        cfg[0] &= int(Mode.LOAD_WGT | Mode.LOAD_ACT | Mode.PACKED_IN | Mode.HUFFMAN)
        wgt = observed.wgt if cfg[0] & Mode.LOAD_WGT else None
        act = observed.act if cfg[0] & Mode.LOAD_ACT else None
        table = machine.reader.table
        machine.run(Pass(cfg, wgt, act, 0))
        if wgt is not None and cfg[0] & Mode.HUFFMAN:
            self._strings(wgt, table is machine.reader.table)

    def _strings(self, wgt: Words, kept: bool) -> None:
        machine = self.machine
        assert machine is not None
        table = machine.reader.table
        if table is None:  # no section had a row
            return
        self.sample(
            "strings",
            table="kept" if kept else "loaded",
            symbols=int(table.symbols.size),
            longest=int(table.lengths.max()),
            words="fewer" if wgt.size - 1 < machine.reader.plain else "not",
        )

    def _section(self, words: Words | None, code: int, beat: int) -> None:
        """An error of a weight packet: in a section of which kind."""
        kind = kind_at(words, beat, self.config)
        if kind is not None:
            self.sample("fault", code=code, kind=kind.name.lower())

    def failed(self, code: int, position: int) -> None:
        super().failed(code, position)
        unit, at = position >> 24, position & 0xFF_FFFF
        config = self.config
        if code == ErrorCode.ACC_OVERFLOW:
            self.sample("fault", over_pe=_place(unit % config.pes, config.pes), over_at=at)
        if code == CseError.LIST_RANGE:
            self.sample("fault", list_core=unit, list_entry=_place(at, config.list_depth))

    def passed(self, observed: ObservedPass) -> None:
        geo = Geometry.of(Pass(dict(enumerate(observed.cfg)), None, None, 0))
        config, words = self.config, {}
        plain = geo.groups * geo.pixels * config.result_words
        if geo.mode & Mode.OUTPUT and observed.out is not None:
            packed = bool(geo.mode & Mode.PACKED_OUT)
            rows = geo.groups * geo.pixels
            values = results_of(observed.out, rows, config.pes, packed)
            self.sample_results(pack_lanes(values.ravel(), 16), config.act_width)
            if packed:
                words["words_out"] = _against(observed.out.size, plain)
        if geo.mode & Mode.LOAD_ACT and geo.mode & Mode.PACKED_IN and observed.act is not None:
            plain = geo.rows * config.window // 4
            words["words_in"] = _against(observed.act.size - 1, plain)
        if words:
            self.sample("flow", **words)
        if not geo.mode & Mode.COMPUTE:
            return
        self.sample(
            "build",
            selector=config.selector,
            cores=config.cores,
            lanes=config.lanes,
            window=config.window,
            row="whole" if config.code_row == config.window else "shorter",
        )
        self.sample("pass", **self._pass(geo), selector=config.selector)
        self._flow(observed.counters)
        assert self.machine is not None
        for core in range(config.cores):
            if geo.groups_of(core, config.cores):
                self._lists(core, geo, self.machine.lists(core, geo))

    def _flow(self, counters: Mapping[str, int]) -> None:
        names = {"sync": "stall_sync", "skipped": "empty_windows", "empty": "slot_empty"}
        names |= {"padding": "slot_padding"}
        counted = {one: int(counters[name] > 0) for one, name in names.items()}
        self.sample("flow", **counted, selector=self.config.selector)

    def _pass(self, geo: Geometry) -> dict[str, Any]:
        cores = self.config.cores
        uneven = "uneven" if geo.groups % cores else "even"
        return pass_options(geo.mode, Mode) | {
            "pixels": geo.pixels,
            "stride": geo.stride,
            "rows": geo.cb,
            "groups": "fewer" if geo.groups < cores else uneven,
            "code": "4" if geo.mode & Mode.CODE4 else "8",
            "packed_in": int(bool(geo.mode & Mode.PACKED_IN)),
            "packed_out": int(bool(geo.mode & Mode.PACKED_OUT)),
        }

    def _lists(self, core: int, geo: Geometry, lists: Lists) -> None:
        machine, config = self.machine, self.config
        assert machine is not None
        used = len(lists.place)
        bits = lists.masks.sum(axis=2)  # [sets, entries]
        kinds = np.where(bits == 0, 0, np.where(bits == config.code_row, 2, 1))
        zero = (lists.masks & (lists.weights == 0)).any(axis=(0, 2))
        for values in ({"bits": kinds}, {"zero": zero}, {"region": machine.regions[core, :used]}):
            for name, found in values.items():
                for one in np.unique(found):
                    self.sample("list", **{name: int(one)})
        rows = geo.origins()[:, None] + lists.rows
        flags = machine.act[rows] != 0  # [pixels, rows, Window]
        for start, size in zip(lists.starts.tolist(), lists.sizes.tolist(), strict=True):
            mine = slice(start, start + size)
            again = len(np.unique(lists.place[mine])) < size
            self.sample("list", entries=size, again=int(again))
            masks = lists.masks[:, mine]  # [sets, size, Window]
            if config.per_pe:
                counts = masks.sum(axis=2)
            else:
                counts = (masks & flags[:, lists.place[mine]]).sum(axis=2)
            self._windows(self._kinds(counts))

    def _kinds(self, counts: Ints) -> Ints:
        """Bins of numbers of survivors."""
        lanes, window = self.config.lanes, self.config.window
        place = [counts == 0, counts == window, counts < lanes, counts == lanes]
        return np.select(place, (0, 4, 1, 2), 3)

    def _windows(self, kinds: Ints) -> None:
        """Windows of an output, in a row for each pixel or PE."""
        size, selector = kinds.shape[1], self.config.selector
        for at in range(size):
            place = "only" if size == 1 else _place(at, size)
            for one in np.unique(kinds[:, at]):
                self.sample("window", selector=selector, survivors=int(one), place=place)
        for a, b in np.unique(
            np.stack((kinds[:, :-1], kinds[:, 1:]), axis=-1).reshape(-1, 2), axis=0
        ):
            self.sample("window", a=int(a), b=int(b))


def _place(value: int, number: int) -> str:
    """First, last or inner of ``number``."""
    return "first" if value == 0 else "last" if value == number - 1 else "inner"


def _against(words: int, plain: int) -> str:
    return "shorter" if words < plain else "same" if words == plain else "longer"


def kind_at(words: Words | None, beat: int, config: CambriconSeConfig) -> Kind | None:
    """The kind of the section that a beat of a weight packet is in; of a header its own, as far as
    there is one.

    >>> from models.cambricon_se.packets import bias_section
    >>> from models.packets import weight_packet
    >>> words = weight_packet([bias_section(0, np.arange(4)), bias_section(1, np.arange(2))])
    >>> [kind_at(words, beat, CambriconSeConfig()) for beat in (0, 1, 3, 4, 5)]
    [None, <Kind.BIAS: 6>, <Kind.BIAS: 6>, <Kind.BIAS: 6>, <Kind.BIAS: 6>]
    """
    if words is None or not 0 < beat < len(words):
        return None
    at = 1
    while True:
        header = int(words[at])
        if header & 0xF not in list(Kind):
            return None
        kind, count = Kind(header & 0xF), header >> 40
        end = at + 1 + section_words(kind, count, config)
        if beat < end:
            return kind
        at = end
