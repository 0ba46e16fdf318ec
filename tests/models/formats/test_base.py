"""The parts that all formats share: steps, checks, registration."""

import numpy as np
import pytest

from models.formats.base import (
    FORMATS,
    Encoded,
    FormatError,
    Pace,
    Size,
    bits,
    check_arrays,
    check_bits,
    check_pointers,
    need_pointers,
    pace_lines,
    pace_pointers,
    read_pointers,
    register,
)
from models.formats.base import StreamFault as StreamFaultType
from models.formats.bits import BitReader, fields, pack
from models.formats.coo import Coo
from models.formats.dense import Dense


def pace_of(values: list[int], width: int, word_width: int = 32) -> Pace:
    return Pace(BitReader(pack(values, width, word_width)))


def test_size_adds_up() -> None:
    assert Size(1, 2, 4, 8, 16).total == 31 and Size().total == 0


def test_index_widths() -> None:
    assert [bits(n) for n in (0, 1, 2, 3, 256, 257)] == [1, 1, 1, 2, 8, 9]


def test_a_step_waits_for_its_word() -> None:
    pace = pace_of([0] * 4, 24)  # bits end at 24, 48, 72, 96
    cycles = []
    for _ in range(4):
        pace.take(24)
        pace.step()
        cycles.append(pace.cycle)
    assert cycles == [2, 3, 4, 5]
    pace = pace_of([0, 0], 64, 32)
    pace.take(64)
    pace.step()
    assert pace.cycle == 3  # two words


def test_scan_stops_at_the_lane_filling_value() -> None:
    for values, lanes, last in (
        ([0] * 8, 1, 3),
        ([1] * 8, 1, 9),
        ([1] * 8, 4, 3),
        ([1, 0, 0, 0] * 2, 1, 4),  # 1 | 0 0 0 1 | 0 0 0
        ([0, 0, 0, 1] * 2, 1, 3),
        ([1, 1, 0, 1, 0, 0, 1, 0], 2, 4),  # 1 1 | 0 1 0 0 | 1 0
    ):
        pace = pace_of(values, 8)
        pace.scan(8, 8, 8, lanes)
        assert pace.cycle == last, (values, lanes)


def test_scan_takes_whole_slots_and_waits_where_none_has_come() -> None:
    pace = pace_of([0] * 8, 12)
    pace.scan(8, 12, 12, 1)  # 2 slots in each of 32 bits, 8 more left over each time
    assert pace.cycle == 5
    pace = pace_of([0] * 3, 24, 32)
    pace.scan(3, 24, 24, 4)
    assert pace.cycle == 4
    pace = pace_of([0] * 2, 48, 32)  # wider than a word: one at a time
    pace.scan(2, 48, 8, 1)
    assert pace.cycle == 4


def test_a_joined_scan_starts_in_the_step_of_what_came_before() -> None:
    pace = pace_of([0] * 8, 8)
    pace.take(8)
    pace.scan(7, 8, 8, 1, joined=True)
    assert pace.cycle == 3  # word 1: index and 3 slots, word 2: 4
    pace = pace_of([0] * 8, 8)
    pace.take(32)
    pace.scan(4, 8, 8, 1, joined=True)
    assert pace.cycle == 3  # the index alone used up the word
    pace = pace_of([1, 1, 1, 1], 8)
    pace.take(8)
    pace.scan(3, 8, 8, 1, joined=True)
    assert pace.cycle == 4


def test_pointer_groups_and_lines() -> None:
    pace = pace_of([0, 0, 2, 2, 2], 16)
    pointers = pace_pointers(pace, 4, 16)
    assert pointers == [0, 0, 2, 2, 2] and pace.cycle == 4
    seen = []

    def entry() -> None:
        seen.append(pace.cycle)
        pace.step()

    pace_lines(pace, pointers, entry)
    assert seen == [5, 6] and pace.cycle == 7  # an empty line, two entries, nothing behind
    pace_lines(pace, [0, 0, 0], entry)
    assert pace.cycle == 7


@pytest.mark.parametrize(
    ("pointers", "at"),
    [
        ([1, 1, 2, 3], 0),
        ([0, 2, 1, 3], 2),
        ([0, 4, 4, 3], 1),
        ([0, 1, 2, 2], 3),
        ([0, 1, 2, 4], 3),
        ([0, 1, 2, 1], 3),
    ],
)
def test_pointers_of_a_stream(pointers: list[int], at: int) -> None:
    with pytest.raises(StreamFaultType, match=f"POINTER at {at}"):
        read_pointers(BitReader(pack(pointers, 12, 32)), 3, 12, 3)


def test_missing_pointers_are_short_at_0_but_an_earlier_fault_counts() -> None:
    with pytest.raises(StreamFaultType, match="SHORT at 0"):
        read_pointers(BitReader(pack([0, 1], 16, 32)), 3, 16, 3)
    with pytest.raises(StreamFaultType, match="POINTER at 1"):
        read_pointers(BitReader(pack([0, 9], 16, 32)), 3, 16, 3)


def test_checks_name_field_and_position() -> None:
    encoded = Encoded(Coo(4), (2, 2), 1, {"values": np.array([3, 16])})
    with pytest.raises(FormatError, match=r"values\[1\]: outside 0\.\.15"):
        check_bits(encoded, "values", 4)
    with pytest.raises(FormatError, match=r"values: found shape \(2,\), need \(3,\)"):
        check_arrays(encoded, {"values": 3})
    with pytest.raises(FormatError, match="rows: found nothing"):
        check_arrays(encoded, {"rows": 3})
    for pointers, text in (
        ([0, 1], r"pointers: found shape \(2,\), need \(3,\)"),
        ([1, 1, 2], r"pointers\[0\]: found 1, need 0"),
        ([0, 2, 1], r"pointers\[2\]: smaller"),
        ([0, 1, 1], r"pointers\[2\]: found 1, need 2"),
    ):
        with pytest.raises(FormatError, match=text):
            check_pointers(np.array(pointers), 2, 2)
    need_pointers(4, 15)
    with pytest.raises(ValueError, match="ptr_width: 4 bits"):
        need_pointers(4, 16)


def test_two_formats_cannot_share_a_name() -> None:
    class Other(Dense):
        name = "coo"

    with pytest.raises(ValueError, match="name: coo is taken"):
        register(Other)
    assert FORMATS["coo"] is Coo


def test_a_count_above_32_bits_is_refused() -> None:
    class Huge(Coo):
        def _payload(self, encoded, word_width):
            return fields([], 1)

    with pytest.raises(ValueError, match="count: 4294967296"):
        Huge(8).words(Encoded(Huge(8), (1, 1), 1 << 32, {}))
