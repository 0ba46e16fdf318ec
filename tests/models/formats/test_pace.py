"""The clock of ``steps()``: words come only while the decoder has room for them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.formats import base
from models.formats.base import Pace
from models.formats.bits import BitReader

WIDTH = 32
takes = st.lists(st.integers(0, 2 * WIDTH), max_size=60)


def queue(widths: list[int], words: int, depth: int) -> int:
    """Cycle of the last step, by moving words through a queue cycle by cycle."""
    sent, stored, offset, cycle, steps = 0, 0, 0, 0, [None, *widths]
    while steps:
        room = stored < depth
        gone = 0
        if steps[0] is None:
            if stored:
                steps.pop(0)
                gone = 1
        elif stored * WIDTH - offset >= steps[0]:
            gone, offset = divmod(offset + steps.pop(0), WIDTH)
        stored -= gone
        if room and sent < words:
            sent, stored = sent + 1, stored + 1
        cycle += 1
    return cycle - 1


def pace(widths: list[int], words: int) -> int:
    counter = Pace(BitReader(np.zeros((words - 1, WIDTH // 8), dtype=np.uint8)))
    for width in widths:
        for part in (min(width, WIDTH), max(0, width - WIDTH)):
            counter.take(part)
        counter.step()
    return counter.cycle


def payload(widths: list[int]) -> int:
    return 1 - (-sum(widths) // WIDTH)


@given(takes, st.integers(0, 3))
def test_a_queue_of_five_words(widths, more):
    words = payload(widths) + more
    assert pace(widths, words) == queue(widths, words, base.STORED_WORDS)


def test_five_words_can_be_felt():
    # Ten steps of nothing, then two words a step: five are stored, the rest comes one a cycle.
    widths = 10 * [0] + 6 * [2 * WIDTH]
    assert queue(widths, 13, 5) > queue(widths, 13, 100)
    assert pace(widths, 13) == queue(widths, 13, 5)


def test_a_step_sees_two_words():
    counter = Pace(BitReader(np.zeros((6, WIDTH // 8), dtype=np.uint8)))
    counter.cycle = 9
    assert counter.arrived() == 2 * WIDTH
    counter.take(7)
    assert counter.arrived() == 2 * WIDTH - 7
    counter.cycle += 1
    assert counter.arrived() == 2 * WIDTH
