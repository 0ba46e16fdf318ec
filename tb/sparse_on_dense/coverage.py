"""Functional coverage of Sparse-on-Dense, sampled from what the monitors saw of each pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.array.machine import Geometry
from models.array.packets import Kind, sections
from models.array.timing import waiting_cycles
from models.formats.base import Fault
from models.socket import ErrorCode
from models.sparse_on_dense import DESIGN
from models.sparse_on_dense.config import SparseOnDenseConfig
from models.sparse_on_dense.parts import section_words
from models.sparse_on_dense.store import SparseBuffer
from tb.array.coverage import ArrayCoverage
from tb.common.coverage.functional import Cross, Group, Point, labels
from tb.common.coverage.socket import shared_groups
from tb.common.uvm.items import ObservedPass

_FAULTS = {fault.name.lower(): int(fault) for fault in Fault if fault != Fault.CODE}
_FORMATS = {"csc": 0, "bitmap": 1, "nm": 2}
_FILLS = labels("empty", "one", "below_half", "half_and_more", "full")
_UNIT = labels("only", "first", "inner", "last")

BUILD = Group(
    "sod_build",
    "Builds that computed.",
    (
        Point("format", "WgtFormat", _FORMATS),
        Point("units", "NumUnits", {"1": 1, "2": 2, "4+": (4, 16)}),
        Point("lanes", "NumLanes", {"1": 1, "4": 4, "16": 16}),
        Point("part_rows", "rows of a unit", {"1": 1, "2+": (2, 32)}),
        Point("wgt_width", "bits of a weight", {"8": 8, "16": 16}),
    ),
    (Cross("format_units", "formats and units", ("format", "units")),),
)

PART = Group(
    "sod_part",
    "Parts that were decoded in passes that ended well.",
    (
        Point("format", "WgtFormat", _FORMATS),
        Point("fill", "non-zeros of a part", _FILLS),
        Point("unit", "place of its unit", _UNIT),
    ),
    (Cross("format_fill", "formats and densities", ("format", "fill")),),
)

EMPTY = Group(
    "sod_empty",
    "Empty parts among the tiles of a pass of several tiles, per unit.",
    (
        Point("format", "WgtFormat", _FORMATS),
        Point("place", "where", labels("first", "inner", "last", "two_together", "all_units")),
    ),
    (Cross("format_place", "formats and places", ("format", "place")),),
)

PACE = Group(
    "sod_pace",
    "Passes of several tiles: what the array waited for.",
    (
        Point("format", "WgtFormat", _FORMATS),
        Point("waits", "tiles behind the first", labels("none", "some", "always")),
    ),
    (Cross("format_waits", "formats and waits", ("format", "waits")),),
)

FAULT = Group(
    "sod_fault",
    "Faults of parts: what the decoder said, which unit, which tile.",
    (
        Point("fault", "format error in ERR_POS", _FAULTS),
        Point("unit", "place of the unit", _UNIT),
        Point("tile", "number of the tile", {"first": 0, "later": (1, (1 << 24) - 1)}),
    ),
)

COVERAGE: tuple[Group, ...] = (BUILD, PART, EMPTY, PACE, FAULT, *shared_groups("sod", DESIGN))


class SodCoverage(ArrayCoverage):
    """Coverage of ``lac_sparse_on_dense``; keeps the banks, as the packets filled them."""

    prefix = "sod"
    groups = COVERAGE
    config: SparseOnDenseConfig
    buffer: SparseBuffer | None = None

    def started(self, observed: ObservedPass) -> None:
        state = observed.state
        if self.buffer is None:
            self.buffer = SparseBuffer(self.config)
        if observed.wgt is None or state is None or not state.done:
            return
        for section in sections(observed.wgt, self.config, section_words):
            if section.kind == Kind.WEIGHT:
                self.buffer.load(section)

    def failed(self, code: int, position: int) -> None:
        super().failed(code, position)
        if code == ErrorCode.WGT_FORMAT:
            unit = self._unit(position >> 24 & 15)
            tile = position & ((1 << 24) - 1)
            self.sample("fault", fault=position >> 28, unit=unit, tile=tile)

    def computed(self, geo: Geometry, observed: ObservedPass) -> None:
        config, sample = self.config, self.sample
        assert self.buffer is not None
        kind = int(config.wgt_format)
        sample(
            "build",
            format=kind,
            units=config.num_units,
            lanes=config.num_lanes,
            part_rows=config.part[0],
            wgt_width=config.wgt_width,
        )
        tiles = self.buffer.tiles(geo.wgt_base, geo.tiles)
        loads = np.count_nonzero(
            tiles.reshape(geo.tiles, config.num_units, -1), axis=2
        )  # [tiles, units]
        size = config.part[0] * config.cols
        if config.weight_group:  # as full as N:M can be
            size = size * config.group_n // config.group_m
        fills = np.select(
            [loads == 0, loads == 1, loads == size, 2 * loads < size], [0, 1, 4, 2], 3
        )
        for unit in range(config.num_units):
            for fill in np.unique(fills[:, unit]):
                sample("part", format=kind, fill=int(fill), unit=self._unit(unit))
        if geo.tiles > 1:
            for place in empty_places(loads == 0):
                sample("empty", format=kind, place=place)
            self._pace(geo, observed, kind)

    def _pace(self, geo: Geometry, observed: ObservedPass, kind: int) -> None:
        assert self.buffer is not None
        base, pixels = geo.wgt_base, geo.pixels
        waited = observed.counters["stall_sync"] // self.config.multipliers
        first = waiting_cycles(self.buffer.last_start(base, 1, pixels), pixels, 1)
        starts = [self.buffer.last_start(base, n, pixels) for n in range(1, geo.tiles + 1)]
        late = int(np.count_nonzero(np.diff(starts) > pixels))
        waits = 0 if waited == first else 2 if late == geo.tiles - 1 else 1
        self.sample("pace", format=kind, waits=waits)

    def _unit(self, unit: int) -> int:
        last = self.config.num_units - 1
        return 0 if last == 0 else 1 if unit == 0 else 3 if unit == last else 2


def empty_places(empty: NDArray[np.bool_]) -> list[int]:
    """Bins of ``place`` of empty parts, bool [tiles, units].

    >>> empty_places(np.array([[True, False], [False, False], [False, True], [False, True]]))
    [0, 1, 2, 3]
    """
    found = [empty[0].any(), empty[1:-1].any(), empty[-1].any()]
    found += [(empty[1:] & empty[:-1]).any(), empty.all(axis=1).any()]
    return [index for index, there in enumerate(found) if there]
