"""Traffic through a stream block: drives every lane, holds every cycle against the model.

What is compared in each cycle: all outputs with the model's; that what was offered stays until it
is accepted; that each beat that leaves is the next that has to come there; that no input waits
longer for its rivals than the block promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cocotb.triggers import ClockCycles, RisingEdge, Timer

from tb.common.bfm.block import Checker, Pins, rng
from tb.common.bfm.streams import pause_pattern
from tb.common_rtl.stream_models import Answer, Block, Cycle

_STEP_PS = 10  # from a change of an input within a cycle to a look at the outputs


def joined(values: list[Any], width: int) -> int:
    """Values of ``width`` bits side by side, lane 0 lowest."""
    return sum(int(value) << lane * width for lane, value in enumerate(values))


class Traffic(Pins):
    """All streams of a block.

    Attributes:
        taken: input beats accepted since the last :meth:`count`; left: output beats.
        waits: highest number of rivals that an input had to let pass.
        legal: select only what exists; dest: all beats go there (None: anywhere; -1: beat of
            lane k to output k modulo their number); ones: payload all ones or zero in turn;
            light: few inputs offer at a time, so that some come while others wait.
        return_after: cycles until an accepted beat is returned (None: as the pauses say).
    """

    def __init__(self, dut: Any, block: Block):
        self.block, self.dut, self.draw = block, dut, rng()
        self.table = block.ports
        names = [getattr(self.table, name) for name in self._roles()]
        super().__init__(dut, dut.clk_i, "clr_i", *names, *self.table.others)
        self.check = [Checker(f"out{lane}") for lane in range(block.outputs)]
        self.taken = self.left = self.waits = 0
        self.dest: int | None = None
        self.legal, self.ones, self.light = False, False, False
        self.return_after: int | None = None
        self.paused: list[Iterator[bool]] = []
        self._forget()
        self.pause("none", "none")

    def _roles(self) -> list[str]:
        """The ports that the block has, by their names in the table."""
        roles = ("in_valid", "in_ready", "in_data", "out_valid", "out_ready", "out_data", "select")
        return [role for role in roles if getattr(self.table, role)]

    def _forget(self) -> None:
        """Nothing is offered, nothing is on its way."""
        self.offered: list[tuple[int, int] | None] = [None] * self.block.inputs
        self.held: list[str | None] = [None] * self.block.outputs
        self.known = [False] * self.block.inputs  # the beat was offered before
        self.behind = [0] * self.block.inputs
        self.out_there: list[int] = []  # ages of accepted beats that were not returned
        for check in self.check:
            check.forget()

    def pause(self, into: str, out: str) -> None:
        """Profiles of the inputs and of the outputs; each lane has its own pattern."""
        self.into = [pause_pattern(into, f"in{lane}") for lane in range(self.block.inputs)]
        self.out = [pause_pattern(out, f"out{lane}") for lane in range(self.block.outputs)]

    def count(self) -> None:
        """Begin to count anew."""
        self.taken = self.left = self.waits = 0
        self.taken_by = [0] * self.block.inputs

    def _beat(self, lane: int) -> tuple[int, int]:
        """Payload and destination of a new beat."""
        data = int.from_bytes(self.draw.bytes(-(-self.block.in_width // 8)), "little")
        data &= (1 << self.block.in_width) - 1
        if self.ones:
            data = (1 << self.block.in_width) - 1 if self.draw.random() < 0.5 else 0
        dest = int(self.draw.integers(self.block.outputs))
        if self.dest is not None:
            dest = self.dest if self.dest >= 0 else lane % self.block.outputs
        return data, dest

    def _select(self) -> list[int]:
        """The select of this cycle, of each lane where it belongs to the beat."""
        steer = self.block.steer
        if steer == "beat":
            return [beat[1] if beat else 0 for beat in self.offered]
        if steer == "free":
            top = self.block.selects if self.legal else 1 << self.block.select_width
            return [int(self.draw.integers(top))]
        if steer == "return":
            pause = next(self.out[0])
            if self.return_after is not None:
                pause = not self.out_there or self.out_there[0] < self.return_after
            back = bool(self.out_there) and not pause
            del self.out_there[:back]
            return [int(back)]
        return []

    def offer(self) -> Cycle:
        """Drive the next cycle."""
        for lane, pattern in enumerate(self.into):
            rare = self.light and self.draw.random() * 2 * self.block.inputs > 1
            if self.offered[lane] is None and not next(pattern) and not rare:
                self.offered[lane] = self._beat(lane)
        has_ready = bool(self.table.out_ready)
        now = Cycle(
            valid=[beat is not None for beat in self.offered],
            data=[beat[0] if beat else 0 for beat in self.offered],
            ready=[not next(p) if has_ready else True for p in self.out],
            select=self._select(),
        )
        self._put(now)
        return now

    def _put(self, now: Cycle) -> None:
        widths = {"in_valid": 1, "in_data": self.block.in_width, "out_ready": 1}
        widths["select"] = self.block.select_width
        values: dict[str, Any]
        values = {"in_valid": now.valid, "in_data": now.data, "out_ready": now.ready}
        values["select"] = now.select
        pins = {role: getattr(self.table, role) for role in values}
        self.drive(**{pin: joined(values[role], widths[role]) for role, pin in pins.items() if pin})

    def _text(self, pin: str) -> str:
        """Bits of a port, highest first."""
        return str(getattr(self.bus, pin).value)

    def _lanes(self, role: str, width: int, lanes: int, other: list[Any]) -> list[str]:
        """Bits of an output port by lane; ``other`` where the block has none."""
        pin = getattr(self.table, role)
        if not pin:
            return [f"{int(value):0{width}b}" for value in other]
        text = self._text(pin)
        if role == "out_data" and self.block.shared:
            return [text] * lanes
        assert len(text) == lanes * width, f"{pin} has {len(text)} bits, not {lanes * width}"
        return [text[len(text) - (k + 1) * width : len(text) - k * width] for k in range(lanes)]

    def _compare(self, answer: Answer) -> tuple[list[str], list[str], list[str]]:
        """Every output with the model's: (ready, valid, data) by lane."""
        block = self.block
        ready = self._lanes("in_ready", 1, block.inputs, answer.ready)
        valid = self._lanes("out_valid", 1, block.outputs, answer.valid)
        data = self._lanes("out_data", block.out_width, block.outputs, [""] * block.outputs) \
            if self.table.out_data else [""] * block.outputs  # fmt: skip
        want = [f"{int(value)}" for value in (*answer.ready, *answer.valid)]
        got = [*ready, *valid]
        assert got == want, f"ready, valid {got}, expected {want}"
        for lane in range(block.outputs):
            if answer.valid[lane] and self.table.out_data:
                wanted = f"{answer.data[lane]:0{block.out_width}b}"
                assert data[lane] == wanted, f"lane {lane}: {data[lane]}, expected {wanted}"
        for pin, value in answer.others.items():
            text = self._text(pin)
            assert text == f"{value:0{len(text)}b}", f"{pin} is {text}, expected {value}"
        return ready, valid, data

    def _stays(self, now: Cycle, valid: list[str], data: list[str]) -> None:
        """What was offered is still there; remember what is offered in vain now."""
        for lane in range(self.block.outputs):
            offer = data[lane] if valid[lane] == "1" else None
            if (before := self.held[lane]) is not None and offer != before:
                raise AssertionError(f"lane {lane}: {before} became {offer} before it was accepted")
            self.held[lane] = None if now.ready[lane] else offer

    def _fair(self, now: Cycle, taken: list[int]) -> None:
        """How many rivals each input that waits has let pass."""
        served = [self.block.rival(lane, now) for lane in taken]
        for lane in range(self.block.inputs):
            if lane in taken or not now.valid[lane]:
                self.behind[lane] = 0
            elif self.block.rival(lane, now) in served:
                self.behind[lane] += 1
        self.waits = max(self.waits, *self.behind)
        most = self.block.most_waits
        assert most is None or self.waits <= most, f"{self.waits} rivals first, at most {most}"

    async def cycle(self, now: Cycle | None = None, clear: bool = False) -> None:
        """One cycle: drive (unless that was done), compare at the edge, go on."""
        now = now or self.offer()
        self.drive(clr_i=clear)
        await RisingEdge(self.clock)
        answer = self.block.answer(now)
        ready, valid, data = self._compare(answer)
        self._stays(now, valid, data)
        if clear:
            self.block.clear()
            self._forget()
            return
        taken = [k for k, bit in enumerate(ready) if bit == "1" and now.valid[k]]
        self._fair(now, taken)
        born = [k for k in range(self.block.inputs) if now.valid[k] and not self.known[k]]
        for lane, payload in self.block.deliver(born if self.block.early else taken, now):
            self.check[lane].expect(payload)
        for lane, bit in enumerate(valid):
            if bit == "1" and now.ready[lane]:
                self.left += 1
                self.check[lane](int(data[lane] or "0", 2))
        self.block.step(now, answer)
        self.out_there = [age + 1 for age in self.out_there]
        self.known = list(now.valid)
        for lane in taken:
            self.offered[lane], self.known[lane] = None, False
            self.taken += 1
            self.taken_by[lane] += 1
            if self.block.steer == "return":
                self.out_there.append(1)

    async def run(self, cycles: int) -> None:
        """Some cycles of traffic."""
        for _ in range(cycles):
            await self.cycle()

    async def finish(self, minimum: int = 1) -> None:
        """No new beats; all that was taken has left, and that was enough."""
        self.pause("block", "none")
        await self.run(self.block.latency + 2 * self.block.inputs + 2)
        for check in self.check:
            check.done(minimum=minimum)

    async def reset(self) -> None:
        """A reset in the middle; the next cycle is the first one out of it."""
        ins, outs = self.block.inputs, self.block.outputs
        self._put(Cycle([False] * ins, [0] * ins, [False] * outs, [0]))
        self.drive(clr_i=0)
        self.dut.rst_ni.value = 0
        await ClockCycles(self.dut.clk_i, 3)
        self.dut.rst_ni.value = 1
        self.block.clear()
        self._forget()

    async def probe(self) -> set[tuple[str, str]]:
        """One cycle, in which one bit of each input port is turned over for a moment: the pairs of
        (input, output) port of the table of which the output moved."""
        now = self.offer()
        self.drive(clr_i=0)
        await Timer(_STEP_PS, "ps")
        roles = self._roles()
        outputs = {role: getattr(self.table, role) for role in roles}
        outputs = {r: p for r, p in outputs.items() if p.endswith("_o")}
        outputs |= {pin: pin for pin in self.table.others}
        inputs = {r: getattr(self.table, r) for r in roles if r not in outputs} | {"clear": "clr_i"}
        before = {role: self._text(pin) for role, pin in outputs.items()}
        moved = set()
        for role, pin in inputs.items():
            text = self._text(pin)
            flipped = int(text, 2) ^ 1 << int(self.draw.integers(len(text)))
            self.drive(**{pin: flipped})
            await Timer(_STEP_PS, "ps")
            moved |= {(role, o) for o, p in outputs.items() if self._text(p) != before[o]}
            self.drive(**{pin: int(text, 2)})
            await Timer(_STEP_PS, "ps")
        await self.cycle(now)
        return moved
