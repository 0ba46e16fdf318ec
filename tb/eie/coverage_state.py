"""What the accelerator holds, rebuilt from the packets that were seen on its streams.

Coverage of a compressed format needs to know which entries a pass walked over. Nothing here looks
at what a test meant to send: only at words that were taken, in the layout of ``rtl/eie/README.md``.
What is not known (never loaded, or loaded by a packet that ended in an error) makes a pass
unreadable, and it is then sampled only by its registers and counters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from models.eie.packets import Cfg, Kind, Mode, activations, unpack_lanes, weight_sections
from models.fixed import requant
from models.formats.csc import unpack_rows
from models.socket import ErrorCode
from tb.common.uvm.items import ObservedPass

_UNKNOWN = -1


@dataclass(frozen=True)
class Seen:
    """One START as the monitors saw it, with names for what coverage asks of it."""

    observed: ObservedPass

    def reg(self, index: int) -> int:
        """A CFG register as it was at START."""
        return int(self.observed.cfg[index])

    def mode(self, *bits: Mode) -> bool:
        """True when all the MODE bits are set."""
        return all(self.reg(Cfg.MODE) & bit for bit in bits)

    @property
    def code(self) -> ErrorCode:
        """ERR_CODE as read back; NONE for a good pass."""
        state = self.observed.state
        return state.code if state is not None and state.error else ErrorCode.NONE

    @property
    def cut(self) -> bool:
        """Ended by a reset, neither done nor in error."""
        state = self.observed.state
        return state is None or not (state.done or state.error)


@dataclass(frozen=True, eq=False)
class Entries:
    """Entries in the order of PE and position; all vectors int64 [entries].

    position in the PE's weight memory, column of the pass, local row, code, decoded weight.
    """

    pe: NDArray[np.int64]
    position: NDArray[np.int64]
    column: NDArray[np.int64]
    row: NDArray[np.int64]
    code: NDArray[np.int64]
    weight: NDArray[np.int64]

    def only(self, chosen: NDArray[np.bool_]) -> Entries:
        """The entries where ``chosen`` [entries] is true."""
        return Entries(*(getattr(self, f.name)[chosen] for f in fields(self)))


@dataclass(frozen=True, eq=False)
class Work:
    """What a COMPUTE pass had to do.

    acts      int64 [C], the inputs
    pointers  int64 [num_pe, C + 1], entry positions in the weight memories
    entries   of all PEs and columns
    rows      outputs of the pass
    acc       int64 [rows], accumulators afterwards by position; None when they are not known
    """

    acts: NDArray[np.int64]
    pointers: NDArray[np.int64]
    entries: Entries
    rows: int
    acc: NDArray[np.int64] | None

    @property
    def loads(self) -> NDArray[np.int64]:
        """Entries of each slice: int64 [num_pe, C]."""
        return np.diff(self.pointers, axis=1)

    @property
    def active(self) -> NDArray[np.bool_]:
        """Columns whose input is not zero: bool [C]. The others are never touched."""
        return self.acts != 0


@dataclass
class _File:
    """An activation file: accumulators, and how its read port rounds them."""

    acc: NDArray[np.int64] | None = None
    shift: int = 0
    relu: bool = False

    def read(self, width: int) -> NDArray[np.int64] | None:
        if self.acc is None:
            return None
        return requant(self.acc, self.shift, width, self.relu)


class Device:
    """Contents of weight, pointer, bias and activation memories and of the two files."""

    def __init__(self, config: Mapping[str, int]) -> None:
        self.config = dict(config)
        self.num_pe = self.config["NumPe"]
        self.entries_per_row = self.config["SpmatWidth"] // (
            self.config["CodeWidth"] + self.config["IdxWidth"]
        )
        self.forget_weights()
        self.forget_inputs()
        self.forget_files()

    def forget_weights(self) -> None:
        """Weights, pointers, biases and codebooks are not known any more."""
        depth = self.config["PtrDepth"]
        self._pointers = np.full((self.num_pe, depth), _UNKNOWN, dtype=np.int64)
        self._rows: dict[int, NDArray[np.uint64]] = {}
        self._bias: dict[int, int] = {}
        self._codebooks: dict[int, NDArray[np.int64]] = {}

    def forget_inputs(self) -> None:
        """The activation memory is not known any more."""
        size = self.config["ActDepth"] * self.num_pe
        self._inputs = np.zeros(size, dtype=np.int64)
        self._inputs_known = np.zeros(size, dtype=bool)

    def forget_files(self) -> None:
        """Neither file is known any more."""
        self._source, self._destination = _File(), _File()

    def apply(self, seen: Seen) -> Work | None:
        """Take a pass: update what is held; the work of its COMPUTE phase if it can be told."""
        if seen.code or seen.cut:
            self._spoil(seen)
            return None
        if seen.mode(Mode.LOAD_WGT) and seen.observed.wgt is not None:
            self._load_weights(seen.observed.wgt)
        if seen.mode(Mode.LOAD_ACT) and seen.observed.act is not None:
            self._load_inputs(seen)
        work = None
        if seen.mode(Mode.COMPUTE):
            work = self._compute(seen)
            acc = None if work is None else work.acc
            self._destination = _File(acc, seen.reg(Cfg.SHIFT), seen.mode(Mode.RELU))
        if seen.mode(Mode.SWAP):
            self._source, self._destination = self._destination, self._source
        return work

    def _spoil(self, seen: Seen) -> None:
        """A pass that failed or was cut off may have written part of what it was to write."""
        if seen.code == ErrorCode.GEOMETRY:
            return
        if seen.mode(Mode.LOAD_WGT):
            self.forget_weights()
        if seen.mode(Mode.LOAD_ACT):
            self.forget_inputs()
        self.forget_files()

    def _load_weights(self, words: NDArray[np.uint64]) -> None:
        row_words = -(-self.config["SpmatWidth"] // 64)
        for section in weight_sections(words, self.config["SpmatWidth"]):
            span = slice(section.base, section.base + section.count)
            if section.kind == Kind.CODEBOOK:
                self._codebooks[section.base] = unpack_lanes(section.payload, 16)[: section.count]
            elif section.kind == Kind.POINTER:
                values = unpack_lanes(section.payload, 32, signed=False)
                self._pointers[section.pe, span] = values[: section.count]
            elif section.kind == Kind.SPMAT:
                memory = self._rows.setdefault(
                    section.pe, np.zeros((self.config["SpmatDepth"], row_words), dtype=np.uint64)
                )
                memory[span] = section.payload.reshape(section.count, row_words)
            else:
                values = unpack_lanes(section.payload, 32)[: section.count]
                positions = np.arange(section.base, section.base + section.count) * self.num_pe
                self._bias |= dict(
                    zip((positions + section.pe).tolist(), values.tolist(), strict=True)
                )

    def _load_inputs(self, seen: Seen) -> None:
        assert seen.observed.act is not None
        values = activations(seen.observed.act, self.config["ActWidth"])
        first = seen.reg(Cfg.ACT_BASE) * self.num_pe
        # The last word of each PE is written whole or not at all; past the end nothing is read.
        self._inputs[first : first + values.size] = values
        self._inputs_known[first : first + values.size] = True

    def _read_inputs(self, seen: Seen) -> NDArray[np.int64] | None:
        count = seen.reg(Cfg.IN_LEN)
        if seen.mode(Mode.SRC_FILE):
            values = self._source.read(self.config["ActWidth"])
            return None if values is None or values.size < count else values[:count]
        first = seen.reg(Cfg.ACT_BASE) * self.num_pe
        span = slice(first, first + count)
        return self._inputs[span] if self._inputs_known[span].all() else None

    def _compute(self, seen: Seen) -> Work | None:
        inputs = self._read_inputs(seen)
        base, count = seen.reg(Cfg.PTR_BASE), seen.reg(Cfg.IN_LEN)
        pointers = self._pointers[:, base : base + count + 1]
        codebook = self._codebooks.get(seen.reg(Cfg.CODEBOOK))
        if inputs is None or codebook is None or (pointers == _UNKNOWN).any():
            return None
        parts = [self._pe_entries(pe, pointers[pe], codebook) for pe in range(self.num_pe)]
        if None in parts:
            return None
        names = [f.name for f in fields(Entries)]
        entries = Entries(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))
        acc = self._accumulate(seen, inputs, entries)
        return Work(inputs, pointers, entries, seen.reg(Cfg.OUT_LEN), acc)

    def _pe_entries(
        self, pe: int, pointers: NDArray[np.int64], codebook: NDArray[np.int64]
    ) -> Entries | None:
        first, last = int(pointers[0]), int(pointers[-1])
        loads = np.diff(pointers)
        position = np.arange(first, last)
        if not position.size:
            return Entries(*[position] * len(fields(Entries)))
        if pe not in self._rows:
            return None
        per_row = self.entries_per_row
        begin = first // per_row
        rows = self._rows[pe][begin : -(-last // per_row)]
        codes, idx = unpack_rows(rows, per_row, self.config["CodeWidth"], self.config["IdxWidth"])
        span = slice(first - begin * per_row, last - begin * per_row)
        code, steps = codes[span].astype(np.int64), idx[span].astype(np.int64) + 1
        column = np.repeat(np.arange(loads.size), loads)
        total = np.cumsum(steps)
        before = np.concatenate(([0], total))[pointers[:-1] - first]
        row = total - np.repeat(before, loads) - 1
        return Entries(np.full(code.size, pe), position, column, row, code, codebook[code])

    def _accumulate(
        self, seen: Seen, inputs: NDArray[np.int64], entries: Entries
    ) -> NDArray[np.int64] | None:
        """Accumulators by position after the pass, exact."""
        rows = seen.reg(Cfg.OUT_LEN)
        acc = np.zeros(rows, dtype=np.int64)
        if seen.mode(Mode.ACC_KEEP):
            kept = self._destination.acc
            if kept is None or kept.size < rows:
                return None
            acc = kept[:rows].copy()
        elif seen.mode(Mode.BIAS):
            first = seen.reg(Cfg.BIAS_BASE) * self.num_pe
            found = [self._bias.get(at) for at in range(first, first + rows)]
            if None in found:
                return None
            acc = np.array(found, dtype=np.int64)
        at = entries.row * self.num_pe + entries.pe
        np.add.at(acc, at, entries.weight * inputs[entries.column])
        return acc
