"""Predictor and scoreboard: golden tensors against what came out of the result stream.

The scoreboard holds no arithmetic: the golden model predicts, the design's ``unpack`` reads the
result packets, and the two are compared with ``array_equal`` as soon as a job's last packet is
there. It fails when it has compared nothing, or when something it waits for never came.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pyuvm import (
    ConfigDB,
    uvm_analysis_port,
    uvm_component,
    uvm_subscriber,
    uvm_tlm_analysis_fifo,
)

from models.golden import chain, golden_chain, im2col, matmul
from models.layer import Layer
from tb.common.items import Job, ObservedPass, Packet, Prediction


class Mismatch(AssertionError):
    """The accelerator answered something else than the model."""


def save_case(folder: Path, job: Job, **arrays: np.ndarray) -> Path:
    """Save a job so that it can be run again: layers, configuration, and what was found.

    Read with :func:`load_case`. Keys: ``meta`` (JSON: label, config, layers' scalars),
    ``weights<i>``, ``activations<i>``, ``bias<i>``, and ``arrays``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    label = "".join(c if c.isalnum() else "_" for c in job.label)[:80]
    path = folder / f"{label}.npz"
    layers, content = [], dict(arrays)
    for index, layer in enumerate(job.layers):
        scalars = ("stride", "padding", "shift", "relu", "name")
        layers.append({name: getattr(layer, name) for name in scalars})
        for name in ("weights", "activations", "bias"):
            if getattr(layer, name) is not None:
                content[f"{name}{index}"] = getattr(layer, name)
    config = asdict(job.config) if is_dataclass(job.config) else repr(job.config)
    meta = {"design": job.program.design, "label": job.label, "config": config, "layers": layers}
    np.savez_compressed(path, meta=np.array(json.dumps(meta)), **content)
    return path


def load_case(path: Path) -> tuple[dict[str, Any], list[Any]]:
    """Meta data and layers of a saved case."""
    with np.load(path, allow_pickle=False) as data:
        meta = json.loads(str(data["meta"]))
        layers = [
            Layer(
                data[f"weights{i}"], data.get(f"activations{i}"), bias=data[f"bias{i}"], **scalars
            )
            for i, scalars in enumerate(meta["layers"])
        ]
    return meta, layers


def useful_multiplies(job: Job, sums: Mapping[str, int]) -> list[str]:
    """Useful multiplies of a job, counted from its layers: pairs of non-zero operands."""
    expected = 0
    for layer, _ in chain(job.layers, job.config.act_width):
        weights = (layer.weights.reshape(layer.weights.shape[0], -1) != 0).astype(np.int64)
        expected += int(matmul(weights, (im2col(layer) != 0).astype(np.int64)).sum())
    if sums["mac_useful"] != expected:
        return [f"mac_useful {sums['mac_useful']}, the layers have {expected}"]
    return []


class Predictor(uvm_subscriber):
    """Job in, prediction out."""

    def build_phase(self) -> None:
        self.cfg = ConfigDB().get(self, "", "cfg")
        self.ap = uvm_analysis_port("ap", self)

    def write(self, job: Job) -> None:
        """Predict a job as it is handed to the sequencer."""
        tensors = golden_chain(job.layers, job.config.act_width)
        prediction = Prediction(job, self.cfg.corrupt(tensors))
        if self.cfg.cycles is not None and job.expected is None:
            passes = self.cfg.cycles(replace(job.program, passes=job.passes), job.config)
            prediction.counters = [p.counters for p in passes]
            prediction.compute = [p.compute for p in passes]
        self.ap.write(prediction)


class Scoreboard(uvm_component):
    """Compares result packets, counters and final states with the predictions, in order.

    compared: result values compared over the whole test; passes, jobs: what was judged;
    sums: counters added up over the good passes.
    """

    def build_phase(self) -> None:
        self.cfg = ConfigDB().get(self, "", "cfg")
        self.predictions = uvm_tlm_analysis_fifo("predictions", self)
        self.packets = uvm_tlm_analysis_fifo("packets", self)
        self.observed = uvm_tlm_analysis_fifo("observed", self)
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
        job, got, sums = prediction.job, [], Counter()
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
            sums.update(observed.counters)
            self.sums.update(observed.counters)
        if job.expected is not None:
            raise Mismatch(f"{job.label}: pass {job.expected.index} is not part of the job")
        self.compare(prediction, got)
        if wrong := self.cfg.totals(job, sums):
            raise Mismatch(f"{job.label}: {'; '.join(wrong)}")

    def drop_packets(self) -> None:
        """What a failed run sent before its flag does not count."""
        while self.packets.try_get()[0]:
            pass

    def check_failure(self, job: Job, observed: ObservedPass) -> None:
        """The pass must have ended in the expected error."""
        state, want = observed.state, job.expected
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
            path = save_case(self.cfg.out_dir, job)
            raise Mismatch(f"{job.label} pass {index}: ended with {state}; inputs in {path}")

    async def result(self, job: Job, index: int, words: int) -> np.ndarray:
        """Result packet of a pass; its length is known."""
        packet: Packet = await self.packets.get()
        if packet.words.size != words:
            path = save_case(self.cfg.out_dir, job, found=packet.words)
            raise Mismatch(
                f"{job.label} pass {index}: result packet of {packet.words.size} words,"
                f" expected {words}; inputs in {path}"
            )
        return packet.words

    def compare(self, prediction: Prediction, packets: list[np.ndarray]) -> None:
        """All results of a job against the golden tensors."""
        job = prediction.job
        found = self.cfg.design.unpack(job.program, packets)
        if len(found) != len(prediction.tensors):
            raise Mismatch(f"{job.label}: {len(found)} tensors, expected {len(prediction.tensors)}")
        for layer, tensor, expected in zip(job.layers, found, prediction.tensors, strict=True):
            if not np.array_equal(tensor, expected):
                self.differ(job, layer.name, tensor, expected)
            self.compared += expected.size

    def differ(self, job: Job, layer: str, found: np.ndarray, expected: np.ndarray) -> None:
        """Save the case and say where the first difference is."""
        path = save_case(self.cfg.out_dir, job, found=found, expected=expected)
        if found.shape != expected.shape:
            detail = f"shape {found.shape}, expected {expected.shape}"
        else:
            wrong = np.argwhere(found != expected)
            at = tuple(int(i) for i in wrong[0])
            detail = (
                f"{len(wrong)} of {expected.size} results differ, first [B,K,P,Q] = {at}: "
                f"{found[at]}, expected {expected[at]}"
            )
        raise Mismatch(f"{job.label} {layer}: {detail}; inputs in {path}")

    def check_counters(self, prediction: Prediction, index: int, observed: ObservedPass) -> None:
        """Identities, cycles in which results were held, and the cycle model if there is one."""
        job, counters = prediction.job, observed.counters
        where = f"{job.label} pass {index} {job.passes[index].tag}"
        if not counters:
            raise Mismatch(f"{where}: counters were not read")
        wrong = self.cfg.identities(job, index, counters)
        if wrong:
            raise Mismatch(f"{where}: {'; '.join(wrong)}; counters {dict(counters)}")
        if counters["stall_output"] != observed.held:
            raise Mismatch(
                f"{where}: stall_output {counters['stall_output']}, the result stream was held for "
                f"{observed.held} cycles"
            )
        if prediction.counters is None:
            return
        model = {**prediction.counters[index], "cycles_compute": prediction.compute[index]}
        for name, value in model.items():
            if counters[name] != value:
                path = save_case(self.cfg.out_dir, job)
                raise Mismatch(f"{where}: {name} {counters[name]}, model {value}; inputs in {path}")

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
