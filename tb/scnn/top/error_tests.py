"""What must go wrong in good order on SCNN: every error code at its place.

Each case spoils a good layer in one place; what every design has to bear is in
``tb/common/tests``. Errors of computing, at every time and place, are in ``error_times.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import numpy as np

from models.packets import packet_of
from models.program import Pass
from models.registers import Field
from models.scnn.packets import PeData, pe_words_size
from models.scnn.registers import Kind, Mode
from models.socket import ErrorCode
from tb.common.tests.errors import FIRST_HEADER, MAGIC_BEAT, Case, bad_tests, geometry_cases
from tb.common.tests.leftover import leftover_tests
from tb.common.tests.limits import DirectedLimits, limits_tests
from tb.common.tests.results import result_tests
from tb.common.tests.watchdog import watchdog_tests
from tb.common.uvm.base_test import add_tests, socket_test
from tb.scnn.top.error_times import TIMES, BadActRange, BadBlockRange
from tb.scnn.top.spoilt import ScnnBad, acts_of_pass, error, with_acts, with_words
from tb.scnn.top.stimulus import CFG, field, with_cfg
from tb.scnn.top.watchdog_stimulus import ScnnWatchdog


@socket_test(20000)
class BadWgtHeader(ScnnBad):
    """Goal: wrong headers in a weight packet. Stimulus: magic, kind, PE, base and count of every
    kind of section, one at a time; offsets that begin within a word. Check: WGT_HEADER at the beat
    of the header; then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        magic = self.wgt.copy()
        magic[0] ^= np.uint64(1 << 40)
        cases = [Case("magic", replace(self.item, wgt=magic), ErrorCode.WGT_HEADER, MAGIC_BEAT)]
        depth = {Kind.OFFSET: config.max_taps, Kind.BIAS: config.bias_depth}
        depth[Kind.WEIGHT] = config.wgt_depth
        for kind in Kind:
            index = self.index_of(kind)
            good = self.sections[index]
            wrong = {f"kind{k}": replace(good, kind=k) for k in (0, 4, 15)}
            wrong |= {f"pe{pe}": replace(good, pe=pe) for pe in (1, 0x800)}
            past = depth[kind] - good.count + 1
            wrong["end"] = replace(good, base=-(-past // 4) * 4)
            wrong["base"] = replace(good, base=1 << 23)
            wrong["count"] = replace(good, count=(1 << 24) - 1)
            if kind == Kind.OFFSET:
                wrong |= {f"within{n}": replace(good, base=n) for n in (1, 2, 3)}
            for name, section in wrong.items():
                label = f"{kind.name.lower()}_{name}"
                item = self.spoilt(index, section)
                cases.append(Case(label, item, ErrorCode.WGT_HEADER, self.beat_of(index)))
        # A section that promises more than the packet holds.
        last = len(self.sections) - 1
        item = self.spoilt(last, replace(self.sections[last], count=self.sections[last].count + 1))
        cases.append(Case("past_packet", item, ErrorCode.WGT_HEADER, self.beat_of(last)))
        return cases


@socket_test(8000)
class BadWgtOrder(ScnnBad):
    """Goal: sections out of order. Stimulus: two kinds swapped, each pair of them; each one twice.
    Check: WGT_ORDER at the beat of the second header; then exact."""

    def cases(self) -> list[Case]:
        offsets, biases, weights = self.sections
        cases = []
        for name, parts in {
            "biases_first": [biases, offsets, weights],
            "weights_first": [weights, biases],
            "weights_offsets": [weights, offsets],
            "offsets_twice": [offsets, offsets],
            "biases_twice": [biases, biases],
            "weights_twice": [weights, weights],
        }.items():
            item = replace(self.item, wgt=packet_of(parts))
            beat = FIRST_HEADER + 1 + parts[0].payload.size
            cases.append(Case(f"order_{name}", item, ErrorCode.WGT_ORDER, beat))
        return cases


@socket_test(8000)
class BadWgtValue(ScnnBad):
    """Goal: values wider than their field. Stimulus: an offset past the accumulators in each lane,
    by the lowest such bit and the highest; a bias above BiasWidth in either lane; in the last word
    of a section, too. Check: WGT_VALUE at the beat; then exact."""

    def cases(self) -> list[Case]:
        config, cases = self.cfg.config, []
        lin = (config.banks // 4 * config.entries).bit_length() - 1
        width = min(config.bias_width, config.acc_width)
        spoils = [(Kind.OFFSET, 0, 16 * lane + bit) for lane in range(4) for bit in (lin, 15)]
        spoils += [(Kind.OFFSET, 2, bit) for bit in (lin, 15)]  # the ninth of nine
        if width < 32:
            spoils += [(Kind.BIAS, 0, 32 * lane + bit) for lane in (0, 1) for bit in (width, 31)]
            spoils.append((Kind.BIAS, self.sections[1].payload.size - 1, 31))
        for kind, word, bit in spoils:
            index = self.index_of(kind)
            payload = self.sections[index].payload.copy()
            payload[word] ^= np.uint64(1 << bit)
            item = self.spoilt(index, replace(self.sections[index], payload=payload))
            beat = self.beat_of(index) + 1 + word
            label = f"{kind.name.lower()}_{word}_{bit}"
            cases.append(Case(label, item, ErrorCode.WGT_VALUE, beat))
        return cases


def pe_cases(test: ScnnBad, pe: int) -> Iterator[Case]:
    """Cases at the head and the counts of a PE."""
    config, channels = test.cfg.config, field(test.item, "C")
    each = acts_of_pass(test.item, config)
    head = 1 + sum(pe_words_size(channels, len(one.run), 0, config) for one in each[:pe])
    counts = head + -(-channels // 4)
    rows = len(each[pe].run)
    header, iaram = ErrorCode.ACT_HEADER, error("IARAM_OVERFLOW")

    def spoil(name: str, word: int, value: int, code: ErrorCode, beat: int) -> Case:
        act = test.act.copy()
        act[word] = np.uint64(value)
        return Case(f"{name}_{pe}", replace(test.item, act=act), code, beat)

    good = int(test.act[head])
    yield spoil("number", head, good ^ 1, header, head)
    yield spoil("number_high", head, good ^ 1 << 15, header, head)
    yield spoil("spare", head, good ^ 1 << 16, header, head)
    yield spoil("spare_high", head, good ^ 1 << 23, header, head)
    yield spoil("row_more", head, good + (1 << 24), header, counts)
    if rows:
        yield spoil("row_less", head, good - (1 << 24), header, counts)
    past = config.iaram_rows + 1 - rows << 24
    yield spoil("rows", head, good + past, iaram, head)
    if config.carry_depth < 65535:
        carry = config.carry_depth + 1 << 48
        yield spoil("carry", head, good + carry, error("CARRY_OVERFLOW"), head)
    for lane in range(4):
        for bit in (config.count_width, 15):
            value = int(test.act[head + 1]) ^ 1 << 16 * lane + bit
            yield spoil(f"count_{lane}_{bit}", head + 1, value, iaram, head + 1)


def carry_cases(test: ScnnBad, pe: int, each: list[PeData]) -> Iterator[Case]:
    """A carried sum that is too wide, first, second, third."""
    config, channels = test.cfg.config, field(test.item, "C")
    low = sum(pe_words_size(channels, len(one.run), 0, config) for one in each[:pe])
    begin = 1 + low + pe_words_size(channels, len(each[pe].run), 0, config)
    for place in range(3):
        for value in (1 << config.acc_width - 1, -(1 << config.acc_width - 1) - 1):
            carry = np.zeros(3, dtype=np.int64)
            carry[place] = value
            parts = list(each)
            parts[pe] = replace(each[pe], carry=carry)
            beat = begin + place // config.carry_lanes
            item = with_acts(test.item, parts, config)
            yield Case(f"carried_{pe}_{place}", item, ErrorCode.ACT_HEADER, beat)


@socket_test(20000)
class BadActData(ScnnBad):
    """Goal: activation packets that contradict themselves or the build. Stimulus: in the first, a
    middle and the last PE: its number, spare bits, rows one more and one less than the counts ask
    for, more than the memory has, a count too large in each lane, carried sums one more than the
    memory has, a carried sum wider than AccWidth in either lane; a packet that ends within the last
    PE, one that goes on behind it. Check: ACT_HEADER, IARAM_OVERFLOW or CARRY_OVERFLOW at the beat;
    then exact."""

    def cases(self) -> list[Case]:
        config = self.cfg.config
        cases = []
        each = acts_of_pass(self.item, config)
        for pe in dict.fromkeys((0, config.pes // 2, config.pes - 1)):
            cases += [*pe_cases(self, pe), *carry_cases(self, pe, each)]
        size = self.act.size
        short, long = (
            with_words(self.item, self.act[1:-1]),
            with_words(self.item, np.append(self.act[1:], self.act[1:2])),
        )
        cases.append(Case("ends_within", short, ErrorCode.ACT_HEADER, size - 2))
        cases.append(Case("goes_on", long, ErrorCode.ACT_HEADER, size - 1))
        return cases


@socket_test(20000)
class BadGeometry(ScnnBad):
    """Goal: a geometry the build cannot hold. Stimulus: fields past their range beside good ones,
    two wrong fields at once, channels to send that are not there: in a pass of its own, with
    OA_KEEP, behind a SWAP. Check: GEOMETRY at the lowest wrong CFG index, no stream touched; then
    exact."""

    def cases(self) -> list[Case]:
        config, item = self.cfg.config, self.item
        mode = field(item, "MODE")
        lin = config.lin_size(4)
        channels = (field(item, "NUM_GROUPS") - 1) * 4 + field(item, "LAST_K")
        wrong: list[tuple[str, dict[str, int]]] = [
            ("MODE", {"MODE": 0}),
            ("MODE", {"MODE": mode | 1 << 11}),
            ("MODE", {"MODE": mode | 1 << 31}),
            ("C", {"C": 0}),
            ("C", {"C": config.max_c + 1}),
            ("TAPS", {"TAPS": 0}),
            ("TAPS", {"TAPS": config.max_taps + 1} if config.max_taps < 255 else {"TAPS": 0}),
            ("NUM_GROUPS", {"NUM_GROUPS": 0}),
            ("KC_LOG", {"KC_LOG": 1}),
            ("KC_LOG", {"KC_LOG": config.max_kc.bit_length()}),
            ("SHAPE", {"SHAPE": 3}),
            ("LAST_K", {"LAST_K": 0}),
            ("LAST_K", {"LAST_K": 5}),
            ("TILE_W", {"TILE_W": 0}),
            ("TILE_H", {"TILE_H": 0}),
            ("TILE_W", {"TILE_W": min(255, lin), "PITCH": 255}),
            ("PITCH", {"PITCH": field(item, "TILE_W")}),
            ("PITCH", {"PITCH": 255}),
            ("OUT_GAP", {"OUT_GAP": 17}),
            ("FINAL_X1", {"FINAL_X0": 9, "FINAL_X1": 8}),
            ("FINAL_Y1", {"FINAL_Y0": 9, "FINAL_Y1": 8}),
            ("WGT_BASE", {"WGT_BASE": config.wgt_depth}),
            ("BIAS_BASE", {"BIAS_BASE": config.bias_depth - channels + 1}),
            ("SHIFT", {"SHIFT": config.acc_width}),
            ("COUT_BASE", {"COUT_BASE": config.carry_depth} if config.carry_depth < 65536 else {}),
            ("OUT_CHANNELS", {"OUT_CHANNELS": 0}),
            ("OUT_CHANNELS", {"OUT_CHANNELS": channels + 1}),
            ("C", {"SHIFT": config.acc_width, "C": 0}),
            ("TILE_W", {"MODE": int(Mode.OUTPUT), "TILE_W": 0}),
            ("C", {"MODE": int(Mode.LOAD_ACT), "C": 0}),
        ]
        if not config.merge:
            wrong.append(("MODE", {"MODE": mode | Mode.MERGE}))
        return geometry_cases(CFG, item, wrong)

    async def scenario(self) -> None:
        await super().scenario()
        channels = 6  # that run_good leaves in the destination
        alone = replace(self.item, wgt=None, act=None)
        alone = with_cfg(alone, MODE=int(Mode.OUTPUT), OUT_CHANNELS=channels + 1)
        word = CFG.fields["OUT_CHANNELS"].word
        await self.fails(Case("channels_alone", alone, ErrorCode.GEOMETRY, word))
        await self.run_good()
        keep = int(Mode.COMPUTE | Mode.OUTPUT | Mode.OA_KEEP)
        kept = with_cfg(alone, MODE=keep, OUT_CHANNELS=2 * channels + 1)
        await self.fails(Case("channels_kept", kept, ErrorCode.GEOMETRY, word))
        await self.run_good()
        await self.swapped(with_cfg(alone, OUT_CHANNELS=1), word)
        await self.run_good()

    async def swapped(self, item: Pass, word: int) -> None:
        """Behind a SWAP there is nothing to send."""
        env = self.env
        await env.registers.configure({0: int(Mode.SWAP)})
        await env.registers.start()
        state = await env.wait_done("swap")
        assert state.done, str(state)
        env.observer.clear()
        await env.registers.acknowledge()
        await self.fails(Case("channels_swapped", item, ErrorCode.GEOMETRY, word))


class ScnnLimits(DirectedLimits, ScnnBad):
    """Passes that send what others left."""

    limit_us: ClassVar[float] = 20_000

    async def scenario(self) -> None:
        await self.run_good()
        await super().scenario()

    def told(self, mode: int, field: Field, value: int) -> bool:
        sends = bool(mode & Mode.OUTPUT) and not mode & Mode.COMPUTE
        return not sends or field.name != "OUT_CHANNELS" or value <= 1


add_tests(ScnnBad, __name__, *TIMES)
bad_tests(ScnnBad, __name__)
limits_tests(ScnnBad, __name__, ScnnLimits)
leftover_tests(ScnnBad, __name__, BadWgtOrder, BadActData, BadBlockRange, BadActRange)
result_tests(ScnnBad, __name__)
watchdog_tests(ScnnBad, __name__, ScnnWatchdog)
