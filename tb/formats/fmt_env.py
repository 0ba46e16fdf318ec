"""What every test of a decoder starts from: tiles in, non-zeros out, compared while they come.

The scoreboard holds no arithmetic: what a tile has to give is ``read()`` of the model, which takes
the same words. A good tile must come exactly, lane by lane; one with an error must end with its
code and position on a beat of its own, behind a prefix of the non-zeros in front of the fault.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from cocotb.triggers import RisingEdge
from numpy.typing import NDArray

from tb.common.bfm.block import bring_up, config, rng
from tb.common.bfm.streams import StreamDriver, StreamMonitor, StreamSink
from tb.common.sim import recorder
from tb.formats.coverage import FormatCoverage
from tb.formats.kinds import Kind, Parameters, kind_of, model_of
from tb.formats.layout import bits

OUT_FIELDS = ("keep", "value", "row", "col", "eol", "last", "err", "pos")
_HANG = 4000  # cycles without a beat, under any pause profile


def to_ints(words: NDArray[np.uint8]) -> list[int]:
    """Words of a model, uint8 [n, bytes], as ints."""
    return [int.from_bytes(word.tobytes(), "little") for word in np.asarray(words, np.uint8)]


def to_bytes(words: Sequence[int], width: int) -> NDArray[np.uint8]:
    """Ints as words of a model: uint8 [n, width // 8]."""
    raw = b"".join(word.to_bytes(width // 8, "little") for word in words)
    return np.frombuffer(raw, dtype=np.uint8).reshape(len(words), width // 8)


@dataclass
class Expected:
    """What a tile must give: (row, column, value, eol) in order, and (code, position) or None."""

    words: list[int]
    items: list[tuple[int, int, int, int]]
    error: tuple[int, int] | None


@dataclass
class Seen:
    """A tile as the pins showed it: for coverage."""

    words: list[int]
    items: list[tuple[int, int, int, int]]
    error: tuple[int, int] | None
    pauses: tuple[str, str]
    beats: int = 0
    first: int = 0  # cycle of the header
    last: int = 0  # cycle of the last beat


@dataclass
class Scoreboard:
    """Compares beats with what is expected of the tile in progress."""

    parameters: Parameters
    expected: list[Expected] = field(default_factory=list)
    tiles: int = 0
    beats: int = 0
    items: list[tuple[int, int, int, int]] = field(default_factory=list)
    done: list[tuple[list[tuple[int, int, int, int]], tuple[int, int] | None, int]] = field(
        default_factory=list
    )

    def __post_init__(self) -> None:
        # cocotb-bus logs the __qualname__ of a callback.
        self.__qualname__ = "scoreboard"
        p = self.parameters
        self._lanes = p.get("NumLanes", 1)
        self._widths = (bits(p["TileRows"]), bits(p["TileCols"]), p["ValueWidth"], 1)

    def expect(self, tile: Expected) -> None:
        """The next tile."""
        self.expected.append(tile)

    def forget(self) -> None:
        """Tiles that have not come yet do not come any more (reset)."""
        del self.expected[self.tiles :]
        self.items, self.beats = [], 0

    def _lane(self, beat: Any, lane: int) -> tuple[int, int, int, int]:
        packed = (beat.row, beat.col, beat.value, beat.eol)
        return tuple(
            (bus >> lane * width) & ((1 << width) - 1)
            for bus, width in zip(packed, self._widths, strict=True)
        )

    def __call__(self, beat: Any) -> None:
        """One beat; AssertionError at the first difference."""
        if self.tiles == len(self.expected):
            self._fail(f"{beat} came, nothing was expected", [])
        want = self.expected[self.tiles]
        number = beat.keep.bit_count()
        if beat.keep != (1 << number) - 1 or beat.keep >> self._lanes:
            self._fail(f"keep {beat.keep:#b} has holes", want.words)
        if not beat.last and (not number or beat.err):
            self._fail(
                f"beat without a non-zero, or error before the last beat: {beat}", want.words
            )
        for lane in range(number):
            at, item = len(self.items), self._lane(beat, lane)
            if at < len(want.items) and want.error and at == len(want.items) - 1:
                item = (*item[:3], want.items[at][3])  # what follows it is void, so is its eol
            if at >= len(want.items) or item != want.items[at]:
                found = want.items[at] if at < len(want.items) else "nothing more"
                self._fail(f"non-zero {at} is {item}, expected {found}", want.words)
            self.items.append(item)
        self.beats += 1
        if beat.last:
            self._end(beat, want)

    def _end(self, beat: Any, want: Expected) -> None:
        error = (beat.err, beat.pos) if beat.err else None
        if error != want.error:
            self._fail(f"the tile ended with {error}, expected {want.error}", want.words)
        if error and beat.keep:
            self._fail(f"non-zeros on the beat of an error: {beat}", want.words)
        if not error and len(self.items) != len(want.items):
            self._fail(f"{len(self.items)} non-zeros, expected {len(want.items)}", want.words)
        if not error and want.items and not beat.keep:
            self._fail("the last beat is empty, but the tile is not", want.words)
        self.done.append((self.items, error, self.beats))
        self.items, self.beats = [], 0
        self.tiles += 1

    def _fail(self, text: str, words: Sequence[int]) -> None:
        shown = ", ".join(f"{word:#x}" for word in words[:12])
        raise AssertionError(f"tile {self.tiles}: {text}; words [{shown}...]")

    def arrays(self) -> dict[str, Sequence[Any]]:
        """For the case of a test that fails: the tile that was under way."""
        if not self.expected:
            return {}
        want = self.expected[min(self.tiles, len(self.expected) - 1)]
        return {
            "inputs/words": want.words,
            "expected/items": want.items,
            "expected/error": list(want.error or ()),
            "found/items": list(self.items),
        }


class Decoder:
    """Bench of one decoder."""

    def __init__(self, dut: Any, pause_in: str = "none", pause_out: str = "none"):
        self.dut, clk, rst = dut, dut.clk_i, dut.rst_ni
        self.kind: Kind = kind_of(dut._name)
        self.parameters: Parameters = config()
        self.model = model_of(self.kind, self.parameters)
        self.shape = self.parameters["TileRows"], self.parameters["TileCols"]
        self.width = self.parameters["WordWidth"]
        self.draw = rng()
        self.board = Scoreboard(self.parameters)
        recorder.watch(self.board, Scoreboard.arrays)
        recorder.keep_model("tb.formats.case_models:decoded")
        self.driver = StreamDriver(dut, "in", clk, pause=pause_in, fields=("data", "last"))
        self.sink = StreamSink(dut, "out", clk, pause=pause_out)
        self.pauses = (pause_in, pause_out)
        self._pauses: list[tuple[str, str]] = []
        self.inp = StreamMonitor(dut, "in", clk, into=True, fields=("data", "last"), reset_n=rst)
        self.out = StreamMonitor(
            dut, "out", clk, fields=OUT_FIELDS, reset_n=rst, callback=self.board
        )
        self._from = (0, 0, 0)

    def set_pauses(self, inward: str, outward: str) -> None:
        """Change both profiles; only between tiles."""
        self.pauses = (inward, outward)
        self.driver.set_pause(inward)
        self.sink.set_pause(outward)

    def words_of(self, matrix: NDArray[np.int64]) -> list[int]:
        """Words of a matrix, as the model packs it."""
        return to_ints(self.model.words(self.model.encode(matrix), self.width))

    def predict(self, words: Sequence[int]) -> Expected:
        """What the model reads from words."""
        tile = self.model.read(to_bytes(words, self.width), self.shape)
        columns = (tile.rows, tile.cols, tile.values, tile.eol)
        items: list[Any] = [tuple(map(int, item)) for item in zip(*columns, strict=True)]
        error = None if tile.error is None else (int(tile.error[0]), int(tile.error[1]))
        return Expected(list(words), items, error)

    def queue(self, words: Sequence[int]) -> Expected:
        """Put a tile on the input and expect what the model makes of it."""
        want = self.predict(words)
        self.board.expect(want)
        self._pauses.append(self.pauses)
        self.driver.extend((word, int(at == len(words) - 1)) for at, word in enumerate(words))
        return want

    async def finish(self) -> None:
        """Wait until all that was queued has come and the input is empty."""
        edge, quiet, before = RisingEdge(self.dut.clk_i), 0, (-1, -1)
        while self.board.tiles < len(self.board.expected):
            now = (len(self.out.beats), len(self.inp.beats))
            quiet = quiet + 1 if now == before else 0
            if quiet > _HANG:
                raise AssertionError(f"tile {self.board.tiles}: nothing for {_HANG} cycles")
            before = now
            await edge
        await self.driver.drain(_HANG)

    async def run(self, words: Sequence[int]) -> Expected:
        """One tile, from its header to its last beat and word."""
        want = self.queue(words)
        await self.finish()
        return want

    async def run_all(self, tiles: Iterable[Sequence[int]]) -> list[Expected]:
        """Tiles back to back."""
        wants = [self.queue(words) for words in tiles]
        await self.finish()
        return wants

    def seen(self) -> list[Seen]:
        """Tiles that have come since the last call, from the monitors."""
        self_in, self_out, self_tile = self._from
        tiles = []
        at_in, at_out = self_in, self_out
        for number in range(self_tile, self.board.tiles):
            items, error, beats = self.board.done[number]
            end = next(i for i in range(at_in, len(self.inp.beats)) if self.inp.beats[i].last) + 1
            tiles.append(
                Seen(
                    [beat.data for beat in self.inp.beats[at_in:end]],
                    items,
                    error,
                    self._pauses[number],
                    beats,
                    self.inp.times[at_in],
                    self.out.times[at_out + beats - 1],
                )
            )
            at_in, at_out = end, at_out + beats
        self._from = (at_in, at_out, self.board.tiles)
        return tiles

    def skip(self) -> None:
        """Forget what is under way (reset): beats so far belong to no tile."""
        self.board.forget()
        del self._pauses[self.board.tiles :]
        self._from = (len(self.inp.beats), len(self.out.beats), self.board.tiles)

    async def close(self, minimum: int = 1) -> None:
        """End of a test: all has come, nothing more comes, and it is counted for coverage."""
        await self.finish()
        for _ in range(20):
            await RisingEdge(self.dut.clk_i)
        assert self.board.tiles >= minimum, (
            f"{self.board.tiles} tiles, at least {minimum} had to be"
        )
        self.sample()

    def sample(self) -> None:
        """Count what has come."""
        coverage = FormatCoverage.of(self.kind, self.parameters)
        for tile in self.seen():
            coverage.sample(tile)
        if "LAC_OUT" in os.environ:
            coverage.save(Path(os.environ["LAC_OUT"]) / "coverage")


async def start(dut: Any, pause_in: str = "none", pause_out: str = "none") -> Decoder:
    """Clock, reset, bench."""
    await bring_up(dut)
    return Decoder(dut, pause_in, pause_out)
