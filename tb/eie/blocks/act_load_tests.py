"""lac_eie_act_load against the position of every activation."""

from __future__ import annotations

import numpy as np

from models.eie.packets import activation_packet
from models.fixed import limits
from models.socket import ErrorCode
from tb.common.bfm.block import bring_up, config, leaf_test
from tb.common.tests.loaders import LoaderBench, Packet, loader_tests
from tb.eie.blocks.models import signed

NUM_PE = config().get("NumPe", 64)
ACT_WIDTH = config().get("ActWidth", 16)
DEPTH = 1 << config().get("AddrWidth", 10)
LANES = 64 // ACT_WIDTH
ACTIVE = min(NUM_PE, LANES)
STEPS = LANES // ACTIVE  # cycles per word
MASK = (1 << ACT_WIDTH) - 1


class ActLoadBench(LoaderBench):
    """A write is (address, PE, activation)."""

    stream, inputs = "s_axis_act", ("in_len_i", "act_base_i")
    outputs, enables = ("wr_addr_o", "wr_data_o"), ("wr_en_o",)
    short_code, long_code, rounds = ErrorCode.ACT_SHORT, ErrorCode.ACT_LONG, 6

    def writes(self, seen) -> list:
        enables = seen["wr_en_o"]
        data = seen["wr_data_o"] if enables else 0
        return [
            (seen["wr_addr_o"], pe, signed(data >> pe % ACTIVE * ACT_WIDTH & MASK, ACT_WIDTH))
            for pe in range(NUM_PE)
            if enables >> pe & 1
        ]

    def values(self, count: int) -> np.ndarray:
        """Random activations; both ends are frequent."""
        low, high = limits(ACT_WIDTH)
        values = self.rng.integers(low, high + 1, count)
        return np.where(self.rng.random(count) < 0.2, self.rng.choice([low, high], count), values)

    def packet(self, values: np.ndarray, base: int = 0) -> Packet:
        """A packet of these activations."""
        writes = [(base + q // NUM_PE, q % NUM_PE, int(v)) for q, v in enumerate(values)]
        inputs = {"in_len_i": len(values), "act_base_i": base}
        return Packet(activation_packet(values, ACT_WIDTH), writes, inputs)

    def small(self) -> Packet:
        return self.packet(self.values(LANES + 1))

    def whole(self) -> Packet:
        return self.packet(self.values(3 * LANES + 1))

    def draw(self) -> Packet:
        length = int(self.rng.integers(1, min(DEPTH * NUM_PE, 20 * LANES) + 1))
        base = int(self.rng.integers(DEPTH - -(-length // NUM_PE) + 1))
        return self.packet(self.values(length), base)

    def cycles(self, packet: Packet) -> int:
        return 1 + -(-packet.inputs["in_len_i"] // ACTIVE)


loader_tests(
    globals(),
    ActLoadBench,
    *("reset_mid", "bad_length"),
    *("directed_clear_after_start", "directed_discard", "directed_clear"),
)


@leaf_test
async def smoke(dut):
    """Goal: positions and latency. Stimulus: two rows of activations and one more, at base 0 and at
    the last base that fits. Check: each activation in its PE and word; the first write comes one
    cycle after its word was offered."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    count = 2 * NUM_PE + 1
    await bench.good(bench.packet(bench.values(count)))
    first_word = bench.word_times[1] - (STEPS - 1)  # offered then, taken with its last step
    assert bench.write_times[0] - first_word == 1
    await bench.good(bench.packet(bench.values(count), DEPTH - 3))
    bench.check.done(minimum=2 * count)


@leaf_test
async def directed_lengths(dut):
    """Goal: the last word and the last row may be partial. Stimulus: every length up to two words
    and one, and around one and two rows. Check: no lane past the end is written."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    lengths = {*range(1, 2 * LANES + 2)}
    lengths |= {rows * NUM_PE + d for rows in (1, 2) for d in (-1, 0, 1)} - {0}
    for length in sorted(lengths):
        await bench.good(bench.packet(bench.values(length), 1))


@leaf_test
async def directed_ignored(dut):
    """Goal: the lanes behind the last activation are ignored. Stimulus: packets whose last word is
    filled up with ones. Check: nothing is written from there."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    for length in range(1, LANES):
        packet = bench.packet(bench.values(length))
        packet.words[-1] |= np.uint64((1 << 64) - (1 << length * ACT_WIDTH))
        await bench.good(packet)


@leaf_test
async def extremes(dut):
    """Goal: the ends of every range. Stimulus: one activation in the last word; as many as fit (at
    most 64 words); all of them the lowest, then the highest. Check: writes, done."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    await bench.good(bench.packet(bench.values(1), DEPTH - 1))
    count = min(DEPTH * NUM_PE, 64 * LANES)
    for value in limits(ACT_WIDTH):
        await bench.good(bench.packet(np.full(count, value), DEPTH - -(-count // NUM_PE)))


@leaf_test
async def throughput(dut):
    """Goal: one word, or NumPe activations, per cycle. Stimulus: 40 words without pauses. Check:
    cycles between the first and the last word."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    words = min(40, DEPTH * NUM_PE // LANES)
    await bench.good(bench.packet(bench.values(words * LANES)))
    span = bench.word_times[-1] - bench.word_times[1]
    assert span == (words - 1) * STEPS, f"{words} words took {span + 1} cycles"


@leaf_test
async def bad_header(dut):
    """Goal: magic and count must be right. Stimulus: one bit of the magic wrong, a count one more
    and one less than IN_LEN, and 0. Check: ACT_HEADER at beat 0, packet gone, then good."""
    await bring_up(dut)
    bench = ActLoadBench(dut)
    length = 2 * LANES
    bad = [activation_packet(bench.values(n), ACT_WIDTH) for n in (length + 1, length - 1, 1)]
    for wrong in (1 << 32, 1 << 63):
        bad.append(activation_packet(bench.values(length), ACT_WIDTH))
        bad[-1][0] ^= np.uint64(wrong)
    for words in bad:
        await bench.refuse(words, ErrorCode.ACT_HEADER, 0, in_len_i=length, act_base_i=0)
    none = activation_packet(np.zeros(0, int), ACT_WIDTH)
    await bench.refuse(none, ErrorCode.ACT_HEADER, 0, in_len_i=1, act_base_i=0)
