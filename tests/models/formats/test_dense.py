"""Dense tile streams: numpy's bytes as the oracle, faults, cycles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.base import FormatError
from models.formats.dense import Dense
from tests.models.formats.examples import free_matrix
from tests.models.formats.streams import as_fault, stream


@given(seed=st.integers(0, 2**32), width=st.sampled_from((8, 16, 32)))
def test_bytes_of_numpy(seed: int, width: int) -> None:
    matrix = free_matrix(np.random.default_rng(seed), 0.6, width)
    words = Dense(width).words(Dense(width).encode(matrix))
    raw = matrix.astype(f"<u{width // 8}").tobytes()
    assert words[1:].tobytes()[: len(raw)] == raw


def test_odd_width_straddles_words() -> None:
    matrix = np.arange(1, 13).reshape(3, 4) * 341 % 4096
    parts = [(value, 12) for value in matrix.ravel().tolist()]
    dense = Dense(12)
    for word_width in (32, 64, 128, 256):
        words = dense.words(dense.encode(matrix), word_width)
        assert np.array_equal(words, stream(12, parts, word_width))


@pytest.mark.parametrize(
    ("count", "values", "fault", "before"),
    [
        (3, [1, 2, 3], ("HEADER", 0), 0),
        (5, [1, 2, 3, 4, 5], ("HEADER", 0), 0),
        (4, [1, 0, 3, 4], None, 3),
        (4, [1] * 3 + [0] * 5, ("LONG", 4), 3),
    ],
)
def test_faults(count: int, values: list[int], fault, before: int) -> None:
    tile = Dense(8).read(stream(count, [(value, 8) for value in values], 32), (2, 2))
    assert as_fault(tile) == fault and tile.values.size == before


def test_short_in_the_middle_of_a_slot() -> None:
    words = stream(8, [(1, 12)] * 8, 32)
    assert len(words) == 4
    for kept, at in ((1, 0), (2, 2), (3, 5)):
        tile = Dense(12).read(words[:kept], (2, 4))
        assert as_fault(tile) == ("SHORT", at) and tile.values.size == at


def test_steps() -> None:
    dense = Dense(8)
    for matrix, cycles in (
        (np.zeros((2, 4)), (3, 3, 3)),
        (np.ones((2, 4)), (9, 3, 3)),
        (np.eye(4), (8, 5, 5)),  # one lane: 1, 0 0 0 0, 1, 0 0 0 0, 1, ...
        (np.zeros((0, 4)), (1, 1, 1)),
    ):
        words = dense.words(dense.encode(matrix.astype(int)), 32)
        found = tuple(dense.steps(words, matrix.shape, lanes) for lanes in (1, 4, 16))
        assert found == cycles


def test_check() -> None:
    encoded = Dense(4).encode([[1, 2], [3, 4]])
    encoded["values"][2] = 16
    Dense(4).check(encoded)
    with pytest.raises(FormatError, match=r"values\[2\]: outside 0\.\.15"):
        Dense(4).check(encoded, full=True)
    assert Dense(4).size(encoded).values == 16
