"""No table cuts a number or a name, no line cuts a command: at any width, and in a pipe."""

from __future__ import annotations

import copy
import io
import random
import re
from pathlib import Path

import pytest
from rich.console import JustifyMethod
from rich.text import Text

from models import registry
from models.places import ROOT
from scripts.area import builds as area_configs
from scripts.area import cli as area
from scripts.area import page as area_report
from scripts.area import tree as area_tree
from scripts.area.tree import AreaTree
from scripts.console import Console, Table
from scripts.formats import tables as formats_tables
from scripts.formats.study import NAMES
from scripts.measure.records import load_results
from scripts.pergate import cli as pergate
from scripts.run import cli as run_script
from scripts.run import tables
from tests.meta import toy_design

WIDTHS = (24, 60, 80, 120, None)


@pytest.fixture(autouse=True)
def _no_columns(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)


def printed(table: Table, width: int | None) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(table)
    return file.getvalue()


def words(table: Table) -> set[str]:
    """Everything in the cells, word by word."""
    return {
        word
        for column in table.columns
        for cell in column._cells
        for word in Text.from_markup(str(cell)).plain.split()
    }


def check(table: Table, width: int | None) -> None:
    """Each word is there as a whole, no line is too long unless it is a list."""
    text = printed(table, width)
    assert "…" not in text
    assert words(table) <= set(re.split(r"[\s│┃]+", text))
    if width and "│" in text:
        assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("seed", range(25))
def test_random_tables_are_complete(seed, width):
    draw = random.Random(seed)
    table = Table(title="a title of some words", caption="what the numbers assume " * 3)
    for at in range(draw.randint(1, 12)):
        justify: JustifyMethod = "right" if at and draw.random() < 0.7 else "left"
        no_wrap = draw.random() < 0.3
        table.add_column("head " * draw.randint(0, 3), justify=justify, no_wrap=no_wrap)
    for _ in range(draw.randint(0, 6)):
        cells = []
        for _ in table.columns:
            kinds = (
                f"{draw.randint(0, 10 ** draw.randint(1, 15)):,}",
                f"[bold]{draw.random():.3f} + {draw.random():.3f}[/]",
                "some_rather_long_name_of_a_test" * draw.randint(0, 1),
                "words of a sentence that may go on for a while",
            )
            cells.append(draw.choice(kinds))
        table.add_row(*cells, end_section=draw.random() < 0.2)
    check(table, width)


def test_a_table_in_parts_repeats_what_a_row_is():
    table = Table()
    for head in ("layer", "design", "cycles", "energy"):
        table.add_column(head, justify="right" if head in ("cycles", "energy") else "left")
    table.add_row("fc1", "eie", "1,234,567,890,123", "9,876,543,210.12")
    text = printed(table, 40)
    assert text.count("fc1") == text.count("eie") == 2


@pytest.mark.parametrize("width", WIDTHS)
def test_a_command_stays_on_one_line(width):
    line = "replay: make sim DESIGN=eie CONFIG=pe4,QueueDepth=2 TEST=random_mixed SEED=123456789"
    file = io.StringIO()
    Console(file=file, width=width).print(f"[red]{line}[/]")
    assert file.getvalue() == f"{line}\n"


@pytest.fixture(scope="module")
def _toy():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.DESIGNS, "toy", "tests.meta.toy_design")
        yield


@pytest.fixture(scope="module")
def records(tmp_path_factory, _toy):
    """Records of a run, with numbers as large as a photograph's network gives."""
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_script, "write_report", lambda folder: folder)
        arguments = ["--design", "toy", "--count", "2", "--out", str(folder)]
        assert run_script.main(arguments, toy_design.player()) == run_script.OK

    def large(value, key=""):
        if isinstance(value, dict):
            return {name: large(one, name) for name, one in value.items()}
        return value * 10**8 + 7 if type(value) is int and key != "samples" else value

    made = [
        {**large(one), "shape": one["shape"], "config": one["config"]}
        for one in load_results(folder / "results.json")["runs"]
    ]
    for one in made:
        one["layer"] = f"features_12_expand3x3_{one['layer']}"
    return made


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_of_runs(records, width):
    twice = [*records, *({**copy.deepcopy(one), "design": "sparse_on_dense"} for one in records)]
    accuracy = {"rtl": 0.975, "model": 0.975, "held_out_dense": 0.98}
    found = [*tables.run_tables(records), tables.side_by_side({"runs": twice})]
    for table in (*found, tables.accuracy_table(accuracy, 200)):
        check(table, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_of_formats_and_gates(width):
    formats = [
        {
            "format": name,
            "weights": 3,
            "values": 40_000,
            "overhead": 9_000,
            "bits_per_weight": 9.87,
            "shared": False,
        }
        for name in NAMES
    ]
    heads = [(f"block_pruned_8x8\n{at} %", formats) for at in range(7)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formats_tables, "cheapest", lambda records, family: records[0])
        for table in formats_tables.cost_tables("bits per weight", "caption", heads):
            check(table, width)
    silicon = {one.label: {"gates": 1, "design": one.design} for one in pergate.BUILDS}
    points = [
        {"layer": "x", "build": label, "equal": 12345.678 + at, "weight_density": 0.1,
         "activation_density": 0.1}
        for at, label in enumerate(silicon)
    ]  # fmt: skip
    data = {"points": points, "silicon": silicon, "densities": [0.1]}
    for table in pergate.best_tables(data):
        check(table, width)


@pytest.mark.parametrize("width", WIDTHS)
def test_trees_of_gates(width):
    path = {"register": {"fo4": 98.7, "start": "a_q", "end": "b_q"}}
    cells = {"$_NAND_": 40_000_000}
    leaf = AreaTree("gen_pe[].u_pe", "lac_x_pe", {}, 4, cells, 640_000, path, ())
    tree = AreaTree("lac_x", "lac_x", {}, 1, {"$_NOT_": 8}, 0, path, (leaf,))
    one = area.entry(area_configs.Config("sparse_on_dense", "bitmap_16x16"), tree)
    data = {"accounting": list(area_tree.ACCOUNTING), "tops": [one], "blocks": [one], "flat": []}
    file = io.StringIO()
    area_report.show(Console(file=file, width=width), data)
    seen = re.split(r"[\s│┃]+", file.getvalue())
    assert "…" not in file.getvalue()
    assert {f"{tree.gates:,.0f}", f"{tree.mem_bits:,}", "gen_pe[].u_pe", "bitmap_16x16"} <= {*seen}


def test_there_is_one_console():
    """Who makes one of rich's own, or a table that goes past ours, cuts numbers again."""
    for path in sorted((ROOT / "scripts").rglob("*.py")):
        text = Path(path).read_text()
        if path.name != "console.py":
            assert not re.search(r"rich\.(console|table) import|rich\.print", text), path
