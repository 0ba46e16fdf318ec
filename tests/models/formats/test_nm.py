"""N:M: groups by hand, the layout bit by bit, every fault, metadata words of GPUs, steps."""

import time
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.base import FormatError, Size
from models.formats.nm import Nm, gpu_metadata, gpu_reordered
from tests.models.formats.examples import nm_matrix
from tests.models.formats.streams import as_fault, stream

FMT = Nm(value_width=4, group_n=2, group_m=4)
FMT8 = Nm(value_width=8)
MATRIX = np.array([[0, 7, 0, 9, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 2, 3]])
SLOTS = [(7, 1), (9, 3), (0, 0), (0, 1), (1, 0), (0, 1), (2, 2), (3, 3)]


def tile(slots=SLOTS, count=8, word_width=32, pos_width=2) -> np.ndarray:
    """A stream from (value, position) slots."""
    parts = [part for value, pos in slots for part in ((value, 4), (pos, pos_width))]
    return stream(count, parts, word_width)


@given(st.integers(0, 2**32 - 1), st.sampled_from([(2, 4), (1, 4), (4, 8), (3, 16), (2, 5)]))
def test_groups_by_hand(seed, kind):
    n, m = kind
    matrix = nm_matrix(n, m)(np.random.default_rng(seed), 0.4, 8)
    encoded = Nm(8, n, m).encode(matrix)
    slots = list(zip(encoded["values"].tolist(), encoded["positions"].tolist(), strict=True))
    for row in matrix:
        for start in range(0, row.size, m):
            group = row[start : start + m].tolist() + [0] * (start + m - min(start + m, row.size))
            mine, slots = slots[:n], slots[n:]
            assert [pos for _, pos in mine] == sorted({pos for _, pos in mine})
            assert {pos: value for value, pos in mine if value} == {
                pos: value for pos, value in enumerate(group) if value
            }
            fillers = [pos for value, pos in mine if not value]
            assert fillers == [pos for pos in range(m) if not group[pos]][: len(fillers)]
    assert slots == []


@pytest.mark.parametrize("word_width", [32, 64, 128, 256])
def test_the_stream_bit_by_bit(word_width):
    encoded = FMT.encode(MATRIX)
    assert np.array_equal(FMT.words(encoded, word_width), tile(word_width=word_width))
    assert FMT.size(encoded) == Size(values=20, indices=10, padding=18)
    read = FMT.read(tile(word_width=word_width), MATRIX.shape)
    assert np.array_equal(read.matrix(MATRIX.shape), MATRIX)
    assert read.eol.tolist() == [False, True, False, False, True]


def test_the_share_of_dense_is_that_of_the_literature():
    """2:4 costs 0.5 + 2/(4 bits of value) of dense: 0.5625, 0.625, 0.75 for 16, 8, 4 bits."""
    matrix = np.tile([1, 0, 1, 0], (8, 8))
    for width, share in ((16, 0.5625), (8, 0.625), (4, 0.75)):
        fmt = Nm(width)
        assert fmt.size(fmt.encode(matrix)).total == share * matrix.size * width


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({1: (9, 1)}, ("ORDER", 1)),
        ({1: (9, 0)}, ("ORDER", 1)),
        ({3: (0, 0)}, ("ORDER", 3)),
        ({2: (0, 2), 3: (0, 3)}, None),
        ({1: (0, 3)}, None),
    ],
)
def test_faults(change, expected):
    slots = [change.get(at, slot) for at, slot in enumerate(SLOTS)]
    assert as_fault(FMT.read(tile(slots), MATRIX.shape)) == expected


def test_framing_and_positions_past_the_group():
    assert as_fault(FMT.read(tile(count=7), MATRIX.shape)) == ("HEADER", 0)
    assert as_fault(FMT.read(tile()[:2], MATRIX.shape)) == ("SHORT", 5)
    five = Nm(4, 1, 5)
    assert as_fault(five.read(tile([(1, 4)], 1, 32, 3), (1, 5))) is None
    assert as_fault(five.read(tile([(1, 5)], 1, 32, 3), (1, 5))) == ("INDEX", 0)
    assert as_fault(five.read(tile([(0, 7)], 1, 32, 3), (1, 5))) == ("INDEX", 0)
    # A group that the row cuts: fillers may lie past the row, values may not.
    assert as_fault(five.read(tile([(0, 4)], 1, 32, 3), (1, 4))) is None
    assert as_fault(five.read(tile([(1, 4)], 1, 32, 3), (1, 4))) == ("INDEX", 0)


def test_a_group_that_is_too_full_is_named():
    matrix = np.zeros((3, 10), dtype=int)
    matrix[2, 4:7] = 1
    with pytest.raises(ValueError, match=r"row 2, columns 4\.\.7 hold 3 non-zeros, 2 allowed"):
        FMT.encode(matrix)


@pytest.mark.parametrize(
    ("array", "at", "value", "text"),
    [
        ("positions", 1, 4, r"positions\[1\]: outside 0..3"),
        ("positions", 1, 1, r"positions\[1\]: not behind"),
        ("positions", 5, 2, r"positions\[5\]: a filler"),
        ("values", 0, 16, r"values\[0\]: outside 0..15"),
    ],
)
def test_check_names_field_and_position(array, at, value, text):
    encoded = FMT.encode(MATRIX)
    changed = encoded[array].copy()
    changed[at] = value
    with pytest.raises(FormatError, match=text):
        FMT.check(replace(encoded, arrays={**encoded.arrays, array: changed}), full=True)


def test_a_value_past_the_row_is_refused():
    encoded = FMT.encode([[0, 0, 1]])
    moved = {**encoded.arrays, "positions": np.array([0, 3]), "values": np.array([0, 1])}
    with pytest.raises(FormatError, match=r"positions\[1\]: past the row"):
        FMT.decode(replace(encoded, arrays=moved))


def test_steps_by_hand():
    # 6 bits a slot, 5 a step. One lane: 7; 9; (0, 0, 1); (0, 2); 3.
    assert FMT.steps(tile(), MATRIX.shape, 1) == 6
    # Four lanes: (7, 9, 0, 0, 1); (0, 2, 3), the fourth non-zero never reached.
    assert FMT.steps(tile(), MATRIX.shape, 4) == 3
    assert FMT.steps(tile(), MATRIX.shape, 16) == 3


# The nibble of every pair of positions, from the compressors of the GPU libraries.
NIBBLES = {(0, 1): 4, (0, 2): 8, (0, 3): 12, (1, 2): 9, (1, 3): 13, (2, 3): 14}


def test_every_pair_of_positions_as_gpu_metadata():
    for chunk in range(4):
        for pair in combinations(range(4), 2):
            row = np.tile([1, 1, 0, 0], 4)
            row[4 * chunk : 4 * chunk + 4] = [pos in pair for pos in range(4)]
            word = int(gpu_metadata(FMT.encode([row]))[0, 0])
            nibbles = [word >> 4 * at & 15 for at in range(4)]
            assert nibbles == [NIBBLES[pair] if at == chunk else 4 for at in range(4)]


@given(st.integers(0, 2**32 - 1))
def test_gpu_words_hold_rising_pairs_and_the_two_widths_agree(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 16, (8, 16, 4)) * rng.permuted(
        np.tile([1, 1, 0, 0], (8, 16, 1)), axis=2
    )
    encoded = FMT.encode(matrix.reshape(8, 64))
    short, long = gpu_metadata(encoded, 16), gpu_metadata(encoded, 32)
    assert short.dtype == np.uint16 and short.shape == (8, 4)
    assert long.dtype == np.uint32 and long.shape == (8, 2)
    assert np.array_equal(long, short[:, ::2] | short[:, 1::2].astype(np.uint32) << 16)
    nibbles = (short[:, :, None] >> np.arange(0, 16, 4) & 15).reshape(-1)
    assert set(nibbles.tolist()) <= set(NIBBLES.values())
    # The GPU's reading of it: value k of a chunk is at the k-th pair of bits.
    dense = np.zeros((8 * 16, 4), dtype=np.int64)
    for chunk, nibble in enumerate(nibbles.tolist()):
        for k in range(2):
            dense[chunk, nibble >> 2 * k & 3] = encoded["values"][2 * chunk + k]
    assert np.array_equal(dense.reshape(8, 64), matrix.reshape(8, 64))


def test_one_of_two_is_written_as_halves():
    encoded = Nm(32, 1, 2).encode([[1, 0, 0, 1, 1, 0, 1, 0]])
    assert hex(gpu_metadata(encoded)[0, 0]) == "0x44e4"


@pytest.mark.parametrize(
    ("fmt", "shape", "word_bits", "text"),
    [
        (Nm(8, 4, 8), (1, 16), 16, "need 2:4 or 1:2"),
        (FMT, (1, 16), 8, "word_bits: 8"),
        (FMT, (1, 24), 16, "columns: 24 is no multiple of 16"),
        (FMT, (1, 16), 32, "columns: 16 is no multiple of 32"),
    ],
)
def test_what_has_no_gpu_metadata(fmt, shape, word_bits, text):
    with pytest.raises(ValueError, match=text):
        gpu_metadata(fmt.encode(np.zeros(shape, dtype=int)), word_bits)


@pytest.mark.parametrize(("dtype", "group", "spread"), [(np.uint16, 32, 4), (np.uint32, 16, 2)])
def test_the_order_of_the_library_word_by_word(dtype, group, spread):
    words = np.arange(64 * 6, dtype=dtype).reshape(64, 6)
    moved = gpu_reordered(words)
    assert moved.dtype == dtype
    for row in range(64):
        for col in range(6):
            to = row // group * group + row % 8 * spread + row % group // 8
            # The 2x2 square it falls into is mirrored: its off-diagonal words change places.
            square = to // 2 * 2, col // 2 * 2
            at = square[0] + col % 2, square[1] + to % 2
            assert moved[at] == words[row, col]


@pytest.mark.parametrize("shape", [(16, 2), (32, 3)])
def test_words_that_do_not_fill_the_squares(shape):
    with pytest.raises(ValueError, match="need multiples of"):
        gpu_reordered(np.zeros(shape, dtype=np.uint16))


def test_large_matrix_in_seconds():
    rng = np.random.default_rng(5)
    matrix = rng.integers(1, 256, (4096, 4096)) * np.tile([0, 1, 0, 1], (4096, 1024))
    start = time.perf_counter()
    assert FMT8.size(FMT8.encode(matrix)).total == matrix.size * 5
    assert time.perf_counter() - start < 20
