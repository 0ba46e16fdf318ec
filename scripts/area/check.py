"""Does everything in ``rtl/`` synthesise, without surprises? A step of ``make lint``.

Every module with its default parameters (or the small ones of its header) and all that is in it, in
one piece, through Yosys; of the tops the top module alone, and the whole in small: no latch, no
combinational loop, no net with two drivers or none, no tristate, no array above
``MAX_REGISTER_WORDS`` words but in ``lac_sram``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.area.builds import CHECKED, has_module
from scripts.area.yosys import (
    MAX_REGISTER_WORDS,
    MEMORIES,
    AreaError,
    Parameters,
    module_file,
    read_script,
    run,
)
from tb.common.sim.sources import small

MARK = "area_check:"
SELECTIONS = {
    "latch": "t:$dlatch t:$adlatch t:$dlatchsr t:$sr",
    "tristate": "t:$tribuf",
    "memory": f"t:$mem_v2 r:SIZE>{MAX_REGISTER_WORDS} %i",
}
MESSAGES = {
    "latch": "latch: a signal keeps its value in some branch",
    "tristate": "tristate driver",
    "memory": f"array of more than {MAX_REGISTER_WORDS} words: use lac_sram",
}
_ERROR = re.compile(
    r"^(?:rtl/|/rtl/)?(?P<path>[^\s:]+\.svh?):(?P<line>\d+):\d+: error: (?P<text>.*)"
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a module; line 0 if the tool does not say where."""

    module: str
    path: Path
    line: int
    rule: str
    message: str


@dataclass(frozen=True)
class Subject:
    """A module to look at."""

    module: str
    parameters: Parameters
    flat: bool


def subjects(rtl: Path) -> list[Subject]:
    """Every module with what is in it; tops and cores (large) without, and in small with it."""
    files = [path for path in sorted(rtl.glob("*/*.sv")) if has_module(path)]
    names = {path.stem for path in files}
    folders = {one.design for one in CHECKED}
    large = {one.top for one in CHECKED}
    large |= {p.stem for p in files if p.stem.endswith("_core") and p.parent.name in folders}
    alone = [
        Subject(path.stem, small(path), path.stem not in large)
        for path in files
        if path.stem not in MEMORIES
    ]
    return alone + [Subject(one.top, one.parameters, True) for one in CHECKED if one.top in names]


def script(number: int, subject: Subject, rtl: Path) -> str:
    """Commands that look at one module; their output stands behind a mark."""
    lines = [
        "design -reset",
        f"log {MARK} {number}",
        read_script(subject.module, subject.parameters, rtl, subject.flat).rstrip(),
        "check",
        "memory -nomap",
        *(f"log {MARK} {rule}\nselect -count {what}" for rule, what in SELECTIONS.items()),
    ]
    return "\n".join(lines) + "\n"


def findings(log: str, subject: Subject, rtl: Path) -> list[Problem]:
    """Problems in what Yosys said about a module."""
    path = module_file(subject.module, rtl)
    found = []
    for match in filter(None, map(_ERROR.match, log.splitlines())):
        where = rtl / match["path"]
        found.append(Problem(subject.module, where, int(match["line"]), "read", match["text"]))
    if "Executing CHECK pass" in log:
        part = log.split("Executing CHECK pass", 1)[1].split("reported", 1)[0]
        warned = re.findall(r"Warning: (.*?)(?=Warning: |Found and)", part, re.DOTALL)
        for text in warned:
            message = re.sub(r"\s+", " ", text).strip()
            rule = "loop" if "loop" in message else "driver"
            found.append(Problem(subject.module, path, 0, rule, message[:400]))
    for rule, count in re.findall(rf"{MARK} (\w+)\n.*?(\d+) objects\.", log, re.DOTALL):
        if int(count):
            found.append(Problem(subject.module, path, 0, rule, MESSAGES[rule]))
    return found


def check(rtl: Path, only: Sequence[str] = ()) -> list[Problem]:
    """Problems of all modules (or those named); AreaError if Yosys is missing or fails."""
    waiting = [one for one in subjects(rtl) if not only or one.module in only]
    found = []
    while waiting:
        commands = "".join(script(n, one, rtl) for n, one in enumerate(waiting))
        try:
            log, why = run(commands, rtl)[0], ""
        except AreaError as error:
            log = why = str(error)
            if not error.log:
                raise
            log = error.log
        seen = re.split(rf"^{MARK} (\d+)$", log, flags=re.MULTILINE)[1:]
        parts = dict(zip(map(int, seen[::2]), seen[1::2], strict=True))
        for number, text in parts.items():
            mine = findings(text, waiting[number], rtl)
            stopped = why and number == max(parts)
            if stopped and not mine:
                one = waiting[number].module
                mine = [Problem(one, module_file(one, rtl), 0, "stopped", why[:600])]
            found += mine
        if why and not parts:
            raise AreaError(why)
        waiting = waiting[max(parts) + 1 :]
    return found
