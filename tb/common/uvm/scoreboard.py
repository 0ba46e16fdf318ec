"""Predictor and scoreboard: golden tensors against what came out of the result stream.

The scoreboard holds no arithmetic: the golden model predicts, the design's ``unpack`` reads the
result packets, and the two are compared with ``array_equal`` as soon as a job's last packet is
there. It fails when it has compared nothing, or when something it waits for never came.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pyuvm import (
    ConfigDB,
    uvm_analysis_port,
    uvm_component,
    uvm_subscriber,
    uvm_tlm_analysis_fifo,
)

from models.golden import by_group, chain, golden_chain, im2col, matmul
from models.lower import Lowered
from tb.common.sim.recorder import keep_job
from tb.common.uvm.items import Job, ObservedPass, Packet, Prediction


class Mismatch(AssertionError):
    """The accelerator answered something else than the model; ``time_ns``: when, if not now."""

    def __init__(self, text: str, time_ns: float | None = None):
        super().__init__(text)
        self.time_ns = time_ns


def parts(job: Job, design: Any) -> list[Job]:
    """A job whose layer was lowered as jobs of the layers that run; any other as it is."""
    made = job.program.outputs
    if not isinstance(made, Lowered):
        return [job]
    found, at = [], 0
    for part, program in zip(made.parts, made.programs, strict=True):
        end = at + len(program.passes)
        layer = design.computed(part.layer, job.config)
        found.append(Job((layer,), program, job.config, job.label, job.passes[at:end]))
        at = end
    return found


def multiplies(job: Job) -> int:
    """Pairs of non-zero operands of a job, counted from its layers."""
    found = 0
    for layer, _ in chain(job.layers, job.config.act_width):
        live = (im2col(layer) != 0).astype(np.int64)
        for _, weights, seen in by_group(layer, live):
            found += int(matmul((weights != 0).astype(np.int64), seen).sum())
    return found


def useful_multiplies(job: Job, sums: Mapping[str, int]) -> list[str]:
    """Useful multiplies of a job must be those of its layers."""
    expected = multiplies(job)
    if sums["mac_useful"] != expected:
        return [f"mac_useful {sums['mac_useful']}, the layers have {expected}"]
    return []


def time_of(
    unpack: Callable[[list[np.ndarray]], list[np.ndarray]],
    packets: list[Packet],
    element: tuple[int, tuple[int, ...]],
) -> float | None:
    """When the word that holds an element (layer, index) of the results was taken, in ns.

    How results lie in words is the design's business: the word is the one without which the
    element becomes another, found by halving. None where that fails.
    """
    words = np.concatenate([packet.words for packet in packets])
    ends = np.cumsum([packet.words.size for packet in packets])[:-1]
    layer, at = element

    def value(changed: np.ndarray) -> int:
        return int(unpack(np.split(changed, ends))[layer][at])

    low, high, true = 0, words.size, value(words)
    try:
        while high - low > 1:
            middle = (low + high) // 2
            changed = words.copy()
            changed[low:middle] ^= np.uint64(0xFFFF_FFFF_FFFF_FFFF)
            low, high = (low, middle) if value(changed) != true else (middle, high)
    except (ValueError, IndexError):
        return None
    times = [time for packet in packets for time in packet.ns]
    return times[low] if low < len(times) else None


class Predictor(uvm_subscriber):
    """Job in, prediction out."""

    def build_phase(self) -> None:
        self.cfg = ConfigDB().get(self, "", "cfg")
        self.ap = uvm_analysis_port("ap", self)

    def write(self, job: Job) -> None:
        """Predict a job as it is handed to the sequencer."""
        layers = [self.cfg.design.computed(layer, job.config) for layer in job.layers]
        tensors = golden_chain(layers, job.config.act_width)
        if self.cfg.design.last_only:
            tensors = tensors[-1:]
        prediction = Prediction(job, self.cfg.corrupt(tensors))
        if self.cfg.cycles is not None and job.expected is None:
            passes = self.cfg.cycles(replace(job.program, passes=job.passes), job.config)
            prediction.counters = [p.counters for p in passes]
            prediction.compute = [p.compute for p in passes]
            prediction.output = [p.output for p in passes]
            prediction.weights = [p.weights for p in passes]
        self.ap.write(prediction)


class Scoreboard(uvm_component):
    """Compares result packets, counters and final states with the predictions, in order.

    compared: result values compared over the whole test; passes, jobs: what was judged;
    sums: counters added up over the good passes. ``ap`` publishes jobs that ended well and answered
    what was predicted.
    """

    def build_phase(self) -> None:
        self.cfg = ConfigDB().get(self, "", "cfg")
        self.predictions = uvm_tlm_analysis_fifo("predictions", self)
        self.packets = uvm_tlm_analysis_fifo("packets", self)
        self.observed = uvm_tlm_analysis_fifo("observed", self)
        self.ap = uvm_analysis_port("ap", self)
        self.compared = 0
        self.passes = 0
        self.jobs = 0
        self.sums: Counter[str] = Counter()

    async def run_phase(self) -> None:
        """Job by job; an exception ends the test."""
        while True:
            prediction = await self.predictions.get()
            await self.judge(prediction)
            self.jobs += 1

    async def judge(self, prediction: Prediction) -> None:
        """One job from its first pass to its last."""
        job, got = prediction.job, []
        counters: list[Mapping[str, int]] = []
        keep_job(job, expected=prediction.tensors)
        for index, item in enumerate(job.passes):
            fails = job.expected is not None and job.expected.index == index
            observed: ObservedPass = await self.observed.get()
            self.passes += 1
            if fails:
                self.check_failure(job, observed)
                self.drop_packets()
                return
            self.check_done(job, index, observed)
            if item.out_words:
                got.append(await self.result(job, index, item.out_words))
            self.check_counters(prediction, index, observed)
            counters.append(observed.counters)
            self.sums.update(observed.counters)
        if job.expected is not None:
            raise Mismatch(f"{job.label}: pass {job.expected.index} is not part of the job")
        self.compare(prediction, got)
        self.check_totals(job, counters)
        self.ap.write(job)

    def check_totals(self, job: Job, counters: list[Mapping[str, int]]) -> None:
        """Counters of each pass, added up over those of a layer."""
        for part in parts(job, self.cfg.design):
            sums: Counter[str] = Counter()
            for one in counters[: len(part.passes)]:
                sums.update(one)
            counters = counters[len(part.passes) :]
            if wrong := self.cfg.totals(part, sums):
                raise Mismatch(f"{job.label}: {'; '.join(wrong)}")

    def drop_packets(self) -> None:
        """What a failed run sent before its flag does not count."""
        while self.packets.try_get()[0]:
            pass

    def check_failure(self, job: Job, observed: ObservedPass) -> None:
        """The pass must have ended in the expected error."""
        state, want = observed.state, job.expected
        assert want is not None, f"{job.label} is to end well"
        where = f"{job.label} pass {want.index}"
        if state is None or not state.error:
            raise Mismatch(f"{where}: expected {want.code.name}, found {state}")
        if state.code != want.code:
            raise Mismatch(f"{where}: expected {want.code.name}, found {state}")
        if want.position is not None and state.position != want.position:
            raise Mismatch(f"{where}: {want.code.name} at {want.position:#x} expected, {state}")

    def check_done(self, job: Job, index: int, observed: ObservedPass) -> None:
        """A good pass ends done, without error."""
        state = observed.state
        if state is None or not state.done or state.error:
            raise Mismatch(f"{job.label} pass {index}: ended with {state}")

    async def result(self, job: Job, index: int, words: int) -> Packet:
        """Result packet of a pass; its length is known."""
        packet: Packet = await self.packets.get()
        if packet.words.size != words:
            raise Mismatch(
                f"{job.label} pass {index}: result packet of {packet.words.size} words,"
                f" expected {words}",
                packet.ns[-1],
            )
        return packet

    def compare(self, prediction: Prediction, packets: list[Packet]) -> None:
        """All results of a job against the golden tensors."""
        job = prediction.job
        found = self.cfg.design.unpack(job.program, [packet.words for packet in packets])
        if len(found) != len(prediction.tensors):
            raise Mismatch(f"{job.label}: {len(found)} tensors, expected {len(prediction.tensors)}")
        keep_job(job, expected=prediction.tensors, found=found)
        for index, expected in enumerate(prediction.tensors):
            if not np.array_equal(found[index], expected):
                self.differ(job, index, found[index], expected, packets)
            self.compared += expected.size

    def differ(
        self, job: Job, index: int, found: np.ndarray, expected: np.ndarray, packets: list[Packet]
    ) -> None:
        """Say where the first difference of layer ``index`` is, and when it came."""
        time_ns = None
        if found.shape != expected.shape:
            detail = f"shape {found.shape}, expected {expected.shape}"
        else:
            wrong = np.argwhere(found != expected)
            at = tuple(int(i) for i in wrong[0])
            detail = (
                f"{len(wrong)} of {expected.size} results differ, first [B,K,P,Q] = {at}: "
                f"{found[at]}, expected {expected[at]}"
            )
            unpack = functools.partial(self.cfg.design.unpack, job.program)
            time_ns = time_of(unpack, packets, (index, at))
        name = job.layers[-1 if self.cfg.design.last_only else index].name
        raise Mismatch(f"{job.label} {name}: {detail}", time_ns)

    def check_counters(self, prediction: Prediction, index: int, observed: ObservedPass) -> None:
        """Identities, cycles in which results were held, and the cycle model if there is one."""
        job, counters = prediction.job, observed.counters
        where = f"{job.label} pass {index} {job.passes[index].tag}"
        if not counters:
            raise Mismatch(f"{where}: counters were not read")
        wrong = self.cfg.identities(job, index, counters)
        if wrong:
            raise Mismatch(f"{where}: {'; '.join(wrong)}; counters {dict(counters)}")
        if self.cfg.stalls and counters["stall_output"] != observed.held:
            raise Mismatch(
                f"{where}: stall_output {counters['stall_output']}, the result stream was held for "
                f"{observed.held} cycles"
            )
        if prediction.counters is None or prediction.compute is None:
            return
        model = {**prediction.counters[index], "cycles_compute": prediction.compute[index]}
        for name, value in model.items():
            if counters[name] != value:
                raise Mismatch(f"{where}: {name} {counters[name]}, model {value}")
        loaded, least = counters["cycles_wgt"], prediction.weights[index]
        if least is not None and loaded < least:
            raise Mismatch(f"{where}: cycles_wgt {loaded}, model {least} without waits")
        sent, least = counters["cycles_output"], prediction.output[index]
        if least is not None and not least <= sent <= least + counters["stall_output"]:
            raise Mismatch(f"{where}: cycles_output {sent}, model {least} without waits")

    def check_phase(self) -> None:
        """Something was compared and nothing is left over."""
        left = {
            name: fifo.used()
            for name, fifo in (
                ("predicted jobs", self.predictions),
                ("result packets", self.packets),
                ("passes", self.observed),
            )
            if fifo.used()
        }
        if left:
            raise Mismatch(f"left over at the end: {left}")
        if self.cfg.jobs_sent != self.jobs:
            raise Mismatch(f"{self.cfg.jobs_sent} jobs sent, {self.jobs} judged")
        if self.compared == 0:
            raise Mismatch("the scoreboard compared nothing")
        self.logger.info(
            "compared %d values in %d jobs, %d passes",
            self.compared,
            self.jobs,
            self.passes,
        )
