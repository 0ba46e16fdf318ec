"""The register accesses of a program, as ``lac_tb_host.sv`` plays them.

The protocol is that of ``tb.common.uvm.registers``; here it runs against a bus that writes down
what is asked of it, and answers as a device that works.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np

from models import registry, socket
from tb.common.player.plan import PassPlan, Plan
from tb.common.uvm.registers import ADDRESS, OKAY, Registers

#: A step in its file: big endian, 16 bytes.
RECORD = np.dtype(
    [
        ("last", ">u1"),
        ("kind", ">u1"),
        ("address", ">u2"),
        ("data", ">u4"),
        ("mask", ">u4"),
        ("unused", ">u4"),
    ]
)
NAMES = {address: name for name, address in ADDRESS.items()}
_ALL = 0xFFFF_FFFF


class Kind(IntEnum):
    """What a step does."""

    WRITE = 1
    READ = 2
    WAIT = 3


class Stop(IntEnum):
    """Why the host has stopped: ``host_stop_o``."""

    NONE = 0
    NO_INTERRUPT = 1
    READ = 2
    RESPONSE = 3
    SILENT = 4


@dataclass
class Step:
    """One step; ``data``: what is written, must be read under ``mask``, or cycles of a wait."""

    kind: Kind
    address: int = 0
    data: int = 0
    mask: int = 0
    last: bool = False

    def __str__(self) -> str:
        """As in the messages of ``Registers``."""
        if self.kind is Kind.WAIT:
            return f"wait {self.data} cycles"
        name = NAMES.get(self.address, f"{self.address:#x}")
        return f"write {name} = {self.data:#x}" if self.kind is Kind.WRITE else f"read {name}"


class _Paper:
    """A bus that writes down; reads are answered with what the device must say."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.answers: dict[int, tuple[int, int]] = {}  # address -> data, mask

    async def write(self, address: int, data: int) -> int:
        self.steps.append(Step(Kind.WRITE, address, data))
        return OKAY

    async def read(self, address: int) -> tuple[int, int]:
        data, mask = self.answers.get(address, (0, 0))
        self.steps.append(Step(Kind.READ, address, data, mask))
        return data, OKAY


def of_plan(plan: Plan) -> list[Step]:
    """The steps of a whole program."""
    paper = _Paper()
    names = registry.design(plan.design).counter_names
    registers = Registers(paper.write, paper.read, names)
    for item in plan.passes:
        _finish(_one(registers, paper, item, plan.pass_timeout))
        paper.steps[-1].last = True
    return paper.steps


async def _one(registers: Registers, paper: _Paper, item: PassPlan, timeout: int) -> None:
    """A pass: configure, start, wait, check, counters, acknowledge."""
    done, error = socket.STATUS_DONE, socket.STATUS_ERROR
    weights, activations = (int(words > 0) for words in (item.wgt_words, item.act_words))
    paper.answers = {
        ADDRESS["STATUS"]: (done, done | error),
        ADDRESS["PACKETS"]: (activations << socket.PACKETS_WIDTH | weights, _ALL),
    }
    await registers.configure(item.cfg)
    await registers.start()
    paper.steps.append(Step(Kind.WAIT, data=timeout))
    await registers.state()
    await registers.packets()
    await registers.counters()
    await registers.acknowledge()


def _finish(task: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that waits for nothing."""
    try:
        task.send(None)
    except StopIteration:
        return
    raise RuntimeError("a bus that writes down waits for nothing")


def write(path: Path, steps: Sequence[Step]) -> None:
    """Write a file for ``lac_tb_host``."""
    table = np.zeros(len(steps), dtype=RECORD)
    for name in ("last", "kind", "address", "data", "mask"):
        table[name] = [getattr(one, name) for one in steps]
    table.tofile(path)


def read(path: Path) -> np.ndarray:
    """The steps in a file of :func:`write`, array of ``RECORD``; ``step`` makes one of an entry."""
    return np.fromfile(path, dtype=RECORD)


def step(row: np.void) -> Step:
    """An entry of :func:`read`."""
    kind, address, data, mask = (int(row[name]) for name in ("kind", "address", "data", "mask"))
    return Step(Kind(kind), address, data, mask, bool(row["last"]))


def counters(path: Path, rows: np.ndarray, passes: int) -> np.ndarray:
    """Counters int64 [passes, counters] of ``reads.hex``; ``rows`` as of :func:`read`.

    Raises:
        ValueError: a word is unknown (X), or there are not as many as steps read.
    """
    words = path.read_text(encoding="ascii").split()
    asked = rows[rows["kind"] == Kind.READ]
    if len(words) != len(asked):
        raise ValueError(f"{path.name}: {len(words)} words, {len(asked)} were read")
    free = np.flatnonzero(asked["mask"] == 0)
    found = np.zeros(len(free), dtype=np.int64)
    for place, at in enumerate(free):
        try:
            found[place] = int(words[at], 16)
        except ValueError:
            raise ValueError(
                f"{path.name}:{at + 1}: {step(asked[at])} is '{words[at]}', unknown (X)"
            ) from None
    return found.reshape(passes, -1)
