"""Tiles by density and structure: how they are made, and how one that was seen is classed.

The classes of coverage are read off a tile (``classify``), so that a generator which makes
something else than it was asked for is found; ``reachable`` says which classes exist in a shape.

Structures, the first that fits: ``none`` (all zero or none), ``dense_row`` (one full row, the
others together at most a third), ``empty_rows`` (at least two rows and a quarter of them empty),
``banded`` (all near the diagonal; these three up to 60 %), ``nm`` (every group of four columns
holds the same number, 1 to 3), ``clustered`` (non-zeros have clearly more neighbours than by
chance), ``uniform``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tb.formats.kinds import Encoder, Kind, Parameters, shape_class

Mask = NDArray[np.bool_]

DENSITIES = ("empty", "sparse", "middle", "dense", "full")
STRUCTURES = ("none", "dense_row", "empty_rows", "banded", "nm", "clustered", "uniform")
_LIMITS = {"sparse": (0.0, 0.25), "middle": (0.25, 0.60), "dense": (0.60, 1.0)}  # (low, high]
_BAND = 0.3  # half width of the band, as a part of the tile
_GROUP = 4
_TRIES = 5000  # one in a hundred fits where it is rarest


def reachable(capped: str, shape: str) -> list[tuple[str, str]]:
    """(density, structure) that exist in a class of shapes; ``capped`` as in ``Kind``."""
    both = [("empty", "none"), ("full", "none")]
    if shape == "one":
        return both
    every = ("sparse", "middle", "dense")
    lines: dict[str, tuple[str, ...]] = {"uniform": every, "clustered": every}
    if shape != "column":
        lines["nm"] = every
    if shape in ("power", "odd"):
        lines |= dict.fromkeys(("banded", "empty_rows", "dense_row"), every[:2])
    if capped and shape != "column":
        # N:M and patterns are cut to one element a line in columns: no cap there.
        both = both[:1]
        some = {"uniform": 2, "nm": 2, "empty_rows": 2, "clustered": 2}
        some["banded"] = 1 if capped == "group" else 2
        lines = {name: every[: some[name]] for name in lines if name in some}
    return both + [(density, name) for name, found in lines.items() for density in found]


def density_of(mask: Mask) -> str:
    """Bucket of a tile's density."""
    count = int(np.count_nonzero(mask))
    if count in (0, mask.size):
        return "full" if count else "empty"
    return next(name for name, (_, high) in _LIMITS.items() if count <= high * mask.size)


def classify(mask: Mask) -> tuple[str, str]:
    """(density, structure) of a tile: bool [rows, columns].

    >>> classify(np.eye(8, dtype=bool))
    ('sparse', 'banded')
    """
    density = density_of(mask)
    if density in ("empty", "full"):
        return density, "none"
    rows, cols = mask.shape
    filled = mask.sum(axis=1)
    if rows > 1 and cols > 1 and density != "dense":
        full = int((filled == cols).sum())
        if full == 1 and int(filled.sum()) - cols <= (rows - 1) * cols / 3:
            return density, "dense_row"
        if (filled == 0).sum() >= max(2, rows / 4):
            return density, "empty_rows"
        if not (mask & ~_band(rows, cols)).any():
            return density, "banded"
    if cols >= _GROUP:
        groups = mask[:, : cols - cols % _GROUP].reshape(rows, -1, _GROUP).sum(axis=2)
        if groups.min() == groups.max() and 0 < groups[0, 0] < _GROUP:
            return density, "nm"
    return density, "clustered" if _neighbours(mask) else "uniform"


def _band(rows: int, cols: int) -> Mask:
    row, col = np.arange(rows)[:, None] / (rows - 1), np.arange(cols)[None, :] / (cols - 1)
    return np.abs(row - col) <= _BAND


def _neighbours(mask: Mask) -> bool:
    """Pairs of neighbours that are both non-zero against what chance gives."""
    pairs = [mask[1:] & mask[:-1], mask[:, 1:] & mask[:, :-1]]
    share = sum(int(p.sum()) for p in pairs) / max(1, sum(p.size for p in pairs))
    p = mask.mean()
    return share >= p * p + 0.5 * (p - p * p)


def _some(draw: np.random.Generator, allowed: Mask, count: int) -> Mask:
    """``count`` of the elements that are allowed, by chance."""
    flat = np.flatnonzero(allowed)
    mask = np.zeros(allowed.size, dtype=bool)
    mask[draw.choice(flat, min(count, flat.size), replace=False)] = True
    return mask.reshape(allowed.shape)


def _stripes(kind: Kind | Encoder, parameters: Parameters) -> Mask:
    """Columns in which a group may be full beside the next one's: bool [columns]."""
    col = np.arange(parameters["TileCols"])
    if kind.capped != "group":
        return np.ones(col.size, dtype=bool)
    number, span = parameters["GroupN"], parameters["GroupM"]
    return (col - (span - number)) % (2 * span) < 2 * number


def _attempt(
    draw: np.random.Generator, shape: tuple[int, int], count: int, structure: str, stripes: Mask
) -> Mask:
    """A mask that probably has the structure, of about ``count`` elements."""
    rows, cols = shape
    allowed = np.ones(shape, dtype=bool)
    if structure == "clustered":
        noise = np.pad(draw.random(shape), 2, mode="edge")
        smooth = sum(
            noise[i : i + rows, j : j + cols] for i in range(5) for j in range(5)
        ) + 0.1 * draw.random(shape)
        smooth -= 99 * ~stripes
        return (smooth >= np.sort(smooth, axis=None)[-count]).reshape(shape)
    if structure == "banded":
        return _some(draw, _band(rows, cols), count)
    if structure == "empty_rows":
        empty = draw.choice(rows, max(2, -(-rows // 4)), replace=False)
        allowed[empty] = False
        return _some(draw, allowed, count)
    if structure == "dense_row":
        row = int(draw.integers(rows))
        allowed[row] = False
        mask = _some(draw, allowed, max(0, count - cols))
        mask[row] = True
        return mask
    if structure == "nm":
        number = max(1, min(_GROUP - 1, round(_GROUP * count / allowed.size)))
        mask = _some(draw, allowed, count)
        for start in range(0, cols - cols % _GROUP, _GROUP):
            order = draw.permuted(np.tile(np.arange(_GROUP), (rows, 1)), axis=1)
            mask[:, start : start + _GROUP] = order < number
        return mask
    return _some(draw, allowed, count)


def cap(
    kind: Kind | Encoder, parameters: Parameters, mask: Mask, draw: np.random.Generator
) -> Mask:
    """Drop what the format cannot hold (N:M: too many in a group, periodic: in a row)."""
    if not kind.capped:
        return mask
    span = parameters["GroupM"] if kind.name == "nm" else parameters["TileCols"]
    most = round(part_of_line(kind, parameters) * span)
    groups = mask.reshape(-1, span)
    order = np.where(groups, draw.random(groups.shape), 2.0).argsort(axis=1).argsort(axis=1)
    return (groups & (order < most)).reshape(mask.shape)


def make_mask(
    kind: Kind | Encoder,
    parameters: Parameters,
    draw: np.random.Generator,
    density: str,
    structure: str,
) -> Mask:
    """A tile of exactly this class; AssertionError where chance does not find one."""
    shape = parameters["TileRows"], parameters["TileCols"]
    if structure == "none":
        return np.full(shape, density == "full")
    low, high = _LIMITS[density]
    size = shape[0] * shape[1]
    stripes = _stripes(kind, parameters)
    for _ in range(_TRIES):
        count = int(draw.integers(int(low * size) + 1, max(int(low * size) + 2, int(high * size))))
        mask = cap(kind, parameters, _attempt(draw, shape, count, structure, stripes), draw)
        if classify(mask) == (density, structure):
            return mask
    raise AssertionError(f"no {density} {structure} tile of {shape} was found")


def pool(draw: np.random.Generator, width: int, number: int) -> NDArray[np.int64]:
    """At most ``number`` values that are not 0, both ends of the range among them: int64 [n]."""
    top = (1 << width) - 1
    rails = [1, top, 1 << (width - 1), (1 << (width - 1)) - 1]
    values = [*rails, *draw.integers(1, top, number, endpoint=True).tolist()]
    return np.array([v for v in dict.fromkeys(values) if v][:number], dtype=np.int64)


def fill(
    kind: Kind | Encoder, parameters: Parameters, mask: Mask, draw: np.random.Generator
) -> NDArray[np.int64]:
    """Values for the non-zeros, as many different ones as the format can hold: int64 [rows, cols].

    Values are bits: 1 .. 2^ValueWidth - 1.
    """
    width = parameters["ValueWidth"]
    rows, cols = mask.shape
    matrix = np.zeros(mask.shape, dtype=np.int64)
    across, down, number = 1, 1, 1 << 10
    if kind.name == "codebook":
        down, across = parameters["RegionsRow"], parameters["RegionsCol"]
        number = (1 << parameters["CodeWidth"]) - 1
    elif kind.name == "huffman":
        number = 12
    for top in range(0, rows, rows // down):
        for left in range(0, cols, cols // across):
            part = slice(top, top + rows // down), slice(left, left + cols // across)
            values = pool(draw, width, number)
            # Uneven, for the sake of code lengths.
            at = draw.integers(values.size, size=mask[part].shape)
            at = np.minimum(at, draw.integers(values.size, size=at.shape))
            matrix[part] = values[at] * mask[part]
    return matrix


def make(
    kind: Kind | Encoder,
    parameters: Parameters,
    draw: np.random.Generator,
    density: str,
    structure: str,
) -> NDArray[np.int64]:
    """A matrix of this class with values."""
    return fill(kind, parameters, make_mask(kind, parameters, draw, density, structure), draw)


def classes(kind: Kind | Encoder, parameters: Parameters) -> list[tuple[str, str]]:
    """The classes that exist in a configuration."""
    found = reachable(kind.capped, shape_class(parameters["TileRows"], parameters["TileCols"]))
    if 2 * part_of_line(kind, parameters) >= 1:
        return found
    return [(d, s) for d, s in found if d != "middle" and s in ("none", "uniform", "banded")]


def part_of_line(kind: Kind | Encoder, parameters: Parameters) -> float:
    """How much of a line may be non-zero."""
    if kind.name == "nm":
        return parameters["GroupN"] / parameters["GroupM"]
    return parameters["Kss"] / parameters["TileCols"] if kind.name == "periodic" else 1.0
