"""Records of measured layers: what ``results.json`` and ``bench.json`` hold, and their checks.

One record is one layer on one design, summed over its samples and passes. What a counter says has
the counter's name (``models/socket.py``): ``cycles_compute`` are the cycles that papers count
(weights and activations already in the accelerator, results not yet streamed), ``cycles`` all of
them; ``memory`` has a class per prefix of two counters.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models import registry
from models.design import SLOT_COUNTERS, Account
from models.energy import EnergyTable, energy
from models.memories import CLASSES, Memory, moved
from models.program import PassCycles
from tb.common.sim.builds import write_whole

CLOCK_MHZ = 800  # EIE's clock, for the microseconds printed; the RTL itself has no clock rate

#: counters in ``stalls``; output and queue_full are cycles, the others slots
STALLS = ("stall_input", "stall_output", "stall_queue_full", "stall_sync", "stall_bank")
#: class of memory (``models/memories.py``) -> what tables call it
MEMORY_LABELS = {
    "wgt": "weight",
    "idx": "index",
    "act": "activation",
    "psum": "partial sum",
}

#: a counter that reached this stays there (``models/socket.py``)
SATURATED = (1 << 32) - 1

#: Of ``results.json`` and ``bench.json``. 2: fields are called like the counters.
VERSION = 2
_NUMBER = (int, float)
#: key -> types; every record has them
SCHEMA: dict[str, type | tuple[type, ...]] = {
    "design": str,
    "config": dict,
    "workload": str,
    "layer": str,
    "shape": list,
    "weight_density": _NUMBER,
    "activation_density": _NUMBER,
    "bit_exact": bool,
    "compared": int,
    "cycles_compute": int,
    "cycles_model": int,
    "mac_useful": int,
    "mac_slots": int,
    "stalls": dict,
    "memory": dict,
    "bits_moved": dict,
    "energy_pj": dict,
    "stream_words": dict,
    "simulator": str,
    "sim_seconds": _NUMBER,
    "sim_cycles_per_second": _NUMBER,
}
BENCH_SCHEMA: dict[str, type | tuple[type, ...]] = {
    **SCHEMA,
    "variant": str,
    "seed": int,
    "baseline": str,
    "baseline_cycles": _NUMBER,
    "ratio": _NUMBER,
    "paper_ratio": _NUMBER,
}


class RecordError(ValueError):
    """A record that cannot be true or does not have the promised form."""


@dataclass
class LayerRun:
    """One layer as it ran.

    counters: sum over the passes of the layer; counter_errors: where they are not those of the
    cycle model, see ``disagreements``; causes: of slots, by account, see ``Design.causes``;
    cycles_model: compute cycles of the cycle model; busy_per_pe: busy slots of each PE, summed;
    balance: (sum of busy slots, num_pe * sum over passes of the busiest PE's slots);
    stream_words: 64-bit words on each stream; memories: of the build;
    energies: what operations and accesses cost; slots_per_pe: of the cycle model, by account.
    """

    design: str
    config: dict[str, Any]
    workload: str
    layer: str
    shape: list[int]
    weight_density: float
    activation_density: float
    samples: int
    passes: int
    compared: int
    different: int
    first_difference: str
    counters: dict[str, int]
    counter_errors: list[str]
    causes: dict[str, dict[str, int]]
    cycles_model: int
    busy_per_pe: list[int]
    balance: tuple[int, int]
    simulator: str
    sim_seconds: float
    sim_cycles_per_second: float
    stream_words: dict[str, int]
    memories: Mapping[str, Memory]
    energies: EnergyTable
    slots_per_pe: dict[str, list[int]] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def energy(self) -> dict[str, float]:
        """Estimate in pJ by cause, see ``models/energy.py``; streams count as DRAM."""
        # Operands of a design that has them in one width only: 16 bits.
        widths = tuple(self.config.get(f"{name}_width", 16) for name in ("act", "wgt", "acc"))
        executed = self.counters["mac_useful"] + self.counters["slot_padding"]
        bits = 64 * sum(self.stream_words.values())
        parts = energy(self.counters, self.memories, widths, executed, bits, self.energies)
        return {name: round(value, 1) for name, value in parts.items()}

    def record(self) -> dict[str, Any]:
        """The JSON record, checked."""
        count = self.counters
        data = {
            "design": self.design,
            "config": self.config,
            "workload": self.workload,
            "layer": self.layer,
            "shape": self.shape,
            "weight_density": round(self.weight_density, 6),
            "activation_density": round(self.activation_density, 6),
            "bit_exact": self.different == 0 and self.compared > 0,
            "compared": self.compared,
            "cycles_compute": count["cycles_compute"],
            "cycles_model": self.cycles_model,
            "mac_useful": count["mac_useful"],
            "mac_slots": count["mac_slots"],
            "stalls": {name: count[name] for name in STALLS},
            "memory": {
                name: {"reads": count[f"{name}_reads"], "writes": count[f"{name}_writes"]}
                for name in CLASSES
            },
            "simulator": self.simulator,
            "sim_seconds": round(self.sim_seconds, 4),
            "sim_cycles_per_second": round(self.sim_cycles_per_second, 1),
            "samples": self.samples,
            "passes": self.passes,
            "different": self.different,
            "cycles_load": count["cycles_wgt"] + count["cycles_act"],
            "cycles_output": count["cycles_output"],
            "cycles": count["cycles"],
            "slots": slots(count),
            "broadcasts": count["broadcasts"],
            "bypass_hits": count["bypass_hits"],
            "load_balance": load_balance(self.balance),
            "busy_per_pe": self.busy_per_pe,
            "stream_words": self.stream_words,
            "bits_moved": moved(count, self.memories),
            "energy_pj": self.energy(),
            "energy_table": self.energies.label,
            "counter_errors": self.counter_errors,
            **self.extra,
        }
        if self.causes:
            data["causes"] = self.causes
        if self.slots_per_pe:
            data["slots_per_pe"] = self.slots_per_pe
        check_record(data)
        return data


def disagreements(
    measured: Sequence[Mapping[str, int]], predicted: Sequence[PassCycles]
) -> list[str]:
    """Counters of the passes of a layer that are not what the cycle model predicts, a line each.

    Everything is compared that the model predicts. No model predicts what depends on who feeds and
    empties the streams (cycles, cycles_wgt, cycles_act, cycles_output, stall_output).
    """
    wrong: dict[str, list[tuple[int, int, int]]] = {}
    for index, (count, model) in enumerate(zip(measured, predicted, strict=True)):
        expected = dict(model.counters)
        if count["cycles_compute"] != model.compute:
            expected["cycles_compute"] = model.compute
        for name, value in expected.items():
            value = min(int(value), SATURATED)
            if count[name] != value:
                wrong.setdefault(name, []).append((index + 1, int(count[name]), value))
    lines = []
    for name, found in wrong.items():
        at, rtl, expect = found[0]
        more = f"; so do {len(found) - 1} more" if len(found) > 1 else ""
        where = f"pass {at} of {len(measured)} differs{more}"
        lines.append(f"{name} is {rtl} in RTL, {expect} in the cycle model ({where})")
    return lines


def slots(count: Mapping[str, int]) -> dict[str, int]:
    """Multiplier slots by what happened in them; ``idle`` is what no counter explains.

    Raises RecordError when the classes add up to more than there are slots.
    """
    parts = {account: count[name] for account, name in SLOT_COUNTERS.items()}
    idle = count["mac_slots"] - sum(parts.values())
    if idle < 0:
        raise RecordError(f"slots: {parts} add up to more than the {count['mac_slots']} slots")
    return {**parts, "idle": idle}


def accounts(record: Mapping[str, Any]) -> dict[str, int]:
    """Slots by account as they are shown: ``slots``, those apart whose causes are known."""
    found: dict[str, int] = {}
    for name, count in record["slots"].items():
        parts = record.get("causes", {}).get(name)
        found |= {f"{name}_{cause}": n for cause, n in parts.items()} if parts else {name: count}
    return found


def shown_accounts(records: Sequence[Mapping[str, Any]]) -> list[Account]:
    """The accounts of the designs of some records, in their order, and any other that has slots."""
    designs = [registry.design(name) for name in dict.fromkeys(one["design"] for one in records)]
    made = {one.name: one for design in designs for one in design.accounts}
    for record in records:
        for name, count in accounts(record).items():
            if count and name not in made:
                made[name] = registry.design(record["design"]).account(name)
    return list(made.values())


def load_balance(balance: tuple[int, int]) -> float:
    """Work of all PEs over what it would be if all had the work of the busiest, pass by pass."""
    work, bound = balance
    return round(work / bound, 6) if bound else 1.0


def utilisation(record: Mapping[str, Any]) -> float:
    """Useful multiplies per multiplier slot; raises RecordError above 100 %."""
    useful, total = record["mac_useful"], record["mac_slots"]
    if useful > total or useful < 0:
        raise RecordError(
            f"{record['workload']} {record['layer']}: utilisation above 100 %: "
            f"{useful} useful multiplies in {total} slots"
        )
    return useful / total if total else 0.0


def efficiency(record: Mapping[str, Any]) -> float:
    """1 - idle slots / slots, padding counted as work: the measure of EIE's figures 8 and 13."""
    utilisation(record)
    total = record["mac_slots"]
    work = record["slots"]["useful"] + record["slots"]["padding"]
    if work > total:
        raise RecordError(f"{record['layer']}: {work} slots worked of {total}")
    return work / total if total else 0.0


def deviation(record: Mapping[str, Any]) -> float:
    """(cycle model - RTL) / RTL, compute cycles."""
    if not record["cycles_compute"]:
        return 0.0 if not record["cycles_model"] else math.inf
    return record["cycles_model"] / record["cycles_compute"] - 1


def bound(record: Mapping[str, Any]) -> int:
    """Cycles no machine of this kind can beat: one broadcast per cycle, one multiply per PE."""
    multipliers = record["mac_slots"] // max(record["cycles_compute"], 1)
    work = -(-record["mac_useful"] // max(multipliers, 1))
    return max(work, record["broadcasts"])


def microseconds(cycles: float, clock_mhz: float = CLOCK_MHZ) -> float:
    """Time of ``cycles`` at ``clock_mhz``."""
    return cycles / clock_mhz


def weight_bits(record: Mapping[str, Any]) -> int:
    """Bits read of weights and of what says where they are."""
    return sum(record["bits_moved"].get(name, {"reads": 0})["reads"] for name in ("wgt", "idx"))


def geomean(values: Iterable[float]) -> float:
    """Geometric mean; raises ValueError on none or on values that are not positive."""
    array = np.array(list(values), dtype=np.float64)
    if not array.size or (array <= 0).any():
        raise ValueError(f"geometric mean of {array.tolist()}: need positive numbers")
    return float(np.exp(np.log(array).mean()))


def check_record(record: Mapping[str, Any], schema: Mapping[str, Any] = SCHEMA) -> None:
    """Raise RecordError when a record misses a key, has a wrong type, or cannot be true."""
    name = f"record of {record.get('workload')} {record.get('layer')}"
    for key, kinds in schema.items():
        if key not in record:
            raise RecordError(f"{name}: key {key!r} is missing")
        value = record[key]
        kinds = kinds if isinstance(kinds, tuple) else (kinds,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise RecordError(f"{name}: {key} is {value!r}, need {kinds[0].__name__}")
        if isinstance(value, float) and not math.isfinite(value):
            raise RecordError(f"{name}: {key} is {value}")
    for cause, picojoules in record["energy_pj"].items():
        if not isinstance(picojoules, _NUMBER) or not math.isfinite(picojoules):
            raise RecordError(f"{name}: energy of {cause} is {picojoules}")
    for account, parts in record.get("causes", {}).items():
        count = record["slots"][account]
        if not record["counter_errors"] and sum(parts.values()) != count:
            raise RecordError(f"{name}: {parts} do not add up to {count} slots of {account}")
    for account, each in record.get("slots_per_pe", {}).items():
        count = record["slots"][account]
        if not record["counter_errors"] and sum(each) != count:
            raise RecordError(f"{name}: PEs have {sum(each)} of {count} slots of {account}")
    for memory, access in record["memory"].items():
        if set(access) != {"reads", "writes"}:
            raise RecordError(f"{name}: memory {memory} has {sorted(access)}")
    if record["bit_exact"] and not record["compared"]:
        raise RecordError(f"{name}: bit exact, but nothing was compared")
    for key in ("weight_density", "activation_density"):
        if not 0 <= record[key] <= 1:
            raise RecordError(f"{name}: {key} is {record[key]}")
    utilisation(record)


def check_results(data: Mapping[str, Any], schema: Mapping[str, Any] = SCHEMA) -> None:
    """Raise RecordError unless ``data`` is ``{"runs": [records], ...}``."""
    if not isinstance(data, Mapping) or not isinstance(data.get("runs"), list):
        raise RecordError("results: need an object with a list 'runs'")
    if data.get("version") != VERSION:
        found = data.get("version", "none")
        raise RecordError(f"results: version: found {found}, need {VERSION}: run again")
    if not data["runs"]:
        raise RecordError("results: runs is empty")
    counts = [group["count"] for group in data.get("groups", ())]
    if counts and sum(counts) != len(data["runs"]):
        raise RecordError(f"results: groups of {counts} records, there are {len(data['runs'])}")
    for record in data["runs"]:
        check_record(record, schema)


def save_results(path: Path, data: Mapping[str, Any], schema: Mapping[str, Any] = SCHEMA) -> None:
    """Check and write a results file."""
    data = {"version": VERSION, **data}
    check_results(data, schema)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(data, indent=1) + "\n")


def load_results(path: Path, schema: Mapping[str, Any] = SCHEMA) -> dict[str, Any]:
    """Read and check a results file; raises RecordError with its name on anything wrong."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        check_results(data, schema)
    except (OSError, json.JSONDecodeError, RecordError) as error:
        raise RecordError(f"{path}: {error}") from error
    return data


def difference(got: np.ndarray, want: np.ndarray) -> tuple[int, str]:
    """How many elements differ, and the first of them as text ("" when none)."""
    if got.shape != want.shape:
        return max(got.size, want.size), f"shape {got.shape}, golden {want.shape}"
    wrong = np.argwhere(got != want)
    if not len(wrong):
        return 0, ""
    at = tuple(int(i) for i in wrong[0])
    return len(wrong), f"[sample, output, row, column] = {list(at)}: {got[at]}, golden {want[at]}"


def summed(counters: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Counter by counter sum over passes."""
    total: dict[str, int] = {}
    for one in counters:
        for key, value in one.items():
            total[key] = total.get(key, 0) + int(value)
    return total
