/* SPDX-License-Identifier: Apache-2.0 */
/* lac_socket.h: the registers that every accelerator has.
 * Made by `python -m scripts.registers` from models/socket.py: do not edit. */
#ifndef LAC_SOCKET_H
#define LAC_SOCKET_H

#include <stdint.h>

/* Registers: byte offsets on s_axil */
#define LAC_ID_OFFSET       0x000u  /* 0x4C41_43xx: 'LAC' and the design number */
#define LAC_VERSION_OFFSET  0x004u  /* socket version, 0x0001_0000 */
#define LAC_CTRL_OFFSET     0x008u  /* write one: bit 0 start, 1 soft reset, 2 acknowledge interrupt, 3 forget packets */
#define LAC_STATUS_OFFSET   0x00Cu  /* bit 0 busy, 1 done, 2 error, 3 dropped; 11:8 phase */
#define LAC_ERR_CODE_OFFSET 0x010u  /* first error since start (0: none) */
#define LAC_ERR_POS_OFFSET  0x014u  /* where: CFG index, beat in the packet, or {PE[7:0], detail[23:0]} */
#define LAC_IRQ_EN_OFFSET   0x018u  /* bit 0: irq_o = done or error */
#define LAC_WATCHDOG_OFFSET 0x01Cu  /* busy cycles without progress that raise TIMEOUT (0: off) */
#define LAC_PACKETS_OFFSET  0x080u  /* packets begun since start and taken to tlast: 14:0 weights, 30:16 activations, at most 32767; bit 15, bit 31: in the middle of one */

/* Registers that repeat */
#define LAC_NUM_CAP        8u
#define LAC_CAP_OFFSET(i)  (0x020u + 4u * (i))  /* build parameter, see the design's page */
#define LAC_NUM_CFG        16u
#define LAC_CFG_OFFSET(i)  (0x040u + 4u * (i))  /* geometry and mode, see the design's page */
#define LAC_NUM_PERF       32u
#define LAC_PERF_OFFSET(i) (0x100u + 4u * (i))  /* saturating counter, cleared by start */

/* Identification */
#define LAC_ID_PREFIX              0x4C414300u  /* ID is this or the design's number */
#define LAC_ID_DESIGN_MASK         0xFFu
#define LAC_VERSION                0x00010000u  /* what VERSION reads */
#define LAC_DESIGN_EIE             1u
#define LAC_DESIGN_DENSE           2u
#define LAC_DESIGN_SPARSE_ON_DENSE 3u
#define LAC_DESIGN_SCNN            4u
#define LAC_DESIGN_SPS             5u
#define LAC_DESIGN_FLEXFLOW_PRO    6u
#define LAC_DESIGN_CAMBRICON_SE    7u

/* CTRL, STATUS: masks */
#define LAC_CTRL_START         0x1u
#define LAC_CTRL_SOFT_RESET    0x2u
#define LAC_CTRL_IRQ_ACK       0x4u
#define LAC_CTRL_FORGET        0x8u
#define LAC_STATUS_BUSY        0x1u
#define LAC_STATUS_DONE        0x2u
#define LAC_STATUS_ERROR       0x4u
#define LAC_STATUS_DROPPED     0x8u
#define LAC_STATUS_PHASE_MASK  0xF00u
#define LAC_STATUS_PHASE_SHIFT 8u

/* PACKETS: a half for each input stream */
#define LAC_PACKETS_WGT_SHIFT 0u
#define LAC_PACKETS_ACT_SHIFT 16u
#define LAC_PACKETS_NUM       0x7FFFu  /* of a half: packets begun, taken whole */
#define LAC_PACKETS_MIDDLE    0x8000u  /* of a half: in one */

/* Word 0 of a packet, upper half */
#define LAC_WGT_MAGIC 0x4C414357u  /* lower half: words that follow */
#define LAC_ACT_MAGIC 0x4C414341u  /* lower half: activations */

/* STATUS[11:8] */
enum lac_phase {
  LAC_PHASE_IDLE = 0,
  LAC_PHASE_WGT = 1,
  LAC_PHASE_ACT = 2,
  LAC_PHASE_COMPUTE = 3,
  LAC_PHASE_OUTPUT = 4,
  LAC_PHASE_DRAIN = 5,
  LAC_PHASE_ERROR = 6,
};

/* ERR_CODE */
enum lac_error {
  LAC_ERR_NONE = 0,
  LAC_ERR_GEOMETRY = 1,
  LAC_ERR_WGT_HEADER = 2,
  LAC_ERR_WGT_SHORT = 3,
  LAC_ERR_WGT_LONG = 4,
  LAC_ERR_WGT_ORDER = 5,
  LAC_ERR_ACT_HEADER = 6,
  LAC_ERR_ACT_SHORT = 7,
  LAC_ERR_ACT_LONG = 8,
  LAC_ERR_CODEBOOK = 9,
  LAC_ERR_POINTER_ORDER = 10,
  LAC_ERR_POINTER_RANGE = 11,
  LAC_ERR_ROW_RANGE = 12,
  LAC_ERR_ACC_OVERFLOW = 13,
  LAC_ERR_TIMEOUT = 14,
  LAC_ERR_WGT_VALUE = 15,
  LAC_ERR_WGT_FORMAT = 16,
};

/* Counters in use */
#define LAC_NUM_COUNTERS 24u

/* PERF registers */
enum lac_counter {
  LAC_CNT_CYCLES = 0,  /* busy cycles, start to done */
  LAC_CNT_CYCLES_WGT = 1,  /* cycles loading weights */
  LAC_CNT_CYCLES_ACT = 2,  /* cycles loading activations */
  LAC_CNT_CYCLES_COMPUTE = 3,  /* cycles computing */
  LAC_CNT_CYCLES_OUTPUT = 4,  /* cycles streaming results */
  LAC_CNT_MAC_USEFUL = 5,  /* multiplies of two non-zero operands */
  LAC_CNT_MAC_SLOTS = 6,  /* multiplier slots: multipliers x compute cycles */
  LAC_CNT_STALL_INPUT = 7,  /* slots lost: no operand at the multiplier */
  LAC_CNT_STALL_OUTPUT = 8,  /* cycles the result stream was held by its receiver */
  LAC_CNT_STALL_QUEUE_FULL = 9,  /* cycles a full queue held the broadcast */
  LAC_CNT_STALL_SYNC = 10,  /* slots lost to synchronisation */
  LAC_CNT_STALL_BANK = 11,  /* slots lost to bank conflicts */
  LAC_CNT_SLOT_PADDING = 12,  /* slots spent on padding entries and on zero weights */
  LAC_CNT_SLOT_EMPTY = 13,  /* slots spent on empty slices */
  LAC_CNT_WGT_READS = 14,  /* weight memory reads */
  LAC_CNT_WGT_WRITES = 15,  /* weight memory writes */
  LAC_CNT_IDX_READS = 16,  /* index or pointer memory reads (two pointers are two reads) */
  LAC_CNT_IDX_WRITES = 17,  /* index or pointer memory writes */
  LAC_CNT_ACT_READS = 18,  /* activation memory reads */
  LAC_CNT_ACT_WRITES = 19,  /* activation memory writes */
  LAC_CNT_PSUM_READS = 20,  /* partial sum reads */
  LAC_CNT_PSUM_WRITES = 21,  /* partial sum writes */
  LAC_CNT_BROADCASTS = 22,  /* non-zero activations broadcast */
  LAC_CNT_BYPASS_HITS = 23,  /* updates that took the accumulator from the bypass */
};

#endif
