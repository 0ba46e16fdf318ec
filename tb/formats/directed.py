"""Tiles of the directed tests: matrices, or tiles by hand where no encoder would make the tile.

``directed(kind, parameters, draw, name)`` yields what ``Kind.events`` names. A configuration may
have no room for some (a zero run longer than the tile); coverage asks for each in some other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb.formats import hand_made
from tb.formats.kinds import Encoder, Kind, Parameters
from tb.formats.layout import MAX_LENGTH, EncodedTile, symbol_width
from tb.formats.tiles import cap, fill

Matrix = NDArray[np.int64]
Item = Matrix | EncodedTile


def _filled(kind: Kind, p: Parameters, draw: np.random.Generator, mask: NDArray) -> Matrix:
    return fill(kind, p, cap(kind, p, mask.astype(bool), draw), draw)


def _flat(
    kind: Kind, p: Parameters, draw: np.random.Generator, places: list[int]
) -> Iterator[Matrix]:
    """A tile with non-zeros at flat positions; none if one is past the tile."""
    shape = p["TileRows"], p["TileCols"]
    if max(places, default=0) < shape[0] * shape[1]:
        mask = np.zeros(shape[0] * shape[1], dtype=bool)
        mask[places] = True
        yield _filled(kind, p, draw, mask.reshape(shape))


def _line_sets(count: int) -> list[set[int]]:
    """Which of ``count`` lines are empty."""
    last = count - 1
    sets = [{0}, {last}, {0, 1}, {last - 1, last}, {count // 2}, {1, 2}, {0, last}]
    sets += [set(range(1, count)), set(range(last)), set(range(count)) - {count // 2}]
    return [s for s in sets if s and min(s) >= 0 and max(s) <= last and len(s) < count]


def rows(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Rows and columns (blocks of them) without non-zeros: first, last, inner, successive."""
    shape = p["TileRows"], p["TileCols"]
    for axis, unit in ((0, p.get("BlockRows", 1)), (1, p.get("BlockCols", 1))):
        for empty in _line_sets(shape[axis] // unit):
            for density in (0.3, 1.0):
                mask = draw.random(shape) < density
                lines = np.isin(np.arange(shape[axis]) // unit, list(empty))
                mask[lines if axis == 0 else (slice(None), lines)] = False
                yield _filled(kind, p, draw, mask)


def zeros(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Single non-zeros at every tenth of the tile, so that whole words are zero; full words."""
    size = p["TileRows"] * p["TileCols"]
    for at in sorted({0, size - 1, *range(0, size, max(1, size // 10))}):
        yield from _flat(kind, p, draw, [at])
        yield from _flat(kind, p, draw, [0, at] if at else [0])
    yield from _flat(kind, p, draw, list(range(size // 2)))
    yield from _flat(kind, p, draw, list(range(size // 2, size)))


def borders(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """0, 1, 2, ... non-zeros, so that the payload ends everywhere in a word; packed and spread."""
    size = p["TileRows"] * p["TileCols"]
    for count in range(min(size, 24) + 1):
        yield from _flat(kind, p, draw, list(range(count)))
        yield from _flat(kind, p, draw, sorted(draw.choice(size, count, replace=False).tolist()))


def masks(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Masks of zeros and of ones, first, last and in succession."""
    block = p.get("BlockRows", 1), p.get("BlockCols", 1)
    units = p["TileRows"] // block[0], p["TileCols"] // block[1]
    size, width = units[0] * units[1], p["WordWidth"]
    chunks = -(-size // width)
    for empty in [*_line_sets(chunks), set(range(chunks)), set()]:
        for density in (0.1, 1.0):
            kept = draw.random(size) < density
            kept &= ~np.isin(np.arange(size) // width, list(empty))
            yield _filled(kind, p, draw, np.kron(kept.reshape(units), np.ones(block)))


def blocks(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Blocks with one non-zero at each place, full ones."""
    block = p["BlockRows"], p["BlockCols"]
    units = p["TileRows"] // block[0], p["TileCols"] // block[1]
    for place in range(block[0] * block[1]):
        one = np.zeros(block[0] * block[1])
        one[place] = 1
        yield _filled(kind, p, draw, np.kron(draw.random(units) < 0.5, one.reshape(block)))
    yield _filled(kind, p, draw, np.kron(draw.random(units) < 0.5, np.ones(block)))
    yield _filled(kind, p, draw, np.kron(np.ones(units), draw.random(block) < 0.5))


def runs(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Zero runs up to, at and past what a field holds, at the top and behind an entry."""
    width = p["IdxWidth"] if kind.name == "csc" else p.get("RunWidth", 0)
    most = (1 << width) - 1
    for zeros_before in (0, 1, most, most + 1, 2 * most, 2 * most + 1, 2 * most + 2, 3 * most + 3):
        if kind.name == "csc":
            yield from _columns(kind, p, draw, zeros_before)
            continue
        for first in range(4):
            lead = list(range(first))
            yield from _flat(kind, p, draw, [*lead, first + zeros_before])
            yield from _flat(kind, p, draw, [*lead, first + zeros_before, first + zeros_before + 1])


def _columns(kind: Kind, p: Parameters, draw: np.random.Generator, gap: int) -> Iterator[Matrix]:
    """The run in every column, at its top, and behind a first entry; with and without rest."""
    shape = p["TileRows"], p["TileCols"]
    for lead in (0, 1, 2):
        if lead + gap < shape[0]:
            mask = np.zeros(shape, dtype=bool)
            mask[:lead] = mask[lead + gap] = True
            yield _filled(kind, p, draw, mask)
            mask[:, ::2] = False
            yield _filled(kind, p, draw, mask)


def placeholders(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Several placeholders in a row, at every place of a word; one non-zero at the end."""
    size = p["TileRows"] * p["TileCols"]
    step = 1 << (p["IdxWidth"] if kind.name == "csc" else p.get("RunWidth", 0))
    for lead in range(9):
        for number in (1, 2, 3):
            places = [*range(lead), lead + number * step]
            yield from _flat(kind, p, draw, places)
    yield from _flat(kind, p, draw, [size - 1])
    yield from _flat(kind, p, draw, [0, size - 1] if size > 1 else [0])


def rail(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Pointers as large as they get: full tiles, all in the first or the last line."""
    shape = p["TileRows"], p["TileCols"]
    for part in (slice(None), slice(0, 1), slice(-1, None)):
        for axis in (0, 1):
            mask = np.zeros(shape, dtype=bool)
            mask[part if axis == 0 else (slice(None), part)] = True
            yield _filled(kind, p, draw, mask)


def slots(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """0 to C slots, rows that use all of them, and rows that use none."""
    shape = p["TileRows"], p["TileCols"]
    for most in range(shape[1] + 1):
        mask = np.zeros(shape, dtype=bool)
        for row in range(shape[0]):
            used = most if row == shape[0] // 2 else int(draw.integers(most + 1))
            mask[row, draw.choice(shape[1], used, replace=False)] = True
        yield _filled(kind, p, draw, mask)


def groups(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Every choice of positions in a group (at most 200 of them), alone and mixed."""
    number, span = p["GroupN"], p["GroupM"]
    shape = p["TileRows"], p["TileCols"]
    chosen = [c for k in range(number + 1) for c in combinations(range(span), k)][:200]
    total = shape[0] * shape[1] // span
    mixed = [chosen[i % len(chosen)] for i in range(-(-len(chosen) // total) * total)]
    for batch in (*([one] * total for one in chosen[:12]), *np.split(np.arange(len(mixed)), 1)):
        picks: Any = [mixed[i] for i in batch] if isinstance(batch, np.ndarray) else batch
        for start in range(0, len(picks), total):
            mask = np.zeros((total, span), dtype=bool)
            for at, pick in enumerate(picks[start : start + total]):
                mask[at, list(pick)] = True
            yield _filled(kind, p, draw, mask.reshape(shape))


def codes(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Tables with every length from 1 to 16, flat ones, one code, lengths that leave codes free."""
    width, size = symbol_width(p), p["TileRows"] * p["TileCols"]
    most, low = 1 << width, (1 << p["ValueWidth"]) - 1
    # Symbols with a value and no run: they fit at any place.
    plain = list(range(1, low + 1))
    for spread in (
        [*range(1, MAX_LENGTH), MAX_LENGTH, MAX_LENGTH],
        [MAX_LENGTH],
        [1],
        [1, 1],
        [2, 2, 2],
        [3] * 8,
        [1, *[5] * 16],
        [MAX_LENGTH] * 5,
    ):
        if len(spread) > min(most, len(plain)):
            continue
        symbols = draw.permutation(plain)[: len(spread)].tolist()
        table = list(zip(symbols, sorted(spread), strict=True))
        said = [symbols[i % len(symbols)] for i in range(size)]
        yield hand_made.huffman(p, said, table)
        yield hand_made.huffman(p, said[::-1], table)


def patterns(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """Periods 1, 2, the rows less one, the rows, and more where the decoder can; patterns full, of
    all sizes in turn, and all but one or two without positions.
    """
    rows_, cols, kss = p["TileRows"], p["TileCols"], p["Kss"]
    most = p.get("MaxPeriod", 255)
    for period in sorted({1, 2, 3, rows_ - 1, rows_, rows_ + 1, most}):
        if 1 <= period <= min(most, 2 * rows_ + 2):
            top = (1 << p["ValueWidth"]) - 1
            turn = np.arange(period)
            full = np.full(period, kss)
            for sizes, share in (
                (full, 0.5),
                (full, 1.0),
                (draw.permutation(turn % (kss + 1)), 0.8),
                (full * (turn == period - 1), 1.0),
                (full * (turn == 0), 1.0),
                (0 * full, 1.0),
            ):
                table = [sorted(draw.choice(cols, n, replace=False).tolist()) for n in sizes]
                number = sum(len(table[row % period]) for row in range(rows_))
                values = draw.integers(1, top, number, endpoint=True)
                values = values * (draw.random(values.size) < share)
                yield hand_made.periodic(p, table, values.tolist())


def regions(kind: Kind, p: Parameters, draw: np.random.Generator) -> Iterator[Item]:
    """All regions full, each region empty, only one in use."""
    shape, parts = (p["TileRows"], p["TileCols"]), (p["RegionsRow"], p["RegionsCol"])
    number = parts[0] * parts[1]
    unit = np.ones((shape[0] // parts[0], shape[1] // parts[1]))
    for one in range(number):
        for chosen in (np.arange(number) != one, np.arange(number) == one, np.ones(number)):
            yield _filled(kind, p, draw, np.kron(chosen.reshape(parts), unit))


_MAKERS: dict[str, Callable[..., Iterator[Item]]] = {
    maker.__name__: maker
    for maker in (
        rows,
        zeros,
        borders,
        masks,
        blocks,
        runs,
        placeholders,
        rail,
        slots,
        groups,
        codes,
        patterns,
        regions,
    )
}


def directed(
    kind: Kind | Encoder, p: Parameters, draw: np.random.Generator, name: str
) -> Iterator[Item]:
    """Tiles of one directed test."""
    return _MAKERS[name](kind, p, draw)
