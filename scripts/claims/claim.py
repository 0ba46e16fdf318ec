"""A claim of a paper, the figure found here, and the rule that compares them.

The rule, which nothing overrules:

- deviation: ours over the paper's figure, less one; where the paper gives a bound or a range, 0
  within it, and over the nearer end outside;
- *reproduced*: the deviation is at most ``TOLERANCE``, or ``ROUGH`` where the paper rounds its
  figure ("about") or measures another quantity of the same kind (area in mm2, here in gates);
- otherwise *surpassed* where ours is better, and *refuted* where it is worse, or where neither
  more nor less would be better;
- *cannot be known*: where public text does not say what the figure is of (baseline, workload,
  format, build), whatever ours is. What would be said with the definition used here stands beside.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from scripts.claims.records import Node, Record

#: Largest deviation of a figure that is reproduced.
TOLERANCE = 0.10
#: The same where the paper rounds its figure, or measures in another unit.
ROUGH = 0.20

REPRODUCED, SURPASSED, REFUTED = "reproduced", "surpassed", "refuted"
UNKNOWN = "cannot be known"
UNMEASURED = "not measured"
#: In the order in which they are counted.
VERDICTS = (REPRODUCED, SURPASSED, REFUTED, UNKNOWN, UNMEASURED)

Show = Callable[[float], str]


class Better(IntEnum):
    """Which direction is better: the sign of a deviation that is."""

    LESS = -1
    NEITHER = 0
    MORE = 1


def times(value: float) -> str:
    """A ratio.

    >>> times(2.3712), times(189.2), times(22044), times(13.04)
    ('2.37x', '189x', '22,044x', '13.0x')
    """
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:,.{digits}f}x"


def share(value: float) -> str:
    """A share in percent.

    >>> share(0.3303), share(0.0049)
    ('33.0 %', '0.49 %')
    """
    return f"{100 * value:.2f} %" if abs(value) < 0.01 else f"{100 * value:.1f} %"


def plain(value: float) -> str:
    """A number of no unit.

    >>> plain(1.1561), plain(81967.2)
    ('1.156', '81,967')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"


def micros(value: float) -> str:
    """Microseconds.

    >>> micros(27.78)
    '27.8 us'
    """
    return f"{value:.1f} us"


@dataclass(frozen=True)
class Published:
    """A figure of a paper.

    text   as it is printed; where: table, figure, section, abstract
    low, high   its bounds, equal for a plain figure, None both where it has no number
    rough  the paper rounds it, or measures another quantity of the same kind
    """

    text: str
    where: str
    low: float | None = None
    high: float | None = None
    rough: bool = False

    def __post_init__(self) -> None:
        if (self.low is None) != (self.high is None):
            raise ValueError(f"{self.text}: found one bound, need both, or none")
        if self.low is not None and self.high is not None and not self.low <= self.high:
            raise ValueError(f"{self.text}: found {self.low}..{self.high}, need low <= high")

    @property
    def tolerance(self) -> float:
        """Largest deviation that is none."""
        return ROUGH if self.rough else TOLERANCE


def figure(
    value: float, where: str, show: Show = times, *, text: str = "", rough: bool = False
) -> Published:
    """A plain figure.

    >>> figure(2.37, "abstract").text
    '2.37x'
    """
    return Published(text or show(value), where, value, value, rough)


def within(low: float, high: float, text: str, where: str, *, rough: bool = False) -> Published:
    """A range, or a bound if one end is infinite."""
    return Published(text, where, low, high, rough)


def unnumbered(text: str, where: str) -> Published:
    """What is said or drawn without a number."""
    return Published(text, where)


@dataclass(frozen=True)
class Ours:
    """What was found here: the figure, and whether it is of RTL, of the cycle model, ..."""

    value: float
    source: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A row of the table.

    key         its name in the paper's list; what: is claimed, in a few words
    paper       the published figure
    definition  what ours is exactly
    record      where ours is from; ours: its root -> the figure
    show        a figure as text; better: direction
    open        what public text does not say, "" if it says enough
    headline    whether it stands in README, too
    """

    key: str
    what: str
    paper: Published
    definition: str
    record: Record
    ours: Callable[[Node], Ours]
    show: Show = times
    better: Better = Better.MORE
    open: str = ""
    headline: bool = False

    def __post_init__(self) -> None:
        if self.paper.low is None and not self.open:
            raise ValueError(f"{self.key}: open: found nothing, need what a missing number leaves")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A paper: ``cited`` as authors, title, place; ``short``: in a column."""

    short: str
    cited: str
    year: int
    claims: tuple[Claim, ...]


def deviation(paper: Published, value: float) -> float | None:
    """How far ours is from the paper's figure, None if that has no number.

    >>> deviation(figure(2.0, "x"), 2.2), deviation(within(0, 0.2, "below 20 %", "x"), 0.1)
    (0.10000000000000009, 0.0)
    """
    if paper.low is None or paper.high is None:
        return None
    if paper.low <= value <= paper.high:
        return 0.0
    end = paper.low if value < paper.low else paper.high
    return (value - end) / abs(end) if end else math.copysign(math.inf, value - end)


def compared(claim: Claim, value: float) -> str:
    """The verdict with the definition used here, "" where the paper has no number.

    >>> from scripts.claims.records import Record
    >>> one = Claim(key="k", what="w", paper=figure(2.0, "x"), definition="d",
    ...             record=Record("r", "make run"), ours=lambda root: Ours(2.0, "RTL"))
    >>> [compared(one, value) for value in (1.79, 1.81, 2.19, 2.21)]
    ['refuted', 'reproduced', 'reproduced', 'surpassed']
    """
    return judged(claim.paper, claim.better, value)


def judged(paper: Published, better: Better, value: float) -> str:
    """The rule on a published figure and ours, "" where the paper has no number."""
    off = deviation(paper, value)
    if off is None:
        return ""
    if abs(off) <= paper.tolerance:
        return REPRODUCED
    return SURPASSED if off * better > 0 else REFUTED


def verdict(claim: Claim, value: float) -> str:
    """One of ``VERDICTS`` for a figure that was measured."""
    return UNKNOWN if claim.open else compared(claim, value)
