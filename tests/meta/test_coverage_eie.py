"""The covergroups of EIE: every bin can be hit, none is hit by everything, and the cases that
matter are hit by exactly the matrix that has them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from models.eie.packets import Cfg, Mode, weight_packet
from models.layer import Layer
from models.socket import ErrorCode
from tb.common.coverage.functional import CoverageError, Cross, Group, Point
from tb.eie.coverage import COVERAGE, ERRORS, EieCoverage
from tests.meta.eie_passes import (
    CUT,
    config,
    failed,
    hits,
    observed,
    resident,
    run,
    run_inputs,
    run_network,
    with_cfg,
)

STREAMS = ("s_axis_wgt", "s_axis_act", "m_axis_out")


def ones(cols: int) -> NDArray[np.int64]:
    return np.ones(cols, dtype=np.int64)


def sparse(rows: int, cols: int, density: float, seed: int = 1) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    return rng.choice([-3, 1, 2, 5], (rows, cols)) * (rng.random((rows, cols)) < density)


def exact(rows: int, cols: int, count: int) -> NDArray[np.int64]:
    """``count`` ones, spread out."""
    matrix = np.zeros(rows * cols, dtype=np.int64)
    matrix[np.linspace(0, matrix.size - 1, count).astype(int)] = 1
    return matrix.reshape(rows, cols)


def layer(weights: NDArray[np.int64], acts: NDArray[np.int64] | None = None, **rest) -> Layer:
    return Layer(weights, ones(weights.shape[1]) if acts is None else acts, **rest)


def column(*rows: int, cols: int = 1) -> NDArray[np.int64]:
    """A matrix of one PE whose columns all have ones at these rows."""
    matrix = np.zeros((max(rows, default=0) + 1, cols), dtype=np.int64)
    matrix[list(rows), :] = 1
    return matrix


ONE_PE = config(num_pe=1, act_regs=256)


def item(found: set[str], path: str) -> set[str]:
    """Bins of one item that were hit."""
    return {name.removeprefix(f"{path}.") for name in found if name.startswith(f"{path}.")}


# --- exact expectations ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zeros", "bin_name", "pads"),
    [
        (0, "0", 0),
        (1, "lt_m", 0),
        (14, "lt_m", 0),
        (15, "m", 0),
        (16, "m+1", 1),
        (17, "le_2m", 1),
        (30, "le_2m", 1),
        (31, "2m+1", 1),
        (32, "2m+2", 2),
        (33, "gt_2m+2", 2),
    ],
)
def test_zero_runs_at_the_top_and_inside(zeros: int, bin_name: str, pads: int) -> None:
    top = hits(ONE_PE, run(layer(column(zeros)), ONE_PE))
    assert item(top, "eie_run.zeros_order") == {f"{bin_name},first"}
    inside = hits(ONE_PE, run(layer(column(0, zeros + 1)), ONE_PE))
    assert item(inside, "eie_run.zeros_order") == {"0,first", f"{bin_name},later"}
    assert bool(item(top, "eie_padding.next")) == (pads > 0)
    assert ("padding" in item(top, "eie_padding.next")) == (pads > 1)
    orders = [set(), {"first"}, {"first", "inner"}]
    assert item(top, "eie_padding.order") == orders[pads]


def test_runs_are_relative_to_the_index_width() -> None:
    narrow = config(num_pe=1, idx_width=2, code_width=6, act_regs=64)
    found = hits(narrow, run(layer(column(3)), narrow))
    assert item(found, "eie_run.zeros") == {"m"}
    assert "eie_build.idx_width.1-3" in found
    assert item(found, "eie_padding.next") == set()


@pytest.mark.parametrize("entry", range(8))
@pytest.mark.parametrize("crosses", [False, True])
def test_first_entry_and_row_border(entry: int, crosses: bool) -> None:
    """Column 0 takes ``entry`` entries without being read; column 1 starts there."""
    load = 9 - entry if crosses else 1
    matrix = np.zeros((16, 2), dtype=np.int64)
    matrix[:entry, 0] = 1
    matrix[:load, 1] = 1
    found = hits(ONE_PE, run(layer(matrix, np.array([0, 1])), ONE_PE))
    border = "crosses" if crosses else "inside"
    assert item(found, "eie_slice.first_border") == {f"e{entry},{border}"}
    assert item(found, "eie_slice.last_border") == {f"e{0 if crosses else entry},{border}"}


@pytest.mark.parametrize("entry", range(8))
def test_last_entry_of_a_crossing_slice(entry: int) -> None:
    found = hits(ONE_PE, run(layer(column(*range(9 + entry))), ONE_PE))
    assert item(found, "eie_slice.last_border") == {f"e{entry},crosses"}
    assert item(found, "eie_slice.load") == {"lt_2row" if entry < 7 else "ge_2row"}


def test_positions_only_count_for_rows_of_eight() -> None:
    wide = config(num_pe=1, spmat_width=128, act_regs=64)
    found = hits(wide, run(layer(column(0, 1)), wide))
    assert item(found, "eie_slice.first") == set()
    assert item(found, "eie_slice.border") == {"inside"}


@pytest.mark.parametrize(
    ("before", "rows", "order_place", "next_place", "fusing"),
    [
        # entries in front of the slice, its rows -> where its padding lies
        (0, (16,), {"first,row_first"}, {"real,row_first"}, {"follows"}),
        (3, (16,), {"first,row_inner"}, {"real,row_inner"}, {"follows"}),
        (7, (16,), {"first,row_last"}, {"real,row_last"}, {"none"}),
        (6, (0, 17), {"inner,row_last"}, {"real,row_last"}, {"precedes"}),
        (5, (0, 17), {"inner,row_inner"}, {"real,row_inner"}, {"follows"}),
        (
            7,
            (32,),
            {"first,row_last", "inner,row_first"},
            {"padding,row_last", "real,row_first"},
            {"none", "follows"},
        ),
    ],
)
@pytest.mark.parametrize("fuse", [False, True])
def test_padding_places(before, rows, order_place, next_place, fusing, fuse: bool) -> None:
    build = replace(ONE_PE, fuse_pad=fuse)
    matrix = np.zeros((64, 2), dtype=np.int64)
    matrix[:before, 0] = 1
    matrix[list(rows), 1] = 1
    found = hits(build, run(layer(matrix, np.array([0, 1])), build))
    assert item(found, "eie_padding.order_place") == order_place
    assert item(found, "eie_padding.next_place") == next_place
    on = "on" if fuse else "off"
    assert item(found, "eie_padding.fusing") == {f"{case},{on}" for case in fusing}


@pytest.mark.parametrize(
    ("filled", "cases"),
    [
        ((1, 1, 1, 1), {"none"}),
        ((0, 1, 1, 1), {"first"}),
        ((1, 0, 1, 1), {"inner"}),
        ((1, 1, 1, 0), {"last"}),
        ((1, 0, 0, 1), {"inner", "successive"}),
        ((0, 0, 1, 0), {"first", "inner", "successive", "last"}),
        ((0, 0, 0, 0), {"all"}),
    ],
)
def test_empty_columns(filled: tuple[int, ...], cases: set[str]) -> None:
    build = config()
    weights = np.ones((5, 4), dtype=np.int64) * np.array(filled)
    found = hits(build, run(layer(weights), build))
    assert item(found, "eie_empty.column") == cases
    assert item(found, "eie_empty.column_skip") == {f"{case},on" for case in cases}


def test_empty_column_without_an_input_is_not_read() -> None:
    build = config()
    weights = np.array([[1, 0, 1]] * 4)
    found = hits(build, run(layer(weights, np.array([1, 0, 1])), build))
    assert item(found, "eie_empty.column") == {"none"}


def test_empty_slices_in_succession() -> None:
    build = config(num_pe=2)
    weights = np.ones((2, 8), dtype=np.int64)
    weights[0, [1, 3, 4, 5]] = 0
    assert item(hits(build, run(layer(weights), build)), "eie_empty.slice_run") == {"0", "1", "2-3"}
    weights[0, 2:7] = 0
    assert "4+" in item(hits(build, run(layer(weights), build)), "eie_empty.slice_run")


def test_all_work_on_one_pe() -> None:
    build = config()
    weights = np.zeros((8, 6), dtype=np.int64)
    weights[[1, 5]] = 1
    found = hits(build, run(layer(weights), build, stall_queue_full=7))
    assert item(found, "eie_flow.one_full") == {"one_pe,some"}
    even = hits(build, run(layer(np.ones((8, 6), dtype=np.int64)), build))
    assert item(even, "eie_flow.one_full") == {"even,none"}
    weights[0, 0] = 1
    assert item(hits(build, run(layer(weights), build)), "eie_flow.balance") == {"uneven"}


def test_accumulator_rails_and_saturation() -> None:
    build = config(num_pe=1, act_width=8, wgt_width=2, acc_width=10, bias_width=10, act_regs=8)
    high = Layer(np.array([[1, 1]]), np.array([127, 127]), bias=[257], relu=False)
    low = Layer(np.array([[1, 1]]), np.array([-128, -127]), bias=[-256], relu=False)
    near = Layer(np.array([[1, 1]]), np.array([100, 27]), bias=[0], relu=False)
    clip = Layer(np.array([[1, 1]]), np.array([-128, -127]), bias=[-256], relu=True)
    found = hits(build, run(high, build))
    assert item(found, "eie_value.acc") == {"highest"}
    assert item(found, "eie_value.result") == {"saturated_high"}
    found = hits(build, run_inputs(low, [-128, -128], build))
    assert item(found, "eie_value.acc") == {"lowest"}
    assert item(found, "eie_value.result") == {"saturated_low"}
    found = hits(build, run(near, build))
    assert item(found, "eie_value.acc") == {"positive"}
    assert item(found, "eie_value.result") == {"highest"}
    assert item(hits(build, run(clip, build)), "eie_value.result") == {"cut_by_relu"}


@pytest.mark.parametrize(
    ("total", "shift", "case"),
    [
        (5, 0, "no_shift"),
        (8, 2, "exact"),
        (9, 2, "below"),
        (10, 2, "tie_positive"),
        (-10, 2, "tie_negative"),
        (11, 2, "above"),
        (-11, 2, "above"),
    ],
)
def test_rounding(total: int, shift: int, case: str) -> None:
    case_layer = Layer(np.array([[1]]), np.array([total]), shift=shift, relu=False)
    assert item(hits(ONE_PE, run(case_layer, ONE_PE)), "eie_value.rounding") == {case}


def test_seams_and_kept_sums() -> None:
    build = config(act_regs=2, act_depth=2)  # 8 outputs, 8 inputs at a time
    inputs = hits(build, run(layer(sparse(8, 24, 0.5)), build))
    assert item(inputs, "eie_sequence.seam") == {"none", "input"}
    assert item(inputs, "eie_sequence.kept") == {"1", "2", "3+"}
    outputs = hits(build, run(layer(sparse(16, 8, 0.5)), build))
    assert item(outputs, "eie_sequence.seam") == {"none", "output"}
    both = hits(build, run(layer(sparse(16, 16, 0.5)), build))
    assert item(both, "eie_sequence.seam") == {"none", "input", "both"}


def test_a_batch_is_no_seam() -> None:
    build = config()
    acts = np.array([[1, 2, 3], [4, 5, 6]])
    found = hits(build, run(layer(sparse(4, 3, 0.9), acts), build))
    assert item(found, "eie_sequence.seam") == {"none"}
    assert item(found, "eie_pass.sources") == {"loaded,loaded", "resident,loaded"}


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_chains(length: int) -> None:
    build = config()
    layers = [layer(np.abs(sparse(8, 8, 0.6)))]
    layers += [Layer(np.abs(sparse(8, 8, 0.6, seed)), None) for seed in range(2, length + 1)]
    found = hits(build, run_network(layers, build))
    assert item(found, "eie_sequence.chain") == {"1", "2", "3", "4+"} & {
        name for name, at in (("1", 1), ("2", 2), ("3", 3), ("4+", 4)) if at <= length
    }
    files = {"loaded"} if length == 1 else {"loaded", "file"}
    assert item(found, "eie_pass.input_source") == files


@pytest.mark.parametrize("code", [ErrorCode(code) for code in ERRORS.values()])
def test_errors_and_what_comes_after(code: ErrorCode) -> None:
    build = config()
    good = run(layer(sparse(4, 4, 0.9)), build)
    bad = replace(good[0], out=None, state=failed(code))
    found = hits(build, [bad, *good])
    name = code.name.lower()
    assert item(found, "eie_error.code") == {name}
    assert item(found, "eie_sequence.after") == {f"err_{name}"}
    assert item(found, "eie_sequence.end") == {"done", "error"}


def test_what_a_failed_pass_may_have_overwritten_is_not_trusted() -> None:
    """Resident weights after a broken weight packet: sampled by registers, not by entries."""
    build = config()
    good = run(layer(sparse(4, 4, 0.9)), build)[0]
    bad = replace(good, state=failed(ErrorCode.WGT_SHORT), out=None)
    later = resident(good)
    known = hits(build, [good, later])
    assert "eie_pass.weight_source.resident" in known
    after = EieCoverage(build)
    for seen in (good, bad):
        after.sample_pass(seen)
    before = after.collector.hits()["eie_run"]
    after.sample_pass(later)
    assert after.collector.hits()["eie_run"] == before
    assert after.collector.hits()["eie_pass"]["weight_source"]["resident"] == 1


def test_a_pass_cut_off_by_reset() -> None:
    build = config()
    good = run(layer(sparse(4, 4, 0.9)), build)
    found = hits(build, [replace(good[0], out=None, state=CUT), *good])
    assert item(found, "eie_sequence.end") == {"reset", "done"}
    assert item(found, "eie_sequence.after") == {"reset"}


@pytest.mark.parametrize("profile", ["none", "cycle", "random", "burst", "slow"])
def test_stalls(profile: str) -> None:
    build = config()
    seen = run(layer(sparse(4, 4, 0.9)), build)
    found = hits(build, seen, {"s_axis_act": profile, "m_axis_out": "none"})
    assert item(found, "eie_stalls.act") == {profile}
    assert item(found, "eie_stalls.wgt") == set()
    assert item(found, "eie_stalls.both_sides") == {f"{'no' if profile == 'none' else 'yes'},no"}


def test_counters() -> None:
    build = config()
    one = layer(sparse(4, 4, 0.9))
    assert "eie_flow.bypass.none" in hits(build, run(one, build))
    assert "eie_flow.bypass.some" in hits(build, run(one, build, bypass_hits=3))
    for idle, case in ((24, "lt_quarter"), (25, "more")):
        both = hits(build, run(one, build, stall_queue_full=1, mac_slots=100, stall_input=idle))
        assert item(both, "eie_flow.full_empty") == {f"some,{case}"}
    assert item(hits(build, run(one, build)), "eie_flow.full_empty") == set()


# --- all bins --------------------------------------------------------------------------------


def scenarios() -> dict[str, set[str]]:
    """Name of a scenario -> what it hits; together they hit every bin."""
    found: dict[str, set[str]] = {}

    def add(name: str, build, seen, pauses=None) -> None:
        found[name] = hits(build, seen, pauses)

    base = config()
    for name, fields in {
        "pe1": {"num_pe": 1, "act_width": 8, "queue_depth": 1},
        "pe2": {"num_pe": 2, "idx_width": 3, "code_width": 5, "queue_depth": 4},
        "pe8": {"num_pe": 8, "idx_width": 5, "code_width": 3, "queue_depth": 16},
        "pe64": {"num_pe": 64, "spmat_width": 128},
        "rows4": {"spmat_width": 32},
    }.items():
        build = config(**fields)
        add(name, build, run(layer(sparse(16, 16, 0.4)), build))
    add("seams", (b := config(act_regs=2, act_depth=2)), run(layer(sparse(16, 24, 0.5)), b))
    add("rows", b, run(layer(sparse(16, 8, 0.5), bias=[1] * 16), b))
    layers = [layer(np.abs(sparse(8, 8, 0.6)))]
    layers += [Layer(np.abs(sparse(8, 8, 0.6, seed)), None) for seed in (2, 3, 4)]
    add("chain", base, run_network(layers, base))
    _densities(add, base)
    _lengths(add, base)
    for skip in (False, True):
        for fuse in (False, True):
            build = replace(base, skip_empty=skip, fuse_pad=fuse)
            key = f"skip{skip}_fuse{fuse}"
            busy = {"slot_padding": 2, "slot_empty": 0 if skip else 2, "stall_output": 1}
            add(
                key, build, run(layer(sparse(400, 9, 0.03)), config(**_options(skip, fuse)), **busy)
            )
            add(f"{key}_idle", build, run(layer(sparse(8, 8, 0.9), relu=False), build))
            for columns in ((0, 1, 1, 1), (1, 0, 0, 1), (1, 1, 1, 0), (0, 0, 0, 0), (1, 1, 1, 1)):
                weights = np.ones((5, 4), dtype=np.int64) * np.array(columns)
                add(f"{key}_empty{columns}", build, run(layer(weights), build))
            for run_of in range(1, 5):
                weights = np.ones((4, 8), dtype=np.int64)
                weights[0, :run_of] = 0
                add(f"{key}_slices{run_of}", build, run(layer(weights), build))
            _padding(add, key, replace(ONE_PE, skip_empty=skip, fuse_pad=fuse))
    _slices(add)
    _flow(add, base)
    _values(add)
    _sequences(add, base)
    return found


def _options(skip: bool, fuse: bool) -> dict[str, int]:
    return {"skip_empty": skip, "fuse_pad": fuse, "act_regs": 128}


def _densities(add, base) -> None:
    counts = {"zero": 0, "one": 1, "5": 4, "15": 14, "50": 49, "99": 99, "full": 100}
    for wname, wcount in counts.items():
        for aname, acount in counts.items():
            weights = exact(10, 100, wcount * 10 if wcount > 1 else wcount)
            one = layer(weights, exact(1, 100, acount)[0])
            add(f"density_{wname}_{aname}", base, run(one, base))


def _lengths(add, base) -> None:
    for rows in (1, 3, 8, 9):
        for cols in (1, 3, 8, 9):
            one = layer(sparse(rows, cols, 0.9), bias=[1] * rows)
            add(f"length_{rows}_{cols}", base, run(one, base))
    for shift in (0, 3, 9, 20):
        add(f"shift{shift}", base, run(layer(sparse(4, 4, 0.9), shift=shift), base))


def _padding(add, key: str, build) -> None:
    for before in range(8):
        for rows in ((16,), (32,), (48,), (0, 17), (0, 33), (0, 49)):
            matrix = np.zeros((64, 2), dtype=np.int64)
            matrix[:before, 0] = 1
            matrix[list(rows), 1] = 1
            one = layer(matrix, np.array([0, 1]))
            add(f"{key}_pad{before}_{rows}", build, run(one, build))


def _slices(add) -> None:
    for entry in range(8):
        for load in range(1, 18):
            matrix = np.zeros((32, 2), dtype=np.int64)
            matrix[:entry, 0] = 1
            matrix[:load, 1] = 1
            one = layer(matrix, np.array([0, 1]))
            add(f"slice{entry}_{load}", ONE_PE, run(one, ONE_PE))
    for zeros in (0, 1, 15, 16, 17, 31, 32, 33):
        add(f"top{zeros}", ONE_PE, run(layer(column(zeros)), ONE_PE))
        add(f"inside{zeros}", ONE_PE, run(layer(column(0, zeros + 1)), ONE_PE))


def _flow(add, base) -> None:
    one_pe = np.zeros((8, 6), dtype=np.int64)
    one_pe[[1, 5]] = 1
    uneven = one_pe.copy()
    uneven[0, 0] = 1
    shapes = {"even": np.ones((8, 6), dtype=np.int64), "one": one_pe, "uneven": uneven}
    for name, weights in shapes.items():
        for full in (0, 1):
            for empty in (0, 1):
                counters = {"stall_queue_full": full, "stall_input": empty, "bypass_hits": full}
                counters["mac_slots"] = 2
                add(f"flow_{name}_{full}_{empty}", base, run(layer(weights), base, **counters))
    for inward in ("none", "cycle", "random", "burst", "slow"):
        for outward in ("none", "cycle", "random", "burst", "slow"):
            pauses = dict.fromkeys(STREAMS, inward) | {"m_axis_out": outward}
            add(f"stall_{inward}_{outward}", base, run(layer(sparse(4, 4, 0.9)), base), pauses)


def _values(add) -> None:
    small = config(num_pe=1, act_width=8, wgt_width=8, acc_width=18, bias_width=18, act_regs=8)
    for act in (-128, 3, 127):
        for weight in (-128, 2, 127):
            add(
                f"ends{act}_{weight}",
                small,
                run(layer(np.array([[weight]]), np.array([act])), small),
            )
    tiny = replace(small, wgt_width=2, acc_width=10, bias_width=10)
    for relu in (False, True):
        for acts, bias in (
            ([127, 127], 257),
            ([-128, -127], -256),
            ([100, 27], 0),
            ([-100, -28], 0),
            ([3, -3], 0),
            ([3, 3], 0),
            ([-3, -3], 0),
        ):
            one = Layer(np.array([[1, 1]]), np.array(acts), bias=[bias], relu=relu)
            add(f"rail{acts}_{bias}_{relu}", tiny, run(one, tiny))
    low = Layer(np.array([[1, 1]]), np.array([-128, -127]), bias=[-256], relu=False)
    add("lowest", tiny, run_inputs(low, [-128, -128], tiny))
    for total in (8, 9, 10, -10, 11):
        one = Layer(np.array([[1]]), np.array([total]), shift=2, relu=False)
        add(f"round{total}", ONE_PE, run(one, ONE_PE))


def _sequences(add, base) -> None:
    good = run(layer(sparse(4, 4, 0.9)), base)
    for code in map(ErrorCode, ERRORS.values()):
        add(f"error_{code.name}", base, [replace(good[0], state=failed(code)), *good])
    add("reset", base, [replace(good[0], state=CUT), *good])
    add("resident", base, [good[0], resident(good[0])])
    mode = resident(good[0]).cfg[Cfg.MODE]
    add(
        "reload_inputs",
        base,
        [good[0], with_cfg(replace(good[0], wgt=None), {Cfg.MODE: mode | Mode.LOAD_ACT})],
    )
    add(
        "reload_weights",
        base,
        [good[0], with_cfg(replace(good[0], act=None), {Cfg.MODE: mode | Mode.LOAD_WGT})],
    )
    file_mode = mode | Mode.LOAD_WGT | Mode.SRC_FILE
    swap = with_cfg(good[0], {Cfg.MODE: good[0].cfg[Cfg.MODE] | Mode.SWAP})
    add("file_loaded", base, [swap, with_cfg(replace(good[0], act=None), {Cfg.MODE: file_mode})])
    add(
        "file_resident", base, [swap, with_cfg(resident(good[0]), {Cfg.MODE: mode | Mode.SRC_FILE})]
    )
    bias = run(layer(sparse(4, 4, 0.9), bias=[1, 2, 3, 4]), base)
    add("bias_higher", base, [with_cfg(bias[0], {Cfg.BIAS_BASE: 1})])
    kinds = _hand_made_packets()
    for name, words in kinds.items():
        seen = replace(good[0], wgt=words, act=None, out=None)
        add(name, base, [with_cfg(seen, {Cfg.MODE: Mode.LOAD_WGT})])


def _hand_made_packets() -> dict[str, NDArray[np.uint64]]:
    from models.eie.packets import bias_section, pointer_section, spmat_section

    found = {"no_section": weight_packet([])}
    for count in (0, 1, 2):
        values = np.zeros(count, dtype=np.int64)
        rows = np.zeros((count, 1), dtype=np.uint64)
        found[f"pointers{count}"] = weight_packet([pointer_section(0, 0, values)])
        found[f"rows{count}"] = weight_packet([spmat_section(0, 0, rows)])
        found[f"biases{count}"] = weight_packet([bias_section(0, 0, values)])
    return found


@pytest.fixture(scope="module")
def all_hits() -> dict[str, set[str]]:
    return scenarios()


#: Groups that passes are counted in; of jobs is one that all designs have
#: (``test_coverage_geometry.py``).
OF_PASSES = [group for group in COVERAGE if group.name != "eie_geometry"]


def reachable() -> list[tuple[str, str | None]]:
    return [
        (f"{group.name}.{name}.{bin_name}", reason)
        for group in OF_PASSES
        for name, bins in group.items().items()
        for bin_name, reason in bins.items()
    ]


def test_every_bin_is_reached_by_some_input(all_hits: dict[str, set[str]]) -> None:
    union = set().union(*all_hits.values())
    lost = [path for path, reason in reachable() if reason is None and path not in union]
    assert lost == []


def test_no_bin_is_hit_by_every_input(all_hits: dict[str, set[str]]) -> None:
    """A bin that everything hits says nothing."""
    always = set.intersection(*all_hits.values())
    # Each sequence of passes here ends with a good one, whatever else it shows.
    assert always == {"eie_sequence.end.done"}
    assert {path.split(".")[0] for path, _ in reachable()} == {group.name for group in OF_PASSES}


def test_an_ignored_bin_is_not_reached(all_hits: dict[str, set[str]]) -> None:
    union = set().union(*all_hits.values())
    hit = [path for path, reason in reachable() if reason is not None and path in union]
    assert hit == []


def test_every_ignored_bin_has_a_reason() -> None:
    assert all(reason is None or len(reason.split()) > 4 for _, reason in reachable())


# --- declarations ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Point("a", "", {}), "has no bins"),
        (lambda: Point("a", "", {"x": 1, "y": (0, 2)}), "overlap"),
        (lambda: Point("a", "", {"x": (2, 1)}), "range 2..1"),
        (lambda: Point("a", "", {"x": 1}, {"x": "cannot ever happen"}), "every bin is ignored"),
        (lambda: Point("a", "", {"x": 1, "y": 2}, {"x": "never"}), "no reason"),
        (lambda: Point("a", "", {"x": 1}, {"z": "cannot ever happen"}), "does not exist"),
        (lambda: Point("A b", "", {"x": 1}), "name"),
        (lambda: Cross("c", "", ("a",)), "at least two"),
        (
            lambda: Group("g", "", (Point("a", "", {"x": 1}),), (Cross("c", "", ("a", "b")),)),
            "no point",
        ),
    ],
)
def test_a_wrong_declaration_is_refused(make, message: str) -> None:
    with pytest.raises(CoverageError, match=message):
        make()


def test_a_value_without_a_bin_is_refused() -> None:
    coverage = EieCoverage(config())
    with pytest.raises(CoverageError, match="value 77 is in no bin"):
        coverage.collector.sample("eie_build", act_width=77)
    with pytest.raises(CoverageError, match="no points"):
        coverage.collector.sample("eie_build", nonsense=1)


def test_golden_results_are_those_of_the_rebuilt_device() -> None:
    """The decoder of packets is right: its sums are the golden ones, over seams and files."""
    from models.fixed import requant
    from models.golden import golden
    from tb.eie.coverage_state import Device, Seen

    build = config(act_regs=2, act_depth=2, balance=True)
    full = layer(sparse(19, 21, 0.4), bias=list(range(19)), shift=2)
    device, sums = Device(build.parameters()), []
    for seen in run(full, build):
        work = device.apply(Seen(seen))
        if seen.out is not None:
            sums.append(requant(work.acc, 2, 16, True))
    from models.eie import compile, unpack
    from models.eie.packets import pack_lanes

    found = unpack(compile(full, build), [pack_lanes(values, 16) for values in sums])
    assert np.array_equal(found[0], golden(full))
    assert observed(compile(full, build), [golden(full)], 16)[0].state.done
