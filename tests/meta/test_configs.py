"""``CONFIG=`` means the same everywhere, and nothing is built from a name that there is not."""

from __future__ import annotations

import re

import pytest

from models import registry
from models.places import ROOT
from scripts import sim
from scripts.area import builds as area_configs
from scripts.area import cli as area
from scripts.bench import cli as bench
from scripts.cov import cli as cov
from scripts.regress import cli as regress
from scripts.run import cli as run
from scripts.run.tasks import configured
from tb.common.sim import builds, configs
from tb.common.sim.bench import discover, find
from tests.meta import toy
from tests.meta.exits import status

BENCHES = discover()
DESIGNS = tuple(registry.DESIGNS)


# ---------------------------------------------------------------- one vocabulary


@pytest.mark.parametrize("design", DESIGNS)
def test_every_named_build_is_the_same_build_everywhere(design):
    names = configs.builds(design)
    assert names["default"] == {}
    assert len(names) > len(registry.design(design).builds), "the bench's own ones are missing"
    everything = registry.design(design).config().parameters()
    for name, parameters in names.items():
        whole = everything | dict(parameters)
        assert configured(design, name).parameters() == whole, name
        assert everything | find(design).parameters(name) == whole, name
        (one,) = area_configs.asked(design, name)
        assert everything | dict(one.parameters) == whole, name


@pytest.mark.parametrize("design", DESIGNS)
def test_full_size_and_bench_names_do_not_collide(design):
    own, full = set(find(design).configs), registry.design(design).builds
    assert not own & set(full)
    assert not own & set(registry.design(design).old_names)
    assert set(registry.design(design).old_names.values()) <= set(full)


@pytest.mark.parametrize(
    "spelling", ["NumPe=2,QueueDepth=3", "num_pe=2,queue_depth=3", "numpe=2,QUEUEDEPTH=3"]
)
def test_changes_may_be_spelled_as_in_the_rtl_or_in_the_models(spelling):
    for text, base in ((spelling, "default"), (f"pe64_full,{spelling}", "pe64_full")):
        config = configured("eie", text)
        assert (config.num_pe, config.queue_depth) == (2, 3)
        (one,) = area_configs.asked("eie", text)
        assert one.name == f"{base},NumPe=2,QueueDepth=3"
        assert one.parameters == {"NumPe": 2, "QueueDepth": 3}
    assert find("eie").label(spelling) == "pe4,NumPe=2,QueueDepth=3"
    assert find("eie").label(f"odd,{spelling}") == "odd,NumPe=2,QueueDepth=3"
    assert find("fifo").parameters("depth1,width=3") == {"Width": 3, "Depth": 1}


def test_old_spellings_are_taken():
    assert configured("eie", "4pe") == configured("eie", "pe4_full")
    assert area_configs.asked("eie", "4pe")[0].name == "pe4_full"
    assert find("eie").label("4pe") == "pe4_full"


def test_area_measures_every_design_that_has_the_build():
    both = area_configs.asked(None, "16x16")
    assert [one.design for one in both] == ["dense", "sps", "flexflow_pro"]
    both = area_configs.asked(None, "rows=8,cols=8")
    assert [one.design for one in both] == ["dense", "sparse_on_dense", "sps", "flexflow_pro"]
    assert {one.name for one in area_configs.asked("eie", None)} == {"pe4_full", "pe64_full"}


# ---------------------------------------------------------------- names come from the RTL


@pytest.mark.parametrize("bench", BENCHES.values(), ids=lambda bench: bench.name)
def test_every_configuration_names_parameters_of_its_top(bench):
    for name, parameters in bench.configs.items():
        configs.check_names(bench, parameters)
        if design := configs.design_of(bench):
            configs.check_range(design, parameters)
        for parameter in parameters:
            wrong = f"{name},{parameter[:-1]}Xq=1"
            with pytest.raises(ValueError, match=rf"^config: {bench.top}: found '\w*Xq'.*known: "):
                bench.parameters(wrong)


@pytest.mark.parametrize("design", DESIGNS)
def test_fields_of_the_models_are_the_parameters_of_the_rtl(design):
    path = ROOT / "rtl" / design / f"lac_{design}.sv"
    assert sorted(configs.declared(path, path.stem)) == sorted(
        registry.design(design).config().parameters()
    )


def test_headers_of_every_module_are_read(tmp_path):
    for path in sorted((ROOT / "rtl").glob("*/*.sv")):
        text = re.sub(r"//.*", "", path.read_text())
        if f"module {path.stem}" in text:
            known = configs.declared(path, path.stem)
            assert len(known) == len(re.findall(r"\bparameter\b", text)), path
    odd = tmp_path / "odd.sv"
    odd.write_text(
        "// module odd #(parameter int No = 1)\n"
        "module odd import a::*; import b::*;\n #(parameter int A = f(1, 2), B = {2'd1, 1'b0},\n"
        "  /* parameter int C = 3, */ localparam int D = A,\n"
        "  parameter bit [3:0] E = 4'h3, parameter F = (1 == 2)) (input logic clk_i);\nendmodule\n"
        "module none;\nendmodule\n"
    )
    assert configs.declared(odd, "odd") == ("A", "B", "E", "F")
    assert configs.declared(odd, "none") == ()
    with pytest.raises(ValueError, match="holds no module gone"):
        configs.declared(odd, "gone")


# ---------------------------------------------------------------- refused before any build


@pytest.fixture
def _no_build(monkeypatch):
    """Nothing may be built, simulated or synthesised."""

    def never(*_args, **_kwargs):
        raise AssertionError("something was built")

    for place in ("build", "_compile"):
        monkeypatch.setattr(builds, place, never)
    monkeypatch.setattr("tb.common.sim.runner.build", never)
    monkeypatch.setattr(area, "synthesise", never)


WRONG = [
    ("eie", "default,Depht=3", "found 'Depht', did you mean"),
    ("eie", "default,num_pee=3", "found 'num_pee', did you mean"),
    ("eie", "NumPe=3", "num_pe: found 3, allowed a power of two"),
    ("eie", "default,QueueDepth=0", "queue_depth: found 0, allowed 1..65535"),
    ("eie", "pe5", "found 'pe5', did you mean"),
    ("eie", "default,NumPe", "found 'NumPe', need NAME=INTEGER"),
    ("eie", "NumPe=4,num_pe=8", "found num_pe twice"),
    ("dense", "rows=5", "rows: found 5, allowed 4, 8, 16 or 32"),
    ("dense", "queue_depth=5", "found 'queue_depth'"),
    ("sparse_on_dense", "wgt_format=3", "wgt_format: found 3, allowed 0..2"),
]
MAINS = {
    "sim": (sim.main, []),
    "waves": (sim.main, ["--waves"]),
    "regress": (regress.main, []),
    "cov": (cov.main, []),
    "run": (run.main, ["--count=1"]),
    "area": (area.main, []),
    "bench": (bench.main, []),
}


@pytest.mark.usefixtures("_no_build")
@pytest.mark.parametrize(
    ("target", "design", "config", "message"),
    # Only EIE has benchmark layers.
    [(one, *wrong) for one in MAINS for wrong in WRONG if one != "bench" or wrong[0] == "eie"],
)
def test_a_wrong_configuration_is_refused_before_any_build(
    target, design, config, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.setenv("LAC_BUILD", str(tmp_path))
    main, more = MAINS[target]
    assert status(main, [f"--design={design}", f"--config={config}", *more]) == 2
    said = capsys.readouterr()
    (line,) = (said.err + said.out).strip().splitlines()
    assert line.startswith("error: config: ")
    assert message in line


@pytest.mark.usefixtures("_no_build")
@pytest.mark.parametrize("simulator", ["verilator", "icarus"])
def test_a_parameter_that_the_top_has_not_is_not_built(simulator, tmp_path):
    bench = toy.bench(toy.write(tmp_path / "toy"), configs={"default": {"Widht": 4}})
    with pytest.raises(ValueError, match="config: toy: found 'Widht', did you mean 'Width'"):
        _build(bench, "default", simulator)


_build = builds.build
