"""Run length: element by element, the runs around the maximum, faults, cycles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.base import FormatError
from models.formats.rle import Rle
from tests.models.formats.examples import random_matrix
from tests.models.formats.streams import as_fault, stream


def naive(matrix: np.ndarray, width: int) -> list[tuple[int, int]]:
    """(value, run) entry by entry, straight from the text of the contract."""
    out, zeros, top = [], 0, (1 << width) - 1
    for value in matrix.ravel().tolist():
        if value == 0:
            zeros += 1
            continue
        while zeros > top:
            out.append((0, top))
            zeros -= top + 1
        out.append((value, zeros))
        zeros = 0
    return out


@given(
    seed=st.integers(0, 2**32),
    density=st.sampled_from((0, 0.02, 0.3, 1)),
    widths=st.sampled_from(((8, 4), (1, 1), (32, 16), (12, 2), (5, 3))),
)
def test_stream_entry_by_entry(seed: int, density: float, widths: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    matrix = random_matrix(rng, (int(rng.integers(0, 20)), 20), density, widths[0])
    rle = Rle(*widths)
    encoded = rle.encode(matrix)
    entries = naive(matrix, widths[1])
    assert list(zip(encoded["values"].tolist(), encoded["runs"].tolist(), strict=True)) == entries
    parts = [part for v, run in entries for part in ((v, widths[0]), (run, widths[1]))]
    for word_width in (32, 64):
        words = rle.words(encoded, word_width)
        assert np.array_equal(words, stream(len(entries), parts, word_width))


@pytest.mark.parametrize(
    ("zeros", "runs"),
    [(0, [0]), (14, [14]), (15, [15]), (16, [15, 0]), (31, [15, 15]), (32, [15, 15, 0])],
    ids=["none", "below_max", "max", "one_more", "twice_max_plus_one", "one_more_again"],
)
def test_runs_around_the_maximum(zeros: int, runs: list[int]) -> None:
    matrix = np.array([[0] * zeros + [7, 0, 0]])
    encoded = Rle(8, 4).encode(matrix)
    assert encoded["runs"].tolist() == runs
    assert encoded["values"].tolist() == [0] * (len(runs) - 1) + [7]
    size = Rle(8, 4).size(encoded)
    assert (size.values, size.indices, size.padding) == (8, 4, 12 * (len(runs) - 1))
    assert np.array_equal(Rle(8, 4).decode(encoded), matrix)


@pytest.mark.parametrize(
    ("count", "entries", "fault", "before"),
    [
        (13, [(1, 0)] * 13, ("HEADER", 0), 0),
        (12, [(1, 0)] * 12, None, 12),
        (0, [], None, 0),
        (1, [], ("SHORT", 0), 0),
        (2, [(1, 3), (1, 3)], None, 2),
        (4, [(1, 3), (1, 3), (1, 3), (1, 0)], ("INDEX", 3), 3),
        (3, [(1, 3), (0, 3), (1, 3)], None, 2),
        (3, [(1, 3), (0, 2), (1, 3)], ("PLACEHOLDER", 1), 1),
        (2, [(1, 3), (0, 3)], ("PLACEHOLDER", 1), 1),
        (3, [(0, 3)] * 3, ("PLACEHOLDER", 2), 0),
        # Past the tile goes before placeholder.
        (4, [(0, 3), (0, 3), (1, 3), (0, 1)], ("INDEX", 3), 1),
        (4, [(0, 3), (0, 3), (0, 3), (1, 0)], ("INDEX", 3), 0),
    ],
)
def test_faults(count: int, entries: list[tuple[int, int]], fault, before: int) -> None:
    parts = [part for v, run in entries for part in ((v, 4), (run, 2))]
    tile = Rle(4, 2).read(stream(count, parts, 32), (3, 4))
    assert as_fault(tile) == fault and tile.values.size == before


def test_short_inside_an_entry() -> None:
    words = stream(6, [(1, 8), (0, 4)] * 6, 32)
    for kept, at in ((1, 0), (2, 2), (3, 5)):
        assert as_fault(Rle(8, 4).read(words[:kept], (3, 4))) == ("SHORT", at)


def test_steps_by_hand() -> None:
    for widths, cycles in (((8, 4), [1, 2, 3, 4, 5, 6]), ((32, 16), [1, 3, 4, 6, 7, 9])):
        rle = Rle(*widths)
        for count, cycle in enumerate(cycles):
            matrix = (np.arange(12) < count).reshape(3, 4).astype(int)
            assert rle.steps(rle.words(rle.encode(matrix), 32), (3, 4)) == cycle
    rle = Rle(8, 1)  # placeholders take their cycle
    words = rle.words(rle.encode(np.array([[0, 0, 0, 0, 0, 9]])), 256)
    assert rle.steps(words, (1, 6)) == 4


@pytest.mark.parametrize(
    ("name", "at", "value", "text", "always"),
    [
        ("values", 2, 0, r"values\[2\]: placeholder at the end", False),
        ("values", 0, 0, r"runs\[0\]: placeholder without the full run", False),
        ("values", 0, 256, r"values\[0\]: outside 0\.\.255", False),
        ("runs", 2, 3, r"runs\[2\]: past the line of 9 elements", True),
        ("runs", 0, -1, r"runs\[0\]: ", True),
        ("runs", 0, 4, r"runs\[0\]: outside 0\.\.3", False),
    ],
)
def test_check(name: str, at: int, value: int, text: str, always: bool) -> None:
    rle = Rle(8, 2)
    encoded = rle.encode([[0, 5, 0], [0, 0, 0], [0, 3, 0]])
    assert encoded["values"].tolist() == [5, 0, 3]
    if text.startswith(r"values\[2\]"):
        encoded["runs"][1:] = [0, 3]
        encoded["values"][1] = 1
    encoded.arrays[name][at] = value
    rle.check(encoded)
    with pytest.raises(FormatError, match=text):
        rle.check(encoded, full=True)
    if always:
        with pytest.raises(FormatError, match=text):
            rle.decode(encoded)


@pytest.mark.parametrize("run_width", [0, 17])
def test_parameters(run_width: int) -> None:
    with pytest.raises(ValueError, match="run_width"):
        Rle(8, run_width)
