/* SPDX-License-Identifier: Apache-2.0 */
/* lac_driver.h: run passes on any accelerator of the socket (docs/socket.md), bare metal.
 *
 * C11 without a library, without a heap, without state of its own: a chip says in a `struct lac_io`
 * how it reaches the accelerator, and everything else is in the caller's hands.
 *
 *   struct lac_report report;
 *   if (lac_open(&io, LAC_DESIGN_EIE, 0) == LAC_OK)
 *     status = lac_run(&io, &pass, &report);
 */
#ifndef LAC_DRIVER_H
#define LAC_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "lacuna/lac_socket.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A stream port of the accelerator. */
enum lac_stream { LAC_STREAM_WGT, LAC_STREAM_ACT, LAC_STREAM_OUT };

/* How the chip reaches one accelerator; `context` is handed to every function.
 *
 * Caches and barriers are the chip's: what `send` launches is in memory, and what `wait_result`
 * returned is there to be read. `write` has reached the accelerator when it returns. */
struct lac_io {
  void *context;
  /* Looks at PACKETS after an error, in which packets that are under way must have been taken; then
   * their source counts as stopped. */
  uint32_t polls;
  uint32_t (*read)(void *context, uint32_t offset);
  void (*write)(void *context, uint32_t offset, uint32_t value);
  /* Launches a packet, tlast on its last word; returns at once. */
  void (*send)(void *context, enum lac_stream stream, const uint64_t *words, size_t count);
  /* Makes room for the next packet of results; returns at once. */
  void (*receive)(void *context, uint64_t *words, size_t room);
  /* Waits for irq_o; 0 if it does not come in the time that the chip gives a pass. */
  int (*wait_irq)(void *context);
  /* Waits for tlast of the results: the words received; 0 if they do not come in time or have no
   * room. A packet that ends with tuser was aborted: it is thrown away and waited on. */
  size_t (*wait_result)(void *context);
  /* Takes back what an input stream was to carry: words that were not offered yet stay away. Of
   * LAC_STREAM_OUT: throws away what has come of the results and, if any has, what comes of them up
   * to their tlast. */
  void (*cancel)(void *context, enum lac_stream stream);
};

/* One start of the accelerator. A packet of no words is not sent. */
struct lac_pass {
  uint32_t cfg[LAC_NUM_CFG];
  const uint64_t *wgt;
  size_t wgt_words;
  const uint64_t *act;
  size_t act_words;
  uint64_t *out; /* room for the results */
  size_t out_words; /* words of the results; 0: the pass has none */
};

enum lac_status {
  LAC_OK = 0,
  LAC_FOREIGN, /* ID or VERSION are not what was asked for */
  LAC_REFUSED, /* the start was not accepted: a run is on, or an error is pending */
  LAC_FAILED,  /* the accelerator reported an error: see err_code, err_pos */
  LAC_SILENT,  /* no interrupt: the run was ended */
  LAC_SHORT,   /* the results have another length than the pass said */
  LAC_STUCK,   /* not idle after a soft reset: reset the accelerator */
};

/* What a run ended with. */
struct lac_report {
  uint32_t err_code; /* enum lac_error */
  uint32_t err_pos;
  uint32_t counters[LAC_NUM_COUNTERS]; /* enum lac_counter */
};

/* Checks what sits there, ends whatever runs, switches the interrupt on. `watchdog`: cycles
 * without progress that end a pass; 0 keeps what is set (2^20 after reset). */
enum lac_status lac_open(const struct lac_io *io, uint32_t design, uint32_t watchdog);

/* Runs a pass and leaves the accelerator idle, whatever comes. */
enum lac_status lac_run(const struct lac_io *io, const struct lac_pass *pass,
                        struct lac_report *report);

/* A field of a CAP register, by the names of lac_<design>.h:
 * LAC_CAP(io, EIE_CAP_ACT_WIDTH) */
#define LAC_CAP(io, field)                                                                     \
  (((io)->read((io)->context, LAC_##field##_OFFSET) & LAC_##field##_MASK) >> LAC_##field##_SHIFT)

#ifdef __cplusplus
}
#endif

#endif
