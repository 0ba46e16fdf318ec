"""What travels between the components of the environment: packets, register accesses, jobs, passes.

A sequence item is a whole packet or a register access, never a beat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyuvm import uvm_sequence_item

from models.layer import Layer
from models.program import Pass, Program
from models.socket import ErrorCode
from tb.common.uvm.registers import State


class PacketItem(uvm_sequence_item):
    """A packet to drive: uint64 words.

    last       False leaves tlast away (the source stops)
    continues  it is the rest of one that was sent without its tlast
    """

    def __init__(
        self,
        words: NDArray[np.uint64],
        last: bool = True,
        continues: bool = False,
        name: str = "packet",
    ):
        super().__init__(name)
        self.words = np.asarray(words, dtype=np.uint64)
        self.last = last
        self.continues = continues


class RegItem(uvm_sequence_item):
    """A register access; ``data`` of a read and ``response`` are filled in by the driver."""

    def __init__(self, address: int, data: int | None = None, name: str = "reg"):
        super().__init__(name)
        self.address, self.data = address, data
        self.is_write = data is not None
        self.response: int | None = None


@dataclass(frozen=True)
class Packet:
    """A packet a monitor saw: uint64 words up to and with tlast; ns: time of each handshake."""

    stream: str
    words: NDArray[np.uint64]
    ns: tuple[float, ...] = ()


@dataclass(frozen=True)
class RegAccess:
    """A register access a monitor saw."""

    is_write: bool
    address: int
    data: int
    response: int


@dataclass(frozen=True)
class Expected:
    """The failure a job must end in: pass, error code, and ERR_POS when it is not None.

    start False: the pass is not started (the test does something else in its place).
    """

    index: int
    code: ErrorCode
    position: int | None = None


@dataclass
class Job:
    """Layers as a program on a design; the tensor-level transaction of the environment.

    config    the design's configuration with its run-time options
    passes    what is driven: the program's passes, or a spoilt copy of them
    expected  None for a good job
    """

    layers: tuple[Layer, ...]
    program: Program
    config: Any
    label: str = "job"
    passes: tuple[Pass, ...] = ()
    expected: Expected | None = None

    def __post_init__(self) -> None:
        self.passes = self.passes or self.program.passes


@dataclass
class Prediction:
    """What the scoreboard holds a job against.

    tensors   golden result of each layer, int64 [B, K, P, Q]
    counters  per pass the counters the cycle model vouches for (None: no model)
    compute   per pass the modelled compute cycles (None: no model)
    output    per pass those of the output phase without waits, where they are predicted
    weights   the same of loading weights
    """

    job: Job
    tensors: list[NDArray[np.int64]]
    counters: list[Mapping[str, int]] | None = None
    compute: list[int] | None = None
    output: list[int | None] = field(default_factory=list)
    weights: list[int | None] = field(default_factory=list)


@dataclass(frozen=True)
class ObservedPass:
    """One START as the monitors saw it: registers, packets, result, counters, final state.

    held: cycles in which the result stream was held by its receiver.
    """

    cfg: tuple[int, ...]
    wgt: NDArray[np.uint64] | None
    act: NDArray[np.uint64] | None
    out: NDArray[np.uint64] | None
    counters: Mapping[str, int] = field(default_factory=dict)
    state: State | None = None
    held: int = 0
