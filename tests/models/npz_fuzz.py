"""Two sources of bad and odd ``.npz`` files: damage to good bytes, and structures built on purpose.

Both are seeded. ``damaged`` never makes another good file than the one it started from;
``structured`` does, and says what a reader that gives an answer must find.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

RNG = np.random.default_rng(11)
ARRAYS = {
    "weights": RNG.integers(-3, 4, (4, 2, 3, 3)),
    "activations": RNG.integers(0, 9, (2, 2, 5, 5)),
    "bias": np.array([5, -5, 0, 7]),
    "stride": np.array(2),
    "padding": np.array(1),
    "shift": np.array(3),
    "relu": np.array(True),
}


def packed(arrays: dict[str, np.ndarray], compressed: bool) -> bytes:
    """The bytes of an ``.npz`` file."""
    file = io.BytesIO()
    save: Any = np.savez_compressed if compressed else np.savez
    save(file, **arrays)
    return file.getvalue()


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file of members as they are."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


# ---------------------------------------------------------------- damage


def _flip(data: bytearray, draw: np.random.Generator) -> None:
    data[draw.integers(len(data))] ^= 1 << draw.integers(8)


def _bytes(data: bytearray, draw: np.random.Generator) -> None:
    for _ in range(draw.integers(1, 12)):
        data[draw.integers(len(data))] = draw.integers(256)


def _cut(data: bytearray, draw: np.random.Generator) -> None:
    del data[draw.integers(len(data)) :]


def _hole(data: bytearray, draw: np.random.Generator) -> None:
    at = draw.integers(len(data))
    del data[at : at + draw.integers(1, 200)]


def _twice(data: bytearray, draw: np.random.Generator) -> None:
    at = int(draw.integers(len(data)))
    data[at:at] = data[at : at + draw.integers(1, 200)]


def _blank(data: bytearray, draw: np.random.Generator) -> None:
    at, size = int(draw.integers(len(data))), int(draw.integers(1, 200))
    data[at : at + size] = bytes([draw.choice([0, 255])]) * len(data[at : at + size])


def _records(data: bytes) -> list[tuple[int, int]]:
    """(start, offset of flags in it) of every local header and directory entry."""
    found = []
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            found.append((at, flags))
            at = data.find(mark, at + 1)
    return found


def _field(data: bytearray, draw: np.random.Generator) -> None:
    """Flags, method, time, sum or a size of one header, or of all headers alike."""
    records = _records(bytes(data))
    offset, size = [(0, 2), (2, 2), (4, 4), (8, 4), (12, 4), (16, 4)][draw.integers(6)]
    value = draw.choice([0, 1, 8, 9, 12, 14, 0x20, 0x40, 0x801, 99, 0xFFFF, 0xFFFFFFFF])
    some = records if draw.random() < 0.5 else [records[draw.integers(len(records))]]
    for at, flags in some:
        place = at + flags + offset
        data[place : place + size] = int(value & (1 << 8 * size) - 1).to_bytes(size, "little")


def _swap(data: bytearray, draw: np.random.Generator) -> None:
    """Two members change places; the directory does not know."""
    starts = [at for at, flags in _records(bytes(data)) if flags == 6]
    ends = [*starts[1:], data.find(b"PK\x01\x02")]
    parts = [bytes(data[a:b]) for a, b in zip(starts, ends, strict=True)]
    one, two = draw.choice(len(parts), 2, replace=False)
    parts[one], parts[two] = parts[two], parts[one]
    data[: ends[-1]] = b"".join(parts)


DAMAGE = (_flip, _flip, _bytes, _cut, _hole, _twice, _blank, _field, _field, _swap)


def damaged(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """(what was done, bytes) of ``count`` files made from ``ARRAYS``."""
    draw = np.random.default_rng(seed)
    good = [packed(ARRAYS, False), packed(ARRAYS, True)]
    for number in range(count):
        data = bytearray(good[number % 2])
        how = DAMAGE[draw.integers(len(DAMAGE))]
        how(data, draw)
        yield f"{number}: {how.__name__}", bytes(data)


# ---------------------------------------------------------------- structures

_DTYPES = (
    *("<i8", ">i8", "<i4", ">i2", "|i1", "|u1", "<u8", ">u4", "<f8", ">f8", "<f4", "<f2"),
    *("<f16", ">f16", "<c16", "|b1", "<U3", ">U2", "|S4", "<M8[s]", "<m8[D]", "|V5"),
    *("|O", "<U0", "|S0", "|V0", "<i16", "f", "i8, f8", "rubbish", ""),
)
_SHAPES = (
    *((4, 2), (4, 2, 1, 1), (2,), (), (0,), (4, 0), (1, 2), (3, 2), (4, 2, 3), (2, 2, 2, 2)),
    *((-4, 2), (4, -2), (1 << 40, 2), (1 << 62, 4), (1 << 70,), (10**30,) * 9, (1,) * 70),
    *((4.0, 2), (True, 2), ("4", 2), (None,), 8, "4", [4, 2]),
)
_VALUES = (0, 1, -1, 3, np.nan, np.inf, -np.inf, 1e308, -1e-308, 5e-324, 2.0**63, 1e300)


@dataclass(frozen=True)
class Built:
    """A file on purpose: ``arrays`` are what its headers say, None where they say nonsense."""

    what: str
    data: bytes
    arrays: dict[str, np.ndarray] | None


def _npy(array: np.ndarray | None, header: str, content: bytes, version: int) -> bytes:
    text = header.encode("latin1" if version < 3 else "utf8", "replace")
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + content


def _any_array(draw: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    kind = _DTYPES[draw.integers(16)]
    with np.errstate(all="ignore"):
        values = draw.choice(_VALUES, shape) if draw.random() < 0.3 else draw.normal(size=shape) * 9
        return np.asarray(values).astype(np.dtype(kind))


def structured(count: int, seed: int = 2) -> Iterator[Built]:
    """``count`` files with every number type, byte order, memory order, and with lies."""
    draw = np.random.default_rng(seed)
    good = {"weights": ((4, 2), (4, 2, 1, 1)), "activations": ((2,), (3, 2), (2, 4, 4)),
            "bias": ((4,), (1,), (5,)), "stride": ((), (1,), (2,)), "padding": ((), (0,)),
            "shift": ((), (1, 1)), "relu": ((), (1,))}  # fmt: skip
    for number in range(count):
        members, arrays, what = {}, {}, []
        lie = draw.random() < 0.5
        keys = [key for at, key in enumerate(good) if at < 2 or draw.random() < 0.2]
        victim = keys[draw.integers(len(keys))]
        for key in keys:
            shapes = good[key]
            array = _any_array(draw, shapes[draw.integers(len(shapes))])
            fortran = bool(draw.random() < 0.3)
            header = {"descr": array.dtype.str, "fortran_order": fortran, "shape": array.shape}
            content = array.tobytes("F" if fortran else "C")
            text, version = repr(header), int(draw.choice([1, 2]))
            if lie and key == victim:
                change = draw.integers(7)
                if change == 0:
                    header["descr"] = _DTYPES[draw.integers(len(_DTYPES))]
                elif change in (1, 2):
                    header["shape"] = _SHAPES[draw.integers(len(_SHAPES))]
                elif change == 3:
                    content = content[: draw.integers(len(content) + 1)] + bytes(draw.integers(9))
                elif change == 4:
                    version = int(draw.integers(256))
                elif change == 5:
                    header = {**header, "more": 1} if draw.random() < 0.5 else {"shape": (4, 2)}
                text = repr(header)
                if change == 6:
                    at = int(draw.integers(len(text)))
                    put = ["(", "'", "\\", "#", "L", "1", "0x", "\n", "(" * 999, "-", ",", "\xff"]
                    text = text[:at] + put[draw.integers(len(put))] + text[at + 1 :]
                what.append(f"{key} {change} {text[:90]!r}")
            else:
                what.append(f"{key} {array.dtype.str} {array.shape} {'F' if fortran else 'C'}")
            arrays[key] = array
            members[f"{key}.npy"] = _npy(array, text, content, version)
        if draw.random() < 0.05:
            members[["notes.txt", "weights", "a/b.npy", "\n.npy"][draw.integers(4)]] = b"hello"
            lie = True
        method = zipfile.ZIP_DEFLATED if draw.random() < 0.5 else zipfile.ZIP_STORED
        yield Built(f"{number}: {what}", archive(members, method), None if lie else arrays)
