"""What the benches of result streams share: words compared, streams that are cut off."""

from __future__ import annotations

from typing import Any

from tb.common.bfm.block import Checker
from tb.common.bfm.block_parts import cycle
from tb.common.bfm.streams import StreamMonitor

#: The word that ends a packet that was cut off: data, tlast, tuser.
ABORTED = (0, 1, 1)


class ResultStream:
    """Watches ``m_axis_out``; words are compared in order until :meth:`cut_off`.

    check, times   the comparison, and the cycle of every word
    """

    def __init__(self, dut: Any):
        self.check = Checker("result_words")
        self.times: list[int] = []
        self._kept: list[tuple] | None = None
        self._before = 0
        self.stream = StreamMonitor(
            dut, "m_axis_out", dut.clk_i, reset_n=dut.rst_ni, callback=self._on_word
        )

    def expect(self, words: list[int]) -> None:
        """A whole packet has to come."""
        self._before = self.check.compared + self.check.pending
        self.check.expect(*((word, int(k == len(words) - 1), 0) for k, word in enumerate(words)))

    def _on_word(self, beat: Any) -> None:
        self.times.append(cycle())
        if self._kept is None:
            self.check(tuple(beat))
        else:
            self._kept.append(tuple(beat))

    _on_word.__qualname__ = "on_word"

    def cut_off(self) -> None:
        """From now on words are kept: a clear may come at any time."""
        self._kept = []

    def ended(self) -> bool:
        """The packet that was cut off has its end: what came is its begin, then either its own last
        word or the word of an abort; nothing if it had not begun. Whether it was aborted."""
        kept, self._kept = self._kept or [], None
        begun = self.check.compared > self._before
        want = self.check.coming(len(kept) + 1)
        self.check.forget()
        if not kept:
            assert not begun or not want, "a packet that has begun has no end"
            return False
        *body, last = kept
        assert body == want[: len(body)], f"{body} came, expected {want}"
        assert begun or body, "a packet of an abort alone" if last == ABORTED else "no begin"
        assert last == ABORTED or (last == want[len(body)] and last[1]), f"it ends with {last}"
        return last == ABORTED
