"""``python -m scripts.registers``: all that says where a field lies, from one description.

    python -m scripts.registers          bring everything up to date
    python -m scripts.registers --check  exit 1 if something is not

From ``rtl/<name>/registers.toml``, name being a design or what designs share:

    rtl/<name>/lac_<name>_cfg_pkg.sv    packed structs for the RTL; a name on a base has the base's,
                                        unless it adds registers or kinds of sections
    models/<name>/registers.py          names, bits and limits for models and benches
    rtl/<name>/README.md                the tables between <!-- cfg:begin --> and so on (designs)
    rtl/<name>/lac_<name>.rdl           SystemRDL (designs)
    sw/include/lacuna/lac_<name>.h      C (designs)

and ``sw/include/lacuna/lac_socket.h`` from ``models/socket.py``.
"""

from __future__ import annotations

from pathlib import Path

from models import registry
from models.places import ROOT
from scripts import options
from scripts.registers import description, header, page, python, rdl, verilog


def made(root: Path = ROOT) -> dict[str, str]:
    """Path in the repository -> text of all that is made; ValueError on a bad description."""
    rtl = root / "rtl"
    found = {name: description.load(rtl, name) for name in description.folders(rtl)}
    texts = {"sw/include/lacuna/lac_socket.h": header.common()}
    for name, one in found.items():
        if not one.base or _adds(one, found[one.base]):
            texts[f"rtl/{name}/lac_{name}_cfg_pkg.sv"] = verilog.package(one)
        texts[f"models/{name}/registers.py"] = python.module(one, found.get(one.base))
        if name not in registry.DESIGNS:
            continue
        texts[f"rtl/{name}/lac_{name}.rdl"] = rdl.text(one)
        texts[f"sw/include/lacuna/lac_{name}.h"] = header.own(one)
        readme = f"rtl/{name}/README.md"
        texts[readme] = page.renewed((root / readme).read_text(encoding="utf-8"), one, readme)
    return texts


def _adds(one: description.Description, base: description.Description) -> bool:
    """Whether a description has registers or kinds of sections that its base has not."""
    return len(one.words) > len(base.words) or one.kinds != base.kinds


def stale(write: bool, root: Path = ROOT) -> list[str]:
    """Files that are not up to date (and are brought up to date with ``write``)."""
    behind = []
    for name, text in made(root).items():
        path = root / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        behind.append(name)
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return behind


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = options.Parser(prog="python -m scripts.registers", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is behind")
    args = parser.parse_args(argv)
    try:
        behind = stale(write=not args.check)
    except ValueError as why:
        options.refuse(why)
    for name in behind:
        print(f"{name}: {'is behind' if args.check else 'brought up to date'}")
    return int(bool(behind) and args.check)
