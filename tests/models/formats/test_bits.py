"""Packing of fields against plain Python integers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formats.bits import WORD_WIDTHS, BitReader, entries, fields, join, pack, unpack
from tests.models.formats.streams import stream

parts = st.lists(
    st.integers(0, 64).flatmap(
        lambda width: st.tuples(st.integers(0, (1 << width) - 1), st.just(width))
    ),
    max_size=40,
)


@given(parts=parts, word_width=st.sampled_from(WORD_WIDTHS))
def test_pack_is_one_long_integer(parts: list[tuple[int, int]], word_width: int) -> None:
    values = np.array([value for value, _ in parts], dtype=np.uint64)
    widths = np.array([width for _, width in parts], dtype=np.int64)
    words = pack(values, widths, word_width)
    assert np.array_equal(words, stream(0, parts, word_width)[1:])
    assert np.array_equal(unpack(words, widths), values)
    reader = BitReader(words)
    assert [(reader.peek(width), reader.take(width))[1] for _, width in parts] == values.tolist()
    assert reader.words_behind() == 0 and reader.tail() == 0
    assert reader.left == 8 * words.size - widths.sum()


def test_reader_says_what_lies_behind() -> None:
    words = np.array([[0, 0, 0, 0], [0x40, 0, 0, 0x80], [1, 0, 0, 0]], dtype=np.uint8)
    reader = BitReader(words)
    assert reader.words_behind() == 3 and reader.tail() == 0
    assert reader.take(37) == 0
    assert reader.words_behind() == 1 and reader.tail() == (0x80000040 >> 5)
    assert reader.take(60) is None and reader.pos == 37
    assert reader.take(59) is not None and reader.left == 0
    assert reader.peek(1) is None and reader.tail() == 0


def test_nothing_gives_no_words() -> None:
    assert pack([], [], 256).shape == (0, 32)
    assert unpack(np.zeros((0, 4), dtype=np.uint8), []).size == 0
    assert join().values.size == 0 and fields([], 3).bits == 0


def test_fields_of_entries_come_in_turn() -> None:
    both = join(fields([7], 3), entries(([1, 2], 8), ([3, 4], 4)))
    assert both.values.tolist() == [7, 1, 3, 2, 4]
    assert both.widths.tolist() == [3, 8, 4, 8, 4] and both.bits == 27


def test_strange_fields_are_refused() -> None:
    with pytest.raises(ValueError, match=r"values\[1\]: 16 does not fit into 4 bits"):
        pack([15, 16], 4)
    with pytest.raises(ValueError, match=r"values\[0\]: .* does not fit into 8 bits"):
        pack([-1], 8)
    for width in (-1, 65):
        with pytest.raises(ValueError, match=r"widths: need 0\.\.64"):
            pack([0], width)
    with pytest.raises(ValueError, match="word_width: 48"):
        pack([0], 1, 48)
    with pytest.raises(ValueError, match="hold 32 bits, need 33"):
        unpack(np.zeros((1, 4), dtype=np.uint8), [33])
