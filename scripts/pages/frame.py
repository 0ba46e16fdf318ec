"""The frame of every page: templates, links between pages, a picture with its text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from scripts.pages.text import number, percent, shape_text
from tb.common.sim.builds import write_whole

TEMPLATES = Path(__file__).with_name("templates")
#: page beside the report -> what a link to it says
NEIGHBOURS = {
    "index.html": "Run",
    "bench.html": "Benchmark",
    "formats.html": "Formats",
    "granularity.html": "Granularity",
    "coarse.html": "Blocks",
    "area.html": "Area",
    "pergate.html": "Per gate",
    "compare.html": "Side by side",
    "map.html": "Map",
    "claims.html": "Claims",
    "coverage/index.html": "Coverage",
    "prove.html": "Proofs",
}


@dataclass(frozen=True)
class Picture:
    """A figure with its title and how to read it."""

    title: str
    text: str
    html: str


def environment(**names: Any) -> jinja2.Environment:
    """Templates, with the filters of the terminal tables; ``names``: more names for them."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(number=number, percent=percent, shape=shape_text)
    made.globals.update(names)
    return made


def links(folder: Path, here: str) -> list[tuple[str, str, bool]]:
    """(address, text, is this page) of the pages that exist beside this one."""
    return [
        (address, text, address == here)
        for address, text in NEIGHBOURS.items()
        if address == here or (folder / address).is_file()
    ]


def written(
    path: Path, template: str, /, made: jinja2.Environment | None = None, **values: Any
) -> Path:
    """Make the page ``path`` of ``template`` and its values, with links to its neighbours.

    ``made``: an ``environment`` with more names or filters.
    """
    page = (made or environment()).get_template(template)
    write_whole(path, page.render(links=links(path.parent, path.name), **values))
    return path
