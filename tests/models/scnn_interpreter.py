"""The contract of SCNN (``rtl/scnn/README.md``) as a program: every register of every PE, a cycle
at a time, products with their values, the walk command by command.

Slow and simple: no numpy, nothing of ``models/scnn`` but the configuration. It follows good
programs only; what the RTL would stop at is an AssertionError.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field


def bits(words, low, width):
    """A field of a row of stream words, low word first."""
    whole = sum(int(word) << 64 * at for at, word in enumerate(words))
    return whole >> low & (1 << width) - 1


def signed(value, width):
    return value - (1 << width) if value >> width - 1 else value


class Registers:
    """CFG fields by name."""

    mode: int  # and all others that FIELDS names

    FIELDS = {
        "mode": (0, 0, 32), "c": (1, 0, 16), "taps": (1, 16, 8), "groups": (2, 0, 16),
        "kc_log": (2, 16, 3), "shape": (2, 20, 2), "last_k": (2, 24, 7), "wt": (3, 0, 8),
        "ht": (3, 8, 8), "pitch": (3, 16, 8), "gap": (3, 24, 5), "hl": (4, 0, 4), "hr": (4, 4, 4),
        "hu": (4, 8, 4), "hd": (4, 12, 4), "fx0": (5, 0, 16), "fx1": (5, 16, 16),
        "fy0": (6, 0, 16), "fy1": (6, 16, 16), "cix": (7, 0, 16), "ciy": (7, 16, 16),
        "cox": (8, 0, 16), "coy": (8, 16, 16), "wgt_base": (9, 0, 24), "bias_base": (10, 0, 16),
        "shift": (11, 0, 6), "act_words": (12, 0, 32), "cout_base": (13, 0, 16),
        "out_channels": (14, 0, 16),
    }  # fmt: skip

    def __init__(self, cfg):
        for name, (word, low, width) in self.FIELDS.items():
            setattr(self, name, cfg.get(word, 0) >> low & (1 << width) - 1)

    def flag(self, bit):
        return self.mode >> bit & 1


LOAD_WGT, LOAD_ACT, COMPUTE, OUTPUT, SWAP, RELU, OA_KEEP, EMPTY, MERGE, DENSE, RIM = range(11)


@dataclass
class Memory:
    """An activation memory: entries (run, value) of each channel, and carried sums."""

    channels: list = field(default_factory=list)

    def count(self, channel):
        return len(self.channels[channel])


class Pe:
    """A PE; the registers of its blocks have the names of the contract."""

    def __init__(self, number, config):
        self.number, self.config = number, config
        self.px, self.py = number % config.pe_x, number // config.pe_x
        self.source, self.target = Memory(), Memory()
        self.carry, self.carry_out = [], []

    def start(self, cfg):
        config = self.config
        self.cfg = cfg
        self.stage = None
        self.fifo = deque()  # vectors not freed
        self.rd = 0
        self.desc = deque()
        self.in_flight = None
        self.issue_row = 0
        self.position = -1
        self.items = deque()
        self.sub = 0
        self.end = self.old = False
        self.par = self.set = 0
        self.pipe = [None] * (2 + config.merge)
        self.lanes = [[] for _ in range(config.f * config.i)]
        self.queues = [deque() for _ in range(config.banks)]
        self.acc = [{}, {}]
        self.carry_at = 0
        self.carry_out = []
        self.counts = Counter()
        self.run, self.row = 0, []

    # ------------------------------------------------------------ 1.2 .. 1.3
    def row_ready(self):
        burst = self.config.row_vectors
        held = max(len(self.fifo), len(self.desc))
        return held + (burst if self.stage else 0) + burst <= self.config.wgt_fifo

    def admit(self):
        """What the row in the stage register brings: (vectors, descriptors)."""
        vectors, descriptors = [], []
        for vec in self.stage or []:
            if not vec["valid"]:
                continue
            entries = 0 if vec["end"] else self.source.count(vec["channel"])
            works = entries and vec["n"] and not vec["end"]
            if works:
                vectors.append(vec)
            if vec["last"]:
                if vec["end"]:
                    descriptors.append(("END", None))
                elif works:
                    descriptors.append(("ROW", vec["channel"]))
                else:
                    self.counts["skips"] += 1
                    if self.cfg.flag(EMPTY):
                        descriptors.append(("NULL", None))
        self.counts["fifo_writes"] += len(vectors)
        return vectors, descriptors

    # ------------------------------------------------------------ 1.4
    def read(self):
        """(item put into the row FIFO in this cycle, what is issued)."""
        item = self.in_flight
        if item and item["kind"] == "ROW":
            if item["first"]:
                self.position = -1
            entries = []
            for run, value in item["entries"]:
                self.position += run + 1
                assert self.position < self.cfg.ht * self.cfg.pitch
                entries.append((self.position, value))
            item = {**item, "entries": entries}
        issued = None
        if self.desc and len(self.items) + (self.in_flight is not None) < 4:
            kind, channel = self.desc[0]
            issued = {"kind": kind}
            last = True
            if kind == "ROW":
                wide = self.config.i
                stored = self.source.channels[channel]
                row = self.issue_row
                last = (row + 1) * wide >= len(stored)
                issued |= {
                    "entries": stored[row * wide : (row + 1) * wide],
                    "first": row == 0,
                    "last": last,
                }
                self.counts["act_reads"] += 1
                self.issue_row = 0 if last else row + 1
            if last:
                self.desc.popleft()
        return item, issued

    # ------------------------------------------------------------ 1.5
    def step(self, ready):
        """(step issued, item leaves, vectors freed); accounts of the cycle."""
        lanes = self.config.f * self.config.i
        if self.end:
            self.counts["stall_sync"] += lanes
            return None, False, 0
        if not self.items:
            return None, False, 0
        item = self.items[0]
        if item["kind"] == "END":
            self.counts["stall_sync"] += lanes
            return None, True, 0
        if item["kind"] == "NULL":
            self.counts["slot_empty"] += lanes
            return None, True, 0
        if not ready:
            self.counts["stall_bank"] += lanes
            return None, False, 0
        wide = self.config.i >> self.cfg.shape
        acts = item["entries"][self.sub * wide : (self.sub + 1) * wide]
        vectors = []
        while len(vectors) < 1 << self.cfg.shape:
            vectors.append(self.fifo[self.rd + len(vectors)])
            if vectors[-1]["last"]:
                break
        self.counts["fifo_reads"] += len(vectors)
        found = [None] * lanes
        present = 0
        for v, vec in enumerate(vectors):
            for j in range(vec["n"]):
                for a, (position, value) in enumerate(acts):
                    present += 1
                    k, offset, weight = vec["lanes"][j]
                    if weight and value:
                        lane = (v * self.config.f + j) * wide + a
                        found[lane] = (k, position + offset, weight * value)
        useful = sum(one is not None for one in found)
        self.counts["mac_useful"] += useful
        self.counts["slot_padding"] += present - useful
        self.counts["slot_empty"] += lanes - present
        self.rd += len(vectors)
        leaves, freed = False, 0
        if vectors[-1]["last"]:
            self.sub += 1
            done = self.sub * wide >= len(item["entries"])
            if done:
                self.sub = 0
                leaves = True
                if item["last"]:
                    freed = self.rd
            self.rd = 0
        return (self.par, found), leaves, freed

    # ------------------------------------------------------------ 1.6
    def place(self, k, line):
        """(bank, entry)."""
        quarter = self.config.banks // 4
        m = k >> 2
        if self.config.bank_map == 0:
            low = (line + 3 * m) % quarter
        elif self.config.bank_map == 1:
            low = line % quarter
        else:
            low = line % quarter ^ line // quarter % quarter ^ 3 * m % quarter
        room = self.config.entries * 4 >> self.cfg.kc_log
        assert line // quarter < room, "beyond the accumulator tile"
        return (k & 3) * quarter + low, m * room + line // quarter

    def blocked(self):
        last = self.pipe[-1]
        if last is None:
            return False
        parity, found = last
        if self.old and parity == self.par:
            return True
        return any(
            one is not None and len(lane) >= self.config.lane_depth
            for one, lane in zip(found, self.lanes, strict=True)
        )

    def merge(self, step):
        """Products of a step for one accumulator added to the first of them."""
        parity, found = step
        first = {}
        found = list(found)
        for lane, one in enumerate(found):
            if one is None:
                continue
            k, line, value = one
            if (k, line) in first:
                into = first[k, line]
                found[into] = (k, line, found[into][2] + value)
                found[lane] = None
                self.counts["merged"] += 1
            else:
                first[k, line] = lane
        return parity, found

    # ------------------------------------------------------------ 1.7, 1.8
    def idle(self):
        return not any(self.lanes) and not any(self.queues)

    def crossbar(self, turn):
        config = self.config
        lanes = len(self.lanes)
        room = [min(config.xbar_grants, config.bank_depth - len(q)) for q in self.queues]
        taken = {}
        granted = []
        for ahead in range(config.look_ahead):
            for at in range(lanes):
                lane = (turn + at) % lanes
                if lane in taken or len(self.lanes[lane]) <= ahead:
                    continue
                bank = self.lanes[lane][ahead][0]
                if room[bank] > 0:
                    room[bank] -= 1
                    taken[lane] = ahead
                    granted.append(self.lanes[lane][ahead])
        for queue in self.queues:
            if queue:
                place, value = queue.popleft()
                into = self.acc[self.set]
                into[place] = into.get(place, 0) + value
                assert -(1 << config.acc_width - 1) <= into[place] < 1 << config.acc_width - 1
                self.counts["psum_reads"] += 1
                self.counts["psum_writes"] += 1
        return taken, granted

    # ------------------------------------------------------------ a cycle
    def cycle(self, now, row, go, last):
        old_in_pipe = any(one is not None and one[0] != self.par for one in self.pipe)
        drained = self.old and not old_in_pipe and self.idle()
        blocked = self.blocked()
        moves = [not blocked]
        for one in reversed(self.pipe[:-1]):
            moves.insert(0, one is None or moves[0])
        step, leaves, freed = self.step(moves[0])
        item, issued = self.read()
        vectors, descriptors = self.admit()
        taken, granted = self.crossbar(now % len(self.lanes))
        handed = None if blocked else self.pipe[-1]
        # Registers.
        for lane, ahead in taken.items():
            del self.lanes[lane][ahead]
        for bank, place, value in granted:
            self.queues[bank].append((place, value))
        if handed:
            for lane, one in enumerate(handed[1]):
                if one is not None:
                    bank, entry = self.place(one[0], one[1])
                    self.lanes[lane].append((bank, (bank, entry), one[2]))
        for at in range(len(self.pipe) - 1, 0, -1):
            if moves[at]:
                moved = self.pipe[at - 1]
                if at == 2 and moved and self.cfg.flag(MERGE):
                    moved = self.merge(moved)
                self.pipe[at] = moved
        if moves[0]:
            self.pipe[0] = step
        if leaves:
            kind = self.items.popleft()["kind"]
            if kind == "END":
                self.end = True
        for _ in range(freed):
            self.fifo.popleft()
        if item:
            self.items.append(item)
        self.in_flight = issued
        self.fifo.extend(vectors)
        self.desc.extend(descriptors)
        assert row is None or len(self.fifo) <= self.config.wgt_fifo
        self.stage = row
        if drained:
            self.old = False
            self.set ^= 1
        if go:
            self.end = last
            self.par ^= 1
            self.old = True

    # ------------------------------------------------------------ 1.10
    def encode(self, value):
        if value == 0:
            if self.run == 15:
                self.row.append((15, 0))
                self.run = 0
            else:
                self.run += 1
        else:
            self.row.append((self.run, value))
            self.run = 0

    def skip(self, gap):
        self.run += gap
        if self.run >= 16:
            self.row.append((15, 0))
            self.run -= 16

    def flush(self):
        rows = -(-len(self.row) // self.config.i)
        self.counts["act_writes"] += rows
        self.target.channels.append(self.row)
        self.row, self.run = [], 0

    def result(self, k, ax, ay, acc, bias):
        """DRAIN of a position."""
        cfg, config = self.cfg, self.config
        ex, ey = self.px * cfg.wt + ax, self.py * cfg.ht + ay
        owned = (ax >= cfg.hl or self.px == 0) and (
            ax < cfg.hl + cfg.wt or self.px == config.pe_x - 1
        )
        owned = owned and (ay >= cfg.hu or self.py == 0)
        owned = owned and (ay < cfg.hu + cfg.ht or self.py == config.pe_y - 1)
        final = owned and cfg.fx0 <= ex < cfg.fx1 and cfg.fy0 <= ey < cfg.fy1
        leaves = owned and not final
        leaves = leaves and cfg.fx0 <= ex < cfg.cox and cfg.fy0 <= ey < cfg.coy
        if (final or leaves) and (ex < cfg.cix or ey < cfg.ciy):
            acc += self.carry[self.carry_at]
            self.carry_at += 1
            self.counts["carry_words"] += 1
        value = 0
        if final:
            total = acc + bias
            size = (abs(total) + (1 << cfg.shift >> 1)) >> cfg.shift
            value = max(-32768, min(32767, size if total >= 0 else -size))
            value = max(0, value) if cfg.flag(RELU) else value
        if leaves:
            self.carry_out.append(acc)
            self.counts["carry_words"] += 1
        self.encode(value)


class Interpreter:
    """The accelerator."""

    def __init__(self, config):
        self.config = config
        self.pes = [Pe(pe, config) for pe in range(config.pe_x * config.pe_y)]
        self.offsets, self.bias, self.rows = {}, {}, {}

    def run(self, item):
        """(counters, result words) of a pass."""
        cfg = Registers(item.cfg)
        counts = Counter()
        if item.wgt is not None:
            self._load_weights([int(word) for word in item.wgt], counts)
        if item.act is not None:
            self._load_acts([int(word) for word in item.act], cfg, counts)
        if cfg.flag(COMPUTE):
            counts["cycles_compute"] = self._compute(cfg, counts)
        words = None
        if cfg.flag(OUTPUT):
            words = self._send(cfg)
            counts["cycles_output"] = self._sending_cycles(cfg)
        if cfg.flag(SWAP):
            for pe in self.pes:
                pe.source, pe.target = pe.target, Memory()
        return counts, words

    # ------------------------------------------------------------ 2.3, 2.4
    def _load_weights(self, words, counts):
        config = self.config
        assert words[0] >> 32 == 0x4C414357 and words[0] & 0xFFFFFFFF == len(words) - 1
        at = 1
        per = -(-(16 + 12 * config.row_vectors + 20 * config.f * config.row_vectors) // 64)
        before = 0
        while at < len(words):
            kind, base, count = words[at] & 15, words[at] >> 16 & 0xFFFFFF, words[at] >> 40
            assert kind > before
            before = kind
            at += 1
            for number in range(count):
                if kind == 1:
                    value = words[at + number // 4] >> 16 * (number % 4) & 0xFFFF
                    self.offsets[base + number] = value
                elif kind == 2:
                    value = words[at + number // 2] >> 32 * (number % 2) & 0xFFFFFFFF
                    self.bias[base + number] = signed(value, 32)
                else:
                    self.rows[base + number] = words[at + number * per : at + (number + 1) * per]
                    counts["wgt_writes"] += 1
            at += {1: -(-count // 4), 2: -(-count // 2), 3: count * per}[kind]

    def _load_acts(self, words, cfg, counts):
        config = self.config
        assert words[0] == 0x4C414341 << 32 | cfg.act_words and len(words) == 1 + cfg.act_words
        at = 1
        per = -(-20 * config.i // 64)
        lanes, width = (2, 32) if config.acc_width <= 32 else (1, 64)
        for pe in self.pes:
            head = words[at]
            assert head & 0xFFFFFF == pe.number
            rows, carry = head >> 24 & 0xFFFFFF, head >> 48
            at += 1
            sizes = [words[at + c // 4] >> 16 * (c % 4) & 0xFFFF for c in range(cfg.c)]
            at += -(-cfg.c // 4)
            assert rows == sum(-(-size // config.i) for size in sizes) <= config.iaram_rows
            pe.source = Memory()
            for size in sizes:
                entries = []
                for entry in range(size):
                    row = words[at + entry // config.i * per :][:per]
                    raw = bits(row, 20 * (entry % config.i), 20)
                    entries.append((raw >> 16, signed(raw & 0xFFFF, 16)))
                pe.source.channels.append(entries)
                at += -(-size // config.i) * per
            pe.carry = [
                signed(
                    words[at + word // lanes] >> width * (word % lanes) & (1 << width) - 1, width
                )
                for word in range(carry)
            ]
            at += -(-carry // lanes)
            counts["act_writes"] += rows
            counts["idx_writes"] += -(-cfg.c // 8)
        assert at == len(words)

    def _rows(self, cfg):
        """The rows of a pass, decoded."""
        config = self.config
        at, ends = cfg.wgt_base, 0
        position = -1
        while ends < cfg.groups:
            words = self.rows[at]
            row = []
            for v in range(config.row_vectors):
                tag = bits(words, 16 + 12 * v, 12)
                vec = {
                    "valid": tag >> 10 & 1,
                    "end": tag >> 9 & 1,
                    "last": tag >> 8 & 1,
                    "n": tag >> 3 & 31,
                    "channel": bits(words, 0, 16) * 8 + (tag & 7),
                    "lanes": [],
                }
                if vec["valid"]:
                    for j in range(vec["n"]):
                        low = 16 + 12 * config.row_vectors + 20 * (v * config.f + j)
                        raw = bits(words, low, 20)
                        position += (raw >> 16) + 1
                        k, tap = position % (1 << cfg.kc_log), position >> cfg.kc_log
                        assert tap < cfg.taps and vec["channel"] < cfg.c
                        vec["lanes"].append((k, self.offsets[tap], signed(raw & 0xFFFF, 16)))
                    if vec["last"]:
                        position = -1
                    ends += vec["end"]
                row.append(vec)
            yield row
            at += 1

    # ------------------------------------------------------------ 2.5
    def _compute(self, cfg, counts):
        for pe in self.pes:
            pe.start(cfg)
            if not cfg.flag(OA_KEEP):
                pe.target = Memory()
        begun = len(self.pes[0].target.channels)
        rows = deque(self._rows(cfg))
        group, given, ready, now = 0, 0, 0, 0
        go_cycle = None  # of the group whose walker has not begun
        all_end = all_drained = False
        while True:
            if go_cycle is not None and all_drained and now - 1 > go_cycle + 1:
                commands = list(self._walk(cfg, group))
                self._drain(cfg, group, commands, counts)
                ready = now + 1 + len(commands) + 8
                go_cycle = None
                group += 1
                if group == cfg.groups:
                    break
            go = all_end and go_cycle is None and now >= ready and given < cfg.groups
            counts["stall_ppu"] += all_end and not go
            given += go
            last = go and given == cfg.groups
            row = None
            if now >= 6 and rows:
                if all(pe.row_ready() for pe in self.pes):
                    row = rows.popleft()
                    counts["wgt_reads"] += 1
                    counts["broadcasts"] += 1
                    counts["idx_reads"] += len(self.pes)
                else:
                    counts["stall_queue_full"] += 1
            all_end = all(pe.end for pe in self.pes) and not go
            all_end = all_end and given < cfg.groups
            all_drained = not any(pe.old for pe in self.pes)
            for pe in self.pes:
                pe.cycle(now, row, go, last)
            if go:
                go_cycle = now
            now += 1
            assert now < 200000, "hangs"
        cycles = ready + 1
        lanes = self.config.f * self.config.i
        for pe in self.pes:
            counts.update(pe.counts)
            counts["stall_sync"] += (cycles - now - 3) * lanes
        done = len(self.pes[0].target.channels)
        words = done // 8 - begun // 8 + (done % 8 > 0)
        counts["idx_writes"] += words * len(self.pes)
        counts["mac_slots"] = cycles * lanes * len(self.pes)
        taken = ("mac_useful", "slot_padding", "slot_empty", "stall_bank", "stall_sync")
        counts["stall_input"] = counts["mac_slots"] - sum(counts[name] for name in taken)
        return cycles

    def _walk(self, cfg, group):
        """Commands of a group in order, one for each cycle."""
        high, wide = cfg.ht + cfg.hu + cfg.hd, cfg.wt + cfg.hl + cfg.hr
        kc = 1 << cfg.kc_log
        rim = cfg.flag(RIM)
        box_y = range(high) if rim else range(cfg.hu, cfg.hu + cfg.ht)
        box_x = range(wide) if rim else range(cfg.hl, cfg.hl + cfg.wt)
        for ax in range(cfg.hl):
            for ay in range(high):
                for k in range(kc):
                    yield "W", k, ay * cfg.pitch + ax, ay * cfg.pitch + ax + cfg.wt
            yield from [("NONE",)] * 4
        for ax in range(wide - 1, cfg.hl + cfg.wt - 1, -1):
            for ay in range(high):
                for k in range(kc):
                    yield "E", k, ay * cfg.pitch + ax, ay * cfg.pitch + ax - cfg.wt
            yield from [("NONE",)] * 4
        for ay in range(cfg.hu):
            for ax in box_x:
                for k in range(kc):
                    yield "N", k, ay * cfg.pitch + ax, (ay + cfg.ht) * cfg.pitch + ax
            yield from [("NONE",)] * 4
        for ay in range(high - 1, cfg.hu + cfg.ht - 1, -1):
            for ax in box_x:
                for k in range(kc):
                    yield "S", k, ay * cfg.pitch + ax, (ay - cfg.ht) * cfg.pitch + ax
            yield from [("NONE",)] * 4
        for k in range(cfg.last_k if group + 1 == cfg.groups else kc):
            for ay in box_y:
                for ax in box_x:
                    yield "DRAIN", k, ax, ay
                if cfg.gap and ay != box_y[-1]:
                    yield ("GAP",)
            yield ("FLUSH",)

    def _drain(self, cfg, group, commands, counts):
        """All that the walker of a group does; the other set of every PE."""
        towards = {"W": (-1, 0), "E": (1, 0), "N": (0, -1), "S": (0, 1)}
        config = self.config
        on_its_way = deque()
        for command in commands:
            # What was sent two commands ago is added now.
            arrives = on_its_way.popleft() if len(on_its_way) == 2 else []
            for pe, place, value in arrives:
                acc = pe.acc[pe.set ^ 1]
                acc[place] = acc.get(place, 0) + value
            sent = []
            op = command[0]
            if op in towards:
                _, k, line, line2 = command
                dx, dy = towards[op]
                for pe in self.pes:
                    x, y = pe.px + dx, pe.py + dy
                    if 0 <= x < config.pe_x and 0 <= y < config.pe_y:
                        value = pe.acc[pe.set ^ 1].pop(pe.place(k, line), 0)
                        other = self.pes[y * config.pe_x + x]
                        for _, place, _ in arrives:
                            assert place[0] != pe.place(k, line)[0], "read and add in one bank"
                        sent.append((other, other.place(k, line2), value))
                        counts["halo_words"] += 1
            elif op == "DRAIN":
                _, k, ax, ay = command
                bias = self.bias.get(cfg.bias_base + (group << cfg.kc_log) + k, 0)
                for pe in self.pes:
                    acc = pe.acc[pe.set ^ 1].pop(pe.place(k, ay * cfg.pitch + ax), 0)
                    pe.result(k, ax, ay, acc, bias)
            elif op == "GAP":
                for pe in self.pes:
                    pe.skip(cfg.gap)
            elif op == "FLUSH":
                for pe in self.pes:
                    pe.flush()
            on_its_way.append(sent)
        for pe in self.pes:
            pe.acc[pe.set ^ 1].clear()

    # ------------------------------------------------------------ 2.6
    def _send(self, cfg):
        config = self.config
        lanes, width = (2, 32) if config.acc_width <= 32 else (1, 64)
        words = []

        def pack(values, each, size):
            for at in range(0, len(values), each):
                part = values[at : at + each]
                words.append(sum((v & (1 << size) - 1) << size * n for n, v in enumerate(part)))

        for pe in self.pes:
            channels = pe.target.channels[: cfg.out_channels]
            if cfg.flag(DENSE):
                self._send_dense(cfg, channels, pack)
            else:
                rows = sum(-(-len(one) // config.i) for one in channels)
                words.append(len(pe.carry_out) << 48 | rows << 24 | pe.number)
                pack([len(one) for one in channels], 4, 16)
                for one in channels:
                    for at in range(0, len(one), config.i):
                        whole = 0
                        for lane, (run, value) in enumerate(one[at : at + config.i]):
                            whole |= (run << 16 | value & 0xFFFF) << 20 * lane
                        for word in range(-(-20 * config.i // 64)):
                            words.append(whole >> 64 * word & (1 << 64) - 1)
            pack(pe.carry_out, lanes, width)
        return words

    def _sending_cycles(self, cfg):
        """2.9: emit in cycle 0, the last word is taken in cycle n + 1."""
        wide, full = self.config.i, -(-20 * self.config.i // 64)
        paired = self.config.acc_width <= 32
        n = 0
        for pe in self.pes:
            counts = [len(one) for one in pe.target.channels[: cfg.out_channels]]
            if cfg.flag(DENSE):
                box_w = cfg.wt + (cfg.hl + cfg.hr if cfg.flag(RIM) else 0)
                box_h = cfg.ht + (cfg.hu + cfg.hd if cfg.flag(RIM) else 0)
                n += 1
                for channel, count in enumerate(counts):
                    n += channel % 8 == 0
                    n += box_w * box_h + cfg.gap * (box_h - 1) + 2
                    n += max(0, -(-count // wide) - 1)
                n += bool(pe.carry_out) or pe is self.pes[-1]
            else:
                n += 3 + 1 + -(-len(counts) // 4)
                n += sum(-(-count // wide) * full for count in counts)
            for at in range(0, len(pe.carry_out), 2 if paired else 1):
                n += 2 if paired and at + 1 < len(pe.carry_out) else 1
        return n + 2

    def _send_dense(self, cfg, channels, pack):
        wide = cfg.wt + (cfg.hl + cfg.hr if cfg.flag(RIM) else 0)
        high = cfg.ht + (cfg.hu + cfg.hd if cfg.flag(RIM) else 0)
        for entries in channels:
            plane = {}
            position = -1
            for run, value in entries:
                position += run + 1
                plane[position] = value
            pitch = wide + cfg.gap
            pack([plane.get(y * pitch + x, 0) for y in range(high) for x in range(wide)], 4, 16)
