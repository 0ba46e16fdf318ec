"""Weight packets of Cambricon-SE taken apart in their order, codes decoded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.cambricon_se.config import CambriconSeConfig
from models.cambricon_se.huffman import Decoder, Table
from models.cambricon_se.packets import codes_section, section_words
from models.cambricon_se.registers import Kind, Mode
from models.cambricon_se.timing import CLOSING, LOAD, NUMBER
from models.packets import Section
from models.program import Pass

Words = NDArray[np.uint64]


class Reader:
    """Knows the code table between packets.

    cycles  of the load phase of the last packet while its stream never waits
    plain   words that it has plain, without a table, behind its header
    """

    def __init__(self, config: CambriconSeConfig) -> None:
        self.config = config
        self.table: Table | None = None
        self.cycles = self.plain = 0

    def sections(self, item: Pass) -> list[Section]:
        """The sections of a pass's (good) weight packet, all of them plain; none without packet.

        Raises ValueError for bit strings that the RTL refuses.
        """
        self.cycles = 0
        if item.wgt is None:
            return []
        huffman = bool(item.cfg.get(0, 0) & Mode.HUFFMAN)
        return list(self._read(item.wgt, huffman))

    def _read(self, words: Words, huffman: bool) -> Iterator[Section]:
        stream = iter(words[1:].tolist())
        decoder = Decoder(self.table, self.config)
        self.cycles, self.plain = LOAD, 0
        behind = CLOSING + 1  # cycles since the last step
        for header in stream:
            kind, pe, count = Kind(header & 0xF), header >> 4 & 0xFFF, header >> 40
            base = header >> 16 & 0xFFFFFF
            self.cycles += 1
            if kind != Kind.TABLE:
                self.plain += 1 + section_words(kind, count, self.config)
            if kind == Kind.CODES and huffman:
                behind += 1
                before, decoder.table = decoder.ticks, self.table
                rows = decoder.section(stream, count)
                if count:
                    self.cycles += decoder.ticks - before
                    behind = 0
                yield codes_section(pe, rows, base)
                continue
            self.cycles += max(0, CLOSING - behind)
            behind = CLOSING + 1
            size = section_words(kind, count, self.config)
            payload = np.array([next(stream) for _ in range(size)], dtype=np.uint64)
            self.cycles += size
            section = Section(kind, pe, base, count, payload)
            if kind == Kind.TABLE:
                self.table = Table.read(section)
                self.cycles += NUMBER * 4
            yield section
        decoder.end()
        self.cycles += max(0, CLOSING + 1 - behind)
