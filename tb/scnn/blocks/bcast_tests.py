"""lac_scnn_bcast: rows of runs to rows of channels and offsets, against positions in Python."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import RisingEdge

from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle
from tb.common.bfm.streams import pause_pattern

CONFIG = {"F": 4, "RowVectors": 8, "Banks": 32, "Entries": 32, "MaxKc": 64, "MaxC": 1024}
CONFIG |= {"MaxTaps": 128, "WgtDepth": 8192} | config()
F, DEPTH, MAX_C, TAPS = (CONFIG[name] for name in ("F", "WgtDepth", "MaxC", "MaxTaps"))
S = CONFIG["RowVectors"]
K_BITS = (CONFIG["MaxKc"] - 1).bit_length()
LIN = (CONFIG["Banks"] // 4 * CONFIG["Entries"] - 1).bit_length()
BLOCK_RANGE = 34
#: start_i to the first row.
FIRST = 6
Vec = dict[str, Any]  # valid, end, last, n, sub, runs [F], values [F]


def packed(window: int, vecs: list[Vec]) -> int:
    """A row of the weight buffer; places without a vector are not used."""
    word, at = window, 16
    full = vecs + [{}] * (S - len(vecs))
    for one in full:
        tag = one.get("sub", 0) | one.get("n", 0) << 3 | one.get("last", 0) << 8
        word |= (tag | one.get("end", 0) << 9 | int(bool(one)) << 10) << at
        at += 12
    for one in full:
        for run, value in zip(one.get("runs", [0] * F), one.get("values", [0] * F), strict=True):
            word |= (run << 16 | value & 0xFFFF) << at
            at += 20
    return word


END: Vec = {"end": 1, "last": 1, "n": 0, "sub": 0, "runs": [0] * F, "values": [0] * F}


class BcastBench:
    """Loads rows, starts, plays the PEs; every row is compared when it is taken."""

    def __init__(self, dut: Any, pause: str = "none"):
        self.dut, self.rng = dut, rng()
        ins: tuple[str, ...] = (
            "clr_i",
            "wr_row_i",
            "wr_off_i",
            "wr_addr_i",
            "wr_data_i",
            "start_i",
            "base_i",
        )
        ins += ("channels_i", "taps_i", "groups_i", "kc_log_i", "ready_i")
        self.pins = Pins(dut, dut.clk_i, *ins, "row_valid_o", "err_o", "err_code_o", "err_pos_o")
        self.pause = pause_pattern(pause, "ready")
        self.check = Checker("rows")
        self.offsets = [0] * TAPS
        self.times: list[int] = []
        self.held: int | None = None
        watched = ["row_valid_o", "ready_i", "take_o", "row_o", "clr_i"]
        self.monitor = EdgeMonitor(dut, watched, self._sample)

    def _sample(self, seen: EdgeMonitor) -> None:
        valid, ready, take = seen["row_valid_o"], seen["ready_i"], seen["take_o"]
        assert take == (valid & ready)
        if self.held is not None and not seen["clr_i"]:
            assert valid and seen["row_o"] == self.held, "the row changed before it was taken"
        self.held = seen["row_o"] if valid and not ready and not seen["clr_i"] else None
        if take:
            self.times.append(cycle())
            self.check(self.unpacked(seen["row_o"]))

    def unpacked(self, row: int) -> tuple:
        """A row as the PEs see it; lanes that do not count are left out."""
        lane = K_BITS + LIN + 16
        found = []
        for _ in range(S):
            lanes = []
            for _ in range(F):
                one = row & (1 << lane) - 1
                lanes.append((one >> 16 + LIN, one >> 16 & (1 << LIN) - 1, one & 0xFFFF))
                row >>= lane
            tag = row & 0x7FF
            row >>= 11
            valid, n = tag >> 10, tag >> 3 & 31
            found.append(
                (valid, tag >> 9 & 1, tag >> 8 & 1, n, tag & 7, *lanes[:n]) if valid else 0
            )
        return (row, *found)

    async def offsets_to(self, values: list[int]) -> None:
        """The offset table, four entries at a time."""
        self.offsets = values
        for base in range(0, len(values), 4):
            part = values[base : base + 4]
            data = sum(value << 16 * lane for lane, value in enumerate(part))
            self.pins.drive(wr_off_i=(1 << len(part)) - 1, wr_addr_i=base, wr_data_i=data)
            await RisingEdge(self.dut.clk_i)
        self.pins.drive(wr_off_i=0)

    async def load(self, base: int, rows: list[tuple[int, list[Vec]]]) -> None:
        """Rows of the buffer."""
        for number, (window, vecs) in enumerate(rows):
            self.pins.drive(wr_addr_i=base + number, wr_data_i=packed(window, vecs))
            await self.pins.pulse("wr_row_i")

    def want(self, rows: list[tuple[int, list[Vec]]], kc_log: int) -> list[tuple]:
        """The truth: runs added up over the vectors of a block."""
        found, position = [], -1
        for window, vecs in rows:
            row: list[Any] = []
            for one in vecs:
                lanes = []
                for run, value in zip(one["runs"][: one["n"]], one["values"], strict=False):
                    position += run + 1
                    k, tap = position & (1 << kc_log) - 1, position >> kc_log
                    lanes.append((k, self.offsets[tap], value & 0xFFFF))
                row.append((1, one["end"], one["last"], one["n"], one["sub"], *lanes))
                if one["last"]:
                    position = -1
            found.append((window, *row, *[0] * (S - len(vecs))))
        return found

    async def start(self, base: int, groups: int, kc_log: int, channels: int, taps: int) -> int:
        """The start pulse; returns its cycle."""
        self.times.clear()
        self.pins.drive(base_i=base, groups_i=groups, kc_log_i=kc_log, ready_i=0)
        self.pins.drive(channels_i=channels, taps_i=taps)
        begin = cycle() + 1
        await self.pins.pulse("start_i")
        return begin

    async def play(self, rows: int) -> None:
        """Readies until so many rows are taken, and some cycles more."""
        more = 12
        for _ in range(200 + 40 * rows):
            self.pins.drive(ready_i=int(not next(self.pause)))
            await RisingEdge(self.dut.clk_i)
            if self.check.pending == 0:
                more -= 1
            if not more:
                return

    async def run(self, base: int, rows: list, groups: int, kc_log: int) -> int:
        """A pass: all rows, in order, none behind the last end."""
        self.check.expect(*self.want(rows, kc_log))
        begin = await self.start(base, groups, kc_log, MAX_C, TAPS)
        await self.play(len(rows))
        self.check.done()
        assert self.pins.read("row_valid_o", "err_o") == [0, 0]
        await self.pins.pulse("clr_i")
        return begin

    def vec(self, n: int, sub: int, last: int, most: int = 15) -> Vec:
        """A vector of random weights."""
        draw = self.rng
        runs = [int(draw.integers(0, most + 1)) for _ in range(F)]
        values = [int(draw.integers(-(1 << 15), 1 << 15)) for _ in range(F)]
        return {"end": 0, "last": last, "n": n, "sub": sub, "runs": runs, "values": values}

    def program(self, groups: int, kc_log: int) -> list[tuple[int, list[Vec]]]:
        """Groups of blocks of random size, in rows that are filled more or less."""
        draw = self.rng
        rows: list[tuple[int, list[Vec]]] = []
        for _ in range(groups):
            number = min(MAX_C // 8, int(draw.integers(1, 3)))
            for window in sorted(draw.choice(MAX_C // 8, number, replace=False)):
                row: list[Vec] = []
                for sub in sorted(draw.choice(8, int(draw.integers(1, 4)), replace=False)):
                    left = TAPS << kc_log
                    for place in range(size := min(TAPS, int(draw.choice([1, 1, 2, 3, 9])))):
                        most = min(15, left // (F * (size - place)) - 1)
                        if most < 0:
                            row[-1]["last"] = 1
                            break
                        n = int(draw.integers(1, F + 1)) if draw.random() < 0.4 else F
                        last = int(place == size - 1)
                        one = self.vec(n, int(sub), last, most)
                        left -= sum(run + 1 for run in one["runs"][:n])
                        if len(row) == S or (row and draw.random() < 0.1):
                            rows.append((int(window), row))
                            row = []
                        row.append(one)
                rows.append((int(window), row))
            if len(rows[-1][1]) < S and draw.random() < 0.7:
                rows[-1][1].append(END)
            else:
                rows.append((0, [END]))
        return rows


def any_offsets(bench: BcastBench) -> list[int]:
    return [int(bench.rng.integers(0, 1 << LIN)) for _ in range(TAPS)]


@leaf_test
async def smoke(dut):
    """Goal: a block over two rows, and its end. Stimulus: full vectors. Check: rows, first one in
    cycle 6."""
    await bring_up(dut)
    bench = BcastBench(dut)
    await bench.offsets_to(any_offsets(bench))
    vecs = [bench.vec(F, 1, int(n == S), 0) for n in range(S + 1)]
    rows = [(0, vecs[:S]), (0, [vecs[S], END])]
    await bench.load(3, rows)
    begin = await bench.run(3, rows, 1, 2)
    assert bench.times == [begin + FIRST, begin + FIRST + 1]


@leaf_test
async def directed_blocks(dut):
    """Goal: where blocks begin and end. Stimulus: the last vector of a block at each place of a
    row, blocks without weights, vectors of each size, a block of the last tap, every Kc. Check:
    rows."""
    await bring_up(dut)
    bench = BcastBench(dut)
    await bench.offsets_to(any_offsets(bench))
    top = K_BITS
    for kc_log in range(2, top + 1):
        rows: list[tuple[int, list[Vec]]] = []
        for place in range(S):
            sizes = [
                bench.vec(int(bench.rng.integers(1, F + 1)), n, int(n == place), 1)
                for n in range(S)
            ]
            rows += [(place % (MAX_C // 8), sizes), (place % (MAX_C // 8), [bench.vec(1, 0, 1, 1)])]
        rows.append(
            (0, [bench.vec(0, 3, 1), *[bench.vec(n % F + 1, 4, 1, 0) for n in range(S - 1)]])
        )
        far, reach = [], (TAPS << kc_log) - 1  # position of the last weight
        while reach >= 0:
            step = bench.vec(F, 5, 0, 0)
            for lane in range(F):
                step["runs"][lane] = min(15, reach)
                reach -= step["runs"][lane] + 1
                if reach < 0:
                    step |= {"n": lane + 1, "last": 1}
                    break
            far.append(step)
        rows += [(0, far[n : n + S]) for n in range(0, len(far), S)]
        rows.append((0, [END]))
        if len(rows) > DEPTH:
            rows = [*rows[: 2 * S + 1], (0, [END])]
        await bench.load(0, rows)
        await bench.run(0, rows, 1, kc_log)


@leaf_test
async def throughput(dut):
    """Goal: a row per cycle. Stimulus: groups of any blocks, PEs always ready. Check: successive
    cycles from the sixth on, to the last row of the buffer."""
    await bring_up(dut)
    bench = BcastBench(dut)
    await bench.offsets_to(any_offsets(bench))
    rows = bench.program(3, 2)[-min(DEPTH, 40) :]
    while rows and not any(one["end"] for _, vecs in rows for one in vecs):
        rows = bench.program(3, 2)[-min(DEPTH, 40) :]
    groups = sum(one["end"] for _, vecs in rows for one in vecs)
    await bench.load(DEPTH - len(rows), rows)
    begin = await bench.run(DEPTH - len(rows), rows, groups, 2)
    assert bench.times == list(range(begin + FIRST, begin + FIRST + len(rows)))


async def fails(bench: BcastBench, rows: list, bad: int, **cfg: int) -> None:
    """Row ``bad`` ends the pass with BLOCK_RANGE, those before it come; then a good pass."""
    base = 2
    settings = {"groups": 1, "kc_log": 2, "channels": MAX_C, "taps": TAPS} | cfg
    await bench.load(base, rows)
    bench.check.expect(*bench.want(rows[:bad], settings["kc_log"]))
    await bench.start(base, **settings)
    for _ in range(20 + 2 * len(rows)):
        bench.pins.drive(ready_i=1)
        await RisingEdge(bench.dut.clk_i)
    bench.check.done(0)
    found = bench.pins.read("err_o", "err_code_o", "err_pos_o", "row_valid_o")
    assert found == [1, BLOCK_RANGE, base + bad, 0], found
    await bench.pins.pulse("clr_i")
    good = [(0, [bench.vec(F, 0, 1, 0), END])]
    await bench.load(0, good)
    await bench.run(0, good, 1, 2)


@leaf_test
async def bad_range(dut):
    """Goal: weights that a pass has no place for. Stimulus: a tap, a channel and a number of
    weights one too large, in the first and a later row; lanes that do not count beyond the kernel;
    no end up to the last row. Check: BLOCK_RANGE with the row, nothing of it; or none."""
    await bring_up(dut)
    bench = BcastBench(dut)
    await bench.offsets_to(any_offsets(bench))
    plain = (0, [bench.vec(F, 0, 1, 0)])
    for before in (0, 3):
        first = bench.vec(1, 0, 1, 0)
        first["runs"][0] = 8
        await fails(bench, [plain] * before + [(0, [first]), (0, [END])], before, taps=2)
        await fails(bench, [plain] * before + [(0, [bench.vec(1, 5, 1, 0)])], before, channels=5)
        many = [(0, [bench.vec(F + 1, 0, 1, 0)])]
        await fails(bench, [plain] * before + many, before)
    if MAX_C < 8 << 12:
        await fails(bench, [(0xFFFF, [bench.vec(1, 0, 1, 0)])], 0)
    unused = bench.vec(1, 0, 1, 0)
    unused["runs"] = [7, *[15] * (F - 1)]
    rows = [(0, [unused, END])]
    await bench.load(0, rows)
    bench.check.expect(*bench.want(rows, 2))
    await bench.start(0, 1, 2, 1, 2)
    await bench.play(1)
    bench.check.done()
    assert bench.pins.read("err_o") == [0]
    await bench.pins.pulse("clr_i")
    if DEPTH <= 64:
        await fails(bench, [plain] * (DEPTH - 2), DEPTH - 2)


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear with rows on their way. Stimulus: each 1 to 9 cycles after a start.
    Check: nothing is offered behind; the next pass is exact."""
    await bring_up(dut)
    bench = BcastBench(dut)
    await bench.offsets_to(any_offsets(bench))
    rows = bench.program(1, 2)[:DEPTH]
    await bench.load(0, rows)
    for way in ("reset", "clear"):
        for wait in range(1, 10):
            await bench.start(0, 1, 2, MAX_C, TAPS)
            for _ in range(wait):
                await RisingEdge(dut.clk_i)
            await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
            bench.held = None
            for _ in range(8):
                await RisingEdge(dut.clk_i)
                assert bench.pins.read("row_valid_o") == [0]
            if rows[-1][1][-1]["end"]:
                await bench.run(0, rows, 1, 2)


@for_profiles(globals(), cycles=100_000)
async def random(dut, profile):
    """Goal: any programs under any pauses. Stimulus: 12 of up to 3 groups, new offsets now and
    then. Check: every row, none behind the last end."""
    await bring_up(dut)
    bench = BcastBench(dut, profile)
    for turn in range(12):
        if turn % 4 == 0:
            await bench.offsets_to(any_offsets(bench))
        groups = int(bench.rng.integers(1, 4))
        kc_log = int(bench.rng.integers(2, K_BITS + 1))
        rows = bench.program(groups, kc_log)
        if len(rows) > DEPTH:
            continue
        base = int(bench.rng.integers(0, DEPTH - len(rows) + 1))
        await bench.load(base, rows)
        await bench.run(base, rows, groups, kc_log)
