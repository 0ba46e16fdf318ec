"""What every command line of the project has in common: types, nearest names, one-line errors.

Standard library only: ``scripts.door`` uses it before there is a virtual environment.

A wrong value ends a program with exit status 2 and one line on the terminal, which names the
option, what was found and what is allowed::

    error: density: found 'abc', need a number above 0 up to 1
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from models.files.source import Source
from models.names import quoted, unknown

#: Exit status of a program that was asked for something that there is not.
BAD_INPUT = 2
#: Simulations at a time; more is a slip of the keyboard.
MAX_JOBS = 64
MAX_SEED = (1 << 63) - 1
#: Seeds, or mutants, of one call.
MAX_COUNT = 1_000_000


def refuse(message: object) -> NoReturn:
    """One line on the terminal, exit status 2."""
    raise SystemExit(refused(message))


def refused(message: object) -> int:
    """One line on the terminal; the exit status of a program that ends so."""
    print(f"error: {one_line(message)}", file=sys.stderr)
    return BAD_INPUT


def one_line(message: object) -> str:
    """A message, or the kind of an error that says nothing, without line breaks.

    >>> one_line(MemoryError()), one_line("two\\n  lines")
    ('MemoryError', 'two lines')
    """
    return " ".join(str(message).split()) or type(message).__name__


# ---------------------------------------------------------------- types of options


def integer(low: int, high: int | None = None) -> Callable[[str], int]:
    """Type of an option: a whole number in low..high.

    >>> integer(1, 8)("4")
    4
    """

    def convert(text: str) -> int:
        good = re.fullmatch(r"[+-]?[0-9]{1,20}", text.strip()) is not None
        value = int(text) if good else low - 1
        if value < low or (high is not None and value > high):
            allowed = f"from {low} up" if high is None else f"{low}..{high}"
            raise argparse.ArgumentTypeError(f"found {quoted(text)}, need an integer {allowed}")
        return value

    return convert


def code_bits(text: str) -> int:
    """Type of an option: bits of a code, 1..8, or 0 for ``none``: no codes.

    >>> code_bits("4"), code_bits("none")
    (4, 0)
    """
    if text.strip() == "none":
        return 0
    try:
        return integer(1, 8)(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error} or none") from None


def number(low: float, high: float | None = None) -> Callable[[str], float]:
    """Type of an option: a finite number above ``low``, at most ``high``.

    >>> number(0, 1)("1e-1")
    0.1
    """

    def convert(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value > low and (high is None or value <= high)):
            allowed = f"above {low:g}" + ("" if high is None else f" up to {high:g}")
            raise argparse.ArgumentTypeError(f"found {quoted(text)}, need a number {allowed}")
        return value

    return convert


def choice(*known: str) -> Callable[[str], str]:
    """Type of an option: one of a few words.

    >>> choice("verilator", "icarus")("icarus")
    'icarus'
    """

    def convert(text: str) -> str:
        if text not in known:
            raise argparse.ArgumentTypeError(unknown("", text, known).removeprefix(": "))
        return text

    return convert


def file(text: str) -> Path:
    """Type of an option: a file that is there and can be read."""
    path = Path(text)
    why = ""
    try:
        if path.is_dir():
            why = "a folder"
        elif not path.exists():
            why = "no such file"
        else:
            with path.open("rb"):
                pass
    except (OSError, ValueError) as error:  # ValueError: a null byte
        why = getattr(error, "strerror", None) or str(error)
    if why:
        raise argparse.ArgumentTypeError(f"found {quoted(text)} ({why}), need a file to read")
    return path


def tensor(text: str) -> Path:
    """Type of an option: a file that is there, or ``file:tensor`` of one with tensors by name."""
    source = Source.of(text)
    file(str(source.path))
    return Path(text)


def folder(text: str) -> Path:
    """Type of an option: a folder, there or to be made."""
    path = Path(text)
    try:
        blocked = next((one for one in (path, *path.parents) if one.exists()), path)
        bad = blocked.exists() and not blocked.is_dir()
    except (OSError, ValueError):
        bad = True
    if not text or bad:
        raise argparse.ArgumentTypeError(f"found {quoted(text)}, need a folder to write")
    return path


def there(text: str) -> Path:
    """Type of an option: a folder that is there."""
    path = folder(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"found {quoted(text)} (no such folder), need one to read")
    return path


#: Where jobs can run (docs/farm.md), beside the address of a Dask scheduler.
FARMS = ("local", "dask", "slurm", "lsf", "sge", "pbs", "htcondor")


def farm(text: str) -> str:
    """Type of an option: where jobs run.

    >>> farm("slurm"), farm("tcp://head:8786")
    ('slurm', 'tcp://head:8786')
    """
    if text in FARMS or re.fullmatch(r"tcp://(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}", text):
        return text
    wrong = unknown("", text, FARMS).removeprefix(": ")
    raise argparse.ArgumentTypeError(f"{wrong}, or tcp://HOST:PORT")


whole = integer(-MAX_SEED, MAX_SEED)
jobs = integer(1, MAX_JOBS)
seed = integer(0, MAX_SEED)
count = integer(1, MAX_COUNT)
simulator = choice("verilator", "icarus")
replayer = choice("verilator", "icarus", "model")


def seeds(first: int, many: int) -> range:
    """So many seeds from the first one on.

    Raises:
        ValueError: the last of them is none.

    >>> list(seeds(7, 2))
    [7, 8]
    """
    highest = MAX_SEED - many + 1
    if first > highest:
        raise ValueError(f"seed: found {quoted(str(first))}, need 0..{highest} where n is {many}")
    return range(first, first + many)


# ---------------------------------------------------------------- parser


class Parser(argparse.ArgumentParser):
    """``ArgumentParser`` that refuses in one line, and only takes options by their whole name."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("allow_abbrev", False)
        super().__init__(**settings)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The options; exit status 2 with one line on one that there is not."""
        options, rest = self.parse_known_args(args, namespace)
        if rest:
            known = [name for name in self._option_string_actions if name.startswith("--")]
            name = rest[0].partition("=")[0]
            if name.startswith("-"):
                refuse(unknown("option", name, sorted(known)))
            refuse(f"argument: found {quoted(rest[0])}, need nothing there")
        return options

    def error(self, message: str) -> NoReturn:
        """The option as the first word of the line, as in all messages of the project.

        >>> Parser().error("argument --bits: found 'a', need an integer 1..8")
        Traceback (most recent call last):
        SystemExit: 2
        """
        message = re.sub(r"^argument (?:-\w/)?-{0,2}([\w-]+)(?:/--[\w-]+)*: ", r"\1: ", message)
        wrong = re.fullmatch(r"([\w-]+): invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if wrong:
            known = [one.strip().strip("'") for one in wrong[3].split(",")]
            message = unknown(wrong[1], wrong[2], known)
        message = re.sub(r"expected one argument$", "found nothing, need a value", message)
        message = re.sub(r"not allowed with argument --([\w-]+)$", r"not beside \1", message)
        refuse(message)
