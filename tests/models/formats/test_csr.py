"""CSR: scipy as the oracle, field by field, faults, cycles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from models.formats.base import FormatError
from models.formats.csr import Csr
from tests.models.formats.examples import free_matrix
from tests.models.formats.streams import as_fault, stream


@given(seed=st.integers(0, 2**32), density=st.sampled_from((0, 0.1, 1)))
def test_scipy(seed: int, density: float) -> None:
    matrix = free_matrix(np.random.default_rng(seed), density, 8)
    encoded = Csr(8).encode(matrix)
    oracle = sparse.csr_array(matrix)
    assert np.array_equal(encoded["pointers"], oracle.indptr)
    assert np.array_equal(encoded["cols"], oracle.indices)
    assert np.array_equal(encoded["values"], oracle.data)


def test_stream_field_by_field() -> None:
    matrix = np.array([[0, 9, 0, 0, 3], [0, 0, 0, 0, 0], [200, 0, 0, 0, 1]])
    parts = [(pointer, 12) for pointer in (0, 2, 2, 4)]
    for value, col in ((9, 1), (3, 4), (200, 0), (1, 4)):
        parts += [(value, 8), (col, 3)]
    csr = Csr(8, 12)
    encoded = csr.encode(matrix)
    for word_width in (32, 64):
        words = csr.words(encoded, word_width)
        assert np.array_equal(words, stream(4, parts, word_width))
    size = csr.size(encoded)
    assert (size.values, size.indices, size.pointers, size.total) == (32, 12, 48, 92)


GOOD = [0, 1, 1, 3]


@pytest.mark.parametrize(
    ("count", "pointers", "entries", "fault", "before"),
    [
        (3, GOOD, [(1, 2), (2, 0), (3, 2)], None, 3),
        (10, GOOD, [], ("HEADER", 0), 0),
        (3, [0, 1], [], ("SHORT", 0), 0),
        (3, [1, 1, 1, 3], [], ("POINTER", 0), 0),
        (3, [0, 1, 0, 3], [], ("POINTER", 2), 0),
        (3, [0, 4, 4, 4], [], ("POINTER", 1), 0),
        (3, [0, 1, 1, 2], [], ("POINTER", 3), 0),
        (3, GOOD, [(1, 2), (2, 0)], ("SHORT", 2), 2),
        (3, GOOD, [(1, 2), (2, 3), (3, 2)], ("INDEX", 1), 1),
        (3, GOOD, [(1, 2), (2, 2), (3, 2)], ("ORDER", 2), 2),
        (3, GOOD, [(1, 2), (2, 2), (3, 1)], ("ORDER", 2), 2),
        (3, GOOD, [(1, 2), (0, 0), (3, 1)], ("PLACEHOLDER", 1), 1),
        (3, GOOD, [(1, 2), (2, 1), (0, 1)], ("ORDER", 2), 2),
        (3, GOOD, [(1, 2), (2, 1), (0, 3)], ("INDEX", 2), 2),
    ],
)
def test_faults(count: int, pointers, entries, fault, before: int) -> None:
    parts = [(p, 16) for p in pointers] + [x for v, c in entries for x in ((v, 14), (c, 2))]
    tile = Csr(14, 16).read(stream(count, parts, 32), (3, 3))
    assert as_fault(tile) == fault and tile.values.size == before


def test_steps_by_hand() -> None:
    csr = Csr(8, 16)  # 5 pointers in 3 groups; 10 bits an entry
    matrix = np.zeros((4, 4), dtype=int)
    assert csr.steps(csr.words(csr.encode(matrix), 32), (4, 4)) == 4  # all empty: no more
    matrix[1, :2] = 1
    assert csr.steps(csr.words(csr.encode(matrix), 32), (4, 4)) == 4 + 1 + 2
    matrix[3, 3] = 1
    assert csr.steps(csr.words(csr.encode(matrix), 32), (4, 4)) == 4 + 1 + 2 + 1 + 1
    assert csr.steps(csr.words(csr.encode(matrix), 256), (4, 4)) == 2 + 1 + 2 + 1 + 1
    odd = Csr(8, 12)  # 2 in a group: bits 24, 48, 60 have come after 1, 2, 2 words
    assert odd.steps(odd.words(odd.encode(matrix * 0), 32), (4, 4)) == 4


def test_pointers_must_hold_the_count() -> None:
    Csr(8, 4).encode(np.eye(15, dtype=int))
    with pytest.raises(ValueError, match="ptr_width: 4 bits cannot point behind 16"):
        Csr(8, 4).encode(np.eye(16, dtype=int))
    for width in (0, 33):
        with pytest.raises(ValueError, match="ptr_width"):
            Csr(8, width)


@pytest.mark.parametrize(
    ("name", "at", "value", "text", "cheap"),
    [
        ("pointers", 0, 1, r"pointers\[0\]: found 1, need 0", True),
        ("pointers", 1, 4, r"pointers\[2\]: smaller", True),
        ("pointers", 2, 2, r"pointers\[2\]: found 2, need 3", True),
        ("cols", 1, 3, r"cols\[1\]: outside 0\.\.2", False),
        ("cols", 2, 0, r"cols\[2\]: not behind", False),
        ("values", 1, 0, r"values\[1\]: a stored zero", False),
        ("values", 1, -1, r"values\[1\]: outside 0\.\.255", False),
    ],
)
def test_check(name: str, at: int, value: int, text: str, cheap: bool) -> None:
    encoded = Csr(8).encode([[5, 0, 0], [6, 0, 7]])
    encoded.arrays[name][at] = value
    if not cheap:
        Csr(8).check(encoded)
    with pytest.raises(FormatError, match=text):
        Csr(8).check(encoded, full=not cheap)
    if cheap or ("outside 0..2" in text.replace("\\", "") and name == "cols"):
        with pytest.raises(FormatError, match=text):
            Csr(8).decode(encoded)
