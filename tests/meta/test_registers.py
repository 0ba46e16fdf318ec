"""Registers are said once: what is made from a description is up to date, nothing repeats it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from models import registry
from models.places import ROOT
from scripts import lint
from scripts.registers import cli, description

RTL = ROOT / "rtl"
NAMES = description.folders(RTL)


def copied(tmp_path: Path) -> Path:
    """The descriptions and all that is made from them, in another folder."""
    for name in (*cli.made(), *(f"rtl/{name}/{description.FILE}" for name in NAMES)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_everything_made_from_the_descriptions_is_up_to_date():
    assert cli.stale(write=False) == [], "run: python -m scripts.registers"


def test_every_design_has_a_description():
    assert registry.DESIGNS.keys() <= set(NAMES)


@pytest.mark.parametrize("name", sorted(cli.made()))
def test_a_change_of_a_made_file_is_noticed_and_undone(name, tmp_path):
    root = copied(tmp_path)
    assert cli.stale(write=False, root=root) == []
    text = (root / name).read_text()
    at = list(re.finditer(r"[a-zA-Z]{3,}", text.rpartition("<!-- cap:end -->")[0] or text))[-1]
    (root / name).write_text(text[: at.start()] + "other" + text[at.end() :])
    assert cli.stale(write=True, root=root) == [name]
    assert (root / name).read_text() == text


def test_a_missing_file_is_noticed(tmp_path):
    root = copied(tmp_path)
    (root / "rtl/eie/lac_eie_cfg_pkg.sv").unlink()
    assert cli.stale(write=False, root=root) == ["rtl/eie/lac_eie_cfg_pkg.sv"]


def test_lint_names_what_is_behind(monkeypatch):
    monkeypatch.setattr(lint.registers, "stale", lambda write: ["rtl/eie/README.md"])
    (found,) = lint.lint_registers(RTL)
    assert (found.path, found.message) == ("rtl/eie/README.md", "run: python -m scripts.registers")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("word = 7\nunit", "word = 6\nunit", "word: found"),
        ("word = 7\nunit", "word = 16\nunit", "need each of 0..15 at most once"),
        ('"31:16", value = "Desc', '"31:15", value = "Desc', "QUEUE_DEPTH and DESC_DEPTH"),
        ('"31:16", value = "Desc', '"32:16", value = "Desc', "need HIGH:LOW within 31:0"),
        ("word = 7, bits = \"31:24\"", "word = 8, bits = \"31:24\"", "found word 8, need 0..7"),
        ("RELU = { bit = 8", "RELU = { bit = 7", "MODE bits: found [7] twice"),
        ("PTR_BASE]", "OUT_LEN]", "Cannot declare"),
        ('max = "AccWidth - 1"', 'maxi = "AccWidth - 1"', "did you mean 'max'"),
        ('max = "AccWidth - 1"', 'max = "AccWidth -"', "need one such as"),
        ('max = "AccWidth - 1"', 'max = "IN_LNE"', "did you mean 'IN_LEN'"),
        ('max = "AccWidth - 1"', 'max = "AccWidth.real"', "not known here"),
        ("word = 7\nunit", "unit", "found no key 'word'"),
    ],
)  # fmt: skip
def test_a_bad_description_is_refused(old, new, message, tmp_path):
    root = copied(tmp_path)
    path = root / "rtl/eie" / description.FILE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match="registers.toml") as error:
        cli.made(root)
    assert message in str(error.value)


def test_the_command_refuses_a_bad_description_with_one_line(tmp_path, monkeypatch, capsys):
    root = copied(tmp_path)
    (root / "rtl/eie" / description.FILE).write_text("cfg = 3\nfoo = 4\n")
    monkeypatch.setattr(cli, "stale", lambda write: cli.made(root))
    with pytest.raises(SystemExit) as ended:
        cli.main(["--check"])
    said = capsys.readouterr().err
    assert ended.value.code == 2 and said.count("\n") == 1 and "found 'foo'" in said


@pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler")
@pytest.mark.parametrize("name", sorted(registry.DESIGNS))
def test_a_header_compiles_alone(name):
    code = f'#include "lacuna/lac_{name}.h"\nint main(void) {{ return 0; }}\n'
    flags = ["-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
    command = ["cc", *flags, f"-I{ROOT / 'sw/include'}", "-xc", "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
