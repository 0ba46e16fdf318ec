"""ELLPACK: rows by hand, the layout bit by bit, every fault, steps by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.base import FormatError, Size
from models.formats.ellpack import Ell
from tests.models.formats.examples import random_matrix
from tests.models.formats.streams import as_fault, stream

FMT = Ell(value_width=4)
MATRIX = np.array([[0, 5, 0, 6, 0], [0, 0, 0, 0, 0], [7, 0, 0, 0, 8]])
SLOTS = [(5, 1), (6, 3), (0, 0), (0, 0), (7, 0), (8, 4)]


def tile(slots=SLOTS, count=2, word_width=32) -> np.ndarray:
    """A stream from (value, column) slots."""
    parts = [part for value, col in slots for part in ((value, 4), (col, 3))]
    return stream(count, parts, word_width)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.2, 1.0]))
def test_rows_by_hand(seed, density):
    matrix = random_matrix(np.random.default_rng(seed), (6, 9), density, 8)
    encoded = Ell(8).encode(matrix)
    assert encoded.count == max(np.count_nonzero(row) for row in matrix)
    for row, values, cols in zip(matrix, encoded["values"], encoded["cols"], strict=True):
        live = np.flatnonzero(row)
        rest = [0] * (encoded.count - live.size)
        assert cols.tolist() == live.tolist() + rest
        assert values.tolist() == row[live].tolist() + rest


@pytest.mark.parametrize("word_width", [32, 64, 128, 256])
def test_the_stream_bit_by_bit(word_width):
    encoded = FMT.encode(MATRIX)
    assert np.array_equal(FMT.words(encoded, word_width), tile(word_width=word_width))
    assert FMT.size(encoded) == Size(values=16, indices=12, padding=14)
    read = FMT.read(tile(word_width=word_width), MATRIX.shape)
    assert np.array_equal(read.matrix(MATRIX.shape), MATRIX)
    assert read.eol.tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({0: (5, 5)}, ("INDEX", 0)),
        ({1: (6, 1)}, ("ORDER", 1)),
        ({1: (6, 0)}, ("ORDER", 1)),
        ({3: (1, 2)}, ("PLACEHOLDER", 3)),
        ({2: (0, 1)}, ("PLACEHOLDER", 2)),
        ({3: (0, 1)}, ("PLACEHOLDER", 3)),
        ({3: (1, 5)}, ("INDEX", 3)),
        ({2: (0, 7)}, ("INDEX", 2)),
        ({2: (1, 4)}, None),
        ({5: (0, 0)}, None),
    ],
)
def test_faults(change, expected):
    slots = [change.get(at, slot) for at, slot in enumerate(SLOTS)]
    assert as_fault(FMT.read(tile(slots), MATRIX.shape)) == expected


def test_framing():
    assert as_fault(FMT.read(tile(count=6), MATRIX.shape)) == ("HEADER", 0)
    assert as_fault(FMT.read(tile()[:2], MATRIX.shape)) == ("SHORT", 4)
    # ErrLong is at the count of the header, slots of a row.
    longer = np.concatenate([tile(), np.zeros((1, 4), dtype=np.uint8)])
    assert as_fault(FMT.read(longer, MATRIX.shape)) == ("LONG", 2)
    assert FMT.read(tile([], 0), MATRIX.shape).error is None


@pytest.mark.parametrize(
    ("array", "at", "value", "text"),
    [
        ("cols", (0, 1), 5, r"cols\[1\]: outside 0..4"),
        ("cols", (1, 0), 1, r"cols\[2\]: a column in a slot without"),
        ("values", (1, 1), 1, r"values\[3\]: a value behind the end"),
        ("values", (0, 0), 16, r"values.*outside"),
        ("cols", (0, 1), 1, r"cols\[1\]: not behind"),
    ],
)
def test_check_names_field_and_position(array, at, value, text):
    encoded = FMT.encode(MATRIX)
    changed = encoded[array].copy()
    changed[at] = value
    with pytest.raises(FormatError, match=text):
        FMT.check(replace(encoded, arrays={**encoded.arrays, array: changed}), full=True)


def test_check_of_the_count():
    encoded = FMT.encode(MATRIX)
    with pytest.raises(FormatError, match="count: found 6 slots a row, allowed 0..5"):
        FMT.check(replace(encoded, count=6))
    wide = {name: np.pad(encoded[name], ((0, 0), (0, 1))) for name in ("values", "cols")}
    with pytest.raises(FormatError, match="count: no row fills its 3 slots"):
        FMT.check(replace(encoded, count=3, arrays=wide), full=True)


def test_steps_by_hand():
    # Slots of 7 bits, 4 a step: 5; 6; (two fillers, 7); 8.
    assert FMT.steps(tile(), MATRIX.shape) == 5
    # No payload: the header is the only step.
    assert FMT.steps(tile([], 0), MATRIX.shape) == 1
    # 32 + 3 bits a slot in words of 32: a slot waits for its second word.
    wide = Ell(32)
    words = wide.words(wide.encode([[1, 0, 0, 0, 1]]), 32)
    assert wide.steps(words, (1, 5)) == 4
