"""The stream blocks of ``rtl/common``, cycle by cycle, and what the bench has to know of each.

A block has input streams and output streams (``lanes``), side by side in its ports. In a cycle, its
model answers what is on the inputs (:meth:`Block.answer`), then takes the clock edge
(:meth:`Block.step`). :data:`BLOCKS` has the model of every module.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Ports:
    """Names of the ports; "" where a block has none, and the stream is always ready, or valid."""

    in_valid: str = "in_valid_i"
    in_ready: str = "in_ready_o"
    in_data: str = "in_data_i"
    out_valid: str = "out_valid_o"
    out_ready: str = "out_ready_i"
    out_data: str = "out_data_o"
    select: str = ""  # which lane, or what else steers
    others: tuple[str, ...] = ()  # further outputs


@dataclass
class Cycle:
    """The inputs of a cycle: lists by lane; ``select`` is one value, or one by input lane."""

    valid: Sequence[bool]
    data: Sequence[int]
    ready: Sequence[bool]
    select: Sequence[int] = ()


@dataclass
class Answer:
    """The outputs of a cycle; ``data`` counts where ``valid``."""

    ready: list[bool]
    valid: list[bool]
    data: list[int]
    others: dict[str, int] = field(default_factory=dict)


class Block:
    """A stream block with its parameters.

    Attributes:
        inputs, outputs: number of streams.
        in_width, out_width: bits of payload of one lane; ``shared``: all output lanes see the
            same payload; ``early``: a beat may leave before the input is accepted.
        select_width: bits of one select.
        steer: "free": one select, any value in any cycle; "beat": one by input lane, part of its
            beat; "return": one bit, an accepted beat comes back; "": none.
        rate: beats that leave in a cycle at full speed.
        latency: cycles from an accepted input to the offered output.
        capacity: beats that are taken although no output is.
        paths: (input port, output port) pairs of the table with a combinational path between.
        most_waits: others that may be served before an input that waits for the same output.
    """

    ports = Ports()
    steer = ""
    shared = False
    early = False
    rate = 1
    latency = 0
    capacity = 0
    most_waits: int | None = None
    paths: frozenset[tuple[str, str]] = frozenset()

    def __init__(self, parameters: Mapping[str, int]):
        self.inputs = self.outputs = 1
        self.in_width = self.out_width = parameters.get("Width", 0)
        self.select_width = 0
        self.parameters = parameters

    @property
    def selects(self) -> int:
        """A select that chooses something is less than this."""
        return max(self.inputs, self.outputs)

    def answer(self, now: Cycle) -> Answer:
        """Outputs that belong to the inputs, in the state of this cycle."""
        raise NotImplementedError

    def step(self, now: Cycle, answer: Answer) -> None:
        """The clock edge at the end of the cycle."""

    def clear(self) -> None:
        """What clr_i or a reset leaves."""

    def deliver(self, taken: Sequence[int], now: Cycle) -> list[tuple[int, int]]:
        """(output lane, payload) that must come for input lanes taken in this cycle, in order."""
        return [(0, now.data[lane]) for lane in taken]

    def rival(self, lane: int, now: Cycle) -> Any:
        """What an input lane competes for: equal for those that exclude each other."""
        return 0


def pairs(inputs: Sequence[str], outputs: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Every input with every output."""
    return frozenset((i, o) for i in inputs for o in outputs)


def bits(width: int) -> int:
    """Width of an index of ``width`` lanes."""
    return max((width - 1).bit_length(), 1)


class Spill(Block):
    """Two words; nothing combinational."""

    latency = 1
    capacity = 2

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.words: deque[int] = deque()

    def answer(self, now: Cycle) -> Answer:
        return Answer([len(self.words) < 2], [bool(self.words)], [*self.words, 0][:1])

    def step(self, now: Cycle, answer: Answer) -> None:
        if answer.valid[0] and now.ready[0]:
            self.words.popleft()
        if answer.ready[0] and now.valid[0]:
            self.words.append(now.data[0])

    def clear(self) -> None:
        self.words.clear()


class Chooser:
    """A choice that stays while the beat that it was made for waits."""

    def __init__(self) -> None:
        self.held: int | None = None

    def __call__(self, choice: int) -> int:
        return choice if self.held is None else self.held

    def step(self, choice: int, valid: bool, ready: bool) -> None:
        """The clock edge; ``choice`` is that of the cycle, the stream's valid and ready."""
        self.held = choice if valid and not ready else None


class Hold(Block):
    """The choice is the payload of the one output stream."""

    steer = "free"
    ports = Ports(
        in_valid="valid_i",
        in_ready="",
        in_data="",
        out_valid="",
        out_ready="ready_i",
        out_data="choice_o",
        select="choice_i",
    )
    paths = pairs(["select"], ["out_data"])

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.in_width = 0
        self.select_width = parameters["Width"]
        self.choose = Chooser()

    @property
    def selects(self) -> int:
        return 1 << self.select_width

    def answer(self, now: Cycle) -> Answer:
        return Answer([now.ready[0]], [now.valid[0]], [self.choose(now.select[0])])

    def step(self, now: Cycle, answer: Answer) -> None:
        self.choose.step(answer.data[0], now.valid[0], now.ready[0])

    def clear(self) -> None:
        self.choose = Chooser()

    def deliver(self, taken: Sequence[int], now: Cycle) -> list[tuple[int, int]]:
        return [(0, self.choose(now.select[0])) for _ in taken]


class RoundRobin:
    """Which request is next: the first from ``start`` on, in a circle."""

    def __init__(self, requests: int):
        self.requests, self.start = requests, 0

    def __call__(self, asking: Sequence[bool]) -> int | None:
        order = [(self.start + i) % self.requests for i in range(self.requests)]
        return next((i for i in order if asking[i]), None)

    def step(self, granted: int | None, ready: bool) -> None:
        """The clock edge: behind the one that was taken, or at the one that waits."""
        if granted is not None:
            self.start = (granted + ready) % self.requests


class Arbiter(Block):
    """The payload is the index, with the grant above it; a request is a beat without data."""

    ports = Ports(in_valid="req_i", in_ready="", in_data="", out_data="out_index_o")
    paths = pairs(["in_valid"], ["out_valid", "out_data", "out_grant_o"])

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.inputs = parameters["NumReq"]
        self.in_width, self.out_width = 0, bits(self.inputs)
        self.ports = Ports(
            in_valid="req_i",
            in_ready="",
            in_data="",
            out_data="out_index_o",
            others=("out_grant_o",),
        )
        self.most_waits = self.inputs - 1
        self.turn = RoundRobin(self.inputs)

    def answer(self, now: Cycle) -> Answer:
        granted = self.turn(now.valid)
        grant = [lane == granted for lane in range(self.inputs)]
        others = {"out_grant_o": sum(g << i for i, g in enumerate(grant))}
        return Answer([g and now.ready[0] for g in grant], [any(grant)], [granted or 0], others)

    def step(self, now: Cycle, answer: Answer) -> None:
        self.turn.step(self.turn(now.valid), now.ready[0])

    def clear(self) -> None:
        self.turn = RoundRobin(self.inputs)

    def deliver(self, taken: Sequence[int], now: Cycle) -> list[tuple[int, int]]:
        return [(0, lane) for lane in taken]


class Fork(Block):
    """Who has taken the beat that waits."""

    shared = early = True
    paths = pairs(["in_valid"], ["out_valid"]) | pairs(["out_ready"], ["in_ready"])
    paths |= pairs(["in_data"], ["out_data"])
    done: list[Any]

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.outputs = self.rate = parameters["NumOut"]
        self.clear()

    def answer(self, now: Cycle) -> Answer:
        ready = all(d or r for d, r in zip(self.done, now.ready, strict=True))
        valid = [now.valid[0] and not d for d in self.done]
        return Answer([ready], valid, list(now.data) * self.outputs)

    def step(self, now: Cycle, answer: Answer) -> None:
        if now.valid[0]:
            seen = [d or r for d, r in zip(self.done, now.ready, strict=True)]
            self.done = [False] * self.outputs if all(seen) else seen

    def clear(self) -> None:
        self.done = [False] * self.outputs

    def deliver(self, taken: Sequence[int], now: Cycle) -> list[tuple[int, int]]:
        return [(out, now.data[0]) for out in range(self.outputs) if taken]


class Join(Block):
    """All valid, all taken."""

    paths = pairs(["in_valid"], ["in_ready", "out_valid"]) | pairs(["out_ready"], ["in_ready"])
    paths |= pairs(["in_data"], ["out_data"])

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.inputs = parameters["NumIn"]
        self.out_width = self.inputs * self.in_width

    def answer(self, now: Cycle) -> Answer:
        valid = all(now.valid)
        return Answer([valid and now.ready[0]] * self.inputs, [valid], [self.joined(now.data)])

    def joined(self, data: Sequence[int]) -> int:
        """The payload of all lanes side by side."""
        return sum(word << lane * self.in_width for lane, word in enumerate(data))

    def deliver(self, taken: Sequence[int], now: Cycle) -> list[tuple[int, int]]:
        assert len(taken) in (0, self.inputs), f"lanes {taken} were taken, not all together"
        return [(0, self.joined(now.data))] if taken else []

    def rival(self, lane: int, now: Cycle) -> Any:
        return lane


class Mux(Block):
    """One input by a select that is held."""

    steer = "free"
    ports = Ports(select="sel_i")
    paths = pairs(["select"], ["in_ready", "out_valid", "out_data"])
    paths |= pairs(["in_valid"], ["out_valid"]) | pairs(["in_data"], ["out_data"])
    paths |= pairs(["out_ready"], ["in_ready"])

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.inputs = parameters["NumIn"]
        self.select_width = bits(self.inputs)
        self.choose = Chooser()

    def answer(self, now: Cycle) -> Answer:
        chosen = self.choose(now.select[0])
        here = chosen < self.inputs
        ready = [lane == chosen and now.ready[0] for lane in range(self.inputs)]
        return Answer(ready, [here and now.valid[chosen]], [now.data[chosen] if here else 0])

    def step(self, now: Cycle, answer: Answer) -> None:
        self.choose.step(self.choose(now.select[0]), answer.valid[0], now.ready[0])

    def clear(self) -> None:
        self.choose = Chooser()


class Demux(Block):
    """One output by a select that is held."""

    steer = "free"
    ports = Ports(select="sel_i")
    shared = True
    paths = pairs(["select"], ["in_ready", "out_valid"]) | pairs(["in_valid"], ["out_valid"])
    paths |= pairs(["in_data"], ["out_data"]) | pairs(["out_ready"], ["in_ready"])

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.outputs = parameters["NumOut"]
        self.select_width = bits(self.outputs)
        self.choose = Chooser()

    def answer(self, now: Cycle) -> Answer:
        chosen = self.choose(now.select[0])
        here = chosen < self.outputs
        valid = [now.valid[0] and lane == chosen for lane in range(self.outputs)]
        ready = here and now.ready[chosen]
        return Answer([ready], valid, list(now.data) * self.outputs)

    def step(self, now: Cycle, answer: Answer) -> None:
        self.choose.step(self.choose(now.select[0]), any(answer.valid), answer.ready[0])

    def clear(self) -> None:
        self.choose = Chooser()

    def deliver(self, taken: Sequence[int], now: Cycle) -> list[tuple[int, int]]:
        return [(self.choose(now.select[0]), now.data[0])] if taken else []


class Crossbar(Block):
    """An arbiter and, with OutSpill, two words for each output."""

    steer = "beat"

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.inputs, self.outputs = parameters["NumIn"], parameters["NumOut"]
        self.select_width = bits(self.outputs)
        self.rate = min(self.inputs, self.outputs)
        self.ports = Ports(select="in_dest_i", others=("conflict_o", "losers_o"))
        self.most_waits = self.inputs - 1
        self.paths = pairs(["in_valid", "select"], ["in_ready", "conflict_o", "losers_o"])
        if parameters["OutSpill"]:
            self.latency, self.capacity = 1, 2 * self.rate
        else:
            self.paths |= pairs(["in_valid", "select"], ["out_valid", "out_data"])
            self.paths |= pairs(["out_ready"], ["in_ready", "conflict_o", "losers_o"])
            self.paths |= pairs(["in_data"], ["out_data"])
        self.clear()

    @property
    def selects(self) -> int:
        return self.outputs

    def clear(self) -> None:
        self.turns = [RoundRobin(self.inputs) for _ in range(self.outputs)]
        self.spills = [Spill({"Width": 1}) for _ in range(self.outputs)]

    def _grants(self, now: Cycle) -> list[int | None]:
        """The granted input of each output."""
        grants: list[int | None] = []
        for out, turn in enumerate(self.turns):
            asking = zip(now.valid, now.select, strict=True)
            grants.append(turn([valid and dest == out for valid, dest in asking]))
        return grants

    def answer(self, now: Cycle) -> Answer:
        grants = self._grants(now)
        room = list(now.ready)
        valid = [grant is not None for grant in grants]
        data = [now.data[grant or 0] for grant in grants]
        if self.latency:
            spilled = [spill.answer(now) for spill in self.spills]
            room = [one.ready[0] for one in spilled]
            valid, data = [one.valid[0] for one in spilled], [one.data[0] for one in spilled]
        ready = [False] * self.inputs
        for out, grant in enumerate(grants):
            if grant is not None:
                ready[grant] = room[out]
        losers = sum(
            now.valid[i] and room[now.select[i]] and grants[now.select[i]] != i
            for i in range(self.inputs)
        )
        return Answer(ready, valid, data, {"conflict_o": int(losers > 0), "losers_o": losers})

    def step(self, now: Cycle, answer: Answer) -> None:
        for out, grant in enumerate(self._grants(now)):
            taken = grant is not None and answer.ready[grant]
            self.turns[out].step(grant, taken)
            if self.latency:
                spill = self.spills[out]
                word = [now.data[grant or 0]]
                beat = Cycle([grant is not None], word, [now.ready[out]])
                spill.step(beat, spill.answer(beat))

    def deliver(self, taken: Sequence[int], now: Cycle) -> list[tuple[int, int]]:
        return [(now.select[lane], now.data[lane]) for lane in taken]

    def rival(self, lane: int, now: Cycle) -> Any:
        return now.select[lane]


class Credit(Block):
    """The credits; ``select`` is what the receiver returns."""

    steer = "return"
    ports = Ports(
        in_data="", out_valid="issue_o", out_ready="", out_data="", select="return_i",
        others=("credits_o",),
    )  # fmt: skip
    paths = pairs(["in_valid"], ["out_valid"])

    def __init__(self, parameters: Mapping[str, int]):
        super().__init__(parameters)
        self.capacity = self.depth = self.credits = parameters["Depth"]
        self.in_width = self.out_width = 0
        self.select_width = 1

    def answer(self, now: Cycle) -> Answer:
        ready = self.credits > 0
        return Answer([ready], [ready and now.valid[0]], [0], {"credits_o": self.credits})

    def step(self, now: Cycle, answer: Answer) -> None:
        self.credits += now.select[0] - answer.valid[0]
        assert 0 <= self.credits <= self.depth, "the bench returns what was not issued"

    def clear(self) -> None:
        self.credits = self.depth


#: Module -> its model.
BLOCKS: Mapping[str, type[Block]] = {
    "lac_spill": Spill,
    "lac_hold": Hold,
    "lac_arb": Arbiter,
    "lac_fork": Fork,
    "lac_join": Join,
    "lac_mux": Mux,
    "lac_demux": Demux,
    "lac_xbar": Crossbar,
    "lac_credit": Credit,
}
