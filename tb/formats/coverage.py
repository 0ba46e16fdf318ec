"""Functional coverage of the sparsity formats: one covergroup per decoder and encoder.

What is counted was seen on the pins: words taken, non-zeros given, error codes, and the pause
profiles of the streams. A tile's density and structure are classed from the non-zeros that came
out (``tiles.classify``), its events from the fields of the words that went in (``events``).

How terms are read:

- density: sparse to 25 %, middle to 60 %, dense below 100 % of the elements;
- shape: one element, one row, one column, powers of two both ways, odd (not both a power of two);
- stall: which side was paused by its profile.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tb.common.bfm.streams import PROFILES
from tb.common.coverage.functional import Collector, Cross, Group, Point, labels
from tb.formats import events, tiles
from tb.formats.faults import CODES
from tb.formats.kinds import CLASSES, ENCODERS, KINDS, Encoder, Kind, Parameters, shape_class
from tb.formats.layout import parse

_STALLS = labels("none", "input", "output", "both")
_PROFILES = labels(*PROFILES)
_DATA = labels(
    "empty",
    "full",
    *(
        f"{density}_{structure}"
        for structure in tiles.STRUCTURES[1:]
        for density in tiles.DENSITIES[1:4]
        if density != "dense" or structure in ("uniform", "clustered", "nm")
    ),
)
_ONE = "one element is either zero or not"
_LINE = "one row or column has no rows, bands or groups to tell apart"
_HALF = "no line of these tiles is more than half full"


def _ignore(capped: str) -> dict[tuple[str, ...], str]:
    """Combinations of data, shape and stall that do not exist."""
    found: dict[tuple[str, ...], str] = {("*_*", "one", "*"): _ONE}
    for structure in ("dense_row", "empty_rows", "banded"):
        if structure != "dense_row" or not capped:  # else it is ignored everywhere
            found["*_" + structure, "row", "*"] = found["*_" + structure, "column", "*"] = _LINE
    found["*_nm", "column", "*"] = _LINE
    if capped:
        # The capped formats' columns and single elements have room for all of a line.
        for shape in ("row", "power", "odd"):
            found["full", shape, "*"] = _HALF
            found["dense_*", shape, "*"] = _HALF
    return found


def _tile_points(capped: str = "") -> tuple[Point, ...]:
    never = ["sparse_dense_row", "middle_dense_row", "dense_nm"] if capped else []
    never += ["middle_banded"] if capped == "group" else []
    return (
        Point("data", "density and structure of a tile", _DATA, dict.fromkeys(never, _HALF)),
        Point("shape", "class of the tile's shape", labels(*CLASSES)),
        Point("stall", "sides that were paused", _STALLS),
        Point("inward", "pause profile at the input", _PROFILES),
        Point("outward", "pause profile at the output", _PROFILES),
        Point("value", "values: ends of the range and the others", labels(*_VALUES)),
    )


_VALUES = ("one", "ones", "sign", "below_sign", "other")


def _cross(capped: str) -> Cross:
    return Cross(
        "tile",
        "density and structure, in each shape, under each stall",
        ("data", "shape", "stall"),
        _ignore(capped),
    )


def _decoder_group(kind: Kind) -> Group:
    lanes = (
        (Point("lanes", "NumLanes", {"1": 1, "4": 4, "16": 16}),)
        if "NumLanes" in kind.configs["default"]
        else ()
    )
    known = {name: CODES[name] for name in CODES if name in kind.errors}
    return Group(
        f"fmt_{kind.name}",
        f"tiles of {kind.top}",
        (
            *_tile_points(kind.capped),
            *lanes,
            Point("error", "error codes, as they came out", known),
            Point("after", "a good tile, and how the one before ended", {"good": 0} | known),
            Point("event", "what is peculiar to the format", labels(*events.names(kind))),
        ),
        (_cross(kind.capped),),
    )


def _encoder_group(encoder: Encoder) -> Group:
    return Group(
        f"fmt_{encoder.name}_enc",
        f"tiles of {encoder.top}",
        (
            *_tile_points(),
            Point("lanes", "NumLanes", {"1": 1, "4": 4}),
            Point("error", "how the tile ended", labels("good", "early", "late")),
            Point("event", "what is peculiar to the format", labels(*events.names(encoder))),
        ),
        (_cross(""),),
    )


COVERAGE: tuple[Group, ...] = (
    *(_decoder_group(kind) for kind in KINDS.values()),
    *(_encoder_group(encoder) for encoder in ENCODERS.values()),
)


def value_class(values: np.ndarray, width: int) -> np.ndarray:
    """Class of each value, raw bits that are not 0: int64 [n]."""
    sign = 1 << (width - 1)
    conditions = [values == 2 * sign - 1, values == sign, values == sign - 1, values == 1]
    order = [_VALUES.index(name) for name in ("ones", "sign", "below_sign", "one")]
    return np.select(conditions, order, _VALUES.index("other"))


class FormatCoverage:
    """Counts the tiles of one simulation; the file is written anew after each test."""

    _open: ClassVar[dict[str, FormatCoverage]] = {}

    def __init__(self, group: str, kind: Kind | Encoder, parameters: Parameters):
        self.group, self.kind, self.parameters = group, kind, parameters
        self.collector = Collector(g for g in COVERAGE if g.name == group)
        self._path: Path | None = None
        self._before = 0

    @classmethod
    def of(cls, kind: Kind | Encoder, parameters: Parameters) -> FormatCoverage:
        """The one of this process."""
        group = f"fmt_{kind.name}" + ("_enc" if isinstance(kind, Encoder) else "")
        if group not in cls._open:
            cls._open[group] = cls(group, kind, parameters)
        return cls._open[group]

    def sample(self, seen: Any, error: int = 0) -> None:
        """Count one tile (``fmt_env.Seen``; of an encoder: ``error`` is how it ended)."""
        p = self.parameters
        shape = p["TileRows"], p["TileCols"]
        inward, outward = seen.pauses
        common: dict[str, Any] = {
            "stall": (inward != "none") + 2 * (outward != "none"),
            "inward": inward if inward in _PROFILES else None,
            "outward": outward if outward in _PROFILES else None,
        }
        if "NumLanes" in p:
            common["lanes"] = p["NumLanes"]
        if isinstance(self.kind, Encoder):
            common["error"] = error
        elif seen.error:
            code = seen.error[0]
            self.collector.sample(self.group, error=code, **common)
            self._before = code
            return
        else:
            common["after"] = self._before
            self._before = 0
        mask = np.zeros(shape, dtype=bool)
        for row, col, _, _ in seen.items:
            mask[row, col] = True
        values = np.array([item[2] for item in seen.items], dtype=np.int64)
        density, structure = tiles.classify(mask)
        self.collector.sample(
            self.group,
            data=density if structure == "none" else f"{density}_{structure}",
            shape=shape_class(*shape),
            **common,
        )
        if values.size:
            self.collector.sample(self.group, value=value_class(values, p["ValueWidth"]))
        encoded = parse(self.kind.layout, p, seen.words)
        if found := sorted(events.found(self.kind, p, encoded, mask)):
            self.collector.sample(self.group, event=np.array(found, dtype=object))

    def save(self, folder: Path) -> Path:
        """Write what was hit so far, in place of what this simulation wrote before."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._path = self.collector.save(folder, self.group)
        return self._path
