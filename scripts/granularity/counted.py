"""References by the model for every layer, and those counted in RTL, where there are any."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scripts.granularity.layers import Conv, maps_of, weights_of
from scripts.granularity.references import distinct, merging, products
from scripts.train.granularity import BLOCK, GRAINS

Record = dict[str, Any]
#: Granularities whose grains lie along a row of a kernel: a step can hold just one.
ROWS = ("vector", "kernel")


def of_layer(conv: Conv, grain: str) -> Record:
    """References of a layer at a granularity, all products counted and by both definitions.

    products    of two non-zeros; d1: references by D1
    d2, error   references by D2 over products, steps of 4 x 4 as they come, and standard error
    aligned     the same with steps of one row of a kernel x 4, None where grains are no rows
    """
    mask, acts = weights_of(conv, grain), maps_of(conv) != 0
    draw = np.random.default_rng((conv.seed, 4, list(GRAINS).index(grain)))
    plain = merging(mask, acts, conv.pad, draw)
    along = merging(mask, acts, conv.pad, draw, aligned=True) if grain in ROWS else None
    return {
        "layer": conv.name,
        "granularity": grain,
        "weight_density": float(mask.mean()),
        "act_density": float(acts.mean()),
        "products": products(mask, acts, conv.pad),
        "d1": distinct(grain, mask, acts, conv.pad, BLOCK[1]),
        "d2": plain.share,
        "error": plain.error,
        "aligned": along.share if along else None,
    }


def total(records: Sequence[Record]) -> list[Record]:
    """All layers together, granularity by granularity, over the products of fine grains.

    ``d1``, ``d2``, ``aligned``: references over all products of the fine-grained layers.
    """
    fine = sum(one["products"] for one in records if one["granularity"] == "fine")
    made = []
    for grain in dict.fromkeys(one["granularity"] for one in records):
        mine = [one for one in records if one["granularity"] == grain]
        known = all(one["aligned"] is not None for one in mine)
        made.append(
            {
                "granularity": grain,
                "products": sum(one["products"] for one in mine),
                "d1": sum(one["d1"] for one in mine) / fine,
                "d2": sum(one["d2"] * one["products"] for one in mine) / fine,
                "aligned": sum(one["aligned"] * one["products"] for one in mine) / fine
                if known
                else None,
            }
        )
    return made


def on_scnn(path: Path | None) -> list[Record]:
    """References over useful products, counted on SCNN with merging on: layer, granularity, share,
    source (``rtl``, or ``model``: the cycle model, which equals it).

    From the records of a benchmark (``bench.json``) that have ``granularity`` and ``merged`` True;
    none where there is no file or none of its records does.
    """
    if path is None or not path.is_file():
        return []
    try:
        runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        return [_counted(one) for one in runs if one.get("granularity") and one.get("merged")]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path.name}: found {error!r}, need records of make bench") from error


def _counted(run: Mapping[str, Any]) -> Record:
    return {
        "layer": run["layer"],
        "granularity": run["granularity"],
        "share": float(run["memory"]["psum"]["reads"] / run["mac_useful"]),
        "source": run["source"],
    }
