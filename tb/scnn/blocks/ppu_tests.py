"""lac_scnn_ppu against the contract's rules for halo links, sums, encoder, counts and carry
words."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import RisingEdge

from models.fixed import limits, requant
from models.socket import ErrorCode
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle
from tb.scnn.blocks.top_reference import (
    DRAIN,
    FLUSH,
    GAP,
    SEND_E,
    SEND_N,
    SEND_S,
    SEND_W,
    Encoder,
    count_words,
    row_word,
)

CONFIG = {"I": 4, "AccWidth": 24, "MaxKc": 64, "IaramRows": 1024, "CountWidth": 8}
CONFIG |= {"MaxC": 1024, "CarryDepth": 2048} | config()
LANES, ACC, ROWS, COUNT = (CONFIG[name] for name in ("I", "AccWidth", "IaramRows", "CountWidth"))
MAX_C, CARRY = CONFIG["MaxC"], CONFIG["CarryDepth"]
ADDR = max(1, (ROWS - 1).bit_length())
LOW, HIGH = limits(ACC)
OARAM, CARRY_OVERFLOW = 33, 36
#: Class of a position: bits of lac_scnn_class_t.
OWN, FIN, COUT, CIN = 8, 4, 2, 1
SIDES = {SEND_W: 0, SEND_E: 1, SEND_N: 2, SEND_S: 3}
OPPOSITE = {0: 1, 1: 0, 2: 3, 3: 2}
OUT: tuple[str, ...] = (
    "drain_valid_o",
    "add_valid_o",
    "add_data_o",
    "row_wr_en_o",
    "row_addr_o",
    "row_data_o",
)
OUT += ("cnt_wr_en_o", "cnt_addr_o", "cnt_data_o", "ev_halo_o", "ev_carry_o")
OUT += ("err_valid_o", "err_code_o", "err_pos_o", "carried_o", "out_data_o")
PE = 5


class PpuBench:
    """Plays walker, banks and neighbours; truth in ``encoder`` and ``carry``."""

    def __init__(self, dut: Any):
        self.dut, self.rng = dut, rng()
        ins: tuple[str, ...] = (
            "clr_i",
            "pe_i",
            "side_i",
            "start_i",
            "keep_i",
            "end_i",
            "shift_i",
            "relu_i",
            "gap_i",
        )
        ins += ("cout_base_i", "op_i", "k_i", "x_i", "y_i", "bias_i", "drain_data_i", "halo_i")
        ins += ("wr_carry_i", "wr_carry_addr_i", "wr_carry_data_i", "out_rd_en_i", "out_addr_i")
        self.pins = Pins(dut, dut.clk_i, *ins, *OUT)
        self.pins.drive(pe_i=PE)
        self.encoder = Encoder(LANES)
        self.carry: dict[int, int] = {}
        self.rows: dict[int, int] = {}
        self.counts: dict[int, int] = {}
        self.events = [0, 0, 0, 0]  # halo words, carry words, rows, words of counts
        self.monitor = EdgeMonitor(dut, OUT, self._sample)

    def _sample(self, seen: EdgeMonitor) -> None:
        if seen["row_wr_en_o"]:
            self.rows[seen["row_addr_o"]] = seen["row_data_o"]
            self.events[2] += 1
        if seen["cnt_wr_en_o"]:
            self.counts[seen["cnt_addr_o"]] = seen["cnt_data_o"]
            self.events[3] += 1
        self.events[0] += seen["ev_halo_o"]
        self.events[1] += seen["ev_carry_o"]

    async def load_carry(self, words: list[int]) -> None:
        """Carry words of another chip tile, from word 0 on."""
        for address, word in enumerate(words):
            self.pins.drive(wr_carry_addr_i=address, wr_carry_data_i=word & (1 << ACC) - 1)
            self.carry[address] = word
            await self.pins.pulse("wr_carry_i")

    async def play(self, commands: list[dict[str, Any]]) -> None:
        """One command a cycle; fields: op, k, x, y (classes), acc (word read), bias, halo (by
        side)."""
        late: dict[int, dict[str, int]] = {}
        mask = (1 << ACC) - 1
        for t in range(len(commands) + 5):
            one = commands[t] if t < len(commands) else {}
            late.setdefault(t, {}).update(op_i=one.get("op", 0), k_i=one.get("k", 0))
            if one:
                late.setdefault(t + 1, {}).update(x_i=one.get("x", 0), y_i=one.get("y", 0))
                late.setdefault(t + 2, {}).update(drain_data_i=one.get("acc", 0) & mask)
                late[t + 2]["halo_i"] = one.get("halo", 0)
                late.setdefault(t + 4, {}).update(bias_i=one.get("bias", 0) & mask)
            self.pins.drive(**late[t])
            await RisingEdge(self.dut.clk_i)

    async def compute(
        self, channels: list[list[dict[str, Any]]], gap: int, shift: int, relu: bool, *,
        keep: bool = False, cout_base: int = CARRY // 2,
    ) -> None:  # fmt: skip
        """DRAINs (a ``gap`` key in one: a GAP goes before it) of channels; then all is compared."""
        self.pins.drive(keep_i=keep, gap_i=gap, shift_i=shift, relu_i=relu, cout_base_i=cout_base)
        await self.pins.pulse("clr_i")
        await self.pins.pulse("start_i")
        if not keep:
            self.encoder = Encoder(LANES)
            self.rows.clear()
            self.counts.clear()
        else:
            assert self.encoder.run == 0
        self.events = [0, 0, 0, 0]
        carry_in, carry_out, moved, commands = 0, cout_base, 0, []
        before = len(self.encoder.rows), len(self.encoder.counts)
        for channel in channels:
            for one in channel:
                if one.get("gap"):
                    commands.append({"op": GAP})
                    self.encoder.gap(gap)
                commands.append({"op": DRAIN} | one)
                x, y = one["x"], one["y"]
                own = x & y & OWN
                final = bool(own and x & y & FIN)
                leaves = bool(own and not final and x & y & COUT)
                total = one["acc"]
                if (final or leaves) and (x | y) & CIN:
                    total += self.carry[carry_in]
                    carry_in += 1
                    moved += 1
                if leaves:
                    self.carry[carry_out] = total
                    carry_out += 1
                    moved += 1
                value = int(requant(total + one["bias"], shift, 16, relu)) if final else 0
                self.encoder.value(value)
            commands.append({"op": FLUSH})
            self.encoder.flush()
        await self.play(commands)
        for _ in range(3):
            await RisingEdge(self.dut.clk_i)
        await self.pins.pulse("end_i")
        for _ in range(4):
            await RisingEdge(self.dut.clk_i)
        assert self.pins.read("err_valid_o") == [0], self.pins.read("err_code_o", "err_pos_o")
        assert self.rows == {n: row_word(row) for n, row in enumerate(self.encoder.rows)}
        want = count_words(self.encoder.counts, LANES, COUNT, ADDR)
        assert self.counts == dict(enumerate(want))
        done = len(self.encoder.counts)
        windows = done // 8 - before[1] // 8 + (done % 8 > 0)
        assert self.events == [0, moved, len(self.encoder.rows) - before[0], windows]
        assert self.pins.read("carried_o") == [carry_out - cout_base]
        for address in range(cout_base, carry_out):
            self.pins.drive(out_addr_i=address)
            await self.pins.pulse("out_rd_en_i")
            await RisingEdge(self.dut.clk_i)
            assert self.pins.read("out_data_o") == [self.carry[address] & (1 << ACC) - 1]

    def position(self, density: float, carries: bool = False) -> dict[str, Any]:
        """A DRAIN whose sum, bias and carry word fit."""
        draw = self.rng
        acc = int(draw.integers(LOW // 4, HIGH // 4)) if draw.random() < density else 0
        if draw.random() < 0.3:
            acc >>= int(draw.integers(0, ACC))
        x, y = (int(draw.choice([15, 14, 12, 10, 6, 3, 11]) if carries else 12) for _ in range(2))
        bias = int(draw.integers(LOW // 8, HIGH // 8)) if density == 1.0 else 0
        return {"x": x, "y": y, "acc": acc, "bias": bias, "k": int(draw.integers(4))}

    def channel(self, size: int, density: float, gap: int = 0, carries: bool = False) -> list:
        """Rows of positions, with gaps between them."""
        found = [self.position(density, carries) for _ in range(size)]
        for n in range(1, size):
            if gap and n % 3 == 0:
                found[n]["gap"] = 1
        return found


@leaf_test
async def smoke(dut):
    """Goal: results of two channels. Stimulus: dense sums with biases. Check: rows, counts,
    events."""
    await bring_up(dut)
    bench = PpuBench(dut)
    await bench.compute([bench.channel(6, 1.0), bench.channel(5, 0.5)], 0, 3, False)


@leaf_test
async def directed_runs(dut):
    """Goal: runs of 0, 14 to 17, 31 to 33 zeros before a value and at the end, gaps that add to
    them, empty channels. Stimulus: such channels. Check: rows, counts."""
    await bring_up(dut)
    bench = PpuBench(dut)
    for gap in (0, 1, 7, 15, 16):
        channels = []
        for zeros in (0, 1, 14, 15, 16, 17, 31, 32, 33):
            nothing = {"x": 12, "y": 12, "acc": 0, "bias": 0}
            one = [dict(nothing) for _ in range(zeros)] + [nothing | {"acc": zeros + 1}]
            if gap and zeros:
                one[zeros // 2]["gap"] = 1
                one[-1]["gap"] = 1
            channels += [one, one[:-1] or [dict(nothing)]]
        await bench.compute(channels, gap, 0, False)


@leaf_test
async def directed_halo(dut):
    """Goal: halo links. Stimulus: sends to each side, with and without a neighbour there and
    behind, back to back. Check: the own word is read or not in the cycle; two cycles later the word
    of the neighbour on the other side is added."""
    await bring_up(dut)
    bench = PpuBench(dut)
    draw, mask = bench.rng, (1 << ACC) - 1
    for side in range(16):
        bench.pins.drive(side_i=side)
        sent = [int(draw.choice([0, SEND_W, SEND_E, SEND_N, SEND_S])) for _ in range(40)]
        words = [[int(draw.integers(0, mask)) for _ in range(4)] for _ in sent]
        packed = [sum(word << ACC * n for n, word in enumerate(four)) for four in words]
        seen: list[list[int]] = []
        names = ("drain_valid_o", "add_valid_o", "add_data_o", "ev_halo_o")
        for t in range(len(sent) + 3):
            bench.pins.drive(op_i=sent[t] if t < len(sent) else 0)
            bench.pins.drive(halo_i=packed[t - 2] if 2 <= t < len(sent) + 2 else 0)
            await RisingEdge(dut.clk_i)
            seen.append(bench.pins.read(*names))
        for t, op in enumerate(sent):
            here = int(op != 0 and side >> SIDES[op] & 1)
            assert (seen[t][0], seen[t][3]) == (here, here), (side, op)
            other = OPPOSITE[SIDES[op]] if op else 0
            adds = int(op != 0 and side >> other & 1)
            assert seen[t + 2][1] == adds, (side, op)
            assert not adds or seen[t + 2][2] == words[t][other], (side, op)


@leaf_test
async def directed_carry(dut):
    """Goal: sums of other chip tiles in and out. Stimulus: positions of all classes along both
    axes, carried words read and written in successive cycles. Check: results, carry words,
    events."""
    await bring_up(dut)
    bench = PpuBench(dut)
    for _ in range(3):
        words = [int(bench.rng.integers(LOW // 4, HIGH // 4)) for _ in range(CARRY // 2)]
        await bench.load_carry(words[:60])
        await bench.compute([bench.channel(12, 1.0, 0, True) for _ in range(3)], 0, 4, False)


@leaf_test
async def directed_keep(dut):
    """Goal: results behind those of the pass before; behind a reset there are none. Stimulus:
    passes of channels that end within a window of counts and at its end, a reset. Check: rows and
    counts of all of them."""
    first = ((False, 3), (True, 2), (True, 3), (True, 8), (False, 1), (True, 1))
    for passes in (first, ((True, 2),)):
        await bring_up(dut)
        bench = PpuBench(dut)
        for keep, size in passes:
            channels = [bench.channel(4, 0.6) for _ in range(size)]
            await bench.compute(channels, 0, 2, True, keep=keep)


@leaf_test
async def extremes(dut):
    """Goal: both rails of sums and results, full memories. Stimulus: sums at the rails, largest
    shift, ReLU; rows and counts exactly full. Check: results."""
    await bring_up(dut)
    bench = PpuBench(dut)
    for shift in (0, 1, ACC - 1):
        for relu in (False, True):
            sums = (LOW, HIGH, -1, 0, 1, 1 << 14, -(1 << 15), 1 << 15)
            rails = [{"x": 12, "y": 12, "acc": acc, "bias": 0} for acc in sums]
            await bench.compute([rails], 0, shift, relu)
    most = (1 << COUNT) - 1
    if most <= 63:
        full = [{"x": 12, "y": 12, "acc": 1, "bias": 0} for _ in range(most)]
        await bench.compute([full], 0, 0, False)
    if ROWS <= 64:
        full = [{"x": 12, "y": 12, "acc": 1, "bias": 0} for _ in range(LANES)]
        await bench.compute([full] * min(ROWS, MAX_C), 0, 0, False)


async def fails(bench: PpuBench, commands: list, code: int, where: int, **pins: int) -> None:
    """These commands end in that error, which stays; then a clear and a good pass."""
    bench.pins.drive(keep_i=0, gap_i=0, shift_i=0, relu_i=0, cout_base_i=CARRY // 2)
    bench.pins.drive(**pins)
    await bench.pins.pulse("clr_i")
    await bench.pins.pulse("start_i")
    await bench.play(commands)
    for _ in range(6):
        await RisingEdge(bench.dut.clk_i)
    found = bench.pins.read("err_valid_o", "err_code_o", "err_pos_o")
    assert found == [1, code, PE << 24 | where], f"{found}, expected {code} at {where:#x}"
    await bench.compute([bench.channel(4, 1.0)], 0, 1, False)


@leaf_test
async def bad_sum(dut):
    """Goal: sums that leave the accumulator. Stimulus: by a carry word and by a bias, of a final
    sum and of one that leaves; and of one that nobody uses. Check: ACC_OVERFLOW {PE, k} or
    nothing."""
    await bring_up(dut)
    bench = PpuBench(dut)
    await bench.load_carry([1, -1])
    base = {"op": DRAIN, "k": 2, "y": 15, "bias": 0}
    code = int(ErrorCode.ACC_OVERFLOW)
    await fails(bench, [base | {"x": 15, "acc": HIGH}], code, 2)
    await fails(bench, [base | {"x": OWN | COUT | CIN, "acc": HIGH}], code, 2)
    await fails(bench, [base | {"x": 12, "y": 12, "acc": HIGH, "bias": 1}], code, 2)
    await fails(bench, [base | {"x": 12, "y": 12, "acc": LOW, "bias": -1, "k": 3}], code, 3)
    unused = {"x": OWN | CIN, "y": OWN | CIN, "acc": HIGH, "bias": 1}
    await bench.compute([[unused, bench.position(1.0)]], 0, 0, False)


@leaf_test
async def bad_room(dut):
    """Goal: results that do not fit. Stimulus: a row, a count, a channel and a carry word too many,
    in and out. Check: OARAM_OVERFLOW {PE, channel}, CARRY_OVERFLOW {PE, k}."""
    await bring_up(dut)
    bench = PpuBench(dut)
    one = {"op": DRAIN, "x": 12, "y": 12, "acc": 1, "bias": 0}
    flush = {"op": FLUSH}
    if ROWS < MAX_C:
        await fails(bench, [one, flush] * (ROWS + 1), OARAM, ROWS)
    if (1 << COUNT) - 1 < ROWS * LANES:
        await fails(bench, [one] * (1 << COUNT), OARAM, 0)
    zero = one | {"acc": 0}
    await fails(bench, [zero, flush] * (MAX_C + 1), OARAM, MAX_C)
    out = one | {"x": OWN | COUT, "y": 15 - FIN - CIN, "k": 1}
    await fails(bench, [out] * 2, CARRY_OVERFLOW, 1, cout_base_i=CARRY - 1)
    await bench.load_carry([0] * CARRY)
    await fails(bench, [one | {"x": 15, "k": 3, "acc": 0}] * (CARRY + 1), CARRY_OVERFLOW, 3)


@leaf_test
async def reset_mid(dut):
    """Goal: reset and clear with sums on their way. Stimulus: each in several cycles. Check: no row
    or carry word of them; the next pass is exact."""
    await bring_up(dut)
    bench = PpuBench(dut)
    for way in ("reset", "clear"):
        for wait in range(1, 9):
            await bench.pins.pulse("start_i")
            edge = OWN | COUT if wait % 2 else 12  # carry words, or values
            bench.pins.drive(op_i=DRAIN, x_i=edge, y_i=edge, drain_data_i=1)
            for _ in range(wait):
                await RisingEdge(dut.clk_i)
            bench.pins.drive(op_i=0)
            await (reset(dut) if way == "reset" else bench.pins.pulse("clr_i"))
            assert way == "clear" or bench.pins.read("carried_o") == [0]
            before = cycle()
            await bench.compute([bench.channel(7, 0.7)], 0, 2, False)
            assert cycle() > before


@for_profiles(globals(), ("none",))
async def random(dut, profile):
    """Goal: any results. Stimulus: 12 passes of random density, gap, shift, ReLU, with and without
    carry words. Check: rows, counts, carry words, events."""
    await bring_up(dut)
    bench, draw = PpuBench(dut), rng()
    for _ in range(12):
        carries = bool(draw.integers(2))
        if carries:
            await bench.load_carry([int(draw.integers(LOW // 4, HIGH // 4)) for _ in range(80)])
        gap = int(draw.choice([0, 0, 3, 16]))
        density = float(draw.choice([0.0, 0.1, 0.5, 1.0]))
        sizes = draw.integers(1, 16, int(draw.integers(1, 5)))
        channels = [bench.channel(int(size), density, gap, carries) for size in sizes]
        shift = int(draw.integers(0, ACC))
        await bench.compute(channels, gap, shift, bool(draw.integers(2)))
