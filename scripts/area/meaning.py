"""What a Verilog file means to synthesis: its text without comments, assertions and blanks.

A netlist is kept as long as this stays the same, so that a sentence in a header, or one more
assertion, does not make a day of netlists again.
"""

from __future__ import annotations

import re

#: They are nothing under SYNTHESIS (rtl/common/lac_assert.svh), whatever they say.
_NOTHING = re.compile(r"`LAC_(ASSERT|STREAM|COVER)\w*\s*\(")
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/|\s+|.', re.DOTALL)


def meaning(text: str) -> str:
    """The part of a Verilog source that can change a netlist.

    >>> meaning('assign a = b;  // why\\n  `LAC_ASSERT(x, (a) == b, "a (is) not")\\n')
    'assign a = b;'
    >>> meaning('`LAC_PARAM(m, N, 1, 8) /* always there */ wire w;')
    '`LAC_PARAM(m, N, 1, 8) wire w;'
    """
    tokens = [_plain(one) for one in _TOKEN.findall(text)]
    joined, at, kept = "".join(tokens), 0, []
    while found := _NOTHING.search(joined, at):
        kept.append(joined[at : found.start()])
        at = _behind(joined, found.end())
    return " ".join("".join([*kept, joined[at:]]).split())


def _plain(token: str) -> str:
    """A comment or blanks as one blank."""
    return " " if token.isspace() or token.startswith(("//", "/*")) else token


def _behind(text: str, at: int) -> int:
    """Place behind the parenthesis that closes the one before ``at``; ValueError without."""
    depth = 1
    for one in _TOKEN.finditer(text, at):
        depth += {"(": 1, ")": -1}.get(one[0], 0)
        if not depth:
            return one.end()
    raise ValueError(f"no ) behind: {text[at : at + 60]}")
