/* SPDX-License-Identifier: Apache-2.0 */
/* mmio.h: a `struct lac_io` for a chip that maps everything into its address space.
 *
 * The registers of the accelerator are where the chip maps s_axil. Each stream port hangs on a FIFO
 * with four 32-bit registers, as many chips have them:
 *
 *   0x0  FLAGS  bit 0 there is room for a word, 1 there is a word, 2 it is the last one (tlast),
 *               3 it has tuser
 *   0x4  LOW    lower half of the word
 *   0x8  HIGH   upper half; a write puts the word in, a read takes it off
 *   0xC  LAST   1: the next word that is put in has tlast
 *
 * A chip with a DMA puts its own functions in the place of those of the FIFOs. */
#ifndef MMIO_H
#define MMIO_H

#include "lacuna/lac_driver.h"

enum { MMIO_FLAGS = 0x0, MMIO_LOW = 0x4, MMIO_HIGH = 0x8, MMIO_LAST = 0xC };
enum { MMIO_ROOM = 1, MMIO_WORD = 2, MMIO_IS_LAST = 4, MMIO_IS_USER = 8 };

/* A chip: where things are, and how long it waits. The rest is the state of the transfers. */
struct mmio {
  uintptr_t registers; /* of the accelerator */
  uintptr_t fifo[3];   /* by enum lac_stream */
  uint32_t patience;   /* looks at STATUS that a pass may take */

  struct mmio_source {
    const uint64_t *words;
    size_t left;
  } source[2];
  uint64_t *into;
  size_t room, got;
  int begun, ended;
};

struct lac_io mmio_io(struct mmio *chip);

#endif
