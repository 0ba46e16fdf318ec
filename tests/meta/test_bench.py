"""Benches are checked when they are declared, and sources are found as the compiler needs them."""

from __future__ import annotations

from typing import Any

import pytest

from tb.common.sim.bench import choose, discover
from tb.common.sim.results import select
from tb.common.sim.sources import collect
from tests.meta import toy


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "a b"}, "bench name 'a b'"),
        ({"configs": {"A/B": {}}}, "configuration name 'A/B'"),
        ({"configs": {}}, "at least one configuration"),
        ({"tests": ()}, "must name its tests"),
        ({"tests": ("a", "a")}, "named twice"),
        ({"simulators": ("vcs",)}, r"simulators has \['vcs'\]"),
        ({"icarus": ("big",)}, r"icarus has \['big'\]"),
        ({"verilator": ("big",)}, r"verilator has \['big'\]"),
        ({"slow": ("big",)}, r"slow has \['big'\]"),
        ({"closing": ("default",)}, r"closing has \['default'\], known: \[\]"),
        ({"long": ("big",)}, r"long has \['big'\]"),
    ],
)
def test_bad_bench_is_refused(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        toy.bench(tmp_path, **changes)


def test_configuration_by_name_by_change_by_value(tmp_path):
    bench = toy.bench(toy.write(tmp_path / "toy"))
    assert bench.parameters("wide") == {"Width": 8}
    assert bench.parameters("wide,Width=9") == bench.parameters("wide,width=9") == {"Width": 9}
    assert bench.label("width=9") == "default,Width=9"
    assert bench.label({"Width": 8}) == "wide"
    assert bench.label({"Width": 6}) == "default,Width=6"
    assert bench.parameters(bench.label({"Width": 6})) == {"Width": 6}
    with pytest.raises(ValueError, match="found 'huge', known: default, wide"):
        bench.parameters("huge")
    with pytest.raises(ValueError, match="found 'Width', need NAME=INTEGER"):
        bench.parameters("wide,Width")
    with pytest.raises(ValueError, match="toy: found 'Widht', did you mean 'Width'"):
        bench.parameters("wide,Widht=3")
    with pytest.raises(ValueError, match="missing"):
        bench.label({"Depth": 1})


def _folder(folder, **files):
    folder.mkdir()
    for name, text in files.items():
        suffix = "" if name.endswith("_svh") else ".sv"
        (folder / (name.replace("_svh", ".svh") + suffix)).write_text(text)
    return folder


def test_sources_are_those_needed_each_after_what_it_needs(tmp_path):
    folder = _folder(
        tmp_path / "folder",
        lac_top="module lac_top import lac_pkg::*; ();\n lac_b u_b (); // lac_unused\nendmodule\n",
        lac_b='`include "lac_macros.svh"\nmodule lac_b; `USE endmodule\n',
        lac_macros_svh="`define USE lac_c u_c ();\n",
        lac_c="module lac_c import lac_pkg::*; (); /* lac_unused */ endmodule\n",
        lac_pkg="package lac_pkg; endpackage\n",
        lac_unused="module lac_unused; endmodule\n",
        lac_by_macro="module lac_by_macro; endmodule\n",
    )
    found = collect("lac_top", [folder], macros=["lac_by_macro", 1])
    names = [path.stem for path in found.files]
    assert sorted(names) == ["lac_b", "lac_by_macro", "lac_c", "lac_pkg", "lac_top"]
    assert names.index("lac_pkg") < names.index("lac_c") < names.index("lac_b")
    assert names.index("lac_b") < names.index("lac_top")
    assert [path.name for path in found.headers] == ["lac_macros.svh"]


def test_missing_sources_are_named(tmp_path):
    folder = _folder(tmp_path / "folder", lac_a="module lac_a; endmodule\n")
    with pytest.raises(ValueError, match="no file lac_top.sv"):
        collect("lac_top", [folder])
    with pytest.raises(ValueError, match="nowhere does not exist"):
        collect("lac_a", [folder, tmp_path / "nowhere"])
    with pytest.raises(ValueError, match=r"gone\.sv does not exist"):
        collect("lac_a", [folder], [folder / "gone.sv"])


def test_select_keeps_order_and_refuses_the_unknown():
    names = ("smoke", "random_a", "random_b")
    assert select(names, ["random_*", "smoke", "random_a"]) == ["random_a", "random_b", "smoke"]
    assert select(names, ["random_a/n=1"]) == ["random_a/n=1"]
    with pytest.raises(ValueError, match="test: found 'rand'"):
        select(names, ["rand"])


def test_two_benches_of_one_name_are_refused(tmp_path, monkeypatch):
    import tb

    folder = tmp_path / "tb" / "twice"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "benches.py").write_text(
        "from tb.common.sim.bench import Bench\n"
        "BENCHES = (Bench('a', 'a', 'a', ('t',)), Bench('a', 'b', 'b', ('t',)))\n"
    )
    monkeypatch.setattr(tb, "__path__", [*tb.__path__, str(tmp_path / "tb")])
    with pytest.raises(ValueError, match="two benches are named 'a'"):
        discover(tmp_path)


def test_what_make_test_runs(tmp_path):
    bench = toy.bench(
        tmp_path,
        configs={"small": {}, "big": {}, "huge": {}},
        icarus=("small",),
        verilator=("big",),
        slow=("huge",),
    )
    runs = [(c, s) for c in bench.configs for s in bench.simulators if bench.runs_in_test(c, s)]
    assert runs == [("small", "icarus"), ("big", "verilator")]


def test_long_tests_are_run_by_verilator_alone_where_it_runs(tmp_path):
    configs: dict[str, dict[str, int]] = {"small": {}, "big": {}}
    options: dict[str, Any] = {
        "configs": configs,
        "icarus": ("small",),
        "long": ("b",),
        "tests": ("a", "b"),
    }
    bench = toy.bench(tmp_path, verilator=("big",), **options)
    assert bench.tests_in_test("verilator") is None
    assert bench.tests_in_test("icarus") == ["a"]
    alone = toy.bench(tmp_path, verilator=(), **options)
    assert alone.tests_in_test("icarus") is None, "nobody else would run it"


def test_verilator_takes_the_first_configuration_and_what_icarus_does_not(tmp_path):
    bench = toy.bench(
        tmp_path, configs={"first": {}, "small": {}, "big": {}}, icarus=("first", "small")
    )
    on_verilator = [c for c in bench.configs if bench.runs_in_test(c, "verilator")]
    assert on_verilator == ["first", "big"]
    alone = [c for c in bench.configs if bench.runs_in_test(c, "verilator", with_icarus=False)]
    assert alone == ["first", "small", "big"]


def test_benches_are_chosen_by_patterns():
    names = [bench.name for bench in choose("fifo, eie_lnzd*")]
    assert names[0] == "fifo"
    assert set(names[1:]) == {"eie_lnzd_node", "eie_lnzd_tree"}
    assert [bench.name for bench in choose(None)] == list(discover())
    with pytest.raises(ValueError, match="no_such"):
        choose("fifo,no_such*")
