/* SPDX-License-Identifier: Apache-2.0 */
/* mmio.c: see mmio.h. */
#include "mmio.h"

#ifdef MMIO_SIMULATED
/* A simulation stands for the bus. */
uint32_t bus_read(uintptr_t address);
void bus_write(uintptr_t address, uint32_t value);
#else
static uint32_t bus_read(uintptr_t address) { return *(volatile uint32_t *)address; }
static void bus_write(uintptr_t address, uint32_t value) { *(volatile uint32_t *)address = value; }
#endif

/* Words that a FIFO takes in one go, so that the others have their turn. */
#define MMIO_BURST 16

static void feed(struct mmio *chip, enum lac_stream stream) {
  struct mmio_source *from = &chip->source[stream];
  const uintptr_t fifo = chip->fifo[stream];
  for (int i = 0; i < MMIO_BURST && from->left != 0; i++) {
    if ((bus_read(fifo + MMIO_FLAGS) & MMIO_ROOM) == 0) return;
    if (from->left == 1) bus_write(fifo + MMIO_LAST, 1);
    bus_write(fifo + MMIO_LOW, (uint32_t)*from->words);
    bus_write(fifo + MMIO_HIGH, (uint32_t)(*from->words >> 32));
    from->words++;
    from->left--;
  }
}

static void drain(struct mmio *chip) {
  const uintptr_t fifo = chip->fifo[LAC_STREAM_OUT];
  for (int i = 0; i < MMIO_BURST && !chip->ended; i++) {
    const uint32_t flags = bus_read(fifo + MMIO_FLAGS);
    if ((flags & MMIO_WORD) == 0) return;
    const uint64_t low = bus_read(fifo + MMIO_LOW);
    const uint64_t word = low | (uint64_t)bus_read(fifo + MMIO_HIGH) << 32;
    if (chip->got < chip->room) chip->into[chip->got] = word;
    chip->got++;
    chip->begun = 1;
    if ((flags & MMIO_IS_LAST) == 0) continue;
    chip->begun = 0;
    if ((flags & MMIO_IS_USER) != 0) {
      chip->got = 0; /* the rest of a run that failed; what is waited for comes behind it */
    } else {
      chip->ended = 1;
    }
  }
}

static void move(struct mmio *chip) {
  feed(chip, LAC_STREAM_WGT);
  feed(chip, LAC_STREAM_ACT);
  drain(chip);
}

static uint32_t chip_read(void *context, uint32_t offset) {
  struct mmio *chip = context;
  move(chip); /* the streams go on while the driver looks at registers */
  return bus_read(chip->registers + offset);
}

static void chip_write(void *context, uint32_t offset, uint32_t value) {
  const struct mmio *chip = context;
  bus_write(chip->registers + offset, value);
}

static void chip_send(void *context, enum lac_stream stream, const uint64_t *words, size_t count) {
  struct mmio *chip = context;
  chip->source[stream].words = words;
  chip->source[stream].left = count;
}

static void chip_receive(void *context, uint64_t *words, size_t room) {
  struct mmio *chip = context;
  chip->into = words;
  chip->room = room;
  chip->got = 0;
  chip->begun = 0;
  chip->ended = 0;
}

static int chip_wait_irq(void *context) {
  struct mmio *chip = context;
  for (uint32_t look = 0; look < chip->patience; look++) {
    /* Or sleep until the interrupt handler says that irq_o has risen. */
    const uint32_t status = chip_read(chip, LAC_STATUS_OFFSET);
    if ((status & (LAC_STATUS_DONE | LAC_STATUS_ERROR)) != 0) return 1;
  }
  return 0;
}

static size_t chip_wait_result(void *context) {
  struct mmio *chip = context;
  for (uint32_t look = 0; look < chip->patience && !chip->ended; look++) move(chip);
  return chip->ended && chip->got <= chip->room ? chip->got : 0;
}

static void chip_cancel(void *context, enum lac_stream stream) {
  struct mmio *chip = context;
  if (stream != LAC_STREAM_OUT) {
    chip->source[stream].left = 0;
    return;
  }
  /* What has begun comes to its tlast: an aborted packet gets a last word with tuser. */
  chip->room = 0;
  for (uint32_t look = 0; look < chip->patience; look++) {
    drain(chip);
    if (!chip->begun) return;
  }
}

struct lac_io mmio_io(struct mmio *chip) {
  const struct lac_io io = {
      .context = chip,
      .polls = chip->patience,
      .read = chip_read,
      .write = chip_write,
      .send = chip_send,
      .receive = chip_receive,
      .wait_irq = chip_wait_irq,
      .wait_result = chip_wait_result,
      .cancel = chip_cancel,
  };
  chip->source[LAC_STREAM_WGT].left = 0;
  chip->source[LAC_STREAM_ACT].left = 0;
  chip_receive(chip, NULL, 0);
  chip->ended = 1; /* nothing is expected yet */
  return io;
}
