"""Every check of ``make lint`` must find what it is there for."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from models.places import ROOT
from scripts import lint
from tb.common.sim import simulators

GOOD = """\
module lac_good #(
  parameter int Width = 4
) (
  input  logic [Width-1:0] in_i,
  output logic [Width-1:0] out_o
);

  assign out_o = ~in_i;

endmodule
"""

UNUSED = GOOD.replace("lac_good", "lac_bad").replace("~in_i", "{Width{in_i[0]}}")
BREAK = """\
module lac_bad (
  input  logic [3:0] in_i,
  output logic       out_o
);
  always_comb begin
    out_o = 1'b0;
    for (int i = 0; i < 4; i++) begin
      out_o = in_i[i];
      if (out_o) break;
    end
  end
endmodule
"""
LONG_LINE = UNUSED.replace("= {Width", "= {  " + " " * 90 + "Width")
TABBED = GOOD.replace("lac_good", "lac_bad").replace("  assign", "\tassign")
INLINE = GOOD.replace("lac_good", "lac_bad") + "// verilator lint_off UNUSED\n"


@pytest.fixture
def rtl(tmp_path: Path) -> Path:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "lac_good.sv").write_text(GOOD)
    rules = (ROOT / "rtl" / "verible.rules").read_text()
    (tmp_path / "verible.rules").write_text(rules)
    shutil.copy(ROOT / "rtl" / "verible.format", tmp_path)
    return tmp_path


def need(check):
    """The check, or a skip where its tool is not installed."""

    def run(rtl: Path) -> list[lint.Finding]:
        try:
            return check(rtl)
        except lint.Skipped as why:
            pytest.skip(str(why))

    return run


@pytest.mark.parametrize(
    ("check", "bad", "message"),
    [
        (lint.lint_verilator, UNUSED, "UNUSEDSIGNAL"),
        (lint.lint_verilator, "module lac_bad (; endmodule\n", "syntax error"),
        (lint.lint_icarus, BREAK, "lac_bad.sv"),
        (lint.lint_verible, LONG_LINE, "line-length"),
        (lint.lint_format, TABBED, "mends it"),
        (lint.lint_waivers, INLINE, "waivers belong into"),
    ],
)
def test_planted_finding_is_found(rtl, check, bad, message):
    assert need(check)(rtl) == [], "the good module must be clean"
    (rtl / "common" / "lac_bad.sv").write_text(bad)
    found = need(check)(rtl)
    assert found
    assert all("lac_bad" in finding.path for finding in found if finding.path)
    assert message in " ".join(f"{f.rule} {f.path} {f.message}" for f in found)


def test_waiver_silences_and_must_say_why(rtl):
    (rtl / "common" / "lac_bad.sv").write_text(UNUSED)
    waiver = 'lint_off -rule UNUSEDSIGNAL -file "*/lac_bad.sv"\n'
    (rtl / "waivers.vlt").write_text("`verilator_config\n\n// no words\n" + waiver)
    assert {f.rule for f in lint.lint_waivers(rtl)} == {"message:", "reason:"}
    comment = "// message: Bits of signal are not used\n// reason: the top ones are spare\n"
    (rtl / "waivers.vlt").write_text("`verilator_config\n\n" + comment + waiver)
    assert lint.lint_waivers(rtl) == []
    if not simulators.missing("verilator"):
        assert lint.lint_verilator(rtl) == []


def test_silent_failure_of_a_tool_is_a_finding():
    parsers = (lint.verilator_findings, lint.icarus_findings, lint.verible_findings)
    for parse in (*parsers, lint.mypy_findings, lint.unformatted):
        assert parse(0, "") == []
        assert len(parse(1, "")) == 1


def test_icarus_noise_does_not_hide_the_rest():
    noise = f"a.sv:1: {lint.ICARUS_NOISE[0]} (all bits will be included)."
    assert lint.icarus_findings(0, noise) == []
    assert len(lint.icarus_findings(0, noise + "\na.sv:2: warning: something else")) == 1


def test_sizes(tmp_path):
    path = tmp_path / "long.py"
    path.write_text("def f():\n" + "    x = 1\n" * lint.MAX_FUNCTION_LINES)
    assert [f.rule for f in lint.oversized(path)] == ["function"]
    path.write_text("x = 1\n" * (lint.MAX_FILE_LINES + 1))
    assert [f.rule for f in lint.oversized(path)] == ["file"]
    path.write_text("x = 1\n" * lint.MAX_FILE_LINES)
    assert lint.oversized(path) == []


def test_ruff_findings_reach_the_exit_status(rtl, monkeypatch, capsys):
    assert lint.main(["waivers", "--rtl", str(rtl)]) == 0
    monkeypatch.setitem(
        lint.CHECKS, "ruff", lambda _: [lint.Finding("ruff", "a.py", 3, "F401", "not used")]
    )
    assert lint.main(["ruff", "--rtl", str(rtl)]) == 1
    assert "a.py:3: ruff [F401]: not used" in capsys.readouterr().out


def test_a_file_out_of_form_is_a_finding(tmp_path):
    (tmp_path / "a.py").write_text("x = {  'a':1 }\n")
    program = lint.own_program("ruff")
    if program is None:
        pytest.skip("ruff is not installed")
    command = [program, "format", "--check", "--no-cache", "--output-format", "concise", tmp_path]
    result = lint.call(command)
    (found,) = lint.unformatted(*result)
    assert found.rule == "format"
    assert found.path.endswith("a.py")


def test_a_wrong_type_is_a_finding(monkeypatch, tmp_path):
    """With the settings of the project, and none of its files to check."""
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    call = lint.call
    wrong = tmp_path / "wrong.py"

    def of_one_file(command: list[object]) -> tuple[int, str]:
        return call([*command, wrong])

    monkeypatch.setattr(lint, "call", of_one_file)
    wrong.write_text("def f(x: int) -> str:\n    return str(x)\n")
    assert need(lint.lint_mypy)(tmp_path) == []
    wrong.write_text("def f(x: int) -> str:\n    return x\n\n\ndef g(x):\n    return x\n")
    found = lint.lint_mypy(tmp_path)
    assert [(one.line, one.rule) for one in found] == [(2, "return-value"), (5, "no-untyped-def")]
    wrong.write_text("def f(:\n")
    assert {one.rule for one in lint.lint_mypy(tmp_path)} == {"syntax"}


def test_all_is_checked_and_models_and_scripts_strictly():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert settings["strict"] is True
    assert set(settings["files"]) == {"models", "scripts", "tb", "tests"}
    relaxed = {name for one in settings["overrides"] for name in one["module"]}
    assert not [name for name in relaxed if name.startswith(("models", "scripts"))]


def test_a_tool_of_another_version_in_path_is_not_taken(tmp_path, monkeypatch):
    (tmp_path / "lac-lint-tool").write_text("#!/bin/sh\n")
    (tmp_path / "lac-lint-tool").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert lint.own_program("lac-lint-tool") is None
    assert lint.own_program("python")
