/* SPDX-License-Identifier: Apache-2.0 */
/* layer.h: see layer.c. */
#ifndef LAYER_H
#define LAYER_H

#include "lacuna/lac_driver.h"

/* Runs `count` passes in order and stops at the first that fails; `*at` is its number. */
enum lac_status layer_run(const struct lac_io *io, const struct lac_pass *passes, size_t count,
                          struct lac_report *report, size_t *at);

/* Runs a spoilt copy of a pass, which must fail and leave the accelerator ready for the next. */
enum lac_status layer_refused(const struct lac_io *io, const struct lac_pass *good,
                              struct lac_report *report);

#endif
