/* SPDX-License-Identifier: Apache-2.0 */
/* layer.c: a whole layer, pass by pass, and the way back from an error.
 *
 * The passes come from the project's compilers (models/<design>, `compile`): the CFG registers, the
 * packets, and how many words of results there are. */
#include "layer.h"

enum lac_status layer_run(const struct lac_io *io, const struct lac_pass *passes, size_t count,
                          struct lac_report *report, size_t *at) {
  for (*at = 0; *at < count; ++*at) {
    /* Whatever it ends with, the accelerator is idle behind it; its memories keep what they hold. */
    const enum lac_status status = lac_run(io, &passes[*at], report);
    if (status != LAC_OK) return status;
  }
  return LAC_OK;
}

enum lac_status layer_refused(const struct lac_io *io, const struct lac_pass *good,
                              struct lac_report *report) {
  struct lac_pass bad = *good;
  bad.cfg[0] = 0; /* MODE without a phase: GEOMETRY, ERR_POS 0; both packets are thrown away */
  return lac_run(io, &bad, report);
}
