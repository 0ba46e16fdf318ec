// Copyright Lacuna contributors.
// SPDX-License-Identifier: Apache-2.0
//
// Main program of a full-size Verilator build, in place of cocotb's. It makes the clock itself: once
// the pin half_period_i of the top is not 0, clk_i changes every so many time steps, without a timed
// callback, a write through VPI and an evaluation in vain for each edge. Callbacks of cocotb come in
// the same places of a time step as there: those of a value before an edge is evaluated and after,
// then ReadWrite, ReadOnly; whoever waits for an edge reads what was before it.
//
// The bench has no delays (`#`) of its own: Verilator is not asked for any.
//
// A time step in which nobody asked for anything costs one evaluation. While the host of the bench
// plays (lac_tb_host.sv), Python waits for host_done_o and perhaps for a time, by agreement: until
// then nobody is asked at all.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include "Vtop.h"
#include "verilated.h"
#include "verilated_vpi.h"

#if VM_COVERAGE
#include "verilated_cov.h"
#endif
#if VM_TRACE_FST
#include "verilated_fst_c.h"
using Dump = VerilatedFstC;
#elif VM_TRACE
#include "verilated_vcd_c.h"
using Dump = VerilatedVcdC;
#endif

extern "C" void vlog_startup_routines_bootstrap(void);  // cocotb's library

namespace {

constexpr QData Never = ~QData{0};
QData now = 0;  // ps

class Simulation {
 public:
  Simulation() : top_{new Vtop{""}} { Verilated::fatalOnVpiError(false); }

  void dump(const char *path) {
#if VM_TRACE
    dump_ = new Dump;
    top_->trace(dump_, 99);
    dump_->open(path);
#else
    (void)path;
#endif
  }

  void run() {
    vlog_startup_routines_bootstrap();
    Verilated::addExitCb([](void *self) { static_cast<Simulation *>(self)->close(); }, this);
    VerilatedVpi::callCbs(cbStartOfSimulation);
    settle();
    evaluate();
    while (!Verilated::gotFinish() && advance()) {
    }
    top_->final();
    close();
  }

 private:
  // Whether a callback was called. One may change what another waits for.
  static bool settle() {
    bool called = false;
    while (VerilatedVpi::callValueCbs()) called = true;
    return called;
  }

  // All regions of a time step, until nothing changes.
  void evaluate() {
    do {
      do {
        top_->eval_step();
        VerilatedVpi::clearEvalNeeded();
        VerilatedVpi::doInertialPuts();
        settle();
      } while (VerilatedVpi::evalNeeded());
      VerilatedVpi::callCbs(cbReadWriteSynch);
      VerilatedVpi::doInertialPuts();
      settle();
    } while (VerilatedVpi::evalNeeded());
    end_step();
  }

  void end_step() {
    top_->eval_end_step();
    if (VerilatedVpi::hasCbs(cbReadOnlySynch)) VerilatedVpi::callCbs(cbReadOnlySynch);
#if VM_TRACE
    if (dump_) dump_->dump(now);
#endif
  }

  // To the next time at which something is to be done; false if there is none.
  bool advance() {
    const QData half = top_->half_period_i;
    if (!half) {
      next_edge_ = Never;
    } else if (next_edge_ == Never) {
      next_edge_ = now + half;
    }
    const QData timed = VerilatedVpi::cbNextDeadline();
    now = std::min(next_edge_, timed);
    if (now == Never) return false;
    if (now < timed && alone()) {
      play(timed, half);
      return true;
    }
    bool called = false;
    if (VerilatedVpi::hasCbs(cbNextSimTime)) {
      called |= VerilatedVpi::callCbs(cbNextSimTime);
      settle();
    }
    if (timed == now) {
      VerilatedVpi::callTimedCbs();
      settle();
      called = true;
    }
    if (next_edge_ == now) {
      next_edge_ += half;
      top_->clk_i = !top_->clk_i;
      called |= settle();
    }
    if (called) {
      evaluate();
      return true;
    }
    top_->eval_step();
    if (settle() || VerilatedVpi::hasCbs(cbReadWriteSynch)) {
      evaluate();
    } else {
      end_step();
    }
    return true;
  }

  bool playing() const { return top_->host_go_i && !top_->host_done_o; }

  // Whether nothing but the clock is due while the host plays.
  bool alone() const {
    return playing() && !VerilatedVpi::hasCbs(cbNextSimTime) &&
           !VerilatedVpi::hasCbs(cbReadWriteSynch) && !VerilatedVpi::hasCbs(cbReadOnlySynch);
  }

  // Edges from the one that is due now on, until the host has ended or a time is due.
  void play(QData until, QData half) {
    for (;;) {
      top_->clk_i = !top_->clk_i;
      top_->eval_step();
      next_edge_ += half;
      if (!playing() || next_edge_ >= until || Verilated::gotFinish()) break;
      top_->eval_end_step();
#if VM_TRACE
      if (dump_) dump_->dump(now);
#endif
      now = next_edge_;
    }
    if (settle()) {
      evaluate();
    } else {
      end_step();
    }
  }

  // The end; also on the way out of $fatal, so it may come twice.
  void close() {
    if (closed_) return;
    closed_ = true;
    VerilatedVpi::callCbs(cbEndOfSimulation);
#if VM_TRACE
    if (dump_) dump_->close();
#endif
#if VM_COVERAGE
    VerilatedCov::write();
#endif
  }

  std::unique_ptr<Vtop> top_;
  QData next_edge_ = Never;
  bool closed_ = false;
#if VM_TRACE
  Dump *dump_ = nullptr;
#endif
};

}  // namespace

double sc_time_stamp() { return static_cast<double>(now); }

int main(int argc, char **argv) {
  // Those that cocotb's runner gives, and plusargs.
  bool wanted = false;
#if VM_TRACE_FST
  const char *path = "dump.fst";
#else
  const char *path = "dump.vcd";
#endif
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--trace")) {
      wanted = true;
    } else if (!std::strcmp(argv[i], "--trace-file") && i + 1 < argc) {
      path = argv[++i];
    } else if (argv[i][0] != '+') {
      std::fprintf(stderr, "%s: unknown argument %s\n", argv[0], argv[i]);
      return 2;
    }
  }
  Verilated::commandArgs(argc, argv);
#if VM_TRACE
  Verilated::traceEverOn(true);
#endif
  Simulation simulation;
  if (wanted) simulation.dump(path);
  simulation.run();
  return Verilated::threadContextp()->errorCount() > 0;
}
