"""Where what is made goes, and paths that every tool can take. Standard library only.

make, Verilator and Icarus take no path with a space, a quote or a letter beyond ASCII in it: they
split it, or fail to open it. ``plain(path)`` is a path to the same file without any: the part that
they cannot take is reached through a link in the user's cache. What people read keeps real paths.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: What a link's name may lead through; ``:`` and ``=`` separate paths in some options.
_PLAIN = re.compile(r"[A-Za-z0-9_./+,@-]+")
#: Nobody's fault but the disk's, or of whoever said where to write.
_DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your quota is used up",
    errno.EROFS: "read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
}


class PlaceError(ValueError):
    """A folder cannot be used; the message names it, and says what is allowed."""


def build_root() -> Path:
    """Everything made goes here: ``build/``, or ``LAC_BUILD``."""
    return Path(os.environ.get("LAC_BUILD") or ROOT / "build").resolve()


def shown(path: Path | str) -> str:
    """A path as a message says it: inside of the checkout without the checkout's own."""
    path = Path(path)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def check_build_root() -> None:
    """Raise PlaceError if nothing can be written there."""
    folder = build_root()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * 4096)
    except OSError as error:
        raise PlaceError(
            f"{folder} ({disk_problem(error) or error.strerror}): nothing can be made there; "
            "LAC_BUILD=/some/folder names another place"
        ) from None


def disk_problem(error: BaseException) -> str:
    """What is wrong with the disk, "" if the error is of another kind.

    >>> disk_problem(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full'
    >>> disk_problem(OSError(errno.ENOENT, "No such file"))
    ''
    """
    return _DISK.get(error.errno or 0, "") if isinstance(error, OSError) else ""


def is_plain(path: Path | str) -> bool:
    """Whether every tool takes the path as it is.

    >>> is_plain("/home/jo/lacuna-1.0"), is_plain("/home/jö"), is_plain("a b"), is_plain("it's")
    (True, False, False, False)
    """
    return bool(_PLAIN.fullmatch(str(path)))


def plain(path: Path | str) -> Path:
    """The path, absolute, in a form that every tool takes; it need not exist yet.

    Raises:
        PlaceError: there is no place for the link that would be needed.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100  resolve() would follow links
    parts = path.parts
    odd = [n for n, part in enumerate(parts) if not is_plain(part)]
    if not odd:
        return path
    cut = odd[-1] + 1
    return _link(Path(*parts[:cut])).joinpath(*parts[cut:])


def _link_folders() -> Iterator[Path]:
    """Where links may be, the best first."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    yield (Path(cache) if cache.startswith("/") else Path.home() / ".cache") / "lacuna" / "paths"
    yield Path(tempfile.gettempdir()) / f"lacuna-{os.getuid()}"


def _link(target: Path) -> Path:
    """A link to ``target``, always the same one."""
    name = hashlib.sha256(os.fsencode(target)).hexdigest()[:12]
    folders = list(_link_folders())
    for folder in folders:
        link = folder / name
        try:
            if not is_plain(folder):
                continue
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_uid != os.getuid():
                continue  # of somebody else, who could lead us elsewhere
            if not link.is_symlink() or link.readlink() != target:
                part = folder / f".{name}.{os.getpid()}"
                part.symlink_to(target)
                part.replace(link)
        except OSError:
            continue
        return link
    raise PlaceError(
        f"{target}: make and the simulators take no path with a space or a sign beyond ASCII, and "
        f"no link to it could be made in {' or '.join(map(str, folders))}; move it"
    )


def check_checkout() -> None:
    """Raise PlaceError if nothing could be installed, built or simulated at this path."""
    text = str(ROOT)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise PlaceError(f"{text!r}: the checkout's path is no UTF-8; move it") from None
    for sign in (":", ";", "\n", "\r", "\t"):
        if sign in text:
            raise PlaceError(
                f"{text!r}: the checkout's path has a {sign!r} in it, which separates paths in "
                "PATH, PYTHONPATH and cocotb's settings; move it"
            )
    plain(ROOT)
