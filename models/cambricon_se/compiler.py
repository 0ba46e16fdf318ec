"""Compiler of Cambricon-SE: layers to passes, result packets to tensors.

A pass is a block of outputs, a set of groups and a part of the reduction. The passes of a reduction
follow each other: the first one starts the accumulators (BIAS where there is one), the following
ones keep them (ACC_KEEP), the last one answers (OUTPUT). What is still in the memories is not
loaded again.

With ``huffman`` a weight packet comes in bit strings where these are shorter: for the table that is
loaded, or with one of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.array.lowering import lower, spans
from models.array.problem import Lowered, Span
from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.geometry import Geometry
from models.cambricon_se.huffman import Coder
from models.cambricon_se.lists import Books, Entries, coded, shifts
from models.cambricon_se.lowering import Block
from models.cambricon_se.packets import (
    BOOK,
    activation_packet,
    bias_section,
    book_section,
    codes_section,
    list_section,
    mask_section,
    result_packet,
    results_of,
)
from models.cambricon_se.plan import Layout, blocks, choose
from models.cambricon_se.registers import REGISTERS, Mode
from models.golden import golden
from models.layer import Layer
from models.packets import Section, weight_packet
from models.program import Pass, Program

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Piece:
    """What one result packet holds: outputs of groups int64 [groups]."""

    block: Block
    groups: Ints


@dataclass(frozen=True, eq=False)
class CambriconSeOutputs:
    """How result packets become tensors.

    shape    (B, K, P, Q) of the layer; batched: its samples are pixels
    out      (samples, lines, pixels) of the outputs as they are cut
    pes      outputs of a group; packed: results have no zeros
    pieces   one for each result packet, in order
    """

    shape: tuple[int, int, int, int]
    batched: bool
    out: tuple[int, int, int]
    pes: int
    packed: bool
    pieces: tuple[Piece, ...]


def compile(layer: Layer, config: CambriconSeConfig) -> Program:
    """Passes of one layer on all its samples; tags are (0, block, set of groups, part).

    Raises ValueError when a value does not fit a width of the build, a sum could overflow, the
    weights do not fit the codes or the options leave no layout; a layer larger than the build is
    cut, never refused.
    """
    low = lower(layer, config)
    layout = choose(low, _allowed(layer, low, config), config)
    passes, pieces = [], []
    for item, piece in _Emitter(layer, low, layout).passes():
        passes.append(item)
        pieces += [] if piece is None else [piece]
    outputs = CambriconSeOutputs(
        layer.out_shape,
        low.batched,
        layout.problem.out,
        config.pes,
        config.packed_out,
        tuple(pieces),
    )
    return Program("cambricon_se", tuple(passes), outputs)


def _allowed(layer: Layer, low: Lowered, config: CambriconSeConfig) -> tuple[int, ...]:
    """Shifts of codes of 8 bits; none: codes of 4 bits."""
    if config.codes == 4:
        return ()
    values = np.unique(low.weights)
    narrow = values[0] >= -128 and values[-1] <= 127
    if config.codes == 0 and not narrow:
        groups = spans(len(low.weights), config.pes)
        if all(np.union1d(low.weights[slice(*one)], 0).size <= BOOK for one in groups):
            return ()
    return shifts(values, config)


@dataclass(frozen=True, eq=False)
class GroupSet:
    """Groups of a pass.

    groups   int64 [n], in turn for cores
    chunks   passes of each part: more than one where a list is longer than its memory
    books    of each core; none where codes have 8 bits
    """

    groups: Ints
    chunks: tuple[int, ...]
    books: tuple[Books, ...]

    def of_core(self, core: int, cores: int) -> list[int]:
        """Groups of a core."""
        return self.groups[core::cores].tolist()


class _Emitter:
    """Makes passes; knows what the memories hold."""

    def __init__(self, layer: Layer, low: Lowered, layout: Layout) -> None:
        self.layer, self.low, self.layout, self.config = layer, low, layout, layout.config
        self.blocks = blocks(layout)
        self.parts = spans(layout.windows, layout.cut.windows)
        self.order = layout.order((0, layout.windows))
        self.lengths = np.stack([layout.sizes(part) for part in self.parts])
        self.sets = list(self._sets())
        self.held: dict[str, Hashable] = {}
        self.coder = Coder(self.config)

    def _sets(self) -> Iterator[GroupSet]:
        """As many rounds of groups as the memories hold."""
        size, depth = self.config.cores, self.config.list_depth
        most = min(self.layout.cut.rounds, self.layout.rounds) * size
        at = 0
        while at < len(self.order):
            end = at + size
            books = self._books(self.order[at:end])
            if books is None:
                raise ValueError(
                    f"codes: found 4, a group of layer '{self.layer.name}' needs more than "
                    f"regions {self.config.regions} codebooks of {BOOK} values"
                )
            while end < min(at + most, len(self.order)):
                more = self.order[at : end + size]
                found = self._books(more) if max(self._most(more)) <= depth else None
                if found is None:
                    break
                books, end = found, end + size
            groups = self.order[at:end]
            yield GroupSet(groups, tuple(-(-n // depth) for n in self._most(groups)), books)
            at = end

    def _most(self, groups: Ints) -> list[int]:
        """Entries of the fullest core, part by part."""
        lengths, cores = np.maximum(self.lengths[:, groups], 1), self.config.cores
        each = [lengths[:, core::cores].sum(axis=1) for core in range(cores)]
        found: list[int] = np.max(each, axis=0).tolist()
        return found

    def _books(self, groups: Ints) -> tuple[Books, ...] | None:
        """Codebooks of the cores; None where they do not hold the weights."""
        if self.layout.allowed:
            return ()
        found = []
        for core in range(self.config.cores):
            books = Books(self.config.regions)
            for group, part in product(groups[core :: self.config.cores].tolist(), self.parts):
                for weights in self.layout.entries(group, part).weights:
                    if books.take(np.unique(weights)) < 0:
                        return None
            found.append(books)
        return tuple(found)

    def passes(self) -> Iterator[tuple[Pass, Piece | None]]:
        """The passes in order, each with what its result packet holds."""
        numbers, sets = range(len(self.blocks)), range(len(self.sets))
        weights_first = self._weights_first()
        loops = (sets, numbers) if weights_first else (numbers, sets)
        for first, second in product(*loops):
            number, at = (second, first) if weights_first else (first, second)
            chunks = self.sets[at].chunks
            steps = [(part, chunk) for part, n in enumerate(chunks) for chunk in range(n)]
            for step in steps:
                yield self._pass(number, at, step, (step == steps[0], step == steps[-1]))

    def _weights_first(self) -> bool:
        """Whether sets of groups are the outer loop; what is in the inner is loaded more often."""
        if any(sum(one.chunks) > 1 for one in self.sets):
            return False
        config, numbers, sets = self.config, len(self.blocks), len(self.sets)
        height, width = self.layout.problem.placed(self.layout.cut.size)
        act = height * width * self.layout.windows * config.window // 4
        words = config.entry_words + config.pes * (
            config.code_words + config.mask_words * config.per_pe
        )
        wgt = int(self.lengths.sum()) * words
        return (sets - 1) * numbers * act < (numbers - 1) * wgt and sets > 1

    def _pass(
        self, number: int, at: int, step: tuple[int, int], ends: tuple[bool, bool]
    ) -> tuple[Pass, Piece | None]:
        layer, layout, config = self.layer, self.layout, self.config
        block, some, part = self.blocks[number], self.sets[at], self.parts[step[0]]
        first, last = ends
        geo = self._geometry(block, some, part)
        bias = first and self.low.bias is not None
        mode, wgt, act = int(Mode.COMPUTE), None, None
        taps = layout.taps(block.size)
        if self._missing("wgt", (at, step, tuple(taps.tolist()))):
            mode |= Mode.LOAD_WGT
            wgt, strings = self._weights(some, step, taps * geo.cb, bias)
            mode |= Mode.HUFFMAN if strings else 0
        if self._missing("act", (number, part)):
            mode |= Mode.LOAD_ACT | (Mode.PACKED_IN if config.packed_in else 0)
            rows = layout.problem.values(layout.pieces(part), block)
            act = activation_packet(rows.reshape(-1, config.window), config)
        mode |= 0 if first else Mode.ACC_KEEP
        mode |= Mode.BIAS if bias else 0
        mode |= 0 if layout.allowed else Mode.CODE4
        mode |= Mode.OUTPUT if last else 0
        mode |= Mode.PACKED_OUT if last and config.packed_out else 0
        mode |= Mode.RELU if layer.relu else 0
        values = vars(geo) | {"mode": mode, "shift": layer.shift}
        cfg = REGISTERS.words(config, {one: values[one.name.lower()] for one in REGISTERS.cfg})
        piece = Piece(block, some.groups) if last else None
        words = 0
        if piece is not None:
            words = geo.groups * geo.pixels * config.result_words
            if config.packed_out:
                words = result_packet(self._answers(piece), packed_out=True).size
        return Pass(
            cfg, wgt, act, words, (0, number, at, sum(some.chunks[: step[0]]) + step[1])
        ), piece

    def _geometry(self, block: Block, some: GroupSet, part: Span) -> Geometry:
        height, width = self.layout.problem.placed(block.size)
        return Geometry(
            h=height,
            w=width,
            p=block.size[0],
            q=block.size[1],
            stride=max(self.layout.problem.step),
            cb=part[1] - part[0],
            groups=len(some.groups),
        )

    def _missing(self, memory: str, key: Hashable) -> bool:
        """Whether something must be loaded; then it is there."""
        missing = self.held.get(memory) != key
        self.held[memory] = key
        return missing

    def _weights(
        self, some: GroupSet, step: tuple[int, int], taps: Ints, bias: bool
    ) -> tuple[Words, bool]:
        """The weight packet of a set, and whether it has bit strings: ``taps``, rows from an
        output's first one to each tap.
        """
        sections: list[Section] = []
        for core in range(self.config.cores):
            if some.of_core(core, self.config.cores):
                sections += self._of_core(core, some, step, taps)
                if bias:
                    sections += self._biases(core, some)
        sections.sort(key=lambda one: (one.kind, one.pe))
        shorter = self.coder.packet(sections) if self.config.huffman else None
        return weight_packet(shorter or sections), shorter is not None

    def _of_core(
        self, core: int, some: GroupSet, step: tuple[int, int], taps: Ints
    ) -> list[Section]:
        config, (part, chunk) = self.config, step
        groups = [self._chunk(g, part, chunk, some) for g in some.of_core(core, config.cores)]
        whole = Entries.joined(groups)
        last = np.zeros(len(whole), dtype=bool)
        last[np.cumsum([len(one) for one in groups]) - 1] = True
        books = some.books[core] if some.books else None
        codes, regions = coded(whole, books, config)
        if books is None:
            used, regions = np.unique(regions, return_inverse=True)
            table = np.zeros((len(used), BOOK), dtype=np.int64)
            table[:, 0] = used
        else:
            table = books.table()
        windows = self.parts[part][1] - self.parts[part][0]
        offsets = taps[whole.place // windows] + whole.place % windows
        first = core * config.pes
        masks = whole.masks[:, 0] & (not config.per_pe)
        sections = [
            list_section(first, offsets, masks, regions, last),
            book_section(first, table),
        ]
        for pe in range(config.pes):
            sections.append(codes_section(first + pe, codes[:, pe]))
            if config.per_pe:
                sections.append(mask_section(first + pe, whole.masks[:, pe]))
        return sections

    def _chunk(self, group: int, part: int, chunk: int, some: GroupSet) -> Entries:
        """What a pass has of the list of a group."""
        entries = self.layout.entries(group, self.parts[part])
        size = -(-len(entries) // some.chunks[part])
        return entries.part(slice(chunk * size, (chunk + 1) * size)).or_none()

    def _biases(self, core: int, some: GroupSet) -> list[Section]:
        config, groups = self.config, np.array(some.of_core(core, self.config.cores))
        assert self.low.bias is not None
        full = np.pad(self.low.bias, (0, self.layout.groups * config.pes - self.low.bias.size))
        mine = full.reshape(-1, config.pes)[groups].T
        return [bias_section(core * config.pes + pe, row) for pe, row in enumerate(mine)]

    @cached_property
    def _truth(self) -> Ints:
        """Results of the layer: int64 [samples, lines, pixels, groups, Pes] as they are cut."""
        found = golden(self.layer, self.config.act_width).transpose(0, 2, 3, 1)
        found = found.reshape(*self.layout.problem.out, -1)
        missing = self.layout.groups * self.config.pes - found.shape[-1]
        full = np.pad(found, [*((0, 0),) * 3, (0, missing)])
        return full.reshape(*self.layout.problem.out, -1, self.config.pes)

    def _answers(self, piece: Piece) -> Ints:
        """Results of a packet: int64 [groups*P*Q, Pes]."""
        block = piece.block
        part = self._truth[block.sample, slice(*block.lines), slice(*block.pixels)]
        return part[:, :, piece.groups].transpose(2, 0, 1, 3).reshape(-1, self.config.pes)


def unpack(program: Program, packets: Sequence[Words]) -> list[Ints]:
    """Result packets (one per pass with ``out_words > 0``, in order) to one int64 [B, K, P, Q].

    Raises ValueError when a packet is missing or has a wrong length.
    """
    meta: CambriconSeOutputs = program.outputs
    if len(packets) != len(meta.pieces):
        raise ValueError(f"packets: found {len(packets)}, need {len(meta.pieces)}")
    batch, filters, height, width = meta.shape
    groups = -(-filters // meta.pes)
    tensor = np.zeros((*meta.out, groups, meta.pes), dtype=np.int64)
    lengths = [one.out_words for one in program.passes if one.out_words]
    for at, (piece, packet) in enumerate(zip(meta.pieces, packets, strict=True)):
        words, block = np.asarray(packet, dtype=np.uint64), piece.block
        if words.shape != (lengths[at],):
            raise ValueError(f"packets[{at}]: found {words.shape} words, need {lengths[at]}")
        lines, pixels = block.size
        values = results_of(words, len(piece.groups) * lines * pixels, meta.pes, meta.packed)
        values = values.reshape(-1, lines, pixels, meta.pes).transpose(1, 2, 0, 3)
        part = tensor[block.sample, slice(*block.lines), slice(*block.pixels)]
        part[:, :, piece.groups] = values
    found = tensor.reshape(*meta.out, -1)[..., :filters]
    if meta.batched:
        return [found.reshape(batch, filters)[:, :, None, None]]
    return [found.reshape(batch, height, width, filters).transpose(0, 3, 1, 2).copy()]
