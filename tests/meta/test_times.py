"""Where the time of ``make test`` goes."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

from scripts import options, times

REPORT = """<testsuites><testsuite timestamp="{when}" time="30.0" name="pytest">
<testcase classname="tests.sim.test_benches" name="fifo" time="20.0"/>
<testcase classname="tests.meta.test_house" name="names" time="5.0"/>
<testcase classname="models.fixed" name="doctest" time="1.0"/>
</testsuite></testsuites>"""


def test_parts_are_told_apart(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    begin = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    (tmp_path / "test.xml").write_text(REPORT.format(when=begin.isoformat()))
    for at, (name, offset) in enumerate([("now", 10), ("before", -10)]):
        build, run = tmp_path / "sim" / name, tmp_path / "run" / "fifo" / name
        build.mkdir(parents=True)
        run.mkdir(parents=True)
        (build / "built.json").write_text(json.dumps({"seconds": 8.0 + at}))
        (run / "results.xml").write_text('<a><testcase time="3.5"/><testcase time="1"/></a>')
        for path in (build / "built.json", run / "results.xml"):
            os.utime(path, (begin.timestamp() + offset,) * 2)
    assert times.main([str(tmp_path / "test.xml")]) == 0
    out = capsys.readouterr().out
    for row in (("tests.sim", "20.0", "76.9"), ("builds of benches", "8.0"), ("starts", "7.5"),
                ("simulation of benches", "4.5"), ("models", "1.0")):  # fmt: skip
        assert any(all(word in line for word in row) for line in out.splitlines()), row


def test_what_is_no_report_is_one_line(tmp_path, capsys):
    (tmp_path / "x.xml").write_text("<a/>")
    assert times.main([str(tmp_path / "x.xml")]) == options.BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert "no testsuite" in line and "--junitxml" in line
