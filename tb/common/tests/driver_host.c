/* SPDX-License-Identifier: Apache-2.0 */
/* driver_host.c: the firmware of a simulated chip, for a bench that calls it (driver.py). */
#include <string.h>

#include "layer.h"
#include "mmio.h"

uint32_t (*host_read)(uintptr_t address);
void (*host_write)(uintptr_t address, uint32_t value);

uint32_t bus_read(uintptr_t address);
void bus_write(uintptr_t address, uint32_t value);
uint32_t bus_read(uintptr_t address) { return host_read(address); }
void bus_write(uintptr_t address, uint32_t value) { host_write(address, value); }

static struct mmio chip;
static struct lac_io io;

int host_open(const uintptr_t *bases, uint32_t patience, uint32_t design, uint32_t watchdog);
int host_run(const uint32_t *cfg, const uint64_t *wgt, size_t wgt_words, const uint64_t *act,
             size_t act_words, uint64_t *out, size_t out_words, int spoilt, uint32_t *told);

int host_open(const uintptr_t *bases, uint32_t patience, uint32_t design, uint32_t watchdog) {
  chip.registers = bases[0];
  for (int i = 0; i < 3; i++) chip.fifo[i] = bases[1 + i];
  chip.patience = patience;
  io = mmio_io(&chip);
  return lac_open(&io, design, watchdog);
}

/* One pass, or a spoilt copy of it. `told`: ERR_CODE, ERR_POS, counters. */
int host_run(const uint32_t *cfg, const uint64_t *wgt, size_t wgt_words, const uint64_t *act,
             size_t act_words, uint64_t *out, size_t out_words, int spoilt, uint32_t *told) {
  struct lac_pass pass = {.wgt = wgt, .wgt_words = wgt_words, .act = act, .act_words = act_words,
                          .out = out, .out_words = out_words};
  struct lac_report report;
  size_t at;
  enum lac_status status;
  memcpy(pass.cfg, cfg, sizeof pass.cfg);
  if (spoilt) {
    status = layer_refused(&io, &pass, &report);
  } else {
    status = layer_run(&io, &pass, 1, &report, &at);
  }
  told[0] = report.err_code;
  told[1] = report.err_pos;
  memcpy(told + 2, report.counters, sizeof report.counters);
  return (int)status;
}
