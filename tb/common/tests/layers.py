"""Top-level tests of layers that every accelerator of the socket shares.

A design hands its base test to :func:`layer_tests`; its stimulus is a
:class:`tb.common.stimulus.Stimulus`. Every job's results are compared value by value with the
golden model, every pass's counters, cycles included, are equal to those of the cycle model and
consistent with each other: "exact" means all of that, and the scoreboard does it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from models.layer import Layer
from models.packets import packet_of
from models.program import Pass
from tb.common.bfm.streams import PROFILES
from tb.common.stimulus import split_phases
from tb.common.uvm.base_test import SocketTest, add_tests
from tb.common.uvm.items import Job


class LayerTest(SocketTest):
    """What these tests share."""

    async def run_passes(self, job: Job, label: str, passes: tuple[Pass, ...]) -> None:
        """The job in other passes."""
        other = Job(job.layers, job.program, job.config, label)
        other.passes = passes
        await self.run_job(other)


class DirectedDensity(LayerTest):
    """Goal: operands of zero change nothing but the accounts. Stimulus: weights and inputs with no,
    few, some and only non-zero values, each with each. Check: exact; useful multiplies are those of
    the layer."""

    limit_us = 8000

    async def scenario(self) -> None:
        for label, layer in self.maker.densities():
            await self.run_job(self.maker.job(layer, f"density_{label}"))


class DirectedPlaces(LayerTest):
    """Goal: bases. Stimulus: the same work at the beginning and at the end of all memories. Check:
    exact."""

    limit_us = 4000

    async def scenario(self) -> None:
        for job in self.maker.places("places"):
            await self.run_job(job)


class DirectedPhases(LayerTest):
    """Goal: phases apart. Stimulus: one START per phase instead of one for all; weights in several
    packets, without sections, with sections of no items; results streamed twice; registers that no
    enabled phase uses at any value. Check: exact; phases that were not asked for take no cycle."""

    limit_us = 8000

    async def scenario(self) -> None:
        maker, job = self.maker, self.maker.good("phases")
        load, *rest = split_phases(job.passes[0], maker.phases)
        await self.run_passes(job, "phases", (load, *rest))
        loads = [
            Pass(load.cfg, packet_of(group), None, 0, load.tag)
            for group in maker.groups(maker.sections_of(load))
        ]
        loads[0] = maker.careless(loads[0])
        await self.run_passes(job, "packets", (*loads, *rest))


#: Geometries that networks have and few designs: kernel [K, C/G, R, S], plane, the rest of the
#: layer. Together they have each kind of ``tb/common/coverage/geometry.py``. Grouped layers have
#: two outputs in a group or one, so that no pattern of weights is cut where groups come together.
GEOMETRIES: dict[str, tuple[tuple[int, int, int, int], tuple[int, int], dict[str, Any]]] = {
    "same_even": ((3, 2, 2, 2), (3, 4), {"padding": (0, 1, 0, 1)}),
    "before": ((3, 2, 2, 3), (3, 4), {"padding": (1, 0, 2, 0), "samples": 2}),
    "stride_2_1": ((2, 2, 3, 2), (7, 4), {"stride": (2, 1), "padding": 1}),
    "stride_1_3": ((2, 2, 2, 3), (3, 9), {"stride": (1, 3)}),
    "dilated_2_1": ((3, 2, 2, 2), (5, 3), {"dilation": (2, 1)}),
    "dilated_1_3": ((2, 2, 1, 2), (3, 6), {"dilation": (1, 3), "padding": 1}),
    "groups": ((6, 2, 2, 2), (3, 3), {"groups": 3}),
    "depthwise_same": ((4, 1, 3, 3), (4, 4), {"groups": 4, "stride": 2, "padding": (0, 1, 0, 1)}),
    "conv1d": ((3, 2, 1, 3), (1, 9), {"stride": (1, 2), "padding": (0, 0, 2, 1)}),
    "inception_1x7": ((2, 2, 1, 7), (2, 5), {"padding": (0, 0, 3, 3)}),
    "inception_7x1": ((2, 2, 7, 1), (5, 2), {"padding": (3, 3, 0, 0)}),
    "everything": (
        (4, 1, 2, 2),
        (5, 5),
        {"groups": 2, "stride": (2, 1), "dilation": (1, 2), "padding": (1, 2, 0, 1), "samples": 2},
    ),
}


class DirectedGeometries(LayerTest):
    """Goal: geometries that networks have, the design's own way or lowered. Stimulus: strides,
    padding and dilation of one axis or side, groups, depthwise, along a line, kernels 1 x 7 and
    7 x 1; all of it at once with any options. Check: exact, as the layer was given."""

    limit_us = 20000

    async def scenario(self) -> None:
        maker = self.maker
        for name, (kernel, plane, geometry) in GEOMETRIES.items():
            layer = maker.shaped(kernel, plane, name=name, **geometry)
            config = maker.any_options() if name == "everything" else None
            await self.run_job(maker.job(layer, name, config))


class DirectedRails(LayerTest):
    """Goal: accumulator and results at both rails. Stimulus: biases that bring sums exactly to the
    lowest and highest accumulator; shifts that saturate, and that end exactly at the lowest and
    highest activation. Check: exact, no overflow is reported."""

    limit_us = 8000

    async def scenario(self) -> None:
        config, maker = self.cfg.config, self.maker
        if maker.reaches_rails:
            await self.rail()
        act = maker.act_max + 1
        for shift in (0, 1, 4, config.acc_width - 1):
            targets = [-act - 1, -act, -act + 1, -1, 0, 1, act - 2, act - 1, act, act + 1]
            half = (1 << shift) >> 1
            sums = [t * (1 << shift) + d for t in targets for d in (-half, -1, 0, 1, half)]
            limit = min(maker.bias_max, maker.acc_limit - 2)
            await self.exactly([s for s in sums if abs(s) <= limit - 1], shift)

    async def exactly(self, sums: list[int], shift: int) -> None:
        """Layers whose sums are these: the bias does it, weights add 1 and -1."""
        most = self.maker.most_outputs
        for at in range(0, len(sums), most):
            part = np.array(sums[at : at + most], dtype=np.int64)
            weights = np.tile([1, -1], (part.size, 1))
            for relu in (False, True):
                layer = Layer(weights, np.array([1, 1]), bias=part, shift=shift, relu=relu)
                layer = self.maker.adapted(layer)
                await self.run_job(self.maker.job(layer, f"rails_shift{shift}"))

    async def rail(self) -> None:
        """Sums at both ends of the range: the compiler refuses the lowest, the RTL does not."""
        config, maker = self.cfg.config, self.maker
        low, high = -maker.acc_limit, maker.acc_limit - 1
        outputs = min(4, maker.most_outputs)
        weights = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], dtype=np.int64)[:outputs]
        bias = np.array([high - 1, low + 1, high - 1, low + 1], dtype=np.int64)[:outputs]
        for shift in (0, config.acc_width - config.act_width):
            true, near = (
                Layer(weights, np.array([1, 1]), bias=one, shift=shift, relu=False)
                for one in (bias, bias // 2)
            )
            job = maker.job(near, f"rail_{shift}")
            spoilt = Job((true,), job.program, job.config, job.label)
            spoilt.passes = (maker.with_biases(job, bias),)
            await self.run_job(spoilt)


def random_test(profile: str) -> type[LayerTest]:
    """A random test whose streams all have the pause profile."""

    class RandomTest(LayerTest):
        limit_us = 40000
        pauses = dict.fromkeys(("s_axis_wgt", "s_axis_act", "m_axis_out"), profile)

        async def scenario(self) -> None:
            maker = self.maker
            for turn in range(maker.turns[0]):
                config, layer = maker.any_options(), maker.any_layer()
                await self.run_job(maker.job(layer, f"random_{profile}_{turn}", config))

    RandomTest.__doc__ = f"""Goal: any layer under the pause profile {profile!r}. Stimulus: random
    shapes, densities and options; all streams pause. Check: exact."""
    RandomTest.__name__ = RandomTest.__qualname__ = f"Random{profile.capitalize()}"
    return RandomTest


class RandomMixed(LayerTest):
    """Goal: pauses crossed. Stimulus: random layers; every job draws a profile for each stream,
    register accesses have random gaps. Check: exact; inputs and output paused together at least
    once."""

    limit_us = 40000
    reg_delays = True

    async def scenario(self) -> None:
        maker, seen = self.maker, set()
        for turn in range(maker.turns[1]):
            names = [str(x) for x in self.cfg.rng.choice(PROFILES, 3)]
            if turn == 0:
                names = ["random", "burst", "random"]
            self.env.set_pauses(wgt=names[0], act=names[1], out=names[2])
            seen.add((names[1] != "none", names[2] != "none"))
            layer = maker.any_layer()
            await self.run_job(maker.job(layer, f"mixed_{turn}", maker.any_options()))
        assert (True, True) in seen


class Throughput(LayerTest):
    """Goal: no cycle is lost. Stimulus: a layer that keeps the multipliers busy, without pauses.
    Check: one word per cycle on all streams (plus a constant), compute cycles equal to the cycle
    model (scoreboard), multiplier slots lost at most as many as the design may lose."""

    limit_us = 20000

    async def scenario(self) -> None:
        maker, sums = self.maker, self.env.scoreboard.sums
        job = maker.full("throughput")
        (item,) = job.passes
        before = sums.copy()
        await self.run_job(job)
        spent = {name: sums[name] - before[name] for name in sums}
        for name, slowest in maker.slowest(item).items():
            assert spent[name] <= slowest, f"{name}: {spent[name]} cycles, at most {slowest}"
        lost, most = maker.lost(spent)
        assert lost <= most, f"{lost} of {spent['mac_slots']} slots are lost, at most {most:.0f}"


class Stress(LayerTest):
    """Goal: many different layers behind one another. Stimulus: random layers, also larger than the
    build, all options, changing pauses, a soft reset between some. Check: exact."""

    limit_us = 100000

    async def scenario(self) -> None:
        rng, env, maker = self.cfg.rng, self.env, self.maker
        for turn in range(maker.turns[2]):
            if turn % 4 == 0:
                wgt, act, out = (str(x) for x in rng.choice(("none", "none", "random", "burst"), 3))
                env.set_pauses(wgt=wgt, act=act, out=out)
            config, layer = maker.any_options(), maker.any_layer(fits=bool(rng.integers(3)))
            await self.run_job(maker.job(layer, f"stress_{turn}", config))
            if turn % 7 == 3:
                await env.registers.soft_reset()


SHARED: tuple[type, ...] = (DirectedDensity, DirectedPlaces, DirectedPhases, DirectedRails)
SHARED += (
    DirectedGeometries,
    RandomMixed,
    Throughput,
    Stress,
    *(random_test(profile) for profile in PROFILES),
)


def layer_tests(base: type[SocketTest], module: str) -> None:
    """Register the tests of this file for a design, in its test module."""
    add_tests(base, module, *SHARED)
