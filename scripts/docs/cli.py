"""The generated parts of the documents, so that no number is written twice.

    python -m scripts.docs.cli          bring the documents up to date
    python -m scripts.docs.cli --check  exit 1 if one is not

A part stands between ``<!-- name:begin -->`` and ``<!-- name:end -->``:

    registers, phases, errors, counters   docs/socket.md, from models/socket.py
    pages                                 docs/socket.md, one per design of models/registry.py
    modules                               rtl/README.md, from the headers of rtl/
    silicon, boundaries                   docs/area.md, from docs/area.json (written by make area)
    what ``Evaluation.docs`` has          docs/<design>.md, from docs/<design>.json (make bench)
    gathering, criteria, stored,          docs/coarse.md, from models/networks/coarse.json (written
    regions, shapes, why                  by make train NET=coarse)
    sizes, lenet_5, bert, thesis, map     docs/compare.md, from its records beside it
    proofs                                docs/prove.md, from docs/prove.json (make prove)
    claims                                docs/claims.md and README.md, from all of these records by
                                          scripts/claims; docs/claims.json is made whole
    run, fetched                          README.md, from docs/run.json (written by make run)
    every design with a ``Suite``         README.md, from docs/<design>.json (make bench)
    errors, and what ``Design.tables`` has   rtl/<design>/README.md
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from models import registry, socket
from models.design import Design, DocTable
from models.places import ROOT
from scripts import options
from scripts.bench import figures as paper
from scripts.bench.networks import evaluation
from scripts.claims import papers
from scripts.claims import tables as claims
from scripts.claims.records import RecordError
from scripts.claims.rows import data as claims_data
from scripts.coarse import tables as blocks
from scripts.compare import docs as compared
from scripts.granularity.tables import Shown
from scripts.pages.text import markdown
from scripts.prove import tables as proved
from scripts.run import figures
from scripts.train import coarse_study


def registers() -> str:
    """The register map; runs of CAP, CFG and PERF registers are one line each."""
    rows = []
    for name, (offset, access, meaning) in socket.REGISTERS.items():
        match = re.fullmatch(r"(CAP|CFG|PERF)(\d+)", name)
        if match and match[2] != "0":
            continue
        last = ""
        if match:
            count = getattr(socket, f"NUM_{match[1]}")
            name = f"{match[1]}0..{count - 1}"
            last = f"..0x{offset + 4 * (count - 1):03X}"
        rows.append((f"0x{offset:03X}{last}", f"`{name}`", access, meaning))
    return markdown(("offset", "register", "access", "meaning"), rows)


def phases() -> str:
    """STATUS[11:8]."""
    return markdown(("value", "phase"), [(str(int(p)), f"`{p.name}`") for p in socket.Phase])


ERROR_HEAD = ("code", "name", "meaning; what ERR_POS says")


def remarks() -> dict[str, str]:
    """What stands beside each error in models/socket.py."""
    source = (ROOT / "models" / "socket.py").read_text()
    return dict(re.findall(r"^    ([A-Z_]+) = \d+  # (.*)$", source, re.MULTILINE))


def errors() -> str:
    """ERR_CODE; a design's own codes are on its page."""
    said = remarks()
    rows = [(str(int(one)), f"`{one.name}`", said.get(one.name, "")) for one in socket.ErrorCode]
    last = f"{socket.OWN_ERRORS}..{socket.LAST_ERROR}"
    return markdown(ERROR_HEAD, [*rows, (last, "", "a design's own, see its page")])


def errors_of(design: Design) -> str:
    """What a design can raise, for its page."""
    said = remarks() | dict(design.own_errors.values())
    codes = sorted(design.error_codes.items(), key=lambda one: one[1])
    return markdown(
        ERROR_HEAD, [(str(code), f"`{name}`", said.get(name, "")) for name, code in codes]
    )


def counters() -> str:
    """The PERF registers in use."""
    rows = [
        (f"0x{socket.REGISTERS[f'PERF{i}'][0]:03X}", f"`{name}`", meaning)
        for i, (name, meaning) in enumerate(socket.COUNTERS)
    ]
    return markdown(("offset", "counter", "meaning"), rows)


def purpose(path: Path) -> str:
    """The first sentence of a module's header, without the module's own name."""
    text = []
    for line in path.read_text().splitlines()[1:]:
        words = line.removeprefix("//").strip()
        if words:
            text.append(words)
        elif text:
            break
    sentence = re.split(r"(?<=[.;])\s", " ".join(text))[0].rstrip(".;")
    return sentence.removeprefix(f"{path.stem}: ").replace("|", "\\|")


def modules() -> str:
    """Every module of rtl/, a table for each folder; links from rtl/."""
    parts = []
    for folder in sorted({path.parent for path in ROOT.glob("rtl/*/*.sv")}):
        rows = [
            (f"[`{path.stem}`]({path.relative_to(ROOT / 'rtl')})", purpose(path))
            for path in sorted(folder.glob("*.sv"))
        ]
        page = folder / "README.md"
        more = f": [its page]({page.relative_to(ROOT / 'rtl')})" if page.exists() else ""
        parts.append(f"## {folder.name}{more}\n\n{markdown(('module', 'purpose'), rows)}")
    return "\n\n".join(parts)


def pages() -> str:
    """The page of every design."""
    rows = [f"- [{name}](../rtl/{name}/README.md)" for name in registry.DESIGNS]
    return "\n".join(rows)


def silicon() -> str:
    """Cost of the tops, as last measured for the documents."""
    data = json.loads((ROOT / "docs" / "area.json").read_text(encoding="utf-8"))
    rows = []
    for one in data["tops"]:
        numbers = (one["gates"], one["accelerator_gates"], one["ffs"])
        memory = (one["mem_bits"] / 8192, one["memory_types"]["1R1W"] / 8192)
        figures = tuple(f"{number:,.0f}" for number in (*numbers, *memory))
        fo4 = [f"{one['paths'][kind]['fo4']:.1f}" for kind in ("register", "memory")]
        rows.append((f"`{one['design']}`", one["config"], *figures, *fo4))
    head = ("design", "build", "gates", "without counters and registers", "flip-flops",
            "memory, KiB", "of it 1R1W", "longest path, FO4", "from a memory, FO4")  # fmt: skip
    return markdown(head, rows)


def boundaries() -> str:
    """What `make area` found put together from modules, and in one netlist."""
    data = json.loads((ROOT / "docs" / "area.json").read_text(encoding="utf-8"))
    rows = []
    for one in data["flat"]:
        whole, flat = one["composed"], one["flat"]
        more = f"{whole['gates'] / flat['gates'] - 1:.0%}"
        gates = [f"{each['gates']:,.0f}" for each in (whole, flat)]
        paths = [f"{each['fo4']:.0f}" for each in (whole, flat)]
        rows.append((f"`{one['design']}`", one["config"], *gates, more, *paths))
    head = ("design", "build", "gates, modules put together", "gates, one netlist", "more",
            "longest path, FO4, put together", "in one netlist")  # fmt: skip
    return markdown(head, rows)


def of_networks(design: str, make: Callable[[Mapping[str, Any]], Shown]) -> str:
    """A table of a design's benchmark as last measured for the documents, and how to read it."""
    shown = make(json.loads((ROOT / "docs" / f"{design}.json").read_text(encoding="utf-8")))
    return f"{markdown(shown.head, shown.rows)}\n\n{shown.text}"


def shown(make: Callable[[], Shown]) -> str:
    """A table and how to read it."""
    one = make()
    return f"{markdown(one.head, one.rows)}\n\n{one.text}"


def of_blocks() -> dict[str, Callable[[], str]]:
    """Coarse-grained compression: names of the parts of docs/coarse.md."""
    data = coarse_study.read()
    made: dict[str, Callable[[], Shown]] = {
        "gathering": partial(blocks.gathering_table, data),
        "criteria": partial(blocks.criteria_table, data),
        "stored": partial(blocks.stored_table, data),
        "regions": partial(blocks.regions_table, data),
        "shapes": lambda: blocks.shapes_table(blocks.shape_records()),
        "why": partial(blocks.why_table, data),
    }
    return {name: partial(shown, one) for name, one in made.items()}


def proofs() -> str:
    """What is proved, how, and how long that takes."""
    return proved.document(json.loads((ROOT / "docs" / "prove.json").read_text()))


def run() -> str:
    """The designs on the network of the default run."""
    return markdown(*figures.default_run(figures.load()))


def suite_of(design: str) -> str:
    """A design on the layers of its paper."""
    return markdown(*paper.layers(design))


def fetched() -> str:
    """The designs on networks that are fetched."""
    return markdown(*figures.fetched_runs(figures.load()))


def parts() -> dict[str, dict[str, Callable[[], str]]]:
    """Page -> name of its part -> what makes it."""
    made: dict[str, dict[str, Callable[[], str]]] = {
        page: {one.__name__: one for one in makers} for page, makers in PARTS.items()
    }
    for name in evaluation.names():
        tables = evaluation.of(name).docs.items()
        made[f"docs/{name}.md"] = {part: partial(of_networks, name, one) for part, one in tables}
    made["docs/coarse.md"] = of_blocks()
    made["docs/compare.md"] = compared.parts()
    made["docs/claims.md"] = {"claims": lambda: claims.paper_page(claims_data(papers.every()))}
    made["README.md"]["claims"] = lambda: claims.readme(claims_data(papers.every()))
    for design in registry.every():
        if design.suite:
            made["README.md"][design.name] = partial(suite_of, design.name)
        mine = made.setdefault(f"rtl/{design.name}/README.md", {})
        mine["errors"] = partial(errors_of, design)
        for name, one in design.tables.items():
            mine[name] = partial(doc_table, one)
    return made


def doc_table(made: DocTable) -> str:
    """A computed table of a design's page."""
    return markdown(made.head, list(made.rows()))


PARTS = {
    "docs/socket.md": (registers, phases, errors, counters, pages),
    "rtl/README.md": (modules,),
    "docs/area.md": (silicon, boundaries),
    "docs/prove.md": (proofs,),
    "README.md": (run, fetched),
}


def claims_json() -> str:
    """Every claim with its figures, and where they are from."""
    return json.dumps(claims_data(papers.every()), indent=1) + "\n"


#: Page -> what makes the whole of it.
WHOLE: dict[str, Callable[[], str]] = {"docs/claims.json": claims_json}


def renew(text: str, name: str, make: Callable[[], str]) -> str:
    """``text`` with a part made anew; ValueError if it has no such part."""
    pattern = rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)"
    found, count = re.subn(
        pattern, lambda m: m[1] + make() + "\n" + m[2], text, count=1, flags=re.DOTALL
    )
    if not count:
        raise ValueError(f"no part '{name}' between <!-- {name}:begin --> and <!-- {name}:end -->")
    return found


def stale(write: bool) -> list[str]:
    """Documents that are not up to date (and are brought up to date with ``write``)."""
    behind = []
    for name, makers in parts().items():
        path = ROOT / name
        old = new = path.read_text()
        for part, make in makers.items():
            new = renew(new, part, make)
        if new != old:
            behind.append(name)
            if write:
                path.write_text(new)
    for name, make in WHOLE.items():
        path, new = ROOT / name, make()
        if not path.is_file() or path.read_text() != new:
            behind.append(name)
            if write:
                path.write_text(new)
    return behind


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = options.Parser(prog="python -m scripts.docs.cli", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is behind")
    args = parser.parse_args(argv)
    try:
        behind = stale(write=not args.check)
    except RecordError as error:
        return options.refused(error)
    for name in behind:
        print(f"{name}: {'is behind' if args.check else 'brought up to date'}")
    return int(bool(behind) and args.check)


if __name__ == "__main__":
    sys.exit(main())
