"""Every encoder of rtl/formats against the words of its model; the module's name says which one.

A tile goes in as beats of elements in flat order, what comes out must be exactly the words that the
model packs. ``err_o`` is high for one cycle for each tile that ends early or late.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge
from numpy.typing import NDArray

from tb.common.bfm.block import (
    Checker,
    PulseMonitor,
    bring_up,
    config,
    for_profiles,
    leaf_test,
    reset,
    rng,
)
from tb.common.bfm.streams import PROFILES, StreamDriver, StreamMonitor, StreamSink
from tb.common.sim import recorder
from tb.formats import tiles
from tb.formats.coverage import FormatCoverage
from tb.formats.directed import directed
from tb.formats.fmt_env import Seen, to_ints
from tb.formats.kinds import ENCODERS, PREFIX, Encoder, model_of

KIND: Encoder = ENCODERS[os.environ["COCOTB_TOPLEVEL"].removeprefix(PREFIX).removesuffix("_enc")]
_CYCLES = 400_000
_HANG = 4000
GOOD, EARLY, LATE = range(3)
LATENCY = 2  # cycles from the last beat of a tile to its header


class EncoderBench:
    """Elements in, words out, compared while they come."""

    def __init__(self, dut):
        self.dut, clk, rst = dut, dut.clk_i, dut.rst_ni
        self.parameters = config()
        self.model = model_of(KIND, self.parameters)
        self.shape = self.parameters["TileRows"], self.parameters["TileCols"]
        self.lanes = self.parameters["NumLanes"]
        self.draw = rng()
        self.words = Checker("words")
        self.driver = StreamDriver(dut, "in", clk, fields=("data", "last"))
        self.sink = StreamSink(dut, "out", clk)
        self.inp = StreamMonitor(dut, "in", clk, into=True, fields=("data", "last"), reset_n=rst)
        self.out = StreamMonitor(
            dut, "out", clk, fields=("data", "last"), reset_n=rst, callback=self._word
        )
        self.errors = PulseMonitor(dut, clk, "err_o", reset_n=rst)
        self.pauses = ("none", "none")
        self.tiles: list[tuple[NDArray[np.int64], int, tuple[str, str], list[int]]] = []
        self.wrong = 0
        recorder.watch(self, EncoderBench._arrays)
        recorder.keep_model("tb.formats.case_models:encoded")

    def _arrays(self) -> dict[str, list]:
        """For the case of a test that fails: the tiles, row by row."""
        return {"inputs/tiles": [kept.ravel().tolist() for kept, *_ in self.tiles]}

    def _word(self, beat) -> None:
        self.words((beat.data, beat.last))

    def set_pauses(self, inward: str, outward: str) -> None:
        """Change both profiles; only between tiles."""
        self.pauses = (inward, outward)
        self.driver.set_pause(inward)
        self.sink.set_pause(outward)

    @property
    def beats(self) -> int:
        """Beats of a whole tile."""
        return -(-self.shape[0] * self.shape[1] // self.lanes)

    def queue(self, matrix: NDArray[np.int64], end: int = GOOD, beats: int | None = None) -> None:
        """A tile; ``end`` EARLY: last on beat ``beats``; LATE: no last at all."""
        beats = self.beats if beats is None else beats
        flat = np.zeros(self.beats * self.lanes, dtype=np.int64)
        flat[: matrix.size] = matrix.ravel()
        # What lies behind the end of the tile is ignored, whatever it is.
        noise = self.draw.integers(1 << self.parameters["ValueWidth"], size=flat.size)
        sent = np.where(np.arange(flat.size) < matrix.size, flat, noise)
        for beat in range(beats):
            data = 0
            for lane, value in enumerate(sent[beat * self.lanes : (beat + 1) * self.lanes]):
                data |= int(value) << lane * self.parameters["ValueWidth"]
            self.driver.append((data, int(beat == beats - 1 and end != LATE)))
        kept = matrix.ravel().copy()
        kept[beats * self.lanes :] = 0
        kept = kept.reshape(self.shape)
        words = to_ints(self.model.words(self.model.encode(kept), self.parameters["WordWidth"]))
        self.words.expect(*((word, int(i == len(words) - 1)) for i, word in enumerate(words)))
        self.wrong += end != GOOD
        self.tiles.append((kept, end, self.pauses, words))

    async def finish(self) -> None:
        """Wait until all words have come and the input is empty."""
        edge, quiet, before = RisingEdge(self.dut.clk_i), 0, (-1, -1)
        while self.words.pending:
            now = (len(self.out.beats), len(self.inp.beats))
            quiet = quiet + 1 if now == before else 0
            assert quiet < _HANG, f"nothing for {_HANG} cycles, {self.words.pending} words missing"
            before = now
            await edge
        await self.driver.drain(_HANG)
        for _ in range(4):
            await edge
        assert self.errors.count == self.wrong, f"err_o {self.errors.count}, not {self.wrong} times"

    async def close(self, minimum: int = 1) -> None:
        """End of a test: all has come, nothing more comes, and it is counted for coverage."""
        await self.finish()
        await ClockCycles(self.dut.clk_i, 20)
        self.words.done(minimum)
        coverage = FormatCoverage.of(KIND, self.parameters)
        at = 0
        for kept, end, pauses, words in self.tiles:
            came = [beat.data for beat in self.out.beats[at : at + len(words)]]
            at += len(words)
            items = [(int(r), int(c), int(kept[r, c]), 0) for r, c in np.argwhere(kept)]
            coverage.sample(Seen(came, items, None, pauses), error=end)
        if "LAC_OUT" in os.environ:
            coverage.save(Path(os.environ["LAC_OUT"]) / "coverage")


async def start(dut) -> EncoderBench:
    """Clock, reset, bench."""
    await bring_up(dut)
    return EncoderBench(dut)


def matrix(
    bench: EncoderBench, density: str = "middle", structure: str = "uniform"
) -> NDArray[np.int64]:
    """A matrix of a class; of another one where the shape has not this one."""
    known = tiles.classes(KIND, bench.parameters)
    if (density, structure) not in known:
        density, structure = known[-1]
    return tiles.make(KIND, bench.parameters, bench.draw, density, structure)


@leaf_test(cycles=_CYCLES)
async def smoke(dut):
    """Goal: a tile comes through. Stimulus: one with zeros and non-zeros, one empty one. Check:
    the model's words, last on the last one, no error."""
    bench = await start(dut)
    bench.queue(matrix(bench))
    bench.queue(np.zeros(bench.shape, dtype=np.int64))
    await bench.close(2)


@for_profiles(globals(), cycles=_CYCLES)
async def random(dut, profile):
    """Goal: tiles of every density and structure under stalls. Stimulus: two of each class back to
    back, the profile on the input; on the output none for one of the two, a profile for the other.
    Check: every word; the tiles have the classes that were asked for."""
    bench = await start(dut)
    known = tiles.classes(KIND, bench.parameters)
    for number, outward in enumerate(PROFILES):
        chosen = known if outward == "none" else known[number - 1 :: len(PROFILES) - 1]
        bench.set_pauses(profile, outward)
        for which in chosen:
            made = matrix(bench, *which)
            assert tiles.classify(made != 0) == which
            bench.queue(made)
        await bench.finish()
    await bench.close(2 * len(known))


@leaf_test(cycles=_CYCLES)
async def extremes(dut):
    """Goal: the smallest and largest tiles and values. Stimulus: nothing, all, single elements at
    both ends and in the last column; every value at an end of the range. Check: every word."""
    bench = await start(dut)
    width = bench.parameters["ValueWidth"]
    size = bench.shape[0] * bench.shape[1]
    masks = [np.zeros(size), np.ones(size), np.arange(size) == 0, np.arange(size) == size - 1]
    masks.append(np.arange(size) % bench.shape[1] == bench.shape[1] - 1)
    for mask in masks:
        for value in {1, (1 << width) - 1, 1 << (width - 1), max(1, (1 << (width - 1)) - 1)}:
            bench.queue(mask.reshape(bench.shape).astype(np.int64) * value)
    await bench.close(len(masks))


@leaf_test(cycles=_CYCLES)
async def throughput(dut):
    """Goal: the rates and the latency of the module's header. Stimulus: sparse tiles, one alone,
    then twelve back to back. Check: the header comes LATENCY cycles after the last beat; beats are
    taken without a gap, words come without a gap within a tile where the format gives one per
    cycle."""
    bench = await start(dut)
    bench.queue(matrix(bench, "sparse", "uniform"))
    await bench.finish()
    first = next(t for t, b in zip(bench.inp.times, bench.inp.beats, strict=True) if b.last)
    assert bench.out.times[0] - first == LATENCY, f"latency {bench.out.times[0] - first}"
    at = len(bench.inp.times)
    empty = np.zeros(bench.shape, dtype=np.int64)
    made = [matrix(bench, "sparse", "uniform") if n % 2 else empty for n in range(12)]
    for one in made:
        bench.queue(one)
    await bench.finish()
    spent = bench.inp.times[-1] - bench.inp.times[at] + 1
    # More words than beats can only come out at the rate of words.
    words = [len(w) for _, _, _, w in bench.tiles[1:]]
    if max(words) + 2 <= bench.beats:
        assert spent == 12 * bench.beats, f"{spent} cycles for {12 * bench.beats} beats"
    await bench.close(13)


@leaf_test(cycles=_CYCLES)
async def reset_mid(dut):
    """Goal: reset in the middle of a tile. Stimulus: at several cycles, the output running or
    blocked. Check: nothing old comes out, the next tile is exact."""
    bench = await start(dut)
    for turn in range(10):
        bench.sink.set_pause("block" if turn % 2 else "none")
        bench.queue(matrix(bench))
        bench.queue(matrix(bench))
        await ClockCycles(dut.clk_i, 1 + turn * max(1, bench.beats // 6))
        bench.driver.abort()
        await reset(dut)
        bench.words.forget()
        bench.tiles.clear()
        bench.out.beats.clear()
        bench.set_pauses("none", "none")
        assert not dut.out_valid_o.value, "something is left after a reset"
        bench.queue(matrix(bench))
        await bench.finish()
        bench.tiles.clear()
        bench.out.beats.clear()
    await bench.close(10)


@leaf_test(cycles=_CYCLES)
async def bad_early(dut):
    """Goal: last before the end of the tile. Stimulus: on every beat but the last (at most 40 of
    them), stalled or not, good tiles between. Check: what is missing counts as zero, one cycle of
    err_o for each, the good tiles are exact."""
    bench = await start(dut)
    for number, beats in enumerate(range(1, bench.beats, max(1, bench.beats // 40))):
        if number % 8 == 0:
            await bench.finish()
            bench.set_pauses("none", ("none", "random")[number // 8 % 2])
        bench.queue(matrix(bench), EARLY, beats)
        if number % 3 == 0:
            bench.queue(matrix(bench))
    bench.queue(matrix(bench))
    await bench.close()


@leaf_test(cycles=_CYCLES)
async def bad_late(dut):
    """Goal: no last on the last beat. Stimulus: single tiles and several in a row without it, good
    ones between. Check: the tile ends there all the same, one cycle of err_o for each, the good
    tiles are exact."""
    bench = await start(dut)
    for number in range(12):
        bench.queue(matrix(bench), LATE)
        if number % 3:
            bench.queue(matrix(bench))
    bench.queue(matrix(bench))
    await bench.close()


def _directed(name: str):
    """A test of one kind of events."""

    async def test(dut):
        bench = await start(dut)
        for number, item in enumerate(directed(KIND, bench.parameters, bench.draw, name)):
            if number and number % 8 == 0:
                await bench.finish()
                bench.set_pauses("none", ("none", "random")[number // 8 % 2])
            assert isinstance(item, np.ndarray)
            bench.queue(item)
        bench.queue(matrix(bench))
        await bench.close()

    test.__doc__ = f"""Goal: events of the format, see ``directed.{name}``. Stimulus: its tiles,
    partly with a paused output. Check: every word."""
    return test


def _name_tests() -> None:
    for name in KIND.events:
        test = _directed(name)
        test.__name__ = test.__qualname__ = f"directed_{name}"
        test.__module__ = __name__
        globals()[test.__name__] = leaf_test(test, cycles=_CYCLES)


_name_tests()
