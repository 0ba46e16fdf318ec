"""How a design stores and walks its tensors, in the words of Sparseloop and TeAAL.

Sparseloop (Wu et al., MICRO 2022) describes a sparse accelerator by the format of each rank of each
tensor, by what is gated or skipped on which condition, and by a mapping; TeAAL (Nayak et al., MICRO
2023) adds the order of the ranks and which of them lie in space. Each design says it once
(``Design.dataflow``); ``scripts/measure/sparseloop.py`` writes it beside what was measured.

Ranks: B samples, K outputs, C inputs, R x S the kernel, P x Q the output, H x W the input. A part
of a rank has a number behind it: K1 tiles of K0 outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Formats of a rank: uncompressed, bitmask, coordinate and payload, run lengths, pairs of offsets.
FORMATS = ("U", "B", "CP", "RLE", "UOP")
TENSORS = ("Weights", "Inputs", "Outputs")
ACTIONS = ("gating", "skipping")
RANKS = "BKCRSPQHW"


@dataclass(frozen=True)
class Action:
    """What is spared where an operand is zero.

    kind   ``skipping``: takes no cycle; ``gating``: takes one, and no energy of the operand
    target  a tensor, or ``Compute``; condition: tensors whose zeros decide
    """

    kind: str
    target: str
    condition: tuple[str, ...]

    def __post_init__(self) -> None:
        wrong = set(self.condition) - set(TENSORS)
        if self.kind not in ACTIONS or self.target not in (*TENSORS, "Compute") or wrong:
            raise ValueError(f"action: found {self}, need {ACTIONS} of {TENSORS} or Compute")


@dataclass(frozen=True)
class Dataflow:
    """A design's dataflow.

    stationary  the tensor that stays while the others pass
    formats     tensor -> (rank, format) from the outermost to the innermost, as stored on chip
    order       loops from the outermost to the innermost, those in time
    space       (rank, how many side by side)
    actions     what is gated and skipped
    words       tensor -> bits of a payload; metadata: tensor -> bits of an entry's coordinate
    """

    stationary: str
    formats: dict[str, tuple[tuple[str, str], ...]]
    order: tuple[str, ...]
    space: tuple[tuple[str, int], ...]
    words: dict[str, int]
    metadata: dict[str, int]
    actions: tuple[Action, ...] = ()

    def __post_init__(self) -> None:
        if set(self.formats) != set(TENSORS) or set(self.words) != set(TENSORS):
            raise ValueError(f"formats: found {sorted(self.formats)}, need {TENSORS}")
        for tensor, ranks in self.formats.items():
            for rank, kind in ranks:
                if kind not in FORMATS or rank[0] not in RANKS:
                    raise ValueError(f"formats: found {rank}: {kind} of {tensor}, need {FORMATS}")
        if self.stationary not in TENSORS:
            raise ValueError(f"stationary: found {self.stationary}, need {TENSORS}")
        for rank, count in self.space:
            if rank[0] not in RANKS or count < 1:
                raise ValueError(f"space: found {rank}: {count}, need ranks and numbers from 1")


def uncompressed(ranks: str) -> tuple[tuple[str, str], ...]:
    """Every rank as it is.

    >>> uncompressed("CHW")
    (('C', 'U'), ('H', 'U'), ('W', 'U'))
    """
    return tuple((rank, "U") for rank in ranks)
