"""What a compiler hands to a bench: the passes of an accelerator, ready to be streamed.

A pass is one START: the CFG registers to write, the packet for each input stream (or none) and
the number of words the accelerator will answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.socket import NUM_CFG


def _packet(name: str, words: NDArray[np.uint64] | None) -> None:
    if words is None:
        return
    if not isinstance(words, np.ndarray) or words.dtype != np.uint64 or words.ndim != 1:
        raise ValueError(f"{name}: need a uint64 vector, found {getattr(words, 'dtype', words)!r}")
    if words.size == 0:
        raise ValueError(f"{name}: an empty packet cannot be streamed, use None")


@dataclass(frozen=True, eq=False)
class Pass:
    """One run of an accelerator from START to done.

    cfg        CFG register index -> value (32 bits, unsigned); registers not named are 0
    wgt, act   uint64 words of the packet on each input stream, tlast on the last; None: no packet
    out_words  words of the result packet; 0: none
    tag        where the pass belongs, for reports: (layer, vector, output segment, input segment)
    """

    cfg: Mapping[int, int]
    wgt: NDArray[np.uint64] | None
    act: NDArray[np.uint64] | None
    out_words: int
    tag: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        for index, value in self.cfg.items():
            if not 0 <= index < NUM_CFG:
                raise ValueError(f"cfg: index {index} is not in 0..{NUM_CFG - 1}")
            if not 0 <= value < 1 << 32:
                raise ValueError(f"cfg: value {value} of CFG{index} does not fit 32 bits")
        _packet("wgt", self.wgt)
        _packet("act", self.act)
        if self.out_words < 0:
            raise ValueError(f"out_words: {self.out_words} is negative")


def stream_words(passes: Iterable[Pass]) -> dict[str, int]:
    """64-bit words of some passes on each stream: {"wgt", "act", "out"}."""
    passes = tuple(passes)
    return {
        "wgt": sum(0 if p.wgt is None else p.wgt.size for p in passes),
        "act": sum(0 if p.act is None else p.act.size for p in passes),
        "out": sum(p.out_words for p in passes),
    }


@dataclass(frozen=True)
class Program:
    """The passes of one or more layers on a design, in order, and how to read their answers.

    outputs   what the design's ``unpack`` needs to put result packets together again
    """

    design: str
    passes: tuple[Pass, ...]
    outputs: Any = field(default=None)

    @property
    def words(self) -> dict[str, int]:
        """Words on each stream: {"wgt", "act", "out"}."""
        return stream_words(self.passes)


def weights_once(program: Program) -> Iterator[NDArray[np.uint64]]:
    """The weight packets, without those that load a block again.

    A block is named by the last two of a pass's tag, and loaded when it is first used.
    """
    seen = set()
    for item in program.passes:
        if item.wgt is not None and item.tag[2:] not in seen:
            seen.add(item.tag[2:])
            yield item.wgt


@dataclass(frozen=True, eq=False)
class PassCycles:
    """What a cycle model says about one pass.

    compute      cycles of the compute phase (counter ``cycles_compute``)
    counters     counter name -> value; only the counters the model predicts
    busy_per_pe  int64 [PEs] slots with work
    macs_per_pe  int64 [PEs] useful multiplies
    results      int64 of the result packet in its order, or None
    output       cycles of the output phase while its stream never waits, or None: not predicted.
                 ``cycles_output`` is at most ``stall_output`` more
    slots_per_pe account (``models/design.py``) -> int64 [PEs] slots; empty where PEs are alike
    weights      cycles of loading weights while their stream never waits, or None: not predicted
    """

    compute: int
    counters: dict[str, int]
    busy_per_pe: NDArray[np.int64]
    macs_per_pe: NDArray[np.int64]
    results: NDArray[np.int64] | None = None
    output: int | None = None
    slots_per_pe: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    weights: int | None = None
