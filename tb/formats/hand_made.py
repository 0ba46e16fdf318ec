"""Tiles written by hand: Huffman tables and periodic patterns that no encoder would choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tb.formats.layout import (
    LENGTH_WIDTH,
    MAX_LENGTH,
    PERIOD_WIDTH,
    EncodedTile,
    Field,
    Parameters,
    bits,
    canonical,
    reversed_bits,
    symbol_width,
)


def entries_of(flat: Sequence[int], run_width: int, value_width: int) -> list[int]:
    """Run-length entries (value low, run high) of elements in flat order.

    >>> [hex(entry) for entry in entries_of([0, 0, 5, 0], 2, 8)]
    ['0x205']
    """
    found, run, most = [], 0, (1 << run_width) - 1
    for value in flat:
        if value:
            found += [most << value_width] * (run >> run_width)
            found.append(value | (run & most) << value_width)
            run = 0
        else:
            run += 1
    return found


def huffman(
    p: Parameters,
    symbols: Sequence[int],
    table: Sequence[tuple[int, int]],
    count: int | None = None,
) -> EncodedTile:
    """A Huffman tile.

    Args:
        symbols: what the codes say, in order; a negative one is 16 bits that are no code (all
            ones, for a table that leaves them free).
        table: (symbol, length) in canonical order.
        count: header, if not the number of symbols.
    """
    lengths = [sum(length == at for _, length in table) for at in range(1, MAX_LENGTH + 1)]
    codes = dict(zip((symbol for symbol, _ in table), canonical(lengths), strict=True))

    def fields() -> Iterator[Field]:
        for at, number in enumerate(lengths):
            yield Field("length", at, number, LENGTH_WIDTH)
        for at, (symbol, _) in enumerate(table):
            yield Field("symbol", at, symbol, symbol_width(p))
        for at, symbol in enumerate(symbols):
            if symbol < 0:
                yield Field("code", at, (1 << MAX_LENGTH) - 1, MAX_LENGTH)
            else:
                code, length = codes[symbol]
                yield Field("code", at, reversed_bits(code, length), length)

    header = len(symbols) if count is None else count
    return EncodedTile(p["WordWidth"], header, tuple(fields()))


def periodic(
    p: Parameters, patterns: Sequence[Sequence[int]], values: Sequence[int]
) -> EncodedTile:
    """A periodic tile of these patterns (columns, ascending)."""

    def fields() -> Iterator[Field]:
        yield Field("period", 0, len(patterns), PERIOD_WIDTH)
        at = 0
        for number, pattern in enumerate(patterns):
            yield Field("size", number, len(pattern), bits(p["Kss"] + 1))
            for position in pattern:
                yield Field("pos", at, position, bits(p["TileCols"]))
                at += 1
        for at, value in enumerate(values):
            yield Field("value", at, value, p["ValueWidth"])

    return EncodedTile(p["WordWidth"], len(values), tuple(fields()))
