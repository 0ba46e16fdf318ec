"""Files that comments and documents point at exist: a header must not send its reader nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tb.common.sim.bench import ROOT

#: Names of files in running text: a path of the repository, or a bare name.
_NAME = re.compile(
    r"(?<![\w/<>{}*.-])((?:[\w.-]+/)*[A-Za-z]\w*\.(?:py|svh?|md|toml|vlt|gtkw))\b(?![\w(/*])"
)
#: Made while the project runs, or an example of a name.
FOLDERS = ("rtl", "tb", "models", "scripts", "tests", "docs", ".github", ".ci")
_NOT_HERE = {"dump.vcd", "my.toml"}


def files() -> list[Path]:
    """All files of the project."""
    inside = [p for room in FOLDERS for p in sorted((ROOT / room).rglob("*")) if p.is_file()]
    return [p for p in (*sorted(ROOT.glob("*.*")), *inside) if "__pycache__" not in p.parts]


KNOWN = [path.relative_to(ROOT).as_posix() for path in files()]


def text_of(path: Path) -> str:
    """The words of a file: comments of hardware, all of a document."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".sv", ".svh"):
        return "\n".join(re.findall(r"//(.*)", text))
    return text


def gone(text: str, folder: Path) -> list[str]:
    """Names of files in a text of ``folder`` that are no files."""
    found = []
    for name in dict.fromkeys(_NAME.findall(text)):
        beside = (folder / name).resolve()
        ends = any(known == name or known.endswith(f"/{name}") for known in KNOWN)
        if name not in _NOT_HERE and not beside.is_file() and not ends:
            found.append(name)
    return found


POINTING = [path for path in files() if path.suffix in (".sv", ".svh", ".md", ".vlt")]


@pytest.mark.parametrize("path", POINTING, ids=lambda p: str(p.relative_to(ROOT)).replace("/", "-"))
def test_what_it_points_at_is_there(path):
    assert gone(text_of(path), path.parent) == []


DECODERS = sorted((ROOT / "rtl" / "formats").glob("lac_fmt_*_dec.sv"))


@pytest.mark.parametrize("path", DECODERS, ids=lambda p: p.stem)
def test_a_decoder_points_at_its_own_model(path):
    kind = re.fullmatch(r"lac_fmt_(\w+)_dec", path.stem)[1]
    model = {"ell": "ellpack"}.get(kind, kind)
    assert f"Model: models/formats/{model}.py" in text_of(path)


def test_a_pointer_into_nothing_is_found():
    folder = ROOT / "rtl" / "formats"
    assert gone("Model: models/formats/csc.py and README.md of this folder.", folder) == []
    assert gone("Model: models/formats/csc_stream.py.", folder) == ["models/formats/csc_stream.py"]
    assert gone("see lac_nothing.sv", folder) == ["lac_nothing.sv"]
