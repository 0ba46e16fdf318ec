"""Events peculiar to the formats, found in the fields of a tile that was taken.

``names`` are the bins of a decoder's point ``event``; ``found`` says which of them a tile has.
Zero runs are counted before a real entry, ``m`` is the longest run without placeholder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb.formats.kinds import Encoder, Kind, Parameters
from tb.formats.layout import INNER_NAMES, EncodedTile, canonical

Mask = NDArray[np.bool_]

_PLACES = ("one_nonzero", "first_only", "last_only", "last_column_only")
_ENDS = ("end_exact", "end_padded", "straddle")
_EMPTY = ("empty_first", "empty_last", "empty_inner", "empty_successive")
_ROWS = tuple(f"row_{name}" for name in _EMPTY)
_COLUMNS = tuple(f"column_{name}" for name in _EMPTY)
_COMMON = (*_PLACES, *_ENDS, *_ROWS)
_RUNS = ("run_0", "run_m", "run_m+1", "run_2m+1", "run_2m+2", "run_behind")
_PADS = ("pad_first", "pad_adjacent", "pad_straddle")
_MASKS = ("mask_zero_first", "mask_zero_last", "mask_zero_successive", "mask_ones", "mask_partial")
_BLOCKS = ("block_zero", "block_one", "block_full")
_PAIRS = tuple(f"pair_{a}_{b}" for a, b in combinations(range(4), 2))
_LENGTHS = tuple(f"length_{length}" for length in range(1, 17))

_OWN: dict[str, tuple[str, ...]] = {
    "dense": ("zero_first_word", "zero_last_word", "zero_words", "full_word"),
    "bitmap": _MASKS,
    "blockmap": (*_MASKS, *_BLOCKS),
    "rle": (*_RUNS, *_PADS),
    "csr": ("pointer_rail", "pointer_step_all"),
    "csc": (*_COLUMNS, *_RUNS, *_PADS, "pointer_rail"),
    "coo": ("row_jump", "row_same", "row_next"),
    "bsr": (
        *_BLOCKS,
        "block_row_first",
        "block_row_last",
        "block_row_inner",
        "block_row_successive",
        "pointer_rail",
    ),
    "ell": ("slots_none", "slots_all", "row_full", "row_unused"),
    "nm": (*_PAIRS, "group_full", "group_some", "group_none"),
    "huffman": (*_LENGTHS, "one_code", *_RUNS, *_PADS),
    "periodic": (
        "period_1",
        "period_less",
        "period_rows",
        "period_more",
        "value_zero",
        "pattern_full",
        "pattern_some",
        "pattern_none",
    ),
    "codebook": ("inner_dense", "inner_bitmap", "inner_rle", "all_codes", "region_empty"),
}


def names(kind: Kind | Encoder) -> tuple[str, ...]:
    """Bins of the point ``event``."""
    return (*_COMMON, *_OWN[kind.name])


def found(kind: Kind | Encoder, p: Parameters, encoded: EncodedTile, mask: Mask) -> set[str]:
    """Events of a good tile: its fields, and where its non-zeros are (bool [rows, columns])."""
    common = {*_places(mask), *_ends(p, encoded), *_empty("row_", mask.any(axis=1))}
    return {*common, *_FIND[kind.name](p, encoded, mask)}


def _places(mask: Mask) -> Iterator[str]:
    count = int(mask.sum())
    if count == 1:
        yield "one_nonzero"
        if mask[0, 0]:
            yield "first_only"
        if mask[-1, -1]:
            yield "last_only"
    if count and not mask[:, :-1].any():
        yield "last_column_only"


def _straddles(p: Parameters, offset: int, width: int) -> bool:
    return offset // p["WordWidth"] != (offset + width - 1) // p["WordWidth"]


def _ends(p: Parameters, encoded: EncodedTile) -> Iterator[str]:
    if encoded.size:
        yield "end_padded" if encoded.size % p["WordWidth"] else "end_exact"
    if any(_straddles(p, f.offset, f.width) for f in encoded.fields if f.width):
        yield "straddle"


def _empty(prefix: str, filled: Any) -> Iterator[str]:
    """Cases of lines without a non-zero, in tiles that have some."""
    if filled.any() and filled.size > 1:
        if not filled[0]:
            yield prefix + "empty_first"
        if not filled[-1]:
            yield prefix + "empty_last"
        if not filled[1:-1].all():
            yield prefix + "empty_inner"
        if (~filled[1:] & ~filled[:-1]).any():
            yield prefix + "empty_successive"


def _dense(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    words = encoded.words()[1:]
    if mask.any() and len(words) > 1:
        if not words[0]:
            yield "zero_first_word"
        if not words[-1]:
            yield "zero_last_word"
        if any(not a and not b for a, b in pairwise(words)):
            yield "zero_words"
    per_word = p["WordWidth"] // p["ValueWidth"]
    if mask.ravel()[:per_word].all() and mask.size >= per_word:
        yield "full_word"


def _masks(p: Parameters, encoded: EncodedTile, size: int) -> Iterator[str]:
    masks, width = encoded.values("mask"), p["WordWidth"]
    if len(masks) > 1 and any(masks):
        if not masks[0]:
            yield "mask_zero_first"
        if not masks[-1]:
            yield "mask_zero_last"
    if any(not a and not b for a, b in pairwise(masks)):
        yield "mask_zero_successive"
    if any(mask == (1 << width) - 1 for mask in masks):
        yield "mask_ones"
    if size % width and masks[-1] == (1 << size % width) - 1:
        yield "mask_partial"


def _bitmap(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    return _masks(p, encoded, mask.size)


def _blocks(p: Parameters, encoded: EncodedTile) -> Iterator[str]:
    size = p["BlockRows"] * p["BlockCols"]
    values = np.array(encoded.values("value"), dtype=object).reshape(-1, size) != 0
    for number in {int(n) for n in values.sum(axis=1)}:
        if number == 0:
            yield "block_zero"
        if number == 1 and size > 1:
            yield "block_one"
        if number == size:
            yield "block_full"


def _blockmap(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    yield from _masks(p, encoded, mask.size // (p["BlockRows"] * p["BlockCols"]))
    yield from _blocks(p, encoded)


def _run_cases(entries: list[tuple[int, int]], width: int, length: int) -> Iterator[str]:
    """Runs and placeholders of one line of ``length`` elements; entries are (value, run)."""
    most, zeros, at, pads = (1 << width) - 1, 0, 0, 0
    cases = {0: "0", most: "m", most + 1: "m+1", 2 * most + 1: "2m+1", 2 * most + 2: "2m+2"}
    for number, (value, run) in enumerate(entries):
        zeros, at = zeros + run + (value == 0), at + run + 1
        if value:
            if zeros in cases:
                yield f"run_{cases[zeros]}"
            zeros = pads = 0
        else:
            pads += 1
            if number == 0:
                yield "pad_first"
            if pads > 1:
                yield "pad_adjacent"
    if entries and at < length:
        yield "run_behind"


def _pad_straddles(p: Parameters, encoded: EncodedTile) -> Iterator[str]:
    for value, run in zip(encoded.find("value"), encoded.find("run"), strict=True):
        field = encoded.fields[value]
        width = field.width + encoded.fields[run].width
        if not field.value and _straddles(p, field.offset, width):
            yield "pad_straddle"


def _rle(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    entries = list(zip(encoded.values("value"), encoded.values("run"), strict=True))
    yield from _run_cases(entries, p["RunWidth"], mask.size)
    yield from _pad_straddles(p, encoded)


def _rail(p: Parameters, encoded: EncodedTile) -> Iterator[str]:
    if (1 << p["PtrWidth"]) - 1 in encoded.values("ptr"):
        yield "pointer_rail"


def _csr(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    yield from _rail(p, encoded)
    steps = {b - a for a, b in pairwise(encoded.values("ptr"))}
    if p["TileCols"] in steps and p["TileRows"] > 1:
        yield "pointer_step_all"


def _csc(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    yield from _empty("column_", mask.any(axis=0))
    yield from _rail(p, encoded)
    entries = list(zip(encoded.values("value"), encoded.values("run"), strict=True))
    for begin, end in pairwise(encoded.values("ptr")):
        yield from _run_cases(entries[begin:end], p["IdxWidth"], p["TileRows"])
    yield from _pad_straddles(p, encoded)


def _coo(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    for before, here in pairwise(encoded.values("row")):
        yield ("row_same", "row_next", "row_jump")[min(2, here - before)]


def _bsr(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    yield from _blocks(p, encoded)
    yield from _rail(p, encoded)
    filled = np.array([b > a for a, b in pairwise(encoded.values("ptr"))])
    for name in _empty("", filled):
        yield name.replace("empty", "block_row")


def _ell(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    used = mask.sum(axis=1)
    if encoded.header in (0, p["TileCols"]):
        yield "slots_all" if encoded.header else "slots_none"
    if encoded.header:
        if (used == encoded.header).any():
            yield "row_full"
        if (used == 0).any():
            yield "row_unused"


def _nm(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    number, span = p["GroupN"], p["GroupM"]
    pairs = list(zip(encoded.values("value"), encoded.values("pos"), strict=True))
    for start in range(0, len(pairs), number):
        used = [pos for value, pos in pairs[start : start + number] if value]
        yield "group_full" if len(used) == number else "group_some" if used else "group_none"
        if (number, span) == (2, 4) and len(used) == 2:
            yield "pair_{}_{}".format(*used)


def _huffman(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    lengths = encoded.values("length")
    codes = [field for field in encoded.fields if field.name == "code"]
    yield from (f"length_{field.width}" for field in codes)
    if sum(lengths) == 1 and codes:
        yield "one_code"
    if p["RunWidth"]:
        table = dict(zip(canonical(lengths), encoded.values("symbol"), strict=True))
        low = (1 << p["ValueWidth"]) - 1
        entries = []
        for field in codes:
            code = int(f"{field.value:0{field.width}b}"[::-1], 2)
            symbol = table[code, field.width]
            entries.append((symbol & low, symbol >> p["ValueWidth"]))
            if not symbol & low and _straddles(p, field.offset, field.width):
                yield "pad_straddle"
        yield from _run_cases(entries, p["RunWidth"], mask.size)


def _periodic(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    period, rows = encoded.value("period", 0), p["TileRows"]
    if period == 1:
        yield "period_1"
    if 1 < period < rows:
        yield "period_less"
    if period >= rows and period > 1:
        yield "period_rows" if period == rows else "period_more"
    if 0 in encoded.values("value"):
        yield "value_zero"
    for size in set(encoded.values("size")):
        yield "pattern_none" if not size else "pattern_full" if size == p["Kss"] else "pattern_some"


def _codebook(p: Parameters, encoded: EncodedTile, mask: Mask) -> Iterator[str]:
    yield f"inner_{INNER_NAMES[p['Inner']]}"
    if len(set(encoded.values("value")) - {0}) == (1 << p["CodeWidth"]) - 1:
        yield "all_codes"
    down, across = p["RegionsRow"], p["RegionsCol"]
    rows, cols = mask.shape
    regions = mask.reshape(down, rows // down, across, cols // across).any(axis=(1, 3))
    if not regions.all() and regions.any():
        yield "region_empty"


_FIND: dict[str, Callable[[Parameters, EncodedTile, Mask], Iterator[str]]] = {
    "dense": _dense,
    "bitmap": _bitmap,
    "blockmap": _blockmap,
    "rle": _rle,
    "csr": _csr,
    "csc": _csc,
    "coo": _coo,
    "bsr": _bsr,
    "ell": _ell,
    "nm": _nm,
    "huffman": _huffman,
    "periodic": _periodic,
    "codebook": _codebook,
}
