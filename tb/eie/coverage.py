"""Functional coverage of EIE and its compressed sparse column format.

What is counted was seen on the pins: register writes, packets taken, results, counters and states
read back. ``coverage_state`` rebuilds from them which entries a pass walked over.

How terms are read:

- only columns with a non-zero input count in the groups of slices, padding and runs: the others
  are never read;
- *all PEs on one queue*: one PE has all the work of a pass, the other queues stay empty;
- *input seam*: a pass that continues on the accumulators of the one before (ACC_KEEP); *output
  seam*: other weights on the same inputs; *both*: an output seam behind an input seam;
- *chain*: passes in a row that take the outputs of the one before from the source file, counted
  in layers;
- zero runs are counted before a real entry, within its slice, relative to the largest run ``M``
  that an index can hold (15 for IdxWidth 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.eie import DESIGN, EieConfig
from models.eie.packets import Cfg, Kind, Mode, unpack_lanes, weight_sections
from models.fixed import limits as range_of
from models.fixed import requant
from tb.common.coverage.functional import Cross, Group, Point, labels
from tb.common.coverage.geometry import geometry_group
from tb.common.coverage.socket import (
    END,
    OUTPUT,
    RELU,
    START,
    WEIGHT_SOURCE,
    SocketCoverage,
    error_group,
    pass_options,
    stalls_group,
)
from tb.common.uvm.items import ObservedPass
from tb.eie.coverage_state import Device, Seen, Work

_OFF_ON = labels("off", "on")
_COUNT_MAX = (1 << 31) - 1
_ENTRIES = 8  # entries in a row of the published machine; positions are told apart for these builds
ERRORS = {name.lower(): code for name, code in DESIGN.error_codes.items()}
_EDGE = labels("lowest", "between", "highest")

BUILD = Group(
    "eie_build",
    "parameters of the builds that ran a layer",
    (
        Point(
            "num_pe",
            "processing elements",
            {"1": 1, "2": 2, "4": 4, "8-32": (8, 32), "64": 64, "128-256": (128, 256)},
            {"128-256": "a build with coverage of this size takes minutes; sizes up to 64 run"},
        ),
        Point("act_width", "activation bits", {"8": 8, "16": 16}),
        Point("idx_width", "index bits", {"1-3": (1, 3), "4": 4, "5-8": (5, 8)}),
        Point("code_width", "codebook index bits", {"1-3": (1, 3), "4": 4, "5-8": (5, 8)}),
        Point(
            "row_entries", "entries in an SRAM row", {"2-4": (2, 4), "8": 8, "16+": (16, 1 << 15)}
        ),
        Point("queue_depth", "queue entries", {"1": 1, "2-7": (2, 7), "8": 8, "9+": (9, 1 << 16)}),
    ),
)

_DENSITY = labels("zero", "one", "le_5", "le_15", "le_50", "lt_100", "full")
_INPUTS = labels("zero", "one", "le_15", "le_50", "lt_100", "full")
_KIND = labels("zero", "sparse", "dense", "full")
_LENGTH = labels("one", "partial", "whole", "whole_and_partial")

PASS = Group(
    "eie_pass",
    "geometry, data and options of a compute pass",
    (
        Point("weights", "density of the weights in percent; one: a single non-zero", _DENSITY),
        Point("inputs", "density of the inputs in percent; one: a single non-zero", _INPUTS),
        Point("weights_kind", "the same in four steps: sparse to 50 %", _KIND),
        Point("inputs_kind", "the same in four steps: sparse to 50 %", _KIND),
        Point("in_len", "inputs against the PEs: groups of NumPe that are whole", _LENGTH),
        Point("out_len", "outputs against the PEs: groups of NumPe that are whole", _LENGTH),
        Point("skip_empty", "MODE option", _OFF_ON),
        Point("fuse_pad", "MODE option", _OFF_ON),
        RELU,
        START,
        WEIGHT_SOURCE,
        Point("input_source", "inputs of the pass", labels("loaded", "resident", "file")),
        OUTPUT,
        Point("ptr_base", "PTR_BASE", labels("zero", "higher")),
        Point("bias_base", "BIAS_BASE, of passes with bias", labels("zero", "higher")),
        Point("codebook", "codebook used, of those that the build holds", _EDGE),
        Point("shift", "SHIFT", {"0": 0, "1-7": (1, 7), "8-15": (8, 15), "16+": (16, 47)}),
    ),
    (
        Cross("density", "weights against inputs", ("weights_kind", "inputs_kind")),
        Cross("options", "gains over the published machine", ("skip_empty", "fuse_pad")),
        Cross("lengths", "inputs against outputs", ("in_len", "out_len")),
        Cross("sources", "what was loaded", ("weight_source", "input_source")),
    ),
)

_AT = labels(*(f"e{entry}" for entry in range(_ENTRIES)))

SLICE = Group(
    "eie_slice",
    "column slices of the PEs: entries, and where they lie in SRAM rows",
    (
        Point(
            "load", "entries against a row", labels("none", "lt_row", "row", "lt_2row", "ge_2row")
        ),
        Point("first", "position of the first entry in its row of 8", _AT),
        Point("last", "position of the last entry in its row of 8", _AT),
        Point("border", "the slice goes on in the next row", labels("inside", "crosses")),
    ),
    (
        Cross("first_border", "row-border crossing from each position", ("first", "border")),
        Cross("last_border", "end of a crossing slice at each position", ("last", "border")),
    ),
)

EMPTY = Group(
    "eie_empty",
    "columns with a non-zero input that are empty in all PEs, and empty slices",
    (
        Point(
            "column",
            "which column is empty",
            labels("none", "first", "inner", "last", "successive", "all"),
        ),
        Point(
            "slice_run",
            "empty slices in succession in a PE",
            {"0": 0, "1": 1, "2-3": (2, 3), "4+": (4, _COUNT_MAX)},
        ),
        Point("skip_empty", "MODE option", _OFF_ON),
    ),
    (
        Cross("column_skip", "empty columns with and without skipping", ("column", "skip_empty")),
        Cross("run_skip", "empty slices with and without skipping", ("slice_run", "skip_empty")),
    ),
)

PADDING = Group(
    "eie_padding",
    "padding entries: place in slice and row, neighbours",
    (
        Point("order", "place in the slice", labels("first", "inner")),
        Point("next", "entry behind it", labels("real", "padding")),
        Point("place", "place in the SRAM row", labels("row_first", "row_inner", "row_last")),
        Point(
            "neighbour",
            "real entry of the same slice in the same row",
            labels("follows", "precedes", "none"),
        ),
        Point("fuse_pad", "MODE option", _OFF_ON),
    ),
    (
        Cross("order_place", "first of its slice, over the row", ("order", "place")),
        Cross(
            "next_place",
            "last before the real entry at a row border; two paddings astride a border",
            ("next", "place"),
        ),
        Cross("fusing", "every case of fusing, on and off", ("neighbour", "fuse_pad")),
    ),
)

RUN = Group(
    "eie_run",
    "zeros before a real entry; M is the longest run without padding",
    (
        Point(
            "zeros",
            "length of the run",
            labels("0", "lt_m", "m", "m+1", "le_2m", "2m+1", "2m+2", "gt_2m+2"),
        ),
        Point(
            "order",
            "before the first real entry of the slice, or a later one",
            labels("first", "later"),
        ),
    ),
    (Cross("zeros_order", "each run at the top and inside", ("zeros", "order")),),
)

_SOME: dict[str, Any] = {"none": 0, "some": (1, _COUNT_MAX)}

FLOW = Group(
    "eie_flow",
    "queues, bypass and stalls of a compute pass",
    (
        Point("queue_full", "cycles a full queue held the broadcast", _SOME),
        Point(
            "queue_empty",
            "slots in which a PE had no work; the first ones of a pass always",
            labels("lt_quarter", "more"),
        ),
        Point("bypass", "updates that took the accumulator from the bypass", _SOME),
        Point("padding", "slots spent on padding and zero weights", _SOME),
        Point("empty", "slots spent on empty slices", _SOME),
        Point("output_held", "cycles the receiver held the result", _SOME),
        Point(
            "balance", "largest load of a PE against the mean", labels("even", "uneven", "one_pe")
        ),
        Point("skip_empty", "MODE option", _OFF_ON),
        Point("fuse_pad", "MODE option", _OFF_ON),
    ),
    (
        Cross(
            "full_empty", "full queue and waiting PEs in one pass", ("queue_full", "queue_empty")
        ),
        Cross("one_full", "all PEs on one queue, and it is full", ("balance", "queue_full")),
        Cross("padding_fuse", "padding slots with and without fusing", ("padding", "fuse_pad")),
        Cross(
            "empty_skip",
            "empty slots with and without skipping",
            ("empty", "skip_empty"),
            {("some", "on"): "with SKIP_EMPTY an empty slice takes no slot, none is counted"},
        ),
    ),
)

_SIGN = labels("lowest", "between", "highest")

VALUE = Group(
    "eie_value",
    "accumulators and results at the end of a pass",
    (
        Point("acc", "accumulator", labels("lowest", "negative", "zero", "positive", "highest")),
        Point(
            "result",
            "result against the activation's range",
            labels(
                "saturated_low",
                "lowest",
                "negative",
                "cut_by_relu",
                "zero",
                "positive",
                "highest",
                "saturated_high",
            ),
        ),
        Point(
            "rounding",
            "what the shift cut off, against one half",
            labels("no_shift", "exact", "below", "tie_negative", "tie_positive", "above"),
        ),
    ),
)

PRODUCT = Group(
    "eie_product",
    "operands of the multiplier at the ends of their ranges",
    (Point("act", "activation", _SIGN), Point("weight", "decoded weight", _SIGN)),
    (Cross("both", "all ends against each other", ("act", "weight")),),
)

SEQUENCE = Group(
    "eie_sequence",
    "passes in a row",
    (
        Point("seam", "segmentation", labels("none", "input", "output", "both")),
        Point(
            "kept",
            "passes summed into the same accumulators",
            {"1": 1, "2": 2, "3+": (3, _COUNT_MAX)},
        ),
        Point(
            "chain",
            "layers chained by the source file",
            {"1": 1, "2": 2, "3": 3, "4+": (4, _COUNT_MAX)},
        ),
        END,
        Point(
            "after",
            "a good pass, and how the one before ended",
            {"start": 0, "done": 1, "reset": 2}
            | {f"err_{name}": code + 100 for name, code in ERRORS.items()},
        ),
    ),
)

PACKET = Group(
    "eie_packet",
    "sections of weight packets",
    (
        Point("sections", "sections in the packet", {"0": 0, "1": 1, "2+": (2, _COUNT_MAX)}),
        Point("kind", "kind of a section", {kind.name.lower(): int(kind) for kind in Kind}),
        Point("count", "items in a section", labels("none", "even", "odd")),
    ),
    (
        Cross(
            "kind_count",
            "each kind with odd, even and no items",
            ("kind", "count"),
            {("codebook", "[no]*"): "a codebook has exactly 2^CodeWidth weights"},
        ),
    ),
)

COVERAGE = (
    BUILD,
    PASS,
    SLICE,
    EMPTY,
    PADDING,
    RUN,
    FLOW,
    stalls_group("eie"),
    VALUE,
    PRODUCT,
    SEQUENCE,
    error_group("eie", DESIGN),
    geometry_group("eie", DESIGN),
    PACKET,
)


class EieCoverage(SocketCoverage):
    """Coverage of ``lac_eie``; rebuilds from the packets what the memories hold."""

    prefix = "eie"
    groups = COVERAGE

    def __init__(self, config: EieConfig, *args: Any, **options: Any) -> None:
        super().__init__(config, *args, **options)
        self.parameters = config.parameters()
        self.device = Device(self.parameters)
        self._history = _History()
        self._seen: Seen
        self._work: Work | None = None  # of the pass that is sampled

    def started(self, observed: ObservedPass) -> None:
        self._seen = Seen(observed)
        self._work = self.device.apply(self._seen)

    def sequence(self, observed: ObservedPass, end: str) -> dict[str, Any]:
        return self._history.step(self._seen, self._work)

    def passed(self, observed: ObservedPass) -> None:
        seen, work, parameters = self._seen, self._work, self.parameters
        if seen.mode(Mode.LOAD_WGT) and observed.wgt is not None:
            self._packet(observed.wgt)
        if not seen.mode(Mode.COMPUTE):
            return
        config = self.config
        names = ("num_pe", "act_width", "idx_width", "code_width", "queue_depth")
        build = {name: getattr(config, name) for name in names}
        self.sample("build", **build, row_entries=self.device.entries_per_row)
        self.sample("pass", **_options(seen, parameters), **_data(seen, work, parameters))
        self._flow(seen, work)
        if work is not None:
            self._entries(seen, work)

    def _packet(self, words: NDArray[np.uint64]) -> None:
        sections = list(weight_sections(words, self.parameters["SpmatWidth"]))
        self.sample("packet", sections=len(sections))
        if sections:
            self.sample(
                "packet",
                kind=[int(section.kind) for section in sections],
                count=[
                    ("odd" if section.count % 2 else "even") if section.count else "none"
                    for section in sections
                ],
            )

    def _flow(self, seen: Seen, work: Work | None) -> None:
        counters = seen.observed.counters
        names = {
            "queue_full": "stall_queue_full",
            "bypass": "bypass_hits",
            "padding": "slot_padding",
            "empty": "slot_empty",
            "output_held": "stall_output",
        }
        values = {
            point: min(counters[name], _COUNT_MAX) if name in counters else None
            for point, name in names.items()
        }
        if not seen.mode(Mode.OUTPUT):
            values["output_held"] = None
        if counters.get("mac_slots"):
            values["queue_empty"] = int(counters["stall_input"] * 4 >= counters["mac_slots"])
        self.sample(
            "flow",
            **values,
            balance=None if work is None else _balance(work),
            skip_empty=int(seen.mode(Mode.SKIP_EMPTY)),
            fuse_pad=int(seen.mode(Mode.FUSE_PAD)),
        )

    def _entries(self, seen: Seen, work: Work) -> None:
        sample = self.sample
        per_row = self.device.entries_per_row
        sample("slice", **_slices(work, per_row))
        for column in _empty_columns(work):
            sample(
                "empty",
                column=column,
                slice_run=_empty_runs(work),
                skip_empty=int(seen.mode(Mode.SKIP_EMPTY)),
            )
        sample("padding", **_padding(work, per_row), fuse_pad=int(seen.mode(Mode.FUSE_PAD)))
        sample("run", **_runs(work, self.parameters["IdxWidth"]))
        sample("product", **_products(work, self.parameters))
        if work.acc is not None:
            sample("value", **_values(seen, work, self.parameters))


class _History:
    """What a pass is to the passes before it."""

    def __init__(self) -> None:
        self._end = 0
        self._depth = 0  # layers behind the source file
        self._now = 0  # layers behind the destination file
        self._kept = 0
        self._first: tuple | None = None  # inputs and weights of the first pass of the sum

    def step(self, seen: Seen, work: Work | None) -> dict[str, Any]:
        """The points of ``eie_sequence`` for this pass; remembers it."""
        after = self._end
        if seen.code or seen.cut:
            self._end = 2 if seen.cut else 100 + int(seen.code)
            self._depth = self._now = self._kept = 0
            self._first = None
            return {"end": "reset" if seen.cut else "error"}
        self._end = 1
        result: dict[str, Any] = {"end": "done", "after": after}
        if seen.mode(Mode.COMPUTE):
            result |= self._compute(seen, work)
        if seen.mode(Mode.SWAP):
            self._depth, self._now = self._now, self._depth
        return result

    def _compute(self, seen: Seen, work: Work | None) -> dict[str, Any]:
        self._now = self._depth + 1 if seen.mode(Mode.SRC_FILE) else 1
        keep = seen.mode(Mode.ACC_KEEP)
        seam = "input" if keep else "none"
        if not keep and work is not None:
            first = (work.acts.tobytes(), seen.reg(Cfg.PTR_BASE), seen.mode(Mode.LOAD_WGT))
            if self._first is not None and first[0] == self._first[0]:
                other = first[1] != self._first[1] or first[2]
                seam = ("both" if self._kept > 1 else "output") if other else "none"
            self._first = first
        self._kept = self._kept + 1 if keep else 1
        return {"seam": seam, "kept": self._kept, "chain": self._now}


def _options(seen: Seen, config: Mapping[str, int]) -> dict[str, Any]:
    """Points of ``eie_pass`` that the registers decide."""
    last = config["NumCodebooks"] - 1
    book = seen.reg(Cfg.CODEBOOK)
    bias = seen.mode(Mode.BIAS)
    options = pass_options(seen.reg(Cfg.MODE), Mode)
    if seen.mode(Mode.SRC_FILE):
        options["input_source"] = "file"
    return options | {
        "in_len": _length(seen.reg(Cfg.IN_LEN), config["NumPe"]),
        "out_len": _length(seen.reg(Cfg.OUT_LEN), config["NumPe"]),
        "skip_empty": int(seen.mode(Mode.SKIP_EMPTY)),
        "fuse_pad": int(seen.mode(Mode.FUSE_PAD)),
        "ptr_base": "higher" if seen.reg(Cfg.PTR_BASE) else "zero",
        "bias_base": ("higher" if seen.reg(Cfg.BIAS_BASE) else "zero") if bias else None,
        "codebook": "lowest" if not book else "highest" if book == last else "between",
        "shift": seen.reg(Cfg.SHIFT),
    }


def _data(seen: Seen, work: Work | None, config: Mapping[str, int]) -> dict[str, Any]:
    """Densities; absent when the pass cannot be read."""
    if work is None:
        return {}
    weights = int(np.count_nonzero(work.entries.code)), work.acts.size * work.rows
    inputs = int(np.count_nonzero(work.acts)), work.acts.size
    return {
        "weights": _density(*weights, (5, 15, 50)),
        "inputs": _density(*inputs, (15, 50)),
        "weights_kind": _kind(*weights),
        "inputs_kind": _kind(*inputs),
    }


def _density(nonzero: int, size: int, limits: tuple[int, ...]) -> str:
    if nonzero in (0, 1, size):
        return "zero" if not nonzero else "full" if nonzero == size else "one"
    for limit in limits:
        if nonzero * 100 <= limit * size:
            return f"le_{limit}"
    return "lt_100"


def _kind(nonzero: int, size: int) -> str:
    if nonzero in (0, size):
        return "full" if nonzero else "zero"
    return "sparse" if nonzero * 2 <= size else "dense"


def _length(length: int, num_pe: int) -> str:
    whole, rest = divmod(length, num_pe)
    if length == 1:
        return "one"
    return ("whole_and_partial" if rest else "whole") if whole else "partial"


def _balance(work: Work) -> str | None:
    """Work of the PEs on columns that are read; no case when there is only one PE or no work."""
    loads = work.loads[:, work.active].sum(axis=1)
    if loads.size == 1 or not loads.any():
        return None
    if np.count_nonzero(loads) == 1:
        return "one_pe"
    return "even" if loads.max() * 4 <= loads.mean() * 5 else "uneven"


def _slices(work: Work, per_row: int) -> dict[str, Any]:
    """Load and place of each slice that is read."""
    begin = work.pointers[:, :-1][:, work.active].ravel()
    loads = work.loads[:, work.active].ravel()
    filled = loads > 0
    end = begin + np.maximum(loads, 1) - 1
    load = np.select(
        [loads == 0, loads < per_row, loads == per_row, loads < 2 * per_row], [0, 1, 2, 3], 4
    )
    border = np.where(filled, (begin // per_row != end // per_row).astype(int), None)
    place: dict[str, Any] = {"load": load, "border": border}
    absent: Any = None
    if per_row == _ENTRIES:
        place["first"] = np.where(filled, begin % per_row, absent)
        place["last"] = np.where(filled, end % per_row, absent)
    return place


def _empty_columns(work: Work) -> list[str]:
    """Cases of empty columns of a pass: those whose broadcast reaches no work at all."""
    active = np.flatnonzero(work.active)
    loaded: NDArray[np.bool_] = np.asarray(work.loads.any(axis=0))
    empty = ~loaded[active]
    if not empty.any():
        return ["none"]
    if empty.all():
        return ["all"]
    cases = []
    if empty[0] and active[0] == 0:
        cases.append("first")
    if empty[-1] and active[-1] == work.acts.size - 1:
        cases.append("last")
    if empty[1:-1].any():
        cases.append("inner")
    if (empty[1:] & empty[:-1]).any():
        cases.append("successive")
    return cases or ["inner"]


def _empty_runs(work: Work) -> NDArray[np.int64]:
    """Lengths of runs of empty slices, over the PEs, in the order of the broadcast."""
    empty = work.loads[:, work.active] == 0
    edges = np.diff(np.pad(empty, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    lengths = np.argwhere(edges == -1)[:, 1] - np.argwhere(edges == 1)[:, 1]
    return np.append(np.unique(lengths), 0) if not empty.all() else np.unique(lengths)


def _padding(work: Work, per_row: int) -> dict[str, Any]:
    """Each padding entry that is read: where it lies, and what lies beside it."""
    entries = work.entries.only(work.active[work.entries.column])
    pad = entries.code == 0
    none = np.zeros(0, dtype=np.int64)
    if not pad.any():
        return dict.fromkeys(("order", "next", "place", "neighbour"), none)
    slices = entries.pe * work.acts.size + entries.column
    opens = np.append(True, np.diff(slices) != 0)
    follower_pads = np.append(pad[1:], False)  # the format ends no slice with padding
    # A segment is the part of a slice within one SRAM row.
    row = entries.position // per_row
    segment = np.cumsum(opens | np.append(True, np.diff(row) != 0)) - 1
    index = np.arange(pad.size)
    first_real = np.full(segment[-1] + 1, pad.size)
    last_real = np.full(segment[-1] + 1, -1)
    np.minimum.at(first_real, segment[~pad], index[~pad])
    np.maximum.at(last_real, segment[~pad], index[~pad])
    entry = entries.position % per_row
    return {
        "order": np.where(opens, 0, 1)[pad],
        "next": follower_pads.astype(int)[pad],
        "place": np.select([entry == 0, entry == per_row - 1], [0, 2], 1)[pad],
        "neighbour": np.select(
            [last_real[segment] > index, first_real[segment] < index], [0, 1], 2
        )[pad],
    }


def _runs(work: Work, idx_width: int) -> dict[str, Any]:
    """Zeros before each real entry that is read."""
    chosen = work.active[work.entries.column] & (work.entries.code != 0)
    real = work.entries.only(chosen)
    if not real.code.size:
        return {"zeros": real.code, "order": real.code}
    slices = real.pe * work.acts.size + real.column
    top = np.append(True, np.diff(slices) != 0)
    zeros = np.where(top, real.row, real.row - np.append(0, real.row[:-1]) - 1)
    most = (1 << idx_width) - 1
    kind = np.select(
        [
            zeros == 0,
            zeros < most,
            zeros == most,
            zeros == most + 1,
            zeros <= 2 * most,
            zeros == 2 * most + 1,
            zeros == 2 * most + 2,
        ],
        range(7),
        7,
    )
    return {"zeros": kind, "order": np.where(top, 0, 1)}


def _products(work: Work, config: Mapping[str, int]) -> dict[str, Any]:
    """Operands of each multiply, as ends of their ranges or not."""
    chosen = work.active[work.entries.column] & (work.entries.code != 0)
    real = work.entries.only(chosen)

    def ends(values: NDArray[np.int64], width: int) -> NDArray[np.int64]:
        low, high = range_of(width)
        return np.select([values == low, values == high], [0, 2], 1)

    return {
        "act": ends(work.acts[real.column], config["ActWidth"]),
        "weight": ends(real.weight, config["WgtWidth"]),
    }


def _values(seen: Seen, work: Work, config: Mapping[str, int]) -> dict[str, Any]:
    """Accumulators; results and rounding where the pass streamed them."""
    acc: Any = work.acc
    shift = seen.reg(Cfg.SHIFT)
    low, high = range_of(config["AccWidth"])
    result: dict[str, Any] = {
        "acc": np.select([acc == low, acc < 0, acc == 0, acc < high], range(4), 4)
    }
    packet = seen.observed.out
    if packet is None or not seen.mode(Mode.OUTPUT):
        return result
    out = unpack_lanes(packet, config["ActWidth"])[: acc.size]
    if out.size != acc.size:
        return result
    low, high = range_of(config["ActWidth"])
    exact = requant(acc, shift, width=60)
    result["result"] = np.select(
        [
            (out == low) & (exact < low),
            out == low,
            out < 0,
            (out == 0) & (exact < 0),
            out == 0,
            out < high,
            exact == high,
        ],
        range(7),
        7,
    )
    cut, half = np.abs(acc) & ((1 << shift) - 1), (1 << shift) >> 1
    result["rounding"] = np.select(
        [
            np.full(acc.shape, shift == 0),
            cut == 0,
            cut < half,
            (cut == half) & (acc < 0),
            cut == half,
        ],
        range(5),
        5,
    )
    return result
