"""Block bitmap: scipy's BSR as the oracle of the blocks, faults, cycles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from models.formats.base import FormatError
from models.formats.blockmap import Blockmap, from_blocks, to_blocks
from tests.models.formats.examples import random_matrix
from tests.models.formats.streams import as_fault, stream


@given(
    seed=st.integers(0, 2**32),
    density=st.sampled_from((0, 0.05, 1)),
    block=st.sampled_from(((1, 1), (4, 4), (2, 3), (1, 8))),
)
def test_scipy(seed: int, density: float, block: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(1, 6)) * block[0], int(rng.integers(1, 6)) * block[1]
    matrix = random_matrix(rng, shape, density, 8)
    encoded = Blockmap(8, *block).encode(matrix)
    oracle = sparse.bsr_array(matrix, blocksize=block)
    oracle.sort_indices()
    assert np.array_equal(encoded["values"], oracle.data.reshape(-1, block[0] * block[1]))
    rows = np.repeat(np.arange(shape[0] // block[0]), np.diff(oracle.indptr))
    kept = rows * (shape[1] // block[1]) + oracle.indices
    assert np.array_equal(np.flatnonzero(encoded["mask"]), kept)


def test_stream_field_by_field() -> None:
    matrix = np.zeros((4, 68), dtype=int)  # 2 x 34 blocks of 2x2: three masks of 32
    matrix[1, 1], matrix[0, 66], matrix[2, 0], matrix[3, 67] = 1, 2, 3, 4
    parts = [(1, 32), *((v, 8) for v in (0, 0, 0, 1))]
    parts += [((1 << 1) | (1 << 2), 32), *((v, 8) for v in (2, 0, 0, 0, 3, 0, 0, 0))]
    parts += [(1 << 3, 32), *((v, 8) for v in (0, 0, 0, 4))]
    blocks = Blockmap(8, 2, 2)
    words = blocks.words(blocks.encode(matrix), 32)
    assert np.array_equal(words, stream(4, parts, 32))
    tile = blocks.read(words, matrix.shape)
    assert tile.values.tolist() == [1, 2, 3, 4] and tile.eol.tolist() == [False, True, False, True]


def test_partial_blocks_are_padding() -> None:
    blocks = Blockmap(8, 2, 2)
    encoded = blocks.encode(np.ones((3, 3), dtype=int))
    size = blocks.size(encoded)
    assert (size.values, size.padding, size.indices) == (9 * 8, 7 * 8, 4)
    assert np.array_equal(blocks.decode(encoded), np.ones((3, 3)))


ONE = [(0b10, 32), *((v, 8) for v in (0, 7, 8, 0))]


@pytest.mark.parametrize(
    ("shape", "count", "parts", "fault", "before"),
    [
        ((4, 4), 1, ONE, None, 2),
        ((4, 4), 5, ONE, ("HEADER", 0), 0),
        ((4, 4), 0, ONE, ("COUNT", 0), 0),
        ((4, 4), 2, ONE, ("COUNT", 1), 2),
        ((4, 4), 1, ONE[:1], ("SHORT", 0), 0),
        ((2, 2), 1, ONE, ("INDEX", 0), 0),
        ((4, 3), 1, ONE, ("INDEX", 0), 0),
        ((4, 4), 2, [(0b11, 32), *((1, 8) for _ in range(4))], ("SHORT", 1), 4),
        ((4, 4), 1, [(0b10, 32), *((0, 8) for _ in range(4))], None, 0),
        ((4, 4), 1, [*ONE, (0, 1)], ("LONG", 1), 2),
        ((4, 4), 0, [], ("SHORT", 0), 0),
        ((4, 4), 0, [(0, 32)], None, 0),
    ],
)
def test_faults(shape, count: int, parts, fault, before: int) -> None:
    tile = Blockmap(8, 2, 2).read(stream(count, parts, 32), shape)
    assert as_fault(tile) == fault and tile.values.size == before


def test_padding_behind_the_last_block() -> None:
    words = stream(1, [(1, 32), *((v, 5) for v in (1, 2, 3, 4)), (1, 12)], 32)
    assert as_fault(Blockmap(5, 2, 2).read(words, (4, 4))) == ("PADDING", 1)


def test_steps_by_hand() -> None:
    blocks = Blockmap(8, 2, 2)  # a block is a word of 32
    for matrix, cycles in (
        (np.zeros((4, 4)), (2, 2)),
        (np.ones((4, 4)), (18, 6)),  # the mask, then 16 values in 1 or 4 lanes
        (np.eye(4), (2 + 2 + 2, 2 + 2)),  # 1 | 0 0 1 twice, or a block a cycle
        (np.eye(4)[::-1], (2 + 3 + 3, 2 + 2)),  # 0 1 | 1 | 0 twice
    ):
        words = blocks.words(blocks.encode(matrix.astype(int)), 32)
        assert tuple(blocks.steps(words, (4, 4), lanes) for lanes in (1, 4)) == cycles
    # A step ends with its block: two of 2 values take two cycles.
    small = Blockmap(8, 1, 2)
    words = small.words(small.encode(np.eye(4, dtype=int)), 32)
    assert small.steps(words, (4, 4), 16) == 2 + 4
    # The next mask is taken with the end of the last block, if it has come.
    words = blocks.words(blocks.encode(np.ones((2, 128), dtype=int)), 32)
    assert blocks.steps(words, (2, 128), 4) == 2 + 32 + 1 + 32


def test_blocks_and_back() -> None:
    matrix = np.arange(1, 16).reshape(3, 5)
    blocks = to_blocks(matrix, 2, 2)
    assert blocks.shape == (6, 4) and np.array_equal(from_blocks(blocks, (3, 5), 2, 2), matrix)
    for block, element in ((3, 2), (2, 1), (5, 3)):  # below, to the right, both
        wrong = blocks.copy()
        wrong[block, element] = 9
        with pytest.raises(FormatError, match="past the matrix"):
            from_blocks(wrong, (3, 5), 2, 2)


@pytest.mark.parametrize(
    ("name", "at", "value", "text"),
    [
        ("mask", 1, 2, r"mask\[1\]: outside 0\.\.1"),
        ("mask", 1, 0, "mask: found 1 ones, need 2"),
        ("values", (0, slice(None)), 0, r"values\[0\]: a stored block"),
        ("values", (1, 1), 5, r"values\[1\]: a value past the matrix"),
        ("values", (1, 1), 999, r"values\[5\]: outside"),
    ],
)
def test_check(name: str, at, value: int, text: str) -> None:
    blocks = Blockmap(8, 2, 2)
    encoded = blocks.encode([[5, 0, 1], [0, 6, 0]])
    encoded.arrays[name][at] = value
    blocks.check(encoded)
    with pytest.raises(FormatError, match=text):
        blocks.check(encoded, full=True)


@pytest.mark.parametrize("args", [(8, 0, 1), (8, 1, 0), (8, 257, 1)])
def test_parameters(args: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="block_"):
        Blockmap(*args)
