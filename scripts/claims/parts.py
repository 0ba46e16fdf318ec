"""Figures that claims of several papers read from records that no single paper owns."""

from __future__ import annotations

from collections.abc import Callable

from scripts.claims.claim import Ours
from scripts.claims.records import Node, Record

AREA = Record("area", "make area AREA_ARGS=--docs")
COARSE = Record("coarse", "make coarse COARSE_ARGS=--docs")
GRANULARITY = Record("granularity", "make granularity GRANULARITY_ARGS=--docs")
PERGATE = Record("pergate", "make pergate PERGATE_ARGS=--docs")
SYNTHESIS = "synthesis"


def _priced(root: Node, node: Node) -> float:
    """Gates, memory bits at their price among them."""
    return node["gates"].number() + root["bit_price"].number() * node["mem_bits"].number()


def part_share(design: str, config: str, of: str, part: str) -> Callable[[Node], Ours]:
    """Of docs/area.json: what a part of a ``Split`` is of the whole, memories priced."""

    def ours(root: Node) -> Ours:
        mine = root["splits"].all(design=design, config=config, of=of)
        found = root["splits"].one(design=design, config=config, of=of, part=part)
        return Ours(_priced(root, found) / sum(_priced(root, one) for one in mine), SYNTHESIS)

    return ours


def memory_share(design: str, config: str, of: str) -> Callable[[Node], Ours]:
    """Of docs/area.json: what the memories are of the whole."""

    def ours(root: Node) -> Ours:
        mine = root["splits"].all(design=design, config=config, of=of)
        price = root["bit_price"].number()
        bits = sum(one["mem_bits"].number() for one in mine)
        return Ours(price * bits / sum(_priced(root, one) for one in mine), SYNTHESIS)

    return ours


def top_ratio(above: tuple[str, str], below: tuple[str, str]) -> Callable[[Node], Ours]:
    """Of docs/area.json: a top over another, (design, configuration) each, memories priced."""

    def ours(root: Node) -> Ours:
        first, second = (
            _priced(root, root["tops"].one(design=design, config=config))
            for design, config in (above, below)
        )
        return Ours(first / second, SYNTHESIS)

    return ours


def of_network(
    network: str, variant: str, maps: str = "iid", key: str = "speedup"
) -> Callable[[Node], Ours]:
    """Of the summaries of ``make bench``: a figure of a network, and how much of it is RTL."""

    def ours(root: Node) -> Ours:
        one = root["summary"].one(network=network, variant=variant, maps=maps)
        return Ours(one[key].number(), source([one]))

    return ours


def of_mean(variant: str, maps: str = "iid") -> Callable[[Node], Ours]:
    """The mean of the speed-ups of all networks."""

    def ours(root: Node) -> Ours:
        some = root["summary"].all(variant=variant, maps=maps)
        return Ours(sum(one["speedup"].number() for one in some) / len(some), source(some))

    return ours


def source(summaries: list[Node]) -> str:
    """How many layers of some summaries were simulated."""
    rtl = sum(one["rtl"].count() for one in summaries)
    layers = sum(one["layers"].count() for one in summaries)
    if rtl == 0:
        return "model"
    return "RTL" if rtl == layers else f"model, {rtl} of {layers} layers RTL"
