"""BSR: scipy as the oracle, the layout bit by bit, every fault, steps by hand."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from models.formats.base import FormatError, Size
from models.formats.bsr import Bsr
from tests.models.formats.examples import random_matrix
from tests.models.formats.streams import as_fault, stream

FMT = Bsr(value_width=4, block_rows=2, block_cols=2, ptr_width=5)
MATRIX = np.array(
    [
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 2],
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [3, 0, 0, 0, 0, 4],
        [0, 0, 0, 0, 0, 0],
    ]
)
POINTERS = [0, 1, 1, 3]
BLOCKS = [(2, [1, 0, 0, 2]), (0, [3, 0, 0, 0]), (2, [0, 4, 0, 0])]


def tile(count=3, pointers=POINTERS, blocks=BLOCKS, word_width=32) -> np.ndarray:
    """A stream from its fields."""
    parts = [(pointer, 5) for pointer in pointers]
    for bcol, values in blocks:
        parts += [(bcol, 2), *((value, 4) for value in values)]
    return stream(count, parts, word_width)


def fault(**fields) -> tuple[str, int] | None:
    return as_fault(FMT.read(tile(**fields), (6, 6)))


@given(
    st.integers(0, 2**32 - 1),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.sampled_from([0.0, 0.05, 0.3, 1.0]),
)
def test_scipy_has_the_same_blocks(seed, block, grid, density):
    shape = block[0] * grid[0], block[1] * grid[1]
    matrix = random_matrix(np.random.default_rng(seed), shape, density, 8)
    theirs = sparse.bsr_array(sparse.coo_array(matrix), blocksize=block)
    theirs.sort_indices()
    encoded = Bsr(8, *block).encode(matrix)
    assert np.array_equal(encoded["pointers"], theirs.indptr)
    assert np.array_equal(encoded["bcols"], theirs.indices)
    assert np.array_equal(encoded["values"], theirs.data.reshape(-1, block[0] * block[1]))


@pytest.mark.parametrize("word_width", [32, 64, 128, 256])
def test_the_stream_bit_by_bit(word_width):
    encoded = FMT.encode(MATRIX)
    assert np.array_equal(FMT.words(encoded, word_width), tile(word_width=word_width))
    assert FMT.size(encoded) == Size(values=48, indices=6, pointers=20)
    read = FMT.read(tile(word_width=word_width), (6, 6))
    assert read.rows.tolist() == [0, 1, 4, 4]
    assert read.cols.tolist() == [4, 5, 0, 5]
    assert read.values.tolist() == [1, 2, 3, 4]
    assert read.eol.tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"count": 10}, ("HEADER", 0)),
        ({"pointers": [1, 1, 1, 3]}, ("POINTER", 0)),
        ({"pointers": [0, 2, 1, 3]}, ("POINTER", 2)),
        ({"pointers": [0, 4, 4, 4]}, ("POINTER", 1)),
        ({"pointers": [0, 1, 1, 2]}, ("POINTER", 3)),
        ({"blocks": [(3, [1, 0, 0, 2]), *BLOCKS[1:]]}, ("INDEX", 0)),
        ({"blocks": [*BLOCKS[:2], (0, [0, 4, 0, 0])]}, ("ORDER", 2)),
        ({"blocks": [*BLOCKS[:2], (3, [0, 4, 0, 0])]}, ("INDEX", 2)),
        ({"blocks": [*BLOCKS, (2, [0, 0, 0, 1])]}, ("PADDING", 3)),
        ({"blocks": [BLOCKS[0], (2, [3, 0, 0, 0]), (2, [0, 4, 0, 0])]}, ("ORDER", 2)),
        ({"blocks": [*BLOCKS, BLOCKS[0], BLOCKS[0]]}, ("LONG", 3)),
    ],
)
def test_faults(fields, expected):
    assert fault(**fields) == expected


def test_a_block_of_zeros_is_legal_and_leaves_the_line_end_where_it_is():
    read = FMT.read(tile(blocks=[*BLOCKS[:2], (1, [0, 0, 0, 0])]), (6, 6))
    assert read.error is None
    assert read.eol.tolist() == [False, True, True]


def test_a_truncated_block_is_short_whatever_its_column():
    # 20 bits of pointers: block 0 starts at bit 20 and ends behind the first payload word.
    for bcol in (2, 3):
        words = tile(blocks=[(bcol, [1, 0, 0, 2]), *BLOCKS[1:]])[:2]
        read = FMT.read(words, (6, 6))
        assert as_fault(read) == ("SHORT", 0)
        assert read.values.tolist() == ([1] if bcol == 2 else [])
    # Pointers are judged in stream order, before the lack of later ones.
    assert as_fault(FMT.read(stream(3, [(1, 5)]), (6, 6))) == ("POINTER", 0)
    assert as_fault(Bsr(4, 2, 2, 17).read(stream(0, [(0, 17)], 32), (6, 6))) == ("SHORT", 0)


def test_a_partial_block_keeps_to_the_matrix():
    fmt = Bsr(4, 2, 2, 5)
    encoded = fmt.encode([[1, 0, 2]])
    assert fmt.size(encoded) == Size(values=12, indices=2, pointers=10, padding=20)
    assert fmt.decode(encoded).tolist() == [[1, 0, 2]]
    bad = stream(1, [(0, 5), (1, 5), (1, 1), (2, 4), (3, 4), (0, 8)])
    read = fmt.read(bad, (1, 3))
    assert as_fault(read) == ("INDEX", 0)
    assert read.values.tolist() == [2]
    below = stream(1, [(0, 5), (1, 5), (1, 1), (2, 4), (0, 4), (1, 4), (0, 4)])
    assert as_fault(fmt.read(below, (1, 3))) == ("INDEX", 0)
    values = encoded["values"].copy()
    values[1, 3] = 1
    wrong = replace(encoded, arrays={**encoded.arrays, "values": values})
    with pytest.raises(FormatError, match=r"values\[1\]: a value past the matrix"):
        fmt.check(wrong, full=True)
    with pytest.raises(FormatError, match="past the matrix"):
        fmt.decode(wrong)


@pytest.mark.parametrize(
    ("array", "at", "value", "text"),
    [
        ("pointers", 0, 1, r"pointers\[0\]: found 1"),
        ("pointers", 2, 0, r"pointers\[2\]: smaller"),
        ("pointers", 3, 9, r"pointers\[3\]: found 9, need 3"),
        ("bcols", 1, 3, r"bcols\[1\]: outside 0..2"),
        ("bcols", 1, 2, r"bcols\[2\]: not behind"),
        ("values", (1, 0), 0, r"values\[1\]: a stored block without"),
        ("values", (1, 0), 16, r"values"),
    ],
)
def test_check_names_field_and_position(array, at, value, text):
    encoded = FMT.encode(MATRIX)
    changed = encoded[array].copy()
    changed[at] = value
    with pytest.raises(FormatError, match=text):
        FMT.check(replace(encoded, arrays={**encoded.arrays, array: changed}), full=True)


def test_more_blocks_than_a_pointer_counts():
    assert Bsr(1, 1, 1, 2).encode(np.ones((1, 3), dtype=int)).count == 3
    with pytest.raises(ValueError, match="ptr_width: 2 bits do not count 4 blocks"):
        Bsr(1, 1, 1, 2).encode(np.ones((1, 4), dtype=int))


def test_steps_by_hand():
    # Header 1. Four pointers of 5 bits in one group: 2. Blocks of 18 bits in words of 32:
    # 12 bits are there in cycle 2, so block 0 starts in cycle 3: one step for its 4 slots with
    # 4 lanes; then the row without blocks; then a block a cycle.
    assert FMT.steps(tile(), (6, 6), 4) == 6
    # One lane: block 0 takes two steps (values 1 and 2), block 1 one for its value 3 and one for
    # the zeros behind it, block 2 two likewise.
    assert FMT.steps(tile(), (6, 6), 1) == 2 + 2 + 1 + 2 + 2
    # Nothing behind the last block: a trailing row without blocks is not walked.
    words = tile(1, [0, 1, 1, 1], BLOCKS[:1])
    assert FMT.steps(words, (6, 6), 4) == 3
    assert FMT.steps(tile(0, [0, 0, 0, 0], []), (6, 6)) == 2


def clocked(fmt: Bsr, matrix: np.ndarray, lanes: int) -> int:
    """Cycle of the last step, word by word through a queue of five, seen two words far."""
    encoded = fmt.encode(matrix)
    words = fmt.words(encoded, 32)
    rows, cols = fmt.grid(matrix.shape)
    group = 32 // fmt.ptr_width
    todo: list[tuple] = [("bits", 32)]
    lines = rows + 1
    todo += [("bits", min(group, lines - at) * fmt.ptr_width) for at in range(0, lines, group)]
    pointers = encoded["pointers"].tolist()
    for start, end in itertools.pairwise(pointers):
        if start == encoded.count:
            break
        todo += [("block", values) for values in encoded["values"][start:end].tolist()]
        todo += [("bits", 0)] * (start == end)
    sent = stored = offset = cycle = done = 0
    bcol = max(1, (cols - 1).bit_length())
    while todo:
        room, take = stored < 5, 0
        seen = min(32 * stored - offset, 64)
        kind, what = todo[0]
        if kind == "bits" and seen >= what:
            take = what
            todo.pop(0)
        elif kind == "block" and (done or seen >= bcol):
            take = 0 if done else bcol
            slots, found = done - (done > 0), 0
            left = min((seen - take) // fmt.value_width, 32 // fmt.value_width, len(what) - slots)
            for value in what[slots : slots + left]:
                slots, found, take = slots + 1, found + (value != 0), take + fmt.value_width
                if found == lanes:
                    break
            done = slots + 1  # the column is taken, too
            if slots == len(what):
                done = 0
                todo.pop(0)
        gone, offset = divmod(offset + take, 32)
        stored -= gone
        if room and sent < len(words):
            sent, stored = sent + 1, stored + 1
        cycle += 1
    return cycle - 1


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([(8, 2, 2, 5), (16, 2, 2, 9), (4, 1, 8, 8), (31, 1, 2, 6), (1, 4, 4, 8)]),
    st.sampled_from([0.02, 0.2, 1.0]),
)
def test_steps_against_a_clock(seed, args, density):
    fmt = Bsr(*args)
    matrix = random_matrix(np.random.default_rng(seed), (8, 16), density, args[0])
    matrix[:2] = 0  # empty rows in front: words gather
    if density < 1:
        matrix[4:6] = 0
    if args[1:3] == (2, 2) and fmt.ptr_width == 5:
        matrix[:, 14:] = 0  # no more blocks than five bits count
    words = fmt.words(fmt.encode(matrix), 32)
    for lanes in (1, 4, 16):
        assert fmt.steps(words, matrix.shape, lanes) == clocked(fmt, matrix, lanes)
