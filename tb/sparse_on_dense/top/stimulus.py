"""Stimulus of Sparse-on-Dense's top-level tests: what differs from ``tb/array/stimulus.py``.

Nothing here touches the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models import sparse_on_dense
from models.array.packets import Kind, sections
from models.formats.base import Fault
from models.layer import Layer
from models.packets import Section, packet_of
from models.program import Pass
from models.sparse_on_dense import SparseOnDenseConfig
from models.sparse_on_dense.config import WgtFormat
from models.sparse_on_dense.parts import Layout, Packed, marked, payload, section_words
from tb.array.stimulus import Maker, field, with_cfg
from tb.common.uvm.items import Job

WORD_BITS = 64
#: Faults that every part of some size can have (columns and positions fill their fields, so they
#: are never past the part).
FAULTS: dict[WgtFormat, tuple[str, ...]] = {
    WgtFormat.CSC: ("HEADER", "SHORT", "LONG", "ORDER", "PLACEHOLDER", "POINTER"),
    WgtFormat.BITMAP: ("HEADER", "SHORT", "LONG", "INDEX", "PLACEHOLDER", "COUNT"),
    WgtFormat.NM: ("HEADER", "SHORT", "LONG", "ORDER"),
}


class SodMaker(Maker):
    """Makes layers and jobs for one build; weights are N:M where the build asks for it."""

    design = sparse_on_dense.DESIGN
    config: SparseOnDenseConfig

    @property
    def every_output(self) -> bool:  # type: ignore[override]
        return self.config.wgt_format != WgtFormat.NM

    @property
    def quiet(self) -> int:
        # Decoding takes a cycle more; or the last pixel moves through all rows behind it.
        return max(super().quiet + 1, self.config.rows - 1)

    @property
    def channels_too_many(self) -> int:
        empty = int(Layout.of(self.config).words(np.zeros(1, dtype=np.int64))[0])
        return self.config.rows * (self.config.wgt_depth // empty) + 1

    def fitting(self, mask: NDArray) -> NDArray:
        if self.every_output:
            return mask
        size, most = self.config.group_m, self.config.group_n
        kept = np.zeros_like(mask)
        for first in range(0, mask.shape[0], size):
            group = mask[first : first + size]
            order = np.where(group, self.rng.random(group.shape), 2.0)
            rank = order.argsort(axis=0).argsort(axis=0)
            kept[first : first + size] = group & (rank < most)
        return kept

    def adapted(self, layer: Layer) -> Layer:
        if self.every_output:
            return layer
        size, most = self.config.group_m, self.config.group_n
        place = np.arange(layer.weights.shape[0])
        place = place // most * size + place % most
        weights = np.zeros((place[-1] + 1, *layer.weights.shape[1:]), dtype=np.int64)
        weights[place] = layer.weights
        bias = None
        if layer.bias is not None:
            bias = np.zeros(len(weights), dtype=np.int64)
            bias[place] = layer.bias
        return replace(layer, weights=weights, bias=bias)

    def long(self, label: str = "long") -> Job:
        config = self.config
        kernel = (config.cols, config.rows, 3, 3)
        # Pixels enough that decompression stays behind them, see the table in the contract.
        height = max(6, (config.rows + config.cols) * 7 // 32)
        layer = self.layer(kernel, (height, 8), padding=1, density=0.1, act_density=1)
        return self.job(layer, label)

    def parts_job(self, filled: NDArray, pixels: int, label: str) -> Job:
        """A fully connected layer on ``pixels`` samples, its tiles' parts as full as ``filled``.

        ``filled``: densities [tiles, units].
        """
        config, (rows, cols) = self.config, self.config.part
        tiles = filled.shape[0]
        mask = np.zeros((tiles, config.num_units, rows, cols), dtype=bool)
        for at in np.ndindex(filled.shape):
            count = round(float(filled[at]) * rows * cols)
            mask[at].flat[self.rng.permutation(rows * cols)[:count]] = True
        kernel = mask.reshape(tiles * config.rows, cols).T[:, :, None, None]
        largest, act_max, _ = self.magnitudes(kernel.shape[1])
        weights = self.nonzero(self.fitting(kernel), largest)[:, :, 0, 0]
        acts = self.rng.integers(-act_max, act_max + 1, (pixels, kernel.shape[1]))
        shift = max(0, (largest * act_max).bit_length() - config.act_width)
        return self.job(Layer(weights, acts, shift=shift), label)

    def last_waiting(self, filled: NDArray) -> int:
        """The largest number of pixels on which some tile behind the first is waited for."""
        config = self.config

        def waits(pixels: int) -> int:
            program = self.parts_job(filled, pixels, "trial").program
            return sum(one.counters["stall_sync"] for one in self.design.cycles(program, config))

        most = min(config.acc_depth, config.act_depth // filled.shape[0])
        least = waits(most)
        return next(n for n in range(most, 0, -1) if waits(n) > least)

    # programs ---------------------------------------------------------------------------------

    def sections_of(self, item: Pass) -> list[Section]:
        assert item.wgt is not None, "a pass that loads weights"
        return list(sections(item.wgt, self.config, section_words))

    def packed_of(self, section: Section) -> Packed:
        """The bank words of a weight section and the ends of its parts."""
        words, marks = marked(section.payload, section.count)
        return Packed(words, np.flatnonzero(marks) + 1)

    def with_parts(self, item: Pass, unit: int, words: NDArray, ends: NDArray) -> Pass:
        """The pass with other bank words, and ends of parts, in a unit."""
        parts = self.sections_of(item)
        for index, part in enumerate(parts):
            if (part.kind, part.pe) == (Kind.WEIGHT, unit):
                body = payload(Packed(words, ends))
                parts[index] = replace(part, count=len(words), payload=body)
        return replace(item, wgt=packet_of(parts))

    def fault_of(self, words: NDArray) -> Fault | None:
        """What the decoder finds in the words of a part."""
        raw = np.asarray(words, dtype="<u8").view(np.uint8).reshape(-1, WORD_BITS // 8)
        error = self.config.format.read(raw, self.config.part).error
        return error[0] if error else None

    def spoilt_parts(self, good: NDArray) -> Iterator[NDArray]:
        """Without end: a part with words missing or too many, or with a few bits turned over."""
        yield good[:-1] if len(good) > 1 else good
        yield np.append(good, np.zeros(1, dtype=np.uint64))
        fmt_bits = max(1, (int(good[0])).bit_length())
        while True:
            words = good.copy()
            for _ in range(int(self.rng.integers(1, 3))):
                word = int(self.rng.integers(len(words)))
                low = self.rng.integers(8) == 0 or word > 0
                bit = int(self.rng.integers(WORD_BITS if low else fmt_bits))
                words[word] ^= np.uint64(1 << bit)
            yield words

    def faulty(self, good: NDArray, tries: int = 400) -> dict[Fault, NDArray]:
        """A spoilt copy of a part for each fault that turns up."""
        found: dict[Fault, NDArray] = {}
        for _, words in zip(range(tries), self.spoilt_parts(good), strict=False):
            fault = self.fault_of(words)
            if fault is not None and fault not in found:
                found[fault] = words
        return found

    def rare(
        self, fault: Fault, parts: Sequence[tuple[int, int, NDArray]], rounds: int = 10_000
    ) -> tuple[int, int, NDArray]:
        """(unit, number, words) of a spoilt part that has this fault; parts take turns.

        Raises:
            AssertionError: none was found.
        """
        spoilt = [(unit, number, self.spoilt_parts(good)) for unit, number, good in parts]
        for _ in range(rounds):
            for unit, number, made in spoilt:
                words = next(made)
                if self.fault_of(words) == fault:
                    return unit, number, words
        raise AssertionError(f"no part could be spoilt to {fault.name}")


__all__ = ["FAULTS", "SodMaker", "field", "with_cfg"]
