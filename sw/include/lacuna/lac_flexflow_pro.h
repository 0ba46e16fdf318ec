/* SPDX-License-Identifier: Apache-2.0 */
/* lac_flexflow_pro.h: the CFG and CAP fields of lac_flexflow_pro.
 * Made by `python -m scripts.registers` from rtl/flexflow_pro/registers.toml: do not edit. */
#ifndef LAC_FLEXFLOW_PRO_H
#define LAC_FLEXFLOW_PRO_H

#include <stdint.h>

#include "lacuna/lac_socket.h"

/* CFG 0: phases and options of the pass */
#define LAC_FLEXFLOW_PRO_CFG_MODE      0u  /* phases and options of the pass */
#define LAC_FLEXFLOW_PRO_MODE_OFFSET   LAC_CFG_OFFSET(0u)
#define LAC_FLEXFLOW_PRO_MODE_LOAD_WGT (1u << 0)  /* take one packet from `s_axis_wgt` */
#define LAC_FLEXFLOW_PRO_MODE_LOAD_ACT (1u << 1)  /* take one packet from `s_axis_act` into the column buffers */
#define LAC_FLEXFLOW_PRO_MODE_COMPUTE  (1u << 2)  /* run the pass */
#define LAC_FLEXFLOW_PRO_MODE_OUTPUT   (1u << 3)  /* stream LINES*WINDOWS*MAPS results of each row */
#define LAC_FLEXFLOW_PRO_MODE_ACC_KEEP (1u << 6)  /* go on with the accumulators of the last pass */
#define LAC_FLEXFLOW_PRO_MODE_BIAS     (1u << 7)  /* first sums start from the bias (off: from 0) */
#define LAC_FLEXFLOW_PRO_MODE_RELU     (1u << 8)  /* ReLU in `requant` */
#define LAC_FLEXFLOW_PRO_MODE_RELAXED  (1u << 9)  /* a PE goes on by itself (off: lock step) */

/* CFG 1: what a pass covers */
#define LAC_FLEXFLOW_PRO_CFG_PLANE           1u  /* what a pass covers */
#define LAC_FLEXFLOW_PRO_PLANE_OFFSET        LAC_CFG_OFFSET(1u)
#define LAC_FLEXFLOW_PRO_PLANE_LINES_MASK    0x0000FFFFu
#define LAC_FLEXFLOW_PRO_PLANE_LINES_SHIFT   0u
#define LAC_FLEXFLOW_PRO_PLANE_LINES(x)      (((uint32_t)(x) << LAC_FLEXFLOW_PRO_PLANE_LINES_SHIFT) & LAC_FLEXFLOW_PRO_PLANE_LINES_MASK)  /* lines of the pass (lines) */
#define LAC_FLEXFLOW_PRO_PLANE_WINDOWS_MASK  0xFFFF0000u
#define LAC_FLEXFLOW_PRO_PLANE_WINDOWS_SHIFT 16u
#define LAC_FLEXFLOW_PRO_PLANE_WINDOWS(x)    (((uint32_t)(x) << LAC_FLEXFLOW_PRO_PLANE_WINDOWS_SHIFT) & LAC_FLEXFLOW_PRO_PLANE_WINDOWS_MASK)  /* windows of a line, of each group of rows (windows) */

/* CFG 2: a window, and what the rows make of it */
#define LAC_FLEXFLOW_PRO_CFG_WINDOW              2u  /* a window, and what the rows make of it */
#define LAC_FLEXFLOW_PRO_WINDOW_OFFSET           LAC_CFG_OFFSET(2u)
#define LAC_FLEXFLOW_PRO_WINDOW_TAPS_MASK        0x000000FFu
#define LAC_FLEXFLOW_PRO_WINDOW_TAPS_SHIFT       0u
#define LAC_FLEXFLOW_PRO_WINDOW_TAPS(x)          (((uint32_t)(x) << LAC_FLEXFLOW_PRO_WINDOW_TAPS_SHIFT) & LAC_FLEXFLOW_PRO_WINDOW_TAPS_MASK)  /* slices of a window (slices) */
#define LAC_FLEXFLOW_PRO_WINDOW_STRIDE_MASK      0x00000F00u
#define LAC_FLEXFLOW_PRO_WINDOW_STRIDE_SHIFT     8u
#define LAC_FLEXFLOW_PRO_WINDOW_STRIDE(x)        (((uint32_t)(x) << LAC_FLEXFLOW_PRO_WINDOW_STRIDE_SHIFT) & LAC_FLEXFLOW_PRO_WINDOW_STRIDE_MASK)  /* from a pixel to the next (slices) */
#define LAC_FLEXFLOW_PRO_WINDOW_GROUPS_LOG_MASK  0x00007000u
#define LAC_FLEXFLOW_PRO_WINDOW_GROUPS_LOG_SHIFT 12u
#define LAC_FLEXFLOW_PRO_WINDOW_GROUPS_LOG(x)    (((uint32_t)(x) << LAC_FLEXFLOW_PRO_WINDOW_GROUPS_LOG_SHIFT) & LAC_FLEXFLOW_PRO_WINDOW_GROUPS_LOG_MASK)  /* log2 of the groups of pixels */
#define LAC_FLEXFLOW_PRO_WINDOW_MAPS_MASK        0x000F0000u
#define LAC_FLEXFLOW_PRO_WINDOW_MAPS_SHIFT       16u
#define LAC_FLEXFLOW_PRO_WINDOW_MAPS(x)          (((uint32_t)(x) << LAC_FLEXFLOW_PRO_WINDOW_MAPS_SHIFT) & LAC_FLEXFLOW_PRO_WINDOW_MAPS_MASK)  /* output maps of a row (maps) */

/* CFG 3: a slice of a column */
#define LAC_FLEXFLOW_PRO_CFG_SLICE          3u  /* a slice of a column */
#define LAC_FLEXFLOW_PRO_SLICE_OFFSET       LAC_CFG_OFFSET(3u)
#define LAC_FLEXFLOW_PRO_SLICE_PIECES_MASK  0x0000FFFFu
#define LAC_FLEXFLOW_PRO_SLICE_PIECES_SHIFT 0u
#define LAC_FLEXFLOW_PRO_SLICE_PIECES(x)    (((uint32_t)(x) << LAC_FLEXFLOW_PRO_SLICE_PIECES_SHIFT) & LAC_FLEXFLOW_PRO_SLICE_PIECES_MASK)  /* pieces of a slice (pieces) */
#define LAC_FLEXFLOW_PRO_SLICE_CELLS_MASK   0x00FF0000u
#define LAC_FLEXFLOW_PRO_SLICE_CELLS_SHIFT  16u
#define LAC_FLEXFLOW_PRO_SLICE_CELLS(x)     (((uint32_t)(x) << LAC_FLEXFLOW_PRO_SLICE_CELLS_SHIFT) & LAC_FLEXFLOW_PRO_SLICE_CELLS_MASK)  /* cells of a slice (cells) */
#define LAC_FLEXFLOW_PRO_SLICE_RING_MASK    0xFF000000u
#define LAC_FLEXFLOW_PRO_SLICE_RING_SHIFT   24u
#define LAC_FLEXFLOW_PRO_SLICE_RING(x)      (((uint32_t)(x) << LAC_FLEXFLOW_PRO_SLICE_RING_SHIFT) & LAC_FLEXFLOW_PRO_SLICE_RING_MASK)  /* ring in a neuron store (slices) */

/* CFG 4: tiny neurons */
#define LAC_FLEXFLOW_PRO_CFG_THRESHOLD    4u  /* tiny neurons */
#define LAC_FLEXFLOW_PRO_THRESHOLD_OFFSET LAC_CFG_OFFSET(4u)

/* CFG 5: output shift */
#define LAC_FLEXFLOW_PRO_CFG_SHIFT    5u  /* output shift */
#define LAC_FLEXFLOW_PRO_SHIFT_OFFSET LAC_CFG_OFFSET(5u)

/* CAP: what the build is */
#define LAC_FLEXFLOW_PRO_CAP_ROWS_OFFSET       LAC_CAP_OFFSET(0u)  /* rows of PEs */
#define LAC_FLEXFLOW_PRO_CAP_ROWS_MASK         0x0000FFFFu
#define LAC_FLEXFLOW_PRO_CAP_ROWS_SHIFT        0u
#define LAC_FLEXFLOW_PRO_CAP_COLS_OFFSET       LAC_CAP_OFFSET(0u)  /* columns of PEs */
#define LAC_FLEXFLOW_PRO_CAP_COLS_MASK         0xFFFF0000u
#define LAC_FLEXFLOW_PRO_CAP_COLS_SHIFT        16u
#define LAC_FLEXFLOW_PRO_CAP_K_CELLS_OFFSET    LAC_CAP_OFFSET(1u)  /* cells of a kernel store */
#define LAC_FLEXFLOW_PRO_CAP_K_CELLS_MASK      0x0000FFFFu
#define LAC_FLEXFLOW_PRO_CAP_K_CELLS_SHIFT     0u
#define LAC_FLEXFLOW_PRO_CAP_N_CELLS_OFFSET    LAC_CAP_OFFSET(1u)  /* cells of a neuron store */
#define LAC_FLEXFLOW_PRO_CAP_N_CELLS_MASK      0xFFFF0000u
#define LAC_FLEXFLOW_PRO_CAP_N_CELLS_SHIFT     16u
#define LAC_FLEXFLOW_PRO_CAP_ACT_DEPTH_OFFSET  LAC_CAP_OFFSET(2u)  /* cells of a column buffer */
#define LAC_FLEXFLOW_PRO_CAP_ACT_DEPTH_MASK    0xFFFFFFFFu
#define LAC_FLEXFLOW_PRO_CAP_ACT_DEPTH_SHIFT   0u
#define LAC_FLEXFLOW_PRO_CAP_ACC_DEPTH_OFFSET  LAC_CAP_OFFSET(3u)  /* accumulators of a row */
#define LAC_FLEXFLOW_PRO_CAP_ACC_DEPTH_MASK    0xFFFFFFFFu
#define LAC_FLEXFLOW_PRO_CAP_ACC_DEPTH_SHIFT   0u
#define LAC_FLEXFLOW_PRO_CAP_MASK_WORD_OFFSET  LAC_CAP_OFFSET(4u)  /* pieces of a cell */
#define LAC_FLEXFLOW_PRO_CAP_MASK_WORD_MASK    0x000000FFu
#define LAC_FLEXFLOW_PRO_CAP_MASK_WORD_SHIFT   0u
#define LAC_FLEXFLOW_PRO_CAP_FIFO_DEPTH_OFFSET LAC_CAP_OFFSET(4u)  /* sums in the FIFO of a PE */
#define LAC_FLEXFLOW_PRO_CAP_FIFO_DEPTH_MASK   0x0000FF00u
#define LAC_FLEXFLOW_PRO_CAP_FIFO_DEPTH_SHIFT  8u
#define LAC_FLEXFLOW_PRO_CAP_BUS_WORDS_OFFSET  LAC_CAP_OFFSET(4u)  /* words of a column bus in a cycle */
#define LAC_FLEXFLOW_PRO_CAP_BUS_WORDS_MASK    0x00FF0000u
#define LAC_FLEXFLOW_PRO_CAP_BUS_WORDS_SHIFT   16u
#define LAC_FLEXFLOW_PRO_CAP_MAX_MAPS_OFFSET   LAC_CAP_OFFSET(4u)  /* most maps of a row in a pass */
#define LAC_FLEXFLOW_PRO_CAP_MAX_MAPS_MASK     0xFF000000u
#define LAC_FLEXFLOW_PRO_CAP_MAX_MAPS_SHIFT    24u
#define LAC_FLEXFLOW_PRO_CAP_ACT_WIDTH_OFFSET  LAC_CAP_OFFSET(5u)  /* activation */
#define LAC_FLEXFLOW_PRO_CAP_ACT_WIDTH_MASK    0x000000FFu
#define LAC_FLEXFLOW_PRO_CAP_ACT_WIDTH_SHIFT   0u
#define LAC_FLEXFLOW_PRO_CAP_WGT_WIDTH_OFFSET  LAC_CAP_OFFSET(5u)  /* weight */
#define LAC_FLEXFLOW_PRO_CAP_WGT_WIDTH_MASK    0x0000FF00u
#define LAC_FLEXFLOW_PRO_CAP_WGT_WIDTH_SHIFT   8u
#define LAC_FLEXFLOW_PRO_CAP_ACC_WIDTH_OFFSET  LAC_CAP_OFFSET(5u)  /* accumulator */
#define LAC_FLEXFLOW_PRO_CAP_ACC_WIDTH_MASK    0x00FF0000u
#define LAC_FLEXFLOW_PRO_CAP_ACC_WIDTH_SHIFT   16u
#define LAC_FLEXFLOW_PRO_CAP_BIAS_WIDTH_OFFSET LAC_CAP_OFFSET(5u)  /* bias */
#define LAC_FLEXFLOW_PRO_CAP_BIAS_WIDTH_MASK   0xFF000000u
#define LAC_FLEXFLOW_PRO_CAP_BIAS_WIDTH_SHIFT  24u

/* Kinds of sections of a weight packet */
enum lac_flexflow_pro_kind {
  LAC_FLEXFLOW_PRO_KIND_WEIGHT = 1,  /* stream words of a kernel store */
  LAC_FLEXFLOW_PRO_KIND_BIAS = 2,  /* biases of a row */
};

#endif
