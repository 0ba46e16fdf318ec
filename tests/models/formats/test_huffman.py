"""Huffman: Huffman's own tree for the cost, the layout bit by bit, every fault, steps by hand."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.base import FormatError, Size
from models.formats.huffman import Huffman, two_stream_size
from models.formats.rle import Rle
from tests.models.formats.examples import free_matrix, random_matrix
from tests.models.formats.streams import as_fault, stream
from tests.models.formats.test_prefix import tree_cost

FMT = Huffman(value_width=4)
MATRIX = np.array([[0, 0, 3, 0], [5, 0, 0, 3]])
LENGTHS = [1, 2] + 14 * [0]
SYMBOLS = [0, 3, 5]  # 0, 10, 11
CODES = "0 0 10 0 11 0 0 10"


def tile(count=8, lengths=LENGTHS, symbols=SYMBOLS, codes=CODES, width=4, word_width=32):
    """A stream from its fields; the codes as text, first bit first."""
    parts = [(number, 16) for number in lengths] + [(symbol, width) for symbol in symbols]
    parts += [(int(bit), 1) for bit in codes if bit != " "]
    return stream(count, parts, word_width)


def fault(fmt=FMT, shape=(2, 4), **fields) -> tuple[str, int] | None:
    return as_fault(fmt.read(tile(**fields), shape))


@pytest.mark.parametrize("word_width", [32, 64, 128, 256])
def test_the_stream_bit_by_bit(word_width):
    encoded = FMT.encode(MATRIX)
    assert np.array_equal(FMT.words(encoded, word_width), tile(word_width=word_width))
    assert FMT.size(encoded) == Size(values=11, tables=256 + 12)
    read = FMT.read(tile(word_width=word_width), (2, 4))
    assert np.array_equal(read.matrix((2, 4)), MATRIX)
    assert read.eol.tolist() == [True, False, True]


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.5, 1.0]), st.integers(0, 4))
def test_the_cost_is_that_of_huffmans_tree(seed, density, run_width):
    matrix = free_matrix(np.random.default_rng(seed), density, 6)
    fmt = Huffman(6, run_width)
    encoded = fmt.encode(matrix)
    size = fmt.size(encoded)
    # So few symbols do not reach the limit: the best code without a limit is the best.
    assert size.values + size.padding == tree_cost(list(Counter(encoded["entries"]).values()))


def test_deep_codes_are_cut_at_16_and_come_back():
    counts = [1, 1]
    while sum(counts) < 100_000:
        counts.append(counts[-1] + counts[-2])
    flat = np.repeat(np.arange(len(counts)), counts)
    matrix = np.random.default_rng(3).permutation(flat)[: 300 * 300].reshape(300, 300)
    fmt = Huffman(8)
    encoded = fmt.encode(matrix)
    assert encoded["lengths"][15] > 0
    read = fmt.read(fmt.words(encoded), matrix.shape)
    assert read.error is None and np.array_equal(read.matrix(matrix.shape), matrix)


def test_every_length_of_a_code_comes_back():
    # Counts 2**15, 2**14, ..., 1, 1 give the lengths 1..16, the last one twice.
    counts = [1 << (15 - at) for at in range(16)] + [1]
    matrix = np.repeat(np.arange(17), counts).reshape(256, 256)
    fmt = Huffman(5)
    encoded = fmt.encode(matrix)
    assert encoded["lengths"].tolist() == 15 * [1] + [2]
    fmt.check(encoded, full=True)
    small = Huffman(5).encode(np.arange(17)[None, :])
    code = replace(
        small, arrays={**small.arrays, **{k: encoded[k] for k in ("lengths", "symbols")}}
    )
    read = fmt.read(fmt.words(code, 32), (1, 17))
    assert read.error is None and read.values.tolist() == list(range(1, 17))


def test_one_symbol_has_one_bit_and_no_symbol_has_no_table():
    one = FMT.encode(np.full((2, 2), 7))
    assert (one["lengths"][0], one["symbols"].tolist(), FMT.size(one).values) == (1, [7], 4)
    none = Huffman(4, 4).encode(np.zeros((3, 3), dtype=int))
    assert none.count == 0 and Huffman(4, 4).size(none) == Size(tables=256)
    assert Huffman(4, 4).read(Huffman(4, 4).words(none), (3, 3)).error is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"count": 7}, ("HEADER", 0)),
        ({"lengths": [1, 1, 1] + 13 * [0], "codes": "0 0 110 0 10 0 0 110"}, None),
        ({"lengths": [3] + 15 * [0]}, ("CODE", 0)),
        ({"lengths": [2, 1] + 14 * [0]}, ("CODE", 0)),
        ({"lengths": [0, 0, 0, 0, 17] + 11 * [0], "symbols": range(16)}, ("CODE", 0)),
        ({"lengths": [1] + 15 * [0], "symbols": [0], "codes": 8 * "0"}, None),
        ({"lengths": [1] + 15 * [0], "symbols": [0], "codes": "00" + 30 * "1"}, ("CODE", 2)),
        ({"codes": CODES + "1"}, ("PADDING", 8)),
        ({"codes": CODES + 32 * "0"}, ("LONG", 8)),
        ({"symbols": [0, 3, 3]}, None),
    ],
)
def test_faults(fields, expected):
    assert fault(**fields) == expected


def test_bits_that_run_out_are_short_even_where_no_code_begins_so():
    # 256 bits of table, 4 of symbol: 28 bits are left in the ninth word.
    fields = {"lengths": [1] + 15 * [0], "symbols": [0], "count": 40}
    assert fault(shape=(5, 8), **fields, codes=28 * "0") == ("SHORT", 28)
    assert fault(shape=(5, 8), **fields, codes=13 * "0" + 15 * "1") == ("SHORT", 13)
    assert fault(shape=(5, 8), **fields, codes=12 * "0" + 16 * "1") == ("CODE", 12)
    # The table: missing lengths, then missing symbols.
    assert as_fault(FMT.read(tile()[:8], (2, 4))) == ("SHORT", 0)
    assert as_fault(FMT.read(tile(lengths=[0, 0, 0, 16] + 12 * [0])[:9], (2, 4))) == ("SHORT", 0)
    # It is judged when all of its lengths are there, not before.
    assert as_fault(FMT.read(tile(lengths=[3] + 15 * [0])[:8], (2, 4))) == ("SHORT", 0)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        # value, run; a run has 2 bits, a placeholder run 3; 2x4 elements
        ([(1, 0), (0, 3), (2, 2)], None),
        ([(1, 0), (0, 2), (2, 2)], ("PLACEHOLDER", 1)),
        ([(1, 0), (0, 3)], ("PLACEHOLDER", 1)),
        ([(1, 3), (0, 3), (2, 0)], ("INDEX", 2)),
        ([(1, 3), (2, 3), (0, 0)], ("INDEX", 2)),
        ([(1, 3), (2, 2), (0, 3)], ("INDEX", 2)),
    ],
)
def test_faults_of_entries(entries, expected):
    """Run length inside: all symbols of 4 bits (value 2, run 2) with codes of 4 bits."""
    fmt = Huffman(2, 2)
    codes = "".join(format(value | run << 2, "04b") for value, run in entries)
    fields = {"lengths": [0, 0, 0, 16] + 12 * [0], "symbols": range(16)}
    assert fault(fmt, count=len(entries), codes=codes, **fields) == expected
    assert fault(fmt, count=9, codes=codes, **fields) == ("HEADER", 0)


@pytest.mark.parametrize(
    ("array", "value", "text"),
    [
        ("lengths", [3] + 15 * [0], "lengths.*more codes"),
        ("lengths", [1, -1, 3] + 13 * [0], r"lengths\[1\]: below 0"),
        ("lengths", [0, 3] + 14 * [0], "lengths: not those"),
        ("symbols", [0, 5, 3], "symbols: not those"),
        ("symbols", [0, 3, 16], r"symbols\[2\]: outside"),
        ("symbols", [0, 3], "symbols: found"),
        ("entries", [0, 0, 3, 0, 5, 0, 16, 3], r"entries\[6\]: outside"),
    ],
)
def test_check_names_field_and_position(array, value, text):
    encoded = FMT.encode(MATRIX)
    arrays = {**encoded.arrays, array: np.array(value)}
    with pytest.raises(FormatError, match=text):
        FMT.check(replace(encoded, arrays=arrays), full=True)


def test_a_symbol_without_a_code_is_named():
    encoded = FMT.encode(MATRIX)
    arrays = {**encoded.arrays, "entries": np.array([0, 0, 3, 0, 5, 0, 4, 3])}
    with pytest.raises(FormatError, match=r"entries\[6\]: a symbol without a code"):
        FMT.size(replace(encoded, arrays=arrays))
    with pytest.raises(FormatError, match="count: found 7 symbols for 8"):
        FMT.check(replace(encoded, count=7))


def test_widths_of_symbols():
    with pytest.raises(ValueError, match="run_width: 13 is not in 1..12"):
        Huffman(9, 4)
    with pytest.raises(ValueError, match="run_width: -1"):
        Huffman(9, -1)


def test_steps_by_hand():
    # Header 1, sixteen lengths, three symbols, eight codes: the bits are always there in time.
    assert FMT.steps(tile(), (2, 4)) == 1 + 16 + 3 + 8
    assert FMT.steps(tile(word_width=256), (2, 4)) == 1 + 16 + 3 + 8


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.05, 0.3, 1.0]))
def test_two_streams_cost_what_two_trees_cost(seed, density):
    matrix = random_matrix(np.random.default_rng(seed), (20, 30), density, 3)
    size = two_stream_size(matrix, 3, 4)
    runs = Rle(3, 4).encode(matrix)
    streams = [runs["values"].tolist(), runs["runs"].tolist()]
    bits = sum(tree_cost(list(Counter(stream).values())) for stream in streams)
    assert size.values + size.indices + size.padding == bits
    names = len(set(streams[0])) * 3 + len(set(streams[1])) * 4
    assert size.tables == 2 * 256 + names
    assert (size.padding > 0) == (runs["values"] == 0).any()
    with pytest.raises(ValueError, match="run_width: 0"):
        two_stream_size(matrix, 3, 0)
