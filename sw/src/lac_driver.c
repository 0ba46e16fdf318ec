/* SPDX-License-Identifier: Apache-2.0 */
/* lac_driver.c: see lac_driver.h; the rules that it keeps are docs/socket.md, "A run". */
#include "lacuna/lac_driver.h"

static uint32_t get(const struct lac_io *io, uint32_t offset) {
  return io->read(io->context, offset);
}

static void set(const struct lac_io *io, uint32_t offset, uint32_t value) {
  io->write(io->context, offset, value);
}

static int idle(const struct lac_io *io) {
  const uint32_t mask = LAC_STATUS_BUSY | LAC_STATUS_DONE | LAC_STATUS_ERROR;
  return (get(io, LAC_STATUS_OFFSET) & mask) == 0;
}

/* Whether a half of PACKETS says that all `count` packets were taken whole. */
static int all_taken(uint32_t packets, uint32_t shift, uint32_t count) {
  return ((packets >> shift) & (LAC_PACKETS_NUM | LAC_PACKETS_MIDDLE)) == count;
}

/* Ends a run that has failed: no packet of it may reach the next one. */
static enum lac_status recover(const struct lac_io *io, const struct lac_pass *pass) {
  const uint32_t wgt = pass->wgt_words != 0, act = pass->act_words != 0;
  const uint32_t middle = (LAC_PACKETS_MIDDLE << LAC_PACKETS_WGT_SHIFT) |
                          (LAC_PACKETS_MIDDLE << LAC_PACKETS_ACT_SHIFT);
  uint32_t ctrl = LAC_CTRL_SOFT_RESET;
  uint32_t packets = 0;
  int taken = 0;

  /* In phase ERROR everything that was launched is taken and thrown away. */
  for (uint32_t poll = 0; poll < io->polls && !taken; poll++) {
    packets = get(io, LAC_PACKETS_OFFSET);
    taken = all_taken(packets, LAC_PACKETS_WGT_SHIFT, wgt) &&
            all_taken(packets, LAC_PACKETS_ACT_SHIFT, act);
  }
  if (!taken) {
    /* A source has stopped: take back what is left of its packet and say so. */
    io->cancel(io->context, LAC_STREAM_WGT);
    io->cancel(io->context, LAC_STREAM_ACT);
    packets = get(io, LAC_PACKETS_OFFSET);
    if ((packets & middle) != 0) ctrl |= LAC_CTRL_FORGET;
  }
  set(io, LAC_CTRL_OFFSET, ctrl);
  if (pass->out_words != 0) io->cancel(io->context, LAC_STREAM_OUT);
  return idle(io) ? LAC_OK : LAC_STUCK;
}

enum lac_status lac_open(const struct lac_io *io, uint32_t design, uint32_t watchdog) {
  if (get(io, LAC_ID_OFFSET) != (LAC_ID_PREFIX | design) ||
      get(io, LAC_VERSION_OFFSET) != LAC_VERSION) {
    return LAC_FOREIGN;
  }
  set(io, LAC_CTRL_OFFSET, LAC_CTRL_SOFT_RESET);
  if (!idle(io)) return LAC_STUCK;
  set(io, LAC_IRQ_EN_OFFSET, 1u);
  if (watchdog != 0) set(io, LAC_WATCHDOG_OFFSET, watchdog);
  return LAC_OK;
}

enum lac_status lac_run(const struct lac_io *io, const struct lac_pass *pass,
                        struct lac_report *report) {
  enum lac_status status = LAC_OK, ended;
  uint32_t state;

  report->err_code = LAC_ERR_NONE;
  report->err_pos = 0;
  for (uint32_t i = 0; i < LAC_NUM_COUNTERS; i++) report->counters[i] = 0;
  if (!idle(io)) return LAC_REFUSED;

  /* Load: the geometry, room for the results, start, the packets. */
  for (uint32_t i = 0; i < LAC_NUM_CFG; i++) set(io, LAC_CFG_OFFSET(i), pass->cfg[i]);
  if (pass->out_words != 0) io->receive(io->context, pass->out, pass->out_words);
  set(io, LAC_CTRL_OFFSET, LAC_CTRL_START);
  if (pass->wgt_words != 0) io->send(io->context, LAC_STREAM_WGT, pass->wgt, pass->wgt_words);
  if (pass->act_words != 0) io->send(io->context, LAC_STREAM_ACT, pass->act, pass->act_words);

  /* Wait, read. */
  if (!io->wait_irq(io->context)) status = LAC_SILENT;
  state = get(io, LAC_STATUS_OFFSET);
  for (uint32_t i = 0; i < LAC_NUM_COUNTERS; i++) report->counters[i] = get(io, LAC_PERF_OFFSET(i));
  if ((state & LAC_STATUS_ERROR) != 0) {
    status = LAC_FAILED;
    report->err_code = get(io, LAC_ERR_CODE_OFFSET);
    report->err_pos = get(io, LAC_ERR_POS_OFFSET);
  }
  if (status != LAC_OK) {
    ended = recover(io, pass);
    return ended != LAC_OK ? ended : status;
  }
  if (pass->out_words != 0 && io->wait_result(io->context) != pass->out_words) {
    status = LAC_SHORT;
    io->cancel(io->context, LAC_STREAM_OUT);
  }
  set(io, LAC_CTRL_OFFSET, LAC_CTRL_IRQ_ACK);
  return status;
}
