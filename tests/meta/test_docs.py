"""The documents say what the code says."""

from __future__ import annotations

import fnmatch
import re

import pytest

from models import registry
from models.places import ROOT
from scripts import door
from scripts.docs import cli as docs
from tb.common.sim import bench

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("rtl/**/README.md")])


def test_generated_parts_are_up_to_date():
    assert docs.stale(write=False) == [], "run: python -m scripts.docs.cli"


def test_a_changed_part_is_noticed():
    text = (ROOT / "docs" / "socket.md").read_text()
    broken = text.replace("`cycles_compute`", "`cycles_computed`")
    assert broken != text
    assert docs.renew(broken, "counters", docs.counters) == text


def test_a_missing_part_is_refused():
    with pytest.raises(ValueError, match="no part 'errors'"):
        docs.renew("# nothing here", "errors", docs.errors)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)).replace("/", "-"))
def test_links_and_files_exist(page):
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    gone = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert gone == []


COMMAND = re.compile(r"(?:^|`)make ([a-z]+)((?: +[A-Z_]+=(?:\"[^\"]*\"|'[^']*'|[^\s`\"']*))*)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)).replace("/", "-"))
def test_make_takes_every_command_named(page):
    for line in page.read_text().splitlines():
        for target, variables in COMMAND.findall(line):
            names = re.findall(r"(?:^| )([A-Z_]+)=", variables)
            assert not door.problem([target], dict.fromkeys(names, "")), line


def test_every_module_has_a_row():
    text = (ROOT / "rtl" / "README.md").read_text()
    missing = [p.stem for p in ROOT.glob("rtl/*/*.sv") if f"[`{p.stem}`]" not in text]
    assert missing == []


def test_every_design_has_its_page_and_the_socket_names_it():
    text = (ROOT / "docs" / "socket.md").read_text()
    missing = [name for name in registry.DESIGNS if f"(../rtl/{name}/README.md)" not in text]
    assert missing == []


def test_every_test_of_the_list_of_faults_exists():
    page = (ROOT / "docs" / "faults.md").read_text()
    known = [f"{one.name}.{test}" for one in bench.discover().values() for test in one.tests]
    rows = [line for line in page.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) > 20
    for line in rows:
        named = re.findall(r"`([^`]+)`", line.split("|")[2])
        assert named, line
        for name in named:
            if name.endswith(".py"):
                assert (ROOT / name).is_file(), name
            else:
                assert fnmatch.filter(known, name), name
