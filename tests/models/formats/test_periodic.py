"""Periodic pattern: patterns found, the layout bit by bit, every fault, steps by hand."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.base import FormatError, Size
from models.formats.periodic import Periodic
from tests.models.formats.streams import as_fault, stream

FMT = Periodic(value_width=4, kss=2, max_period=3)
MATRIX = np.array([[1, 0, 2, 0, 0], [0, 3, 0, 0, 0], [5, 0, 0, 0, 0], [0, 6, 0, 0, 0]])
TABLE = [[0, 2], [1]]
VALUES = [1, 2, 3, 5, 0, 6]


def tile(count=6, period=None, table=TABLE, values=VALUES, word_width=32) -> np.ndarray:
    """A stream from its fields; a pattern is its columns, or (size, columns)."""
    parts = [(len(table) if period is None else period, 8)]
    for pattern in table:
        size, places = pattern if isinstance(pattern, tuple) else (len(pattern), pattern)
        parts += [(size, 2), *((pos, 3) for pos in places)]
    return stream(count, [*parts, *((value, 4) for value in values)], word_width)


def fault(**fields) -> tuple[str, int] | None:
    return as_fault(FMT.read(tile(**fields), MATRIX.shape))


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 4))
def test_the_patterns_of_the_compiler_are_found(seed, period, kss):
    """Rows in the order of their patterns: the table has them again, or fewer that do as well."""
    rng = np.random.default_rng(seed)
    patterns = [np.sort(rng.permutation(9)[:kss]) for _ in range(period)]
    matrix = np.zeros((3 * period, 9), dtype=np.int64)
    for row in range(3 * period):
        matrix[row, patterns[row % period]] = rng.integers(1, 256, kss)
    encoded = Periodic(8, kss).encode(matrix)
    found = int(encoded["period"][0])
    assert period % found == 0
    assert set(encoded["sizes"].tolist()) == {kss}
    table = encoded["patterns"].reshape(found, kss)
    assert all(np.array_equal(table[at % found], patterns[at]) for at in range(period))
    size = Periodic(8, kss).size(encoded)
    size_width = max(1, kss.bit_length())
    assert size == Size(values=3 * period * kss * 8, tables=8 + found * (size_width + kss * 4))


@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_patterns_of_any_size_are_found(seed, period):
    """One full kernel a period, one of no weight, the others between: nothing is filled up."""
    rng = np.random.default_rng(seed)
    sizes = [9, 0, *rng.integers(1, 9, period - 2)]
    patterns = [np.sort(rng.permutation(9)[:size]) for size in sizes]
    matrix = np.zeros((30 * period, 9), dtype=np.int64)
    for row in range(len(matrix)):
        matrix[row, patterns[row % period]] = rng.integers(1, 256, sizes[row % period])
    fmt = Periodic(8, 9)
    encoded = fmt.encode(matrix)
    assert encoded["sizes"].tolist() == sizes
    assert encoded["patterns"].tolist() == np.concatenate(patterns).tolist()
    size = fmt.size(encoded)
    assert size.padding == 0
    assert size.tables == 8 + period * 4 + sum(sizes) * 4
    assert np.array_equal(fmt.decode(encoded), matrix)


def test_the_period_of_the_fewest_bits_is_taken():
    """Of two patterns in turn one for both would store zeros; where it costs less, it does."""
    rows = np.array([[1, 0, 0], [0, 1, 0]])
    assert Periodic(1, 2).encode(rows)["period"].tolist() == [1]
    assert Periodic(1, 2).encode(np.tile(rows, (2, 1)))["period"].tolist() == [2]
    # Rows 0 and 1 share a pattern of two columns; row 2 would be a third column.
    encoded = FMT.encode([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert encoded["period"].tolist() == [3]
    assert encoded["patterns"].tolist() == [0, 1, 2]
    wide = Periodic(1, 2, 3).encode([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert wide["period"].tolist() == [2], "values of a bit: a table less is worth a zero"


@pytest.mark.parametrize("word_width", [32, 64, 128, 256])
def test_the_stream_bit_by_bit(word_width):
    encoded = FMT.encode(MATRIX)
    assert np.array_equal(FMT.words(encoded, word_width), tile(word_width=word_width))
    assert FMT.size(encoded) == Size(values=20, tables=21, padding=4)
    read = FMT.read(tile(word_width=word_width), MATRIX.shape)
    assert np.array_equal(read.matrix(MATRIX.shape), MATRIX)
    assert read.eol.tolist() == [False, True, True, True, True]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"count": 9}, ("HEADER", 0)),
        ({"count": 8}, ("COUNT", 6)),
        ({"count": 5}, ("COUNT", 5)),
        ({"count": 0}, ("COUNT", 0)),
        ({"period": 0}, ("HEADER", 0)),
        ({"table": 2 * TABLE}, ("HEADER", 0)),
        ({"table": [[0, 2], [1], [0]]}, None),
        ({"table": [[0, 2], [1], [0, 4]]}, ("COUNT", 6)),
        ({"table": [[0, 2], [1], []]}, ("COUNT", 5)),
        ({"table": [[0, 2], []], "count": 4, "values": VALUES[:4]}, None),
        ({"table": [[], [1, 4]], "count": 4, "values": VALUES[:4]}, None),
        ({"table": [[]], "count": 0, "values": []}, None),
        ({"table": [[]], "count": 1, "values": [1]}, ("COUNT", 0)),
        ({"table": [[0, 2], [5]]}, ("INDEX", 2)),
        ({"table": [[0, 7], [1]]}, ("INDEX", 1)),
        ({"table": [[0, 2], (3, [1, 2, 3])]}, ("INDEX", 2)),
        ({"table": [[2, 2], [1]]}, ("ORDER", 1)),
        ({"table": [[2, 1], [1]]}, ("ORDER", 1)),
        ({"table": [[3, 4], [0]]}, None),
        ({"table": TABLE[:1], "count": 8, "values": [*VALUES, 1, 1]}, None),
        ({"values": [*VALUES, *3 * [0], 1]}, ("PADDING", 6)),
        ({"values": [*VALUES, *8 * [0]]}, ("LONG", 6)),
    ],
)
def test_faults(fields, expected):
    assert fault(**fields) == expected


def test_what_is_missing_is_short():
    # 21 bits of table, then values of 4 bits: two of them in the first word.
    assert as_fault(FMT.read(tile()[:2], MATRIX.shape)) == ("SHORT", 2)
    assert as_fault(FMT.read(tile()[:1], MATRIX.shape)) == ("SHORT", 0)
    # Nine patterns of five columns: the table goes over five words of 32 bits.
    wide = Periodic(4, 5, 9)
    pattern = [(5, 3), *((pos, 3) for pos in range(5))]
    words = stream(20, [(9, 8), *(9 * pattern)], 32)
    assert len(words) > 5
    assert as_fault(wide.read(words[:5], MATRIX.shape)) == ("SHORT", 0)
    # What is wrong with the table counts before what is missing behind it.
    bad = stream(20, [(9, 8), (5, 3), (0, 3), (0, 3)], 32)
    assert as_fault(wide.read(bad, MATRIX.shape)) == ("ORDER", 1)


def test_a_support_wider_than_the_matrix_is_the_matrix():
    fmt = Periodic(4, 9)
    encoded = fmt.encode([[1, 0, 2]])
    assert (encoded.count, encoded["patterns"].tolist()) == (2, [0, 2])
    assert fmt.size(encoded).tables == 8 + 2 + 2 * 2  # sizes up to 3, columns up to 2
    assert fmt.encode(np.zeros((4, 0), dtype=int)).count == 0
    assert fmt.encode(np.zeros((0, 4), dtype=int))["period"].tolist() == [1]


def test_matrices_without_a_period():
    with pytest.raises(ValueError, match="row 1 holds 3 non-zeros, Kss is 2"):
        FMT.encode([[0, 0, 0], [1, 1, 1]])
    with pytest.raises(ValueError, match="no period up to 3 with 2 columns"):
        FMT.encode([[1, 1, 0], [0, 0, 0], [0, 0, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1], [0, 0, 1]])


@pytest.mark.parametrize(
    ("array", "value", "text"),
    [
        ("period", [0], r"period: found 0, allowed 1\.\.3"),
        ("period", [4], r"period: found 4, allowed 1\.\.3"),
        ("sizes", [2, 3], r"sizes\[1\]: outside 0\.\.2"),
        ("sizes", [2], r"sizes: .*2"),
        ("sizes", [1, 2], r"."),
        ("patterns", [0, 2, 5], r"patterns\[2\]: outside 0\.\.4"),
        ("patterns", [2, 0, 1], r"patterns\[1\]: not behind"),
        ("values", [1, 2, 3, 5, 0, 16], r"values\[5\]: outside"),
        ("values", [1, 0, 3, 5, 0, 6], r"patterns\[1\]: a column not in use"),
    ],
)
def test_check_names_field_and_position(array, value, text):
    encoded = FMT.encode(MATRIX)
    arrays = {**encoded.arrays, array: np.array(value)}
    with pytest.raises(FormatError, match=text):
        FMT.check(replace(encoded, arrays=arrays), full=True)


def test_a_longer_period_than_the_best_is_refused():
    """Twice the period says the same with a table twice as long."""
    encoded = FMT.encode(np.tile(MATRIX[:1], (4, 1)))
    twice = {"period": [2], "sizes": [2, 2], "patterns": [0, 2, 0, 2]}
    arrays = {**encoded.arrays, **{key: np.array(value) for key, value in twice.items()}}
    with pytest.raises(FormatError, match="period: found 2, 1 takes fewer bits"):
        FMT.check(replace(encoded, arrays=arrays), full=True)


def test_check_of_the_count():
    with pytest.raises(FormatError, match="count: found 5, need 6"):
        FMT.check(replace(FMT.encode(MATRIX), count=5))


def test_steps_by_hand():
    # Header, the period, five fields of table, six values, zeros among them.
    assert FMT.steps(tile(), MATRIX.shape) == 1 + 1 + 5 + 6
    # Two sizes, a position, two values, and a step for each of the two rows without values.
    bare = tile(table=[[], [1]], count=2, values=[3, 6])
    assert FMT.steps(bare, MATRIX.shape) == 1 + 1 + 3 + 2 + 2


def test_vgg_sized_layer_in_seconds():
    """512 * 512 kernels of 3x3, four weights kept, 32 patterns: an index of 616 bits."""
    rng = np.random.default_rng(5)
    patterns = np.argsort(rng.random((32, 9)), axis=1)[:, :4]
    matrix = np.zeros((512 * 512, 9), dtype=np.int64)
    np.put_along_axis(matrix, patterns[np.arange(512 * 512) % 32], 1, axis=1)
    fmt = Periodic(8, 4)
    start = time.perf_counter()
    size = fmt.size(fmt.encode(matrix * rng.integers(1, 256, matrix.shape)))
    assert time.perf_counter() - start < 20
    assert size == Size(values=512 * 512 * 4 * 8, tables=8 + 32 * (3 + 4 * 4))
