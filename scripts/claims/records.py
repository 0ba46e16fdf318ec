"""Committed records (``docs/<name>.json``) as claims read them: every number that is read is noted.

A ``Node`` is a place in such a file. What is not as it has to be is a ``RecordError`` that names
the file and the field; a file that is not there, and a study without a single element, is a
``MissingError``, which is no fault: that was not measured.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.names import listing
from models.places import ROOT

#: Where the records are, from the top of the project.
FOLDER = "docs"
Step = str | int


class RecordError(ValueError):
    """A record that does not hold what a claim reads."""


class MissingError(LookupError):
    """No such record, or a study that is empty: nothing was measured."""


@dataclass(frozen=True)
class Record:
    """A file of records: ``docs/<name>.json``, and the command that makes it."""

    name: str
    command: str

    @property
    def file(self) -> str:
        """From the top of the project."""
        return f"{FOLDER}/{self.name}.json"


@dataclass(frozen=True)
class Read:
    """A number that was read. path: of keys and indices; where: the same for people."""

    path: tuple[Step, ...]
    where: str


@dataclass
class Node:
    """A place in a file of records.

    value   what is there, of any kind of JSON
    file    of the record; path, where: as in ``Read``
    reads   all numbers that were read below the same root
    """

    value: Any
    file: str
    path: tuple[Step, ...] = ()
    where: str = ""
    reads: list[Read] = field(default_factory=list)

    def _bad(self, need: str) -> RecordError:
        found = json.dumps(self.value)
        found = found if len(found) <= 40 else f"{found[:40]}..."
        return RecordError(f"{self.file}: {self.at}: found {found}, need {need}")

    @property
    def at(self) -> str:
        """The place in the file, exactly.

        >>> Node(1, "f", ("runs", 3, "cycles")).at
        'runs[3].cycles'
        """
        steps = (f"[{one}]" if isinstance(one, int) else f".{one}" for one in self.path)
        return "".join(steps).removeprefix(".") or "all of it"

    def _below(self, step: Step, where: str) -> Node:
        return Node(self.value[step], self.file, (*self.path, step), where, self.reads)

    def __getitem__(self, key: str) -> Node:
        """A field; RecordError where there is none."""
        if not isinstance(self.value, dict):
            raise self._bad(f"an object with {key}")
        if key not in self.value:
            raise RecordError(
                f"{self.file}: {self.at}: found {listing(self.value) or 'nothing'}, need {key}"
            )
        return self._below(key, f"{self.where}.{key}" if self.where else key)

    def all(self, **facts: Any) -> list[Node]:
        """The elements of a list whose fields are these, at least one; ``MissingError`` where the
        list is empty.
        """
        return list(self._matching(facts))

    def item(self, at: int, length: int) -> Node:
        """An element of a list of so many."""
        if not isinstance(self.value, list) or len(self.value) != length:
            raise self._bad(f"a list of {length}")
        return self._below(at, f"{self.where}[{at}]")

    def _matching(self, facts: dict[str, Any]) -> Iterator[Node]:
        if not isinstance(self.value, list):
            raise self._bad("a list")
        if not self.value:
            raise MissingError(f"{self.file}: {self.at}")
        said = ", ".join(f"{name}={value}" for name, value in facts.items())
        found = False
        for at, one in enumerate(self.value):
            if isinstance(one, dict) and all(one.get(key) == fact for key, fact in facts.items()):
                found = True
                yield self._below(at, f"{self.where}[{said}]")
        if not found:
            raise RecordError(f"{self.file}: {self.at}: found none with {said or 'anything'}")

    def one(self, **facts: Any) -> Node:
        """The only element of a list whose fields are these."""
        found = self.all(**facts)
        if len(found) > 1:
            said = ", ".join(f"{name}={value}" for name, value in facts.items())
            raise RecordError(f"{self.file}: {self.at}: found {len(found)} with {said}, need one")
        return found[0]

    def number(self) -> float:
        """A finite number, noted."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self._bad("a number")
        if not math.isfinite(self.value):
            raise self._bad("a finite number")
        self.reads.append(Read(self.path, self.where))
        return float(self.value)

    def positive(self) -> float:
        """A number above 0, noted: what is divided by, or has a logarithm."""
        found = self.number()
        if found <= 0:
            raise self._bad("a number above 0")
        return found

    def count(self) -> int:
        """A whole number from 0 up that says where a figure is from; not noted."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            raise self._bad("a whole number from 0 up")
        return self.value

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise self._bad("a text")
        return self.value

    def true(self) -> bool:
        """Whether a field says yes."""
        if not isinstance(self.value, bool):
            raise self._bad("true or false")
        return self.value


def load(record: Record, root: Path = ROOT) -> Any:
    """All that a file of records holds; ``MissingError`` or ``RecordError``."""
    try:
        return json.loads((root / record.file).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingError(record.file) from error
    except OSError as error:
        raise RecordError(f"{record.file}: {error.strerror}, need a file to read") from error
    except ValueError as error:
        raise RecordError(f"{record.file}: no JSON: {error}") from error


class Records:
    """The files of records below a folder, each read once."""

    def __init__(self, root: Path = ROOT) -> None:
        """Root: the folder that ``docs`` is in."""
        self.root = root
        self._kept: dict[str, Any] = {}

    def __getitem__(self, record: Record) -> Node:
        """The root of a file, with no reads yet; ``MissingError`` or ``RecordError``."""
        if record.name not in self._kept:
            self._kept[record.name] = load(record, self.root)
        return Node(self._kept[record.name], record.file)
