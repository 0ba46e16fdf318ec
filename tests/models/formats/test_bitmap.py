"""Bitmap: numpy.packbits as the oracle of the masks, faults, cycles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.base import FormatError
from models.formats.bitmap import Bitmap
from tests.models.formats.examples import free_matrix, random_matrix
from tests.models.formats.streams import as_fault, stream


def naive(matrix: np.ndarray, width: int, word_width: int) -> np.ndarray:
    """The stream element by element, straight from the text of the contract."""
    flat = matrix.ravel().tolist()
    parts = []
    for start in range(0, len(flat), word_width):
        chunk = flat[start : start + word_width]
        parts.append((sum((value != 0) << bit for bit, value in enumerate(chunk)), word_width))
        parts += [(value, width) for value in chunk if value]
    return stream(sum(value != 0 for value in flat), parts, word_width)


@given(
    seed=st.integers(0, 2**32),
    density=st.sampled_from((0, 0.03, 0.3, 1)),
    width=st.sampled_from((1, 7, 32)),
    word_width=st.sampled_from((32, 64, 128, 256)),
)
def test_stream_and_mask(seed: int, density: float, width: int, word_width: int) -> None:
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(0, 25)), int(rng.integers(0, 25))
    matrix = random_matrix(rng, shape, density, width)
    bitmap = Bitmap(width)
    encoded = bitmap.encode(matrix)
    assert np.array_equal(bitmap.words(encoded, word_width), naive(matrix, width, word_width))
    assert np.array_equal(np.packbits(encoded["mask"]), np.packbits(matrix.ravel() != 0))


def test_one_mask_alone_is_packbits() -> None:
    matrix = free_matrix(np.random.default_rng(8), 0.5, 8)
    words = Bitmap(8).words(Bitmap(8).encode(matrix), 256)
    mask = np.packbits(matrix.ravel() != 0, bitorder="little")
    assert np.array_equal(words[1, : mask.size], mask) and matrix.size > 8


def test_break_even_with_dense() -> None:
    """n + n*d*b bits are n*b at d = 1 - 1/b."""
    matrix = np.ones((8, 8), dtype=int)
    matrix.ravel()[::8] = 0  # 7 of 8
    size = Bitmap(8).size(Bitmap(8).encode(matrix))
    assert (size.indices, size.values, size.total) == (64, 64 * 7, 64 * 8)


MASK = 0x0000_0109, 32  # elements 0, 3, 8
VALUES = [(value, 8) for value in (1, 2, 3)]


@pytest.mark.parametrize(
    ("shape", "count", "parts", "fault", "before"),
    [
        ((4, 8), 3, [MASK, *VALUES], None, 3),
        ((4, 8), 33, [MASK, *VALUES], ("HEADER", 0), 0),
        ((4, 8), 3, [], ("SHORT", 0), 0),
        ((4, 8), 3, [MASK], ("SHORT", 0), 0),
        ((3, 3), 3, [MASK, *VALUES], None, 3),
        ((2, 4), 3, [MASK, *VALUES], ("INDEX", 0), 0),
        ((4, 8), 2, [MASK, *VALUES], ("COUNT", 0), 0),
        ((4, 8), 4, [MASK, *VALUES], ("COUNT", 3), 3),
        ((2, 4), 2, [MASK, *VALUES], ("INDEX", 0), 0),
        ((4, 8), 3, [MASK, (1, 8), (0, 8), (3, 8)], ("PLACEHOLDER", 1), 1),
        ((4, 16), 4, [MASK, *VALUES, (1, 32), (9, 8)], None, 4),
        ((4, 16), 3, [MASK, *VALUES, (1, 32), (9, 8)], ("COUNT", 3), 3),
        ((4, 16), 5, [MASK, *VALUES, (1, 32), (9, 8)], ("COUNT", 4), 4),
        ((4, 16), 4, [MASK, *VALUES], ("SHORT", 3), 3),
        ((4, 11), 4, [MASK, *VALUES, (1 << 12, 32), (9, 8)], ("INDEX", 3), 3),
        # Too few ones count before a word too many.
        ((4, 8), 4, [MASK, *VALUES, (0, 32)], ("COUNT", 3), 3),
        ((4, 8), 3, [MASK, *VALUES, (0, 32)], ("LONG", 3), 3),
        ((4, 8), 3, [MASK, *VALUES, (1, 8)], ("PADDING", 3), 3),
    ],
)
def test_faults(shape, count: int, parts, fault, before: int) -> None:
    tile = Bitmap(8).read(stream(count, parts, 32), shape)
    assert as_fault(tile) == fault and tile.values.size == before
    assert tile.values.tolist() == [1, 2, 3, 9][:before]


def queue(matrix: np.ndarray, width: int, word_width: int, lanes: int) -> int:
    """Cycles of a decoder with a queue of five words that sees two of them, one step a cycle."""
    words = [int.from_bytes(word.tobytes(), "little") for word in naive(matrix, width, word_width)]
    bits = "".join(f"{word:0{word_width}b}"[::-1] for word in words)
    masks, values, come, taken, cycle = -(-matrix.size // word_width), 0, 1, 0, 0
    while masks or values or cycle == 0:
        cycle += 1
        used = taken // word_width
        if cycle == 1:
            taken = word_width  # the header
        else:
            seen = min(come * word_width, taken + 2 * word_width)
            count = min(values, lanes, (seen - taken) // width)
            values, taken = values - count, taken + count * width
            if values == 0 and masks and seen - taken >= word_width:
                values, masks = bits[taken : taken + word_width].count("1"), masks - 1
                taken += word_width
        come += come < len(words) and come - used < 5
    return cycle


@given(
    seed=st.integers(0, 2**32),
    density=st.sampled_from((0, 0.03, 0.3, 1)),
    width=st.sampled_from((1, 7, 32)),
)
def test_steps_of_a_queue(seed: int, density: float, width: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = random_matrix(rng, (int(rng.integers(0, 40)), 16), density, width)
    for word_width in (32, 64):
        words = naive(matrix, width, word_width)
        for lanes in (1, 4, 16):
            found = Bitmap(width).steps(words, matrix.shape, lanes)
            assert found == queue(matrix, width, word_width, lanes)


def test_steps_by_hand() -> None:
    bitmap = Bitmap(8)
    one_chunk = np.arange(32).reshape(4, 8) % 8 // 7  # 4 non-zeros in one word
    words = bitmap.words(bitmap.encode(one_chunk), 32)
    assert [bitmap.steps(words, (4, 8), lanes) for lanes in (1, 4)] == [6, 3]
    zeros = bitmap.words(bitmap.encode(np.zeros((16, 8), dtype=int)), 32)
    assert bitmap.steps(zeros, (16, 8)) == 5  # a mask a cycle
    # The second mask comes in words 2 and 3, after its turn; the third in time.
    three = np.zeros((3, 32), dtype=int)
    three[0, 5] = three[1, 5] = three[2, :2] = 1
    words = bitmap.words(bitmap.encode(three), 32)
    assert bitmap.steps(words, (3, 32)) == 7  # mask, value, mask, value and mask, value, value


@pytest.mark.parametrize(
    ("name", "at", "value", "text", "always"),
    [
        ("mask", 1, 2, r"mask\[1\]: outside 0\.\.1", True),
        ("mask", 1, 1, "mask: found 3 ones, need 2", True),
        ("values", 1, 0, r"values\[1\]: a stored zero", False),
        ("values", 0, 256, r"values\[0\]: outside", False),
    ],
)
def test_check(name: str, at: int, value: int, text: str, always: bool) -> None:
    encoded = Bitmap(8).encode([[5, 0], [0, 6]])
    encoded.arrays[name][at] = value
    Bitmap(8).check(encoded)
    with pytest.raises(FormatError, match=text):
        Bitmap(8).check(encoded, full=True)
    if always:
        with pytest.raises(FormatError, match=text):
            Bitmap(8).decode(encoded)
