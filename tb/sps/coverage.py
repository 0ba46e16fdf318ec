"""Functional coverage of SPS, sampled from what the monitors saw of each pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.array import machine as array
from models.program import Pass
from models.socket import ErrorCode
from models.sps import DESIGN
from models.sps.config import SpsConfig
from models.sps.errors import SpsError
from models.sps.index import Scan, Tables
from models.sps.machine import Geometry
from models.sps.registers import Kind
from models.sps.store import SpsBuffer
from tb.array.coverage import BUILD_POINTS, PASS_POINTS, ArrayCoverage, array_build, array_pass
from tb.common.coverage.functional import Cross, Group, Point, labels
from tb.common.coverage.socket import shared_groups
from tb.common.uvm.items import ObservedPass

Bools = NDArray[np.bool_]

_NO_YES = labels("no", "yes")
_OFFSETS = Point("row_offsets", "RowOffsets", {"0": 0, "1": 1})
_SHARED = "without RowOffsets all rows of a tile have the residue of row 0"
#: Errors of passes that had loaded all they were sent.
_COMPUTED = (*(int(one) for one in SpsError), int(ErrorCode.ACC_OVERFLOW))
_TABLES = (Kind.DIR, Kind.POS, Kind.KRES, Kind.RRES)

BUILD = Group(
    "sps_build",
    "Builds that computed.",
    (
        *BUILD_POINTS,
        _OFFSETS,
        Point("max_period", "MaxPeriod", {"1-4": (1, 4), "5-15": (5, 15), "16": 16}),
        Point("kernel_size", "KernelSize", {"1-6": (1, 6), "7-14": (7, 14), "15": 15}),
    ),
)

PASS = Group(
    "sps_pass",
    "Passes that computed and ended well: geometry and options.",
    (
        Point("kernel_h", "rows", {"1": 1, "2-3": (2, 3), "4+": (4, 15)}),
        Point("kernel_w", "columns", {"1": 1, "2-3": (2, 3), "4+": (4, 15)}),
        *PASS_POINTS,
        Point("held", "fewer pixels than the scan of a tile takes cycles", _NO_YES),
    ),
    (
        Cross("pixels_tiles", "time of a tile against their number", ("pixels", "tiles")),
        Cross("start_output", "beginning and end of sums", ("start", "output")),
    ),
)

PATTERNS = Group(
    "sps_patterns",
    "Patterns of passes that computed and ended well.",
    (
        _OFFSETS,
        Point(
            "period",
            "PERIOD",
            {"1": 1, "2": 2, "3": 3, "4": 4, "5-7": (5, 7), "8": 8, "9-15": (9, 15), "16": 16},
        ),
        Point("sizes", "positions of the patterns in use", labels("same", "different")),
        Point("shortest", "positions of the shortest", labels("none", "one", "some", "all")),
        Point("longest", "positions of the longest", labels("none", "one", "some", "all")),
        Point("wraps", "a sum of residues reached PERIOD", _NO_YES),
        Point("more_than_lanes", "PERIOD against the rows of all channel tiles", _NO_YES),
        Point("more_than_outputs", "PERIOD against the columns of all output tiles", _NO_YES),
    ),
    (
        Cross("period_offsets", "periods in both kinds of builds", ("period", "row_offsets")),
        Cross("sizes_offsets", "mixtures in both kinds of builds", ("sizes", "row_offsets")),
        Cross(
            "ends",
            "shortest and longest of a pass",
            ("shortest", "longest"),
            {
                ("one", "none"): "the longest is never shorter than the shortest",
                ("some", "none"): "the longest is never shorter than the shortest",
                ("some", "one"): "the longest is never shorter than the shortest",
                ("all", "none"): "the longest is never shorter than the shortest",
                ("all", "one"): "the longest is never shorter than the shortest",
                ("all", "some"): "the longest is never shorter than the shortest",
            },
        ),
    ),
)

TILE = Group(
    "sps_tile",
    "Tiles of passes that computed and ended well.",
    (
        _OFFSETS,
        Point("rows", "rows that have a weight", labels("none", "some", "all")),
        Point("residues", "residues of the rows", labels("same", "different")),
        Point(
            "step",
            "its place among the steps of its pair",
            labels("only", "first", "inner", "last"),
        ),
        Point("steps", "steps of the pair", {"1": 1, "2-4": (2, 4), "5-8": (5, 8), "9+": (9, 225)}),
    ),
    (
        Cross(
            "rows_offsets",
            "filled rows in both kinds of builds",
            ("rows", "row_offsets"),
            {("some", "0"): _SHARED},
        ),
        Cross(
            "residues_offsets",
            "residues in both kinds of builds",
            ("residues", "row_offsets"),
            {("different", "0"): _SHARED},
        ),
        Cross(
            "step_rows",
            "steps that only some rows need",
            ("step", "rows"),
            {
                (
                    "first",
                    "none",
                ): "a pair has a second step for a weight, which has one in the first",
                ("inner", "none"): "a further step is taken for a weight in this one",
                ("last", "none"): "the last step is taken for a weight in it",
            },
        ),
    ),
)

BORDER = Group(
    "sps_border",
    "Rows with a weight, in passes that computed and ended well: where they leave the input.",
    (
        _OFFSETS,
        Point(
            "side",
            "where a pixel lies outside",
            labels("nowhere", "top", "bottom", "left", "right"),
        ),
        Point("stride", "STRIDE", {"1": 1, "2": 2, "3+": (3, 15)}),
        Point("place", "position in the window", labels("corner", "edge", "inner")),
    ),
    (
        Cross("side_offsets", "sides in both kinds of builds", ("side", "row_offsets")),
        Cross("side_stride", "sides at every step", ("side", "stride")),
        Cross("side_place", "sides and positions", ("side", "place")),
    ),
)

TABLES = Group(
    "sps_tables",
    "Tables of passes that computed and ended well.",
    (
        Point("source", "tables of this pass or of one before", labels("none", "some", "all")),
        Point("pos_base", "first position in use", {"0": 0, "1+": (1, 255)}),
        Point("kres_base", "KRES_BASE", {"0": 0, "1+": (1, 65535)}),
        Point("rres_base", "RRES_BASE", {"0": 0, "1+": (1, 65535)}),
    ),
)

FAULT = Group(
    "sps_fault",
    "What the index unit refused.",
    (
        _OFFSETS,
        Point("what", "fault", labels("kres", "rres", "window", "table", "weights")),
        Point("row", "row of a residue of RRES", labels("first", "inner", "last")),
        Point("word", "word of a residue", {"0": 0, "1+": (1, 65535)}),
        Point("tile", "tile without weights", {"0": 0, "1+": (1, (1 << 24) - 1)}),
    ),
    (Cross("what_offsets", "faults in both kinds of builds", ("what", "row_offsets")),),
)

COVERAGE: tuple[Group, ...] = (
    *(BUILD, PASS, PATTERNS, TILE, BORDER, TABLES, FAULT),
    *shared_groups("sps", DESIGN),
)


class SpsCoverage(ArrayCoverage):
    """Coverage of ``lac_sps``; keeps the tables, as the packets filled them."""

    prefix = "sps"
    groups = COVERAGE
    config: SpsConfig
    tables: Tables | None = None

    def started(self, observed: ObservedPass) -> None:
        state = observed.state
        if self.tables is None:
            self.tables = Tables(self.config)
        self.kinds: set[Kind] = set()
        if observed.wgt is None or state is None or not (state.done or state.code in _COMPUTED):
            return
        for section in SpsBuffer(self.config).sections(observed.wgt):
            if section.kind in _TABLES:
                self.tables.load(section)
                self.kinds.add(Kind(section.kind))

    def failed(self, code: int, position: int) -> None:
        super().failed(code, position)
        config, values = self.config, {"row_offsets": self.config.row_offsets}
        if code == SpsError.WGT_RANGE:
            self.sample("fault", what="weights", tile=position, **values)
        elif code == SpsError.POSITION:
            what = "table" if position >= config.table_depth else "window"
            self.sample("fault", what=what, **values)
        elif code == SpsError.RESIDUE:
            row, word = position & 0xFF, position >> 16
            if position >> 8 & 0xFF == Kind.KRES:
                self.sample("fault", what="kres", word=word, **values)
            else:
                where = "first" if row == 0 else "last" if row == config.rows - 1 else "inner"
                self.sample("fault", what="rres", word=word, row=where, **values)

    def computed(self, geo: array.Geometry, observed: ObservedPass) -> None:
        config, tables = self.config, self.tables
        assert tables is not None
        mine = Geometry.of(Pass(dict(enumerate(observed.cfg)), None, None, 0))
        kt, ct = (mine.kres_base, mine.kt), (mine.rres_base, mine.ct)
        room = config.wgt_depth - mine.wgt_base
        scan = tables.scan(mine.period, kt, ct, (mine.r, mine.s), room)
        self.sample(
            "build",
            **array_build(config),
            row_offsets=config.row_offsets,
            max_period=config.max_period,
            kernel_size=config.kernel_size,
        )
        reads, most = observed.counters["act_reads"], int(scan.has.sum()) * mine.pixels
        found = array_pass(mine, config, scan.tiles, reads, most)
        self.sample("pass", **found, held=int(mine.pixels < config.rows - 3))
        self._patterns(mine, scan)
        self._borders(mine, scan)

    def _patterns(self, geo: Geometry, scan: Scan) -> None:
        config, held = self.config, self.tables
        assert held is not None
        kres = held.held[Kind.KRES][geo.kres_base :][: geo.kt]
        rres = held.held[Kind.RRES][geo.rres_base :][: geo.ct]
        if not config.row_offsets:
            rres = np.repeat(rres[:, :1], config.rows, axis=1)
        sums = kres[:, None, None] + rres  # [KT, CT, Rows]
        residues = sums % geo.period
        base, sizes = held.held[Kind.DIR][np.unique(residues)].T
        lengths = [_length(int(one), geo.r * geo.s) for one in (sizes.min(), sizes.max())]
        lanes = geo.ct * config.rows, geo.kt * config.cols
        self.sample(
            "patterns",
            row_offsets=config.row_offsets,
            period=geo.period,
            sizes=int(sizes.min() < sizes.max()),
            shortest=lengths[0],
            longest=lengths[1],
            wraps=int((sums >= geo.period).any()),
            more_than_lanes=int(geo.period > lanes[0]),
            more_than_outputs=int(geo.period > lanes[1]),
        )
        source = "none" if not self.kinds else "all" if len(self.kinds) == 4 else "some"
        self.sample(
            "tables",
            source=source,
            pos_base=int(base[sizes > 0].min()) if sizes.any() else None,
            kres_base=geo.kres_base,
            rres_base=geo.rres_base,
        )
        self._tiles(scan, residues)

    def _tiles(self, scan: Scan, residues: NDArray[np.int64]) -> None:
        pair = np.ravel_multi_index((scan.kt, scan.ct), residues.shape[:2])
        steps = np.bincount(pair)[pair]
        step = np.arange(pair.size) - np.searchsorted(pair, pair)
        filled = scan.has.sum(axis=1)
        mixed = (residues != residues[:, :, :1]).any(axis=2)[scan.kt, scan.ct]
        ends = [steps == 1, step == 0, step < steps - 1]
        self.sample(
            "tile",
            row_offsets=self.config.row_offsets,
            rows=np.select([filled == 0, filled < self.config.rows], [0, 1], 2),
            residues=mixed,
            step=np.select(ends, range(3), 3),
            steps=steps,
        )

    def _borders(self, geo: Geometry, scan: Scan) -> None:
        dy, dx = scan.dy[scan.has], scan.dx[scan.has]
        ends = [
            (-geo.pad_top, (geo.p - 1) * geo.stride - geo.pad_top),
            (-geo.pad_left, (geo.q - 1) * geo.stride - geo.pad_left),
        ]
        outside: dict[str, Bools] = {
            "top": ends[0][0] + dy < 0,
            "bottom": ends[0][1] + dy >= geo.h,
            "left": ends[1][0] + dx < 0,
            "right": ends[1][1] + dx >= geo.w,
        }
        at_y, at_x = np.isin(dy, (0, geo.r - 1)), np.isin(dx, (0, geo.s - 1))
        place = np.select([at_y & at_x, at_y | at_x], range(2), 2)
        outside["nowhere"] = ~np.logical_or.reduce(list(outside.values()))
        for side, there in outside.items():
            values: dict[str, Any] = {"row_offsets": self.config.row_offsets, "stride": geo.stride}
            if there.any():
                self.sample("border", side=side, place=place[there], **values)


def _length(size: int, taps: int) -> str:
    """Bin of a pattern's number of positions.

    >>> [_length(size, 9) for size in (0, 1, 5, 9)]
    ['none', 'one', 'some', 'all']
    """
    return "none" if not size else "one" if size == 1 else "all" if size == taps else "some"
