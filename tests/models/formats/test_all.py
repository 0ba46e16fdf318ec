"""What holds for every registered format: round trip, size, stream, faults, steps.

Instances and the matrices they can encode are in ``examples.py``.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.formats import load_all
from models.formats.base import Fault, FormatError
from models.formats.bits import WORD_WIDTHS
from tests.models.formats.examples import EXAMPLES, Example, random_matrix
from tests.models.formats.streams import as_fault, flip


def over(examples: list[Example]) -> pytest.MarkDecorator:
    """A test for each of these examples."""
    return pytest.mark.parametrize("example", examples, ids=[example.id for example in examples])


every = over(EXAMPLES)
# The others take only some matrices and have edge cases of their own.
every_free = over([example for example in EXAMPLES if example.any_matrix])
seeds = st.integers(0, 2**32 - 1)
densities = st.sampled_from((0.0, 0.1, 0.5, 1.0))

EDGES = {
    "0x0": np.zeros((0, 0), dtype=np.int64),
    "0x5": np.zeros((0, 5), dtype=np.int64),
    "5x0": np.zeros((5, 0), dtype=np.int64),
    "one_zero": np.zeros((1, 1), dtype=np.int64),
    "one_element": np.ones((1, 1), dtype=np.int64),
    "all_zero": np.zeros((5, 7), dtype=np.int64),
    "all_non_zero": np.ones((5, 7), dtype=np.int64),
    "last_column_only": np.arange(7) // 6 * np.ones((5, 1), dtype=np.int64),
    "last_row_only": (np.arange(7) // 6)[:, None] * np.ones((1, 5), dtype=np.int64),
    "first_element_only": np.eye(5, 7, dtype=np.int64) * (np.arange(5) < 1)[:, None],
    "last_element_only": np.eye(5, 7, 2, dtype=np.int64) * (np.arange(5) > 3)[:, None],
    "empty_rows_between": np.diag([1, 0, 0, 1, 0]),
    "one_row": np.array([[0, 0, 1, 1, 0, 1]]),
    "one_column": np.array([[0, 1, 1, 0, 0]]).T,
    "diagonal_17": np.eye(17, dtype=np.int64),
    "zeros_600_then_one": np.arange(600)[None, :] // 599,
}


def same(one, other) -> bool:
    """Whether two encoded matrices hold the same fields."""
    return (
        one.shape == other.shape
        and one.count == other.count
        and one.arrays.keys() == other.arrays.keys()
        and all(np.array_equal(one[name], other[name]) for name in one.arrays)
    )


def hold(example: Example, matrix: np.ndarray) -> None:
    """The common properties of one matrix in one format."""
    fmt = example.fmt
    raw = matrix & ((1 << fmt.value_width) - 1)
    encoded = fmt.encode(matrix)
    fmt.check(encoded)
    fmt.check(encoded, full=True)
    decoded = fmt.decode(encoded)
    assert decoded.shape == matrix.shape and np.array_equal(decoded, raw)
    assert same(fmt.encode(decoded), encoded)
    signed = fmt.decode(encoded, signed=True)
    assert np.array_equal(signed & ((1 << fmt.value_width) - 1), raw)
    if signed.size:
        assert -(1 << fmt.value_width >> 1) <= signed.min()
        assert signed.max() < max(1, 1 << fmt.value_width >> 1)
    for word_width in WORD_WIDTHS:
        hold_stream(example, encoded, raw, word_width)


def hold_stream(example: Example, encoded, raw: np.ndarray, word_width: int) -> None:
    """The properties of its words: size, what the decoder hands on, cycles."""
    fmt = example.fmt
    words = fmt.words(encoded, word_width)
    assert words.dtype == np.uint8 and words.shape[1] == word_width // 8
    assert int.from_bytes(words[0].tobytes(), "little") == encoded.count
    # The stream is the size and nothing else, but for a last mask and the last word.
    size = fmt.size(encoded)
    assert size.total == sum(vars(size).values()) and min(vars(size).values()) >= 0
    payload = 8 * (words.size - words[0].size)
    assert 0 <= payload - size.total < 2 * word_width

    tile = fmt.read(words, raw.shape)
    assert tile.error is None
    assert (tile.values != 0).all() and tile.values.size == np.count_nonzero(raw)
    assert np.array_equal(tile.matrix(raw.shape), raw)
    line = example.line(tile.rows, tile.cols)
    assert tile.eol.sum() == np.unique(line).size
    assert set(line[tile.eol].tolist()) == set(line.tolist())
    assert not tile.eol.size or tile.eol[-1]

    before = None
    for lanes in fmt.lanes:
        steps = fmt.steps(words, raw.shape, lanes)
        assert steps >= len(words) and steps >= 1 + -(-tile.values.size // lanes)
        assert before is None or steps <= before
        before = steps


def test_every_format_has_examples() -> None:
    assert {example.fmt.name for example in EXAMPLES} == set(load_all())


@every
@settings(max_examples=40)
@given(seed=seeds, density=densities)
def test_properties(example: Example, seed: int, density: float) -> None:
    matrix = example.matrix(seed, density)
    hold(example, matrix)


@every_free
@pytest.mark.parametrize("edge", EDGES)
def test_edges(example: Example, edge: str) -> None:
    hold(example, EDGES[edge])


@every_free
def test_value_extremes(example: Example) -> None:
    """Both rails of two's complement and all bits set come back."""
    width = example.fmt.value_width
    low, high = -(1 << (width - 1)), (1 << (width - 1)) - 1
    matrix = np.array([[low, 0, high], [-1, high, low]])
    encoded = example.fmt.encode(matrix)
    assert np.array_equal(example.fmt.decode(encoded, signed=True), matrix)
    hold(example, matrix)


@every
def test_strange_matrices_are_refused(example: Example) -> None:
    fmt = example.fmt
    with pytest.raises(ValueError, match="matrix: found shape"):
        fmt.encode(np.zeros(4, dtype=np.int64))
    with pytest.raises(ValueError, match="matrix: found dtype"):
        fmt.encode(np.zeros((2, 2)))
    for value in (1 << fmt.value_width, -(1 << fmt.value_width >> 1) - 1):
        with pytest.raises(ValueError, match="matrix: found .* need"):
            fmt.encode(np.full((2, 2), value))
    for width in (0, 33):
        with pytest.raises(ValueError, match="value_width"):
            replace(fmt, value_width=width)  # type: ignore[type-var]


@every
def test_check_names_the_array_that_is_wrong(example: Example) -> None:
    encoded = example.fmt.encode(example.matrix(3, 0.5))
    for name, array in encoded.arrays.items():
        for wrong in (np.concatenate([array, array[-1:], array[:1] * 0 + 1]), None):
            arrays = {key: item for key, item in encoded.arrays.items() if key != name}
            if wrong is not None:
                if wrong.shape == array.shape:
                    continue
                arrays[name] = wrong
            with pytest.raises(FormatError, match=name):
                example.fmt.check(replace(encoded, arrays=arrays))


@every
@pytest.mark.parametrize("density", [0.15, 0.9])
def test_every_single_bit(example: Example, density: float) -> None:
    """A flipped bit gives an error or a legal other tile, never an exception."""
    fmt = example.fmt
    drawn = (example.matrix(seed, density) for seed in range(200))
    matrix = next(m for m in drawn if m.any() and 12 <= m.size <= 32)
    words = fmt.words(fmt.encode(matrix), 32)
    flagged = 0
    for bit in range(8 * words.size):
        bad = flip(words, bit)
        tile = fmt.read(bad, matrix.shape)
        legal(example, bad, tile, matrix.shape)
        if tile.error is None:
            assert example.canonical is False or not np.array_equal(
                tile.matrix(matrix.shape), matrix
            )
        else:
            flagged += 1
    assert flagged >= 16  # the upper half of the count at least


def legal(example: Example, words: np.ndarray, tile, shape) -> None:
    """What every tile of a decoder is, whatever the bits were."""
    assert tile.rows.shape == tile.cols.shape == tile.values.shape == tile.eol.shape
    assert ((tile.rows >= 0) & (tile.rows < shape[0])).all()
    assert ((tile.cols >= 0) & (tile.cols < shape[1])).all()
    assert ((tile.values > 0) & (tile.values >> example.fmt.value_width == 0)).all()
    flat = tile.rows * shape[1] + tile.cols
    assert np.unique(flat).size == flat.size
    if tile.error is not None:
        assert isinstance(tile.error[0], Fault) and 0 <= tile.error[1] < 1 << 32
    elif example.canonical:
        again = example.fmt.words(example.fmt.encode(tile.matrix(shape)), 8 * words.shape[1])
        assert np.array_equal(again, words)


@every
@settings(max_examples=30)
@given(seed=seeds, flips=st.integers(2, 40))
def test_many_bits(example: Example, seed: int, flips: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = example.matrix(seed, 0.4)
    word_width = int(rng.choice(WORD_WIDTHS))
    words = example.fmt.words(example.fmt.encode(matrix), word_width)
    for bit in rng.integers(0, 8 * words.size, flips).tolist():
        words = flip(words, bit)
    legal(example, words, example.fmt.read(words, matrix.shape), matrix.shape)


@every
@settings(max_examples=20)
@given(seed=seeds, density=densities, word_width=st.sampled_from(WORD_WIDTHS))
def test_framing_faults(example: Example, seed: int, density: float, word_width: int) -> None:
    """Truncated at every word, a word too many, a bit behind the end, bits above the count."""
    fmt, matrix = example.fmt, example.matrix(seed, density)
    encoded = fmt.encode(matrix)
    words = fmt.words(encoded, word_width)
    whole = fmt.read(words, matrix.shape)
    for kept in range(1, len(words)):
        tile = fmt.read(words[:kept], matrix.shape)
        assert tile.error is not None and tile.error[0] is Fault.SHORT
        # What came out is a prefix of the tile.
        assert np.array_equal(tile.values, whole.values[: tile.values.size])
    longer = np.concatenate([words, np.zeros((1, word_width // 8), dtype=np.uint8)])
    assert as_fault(fmt.read(longer, matrix.shape)) == ("LONG", encoded.count)
    used = fmt._payload(encoded, word_width).bits
    if used % word_width:
        for bit in (used, -(-used // word_width) * word_width - 1):
            bad = flip(words, word_width + bit)
            assert as_fault(fmt.read(bad, matrix.shape)) == ("PADDING", encoded.count)
    for bit in (*range(32, min(64, word_width)), *range(64, word_width, 37)):
        assert as_fault(fmt.read(flip(words, bit), matrix.shape)) == ("HEADER", 0)
    for count in (1 << 31, (1 << 32) - 1):
        bad = words.copy()
        bad[0, :4] = np.frombuffer(count.to_bytes(4, "little"), dtype=np.uint8)
        assert as_fault(fmt.read(bad, matrix.shape)) == ("HEADER", 0)


@every
def test_steps_refuse_what_they_do_not_count(example: Example) -> None:
    words = example.fmt.words(example.fmt.encode(example.matrix(1, 0.5)))
    shape = example.matrix(1, 0.5).shape
    with pytest.raises(ValueError, match="lanes: 3"):
        example.fmt.steps(words, shape, 3)
    bad = words.copy()
    bad[0, 4] = 1
    with pytest.raises(ValueError, match="words: HEADER at 0"):
        example.fmt.steps(bad, shape)
    with pytest.raises(ValueError, match="not empty"):
        example.fmt.read(words[:0], shape)


LARGE = {example.fmt.name: example for example in reversed(EXAMPLES) if example.any_matrix}


@pytest.mark.parametrize("name", LARGE)
def test_large_matrix_in_seconds(name: str) -> None:
    """4096x4096 at 10 % is encoded without a loop over its elements."""
    fmt = LARGE[name].fmt
    if hasattr(fmt, "ptr_width"):
        fmt = replace(fmt, ptr_width=32)  # type: ignore[type-var]
    matrix = random_matrix(np.random.default_rng(5), (4096, 4096), 0.1, fmt.value_width)
    start = time.perf_counter()
    encoded = fmt.encode(matrix)
    taken = time.perf_counter() - start
    assert taken < 20, f"{taken:.1f} s"
    assert fmt.size(encoded).total > 0
