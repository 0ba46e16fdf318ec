"""Tables of the networks, for the terminal and for the page; a design's studies are its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from scripts.bench.networks import evaluation
from scripts.bench.networks.evaluation import Data, Record
from scripts.bench.networks.results import ACCOUNTS
from scripts.bench.networks.summary import means
from scripts.granularity.tables import Shown, percent


def two(value: float | None) -> str:
    """Two digits; "" where there is none."""
    return "" if value is None else f"{value:.2f}"


def three(value: float | None) -> str:
    """Three digits; "" where there is none."""
    return "" if value is None else f"{value:.3f}"


def networks(data: Data) -> Shown:
    """Speed-ups of the networks, and their means where they are shown."""
    mine = evaluation.of_data(data)
    several = len(mine.maps) > 1
    mean = means(data["summary"])
    published = any(one["paper"] for one in [*data["summary"], *mean])

    def row(name: str, one: Record, missed: bool, rest: Sequence[str]) -> tuple[str, ...]:
        return (
            name,
            mine.variants[one["variant"]],
            *([one["maps"]] if several else []),
            three(one["speedup"]) + (" missed" if missed else ""),
            two(one["goal"]),
            *([two(one["paper"])] if published else []),
            *rest,
        )

    rows = []
    for one in data["summary"]:
        missed = one["goal"] and one["whole"] and one["speedup"] < one["goal"]
        name = mine.names[one["network"]] + ("" if one["whole"] else " (some layers)")
        rest = [show(one[key]) for _, key, show in mine.columns]
        rest += [percent(one["utilisation"]), f"{one['rtl']} of {one['layers']}"]
        rows.append(row(name, one, missed, rest))
    for one in mean:
        missed = one["goal"] and one["speedup"] < one["goal"]
        rows.append(row("mean", one, missed, [""] * (len(mine.columns) + 2)))
    head = ("network", "variant", *(["maps"] if several else []), f"over {mine.baseline}", "goal",
            *(["paper"] if published else []), *(name for name, *_ in mine.columns),
            "multipliers used, %", "layers from RTL")  # fmt: skip
    return Shown("Speed-up of the networks", data["assumes"], head, tuple(rows), 2 + several)


def layers(data: Data) -> Shown:
    """Every layer: speed-ups by variant and maps."""
    mine = evaluation.of_data(data)
    columns = list(dict.fromkeys((one["variant"], one["maps"]) for one in data["runs"]))
    rows = []
    for network, layer in dict.fromkeys((one["network"], one["layer"]) for one in data["runs"]):
        some = [one for one in data["runs"] if (one["network"], one["layer"]) == (network, layer)]
        found = {(one["variant"], one["maps"]): one for one in some}
        cells = []
        for key in columns:
            one = found.get(key)
            cells.append(
                f"{one['speedup']:.2f}{'' if one['source'] == 'rtl' else '~'}" if one else ""
            )
        remark = [] if mine.remark is None else [mine.remark[1](some)]
        rows.append((f"{mine.names[network]} {layer}", *cells, *remark))
    called = (
        mine.variants[variant] + (f", {maps}" if len(mine.maps) > 1 else "")
        for variant, maps in columns
    )
    head = ("layer", *called, *([] if mine.remark is None else [mine.remark[0]]))
    text = f"Over {mine.baseline}; ~ from the cycle model, the others from RTL. {mine.reading}"
    return Shown("Layers", text.rstrip(), head, tuple(rows))


def slots(design: str, data: Data, accounts: Mapping[str, str], text: str) -> Shown:
    """Where the slots of the multipliers went; ``accounts``: what each of ``ACCOUNTS`` is called.

    Kinds of maps are a column where there are several.
    """
    mine = evaluation.of(design)
    several = len(mine.maps) > 1
    rows = tuple(
        (
            mine.names[one["network"]],
            mine.variants[one["variant"]],
            *([one["maps"]] if several else []),
            three(one["speedup"]),
            *(percent(one[name]) for name in ACCOUNTS),
        )
        for one in data["studies"]["slots"]
    )
    head = ("network", "variant", *(["maps"] if several else []), f"over {mine.baseline}",
            *(accounts[name] for name in ACCOUNTS))  # fmt: skip
    return Shown("Where the slots went", text, head, rows, 2 + several)


def energy(
    design: str, data: Data, causes: Mapping[str, str], means_of: str, text: str, paper: str = ""
) -> Shown:
    """Energy by cause of whole networks, uJ, and means of a variant; ``paper``: what it says of
    the ratio on the chip.
    """
    mine, found = evaluation.of(design), data["studies"]["energy"]
    there = [name for name in causes if any(name in one["energy_pj"] for one in found)]
    rows = [
        (
            mine.names[one["network"]],
            mine.variants[one["variant"]],
            one["maps"],
            *(f"{one['energy_pj'].get(name, 0) / 1e6:,.0f}" for name in there),
            f"{one['chip'] / 1e6:,.0f}",
            two(one["chip_ratio"]),
            two(one["all_ratio"]),
        )
        for one in found
    ]
    empty = [""] * (len(there) + 1)
    for maps in dict.fromkeys(one["maps"] for one in found):
        some = [one for one in found if (one["variant"], one["maps"]) == (means_of, maps)]
        if some:
            ratios = (two(mean(one[key] for one in some)) for key in ("chip_ratio", "all_ratio"))
            rows.append(("mean", mine.variants[means_of], maps, *empty, *ratios))
    if paper:
        rows.append(("paper", "", "", *empty, paper, ""))
    head = ("network", "variant", "maps", *(causes[one] for one in there), "on the chip",
            f"chip, {mine.baseline} over it", "with streams")  # fmt: skip
    return Shown("Energy", text, head, tuple(rows), left=3)


def simulated(design: str, data: Data, text: str) -> Shown:
    """Layers from RTL."""
    mine = evaluation.of(design)
    rows = tuple(
        (
            one["layer"] + ("" if one["maps_of"] is None else f", {one['maps_of']} output maps"),
            mine.variants[one["variant"]],
            f"{one['cycles']:,}",
            two(one["speedup"]),
            f"{one['compared']:,}",
            "all" if one["bit_exact"] else "DIFFER",
            "equal" if one["equal"] else "DIFFER",
        )
        for one in data["studies"]["simulated"]
    )
    head = ("layer", "variant", "compute cycles", f"over {mine.baseline}", "outputs", "right",
            "counters")  # fmt: skip
    return Shown("Layers from RTL", text, head, rows, left=2)


def all_tables(data: Data) -> Iterator[Shown]:
    """Those that there are figures for."""
    if data.get("runs"):
        yield networks(data)
    studies = data.get("studies") or {}
    for key, table in evaluation.of_data(data).tables:
        if studies.get(key):
            yield table(data)
    if data.get("runs"):
        yield layers(data)
