"""What the host does with the register port of the socket: configure, start, wait, read back.

Independent of how a register is reached: the full-size player hands in the bus master, the pyuvm
sequences hand in items for the register agent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from models import socket

ADDRESS = {name: offset for name, (offset, _, _) in socket.REGISTERS.items()}
OKAY, SLVERR = 0, 2
#: Those of the socket; a design may have more (``Design.counter_names``).
COUNTERS = tuple(name for name, _ in socket.COUNTERS)


class BusError(AssertionError):
    """A register access was answered with an error response that was not asked for."""


@dataclass(frozen=True)
class State:
    """STATUS, and ERR_CODE and ERR_POS when there is an error."""

    busy: bool
    done: bool
    error: bool
    dropped: bool
    phase: socket.Phase
    code: socket.ErrorCode = socket.ErrorCode.NONE
    position: int = 0

    def __str__(self) -> str:
        flags = [n for n in ("busy", "done", "error", "dropped") if getattr(self, n)]
        text = f"phase {self.phase.name}, {' '.join(flags) or 'idle'}"
        if self.error:
            text += f", {self.code.name} at {self.position:#x}"
        return text


@dataclass(frozen=True)
class Taken:
    """A stream's half of PACKETS: packets taken to tlast since start, and whether the device is in
    the middle of one."""

    packets: int
    middle: bool


def taken(value: int) -> tuple[Taken, Taken]:
    """The halves of PACKETS: weights, activations."""
    weights, activations = (
        Taken(half & socket.PACKETS_NUM, bool(half & socket.PACKETS_MIDDLE))
        for half in (value, value >> socket.PACKETS_WIDTH)
    )
    return weights, activations


Write = Callable[[int, int], Awaitable[int]]
Read = Callable[[int], Awaitable[tuple[int, int]]]


class Registers:
    """Register protocol over ``write(address, data) -> response``, ``read(address) -> (data,
    response)``; ``counters``: names of the PERF registers in use."""

    def __init__(self, write: Write, read: Read, counters: Sequence[str] = COUNTERS):
        self.counter_names = tuple(counters)
        self._write, self._read = write, read
        self._cfg = [0] * socket.NUM_CFG

    async def write(self, name: str, data: int, expect: int = OKAY) -> None:
        """Write a register by name; raises BusError when the response is not ``expect``."""
        response = await self._write(ADDRESS[name], data)
        if response != expect:
            raise BusError(f"write {name} = {data:#x}: response {response}, expected {expect}")

    async def read(self, name: str, expect: int = OKAY) -> int:
        """Read a register by name."""
        data, response = await self._read(ADDRESS[name])
        if response != expect:
            raise BusError(f"read {name}: response {response}, expected {expect}")
        return data

    def forget(self) -> None:
        """The device was reset: its CFG registers are 0 again."""
        self._cfg = [0] * socket.NUM_CFG

    async def setup(self, watchdog: int | None = None, interrupt: bool = True) -> None:
        """What is written once after reset."""
        await self.write("IRQ_EN", int(interrupt))
        if watchdog is not None:
            await self.write("WATCHDOG", watchdog)

    async def configure(self, cfg: Mapping[int, int]) -> None:
        """Write the CFG registers that change; those not named in ``cfg`` are 0."""
        for index in range(socket.NUM_CFG):
            value = int(cfg.get(index, 0))
            if value != self._cfg[index]:
                await self.write(f"CFG{index}", value)
                self._cfg[index] = value

    async def start(self) -> None:
        """START; must be accepted."""
        await self.write("CTRL", socket.CTRL_START)

    async def acknowledge(self) -> None:
        """Acknowledge the interrupt."""
        await self.write("CTRL", socket.CTRL_IRQ_ACK)

    async def soft_reset(self, forget: bool = False) -> None:
        """End a run; CFG, IRQ_EN and WATCHDOG keep their values.

        forget: a packet that was under way has been taken back, its rest will not come.
        """
        await self.write("CTRL", socket.CTRL_SOFT_RESET | (socket.CTRL_FORGET if forget else 0))

    async def packets(self) -> tuple[Taken, Taken]:
        """PACKETS: weights, activations."""
        return taken(await self.read("PACKETS"))

    async def state(self) -> State:
        """STATUS with its error registers."""
        status = await self.read("STATUS")
        error = bool(status & socket.STATUS_ERROR)
        code = socket.ErrorCode(await self.read("ERR_CODE")) if error else socket.ErrorCode.NONE
        return State(
            busy=bool(status & socket.STATUS_BUSY),
            done=bool(status & socket.STATUS_DONE),
            error=error,
            dropped=bool(status & socket.STATUS_DROPPED),
            phase=socket.Phase(status >> 8 & 0xF),
            code=code,
            position=await self.read("ERR_POS") if error else 0,
        )

    async def counters(self) -> dict[str, int]:
        """All counters by name."""
        return {
            name: await self.read(f"PERF{index}") for index, name in enumerate(self.counter_names)
        }
