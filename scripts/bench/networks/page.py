"""The page: ``bench.json`` to ``bench.html``.

``python -m scripts.bench.networks.page [FOLDER]`` makes the page again from what a run left.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts import options as cli
from scripts.bench.networks import evaluation, plots
from scripts.bench.networks.summary import RecordError, check
from scripts.bench.networks.tables import all_tables
from scripts.measure.records import VERSION
from scripts.pages.again import folder_of
from scripts.pages.figure import svg
from scripts.pages.frame import written

Data = dict[str, Any]
PAGE = "bench.html"


def is_mine(folder: Path) -> bool:
    """Whether the ``bench.json`` in a folder is of this kind."""
    try:
        runs = json.loads((folder / "bench.json").read_text(encoding="utf-8"))["runs"]
        return any("network" in one for one in runs)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def load(folder: Path) -> Data:
    """What a run left, every record checked; RecordError with the file's name otherwise."""
    path = folder / "bench.json"
    try:
        data: Data = json.loads(path.read_text(encoding="utf-8"))
        if data.get("version") != VERSION:
            raise RecordError(f"version: found {data.get('version')}, need {VERSION}: run again")
        for one in data["runs"]:
            check(one)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(f"{path}: {error}") from error
    data.setdefault("studies", {})
    # Records with a granularity are for make granularity.
    data["runs"] = [one for one in data["runs"] if not one["granularity"]]
    return data


def pictures(data: Data) -> dict[str, str]:
    """Figures by the title of their table."""
    studies = data["studies"]
    made = {}
    if data["summary"]:
        made["Speed-up of the networks"] = svg(plots.networks(data["summary"]), "speedups")
    for key, (title, draw) in evaluation.of_data(data).pictures.items():
        if studies.get(key):
            made[title] = svg(draw(studies[key]), key)
    return made


def draw_for_docs(data: Data, folder: Path) -> list[Path]:
    """The pictures of docs/<design>.md, from what docs/<design>.json holds."""
    mine = evaluation.of_data(data)
    made = []
    for key in mine.drawn:
        if key == "networks":
            figure = plots.networks(data["summary"])
        else:
            figure = mine.pictures[key][1](data["studies"][key])
        made.append(folder / f"{mine.design}_{key}.png")
        figure.savefig(made[-1], dpi=110, metadata={"Software": None})
    return made


def cards(data: Data) -> list[tuple[str, str, str]]:
    """(label, value, class) of the figures on top."""
    exact = all(one["bit_exact"] for one in data["runs"])
    made = [("outputs", "bit-exact" if exact else "DIFFER", "good" if exact else "bad")]
    mine = evaluation.of_data(data)
    for one in data["summary"]:
        if one["maps"] == mine.maps[0] and one["whole"]:
            met = "good" if one["speedup"] >= (one["goal"] or 0) else "bad"
            kind = met if one["goal"] else ""
            label = f"{mine.names[one['network']]}, {mine.variants[one['variant']]}"
            made.append((label, f"{one['speedup']:.2f}", kind))
    return made


def sections(data: Data) -> list[dict[str, Any]]:
    """Tables, each with its picture."""
    drawn = pictures(data)
    return [{"table": one, "picture": drawn.get(one.title)} for one in all_tables(data)]


def write_page(folder: Path) -> Path:
    """Make the page in ``folder`` from the files there."""
    found = load(folder)
    mine = evaluation.of_data(found)
    return written(
        folder / PAGE,
        "networks.html.j2",
        title=mine.title,
        subtitle=mine.subtitle,
        design=mine.design,
        cards=cards(found),
        sections=sections(found),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    folder = folder_of(__doc__, arguments)
    try:
        print(write_page(folder))
    except RecordError as error:
        return cli.refused(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
