"""The decoders under test: configurations, model, latency, errors and events of each.

A configuration is RTL parameters; ``model_of`` makes the instance of ``models/formats`` that goes
with it. ``latency`` is what the header of the module says: cycles from the last step of a tile
(``steps()`` of the model) to its last beat; the throughput test asks for equality.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tb.formats.layout import INNER_NAMES

if TYPE_CHECKING:
    from models.formats.base import Format

Parameters = Mapping[str, int]

PREFIX = "lac_fmt_"
CLASSES = ("one", "row", "column", "power", "odd")


@dataclass(frozen=True)
class Kind:
    """One decoder.

    Attributes:
        name: as in the module's name and in ``FORMATS`` of the models.
        latency: cycles, see above.
        own: parameter of the model -> RTL parameter, besides the width of the values.
        configs: configuration -> RTL parameters.
        errors: names of the faults that a tile of this format can have.
        events: names of the directed tests.
        capped: at most half of a "line" (periodic pattern) or of each "group" (N:M) is non-zero in
            most configurations, so that some structures do not exist.
        slow, icarus: as in ``Bench``.
    """

    name: str
    latency: int
    configs: Mapping[str, Parameters]
    errors: tuple[str, ...]
    events: tuple[str, ...]
    own: Mapping[str, str] | None = None
    capped: str = ""
    slow: tuple[str, ...] = ()
    icarus: tuple[str, ...] | None = ("one", "row", "column")

    @property
    def top(self) -> str:
        """The module."""
        return f"{PREFIX}{self.name}_dec"

    @property
    def layout(self) -> str:
        """Which of the layouts."""
        return self.name.split("_")[0]


def tile(word: int, value: int, rows: int, cols: int, lanes: int = 0, **own: int) -> Parameters:
    """Parameters of one configuration."""
    sizes = {"WordWidth": word, "ValueWidth": value, "TileRows": rows, "TileCols": cols}
    return sizes | ({"NumLanes": lanes} if lanes else {}) | own


def shape_class(rows: int, cols: int) -> str:
    """Class of a tile for coverage.

    >>> [shape_class(*shape) for shape in ((1, 1), (1, 7), (7, 1), (8, 16), (8, 12))]
    ['one', 'row', 'column', 'power', 'odd']
    """
    if rows == cols == 1:
        return "one"
    if rows == 1 or cols == 1:
        return "row" if rows == 1 else "column"
    return "odd" if rows & (rows - 1) or cols & (cols - 1) else "power"


_FRAME = ("header", "short", "long", "padding")

DENSE = Kind(
    "dense",
    latency=4,
    configs={
        "default": tile(64, 8, 8, 16, 4),
        "one": tile(32, 1, 1, 1, 1),
        "row": tile(32, 5, 1, 19, 16),
        "column": tile(64, 16, 21, 1, 1),
        "odd": tile(128, 8, 7, 13, 16),
        "bits": tile(32, 1, 16, 16, 4),
        "wide": tile(256, 16, 16, 16, 16),
        "broad": tile(256, 32, 8, 16, 16),
    },
    errors=_FRAME,
    events=("rows", "zeros", "borders"),
    slow=("bits", "wide", "broad"),
)
BITMAP = Kind(
    "bitmap",
    latency=4,
    configs={
        "default": tile(64, 8, 16, 16, 4),
        "one": tile(32, 1, 1, 1, 1),
        "row": tile(32, 5, 1, 45, 16),
        "column": tile(64, 16, 21, 1, 1),
        "odd": tile(32, 8, 7, 13, 16),
        "wide": tile(256, 16, 32, 32, 16),
        "narrow": tile(128, 1, 16, 20, 4),
    },
    errors=(*_FRAME, "index", "placeholder", "count"),
    events=("rows", "masks", "borders"),
    slow=("wide", "narrow"),
)
BLOCKMAP = Kind(
    "blockmap",
    latency=4,
    own={"block_rows": "BlockRows", "block_cols": "BlockCols"},
    configs={
        "default": tile(64, 8, 16, 16, 4, BlockRows=2, BlockCols=4),
        "one": tile(32, 1, 1, 1, 1, BlockRows=1, BlockCols=1),
        "row": tile(32, 5, 1, 45, 16, BlockRows=1, BlockCols=1),
        "column": tile(64, 16, 21, 1, 1, BlockRows=3, BlockCols=1),
        "odd": tile(32, 8, 9, 28, 16, BlockRows=3, BlockCols=2),
        "wide": tile(256, 16, 32, 32, 16, BlockRows=4, BlockCols=4),
    },
    errors=(*_FRAME, "index", "count"),
    events=("rows", "masks", "blocks", "borders"),
    slow=("wide",),
)
RLE = Kind(
    "rle",
    latency=4,
    own={"run_width": "RunWidth"},
    configs={
        "default": tile(64, 8, 8, 16, RunWidth=4),
        "one": tile(32, 1, 1, 1, RunWidth=1),
        "row": tile(32, 4, 1, 45, RunWidth=3),
        "column": tile(128, 16, 21, 1, RunWidth=2),
        "odd": tile(64, 8, 7, 13, RunWidth=3),
        "wide": tile(256, 16, 16, 32, RunWidth=8),
        # Entries wider than a word, the widest there are.
        "broad": tile(32, 32, 8, 16, RunWidth=16),
    },
    errors=(*_FRAME, "index", "placeholder"),
    events=("rows", "runs", "placeholders", "borders"),
    slow=("wide", "broad"),
)
CSR = Kind(
    "csr",
    latency=3,
    own={"ptr_width": "PtrWidth"},
    configs={
        "default": tile(64, 8, 8, 16, PtrWidth=16),
        "one": tile(32, 1, 1, 1, PtrWidth=1),
        "row": tile(32, 4, 1, 45, PtrWidth=6),
        "column": tile(128, 16, 21, 1, PtrWidth=5),
        "odd": tile(64, 8, 7, 9, PtrWidth=6),
        "wide": tile(256, 16, 32, 16, PtrWidth=32),
        # Entries wider than a word, the widest there are.
        "broad": tile(32, 32, 8, 16, PtrWidth=16),
    },
    errors=(*_FRAME, "index", "order", "placeholder", "pointer"),
    events=("rows", "rail", "borders"),
    slow=("wide",),
    icarus=("one", "row", "column", "broad"),
)
CSC = Kind(
    "csc",
    latency=3,
    own={"idx_width": "IdxWidth", "ptr_width": "PtrWidth"},
    configs={
        "default": tile(64, 8, 16, 8, IdxWidth=2, PtrWidth=16),
        "one": tile(32, 1, 1, 1, IdxWidth=1, PtrWidth=1),
        "row": tile(32, 4, 1, 19, IdxWidth=2, PtrWidth=5),
        "column": tile(128, 16, 45, 1, IdxWidth=4, PtrWidth=6),
        "odd": tile(64, 8, 9, 7, IdxWidth=1, PtrWidth=6),
        "wide": tile(256, 16, 32, 16, IdxWidth=8, PtrWidth=32),
        # Entries wider than a word, the widest there are.
        "broad": tile(32, 32, 16, 8, IdxWidth=16, PtrWidth=16),
    },
    errors=(*_FRAME, "index", "placeholder", "pointer"),
    events=("rows", "runs", "placeholders", "rail", "borders"),
    slow=("wide", "broad"),
)
COO = Kind(
    "coo",
    latency=3,
    configs={
        "default": tile(64, 8, 8, 16),
        "one": tile(32, 1, 1, 1),
        "row": tile(32, 4, 1, 19),
        "column": tile(128, 16, 21, 1),
        "odd": tile(64, 8, 7, 13),
        "wide": tile(256, 16, 32, 32),
        # Entries wider than a word, the widest there are.
        "broad": tile(32, 32, 8, 16),
    },
    errors=(*_FRAME, "index", "order", "placeholder"),
    events=("rows", "borders"),
    slow=("wide", "broad"),
)
BSR = Kind(
    "bsr",
    latency=4,
    own={"block_rows": "BlockRows", "block_cols": "BlockCols", "ptr_width": "PtrWidth"},
    configs={
        "default": tile(64, 8, 16, 16, 4, BlockRows=2, BlockCols=4, PtrWidth=8),
        "one": tile(32, 1, 1, 1, 1, BlockRows=1, BlockCols=1, PtrWidth=1),
        "row": tile(32, 4, 1, 20, 16, BlockRows=1, BlockCols=4, PtrWidth=16),
        "column": tile(64, 16, 21, 1, 1, BlockRows=3, BlockCols=1, PtrWidth=3),
        "odd": tile(128, 8, 9, 10, 16, BlockRows=3, BlockCols=2, PtrWidth=4),
        "wide": tile(256, 16, 32, 32, 16, BlockRows=4, BlockCols=4, PtrWidth=16),
    },
    errors=(*_FRAME, "index", "order", "pointer"),
    events=("rows", "blocks", "rail", "borders"),
    slow=("wide",),
)
ELL = Kind(
    "ell",
    latency=4,
    configs={
        "default": tile(64, 8, 8, 16),
        "one": tile(32, 1, 1, 1),
        "row": tile(32, 4, 1, 19),
        "column": tile(128, 16, 21, 1),
        "odd": tile(64, 8, 7, 13),
        "wide": tile(256, 16, 16, 32),
        # Entries wider than a word, the widest there are.
        "broad": tile(32, 32, 8, 16),
    },
    errors=(*_FRAME, "index", "order", "placeholder"),
    events=("rows", "slots", "borders"),
    slow=("wide", "broad"),
)
NM = Kind(
    "nm",
    latency=4,
    own={"group_n": "GroupN", "group_m": "GroupM"},
    capped="group",
    configs={
        "default": tile(64, 8, 8, 16, 4, GroupN=2, GroupM=4),
        "one": tile(32, 1, 1, 1, 1, GroupN=1, GroupM=1),
        "row": tile(32, 4, 1, 24, 16, GroupN=2, GroupM=4),
        "column": tile(64, 16, 21, 1, 1, GroupN=1, GroupM=1),
        "odd": tile(128, 8, 7, 12, 16, GroupN=3, GroupM=6),
        "quarter": tile(64, 8, 8, 16, 4, GroupN=1, GroupM=4),
        "wide": tile(256, 16, 16, 32, 16, GroupN=8, GroupM=16),
        # Entries wider than a word, the widest there are.
        "broad": tile(32, 32, 8, 16, 16, GroupN=2, GroupM=4),
    },
    errors=(*_FRAME, "index", "order"),
    events=("rows", "groups", "borders"),
    slow=("quarter", "wide"),
    icarus=("one", "row", "column", "broad"),
)
HUFFMAN = Kind(
    "huffman",
    latency=5,
    own={"run_width": "RunWidth"},
    configs={
        "default": tile(64, 8, 8, 16, RunWidth=0),
        "one": tile(32, 1, 1, 1, RunWidth=0),
        "row": tile(32, 4, 1, 45, RunWidth=3),
        "column": tile(128, 8, 21, 1, RunWidth=2),
        "odd": tile(64, 8, 7, 13, RunWidth=4),
        "wide": tile(256, 12, 16, 16, RunWidth=0),
    },
    errors=(*_FRAME, "index", "placeholder", "code"),
    events=("rows", "runs", "placeholders", "codes", "borders"),
    slow=("wide",),
)
PERIODIC = Kind(
    "periodic",
    latency=3,
    own={"kss": "Kss"},
    capped="line",
    configs={
        "default": tile(64, 8, 8, 16, Kss=8),
        "one": tile(32, 1, 1, 1, Kss=1),
        "row": tile(32, 4, 1, 24, Kss=12),
        "column": tile(128, 16, 21, 1, Kss=1),
        "odd": tile(64, 8, 7, 12, Kss=6),
        "wide": tile(256, 16, 32, 32, Kss=5),
    },
    errors=(*_FRAME, "index", "order", "count"),
    events=("rows", "patterns", "borders"),
    slow=("wide",),
)
_REGIONS = {"regions_row": "RegionsRow", "regions_col": "RegionsCol"}


def _regions(inner: int, code: int, rows: int, cols: int) -> Parameters:
    return {"Inner": inner, "CodeWidth": code, "RegionsRow": rows, "RegionsCol": cols}


CODEBOOK = Kind(
    "codebook",
    latency=5,
    own=_REGIONS,
    configs={
        "default": tile(64, 8, 8, 16, 4, RunWidth=4, **_regions(1, 4, 2, 2)),
        "one": tile(32, 1, 1, 1, 1, RunWidth=1, **_regions(0, 1, 1, 1)),
        "row": tile(32, 4, 1, 24, 16, RunWidth=3, **_regions(0, 3, 1, 3)),
        "column": tile(64, 16, 21, 1, 1, RunWidth=2, **_regions(2, 4, 3, 1)),
        "odd": tile(128, 8, 6, 15, 1, RunWidth=3, **_regions(2, 3, 2, 3)),
        "wide": tile(256, 16, 32, 32, 16, RunWidth=4, **_regions(1, 8, 1, 1)),
    },
    errors=(*_FRAME, "index", "placeholder", "code", "count"),
    events=("rows", "regions", "borders"),
    slow=("wide",),
)


@dataclass(frozen=True)
class Encoder:
    """One encoder; fields as those of ``Kind``. ``latency``: see ``encoder_tests``."""

    name: str
    configs: Mapping[str, Parameters]
    events: tuple[str, ...]
    own: Mapping[str, str] | None = None
    slow: tuple[str, ...] = ()
    icarus: tuple[str, ...] | None = ("one", "row", "column")
    capped: str = ""

    @property
    def top(self) -> str:
        """The module."""
        return f"{PREFIX}{self.name}_enc"

    @property
    def layout(self) -> str:
        """Which of the layouts."""
        return self.name


ENCODERS: dict[str, Encoder] = {
    "bitmap": Encoder(
        "bitmap",
        configs={
            "default": tile(64, 8, 16, 16, 4),
            "one": tile(32, 1, 1, 1, 1),
            "row": tile(32, 5, 1, 45, 4),
            "column": tile(64, 16, 21, 1, 1),
            "odd": tile(32, 8, 7, 13, 4),
            "wide": tile(256, 16, 32, 32, 4),
        },
        events=("masks", "borders"),
        slow=("wide",),
    ),
    "rle": Encoder(
        "rle",
        own={"run_width": "RunWidth"},
        configs={
            "default": tile(64, 8, 8, 16, 4, RunWidth=4),
            "one": tile(32, 1, 1, 1, 1, RunWidth=1),
            "row": tile(32, 4, 1, 45, 1, RunWidth=3),
            "column": tile(128, 16, 21, 1, 4, RunWidth=2),
            "odd": tile(64, 8, 7, 13, 4, RunWidth=3),
            "wide": tile(256, 16, 16, 32, 4, RunWidth=8),
        },
        events=("runs", "placeholders", "borders"),
        slow=("wide",),
    ),
}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        DENSE,
        BITMAP,
        BLOCKMAP,
        RLE,
        CSR,
        CSC,
        COO,
        BSR,
        ELL,
        NM,
        HUFFMAN,
        PERIODIC,
        CODEBOOK,
    )
}


def kind_of(top: str) -> Kind:
    """The decoder of a module's name."""
    return KINDS[top.removeprefix(PREFIX).removesuffix("_dec")]


def model_of(kind: Kind | Encoder, parameters: Parameters) -> Format:
    """The model of a configuration."""
    from models.formats import load_all

    own: dict[str, Any] = {name: parameters[rtl] for name, rtl in (kind.own or {}).items()}
    known: dict[str, Any] = dict(load_all())
    width = parameters["ValueWidth"]
    if kind.name == "codebook":
        inner, code = INNER_NAMES[parameters["Inner"]], parameters["CodeWidth"]
        runs = {"run_width": parameters["RunWidth"]} if inner == "rle" else {}
        own["inner"] = known[inner](code, **runs)
    return known[kind.name](width, **own)
