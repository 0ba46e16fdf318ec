"""File lists of every block that a chip may take: ``.f``, FuseSoC ``.core``, ``Bender.yml``.

    python -m scripts.filelists                       bring all lists up to date
    python -m scripts.filelists --check               exit 1 if one is behind
    python -m scripts.filelists lac_dense             print a list with whole paths, for any tool
    python -m scripts.filelists lac_dense --copy DIR  copy the block, its headers and its list there

A *block* is what is taken on its own: a design's top, a decoder or encoder of a format, a module of
``rtl/common``. Its list ``rtl/<folder>/<block>.f`` names every file that it needs and no other, in
compile order, relative to itself (``-F`` of Verilator, slang, VCS, Questa, Xcelium). A ``.core``
of FuseSoC may only name files beside it, so what blocks of a folder share is one of its own,
``lac_<folder>_parts``. ``Bender.yml`` stands in the root, as Bender wants it; a target per block.

Standard library only: any Python takes a block out of a fresh clone.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from models.places import ROOT
from scripts import options
from tb.common.sim.sources import SourceSet, collect

RTL = ROOT / "rtl"
#: FuseSoC: vendor and library of all cores.
LIBRARY = "lacuna:rtl"
#: Bender: with this target a package brings only the blocks whose targets are set, too.
ONLY = "lac_only"
_MADE = "Made by `python -m scripts.filelists`."


@dataclass
class Core:
    """A FuseSoC core: its files, all in one folder, and the cores that it builds on."""

    name: str
    folder: Path
    files: list[Path] = field(default_factory=list)
    headers: set[Path] = field(default_factory=set)
    depends: set[str] = field(default_factory=set)


@cache
def folders(rtl: Path) -> tuple[Path, ...]:
    """The folders of RTL."""
    return tuple(sorted(path for path in rtl.iterdir() if any(path.glob("*.sv"))))


@cache
def modules(rtl: Path) -> dict[str, Path]:
    """Every file of RTL that holds a module, by its name; packages are no modules."""
    files = [path for folder in folders(rtl) for path in sorted(folder.glob("*.sv"))]
    return {
        path.stem: path
        for path in files
        if re.search(rf"^module\s+{path.stem}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }


@cache
def blocks(rtl: Path) -> dict[str, Path]:
    """What is taken on its own: name -> file."""

    def alone(name: str, folder: str) -> bool:
        top = name == f"lac_{folder}"
        return top or folder == "common" or re.search(r"_fmt_.*_(dec|enc)$", name) is not None

    return {name: path for name, path in modules(rtl).items() if alone(name, path.parent.name)}


@cache
def sources(name: str, rtl: Path) -> SourceSet:
    """What a module needs."""
    return collect(name, folders(rtl))


def relative(path: Path, folder: Path) -> str:
    """A path as a list in ``folder`` names it."""
    return Path(os.path.relpath(path, folder)).as_posix()


@cache
def version() -> str:
    """The version of the project."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@cache
def purpose(path: Path) -> str:
    """First sentence of a module's header, in one line."""
    text = path.read_text(encoding="utf-8")
    head = text.partition("//\n")[2].partition("//\n")[0].replace("//", " ")
    sentence = re.split(r"(?<=[.;])\s", " ".join(head.split()))[0].rstrip(".;")
    return sentence.partition(": ")[2] or sentence


# ---------------------------------------------------------------- .f


def plain_list(name: str, rtl: Path) -> str:
    """The ``.f`` of a block."""
    folder = blocks(rtl)[name].parent
    needed = sources(name, rtl)
    lines = [
        f"// {name}: {purpose(blocks(rtl)[name])}.",
        f"// {_MADE} Paths are relative to this file: -F {name}.f",
        *dict.fromkeys(f"+incdir+{relative(h.parent, folder)}" for h in needed.headers),
        *(relative(path, folder) for path in needed.files),
    ]
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- FuseSoC


def owner_of(path: Path, users: Iterable[str], rtl: Path) -> str:
    """The core of a file: the block that all its other users build on, or the parts of a folder."""
    if path.stem in blocks(rtl):
        return path.stem
    inside = [name for name in users if blocks(rtl)[name].parent == path.parent]
    outside = [name for name in users if blocks(rtl)[name].parent != path.parent]
    for name in inside:
        others = {*inside, *outside} - {name}
        if all(blocks(rtl)[name] in sources(other, rtl).files for other in others):
            return name
    return f"lac_{path.parent.name}_parts"


def users(rtl: Path) -> dict[Path, list[str]]:
    """The blocks that need each file, in an order in which all can be compiled."""
    found: dict[Path, list[str]] = {}
    for name in sorted(blocks(rtl)):
        for path in sources(name, rtl).files:
            found.setdefault(path, []).append(name)
    return found


def cores(rtl: Path) -> dict[str, Core]:
    """All FuseSoC cores.

    Raises:
        ValueError: two cores would need each other.
    """
    using = users(rtl)
    owners = {path: owner_of(path, names, rtl) for path, names in using.items()}
    found: dict[str, Core] = {}
    for path, owner in owners.items():
        core = found.setdefault(owner, Core(owner, path.parent))
        needed = collect(path.stem, folders(rtl))
        core.files.append(path)
        core.headers |= set(needed.headers)
        core.depends |= {owners[other] for other in needed.files} - {owner}
    for header in {header for core in found.values() for header in core.headers}:
        name = header.stem
        found[name] = Core(name, header.parent, headers={header})
    for core in found.values():
        core.depends |= {header.stem for header in core.headers} - {core.name}
    try:
        tuple(TopologicalSorter({name: one.depends for name, one in found.items()}).static_order())
    except CycleError as error:
        raise ValueError(f"cores need each other: {' -> '.join(error.args[1])}") from None
    return found


def core_list(core: Core, rtl: Path) -> str:
    """The ``.core`` of a core (CAPI2)."""
    is_block = core.name in blocks(rtl)
    if is_block:
        text = purpose(blocks(rtl)[core.name])
    elif core.files:
        text = f"what blocks of rtl/{core.folder.name} share"
    else:
        text = "assertion and parameter macros"
    lines = [
        "CAPI=2:",
        f"# {_MADE}",
        f"name: {LIBRARY}:{core.name}:{version()}",
        f"description: '{text.replace(chr(39), chr(39) * 2)}'",
        "filesets:",
        "  rtl:",
        "    files:",
    ]
    if core.files:
        lines += [f"      - {relative(path, core.folder)}" for path in core.files]
    else:
        lines += [f"      - {header.name}: {{is_include_file: true}}" for header in core.headers]
    lines += ["    file_type: systemVerilogSource"]
    if core.depends:
        lines += ["    depend:"]
        lines += [f"      - {LIBRARY}:{name}:{version()}" for name in sorted(core.depends)]
    lines += ["targets:", "  default:", "    filesets: [rtl]"]
    if is_block:
        lines += [
            f"    toplevel: {core.name}",
            "  lint:",
            "    flow: lint",
            "    filesets: [rtl]",
            "    flow_options: {tool: verilator}",
            f"    toplevel: {core.name}",
        ]
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- Bender


def bender(rtl: Path) -> str:
    """The manifest of the whole package; each file is there once, for the targets that need it."""
    using = users(rtl)
    include = sorted({h.parent for name in blocks(rtl) for h in sources(name, rtl).headers})
    lines = [
        "# SPDX-License-Identifier: Apache-2.0",
        f"# {_MADE}",
        f"# All blocks; some of them: `bender script verilator -t {ONLY} -t lac_dense`.",
        "package:",
        "  name: lacuna",
        "sources:",
        "  - include_dirs:",
        *(f"      - {relative(folder, rtl.parent)}" for folder in include),
        "    files:",
    ]
    before: list[str] = []
    for path, names in using.items():
        if names != before:
            lines += [f"      - target: any(not({ONLY}), {', '.join(names)})", "        files:"]
            before = names
        lines.append(f"          - {relative(path, rtl.parent)}")
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- all


def wanted(rtl: Path) -> dict[Path, str]:
    """Every list that there has to be: file -> text."""
    made = {blocks(rtl)[n].with_suffix(".f"): plain_list(n, rtl) for n in blocks(rtl)}
    made |= {
        core.folder / f"{core.name}.core": core_list(core, rtl) for core in cores(rtl).values()
    }
    made[rtl.parent / "Bender.yml"] = bender(rtl)
    return made


def behind(rtl: Path = RTL) -> dict[Path, str | None]:
    """Lists that are missing or differ, with the text they need; None: of a block that is gone."""
    need: Mapping[Path, str] = wanted(rtl)
    there = {path for kind in ("*/*.f", "*/*.core") for path in rtl.glob(kind)}
    found: dict[Path, str | None] = dict.fromkeys(sorted(there - need.keys()))
    for path, text in need.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            found[path] = text
    return found


def renew(rtl: Path = RTL) -> list[Path]:
    """Bring all lists up to date; returns those that were not."""
    late = behind(rtl)
    for path, text in late.items():
        if text is None:
            path.unlink()
        else:
            path.write_text(text, encoding="utf-8")
    return list(late)


def whole(name: str) -> str:
    """A list with whole paths, for tools that know no paths relative to it."""
    needed = sources(name, RTL)
    folders = dict.fromkeys(f"+incdir+{header.parent}" for header in needed.headers)
    return "\n".join([*folders, *map(str, needed.files)]) + "\n"


def copy(name: str, folder: Path) -> list[Path]:
    """Copy a block, what it needs, the licence and a list into a folder, all side by side."""
    needed = sources(name, RTL)
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*needed.files, *needed.headers, ROOT / "LICENSE", ROOT / "NOTICE"):
        shutil.copy(path, folder)
    listed = ["+incdir+.", *(path.name for path in needed.files)]
    (folder / f"{name}.f").write_text("\n".join(listed) + "\n", encoding="utf-8")
    return sorted(folder / path.name for path in (*needed.files, *needed.headers))


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = options.Parser(prog="python -m scripts.filelists", description=__doc__)
    parser.add_argument("block", nargs="?", type=options.choice(*sorted(modules(RTL))))
    parser.add_argument("--check", action="store_true", help="only say what is behind")
    parser.add_argument("--copy", type=Path, metavar="DIR", help="copy the block there")
    args = parser.parse_args(arguments)
    if args.block and args.copy:
        for path in copy(args.block, args.copy):
            print(path)
        return 0
    if args.copy:
        options.refuse("block: found nothing, need the name of a module beside --copy")
    if args.block:
        print(whole(args.block), end="")
        return 0
    late = list(behind()) if args.check else renew()
    for path in late:
        print(f"{path.relative_to(ROOT)}: {'is behind' if args.check else 'brought up to date'}")
    return int(bool(late) and args.check)


if __name__ == "__main__":
    sys.exit(main())
