// Copyright Lacuna contributors.
// SPDX-License-Identifier: Apache-2.0
//
// Bare harness of the full-size bench: what a simulation costs without cocotb, Python and the host in
// HDL. The same compiled model, streams and register accesses; the pins are written here. A measure
// for main.cpp (scripts/speed), linked by bare.mk; nothing else runs it.
//
// Plusargs: those of lac_tb_player, lac_tb_sink and of lac_tb_host but for the progress, and
// +bare_watchdog=cycles. It prints "<clock cycles> <seconds>" of all steps. Exit status 1: a register
// or the interrupt was not as expected, 2: it was called wrongly.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "Vtop.h"
#include "verilated.h"

namespace {

enum Kind { Write = 1, Read = 2, Wait = 3 };

// As in tb/common/player/steps.py.
struct Step {
  uint8_t last, kind;
  uint16_t address;
  uint32_t data, mask;
};

struct Refused {
  int status;
  std::string text;
};

uint32_t number(const uint8_t *at, int bytes) {
  uint32_t value = 0;
  while (bytes--) value = value << 8 | *at++;
  return value;
}

std::vector<Step> read_steps(const char *path) {
  std::FILE *file = std::fopen(path, "rb");
  if (!file) throw Refused{2, std::string("cannot open ") + path};
  std::vector<Step> steps;
  uint8_t row[16];
  while (std::fread(row, sizeof row, 1, file) == 1) {
    steps.push_back({row[0], row[1], static_cast<uint16_t>(number(row + 2, 2)), number(row + 4, 4),
                     number(row + 8, 4)});
  }
  std::fclose(file);
  return steps;
}

class Harness {
 public:
  explicit Harness(std::FILE *reads) : reads_{reads} {
    top_.clk_i = top_.rst_ni = 0;
    top_.half_period_i = top_.host_go_i = 0;
    top_.s_axil_awaddr = top_.s_axil_awprot = top_.s_axil_awvalid = 0;
    top_.s_axil_wdata = top_.s_axil_wstrb = top_.s_axil_wvalid = top_.s_axil_bready = 0;
    top_.s_axil_araddr = top_.s_axil_arprot = top_.s_axil_arvalid = top_.s_axil_rready = 0;
  }

  // As bring_up in tb/common/bfm/block.py: a falling edge of the reset before the first of the clock.
  void reset() {
    for (const int level : {1, 0}) {
      top_.rst_ni = level;
      top_.eval();
    }
    for (int i = 0; i < 3; ++i) edge();
    top_.rst_ni = 1;
    edge();
  }

  void play(const Step &step) {
    if (step.kind == Write) {
      write(step.address, step.data);
    } else if (step.kind == Read) {
      const uint32_t found = read(step.address);
      if (reads_) std::fprintf(reads_, "%08x\n", found);
      if ((found & step.mask) != step.data) fail("read", step.address, found);
    } else {
      until([this] { return top_.irq_o; }, step.data + uint64_t{1}, "no interrupt");
    }
  }

  void write(uint16_t address, uint32_t data) {
    edge();
    top_.s_axil_awaddr = address;
    top_.s_axil_wdata = data;
    top_.s_axil_wstrb = 0xF;
    top_.s_axil_awvalid = top_.s_axil_wvalid = 1;
    while (top_.s_axil_awvalid || top_.s_axil_wvalid) {
      settle();
      const bool aw = top_.s_axil_awready, w = top_.s_axil_wready;
      rise();
      if (aw) top_.s_axil_awvalid = 0;
      if (w) top_.s_axil_wvalid = 0;
    }
    top_.s_axil_bready = 1;
    uint32_t response = 0;
    until([&] {
      response = top_.s_axil_bresp;
      return top_.s_axil_bvalid;
    });
    top_.s_axil_bready = 0;
    if (response) fail("response to a write", address, response);
  }

  uint32_t read(uint16_t address) {
    edge();
    top_.s_axil_araddr = address;
    top_.s_axil_arvalid = 1;
    until([&] { return top_.s_axil_arready; });
    top_.s_axil_arvalid = 0;
    top_.s_axil_rready = 1;
    uint32_t data = 0, response = 0;
    until([&] {
      data = top_.s_axil_rdata;
      response = top_.s_axil_rresp;
      return top_.s_axil_rvalid;
    });
    top_.s_axil_rready = 0;
    if (response) fail("response to a read", address, response);
    return data;
  }

  void edge() {
    settle();
    rise();
  }

  uint64_t cycles() const { return top_.cycles_o; }
  void finish() { top_.final(); }

 private:
  // The rest of a cycle: what was written to the pins gets through, outputs may be read.
  void settle() {
    top_.clk_i = 0;
    top_.eval();
  }

  void rise() {
    top_.clk_i = 1;
    top_.eval();
  }

  // Clock cycles to the edge before which something is high; it is asked before every edge.
  template <class Condition>
  void until(Condition high, uint64_t limit = 1000, const char *what = "no answer") {
    for (uint64_t i = 0; i < limit; ++i) {
      settle();
      const bool found = high();
      rise();
      if (found) return;
    }
    throw Refused{1, what};
  }

  [[noreturn]] static void fail(const char *what, uint16_t address, uint32_t found) {
    char text[80];
    std::snprintf(text, sizeof text, "%s of register 0x%03x: 0x%08x", what, address, found);
    throw Refused{1, text};
  }

  Vtop top_;
  std::FILE *reads_;
};

// Value of +name=value, nullptr without.
const char *plusarg(int argc, char **argv, const char *name) {
  const std::string head = std::string("+") + name + "=";
  for (int i = 1; i < argc; ++i) {
    if (!std::strncmp(argv[i], head.c_str(), head.size())) return argv[i] + head.size();
  }
  return nullptr;
}

int run(int argc, char **argv) {
  const char *path = plusarg(argc, argv, "host_file");
  const char *watchdog = plusarg(argc, argv, "bare_watchdog");
  if (!path || !watchdog) throw Refused{2, "+host_file and +bare_watchdog are needed"};
  const std::vector<Step> steps = read_steps(path);
  const char *reads = plusarg(argc, argv, "host_reads");
  std::FILE *out = reads ? std::fopen(reads, "w") : nullptr;
  if (reads && !out) throw Refused{2, std::string("cannot open ") + reads};

  Harness harness{out};
  harness.reset();
  harness.write(0x018, 1);  // IRQ_EN
  harness.write(0x01C, static_cast<uint32_t>(std::strtoul(watchdog, nullptr, 10)));
  const uint64_t first = harness.cycles();
  const auto begin = std::chrono::steady_clock::now();
  for (const Step &step : steps) harness.play(step);
  for (int i = 0; i < 2; ++i) harness.edge();  // the last word lands
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("%llu %.9f\n", static_cast<unsigned long long>(harness.cycles() - first),
              seconds.count());
  if (out) std::fclose(out);
  harness.finish();
  return 0;
}

}  // namespace

double sc_time_stamp() { return 0; }

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  try {
    return run(argc, argv);
  } catch (const Refused &why) {
    std::fprintf(stderr, "%s: %s\n", argv[0], why.text.c_str());
    return why.status;
  }
}
