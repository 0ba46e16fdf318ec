"""Codebook: every inner format, regions, the layout bit by bit, every fault, steps by hand."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.base import FormatError, Size
from models.formats.bitmap import Bitmap
from models.formats.blockmap import Blockmap
from models.formats.bsr import Bsr
from models.formats.codebook import Codebook
from models.formats.coo import Coo
from models.formats.csc import Csc
from models.formats.csr import Csr
from models.formats.dense import Dense
from models.formats.ellpack import Ell
from models.formats.huffman import Huffman
from models.formats.nm import Nm
from models.formats.periodic import Periodic
from models.formats.rle import Rle
from models.quantization.codebook import quantize_weights
from tests.models.formats.streams import as_fault, stream

FMT = Codebook(value_width=6, inner=Rle(2, 3), regions_row=2, regions_col=1)
MATRIX = np.array([[0, 9, 0], [7, 0, 9], [0, 0, 0], [0, 33, 0]])
BOOKS = [[0, 7, 9, 9], [0, 33, 33, 33]]
ENTRIES = [(2, 1), (1, 1), (2, 1), (1, 4)]  # code, run

INNERS = [
    Dense(3),
    Bitmap(3),
    Blockmap(3, 2, 2),
    Rle(3, 2),
    Csr(3, 8),
    Csc(3, 2, 8),
    Coo(3),
    Bsr(3, 2, 2, 8),
    Ell(3),
    Nm(3, 4, 4),
    Huffman(3),
    Huffman(3, 4),
    Periodic(3, 6),
]


def tile(count=4, books=BOOKS, entries=ENTRIES, word_width=32) -> np.ndarray:
    """A stream from its fields."""
    parts = [(value, 6) for book in books for value in book]
    parts += [part for code, run in entries for part in ((code, 2), (run, 3))]
    return stream(count, parts, word_width)


@pytest.mark.parametrize("inner", INNERS, ids=lambda inner: f"{inner.name}-{inner.value_width}")
@given(seed=st.integers(0, 2**32 - 1))
def test_every_format_may_be_inside(inner, seed):
    rng = np.random.default_rng(seed)
    fmt = Codebook(12, inner, 2, 3)
    matrix = (rng.random((4, 6)) < 0.5) * rng.choice(rng.integers(1, 4096, 7), (4, 6))
    encoded = fmt.encode(matrix)
    fmt.check(encoded, full=True)
    assert np.array_equal(fmt.decode(encoded), matrix)
    read = fmt.read(fmt.words(encoded), matrix.shape)
    assert read.error is None and np.array_equal(read.matrix(matrix.shape), matrix)
    codes = fmt.codes(encoded)
    assert fmt.size(encoded).total == inner.size(codes).total + 6 * 8 * 12
    words = inner.words(codes)
    plain = inner.read(words, matrix.shape)
    assert np.array_equal(plain.rows, read.rows) and np.array_equal(plain.cols, read.cols)
    assert np.array_equal(plain.eol, read.eol)
    assert fmt.lanes == inner.lanes
    for lanes in fmt.lanes:
        # The table takes 48 steps; its bits let the payload begin at most a word later.
        extra = fmt.steps(fmt.words(encoded), matrix.shape, lanes)
        assert abs(extra - inner.steps(words, matrix.shape, lanes) - 48) <= 1


@pytest.mark.parametrize("word_width", [32, 64, 128, 256])
def test_the_stream_bit_by_bit(word_width):
    encoded = FMT.encode(MATRIX)
    assert np.array_equal(FMT.words(encoded, word_width), tile(word_width=word_width))
    assert FMT.size(encoded) == Size(values=8, indices=12, tables=48)
    read = FMT.read(tile(word_width=word_width), MATRIX.shape)
    assert np.array_equal(read.matrix(MATRIX.shape), MATRIX)


def test_regions_are_those_of_the_contract():
    fmt = Codebook(8, Dense(4), 2, 3)
    for row in range(4):
        for col in range(9):
            assert fmt.region(row, col, (4, 9)) == (row // 2) * 3 + col // 3
    # Edges are rounded up: 5 rows in two regions are 3 and 2.
    assert [fmt.region(row, 0, (5, 9)) // 3 for row in range(5)] == [0, 0, 0, 1, 1]


def test_local_books_hold_more_values_than_one_book():
    matrix = np.arange(1, 13).reshape(4, 3)
    assert np.array_equal(
        Codebook(8, Dense(2), 4, 1).decode(Codebook(8, Dense(2), 4, 1).encode(matrix)), matrix
    )
    with pytest.raises(ValueError, match="region 0 holds 12 different non-zeros, 2 bits name 3"):
        Codebook(8, Dense(2)).encode(matrix)


def test_weights_of_the_quantizer_fit():
    weights = np.random.default_rng(1).normal(size=(16, 16))
    weights[np.abs(weights) < 1] = 0
    integers = quantize_weights(weights, bits=4, width=16).integers
    fmt = Codebook(16, Rle(4, 4))
    encoded = fmt.encode(integers)
    assert np.array_equal(fmt.decode(encoded, signed=True), integers)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"count": 13}, ("HEADER", 0)),
        ({"books": [[1, 7, 9, 9], BOOKS[1]]}, ("CODE", 0)),
        ({"books": [BOOKS[0], [0, 33, 0, 33]]}, ("CODE", 1)),
        ({"entries": [*ENTRIES[:3], (1, 7)]}, ("INDEX", 3)),
        ({"entries": [*ENTRIES[:3], (0, 3)]}, ("PLACEHOLDER", 3)),
        ({"entries": [(3, 0), *ENTRIES[1:]]}, None),
        ({"books": [[0, 7, 7, 1], BOOKS[1]]}, None),
    ],
)
def test_faults(fields, expected):
    assert as_fault(FMT.read(tile(**fields), MATRIX.shape)) == expected


def test_what_is_missing_is_short():
    # 48 bits of tables; entries of 5 bits: three in the second word.
    assert as_fault(FMT.read(tile()[:2], MATRIX.shape)) == ("SHORT", 0)
    read = FMT.read(tile()[:3], MATRIX.shape)
    assert as_fault(read) == ("SHORT", 3)
    assert read.values.tolist() == [9, 7, 9]
    # A fault in the table counts before what is missing behind it.
    bad = tile(books=[[0, 7, 0, 9], BOOKS[1]])
    assert as_fault(FMT.read(bad[:2], MATRIX.shape)) == ("CODE", 0)


@pytest.mark.parametrize(
    ("at", "value", "text"),
    [
        ((1, 0), 1, r"codebooks\[1\]: entry 0 is not 0"),
        ((0, 3), 0, r"codebooks\[0\]: an entry but the first is 0"),
        ((0, 3), 64, r"codebooks.*outside 0\.\.63"),
        ((0, 3), 10, r"codebooks\[0\]: not the values of its region"),
    ],
)
def test_check_names_field_and_position(at, value, text):
    encoded = FMT.encode(MATRIX)
    books = encoded["codebooks"].copy()
    books[at] = value
    with pytest.raises(FormatError, match=text):
        FMT.check(replace(encoded, arrays={**encoded.arrays, "codebooks": books}), full=True)


def test_faults_of_the_codes_come_through_check():
    encoded = FMT.encode(MATRIX)
    arrays = {**encoded.arrays, "runs": encoded["runs"] + 7}
    with pytest.raises(FormatError, match="runs"):
        FMT.check(replace(encoded, arrays=arrays), full=True)


def test_widths():
    with pytest.raises(ValueError, match="inner.value_width: 16"):
        Codebook(16, Dense(16))
    with pytest.raises(ValueError, match="regions_col: 0"):
        Codebook(16, Dense(4), 1, 0)


def test_steps_by_hand():
    # Header, eight entries of tables, four entries.
    assert FMT.steps(tile(), MATRIX.shape) == 1 + 8 + 4


def test_large_matrix_in_seconds():
    rng = np.random.default_rng(5)
    matrix = (rng.random((4096, 4096)) < 0.1) * rng.integers(1, 16, (4096, 4096)) * 4095
    fmt = Codebook(16, Bitmap(4), 4, 4)
    start = time.perf_counter()
    size = fmt.size(fmt.encode(matrix))
    assert size.tables == 16 * 16 * 16 and size.indices == matrix.size
    assert time.perf_counter() - start < 20
