"""What a design brings to the benchmark of networks, and where it is found.

``scripts/bench/networks/<design>/__init__.py`` ends in ``EVALUATION = Evaluation(...)``; nothing
else names it.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models import registry
from models.design import Design
from models.layer import Layer
from models.names import unknown
from models.program import Program
from scripts.granularity.tables import Shown
from scripts.measure.schema import Kind

Data = Mapping[str, Any]
Record = Mapping[str, Any]
#: One found number, as text.
Show = Callable[[Any], str]


def changed(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Fields of a build as a case has them.

    >>> changed({"window": 64, "cores": 1})
    (('cores', 1), ('window', 64))
    """
    return tuple(sorted(values.items()))


@dataclass(frozen=True)
class Case:
    """What is run; a design's own case says how.

    layer     ``<network>-<row>``; variant: of ``Evaluation.variants``; maps, seed: of the patterns
    source    ``rtl`` or ``model``
    changes   fields of the build that are not as by default, (name, value) each
    """

    layer: str
    variant: str
    maps: str = "iid"
    seed: int = 1
    source: str = "model"
    changes: tuple[tuple[str, Any], ...] = ()

    #: Of what, and the paths (globs) that decide what the model says.
    design: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    #: What is compared with, and the counters that a record keeps.
    baseline: ClassVar[str]
    counted: ClassVar[tuple[str, ...]] = ()
    #: How weights were pruned where that is for other pages than that of the networks.
    grain: str = field(default="", kw_only=True)

    @property
    def network(self) -> str:
        """The network of the layer.

        >>> Case("googlenet-5b-3x3", "plain").network
        'googlenet'
        """
        return self.layer.partition("-")[0]

    @property
    def model(self) -> Design:
        """The design's model."""
        return registry.design(self.design)

    @property
    def config(self) -> Any:
        """The build with the options of the variant; ``changes`` go over both."""
        raise NotImplementedError

    @property
    def work(self) -> int:
        """Multiplies of the dense layer, to begin with the longest."""
        raise NotImplementedError

    @property
    def published(self) -> float | None:
        """Speed-up of the network as published, if it is."""
        return None

    def made(self) -> Layer:
        """The layer."""
        raise NotImplementedError

    def program(self, layer: Layer) -> Program:
        """Its program on the build."""
        return self.model.compile(layer, self.config)

    def packet(self, results: NDArray[np.int64]) -> NDArray[np.uint64]:
        """The result packet of a pass from what the cycle model says of it."""
        raise NotImplementedError

    @property
    def is_baseline(self) -> bool:
        """Whether it is what it would be compared with."""
        return False

    def baseline_cycles(self, layer: Layer) -> int:
        """Compute cycles of the baseline on the layer; not asked of the baseline itself."""
        raise NotImplementedError

    def facts(self, layer: Layer, program: Program, count: Mapping[str, int]) -> dict[str, Any]:
        """What a record says besides; ``count``: the counters of all passes."""
        return {}

    def words(self) -> str:
        """A label for progress and problems, and a folder."""
        return " ".join([self.layer, self.variant, self.maps, *map(str, self.changes)])


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """The evaluation of a design on networks.

    title, subtitle   of the page; assumes: what the figures assume
    networks          network -> its rows; names: what it is called
    variants          name -> what it is called; maps: kinds of maps, the first is simulated
    drawn_in          (layer, variant, maps) -> whether that is a case at all
    baseline          what all is compared with
    case              class of the cases
    goal              (network, variant, maps) -> least speed-up, or None
    mean_goal         (variant, maps) -> least mean of the networks' speed-ups, or None; published:
                      the mean as published; neither: means are not shown
    simulated         (layer, variant) -> whether it runs from RTL by default; sources: that in
                      words
    brief             by default only the first kind of maps and no studies: all take too long
    schema            key -> type and meaning of what records have besides
    totals            records of a network -> what its summary says besides; totalled: key -> type
                      and meaning of it
    columns           (head, key of a summary, how it is shown) of the table of networks
    remark            head of a last column of the table of layers, and records of a layer -> text
    reading           how to read the table of layers
    colours           (variant, maps) -> colour of its bars

    studied           source -> cases of the studies; asked: cases that studies need of all
    results           (found records by case, source, records of the networks) -> ``studies``
    missed            ``studies`` -> a line for each goal of theirs that is missed
    claims            more ``studies``, of no case; not where studies are not wanted
    tables            (key in ``studies``, table) in the order of the page, which has the networks
                      first and the layers last
    pictures          key in ``studies`` -> (title of the table, figure of what is there)
    docs              part of docs/<design>.md -> its table; drawn: its pictures, ``networks`` or
                      keys of ``pictures``, docs/pictures/<design>_<key>.png
    kept_for_docs     all that ``bench.json`` holds -> docs/<design>.json
    counts_rows       all rows are to run from RTL, in any number of calls, and docs/<design>.json
                      keeps those that have
    """

    title: str
    subtitle: str
    assumes: str
    networks: Mapping[str, Collection[str]]
    names: Mapping[str, str]
    variants: Mapping[str, str]
    maps: tuple[str, ...] = ("iid",)
    drawn_in: Callable[[str, str, str], bool] = lambda layer, variant, maps: True
    baseline: str
    case: type[Case]
    goal: Callable[[str, str, str], float | None]
    mean_goal: Callable[[str, str], float | None] = lambda variant, maps: None
    published: float | None = None
    simulated: Callable[[str, str], bool]
    sources: str
    brief: bool = False
    schema: Mapping[str, tuple[type, str]] = field(default_factory=dict)
    totals: Callable[[Sequence[Record]], dict[str, Any]] = lambda records: {}
    totalled: Mapping[str, tuple[Kind, str]] = field(default_factory=dict)
    columns: tuple[tuple[str, str, Show], ...] = ()
    remark: tuple[str, Callable[[Sequence[Record]], str]] | None = None
    reading: str = ""
    colours: Mapping[tuple[str, str], str]

    studied: Callable[[str], Sequence[Case]] = lambda source: ()
    asked: Callable[[Case], bool] = lambda case: False
    results: Callable[[Mapping[Any, Any], str, Sequence[Record]], dict[str, Any]] = (
        lambda found, source, records: {}
    )
    missed: Callable[[Data], Sequence[str]] = lambda found: ()
    claims: Callable[[], dict[str, Any]] = dict
    tables: tuple[tuple[str, Callable[[Data], Shown]], ...] = ()
    pictures: Mapping[str, tuple[str, Callable[[Any], Any]]] = field(default_factory=dict)
    docs: Mapping[str, Callable[[Data], Shown]] = field(default_factory=dict)
    drawn: tuple[str, ...] = ()
    kept_for_docs: Callable[[Data], dict[str, Any]] = dict
    counts_rows: bool = False

    @property
    def design(self) -> str:
        """Whose evaluation it is."""
        return self.case.design

    @property
    def rows(self) -> list[str]:
        """All layers, ``<network>-<row>``."""
        return [f"{network}-{row}" for network, rows in self.networks.items() for row in rows]


def names() -> list[str]:
    """Designs of the registry that have an evaluation.

    >>> "scnn" in names()
    True
    """
    found = pkgutil.iter_modules([str(Path(__file__).parent)])
    return [one.name for one in found if one.ispkg and one.name in registry.DESIGNS]


@functools.cache
def of(design: str) -> Evaluation:
    """The evaluation of a design; ValueError with the known ones otherwise."""
    if design not in names():
        raise ValueError(unknown("design", design, names()))
    found = import_module(f"{__package__}.{design}").EVALUATION
    assert isinstance(found, Evaluation)
    return found


def of_data(data: Data) -> Evaluation:
    """The evaluation that a file of records is of."""
    return of([*data.get("summary", ()), *data.get("runs", ())][0]["design"])
