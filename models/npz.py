"""The one reader of ``.npz`` files that come from outside: layers, networks, digits, saved cases.

``numpy.load`` trusts what it opens. This reader checks everything before it allocates: the archive,
every member's compression and encryption, the header of its array, and that shape and type fill
the member exactly. Whatever is wrong, the error is ``NpzError``, in one line.

>>> import io
>>> file = io.BytesIO()
>>> np.savez(file, weights=np.eye(2), stride=1)
>>> {key: array.shape for key, array in read_npz(file).items()}
{'weights': (2, 2), 'stride': ()}
"""

from __future__ import annotations

import os
import warnings
import zipfile
from collections.abc import Collection
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

#: Bytes of all arrays of a file together.
LIMIT = 1 << 32
#: Deflate cannot shrink more than this; a member that says so lies about its size.
_MOST_SHRUNK = 1040
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NAMES: dict[int, str] = getattr(zipfile, "compressor_names", {})
_ENCRYPTED = 0x41  # flag bits: encrypted, strongly encrypted
_END_SIZE, _COUNT_ELSEWHERE = 22, 0xFFFF  # bytes of the end record; its mark of a 64-bit one
_SUFFIX = ".npy"
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_NPY_START = b"\x93NUMPY"
_KINDS = "biufcSU"  # numbers and text; no objects, records, dates
_LAST_CHARACTER = 0x10FFFF


class NpzError(ValueError):
    """A file that is no good ``.npz``: a line with key or file, what was found and is needed."""


def shown(text: str, most: int = 60) -> str:
    r"""Text from a file for an error message: one line, printable, not endless.

    >>> shown("a\nb"), shown("x" * 99, 5)
    ('a\\nb', 'xxxxx...')
    """
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return plain if len(plain) <= most else plain[:most] + "..."


def read_npz(
    path: str | Path | BinaryIO,
    known: Collection[str] | None = None,
    needed: Collection[str] = (),
) -> dict[str, NDArray[Any]]:
    """All arrays of a file by their key, in native byte order, read-only.

    known    keys that there may be (None: any); a file with another is refused
    needed   keys that there must be

    Numbers, bools and text only. Pickles, records, dates, encrypted members, and compression other
    than that of ``numpy.savez_compressed`` are refused, and more than 4 GiB in all.
    Raises NpzError, a ValueError, and nothing else.
    """
    name = shown(str(path), 200) if isinstance(path, str | Path) else "the file"
    try:
        if not isinstance(path, str | Path):
            arrays = _read(path, name, known)
        elif Path(path).exists() and not Path(path).is_file():
            raise NpzError(f"file: found a folder or device at {name}, need an .npz file")
        else:
            with Path(path).open("rb") as file:
                arrays = _read(file, name, known)
    except FileNotFoundError:
        raise NpzError(f"file: found nothing at {name}, need an .npz file") from None
    except NpzError:
        raise
    except (OSError, ValueError) as error:  # no permission, a name that no file can have
        raise NpzError(f"file: {name} cannot be read ({_reason(error)})") from None
    for key in needed:
        if key not in arrays:
            found = ", ".join(sorted(shown(one) for one in arrays)) or "no keys"
            raise NpzError(f"{key}: found no such key (keys: {found})")
    return arrays


def _reason(error: BaseException) -> str:
    return shown(f"{type(error).__name__}: {error}", 120)


def _read(file: BinaryIO, name: str, known: Collection[str] | None) -> dict[str, NDArray[Any]]:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(len(_NPY_START))
    if start == _NPY_START:
        raise NpzError(f"file: {name} holds one bare array, need an .npz file with keys")
    no_npz = f"file: {name} is not an .npz file"
    if start[:4] not in _ZIP_STARTS:
        raise NpzError(f"{no_npz} (numpy.savez writes them; pickles are refused)")
    # From here on the bytes decide what is called: zipfile and numpy raise a dozen kinds of error
    # (struct.error, zlib.error, TokenError, RecursionError, ...) on damaged ones, all told alike.
    try:
        archive = zipfile.ZipFile(file)
    except Exception as error:
        raise NpzError(f"{no_npz}, or damaged ({_reason(error)})") from None
    arrays: dict[str, NDArray[Any]] = {}
    with archive:
        _check_count(file, archive, size, no_npz)
        members = _members(archive, name, size, known)
        for key, member in members.items():
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of headers as Python 2 wrote them
                    arrays[key] = _array(archive, member)
            except NpzError as error:
                raise NpzError(f"{shown(key)}: found {error}") from None
            except MemoryError:
                raise NpzError(
                    f"{shown(key)}: found {member.file_size:,} bytes, "
                    "more than this machine's memory takes"
                ) from None
            except Exception as error:
                raise NpzError(
                    f"{shown(key)}: found an array that cannot be read: damaged ({_reason(error)})"
                ) from None
    return arrays


def _check_count(file: BinaryIO, archive: zipfile.ZipFile, size: int, no_npz: str) -> None:
    """As many members as the end record says: a damaged entry may swallow the one behind it."""
    file.seek(size - _END_SIZE - len(archive.comment))
    end = file.read(_END_SIZE)
    count = int.from_bytes(end[10:12], "little")
    found = len(archive.infolist())
    if not end.startswith(b"PK\x05\x06") or count not in (found, _COUNT_ELSEWHERE):
        raise NpzError(f"{no_npz}, or damaged ({found} members, its end record says {count})")


def _members(
    archive: zipfile.ZipFile, name: str, size: int, known: Collection[str] | None
) -> dict[str, zipfile.ZipInfo]:
    """The members by key, of a method and a size that can be."""
    members: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for member in archive.infolist():
        key = member.filename.removesuffix(_SUFFIX)
        told = shown(key)
        if known is not None and key not in known:
            raise NpzError(f"{told}: found an unknown key, known: {', '.join(known)}")
        if key == member.filename:
            raise NpzError(f"{told}: found a member that is no {_SUFFIX}, need arrays only")
        if key in members:
            raise NpzError(f"{told}: found twice in {name}, need each key once")
        if member.flag_bits & _ENCRYPTED:
            raise NpzError(f"{told}: found an encrypted member, need one without a password")
        if member.compress_type not in _METHODS:
            method = _NAMES.get(member.compress_type, member.compress_type)
            raise NpzError(f"{told}: found compression '{method}', need stored or deflate")
        total += member.file_size
        most = member.compress_size * (1 if member.compress_type == 0 else _MOST_SHRUNK)
        if member.compress_size > size or member.file_size > most:
            raise NpzError(
                f"{told}: found {member.file_size:,} bytes in {member.compress_size:,} of a file "
                f"of {size:,}: cut off or damaged"
            )
        if total > LIMIT:
            raise NpzError(f"{told}: found {total:,} bytes up to here, need at most {LIMIT:,}")
        members[key] = member
    return members


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """One array. NpzError: what was found, for a message that has the key in front."""
    with archive.open(member) as data:
        version = np.lib.format.read_magic(data)
        if version == (1, 0):
            header = np.lib.format.read_array_header_1_0(data)
        elif version == (2, 0):
            header = np.lib.format.read_array_header_2_0(data)
        else:  # 3.0 is for records whose fields have names beyond ASCII
            raise NpzError(f"an array of .npy version {version}, need 1.0 or 2.0")
        shape, fortran, dtype = header
        if dtype.hasobject:
            raise NpzError("an array of objects (pickled), need numbers")
        if dtype.kind not in _KINDS or dtype.itemsize == 0 or dtype.subdtype is not None:
            raise NpzError(f"dtype {shown(str(dtype))}, need numbers")
        if not all(type(length) is int and length >= 0 for length in shape):
            raise NpzError(f"shape {shown(str(shape))}, need integers from 0")
        need, have = prod(shape) * dtype.itemsize, member.file_size - data.tell()
        if need != have:
            raise NpzError(
                f"shape {shown(str(shape))} of {dtype}, {shown(f'{need:,}')} bytes, "
                f"with {have:,} bytes of data: cut off or damaged"
            )
        content = data.read()  # to its end: that checks the sum over all bytes
    if len(content) != need:
        raise NpzError(f"{len(content):,} of {need:,} bytes of data: cut off or damaged")
    array = np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")
    if dtype.kind == "b" and content.strip(b"\0\1"):
        raise NpzError("bools that are neither 0 nor 1")
    array = array.astype(dtype.newbyteorder("="), copy=False)
    if dtype.kind == "U":
        letters = np.ascontiguousarray(array).reshape(-1).view(np.uint32)
        if letters.size and letters.max() > _LAST_CHARACTER:
            raise NpzError("text with characters that there are not")
    array.flags.writeable = False
    return array
