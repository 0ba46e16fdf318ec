"""COO: scipy as the oracle, entry by entry, faults, cycles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from models.formats.base import FormatError
from models.formats.coo import Coo
from tests.models.formats.examples import free_matrix
from tests.models.formats.streams import as_fault, stream


@given(seed=st.integers(0, 2**32), width=st.sampled_from((1, 8, 32)))
def test_scipy(seed: int, width: int) -> None:
    matrix = free_matrix(np.random.default_rng(seed), 0.4, width)
    encoded = Coo(width).encode(matrix)
    oracle = sparse.coo_array(matrix)
    oracle.sum_duplicates()
    order = np.lexsort((oracle.col, oracle.row))
    assert np.array_equal(encoded["rows"], oracle.row[order])
    assert np.array_equal(encoded["cols"], oracle.col[order])
    assert np.array_equal(encoded["values"], oracle.data[order])


def test_stream_field_by_field() -> None:
    matrix = np.array([[0, 9, 0, 0, 3], [0, 0, 0, 0, 0], [200, 0, 0, 0, 1]])
    parts = []
    for row, col in ((0, 1), (0, 4), (2, 0), (2, 4)):
        parts += [(int(matrix[row, col]), 8), (col, 3), (row, 2)]
    for word_width in (32, 64):
        words = Coo(8).words(Coo(8).encode(matrix), word_width)
        assert np.array_equal(words, stream(4, parts, word_width))
    assert Coo(8).size(Coo(8).encode(matrix)).indices == 4 * 5


@pytest.mark.parametrize(
    ("count", "entries", "fault", "before"),
    [
        (10, [], ("HEADER", 0), 0),
        (1, [], ("SHORT", 0), 0),
        (2, [(1, 3, 0), (1, 0, 1)], ("INDEX", 0), 0),
        (2, [(1, 0, 0), (1, 0, 3)], ("INDEX", 1), 1),
        (2, [(1, 2, 1), (1, 2, 1)], ("ORDER", 1), 1),
        (2, [(1, 2, 1), (1, 1, 1)], ("ORDER", 1), 1),
        (2, [(1, 2, 1), (1, 2, 0)], ("ORDER", 1), 1),
        (2, [(1, 2, 0), (0, 0, 1)], ("PLACEHOLDER", 1), 1),
        # Several faults of one entry: the lowest code.
        (2, [(1, 2, 2), (0, 3, 0)], ("INDEX", 1), 1),
        (2, [(1, 2, 2), (0, 1, 0)], ("ORDER", 1), 1),
        (2, [(1, 2, 0), (1, 0, 1)], None, 2),
    ],
)
def test_faults(count: int, entries: list[tuple[int, int, int]], fault, before: int) -> None:
    parts = [part for v, c, r in entries for part in ((v, 8), (c, 2), (r, 2))]
    tile = Coo(8).read(stream(count, parts, 32), (3, 3))
    assert as_fault(tile) == fault and tile.values.size == before


def test_steps_are_one_for_each_entry() -> None:
    coo = Coo(8)  # 12 bits an entry in a tile of 4x4
    for count, cycles in ((0, 1), (1, 2), (2, 3), (3, 4), (16, 17)):
        matrix = (np.arange(16) < count).reshape(4, 4).astype(int)
        assert coo.steps(coo.words(coo.encode(matrix), 32), (4, 4)) == cycles
    coo = Coo(32)  # 36 bits an entry, words of 32: entry e ends in word ceil(36 (e + 1) / 32)
    words = coo.words(coo.encode(np.ones((4, 4), dtype=int)), 32)
    assert coo.steps(words, (4, 4)) == 18 + 1


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("rows", [0, 2], r"rows\[1\]: outside 0\.\.1"),
        ("cols", [-1, 1], r"cols\[0\]: outside 0\.\.1"),
        ("cols", [1, 0], None),
        ("rows", [1, 0], r"cols\[1\]: not behind"),
        ("values", [4, 0], r"values\[1\]: a stored zero"),
        ("values", [4, 256], r"values\[1\]: outside 0\.\.255"),
    ],
)
def test_check(name: str, values: list[int], text: str | None) -> None:
    encoded = Coo(8).encode([[5, 0], [0, 6]])
    encoded.arrays[name][:] = values
    Coo(8).check(encoded)
    if text is None:
        Coo(8).check(encoded, full=True)
        return
    with pytest.raises(FormatError, match=text):
        Coo(8).check(encoded, full=True)
    if "outside 0..1" in text.replace("\\", ""):
        with pytest.raises(FormatError, match=text):
            Coo(8).decode(encoded)
