"""Every decoder of rtl/formats against ``read()`` of its model; the module's name says which one.

The tests are the same for all; the ``directed_*`` and ``bad_*`` are those of the format's events
and errors (``kinds``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles

from tb.common.bfm.block import for_profiles, leaf_test, reset
from tb.common.bfm.streams import PROFILES
from tb.formats import fmt_env, tiles
from tb.formats.directed import directed
from tb.formats.faults import CODES, faults, fills_word
from tb.formats.fmt_env import Decoder, start
from tb.formats.kinds import Kind, kind_of
from tb.formats.layout import EncodedTile, parse

KIND: Kind = kind_of(os.environ["COCOTB_TOPLEVEL"])
_CYCLES = 400_000
# Bits that are flipped in one configuration; Icarus is slow, and the model does not depend on it.
_FLIPS = 500 if cocotb.SIM_NAME.lower().startswith("verilator") else 250


def words_of(bench: Decoder, item: np.ndarray | EncodedTile) -> list[int]:
    """Words of a matrix or an encoded tile."""
    return item.words() if isinstance(item, EncodedTile) else bench.words_of(item)


def matrix(bench: Decoder, density: str, structure: str) -> np.ndarray:
    """A matrix of a class."""
    return tiles.make(KIND, bench.parameters, bench.draw, density, structure)


def middle(bench: Decoder) -> list[int]:
    """A tile with both zeros and non-zeros, where the shape has room for both."""
    known = tiles.classes(KIND, bench.parameters)
    return bench.words_of(
        matrix(bench, *(("middle", "uniform") if ("middle", "uniform") in known else known[-1]))
    )


@leaf_test(cycles=_CYCLES)
async def smoke(dut):
    """Goal: a tile comes through. Stimulus: one tile with zeros and non-zeros, one empty one.
    Check: non-zeros with coordinates, ends of lines and of the tile; the model's words are those
    of the layout."""
    bench = await start(dut)
    words = middle(bench)
    want = await bench.run(words)
    assert want.error is None and want.items
    assert parse(KIND.layout, bench.parameters, words).words() == words
    empty = await bench.run(bench.words_of(np.zeros(bench.shape, dtype=np.int64)))
    assert empty.error is None and not empty.items
    await bench.close(2)


@for_profiles(globals(), cycles=_CYCLES)
async def random(dut, profile):
    """Goal: tiles of every density and structure under stalls. Stimulus: two of each class back to
    back, the profile on the input; on the output none for one of the two, a profile for the other.
    Check: every non-zero; the tiles that came have the classes that were asked for."""
    bench = await start(dut, profile)
    known = tiles.classes(KIND, bench.parameters)
    number = 0
    for outward in ("none", *(p for p in PROFILES if p != "none")):
        # All classes with the output running, and all of them with it paused in some way.
        chosen = known if outward == "none" else known[number :: len(PROFILES) - 1]
        number += outward != "none"
        bench.set_pauses(profile, outward)
        for density, structure in chosen:
            made = matrix(bench, density, structure)
            assert tiles.classify(made != 0) == (density, structure)
            want = bench.queue(words_of(bench, made))
            assert want.error is None and len(want.items) == np.count_nonzero(made)
        await bench.finish()
    await bench.close(2 * len(known))


@leaf_test(cycles=_CYCLES)
async def extremes(dut):
    """Goal: the smallest and largest tiles and values. Stimulus: nothing, all, single elements at
    the corners, the last column alone; every value at an end of the range. Check: every
    non-zero."""
    bench = await start(dut)
    rows, cols = bench.shape
    width = bench.parameters["ValueWidth"]
    masks = [np.zeros(bench.shape, dtype=bool), np.ones(bench.shape, dtype=bool)]
    for row, col in {(0, 0), (0, cols - 1), (rows - 1, 0), (rows - 1, cols - 1)}:
        one = np.zeros(bench.shape, dtype=bool)
        one[row, col] = True
        masks.append(one)
    column = np.zeros(bench.shape, dtype=bool)
    column[:, -1] = True
    values = {1, (1 << width) - 1, 1 << (width - 1), max(1, (1 << (width - 1)) - 1)}
    for mask in [*masks, column]:
        mask = tiles.cap(KIND, bench.parameters, mask, bench.draw)
        for value in sorted(values):
            bench.queue(bench.words_of(mask * value))
        # One negative value as a signed integer: the model takes it modulo 2^V.
        bench.queue(bench.words_of(mask * -(1 << (width - 1))))
    await bench.finish()
    await bench.close(len(masks))


@leaf_test(cycles=_CYCLES)
async def throughput(dut):
    """Goal: the cycles of a tile. Stimulus: tiles of every class and directed one, each alone,
    nothing stalled. Check: from the header to the last beat as many cycles as the model's steps and
    the latency of the module's header say."""
    bench = await start(dut)
    lanes = bench.parameters.get("NumLanes", 1)
    made = [matrix(bench, *which) for which in tiles.classes(KIND, bench.parameters)]
    items = [*made, *(i for name in KIND.events for i in _some(bench, name, 12))]
    for item in items:
        words = words_of(bench, item)
        await bench.run(words)
        steps = bench.model.steps(fmt_env.to_bytes(words, bench.width), bench.shape, lanes)
        first, last = bench.inp.times[-len(words)], bench.out.times[-1]
        if last - first != steps + KIND.latency:
            raise AssertionError(
                f"{last - first} cycles, expected {steps} steps and latency {KIND.latency}"
            )
    await bench.close(len(items))


def _some(bench: Decoder, name: str, most: int) -> Iterator[np.ndarray | EncodedTile]:
    """At most so many of a directed test's tiles, spread over all of them."""
    items = list(directed(KIND, bench.parameters, bench.draw, name))
    return iter(items[:: max(1, len(items) // most)])


@leaf_test(cycles=_CYCLES)
async def directed_back_to_back(dut):
    """Goal: no cycle is lost between tiles. Stimulus: 12 tiles without a gap, nothing stalled.
    Check: every non-zero, and not more cycles than all steps and one latency for each tile."""
    bench = await start(dut)
    lanes = bench.parameters.get("NumLanes", 1)
    known = tiles.classes(KIND, bench.parameters)
    queued = [bench.words_of(matrix(bench, *known[i % len(known)])) for i in range(12)]
    await bench.run_all(queued)
    spent = bench.out.times[-1] - bench.inp.times[0]
    steps = [
        bench.model.steps(fmt_env.to_bytes(w, bench.width), bench.shape, lanes) for w in queued
    ]
    most = sum(max(step, len(w)) + KIND.latency + 1 for step, w in zip(steps, queued, strict=True))
    assert spent <= most, f"{spent} cycles for 12 tiles, at most {most}"
    await bench.close(12)


@leaf_test(cycles=_CYCLES)
async def reset_mid(dut):
    """Goal: reset in the middle of a tile. Stimulus: at several cycles of good and of bad tiles,
    the output running or blocked. Check: nothing old comes out, the next tile is exact."""
    bench = await start(dut)
    for turn in range(12):
        words = middle(bench)
        if turn % 3 == 2:
            words = words[:-1] or words
        bench.sink.set_pause("block" if turn % 2 else "none")
        bench.queue(words)
        await ClockCycles(dut.clk_i, 1 + turn)
        bench.driver.abort()
        await reset(dut)
        bench.skip()
        bench.set_pauses("none", "none")
        assert not dut.out_valid_o.value, "something is left after a reset"
        await bench.run(middle(bench))
    await bench.close(12)


@leaf_test(cycles=_CYCLES)
async def bad_flip(dut):
    """Goal: any single wrong bit. Stimulus: every bit of some small tiles flipped, one at a time.
    Check: what the model makes of the same words, error and position, or another legal tile; never
    a hang; the good tile behind each is exact."""
    bench = await start(dut)
    left, flagged, legal = _FLIPS, 0, 0
    for words in _flip_tiles(bench):
        for bit in _bits_of(len(words) * bench.width, left, bench):
            word, place = divmod(bit, bench.width)
            changed = list(words)
            changed[word] ^= 1 << place
            want = bench.queue(changed)
            flagged += want.error is not None
            legal += want.error is None
            left -= 1
            if left % 8 == 0:
                bench.queue(words)
        await bench.finish()
    await bench.run(words)
    assert flagged > legal / 50, f"only {flagged} of {flagged + legal} flips are flagged"
    await bench.close(bench.width)


@leaf_test(cycles=_CYCLES)
async def bad_back_to_back(dut):
    """Goal: more tiles end than the output takes. Stimulus: tiles of a bad header alone without a
    gap, the output blocked, then open. Check: each ends with its error, the good one behind is
    exact."""
    bench = await start(dut)
    bench.sink.set_pause("block")
    for _ in range(12):
        want = bench.queue([(1 << bench.width) - 1])
        assert want.error and want.error[0] == CODES["header"]
    await ClockCycles(dut.clk_i, 24)
    bench.set_pauses("none", "none")
    await bench.run(middle(bench))
    await bench.close(12)


@leaf_test(cycles=_CYCLES)
async def bad_cut(dut):
    """Goal: what comes first counts. Stimulus: streams with a fault of every other kind, cut right
    behind the word that has it; preferred are faults in the last bits of their word, behind which
    nothing is left in the window. Check: the fault, with its position, not the missing rest."""
    bench = await start(dut)
    names = [name for name in KIND.errors if name not in ("short", "long", "padding")]
    number = 0
    for name in names:
        for words in _cut_tiles(bench, name):
            if number % 8 == 0:
                await bench.finish()
                bench.set_pauses(*(("none", "none"), ("random", "none"))[number // 8 % 2])
            want = bench.queue(words)
            assert want.error and want.error[0] == CODES[name], f"{want.error} for {words}"
            number += 1
    await bench.finish()
    await bench.run(middle(bench))
    await bench.close(len(names))


def _cut_tiles(bench: Decoder, name: str) -> list[list[int]]:
    """Streams with a fault in their last word: by chance at most 16 in whose last bits it is, and
    8 others."""
    full: set[tuple[int, ...]] = set()
    others: set[tuple[int, ...]] = set()
    for density, structure in tiles.classes(KIND, bench.parameters):
        words = bench.words_of(matrix(bench, density, structure))
        good = parse(KIND.layout, bench.parameters, words)
        for bad in faults(KIND, bench.parameters, name, good):
            length = fills_word(good, bad)
            (full if length else others).add(tuple(bad[: length or len(bad)]))

    def some(pool: set[tuple[int, ...]], most: int) -> list[list[int]]:
        ordered = sorted(pool)
        return [list(ordered[at]) for at in sorted(bench.draw.permutation(len(ordered))[:most])]

    cut = some(full, 16)
    for bad in some(others, 8):
        error = bench.predict(bad).error
        lengths = range(1, len(bad) + 1)
        cut.append(next(bad[:n] for n in lengths if bench.predict(bad[:n]).error == error))
    return [words for words in cut if (bench.predict(words).error or (0,))[0] == CODES[name]]


def _flip_tiles(bench: Decoder) -> list[list[int]]:
    """Small tiles first, so that they are flipped in full."""
    known = tiles.classes(KIND, bench.parameters)
    chosen = [known[0], known[len(known) // 2], known[-1]]
    queued = [bench.words_of(matrix(bench, *which)) for which in chosen]
    queued += [words_of(bench, item) for item in _some(bench, KIND.events[-1], 3)]
    return sorted(queued, key=len)


def _bits_of(size: int, left: int, bench: Decoder) -> list[int]:
    """All bits, or as many of them by chance as are left."""
    if size <= left:
        return list(range(size))
    return sorted(bench.draw.choice(size, max(0, left), replace=False).tolist())


def _directed(name: str):
    """A test of one kind of events."""

    async def test(dut):
        bench = await start(dut)
        number = 0
        for turn, item in enumerate(directed(KIND, bench.parameters, bench.draw, name)):
            if turn and turn % 8 == 0:
                await bench.finish()
                bench.set_pauses("none", ("none", "random")[turn // 8 % 2])
            want = bench.queue(words_of(bench, item))
            assert want.error is None, f"item {turn} is no good tile: {want.error}"
            number += 1
        if not number:  # no room for it in this shape; coverage asks for it in some other one
            await bench.run(middle(bench))
        await bench.close(max(1, number))

    test.__doc__ = f"""Goal: events of the format, see ``directed.{name}``. Stimulus: its tiles,
    partly with a paused output. Check: every non-zero."""
    return test


#: While tiles with a fault come: at once; with the window empty before each word; anyhow.
_PAUSES = (("none", "none"), ("slow", "none"), ("random", "random"))


def _bad(name: str):
    """A test of one error code."""

    async def test(dut):
        bench = await start(dut)
        for number, words in enumerate(_bad_tiles(bench, name)):
            if number % 4 == 0:
                await bench.finish()
                bench.set_pauses(*_PAUSES[number // 4 % len(_PAUSES)])
            want = bench.queue(words)
            assert want.error and want.error[0] == CODES[name], f"{want.error} for {words}"
            if number % 3 == 0:
                bench.queue(middle(bench))
        await bench.finish()
        await bench.run(middle(bench))
        await bench.close()

    test.__doc__ = f"""Goal: error {name}. Stimulus: good tiles with one such fault, see
    ``faults``, good ones between them. Check: code and position of the model, a prefix of the
    non-zeros, the next good tile exact."""
    return test


def _bad_tiles(bench: Decoder, name: str) -> list[list[int]]:
    """Faulty streams made of tiles of every class, by chance at most 48 of them."""
    ends, others = [], []
    for density, structure in tiles.classes(KIND, bench.parameters):
        words = bench.words_of(matrix(bench, density, structure))
        good = parse(KIND.layout, bench.parameters, words)
        own = list(faults(KIND, bench.parameters, name, good))
        # The last one often is of a kind that a tile has once: a fault of its last entry.
        ends += own[-1:]
        others += own[:-1]

    def some(pool: list[list[int]]) -> list[list[int]]:
        # Not at even distances, which would always meet the same kind of fault.
        return [pool[at] for at in sorted(bench.draw.permutation(len(pool))[:24])]

    return some(ends) + some(others)


def _name_tests() -> None:
    for prefix, names, make in (
        ("directed", KIND.events, _directed),
        ("bad", KIND.errors, _bad),
    ):
        for name in names:
            test = make(name)
            test.__name__ = test.__qualname__ = f"{prefix}_{name}"
            test.__module__ = __name__
            globals()[test.__name__] = leaf_test(test, cycles=_CYCLES)


_name_tests()
