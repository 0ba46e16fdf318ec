"""The one kind of error of every reader, and the size that a file may have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from models.npz import LIMIT, NpzError, shown

#: Name of a tensor -> (its shape, what reads it).
Tensors = Mapping[str, tuple[tuple[int, ...], Callable[[], NDArray[Any]]]]


class FileError(NpzError):
    """A file that cannot be read: a line with the field or file, what was found, what is needed."""


@contextmanager
def reading(path: Path, kind: str) -> Iterator[None]:
    """What goes wrong inside is told as ``FileError``.

    The bytes of a damaged file decide what a library raises, so every exception is told alike; a
    library that is not there is told by the command that brings it.
    """
    name = shown(str(path), 200)
    try:
        yield
    except ImportError as error:
        raise FileError(
            f"file: {name} is {kind}, whose reader is not there ({shown(str(error), 80)}), need "
            "the packages of requirements/files.lock: make setup"
        ) from None
    except NpzError:
        raise
    except FileNotFoundError:
        raise FileError(f"file: found nothing at {name}, need a {kind} file") from None
    except MemoryError:
        raise FileError(
            f"file: found more in {name} than this machine's memory takes, need less"
        ) from None
    except Exception as error:
        reason = shown(f"{type(error).__name__}: {error}".strip(), 120)
        raise FileError(f"file: {name} is no {kind} file, or damaged ({reason})") from None


def check_size(what: str, shape: tuple[int, ...], itemsize: int = 8) -> None:
    """FileError where an array of that shape would be larger than any file may bring."""
    if any(length < 0 for length in shape):
        raise FileError(f"{what}: found shape {shown(str(shape))}, need lengths from 0")
    size = itemsize
    for length in shape:  # without overflow, in order
        size *= length
    if size > LIMIT:
        raise FileError(
            f"{what}: found shape {shown(str(shape))}, {size:,} bytes, need at most {LIMIT:,}"
        )
