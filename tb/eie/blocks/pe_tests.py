"""lac_eie_pe: from broadcast to result, against a matrix product of the PE's slice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge

from models.fixed import requant
from models.formats.csc import encode, pack_rows
from models.socket import ErrorCode
from tb.common.bfm.block import Pins, bring_up, config, for_profiles, leaf_test, reset, rng
from tb.common.bfm.block_parts import EdgeMonitor, cycle
from tb.common.bfm.streams import StreamDriver
from tb.eie.blocks.models import signed

NUM_PE = config().get("NumPe", 64)
PE = NUM_PE - 1  # the one that is tested
ACT_WIDTH = config().get("ActWidth", 16)
WGT_WIDTH = config().get("WgtWidth", 16)
ACC_WIDTH = config().get("AccWidth", 32)
CODE_WIDTH = config().get("CodeWidth", 4)
IDX_WIDTH = config().get("IdxWidth", 4)
LANES = config().get("SpmatWidth", 64) // (CODE_WIDTH + IDX_WIDTH)
SPMAT_DEPTH = config().get("SpmatDepth", 16384)
PTR_DEPTH = config().get("PtrDepth", 16384)
PTR_WIDTH = config().get("PtrWidth", 18)
REGS = config().get("ActRegs", 64)
CODES = 1 << CODE_WIDTH
#: From the push to the cycle with the accumulator write; it lands one edge later.
TO_WRITE = 9
EVENTS = ("mac", "zero", "empty", "bypass", "ptr", "spmat", "acc_wr")
PULSES = ("clr_i", "clear_i", "swap_i", "bias_rd_en_i", "wr_book_i", "wr_ptr_i", "wr_spmat_i",
          "wr_bias_i", "act_wr_en_i", "src_rd_en_i", "word_load_i", "scan_load_i")  # fmt: skip
VALUES = ("out_len_i", "ptr_base_i", "book_i", "shift_i", "relu_i", "skip_empty_i", "fuse_pad_i",
          "bias_rd_addr_i", "bias_reg_i", "wr_pe_i", "wr_addr_i", "wr_sel_i", "wr_data_i",
          "act_wr_addr_i", "act_wr_data_i", "src_file_i", "src_dst_i", "src_rd_addr_i",
          "pe_idx_i")  # fmt: skip
OUTPUTS = ("word_nz_o", "scan_o", "idle_o", "err_valid_o", "err_code_o", "err_pos_o")


class Broadcast(StreamDriver):
    """The broadcast into one PE: a push is valid, the queue's state is ready."""

    name = "bcast"

    def __init__(self, dut, pause: str):
        no_name: Any = None
        super().__init__(dut, no_name, dut.clk_i, pause=pause, fields=("act", "col"))

    def _describe(self, dut, name, fields, into, has_ready) -> None:
        super()._describe(dut, self.name, fields, into, has_ready)
        self._signals = {"valid": "bcast_push_i", "ready": "queue_ready_o"}
        self._signals |= {field: f"bcast_{field}_i" for field in fields}


class PeBench:
    """A slice in the memories, columns in, accumulators out."""

    def __init__(self, dut, pause: str = "none"):
        self.dut = dut
        self.rng = rng()
        self.broadcast = Broadcast(dut, pause)
        self.pins = Pins(dut, dut.clk_i, *PULSES, *VALUES, *OUTPUTS)
        self.pins.drive(pe_idx_i=PE)
        self.counts = dict.fromkeys(EVENTS, 0)
        self.write_times: list[int] = []
        self.slot_times: list[int] = []
        self.push_times: list[int] = []
        signals = [*(f"ev_{e}_o" for e in EVENTS), "bcast_push_i", "queue_ready_o", "idle_o"]
        self.monitor = EdgeMonitor(dut, signals, self._sample)
        self.book = np.zeros(CODES, dtype=np.int64)
        self.codes = np.zeros((1, 1), dtype=np.int64)
        self.sums: np.ndarray = np.zeros(REGS, dtype=np.int64)

    def _sample(self, seen: EdgeMonitor) -> None:
        for event in EVENTS:
            self.counts[event] += seen[f"ev_{event}_o"]
        if seen["bcast_push_i"] and seen["queue_ready_o"]:
            self.push_times.append(cycle())
        working = any(seen[f"ev_{event}_o"] for event in EVENTS)
        assert not (working and seen["idle_o"]), "idle while there is work"
        if seen["ev_acc_wr_o"]:
            self.write_times.append(cycle())
        if seen["ev_mac_o"] or seen["ev_zero_o"] or seen["ev_empty_o"]:
            self.slot_times.append(cycle())

    async def cycle(self, **pins: int) -> None:
        """One cycle with pulses and values, by port name without ``_i``."""
        named = {f"{name}_i": value for name, value in pins.items()}
        self.pins.drive(**named)
        await RisingEdge(self.dut.clk_i)
        self.pins.drive(**{name: 0 for name in named if name in PULSES})

    # loading ----------------------------------------------------------------------------------
    async def load_pointers(self, pointers: Sequence[int], pe: int = PE) -> None:
        """Pointers from index 0 on."""
        values = [int(p) for p in pointers] + [0] * (len(pointers) % 2)
        for k in range(0, len(values), 2):
            data = values[k] | values[k + 1] << 32
            await self.cycle(wr_ptr=1, wr_pe=pe, wr_addr=k // 2, wr_data=data)

    async def load(self, codes: np.ndarray) -> None:
        """A codebook and the slice, int [rows, columns] of codes, beside data of another PE."""
        self.codes = codes
        high = 1 << WGT_WIDTH - 1
        self.book = self.rng.integers(-high, high, CODES)
        self.book[0] = 0
        for group in range(-(-CODES // 4)):
            four = self.book[4 * group : 4 * group + 4].tolist()
            data = sum((v & 0xFFFF) << 16 * k for k, v in enumerate(four))
            await self.cycle(wr_book=1, wr_addr=group, wr_sel=0, wr_data=data)
        csc = encode(codes, 1, IDX_WIDTH, CODE_WIDTH)
        rows = pack_rows(csc.codes[0], csc.idx[0], LANES, CODE_WIDTH, IDX_WIDTH).tolist()
        self.entries = int(csc.codes[0].size)
        self.pads = int(np.count_nonzero(csc.codes[0] == 0))
        assert len(rows) <= SPMAT_DEPTH and codes.shape[1] < PTR_DEPTH
        await self.load_pointers(csc.pointers[0])
        for k, words in enumerate(rows):
            data = sum(word << 64 * n for n, word in enumerate(words))
            await self.cycle(wr_spmat=1, wr_pe=PE, wr_addr=k, wr_data=data)
            await self.cycle(wr_spmat=1, wr_pe=PE + 1, wr_addr=k, wr_data=data ^ 0x11)
        await self.load_pointers([0] * 4, PE + 1)

    async def begin(self, rows: int | None = None, skip: int = 1, fuse: int = 1) -> None:
        """Start of a pass for the loaded slice."""
        rows = self.codes.shape[0] if rows is None else rows
        # Every OUT_LEN that gives this PE so many rows; the largest gives other PEs one more.
        out_len = (rows - 1) * NUM_PE + PE + 1 + int(self.rng.choice([0, NUM_PE - 1]))
        await self.cycle(clr=1, out_len=out_len, skip_empty=skip, fuse_pad=fuse, shift=0)
        await self.cycle(clear=1)
        self.sums = np.zeros(REGS, dtype=np.int64)
        self.counts = dict.fromkeys(EVENTS, 0)
        self.write_times.clear()
        self.slot_times.clear()

    def send(self, columns: Sequence[int] | np.ndarray, acts: Sequence[int] | np.ndarray) -> None:
        """Broadcast columns with their activations."""
        for col, act in zip(columns, acts, strict=True):
            self.broadcast.append((int(act) & (1 << ACT_WIDTH) - 1, int(col)))
            self.sums[: len(self.codes)] += self.book[self.codes[:, col]] * int(act)

    async def run(
        self, columns: Sequence[int] | np.ndarray, acts: Sequence[int] | np.ndarray
    ) -> None:
        """Broadcast, wait, and compare every accumulator and event."""
        self.send(columns, acts)
        await self.idle()
        assert self.pins.read("err_valid_o") == [0]
        want = requant(self.sums, 0, ACT_WIDTH).tolist()
        found = await self.results()
        assert found == want, f"results {found}, expected {want}"
        useful = sum(int(np.count_nonzero(self.codes[:, col])) for col in columns)
        assert (self.counts["mac"], self.counts["acc_wr"]) == (useful, useful)
        assert self.counts["ptr"] == len(columns)

    async def idle(self, limit: int = 5000) -> None:
        """Wait until all is broadcast and all work is done."""
        await self.broadcast.drain()
        await RisingEdge(self.dut.clk_i)
        for _ in range(limit):
            if self.pins.read("idle_o")[0]:
                return
            await RisingEdge(self.dut.clk_i)
        raise AssertionError(f"not idle after {limit} cycles")

    async def results(self) -> list[int]:
        """All registers of the destination file, requantized."""
        found = []
        for row in range(REGS):
            await self.cycle(src_rd_en=1, src_file=1, src_dst=1, src_rd_addr=row)
            await self.cycle(word_load=1)
            await self.cycle(scan_load=1)
            await RisingEdge(self.dut.clk_i)
            found.append(signed(self.pins.read("scan_o")[0], ACT_WIDTH))
        return found

    def slice(self, density: float, columns: int | None = None, rows: int | None = None):
        """Random codes, int [rows, columns], as many as fit the memories."""
        rows = rows or min(REGS, 40)
        columns = columns or min(PTR_DEPTH - 1, 24)
        codes = self.rng.integers(1, CODES, (rows, columns))
        return np.where(self.rng.random((rows, columns)) < density, codes, 0)

    def acts(self, count: int) -> np.ndarray:
        """Random activations, none zero, small enough that no sum can leave its width."""
        high = 1 << ACT_WIDTH - 1
        acts = self.rng.integers(1, high, count)
        return np.where(self.rng.random(count) < 0.5, acts, -acts)


@leaf_test
async def smoke(dut):
    """Goal: one product, and the latency. Stimulus: a slice with one weight, one broadcast. Check:
    the accumulator, the others zero; its write comes TO_WRITE cycles after the push."""
    await bring_up(dut)
    bench = PeBench(dut)
    codes = np.zeros((min(REGS, 3), 1), dtype=np.int64)
    codes[-1, 0] = 1
    await bench.load(codes)
    await bench.begin()
    bench.send([0], [1])
    await bench.idle()
    took = bench.write_times[0] - bench.push_times[0]
    assert took == TO_WRITE, f"the write comes {took} cycles after the push"
    want = requant(bench.sums, 0, ACT_WIDTH).tolist()
    assert await bench.results() == want


@leaf_test
async def directed_modes(dut):
    """Goal: empty columns and padding with SKIP_EMPTY and FUSE_PAD off and on. Stimulus: a sparse
    slice with empty columns and long runs, all columns, in all four modes. Check: results; slots
    spent on padding and on empty columns."""
    await bring_up(dut)
    bench = PeBench(dut)
    codes = bench.slice(0.1)
    codes[:, 0] = 0
    codes[:-1, 1] = 0
    codes[-1, 1] = 1
    await bench.load(codes)
    columns = np.arange(codes.shape[1])
    empty = int(np.count_nonzero(~codes.any(axis=0)))
    assert empty
    pads = []
    for skip in (0, 1):
        for fuse in (0, 1):
            await bench.begin(skip=skip, fuse=fuse)
            await bench.run(columns, bench.acts(len(columns)))
            assert bench.counts["empty"] == (0 if skip else empty)
            pads.append(bench.counts["zero"])
    assert pads[0] == pads[2] == bench.pads and pads[1] == pads[3] <= pads[0]


@for_profiles(globals())
async def random(dut, profile):
    """Goal: any slice with pauses in the broadcast. Stimulus: three densities, columns in any order
    and repeated. Check: results, events, no error."""
    await bring_up(dut)
    bench = PeBench(dut, profile)
    for density in (0.05, 0.3, 0.8):
        codes = bench.slice(density)
        # Padding included, this many columns fit in any case.
        fit = int(SPMAT_DEPTH * LANES // max(1, np.count_nonzero(codes, axis=0).max() + 12))
        await bench.load(codes[:, : max(1, fit)])
        await bench.begin()
        columns = bench.rng.integers(0, bench.codes.shape[1], 20)
        await bench.run(columns, bench.acts(20))


@leaf_test
async def throughput(dut):
    """Goal: one entry per cycle while the queue has work. Stimulus: all columns of a dense slice
    without pauses. Check: a slot in every cycle from the first to the last."""
    await bring_up(dut)
    bench = PeBench(dut)
    codes = bench.slice(1.0, columns=min(PTR_DEPTH - 1, 8), rows=min(REGS, 10))
    await bench.load(codes)
    await bench.begin()
    columns = np.tile(np.arange(codes.shape[1]), 3)
    await bench.run(columns, bench.acts(len(columns)))
    slots = bench.slot_times
    assert len(slots) == codes.size * 3
    if codes.shape[0] >= 2:  # slices of one entry are bound by the descriptor FIFO's depth
        assert slots[-1] - slots[0] + 1 == len(slots), f"{slots[-1] - slots[0] + 1} cycles"


@leaf_test
async def reset_mid(dut):
    """Goal: reset at work. Stimulus: a reset with full queues. Check: idle, every accumulator zero;
    then a whole run."""
    await bring_up(dut)
    bench = PeBench(dut)
    await bench.load(bench.slice(0.5, columns=min(PTR_DEPTH - 1, 6)))
    await bench.begin()
    bench.send([0] * 20, bench.acts(20))
    await ClockCycles(dut.clk_i, 15)
    bench.broadcast.abort()
    await reset(dut)
    assert bench.pins.read("idle_o", "err_valid_o") == [1, 0]
    assert not any(await bench.results())
    await bench.begin()
    await bench.run([0, 0], bench.acts(2))


async def refused(bench: PeBench, code: ErrorCode, detail: int) -> None:
    """A broadcast of column 0 must raise this error and hold it until a clear."""
    bench.broadcast.append((1, 0))
    await ClockCycles(bench.dut.clk_i, 20)
    got = bench.pins.read("err_valid_o", "err_code_o", "err_pos_o")
    assert got == [1, code, PE << 24 | detail], f"error {got}"
    await bench.cycle(clr=1)
    await ClockCycles(bench.dut.clk_i, 2)
    assert bench.pins.read("err_valid_o", "idle_o") == [0, 1]


@leaf_test
async def bad_slices(dut):
    """Goal: every error of a PE. Stimulus: falling pointers, a pointer past the weight memory (if
    one can be written), a row past the slice, a sum past the accumulator. Check: code, PE and
    detail, held until the clear; then a good run."""
    await bring_up(dut)
    bench = PeBench(dut)
    codes = np.ones((min(REGS, 3), 1), dtype=np.int64)
    await bench.load(codes)
    await bench.begin()
    await bench.load_pointers([3, 1])
    await refused(bench, ErrorCode.POINTER_ORDER, 0)
    if SPMAT_DEPTH * LANES + 1 < 1 << PTR_WIDTH:
        await bench.load_pointers([0, SPMAT_DEPTH * LANES + 1])
        await refused(bench, ErrorCode.POINTER_RANGE, 0)
    await bench.load(codes)
    if codes.shape[0] > 1:
        for _ in range(4):
            await bench.begin(rows=codes.shape[0] - 1)
            await refused(bench, ErrorCode.ROW_RANGE, codes.shape[0] - 1)
    # The largest products, until the accumulator is full.
    high, low = (1 << WGT_WIDTH - 1) - 1, -(1 << ACT_WIDTH - 1)
    steps = (1 << ACC_WIDTH - 1) // (high * -low) + 2
    if steps < 300:
        await bench.cycle(wr_book=1, wr_addr=0, wr_sel=0, wr_data=(high & 0xFFFF) << 16)
        await bench.begin()
        for _ in range(steps):
            bench.broadcast.append((low & (1 << ACT_WIDTH) - 1, 0))
        await ClockCycles(dut.clk_i, steps * 4 + 20)
        got = bench.pins.read("err_valid_o", "err_code_o", "err_pos_o")
        assert got == [1, ErrorCode.ACC_OVERFLOW, PE << 24], f"error {got}"
        bench.broadcast.abort()
    await bench.load(codes)
    await bench.begin()
    await bench.run([0], bench.acts(1))
