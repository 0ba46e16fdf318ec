"""Files that comments and documents point at exist: a header must not send its reader nowhere."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.places import ROOT

#: Names of files in running text: a path of the repository, or a bare name.
_NAME = re.compile(
    r"(?<![\w/<>{}*.-])((?:[\w.-]+/)*[A-Za-z]\w*\.(?:py|svh?|md|toml|vlt|gtkw))\b(?![\w(/*])"
)
FOLDERS = ("rtl", "tb", "models", "scripts", "tests", "docs", "requirements", ".github", ".ci")
#: Made while the project runs, or an example of a name.
_NOT_HERE = {
    *("dump.vcd", "my.toml", "farm.toml", "tb_csc.sv", "tb_dense.sv", "lac_bad.sv"),
    *("a.py", "x.py"),
}


def files() -> list[Path]:
    """All files of the project."""
    inside = [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*")) if p.is_file()]
    return [p for p in (*sorted(ROOT.glob("*.*")), *inside) if "__pycache__" not in p.parts]


#: Every file as running text may name it: whole, or from any folder on.
KNOWN = {"/".join(p.relative_to(ROOT).parts[at:]) for p in files() for at in range(len(p.parts))}


def text_of(path: Path) -> str:
    """The words of a file: comments of hardware, comments and docstrings of Python, else all."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".sv", ".svh"):
        return "\n".join(re.findall(r"//(.*)", text))
    if path.suffix == ".py":
        return "\n".join(words_of_python(text))
    return text


def words_of_python(text: str) -> Iterator[str]:
    """Comments and docstrings."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def gone(text: str, folder: Path) -> list[str]:
    """Names of files in a text of ``folder`` that are no files."""
    found = []
    for name in dict.fromkeys(_NAME.findall(text)):
        beside = (folder / name).resolve()
        if name not in _NOT_HERE and name not in KNOWN and not beside.is_file():
            found.append(name)
    return found


#: Files of words; pictures and data are none.
_KINDS = {".sv", ".svh", ".md", ".vlt", ".py", ".toml", ".yml", ".yaml", ".rdl", ".rules", ".lock"}
POINTING = [path for path in files() if path.suffix in _KINDS]


def test_what_they_point_at_is_there():
    found = {str(path.relative_to(ROOT)): gone(text_of(path), path.parent) for path in POINTING}
    assert len(found) > 500
    assert {path: names for path, names in found.items() if names} == {}


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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.sv", "module a;  // as in gone_one.sv\nendmodule\n"),
        ("a.svh", "// see gone_one.sv\n"),
        ("a.md", "see `gone_one.sv`\n"),
        ("a.toml", "# of gone_one.sv\n"),
        ("a.py", '"""What gone_one.sv does."""\n'),
        ("a.py", "def f():\n    return 1  # as gone_one.sv does\n"),
    ],
)
def test_it_is_found_in_every_kind_of_file(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert gone(text_of(tmp_path / name), tmp_path) == ["gone_one.sv"]


def test_names_in_code_are_no_pointers(tmp_path):
    (tmp_path / "a.py").write_text('path.write_text("gone_one.sv")\n')
    assert gone(text_of(tmp_path / "a.py"), tmp_path) == []
