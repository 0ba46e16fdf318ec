"""Registers are said once: what is made from a description is up to date, nothing repeats it."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from systemrdl.compiler import RDLCompiler

from models import registry, socket
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
    monkeypatch.setattr(cli, "stale", lambda write: ["rtl/eie/README.md"])
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


@pytest.mark.parametrize("name", sorted(registry.DESIGNS))
def test_a_header_compiles_alone(name):
    code = f'#include "lacuna/lac_{name}.h"\nint main(void) {{ return 0; }}\n'
    flags = ["-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
    command = ["g++", "-xc", *flags, f"-I{ROOT / 'sw/include'}", "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def reset_of(field: Any) -> int:
    """The reset value of a field that SystemRDL has read."""
    return field.get_property("reset") or 0


def compiled(name: str) -> dict[str, dict[str, tuple[int, int, int, int]]]:
    """What a reader of SystemRDL finds: register -> field -> (address, low, high, reset)."""
    compiler = RDLCompiler()
    compiler.compile_file(str(RTL / name / f"lac_{name}.rdl"))
    top = compiler.elaborate().top
    return {
        register.inst_name: {
            field.inst_name: (
                register.absolute_address,
                field.low,
                field.high,
                reset_of(field),
            )
            for field in register.fields()
        }
        for register in top.registers()
    }


@pytest.mark.parametrize("name", sorted(registry.DESIGNS))
def test_systemrdl_says_what_the_socket_and_the_models_say(name):
    found = compiled(name)
    known = importlib.import_module(f"models.{name}.registers")
    offsets = {key: offset for key, (offset, _, _) in socket.REGISTERS.items()}
    # The registers of every design.
    for register in ("ID", "VERSION", "CTRL", "STATUS", "ERR_CODE", "ERR_POS", "PACKETS"):
        assert {at for at, *_ in found[register].values()} == {offsets[register]}
    word = sum(reset << low for _, low, _, reset in found["ID"].values())
    assert word == socket.ID_PREFIX | registry.design(name).number
    for prefix in ("CTRL", "STATUS"):
        for field, (_, low, high, _) in found[prefix].items():
            if field != "PHASE":
                assert low == high and getattr(socket, f"{prefix}_{field}") == 1 << low
    for index, (counter, _) in enumerate(socket.COUNTERS):
        assert found[counter] == {"COUNT": (offsets[f"PERF{index}"], 0, 31, 0)}
    # Its own.
    (_, *fields) = known.REGISTERS.cfg
    words = {
        at: name
        for name, places in found.items()
        if name.startswith("CFG_")
        for at, *_ in places.values()
    }
    for index in base(known).Cfg:
        assert words[offsets[f"CFG{int(index)}"]] == f"CFG_{index.name}"
    for flag in base(known).Mode:
        bit = flag.bit_length() - 1
        assert found["CFG_MODE"][flag.name] == (offsets["CFG0"], bit, bit, 0)
    for field in fields:
        place = found[words[offsets[f"CFG{field.word}"]]][field.name]
        assert place == (offsets[f"CFG{field.word}"], field.low, field.low + field.width - 1, 0)
    for field in known.REGISTERS.cap:
        place = found[f"CAP{field.word}"][field.name]
        assert place == (offsets[f"CAP{field.word}"], field.low, field.low + field.width - 1, 0)
    places = sum(len(fields) for fields in found.values())
    flags = len(base(known).Mode)
    common = 2 + 1 + 4 + 5 + 1 + 1 + 1 + 1 + 4 + len(socket.COUNTERS)  # ID, VERSION, ... PERF
    assert places == common + flags + len(fields) + len(known.REGISTERS.cap)


def base(known):
    """The module that has the enumerations: a design's own, or that of what it takes over."""
    return known if hasattr(known, "Cfg") else importlib.import_module("models.array.registers")


@pytest.mark.parametrize("name", sorted(registry.DESIGNS))
def test_c_says_what_the_models_say(name, tmp_path):
    known = importlib.import_module(f"models.{name}.registers")
    upper, want = name.upper(), {}
    for field in known.REGISTERS.cap:
        key = f"LAC_{upper}_CAP_{field.name}"
        want |= {f"{key}_OFFSET": socket.REGISTERS[f"CAP{field.word}"][0]}
        want |= {f"{key}_MASK": field.most << field.low, f"{key}_SHIFT": field.low}
    for index in base(known).Cfg:
        key = f"LAC_{upper}_{index.name}"
        want |= {f"{key}_OFFSET": socket.REGISTERS[f"CFG{int(index)}"][0]}
        own = [f for f in known.REGISTERS.cfg if f.word == index and f.name != index.name]
        for field in own:
            want |= {f"{key}_{field.name}_MASK": field.most << field.low}
            want |= {f"{key}_{field.name}(3)": 3 << field.low}
    want |= {f"LAC_{upper}_MODE_{flag.name}": int(flag) for flag in base(known).Mode}
    want |= {f"LAC_{upper}_KIND_{kind.name}": int(kind) for kind in base(known).Kind}
    want |= {f"LAC_ERR_{code.name}": int(code) for code in socket.ErrorCode}
    want |= {f"LAC_PHASE_{phase.name}": int(phase) for phase in socket.Phase}
    want |= {f"LAC_CNT_{one.upper()}": at for at, (one, _) in enumerate(socket.COUNTERS)}
    lines = [f'_Static_assert({key} == {value}u, "{key}");' for key, value in want.items()]
    code = f'#include "lacuna/lac_{name}.h"\n' + "\n".join(lines)
    command = ["g++", "-xc", "-std=c11", f"-I{ROOT / 'sw/include'}", "-fsyntax-only", "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[:500]
