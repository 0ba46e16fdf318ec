"""The rules of SCNN around its multipliers as plain code, for the block benches: geometry, walk,
encoder, positions. Shares nothing with ``models/scnn`` but where a field lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.scnn.registers import REGISTERS, Mode
from models.socket import NUM_CFG

NONE, SEND_W, SEND_E, SEND_N, SEND_S, DRAIN, GAP, FLUSH = range(8)
#: Cycles without a command behind a column or row of a halo.
PAUSE = 4
#: Cycles behind the last command of a group.
TAIL = 8


@dataclass(frozen=True)
class Geo:
    """Geometry of a pass; fields in the order of those of the CFG registers."""

    mode: int = Mode.COMPUTE
    c: int = 1
    taps: int = 1
    groups: int = 1
    kc_log: int = 2
    shape: int = 0
    last_k: int = 1
    tile_w: int = 1
    tile_h: int = 1
    pitch: int = 1
    gap: int = 0
    halo_l: int = 0
    halo_r: int = 0
    halo_u: int = 0
    halo_d: int = 0
    fx0: int = 0
    fx1: int = 0
    fy0: int = 0
    fy1: int = 0
    cix: int = 0
    ciy: int = 0
    cox: int = 0
    coy: int = 0
    wgt_base: int = 0
    bias_base: int = 0
    shift: int = 0
    act_words: int = 0
    cout_base: int = 0
    out_channels: int = 0

    @property
    def words(self) -> list[int]:
        """The CFG registers."""
        words = dict.fromkeys(range(NUM_CFG), 0)
        for field, value in zip(REGISTERS.cfg, vars(self).values(), strict=True):
            words = field.put(words, value)
        return list(words.values())

    @property
    def packed(self) -> int:
        """All of them as ``cfg_i``."""
        return sum(word << 32 * index for index, word in enumerate(self.words))

    @property
    def rim(self) -> bool:
        """Whether the box is the whole accumulator tile."""
        return bool(self.mode & Mode.RIM)

    @property
    def kc(self) -> int:
        """Channels of a group."""
        return 1 << self.kc_log

    @property
    def acc_w(self) -> int:
        """Columns of the accumulator tile."""
        return self.tile_w + self.halo_l + self.halo_r

    @property
    def acc_h(self) -> int:
        """Rows of it."""
        return self.tile_h + self.halo_u + self.halo_d

    @property
    def box_x(self) -> range:
        """Columns of the box of results."""
        first = 0 if self.rim else self.halo_l
        return range(first, first + (self.acc_w if self.rim else self.tile_w))

    @property
    def box_y(self) -> range:
        """Rows of it."""
        first = 0 if self.rim else self.halo_u
        return range(first, first + (self.acc_h if self.rim else self.tile_h))


@dataclass(frozen=True)
class Command:
    """What the walker says in a cycle; far: position to which a neighbour adds."""

    op: int = NONE
    k: int = 0
    lin: int = 0
    far: int = 0
    ax: int = 0
    ay: int = 0


def walk(geo: Geo, last: bool) -> Iterator[Command]:
    """All cycles with and between the commands of a group (2.5), in order."""

    def send(op: int, lin: int, far: int) -> Iterator[Command]:
        for k in range(geo.kc):
            yield Command(op, k, lin, far)

    wide, high = geo.tile_w, geo.tile_h * geo.pitch
    for ax in range(geo.halo_l):
        for ay in range(geo.acc_h):
            yield from send(SEND_W, ay * geo.pitch + ax, ay * geo.pitch + ax + wide)
        yield from [Command()] * PAUSE
    for ax in range(geo.acc_w - 1, geo.halo_l + geo.tile_w - 1, -1):
        for ay in range(geo.acc_h):
            yield from send(SEND_E, ay * geo.pitch + ax, ay * geo.pitch + ax - wide)
        yield from [Command()] * PAUSE
    for ay in range(geo.halo_u):
        for ax in geo.box_x:
            yield from send(SEND_N, ay * geo.pitch + ax, ay * geo.pitch + ax + high)
        yield from [Command()] * PAUSE
    for ay in range(geo.acc_h - 1, geo.halo_u + geo.tile_h - 1, -1):
        for ax in geo.box_x:
            yield from send(SEND_S, ay * geo.pitch + ax, ay * geo.pitch + ax - high)
        yield from [Command()] * PAUSE
    for k in range(geo.last_k if last else geo.kc):
        for ay in geo.box_y:
            for ax in geo.box_x:
                yield Command(DRAIN, k, ay * geo.pitch + ax, 0, ax, ay)
            if ay != geo.box_y[-1] and geo.gap:
                yield Command(GAP)
        yield Command(FLUSH)


def place(
    k: int, lin: int, kc_log: int, banks: int, entries: int, bank_map: int
) -> tuple[int, int]:
    """Bank and entry of an accumulator (1.6)."""
    quarter, m = banks // 4, k >> 2
    if bank_map == 0:
        f = (lin + 3 * m) % quarter
    elif bank_map == 1:
        f = lin % quarter
    else:
        f = lin % quarter ^ lin // quarter % quarter ^ 3 * m % quarter
    return (k & 3) * quarter + f, m * ((4 * entries) >> kc_log) + lin // quarter


def any_geo(draw: Any, lin_size: int, max_kc: int, **fixed: int) -> Geo:
    """A random small geometry that fits accumulators of ``lin_size`` positions for four
    channels."""
    while True:
        kc_log = int(draw.integers(2, max_kc.bit_length()))
        sizes = {name: int(draw.integers(1, 5)) for name in ("tile_w", "tile_h")}
        halo = {f"halo_{side}": int(draw.choice([0, 0, 1, 2, 3])) for side in "lrud"}
        geo = Geo(
            **({
                "kc_log": kc_log,
                "groups": int(draw.integers(1, 4)),
                "last_k": int(draw.integers(1, (1 << kc_log) + 1)),
                "gap": int(draw.choice([0, 0, 1, 5, 16])),
                "mode": 1 << 2 | int(draw.integers(2)) << 10,
            } | sizes | halo | fixed)
        )  # fmt: skip
        pitch = geo.acc_w + int(draw.integers(0, 3))
        geo = Geo(**(vars(geo) | {"pitch": pitch}))
        if (geo.acc_h - 1) * pitch + geo.acc_w <= lin_size * 4 >> geo.kc_log:
            return geo


class Encoder:
    """Run-length encoder of a PE (1.10): rows and counts of the destination."""

    def __init__(self, lanes: int):
        self.lanes = lanes
        self.run, self.count, self.row = 0, 0, []  # type: int, int, list[tuple[int, int]]
        self.rows: list[list[tuple[int, int]]] = []
        self.counts: list[int] = []

    def _entry(self, run: int, value: int) -> None:
        self.row.append((run, value))
        self.count += 1
        if len(self.row) == self.lanes:
            self._close()

    def _close(self) -> None:
        if self.row:
            self.rows.append(self.row + [(0, 0)] * (self.lanes - len(self.row)))
        self.row = []

    def value(self, value: int) -> None:
        """A result."""
        if value:
            self._entry(self.run, value)
            self.run = 0
        elif self.run == 15:
            self._entry(15, 0)
            self.run = 0
        else:
            self.run += 1

    def gap(self, size: int) -> None:
        """Positions behind a row of results."""
        if self.run + size < 16:
            self.run += size
        else:
            self._entry(15, 0)
            self.run += size - 16

    def flush(self) -> None:
        """End of a channel."""
        self._close()
        self.counts.append(self.count)
        self.run = self.count = 0


def row_word(row: list[tuple[int, int]]) -> int:
    """A row of activations as a memory word."""
    return sum((run << 16 | value & 0xFFFF) << 20 * lane for lane, (run, value) in enumerate(row))


def count_words(counts: list[int], lanes: int, width: int, addr: int) -> list[int]:
    """Words of the count memory: {first row, 8 counts}; ``addr`` bits of a row's address."""
    words, row = [], 0
    for first in range(0, len(counts), 8):
        window = counts[first : first + 8]
        words.append(row << 8 * width | sum(n << width * s for s, n in enumerate(window)))
        row += sum(-(-n // lanes) for n in window)
    assert row <= 1 << addr
    return words
