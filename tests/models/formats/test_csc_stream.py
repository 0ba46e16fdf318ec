"""CSC with relative index as a tile stream: EIE's arrays and scipy as oracles, faults, cycles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from models.formats import csc as eie
from models.formats.base import FormatError
from models.formats.csc import Csc
from tests.models.formats.examples import free_matrix, random_matrix
from tests.models.formats.streams import as_fault, stream


@given(seed=st.integers(0, 2**32), density=st.sampled_from((0, 0.1, 1)))
def test_scipy(seed: int, density: float) -> None:
    """With runs wide enough for every gap, entries and pointers are scipy's."""
    matrix = free_matrix(np.random.default_rng(seed), density, 8)
    encoded = Csc(8, 16).encode(matrix)
    oracle = sparse.csc_array(matrix)
    assert np.array_equal(encoded["pointers"], oracle.indptr)
    assert np.array_equal(encoded["values"], oracle.data)
    for start, end in zip(oracle.indptr, oracle.indptr[1:], strict=False):
        rows = np.cumsum(encoded["runs"][start:end] + 1) - 1
        assert np.array_equal(rows, oracle.indices[start:end])


@given(seed=st.integers(0, 2**32), idx_width=st.integers(1, 8))
def test_same_as_eie_with_one_pe(seed: int, idx_width: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = random_matrix(rng, (int(rng.integers(1, 60)), int(rng.integers(1, 6))), 0.1, 8)
    encoded = Csc(8, idx_width).encode(matrix)
    arrays = eie.encode(matrix, 1, idx_width, 8)
    assert np.array_equal(encoded["values"], arrays.codes[0])
    assert np.array_equal(encoded["runs"], arrays.idx[0])
    assert np.array_equal(encoded["pointers"], arrays.pointers[0])
    assert Csc(8, idx_width).size(encoded).total == sum(arrays.size_bits().values())


def test_stream_field_by_field() -> None:
    """EIE's own example: 0 0 1 2, eighteen zeros, 3; an empty column before it."""
    matrix = np.zeros((23, 2), dtype=int)
    matrix[[2, 3, 22], 1] = 1, 2, 3
    parts = [(0, 16), (0, 16), (4, 16)]
    parts += [part for v, run in ((1, 2), (2, 0), (0, 15), (3, 2)) for part in ((v, 8), (run, 4))]
    csc = Csc(8, 4, 16)
    words = csc.words(csc.encode(matrix), 32)
    assert np.array_equal(words, stream(4, parts, 32))
    tile = csc.read(words, (23, 2))
    assert tile.rows.tolist() == [2, 3, 22] and tile.cols.tolist() == [1, 1, 1]
    assert tile.eol.tolist() == [False, False, True]


GOOD = [0, 2, 2, 3]


@pytest.mark.parametrize(
    ("count", "pointers", "entries", "fault", "before"),
    [
        (3, GOOD, [(1, 2), (2, 0), (3, 3)], None, 3),
        (3, GOOD, [(0, 3), (2, 1), (3, 3)], None, 2),
        (19, GOOD, [], ("HEADER", 0), 0),
        (3, [0, 2, 1, 3], [], ("POINTER", 2), 0),
        (3, [0, 0], [], ("SHORT", 0), 0),
        (3, GOOD, [(1, 2), (2, 0)], ("SHORT", 2), 2),
        (3, GOOD, [(1, 2), (2, 3), (3, 3)], ("INDEX", 1), 1),
        (3, GOOD, [(0, 2), (2, 0), (3, 3)], ("PLACEHOLDER", 0), 0),
        (3, GOOD, [(1, 1), (0, 3), (3, 3)], ("PLACEHOLDER", 1), 1),
        (3, GOOD, [(1, 2), (2, 0), (0, 3)], ("PLACEHOLDER", 2), 2),
        (3, GOOD, [(1, 2), (0, 3), (3, 3)], ("INDEX", 1), 1),
    ],
)
def test_faults(count: int, pointers, entries, fault, before: int) -> None:
    parts = [(p, 16) for p in pointers] + [x for v, run in entries for x in ((v, 14), (run, 2))]
    tile = Csc(14, 2, 16).read(stream(count, parts, 32), (6, 3))
    assert as_fault(tile) == fault and tile.values.size == before


def test_steps_by_hand() -> None:
    csc = Csc(8, 1, 16)  # 5 pointers in 3 groups
    matrix = np.zeros((6, 4), dtype=int)
    assert csc.steps(csc.words(csc.encode(matrix), 32), (6, 4)) == 4
    matrix[5, 1] = 1  # two placeholders, then the value
    assert csc.steps(csc.words(csc.encode(matrix), 32), (6, 4)) == 4 + 1 + 3
    matrix[0, 3] = 1
    assert csc.steps(csc.words(csc.encode(matrix), 32), (6, 4)) == 4 + 1 + 3 + 1 + 1


@pytest.mark.parametrize(
    ("name", "at", "value", "text", "cheap"),
    [
        ("pointers", 1, 5, r"pointers\[2\]: smaller", True),
        ("pointers", 2, 3, r"pointers\[2\]: found 3, need 4", True),
        ("runs", 3, 3, r"runs\[3\]: past the line of 6", False),
        ("runs", 0, 4, r"runs\[0\]: outside 0\.\.3", False),
        ("values", 3, 0, r"runs\[3\]: placeholder without", False),
        ("values", 1, 256, r"values\[1\]: outside", False),
    ],
)
def test_check(name: str, at: int, value: int, text: str, cheap: bool) -> None:
    csc = Csc(8, 2)
    encoded = csc.encode([[0, 0], [0, 0], [0, 0], [0, 4], [0, 0], [5, 6]])
    assert encoded["pointers"].tolist() == [0, 2, 4]
    encoded.arrays[name][at] = value
    if not cheap:
        csc.check(encoded)
    with pytest.raises(FormatError, match=text):
        csc.check(encoded, full=not cheap)


def test_parameters() -> None:
    for args in ((8, 0, 16), (8, 17, 16), (8, 4, 0), (8, 4, 33)):
        with pytest.raises(ValueError, match="_width"):
            Csc(*args)
    with pytest.raises(ValueError, match="ptr_width: 2 bits"):
        Csc(8, 4, 2).encode(np.eye(4, dtype=int))
