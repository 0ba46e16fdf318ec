"""A decompression unit of ``rtl/sparse_on_dense/README.md``, clocked: a part from header to rows.

Made from the text of "Cycles" and of ``rtl/formats/README.md`` alone, one part and one cycle at a
time, in plain Python; it shares no code with the models.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Entry = tuple[int, int, int]  # row, column, value (raw bits)


def width_of(n: int) -> int:
    """``bits(n)`` of the contract."""
    return max(1, (n - 1).bit_length())


def low(bits: int, width: int) -> int:
    return bits & ((1 << width) - 1)


class Csc:
    """Pointers in groups, then an entry or an empty row per step."""

    latency = 3

    def __init__(self, p: dict[str, int], rows: int, count: int) -> None:
        self.rows, self.count, self.value = rows, count, p["WgtWidth"]
        self.col = width_of(p["Cols"])
        self.pointer = width_of(rows * p["Cols"] + 1)
        self.pointers: list[int] = []
        self.row = self.entry = 0

    def done(self) -> bool:
        return len(self.pointers) > self.rows and self.entry == self.count

    def step(self, bits: int, level: int) -> tuple[int, list[Entry]] | None:
        missing = self.rows + 1 - len(self.pointers)
        if missing:
            group = min(64 // self.pointer, missing)
            if level < group * self.pointer:
                return None
            self.pointers += [low(bits >> i * self.pointer, self.pointer) for i in range(group)]
            return group * self.pointer, []
        if self.pointers[self.row] == self.pointers[self.row + 1]:
            self.row += 1
            return 0, []
        if level < self.value + self.col:
            return None
        found = (self.row, low(bits >> self.value, self.col), low(bits, self.value))
        self.entry += 1
        self.row += self.entry == self.pointers[self.row + 1]
        return self.value + self.col, [found]


class Bitmap:
    """The values of a mask that have come, and the next mask if that uses the mask up."""

    latency = 4

    def __init__(self, p: dict[str, int], rows: int, count: int) -> None:
        self.cols, self.lanes, self.value = p["Cols"], p["NumLanes"], p["WgtWidth"]
        self.places: list[int] = []  # of the mask at work, still without value
        self.base, self.size = 0, rows * p["Cols"]

    def done(self) -> bool:
        return not self.places and self.base >= self.size

    def step(self, bits: int, level: int) -> tuple[int, list[Entry]] | None:
        used, found = 0, []
        while self.places and len(found) < self.lanes and level >= used + self.value:
            place = self.places.pop(0)
            found.append((*divmod(place, self.cols), low(bits >> used, self.value)))
            used += self.value
        if not self.places and self.base < self.size and level >= used + 64:
            mask = low(bits >> used, 64)
            self.places = [self.base + i for i in range(64) if mask >> i & 1]
            self.base += 64
            used += 64
        return (used, found) if used else None


class Nm:
    """Whole slots up to the last lane's non-zero."""

    latency = 4

    def __init__(self, p: dict[str, int], rows: int, count: int) -> None:
        self.cols, self.lanes, self.value = p["Cols"], p["NumLanes"], p["WgtWidth"]
        self.n, self.m = p["GroupN"], p["GroupM"]
        self.slot, self.count = 0, count

    def done(self) -> bool:
        return self.slot == self.count

    def step(self, bits: int, level: int) -> tuple[int, list[Entry]] | None:
        size, used, found = self.value + width_of(self.m), 0, []
        for _ in range(max(1, 64 // size)):
            if self.done() or level < used + size or len(found) == self.lanes:
                break
            value = low(bits >> used, self.value)
            place = low(bits >> used + self.value, size - self.value)
            if value:
                group = self.slot // self.n
                found.append((*divmod(group * self.m + place, self.cols), value))
            self.slot += 1
            used += size
        return (used, found) if used else None


FORMATS: list[Any] = [Csc, Bitmap, Nm]


@dataclass
class Pipe:
    """Registers between step and rows: R (not with CSC), S, H, O; None is empty, [] an end."""

    lanes: bool
    r: list[Entry] | None = None
    s: list[Entry] | None = None
    h: list[Entry] | None = None
    o: list[Entry] | None = None
    o_last: bool = False
    rows: list[int] = field(default_factory=list)  # of the beat in O, still to be written

    def shift(self) -> tuple[tuple[int, list[Entry]] | None, bool, bool]:
        """One cycle: (row written and its non-zeros, was it the last beat's last, room)."""
        written = None
        if self.o is not None and self.rows:
            row = self.rows.pop(0)
            written = row, [entry for entry in self.o if entry[0] == row]
        leaves = self.o is not None and not self.rows
        finished = leaves and self.o_last
        if leaves:
            self.o = None
        if self.s is not None and (self.o is None or (self.s and self.h is None)):
            if not self.s or self.h is not None:
                self.o, self.o_last = self.h or [], not self.s
                self.rows = sorted({row for row, _, _ in self.o})
            self.h = self.s or None
            self.s = None
        if self.lanes and self.s is None:
            self.s, self.r = self.r, None
        return written, finished, self.room()

    def room(self) -> bool:
        return (self.r if self.lanes else self.s) is None

    def put(self, beat: list[Entry]) -> None:
        if self.lanes:
            self.r = beat
        else:
            self.s = beat


def clock(words: list[int], p: dict[str, int]) -> tuple[list[list[int]], int]:
    """The part of ``words`` as weights [G][Cols], and the cycle of its last write; the header is
    taken in cycle 0. Every write stands in its own cycle, its non-zeros in one row.
    """
    rows = p["Rows"] // p["NumUnits"]
    part = [[0] * p["Cols"] for _ in range(rows)]
    count = words[0]
    decoder = FORMATS[p["WgtFormat"]](p, rows, count)
    pipe = Pipe(decoder.latency == 4)
    stored, offset, coming = 0, 0, 0  # words in the window, bits used of the first; words taken
    started = ended = False
    for cycle in range(100_000):
        written, finished, room = pipe.shift()
        if written is not None:
            for row, col, value in written[1]:
                assert part[row][col] == 0, "written twice"
                part[row][col] = value - (value >> p["WgtWidth"] - 1 << p["WgtWidth"])
        if finished:
            assert coming == len(words), "words left behind"
            return part, cycle
        taken = stored < 5 and coming < len(words)
        if room and not ended and started and decoder.done():
            pipe.put([])
            ended = True
        elif room and not ended and stored:
            if not started:
                used, found, started = 64, [], True
            else:
                level = min(128, stored * 64 - offset)
                at = coming - stored
                bits = sum(word << 64 * i for i, word in enumerate(words[at:coming]))
                used, found = decoder.step(low(bits >> offset, level), level) or (0, [])
            if found:
                pipe.put(found)
            offset += used
            stored, offset = stored - offset // 64, offset % 64
        stored, coming = stored + taken, coming + taken
    raise AssertionError("a part without end")
