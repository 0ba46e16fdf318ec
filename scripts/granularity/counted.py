"""References by the model for every layer, and those counted in RTL, where there are any."""

from __future__ import annotations

import json
from collections.abc import Sequence
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


def on_scnn(*paths: Path) -> list[Record]:
    """What SCNN counted with merging and without, of the first file that has it: ``merging`` in the
    ``studies`` of a benchmark (``bench.json``, or ``docs/scnn.json`` that is kept of one).

    layer, granularity; share: references over useful products; source: ``rtl``, or ``model``. None
    where no file has it; ValueError where RTL counted other than the cycle model.
    """
    for path in paths:
        if not path.is_file():
            continue
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            found = list((data.get("studies") or {}).get("merging") or [])
            unequal = [one["layer"] for one in found if not one["equal"]]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"{path.name}: found {error!r}, need records of make bench") from error
        if unequal:
            raise ValueError(f"{path.name}: RTL and model count differently in {unequal[0]}")
        if found:
            return found
    return []
