"""Limits of the CFG fields, of every accelerator: what the description says is what the RTL does.

``models/<design>/registers.py`` has the limits; see ``models/registers.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import ClassVar

from models import registers, socket
from models.registers import Field, RegisterMap, packed
from models.socket import ErrorCode, Phase
from tb.common.uvm.base_test import SocketTest, add_tests
from tb.common.uvm.registers import State

Values = dict[Field, int]
#: A pass with this bit waits in phase WGT for a packet: nothing computes on unknown memories.
LOAD_WGT = 1 << 0


async def identified(test: SocketTest) -> None:
    """ID, VERSION and the CAP registers must be those of this build."""
    port, design = test.env.registers, test.cfg.design
    assert await port.read("ID") == socket.ID_PREFIX | design.number
    assert await port.read("VERSION") == socket.SOCKET_VERSION
    expected = design.registers.cap_words(test.cfg.config)
    for index in range(socket.NUM_CAP):
        found = await port.read(f"CAP{index}")
        assert found == expected.get(index, 0), f"CAP{index}: {found:#x}, {expected}"


def modes(found: RegisterMap, config: object) -> list[int]:
    """For every condition of a limit the MODE with the fewest bits that makes it true."""
    masks = [1 << bit for _, bit in found.flags if 1 << bit != LOAD_WGT]
    sums = [sum(some) for n in range(4) for some in itertools.combinations(masks, n)]
    wanted = {limit.when for field in found.cfg for limit in field.limits}
    chosen = []
    for when in sorted(wanted):
        for mode in (LOAD_WGT | one for one in sums):
            known = found.known(config, {found.cfg[0].word: mode})
            rules = all(registers.value_of(rule.need, known) for rule in found.rules)
            if rules and registers.value_of(when or "1", known):
                chosen.append(mode)
                break
    return list(dict.fromkeys(chosen))


def cases(found: RegisterMap, config: object, mode: int) -> Iterator[tuple[Field, Values]]:
    """Every field at its lowest, its highest, one step beyond each, and at what its bits hold; the
    other fields as low as they may be. Where a limit depends on another field, both ends once more
    with that one higher by one."""
    values: Values = found.lowest(config, mode)
    for field in found.cfg[1:]:
        low, high, step = found.range(field, found.known(config, packed(values)))
        for value in sorted({low, low - 1, low + 1, high, high + 1, high + step, 0, field.most}):
            if 0 <= value <= field.most:
                yield field, values | {field: value}
        for other in found.cfg[1:]:
            if other.name in field.bounds():
                more = values | {other: values[other] + 1}
                low, high, step = found.range(field, found.known(config, packed(more)))
                for value in sorted({low - 1, low, high, high + step}):
                    if 0 <= value <= field.most:
                        yield field, more | {field: value}


class DirectedLimits(SocketTest):
    """Goal: a geometry is refused if and only if the description says so. Stimulus: in passes of
    every condition that a limit has, every CFG field at its lowest and highest value, one step
    beyond each, and at the ends of its bits; fields that another one bounds also with that one
    higher; bad values of MODE. Check: GEOMETRY with the lowest register at fault, or none; every
    field was taken at both ends and refused beyond."""

    limit_us: ClassVar[float] = 20000

    async def scenario(self) -> None:
        found: RegisterMap = self.cfg.design.registers
        config = self.cfg.config
        reached: set[Field] = set()
        refused: set[Field] = set()
        for mode in modes(found, config):
            taken: set[tuple[Field, int]] = set()
            for field, values in cases(found, config, mode):
                if not self.told(mode, field, values[field]):
                    continue
                words = packed(values)
                low, high, _ = found.range(field, found.known(config, words))
                word = await self.verdict(found, words)
                if word is None:
                    taken.add((field, values[field]))
                elif word == field.word:
                    refused.add(field)
                if {(field, low), (field, high)} <= taken:
                    reached.add(field)
        for mode in (0, LOAD_WGT | 1 << 31, *self.bad_modes(found)):
            assert await self.verdict(found, {0: mode}) == 0, f"MODE {mode:#x}"
        for field in found.cfg[1:]:
            assert field in reached, f"{field.name} was never at both ends"
            bounded = any(limit.low not in ("", "0") or limit.high for limit in field.limits)
            assert field in refused or not bounded, f"{field.name} was never refused"
        await self.run_good()

    def bad_modes(self, found: RegisterMap) -> Iterator[int]:
        """Every bit without a flag; flags that break a rule."""
        flags = sum(1 << bit for _, bit in found.flags)
        yield from (LOAD_WGT | 1 << bit for bit in range(32) if not flags >> bit & 1)
        for pair in itertools.combinations([bit for _, bit in found.flags], 2):
            mode = LOAD_WGT | 1 << pair[0] | 1 << pair[1]
            known = found.known(self.cfg.config, {found.cfg[0].word: mode})
            if not all(registers.value_of(rule.need, known) for rule in found.rules):
                yield mode

    def told(self, mode: int, field: Field, value: int) -> bool:
        """Whether the description says all that there is about a value: it does not know what
        passes before this one have left."""
        return True

    async def verdict(self, found: RegisterMap, words: dict[int, int]) -> int | None:
        """Start a pass: the register at fault, or None; must be what the description says."""
        env = self.env
        fault = next(found.faults(self.cfg.config, words), None)
        await env.registers.configure(words)
        await env.registers.start()
        state = await self.settled()
        where = f"{words}: {state}, description says {fault}"
        if fault is None:
            assert not state.error and state.phase == Phase.WGT, where
        else:
            assert (state.code, state.position) == (ErrorCode.GEOMETRY, fault.word), where
        env.observer.clear()  # nobody's job
        await env.registers.soft_reset()
        return None if fault is None else fault.word

    async def settled(self) -> State:
        """The state behind the check of the geometry."""
        for _ in range(50):
            state = await self.env.registers.state()
            if state.error or state.phase == Phase.WGT:
                return state
        return state


def limits_tests(
    base: type[SocketTest], module: str, test: type[DirectedLimits] = DirectedLimits
) -> None:
    """Register the tests of this file for a design, in its test module; ``test``: its own kind."""
    content = {"__doc__": DirectedLimits.__doc__, "__module__": module}
    add_tests(base, module, type("DirectedLimits", (test,), content))
