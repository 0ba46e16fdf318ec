"""lac_eie_act_rw against two files, two memories and ``requant``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cocotb.triggers import RisingEdge

from models.fixed import limits, requant
from tb.common.bfm.block import Checker, Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.streams import pause_pattern
from tb.eie.blocks.models import signed

ACT_WIDTH = config().get("ActWidth", 16)
ACC_WIDTH = config().get("AccWidth", 32)
REGS = config().get("ActRegs", 64)
ACT_DEPTH = config().get("ActDepth", 1024)
BIAS_DEPTH = config().get("BiasDepth", 256)
BIAS_WIDTH = config().get("BiasWidth", 32)
ACC_MASK = (1 << ACC_WIDTH) - 1
SRAM, SOURCE, DESTINATION = "sram", "source", "destination"
PULSES = (
    *("clear_i", "swap_i", "bias_rd_en_i", "bias_wr_en_i", "acc_wr_en_i", "act_wr_en_i"),
    *("src_rd_en_i", "acc_rd_en_i", "word_load_i", "scan_load_i"),
)
VALUES = (
    *("shift_i", "relu_i", "bias_rd_addr_i", "bias_reg_i", "bias_wr_addr_i", "bias_wr_data_i"),
    *("acc_rd_addr_i", "acc_wr_addr_i", "acc_wr_data_i", "act_wr_addr_i", "act_wr_data_i"),
    *("src_file_i", "src_dst_i", "src_rd_addr_i"),
)


@dataclass
class Model:
    """State of one PE's registers and memories; a register that is missing reads as zero."""

    files: list[dict[int, int]] = field(default_factory=lambda: [{}, {}])
    dst: int = 0
    shift: int = 0
    relu: int = 0
    kept: tuple[int, int] | None = None  # shift and ReLU of the source file
    acts: dict[int, int] = field(default_factory=dict)
    biases: dict[int, int] = field(default_factory=dict)
    bias_due: tuple[int, int] | None = None  # (register, value) that is written at the next edge
    file_out: list[int | None] = field(default_factory=lambda: [None, None])  # read last, by file
    read: tuple[str, int] | None = None  # where the row read last is from: memory word, or file
    loaded: int | None = None  # the word register
    scan: int | None = None

    def accumulator(self, row: int) -> int:
        """What the arithmetic unit reads of a row."""
        return self.files[self.dst].get(row, 0)

    def word(self) -> int | None:
        """What the word register would take; None: not defined yet."""
        if self.read is None:
            return None
        where, value = self.read
        if where == SRAM:
            return value
        by = (self.shift, self.relu) if where == DESTINATION else self.kept
        raw = self.file_out[value]
        return (
            None if by is None or raw is None else int(requant(raw, by[0], ACT_WIDTH, bool(by[1])))
        )

    def edge(self, pins: dict[str, int]) -> None:
        """One clock edge with these inputs high or set; everything is read before it is written."""
        get = pins.get
        word, due = self.word(), None
        if get("src_rd_en_i"):
            at, half = pins["src_rd_addr_i"], self.dst if pins["src_dst_i"] else 1 - self.dst
            if not pins["src_file_i"]:
                self.read = (SRAM, self.acts[at])
            else:
                self.read = (DESTINATION if pins["src_dst_i"] else SOURCE, half)
                self.file_out[half] = self.files[half].get(at, 0)
        if get("acc_rd_en_i"):
            self.file_out[self.dst] = self.accumulator(pins["acc_rd_addr_i"])
        if get("bias_rd_en_i"):
            due = (pins["bias_reg_i"], self.biases[pins["bias_rd_addr_i"]])
        if get("scan_load_i"):
            self.scan = self.loaded
        if get("word_load_i"):
            self.loaded = word
        if self.bias_due is not None:
            self.files[self.dst][self.bias_due[0]] = self.bias_due[1]
        elif get("acc_wr_en_i"):
            self.files[self.dst][pins["acc_wr_addr_i"]] = pins["acc_wr_data_i"]
        if get("clear_i"):
            self.files[self.dst].clear()
        if get("swap_i"):
            self.kept, self.dst = (self.shift, self.relu), 1 - self.dst
        if get("act_wr_en_i"):
            self.acts[pins["act_wr_addr_i"]] = pins["act_wr_data_i"]
        if get("bias_wr_en_i"):
            self.biases[pins["bias_wr_addr_i"]] = pins["bias_wr_data_i"]
        self.bias_due = due


class ActRwBench:
    """Drives one cycle at a time and compares every output that is defined."""

    OUTPUTS = ("acc_rd_data_o", "word_o", "scan_o")

    def __init__(self, dut):
        self.dut = dut
        self.rng = rng()
        self.model = Model()
        self.check = Checker("act_rw_outputs")
        self.pins = Pins(dut, dut.clk_i, *PULSES, *VALUES, *self.OUTPUTS)

    async def cycle(self, **pins: int) -> None:
        """One cycle with the pulses and values given, by port name without ``_i``."""
        model, named = self.model, {f"{name}_i": value for name, value in pins.items()}
        model.shift = named.get("shift_i", model.shift)
        model.relu = named.get("relu_i", model.relu)
        self._read_sum(named)
        self.pins.drive(**{name: 0 for name in PULSES if name not in named}, **self._bits(named))
        await RisingEdge(self.dut.clk_i)
        self._compare("acc_rd_data_o", ACC_WIDTH, model.file_out[model.dst])
        self._compare("word_o", ACT_WIDTH, model.loaded)
        self._compare("scan_o", ACT_WIDTH, model.scan)
        model.edge(named)

    def _read_sum(self, named: dict[str, int]) -> None:
        """Have the arithmetic unit read some register, if none is asked for and it may."""
        row = named.get("acc_rd_addr_i")
        if row is None:
            row = named["acc_rd_addr_i"] = int(self.rng.integers(REGS))
            row_read = named.get("src_rd_en_i") and named["src_file_i"] and named["src_dst_i"]
            if row_read or row == self.written(named):
                return
        named["acc_rd_en_i"] = 1

    def written(self, named: dict[str, int]) -> int | None:
        """The register of the destination that this cycle writes."""
        if self.model.bias_due is not None:
            return self.model.bias_due[0]
        return named["acc_wr_addr_i"] if named.get("acc_wr_en_i") else None

    @staticmethod
    def _bits(named: dict[str, int]) -> dict[str, int]:
        masks = {
            "acc_wr_data_i": ACC_WIDTH,
            "act_wr_data_i": ACT_WIDTH,
            "bias_wr_data_i": BIAS_WIDTH,
        }
        return {n: v & (1 << masks[n]) - 1 if n in masks else v for n, v in named.items()}

    def _compare(self, name: str, width: int, want: int | None) -> None:
        if want is not None:
            self.check.expect((name, want))
            self.check((name, signed(self.pins.read(name)[0], width)))

    def draw(self, width: int) -> int:
        """A random signed number; small ones and both ends are frequent."""
        low, high = limits(width)
        kind = self.rng.random()
        if kind < 0.2:
            return int(self.rng.choice([low, high, 0, -1]))
        bits = int(self.rng.integers(1, width + 1))
        return (
            signed(int(self.rng.integers(1 << bits)), bits)
            if kind < 0.6
            else int(self.rng.integers(low, high + 1))
        )

    def address(self, depth: int) -> int:
        """A random address, the last one often."""
        return depth - 1 if self.rng.random() < 0.2 else int(self.rng.integers(depth))

    async def fill(self) -> None:
        """Write every word of both memories (at most 16 each, and the last) and every register of
        both files (likewise), through two swaps."""
        for at in {*range(min(16, ACT_DEPTH)), ACT_DEPTH - 1}:
            await self.cycle(act_wr_en=1, act_wr_addr=at, act_wr_data=self.draw(ACT_WIDTH))
        for at in {*range(min(16, BIAS_DEPTH)), BIAS_DEPTH - 1}:
            await self.cycle(bias_wr_en=1, bias_wr_addr=at, bias_wr_data=self.draw(BIAS_WIDTH))
        for _ in range(2):
            for row in {*range(min(16, REGS)), REGS - 1}:
                await self.write(row, self.draw(ACC_WIDTH))
            await self.cycle(swap=1)

    async def write(self, row: int, value: int) -> None:
        """One accumulator write."""
        await self.cycle(acc_wr_en=1, acc_wr_addr=row, acc_wr_data=value)

    async def get(self, where: str, at: int) -> int:
        """Read one word and return it; compared on the way."""
        await self.cycle(
            src_rd_en=1,
            src_file=int(where != SRAM),
            src_dst=int(where == DESTINATION),
            src_rd_addr=at,
        )
        await self.cycle(word_load=1)
        await self.cycle()
        read: Any = self.model.loaded
        return read


@leaf_test
async def smoke(dut):
    """Goal: the way of an activation. Stimulus: write one, read it, hold it, move it to the scan
    register, read another. Check: word_o one cycle after its load, held; scan_o keeps the first."""
    await bring_up(dut)
    bench = ActRwBench(dut)
    last = ACT_DEPTH - 1
    await bench.cycle(act_wr_en=1, act_wr_addr=0, act_wr_data=-3)
    await bench.cycle(act_wr_en=1, act_wr_addr=last, act_wr_data=5)
    assert await bench.get(SRAM, 0) == (5 if last == 0 else -3)
    for _ in range(3):
        await bench.cycle()
    await bench.cycle(scan_load=1)
    assert await bench.get(SRAM, last) == 5
    assert bench.model.scan == (5 if last == 0 else -3)
    bench.check.done(minimum=10)


@leaf_test
async def directed_bias(dut):
    """Goal: bias to accumulator in two clock edges. Stimulus: all biases, one per cycle, with both
    signs at full width. Check: two edges after its read the register has it, sign-extended."""
    await bring_up(dut)
    bench = ActRwBench(dut)
    low, high = limits(BIAS_WIDTH)
    count = min(BIAS_DEPTH, REGS, 8)
    values = [(low, high, -1, 1)[k % 4] for k in range(count)]
    for at, value in enumerate(values):
        await bench.cycle(bias_wr_en=1, bias_wr_addr=at, bias_wr_data=value)
    await bench.cycle(clear=1)
    for at in range(count):
        await bench.cycle(bias_rd_en=1, bias_rd_addr=at, bias_reg=count - 1 - at)
    await bench.cycle()
    for at, value in enumerate(values):
        await bench.cycle(acc_rd_addr=count - 1 - at)
        await bench.cycle()
        assert bench.model.accumulator(count - 1 - at) == value


@leaf_test
async def directed_swap(dut):
    """Goal: results become inputs with the shift and ReLU of the layer that made them. Stimulus: a
    file written, swapped with shift 3 and ReLU, then other values of both on the pins and another
    file written. Check: both files, before and after a second swap."""
    await bring_up(dut)
    bench = ActRwBench(dut)
    last = REGS - 1
    for value in (100, -100):
        await bench.cycle(clear=1, shift=3, relu=1)
        await bench.write(last, value)
        assert await bench.get(DESTINATION, last) == max(0, int(requant(value, 3, ACT_WIDTH)))
        await bench.cycle(swap=1)
        await bench.cycle(shift=0, relu=0)
        await bench.cycle(clear=1)
        await bench.write(last, -7)
        assert await bench.get(SOURCE, last) == max(0, int(requant(value, 3, ACT_WIDTH)))
        assert await bench.get(DESTINATION, last) == -7
        await bench.cycle(swap=1, shift=1)
        assert await bench.get(SOURCE, last) == -4
        await bench.cycle(swap=1, shift=0)


@leaf_test
async def directed_clear(dut):
    """Goal: a clear takes the destination alone. Stimulus: both files written, cleared in turns,
    one register written again. Check: cleared ones read as zero at every port, the others keep."""
    await bring_up(dut)
    bench = ActRwBench(dut)
    await bench.fill()
    rows = sorted({0, min(1, REGS - 1), REGS - 1})
    for _ in range(3):
        await bench.cycle(clear=1)
        await bench.write(rows[-1], 1)
        for row in rows:
            await bench.cycle(acc_rd_addr=row)
            await bench.cycle()
            await bench.get(SOURCE, row)
            assert (await bench.get(DESTINATION, row) != 0) == (row == rows[-1])
        await bench.cycle(swap=1)


@for_profiles(globals())
async def random(dut, profile):
    """Goal: everything at once. Stimulus: each cycle a random choice of all that may coincide
    (memory writes, a read, a scan load, an accumulator write or a bias), now and then a clear or a
    swap; idle cycles by the profile. Check: every output in every cycle."""
    await bring_up(dut)
    bench = ActRwBench(dut)
    await bench.fill()
    draw, pauses = bench.rng, pause_pattern(profile, "operations")
    chance = draw.random
    for _ in range(600):
        if next(pauses):
            await bench.cycle()
            continue
        pins: dict[str, int] = {}
        if chance() < 0.3:
            at, data = bench.address(min(16, ACT_DEPTH)), bench.draw(ACT_WIDTH)
            pins |= {"act_wr_en": 1, "act_wr_addr": at, "act_wr_data": data}
        if chance() < 0.3:
            at, data = bench.address(min(16, BIAS_DEPTH)), bench.draw(BIAS_WIDTH)
            pins |= {"bias_wr_en": 1, "bias_wr_addr": at, "bias_wr_data": data}
        if chance() < 0.7:
            depth = ACT_DEPTH if (sram := chance() < 0.4) else REGS
            pins |= {"src_rd_en": 1, "src_file": not sram, "src_dst": chance() < 0.5}
            pins["src_rd_addr"] = bench.address(min(16, depth))
        if chance() < 0.5:
            pins["word_load"] = 1
        if chance() < 0.4:
            pins["scan_load"] = 1
        if chance() < 0.1:
            pins |= {"shift": int(draw.integers(ACC_WIDTH)), "relu": int(draw.integers(2))}
        busy = bench.model.bias_due is not None
        if busy or chance() < 0.4:
            if chance() < 0.5:
                at, row = bench.address(min(16, BIAS_DEPTH)), bench.address(REGS)
                pins |= {"bias_rd_en": 1, "bias_rd_addr": at, "bias_reg": row}
        elif chance() < 0.8:
            row, data = bench.address(REGS), bench.draw(ACC_WIDTH)
            pins |= {"acc_wr_en": 1, "acc_wr_addr": row, "acc_wr_data": data}
        else:
            pins |= {"clear": 1} if chance() < 0.3 else {"swap": 1}
        if pins.get("src_file") and pins["src_dst"]:
            named = {f"{name}_i": value for name, value in pins.items()}
            if pins["src_rd_addr"] == bench.written(named):
                pins["src_dst"] = 0  # a register is not read while it is written
        # The memories have one port: the write waits.
        if pins.get("src_rd_en") and not pins["src_file"]:
            pins.pop("act_wr_en", None)
        if pins.get("bias_rd_en"):
            pins.pop("bias_wr_en", None)
        await bench.cycle(**pins)
    bench.check.done(minimum=1500)


@leaf_test
async def extremes(dut):
    """Goal: rounding and saturation at the rails. Stimulus: accumulators around both rails of the
    activation and of the accumulator, and halves, under every shift, ReLU off and on. Check:
    word_o."""
    await bring_up(dut)
    bench = ActRwBench(dut)
    acc_low, acc_high = limits(ACC_WIDTH)
    low, high = limits(ACT_WIDTH)
    for shift in (0, 1, 2, ACC_WIDTH - ACT_WIDTH, ACC_WIDTH - 2, ACC_WIDTH - 1):
        half = (1 << shift) >> 1
        for value in (acc_low, acc_high, high << shift, (high << shift) + half, low << shift,
                      (low << shift) - half, half, -half, 1 - half, half - 1, 0):  # fmt: skip
            if acc_low <= value <= acc_high:
                await bench.write(REGS - 1, value)
                for relu in (0, 1):
                    await bench.cycle(shift=shift, relu=relu)
                    await bench.get(DESTINATION, REGS - 1)


@leaf_test
async def throughput(dut):
    """Goal: reads, a write and loads in every cycle. Stimulus: 64 of each back to back, but
    for the activation memory, which is written while rows come from the file. Check: every word."""
    await bring_up(dut)
    bench = ActRwBench(dut)
    await bench.fill()
    for k in range(64):
        at = k % min(16, ACT_DEPTH)
        await bench.cycle(
            act_wr_en=int(k % 3 == 0), act_wr_addr=at, act_wr_data=bench.draw(ACT_WIDTH),
            src_rd_en=1, src_file=k % 3 == 0, src_dst=0,
            src_rd_addr=at if k % 3 else k % REGS,
            acc_wr_en=1, acc_wr_addr=k % REGS, acc_wr_data=bench.draw(ACC_WIDTH),
            **({"acc_rd_addr": (k + 1) % REGS} if REGS > 1 else {}),
            word_load=1, scan_load=1,
        )  # fmt: skip
    bench.check.done(minimum=60 * 3)


@leaf_test
async def reset_mid(dut):
    """Goal: reset forgets the registers. Stimulus: both files written, an odd number of swaps, a
    bias under way, a reset. Check: every register reads as zero, then writes work."""
    await bring_up(dut)
    bench = ActRwBench(dut)
    await bench.fill()
    await bench.cycle(swap=1, shift=2)
    await bench.cycle(bias_rd_en=1, bias_rd_addr=0, bias_reg=0)
    bench.pins.drive(bias_rd_en_i=0, acc_rd_en_i=0)
    await reset(dut)
    old = bench.model
    bench.model = Model(shift=old.shift, relu=old.relu, acts=old.acts, biases=old.biases)
    bench.model.kept = old.kept
    bench.model.read, bench.model.file_out = old.read, old.file_out
    bench.model.loaded, bench.model.scan = old.loaded, old.scan
    for row in sorted({0, REGS - 1}):
        await bench.cycle(acc_rd_addr=row)
        for where in (DESTINATION, SOURCE):
            assert await bench.get(where, row) == 0
        await bench.write(row, 9)
        await bench.cycle(acc_rd_addr=row)
        await bench.cycle()
        await bench.get(DESTINATION, row)
