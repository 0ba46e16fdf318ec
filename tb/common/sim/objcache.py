"""A compiler call in front of which ccache would stand, for machines that have none.

Called as ``python objcache.py FOLDER VERILATOR_INCLUDE g++ ... -c -o out.o source.cpp``. Every
simulation compiles the same few run-time sources of Verilator, 20 s each time. Those, and only
those, are kept: they do not depend on the design, so the command and the source are their key.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path


def cached_object(folder: Path, include: Path, command: list[str]) -> tuple[Path, Path] | None:
    """(kept object, wanted output) if this command compiles a run-time source, else None."""
    source = Path(command[-1])
    if "-c" not in command or "-o" not in command or source.parent != include:
        return None
    place = command.index("-o")
    # By what it is, not by the link that leads there; its name says what a ccache stands for.
    compiler = Path(shutil.which(command[0]) or command[0]).resolve()
    stamp = (str(compiler), compiler.stat().st_size, compiler.stat().st_mtime_ns)
    rest = [Path(command[0]).name, *command[1:place], *command[place + 2 :]]
    key = hashlib.sha256(repr((stamp, rest)).encode() + source.read_bytes()).hexdigest()[:24]
    return folder / f"{source.stem}-{key}.o", Path(command[place + 1])


def main(arguments: list[str]) -> int:
    folder, include, command = Path(arguments[0]), Path(arguments[1]), arguments[2:]
    found = cached_object(folder, include, command)
    if found and found[0].is_file():
        shutil.copyfile(*found)
        return 0
    status = subprocess.run(command, check=False).returncode
    if found and status == 0:
        kept, output = found
        folder.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        shutil.copyfile(output, part)
        part.replace(kept)  # at once: another process never sees half a file
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
