"""The page of ``make formats``: ``formats.json`` to ``formats.html`` and ``formats.png``.

``python -m scripts.formats.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.formats import load_all
from models.networks import NETWORKS
from scripts.formats import plots
from scripts.formats.best import FAMILIES, cheapest, family_text
from scripts.formats.study import AS_IT_IS, NAMES, Record
from scripts.formats.tables import cell, density_or_never, footnote, percent, stretch_text
from scripts.pages.again import again
from scripts.pages.figure import svg
from scripts.pages.frame import Picture, environment, written

PAGE = "formats.html"
Data = Mapping[str, Any]


def groups(records: Sequence[Record], *keys: str) -> dict[tuple[Any, ...], list[Record]]:
    """Records that agree in ``keys``, in order."""
    made: dict[tuple[Any, ...], list[Record]] = {}
    for one in records:
        made.setdefault(tuple(one[key] for key in keys), []).append(one)
    return made


def columns_of(data: Data) -> dict[str, list[tuple[str, list[Record]]]]:
    """Title -> (head, records of all formats) of what the tables and bars show."""
    made: dict[str, list[tuple[str, list[Record]]]] = {}
    for (layer,), mine in groups(data["whole"], "layer").items():
        network, _, name = layer.partition(" ")
        if network not in NETWORKS:
            network, name = layer, AS_IT_IS
        head = f"{name}\n{percent(mine[0]['density'])}"
        made.setdefault(f"{network}, {AS_IT_IS}", []).append((head, mine))
    for (layer,), mine in groups(data["sweep"], "layer").items():
        asked = [one for one in mine if one["asked"] == data["density"]]
        made[layer] = [
            (f"{name}\n{percent(part[0]['density'])}", part)
            for (name,), part in groups(asked, "granularity").items()
        ]
    return made


def pictures(data: Data) -> list[Picture]:
    """All figures the data allow, in order."""
    made = []
    for number, ((layer,), mine) in enumerate(groups(data["sweep"], "layer").items()):
        made.append(
            Picture(
                f"Bits per weight: {layer}",
                "Shaded: the non-zeros alone, density times width. Lines end where a structure "
                "cannot hold more.",
                svg(plots.curves(mine), f"bits_per_weight_{number}"),
            )
        )
    for number, (title, columns) in enumerate(columns_of(data).items()):
        made.append(
            Picture(
                f"Values and overhead: {title}",
                "Bars past the edge are cut off, their figure stands inside. Zeros inside a block "
                "that stays count as values, like dense's. Below the line: the same layer with "
                f"{1 << data['bits']} shared values.",
                svg(plots.split_bars(columns), f"values_and_overhead_{number}"),
            )
        )
    return made


def _maps(data: Data) -> list[tuple[str, int, list[str], list[Any]]]:
    """The pictures of ``cheapest_map`` as tables: (layer, width, densities, panels).

    A panel is (family in words, rows of (granularity, cells)), a cell None or (colour, white
    text, short name, bits per weight).
    """
    made = []
    for (layer,), mine in groups(data["sweep"], "layer").items():
        cells = groups(mine, "granularity", "asked")
        densities = sorted({one["asked"] for one in mine})
        panels = []
        for family in FAMILIES:
            rows = [
                (grain, [_map_cell(cells.get((grain, one)), family) for one in densities])
                for (grain,) in groups(mine, "granularity")
            ]
            panels.append((family_text(family, 1 << data["bits"]), rows))
        made.append((layer, mine[0]["width"], [f"{100 * one:g} %" for one in densities], panels))
    return made


def _map_cell(records: Sequence[Record] | None, family: str) -> tuple[str, bool, str, str] | None:
    if not records:
        return None
    best = cheapest(records, family)
    short, colour, white = plots.style(best["format"])
    return colour, white, short, f"{best['bits_per_weight']:.2f}"


def _cost_tables(data: Data) -> list[tuple[str, list[str], list[tuple[str, list[Any]]]]]:
    """(title, heads, rows); a row is (format, cells), a cell (text, cheapest of its column)."""
    made = []
    for title, columns in columns_of(data).items():
        best = [cheapest(records, "fixed")["format"] for _, records in columns]
        by_name = [{one["format"]: one for one in records} for _, records in columns]
        rows = [
            (name, [(cell(one[name]), name == top) for one, top in zip(by_name, best, strict=True)])
            for name in NAMES
        ]
        made.append((title, [head for head, _ in columns], rows))
    return made


def _cheapest_tables(data: Data) -> list[tuple[str, list[Any]]]:
    """(layer, rows of (granularity, a text for each family))."""
    return [
        (
            layer,
            [
                (name, [stretch_text(part, family) for family in FAMILIES])
                for (name,), part in groups(mine, "granularity").items()
            ],
        )
        for (layer,), mine in groups(data["sweep"], "layer").items()
    ]


def cards(data: Data) -> list[tuple[str, str]]:
    """(label, value) of the figures on top of the page."""
    records = [*data["whole"], *data["sweep"]]
    sizes = {one["layer"]: one["weights"] for one in records}
    made = [
        ("formats", str(len(load_all()))),
        ("with their variants", str(len(NAMES))),
        ("layers", str(len(sizes))),
        ("weights", f"{sum(sizes.values()):,}"),
        ("encodings measured", f"{sum(one['bits_per_weight'] is not None for one in records):,}"),
    ]
    for one in data["break_even"][:1]:
        made.append((f"{one['format']} breaks even at", density_or_never(one["measured"])))
    return made


def write_report(folder: Path, data: Data) -> Path:
    """Make ``formats.html`` (and ``formats.png``, if there is a sweep) in ``folder``."""
    made = environment()
    made.filters["never"] = density_or_never
    target = written(
        folder / PAGE,
        "formats.html.j2",
        made=made,
        title="Which sparsity format?",
        subtitle="; ".join(columns_of(data)),
        cards=cards(data),
        notes=data["notes"],
        maps=_maps(data),
        pictures=pictures(data),
        cheapest=_cheapest_tables(data),
        families=[family_text(family, 1 << data["bits"]) for family in FAMILIES],
        evens=data["break_even"],
        tables=_cost_tables(data),
        claims=data["claims"],
        reasons=footnote([*data["whole"], *data["sweep"]]),
    )
    if data["sweep"]:
        first = next(iter(groups(data["sweep"], "layer").values()))
        figure = plots.cheapest_map(first, 1 << data["bits"])
        figure.savefig(folder / "formats.png", dpi=100, metadata={"Software": None})
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    return again(__doc__, write_report, "formats.json", arguments)


if __name__ == "__main__":
    sys.exit(main())
