/* SPDX-License-Identifier: Apache-2.0 */
/* lac_cambricon_se.h: the CFG and CAP fields of lac_cambricon_se.
 * Made by `python -m scripts.registers` from rtl/cambricon_se/registers.toml: do not edit. */
#ifndef LAC_CAMBRICON_SE_H
#define LAC_CAMBRICON_SE_H

#include <stdint.h>

#include "lacuna/lac_socket.h"

/* CFG 0: phases and options of the pass */
#define LAC_CAMBRICON_SE_CFG_MODE        0u  /* phases and options of the pass */
#define LAC_CAMBRICON_SE_MODE_OFFSET     LAC_CFG_OFFSET(0u)
#define LAC_CAMBRICON_SE_MODE_LOAD_WGT   (1u << 0)  /* take one packet from `s_axis_wgt` */
#define LAC_CAMBRICON_SE_MODE_LOAD_ACT   (1u << 1)  /* take one packet from `s_axis_act` into the neuron buffers of all cores */
#define LAC_CAMBRICON_SE_MODE_COMPUTE    (1u << 2)  /* run the pass */
#define LAC_CAMBRICON_SE_MODE_OUTPUT     (1u << 3)  /* stream GROUPS*P*Q results of Pes outputs */
#define LAC_CAMBRICON_SE_MODE_ACC_KEEP   (1u << 6)  /* go on with the accumulators of the last pass */
#define LAC_CAMBRICON_SE_MODE_BIAS       (1u << 7)  /* first sums start from the bias (off: from 0) */
#define LAC_CAMBRICON_SE_MODE_RELU       (1u << 8)  /* ReLU in `requant` */
#define LAC_CAMBRICON_SE_MODE_CODE4      (1u << 9)  /* codes name a value of their region's codebook (off: codes are shifted) */
#define LAC_CAMBRICON_SE_MODE_PACKED_IN  (1u << 10)  /* activations come as masks and values that are not zero */
#define LAC_CAMBRICON_SE_MODE_PACKED_OUT (1u << 11)  /* results leave as masks and values that are not zero */
#define LAC_CAMBRICON_SE_MODE_HUFFMAN    (1u << 12)  /* codes of the weight packet come as bit strings */

/* CFG 1: block of neurons, with its borders */
#define LAC_CAMBRICON_SE_CFG_IN_SIZE     1u  /* block of neurons, with its borders */
#define LAC_CAMBRICON_SE_IN_SIZE_OFFSET  LAC_CFG_OFFSET(1u)
#define LAC_CAMBRICON_SE_IN_SIZE_H_MASK  0x0000FFFFu
#define LAC_CAMBRICON_SE_IN_SIZE_H_SHIFT 0u
#define LAC_CAMBRICON_SE_IN_SIZE_H(x)    (((uint32_t)(x) << LAC_CAMBRICON_SE_IN_SIZE_H_SHIFT) & LAC_CAMBRICON_SE_IN_SIZE_H_MASK)  /* height (pixels) */
#define LAC_CAMBRICON_SE_IN_SIZE_W_MASK  0xFFFF0000u
#define LAC_CAMBRICON_SE_IN_SIZE_W_SHIFT 16u
#define LAC_CAMBRICON_SE_IN_SIZE_W(x)    (((uint32_t)(x) << LAC_CAMBRICON_SE_IN_SIZE_W_SHIFT) & LAC_CAMBRICON_SE_IN_SIZE_W_MASK)  /* width (pixels) */

/* CFG 2: outputs of a group */
#define LAC_CAMBRICON_SE_CFG_OUT_SIZE     2u  /* outputs of a group */
#define LAC_CAMBRICON_SE_OUT_SIZE_OFFSET  LAC_CFG_OFFSET(2u)
#define LAC_CAMBRICON_SE_OUT_SIZE_P_MASK  0x0000FFFFu
#define LAC_CAMBRICON_SE_OUT_SIZE_P_SHIFT 0u
#define LAC_CAMBRICON_SE_OUT_SIZE_P(x)    (((uint32_t)(x) << LAC_CAMBRICON_SE_OUT_SIZE_P_SHIFT) & LAC_CAMBRICON_SE_OUT_SIZE_P_MASK)  /* height (pixels) */
#define LAC_CAMBRICON_SE_OUT_SIZE_Q_MASK  0xFFFF0000u
#define LAC_CAMBRICON_SE_OUT_SIZE_Q_SHIFT 16u
#define LAC_CAMBRICON_SE_OUT_SIZE_Q(x)    (((uint32_t)(x) << LAC_CAMBRICON_SE_OUT_SIZE_Q_SHIFT) & LAC_CAMBRICON_SE_OUT_SIZE_Q_MASK)  /* width (pixels) */

/* CFG 3: how a pixel of the outputs lies in the block */
#define LAC_CAMBRICON_SE_CFG_KERNEL          3u  /* how a pixel of the outputs lies in the block */
#define LAC_CAMBRICON_SE_KERNEL_OFFSET       LAC_CFG_OFFSET(3u)
#define LAC_CAMBRICON_SE_KERNEL_STRIDE_MASK  0x0000000Fu
#define LAC_CAMBRICON_SE_KERNEL_STRIDE_SHIFT 0u
#define LAC_CAMBRICON_SE_KERNEL_STRIDE(x)    (((uint32_t)(x) << LAC_CAMBRICON_SE_KERNEL_STRIDE_SHIFT) & LAC_CAMBRICON_SE_KERNEL_STRIDE_MASK)  /* stride, both ways (pixels) */
#define LAC_CAMBRICON_SE_KERNEL_CB_MASK      0x0000FF00u
#define LAC_CAMBRICON_SE_KERNEL_CB_SHIFT     8u
#define LAC_CAMBRICON_SE_KERNEL_CB(x)        (((uint32_t)(x) << LAC_CAMBRICON_SE_KERNEL_CB_SHIFT) & LAC_CAMBRICON_SE_KERNEL_CB_MASK)  /* rows of Window neurons of a pixel (rows) */

/* CFG 4: what the cores share */
#define LAC_CAMBRICON_SE_CFG_GROUPS    4u  /* what the cores share */
#define LAC_CAMBRICON_SE_GROUPS_OFFSET LAC_CFG_OFFSET(4u)

/* CFG 5: output shift */
#define LAC_CAMBRICON_SE_CFG_SHIFT    5u  /* output shift */
#define LAC_CAMBRICON_SE_SHIFT_OFFSET LAC_CFG_OFFSET(5u)

/* CAP: what the build is */
#define LAC_CAMBRICON_SE_CAP_CORES_OFFSET      LAC_CAP_OFFSET(0u)  /* cores */
#define LAC_CAMBRICON_SE_CAP_CORES_MASK        0x000000FFu
#define LAC_CAMBRICON_SE_CAP_CORES_SHIFT       0u
#define LAC_CAMBRICON_SE_CAP_PES_OFFSET        LAC_CAP_OFFSET(0u)  /* PEs of a core */
#define LAC_CAMBRICON_SE_CAP_PES_MASK          0x0000FF00u
#define LAC_CAMBRICON_SE_CAP_PES_SHIFT         8u
#define LAC_CAMBRICON_SE_CAP_LANES_OFFSET      LAC_CAP_OFFSET(0u)  /* multipliers of a PE */
#define LAC_CAMBRICON_SE_CAP_LANES_MASK        0x00FF0000u
#define LAC_CAMBRICON_SE_CAP_LANES_SHIFT       16u
#define LAC_CAMBRICON_SE_CAP_SELECTOR_OFFSET   LAC_CAP_OFFSET(0u)  /* how survivors reach the multipliers */
#define LAC_CAMBRICON_SE_CAP_SELECTOR_MASK     0xFF000000u
#define LAC_CAMBRICON_SE_CAP_SELECTOR_SHIFT    24u
#define LAC_CAMBRICON_SE_SELECTOR_PACKED       0u
#define LAC_CAMBRICON_SE_SELECTOR_NATURAL      1u
#define LAC_CAMBRICON_SE_SELECTOR_PER_PE       2u
#define LAC_CAMBRICON_SE_CAP_WINDOW_OFFSET     LAC_CAP_OFFSET(1u)  /* neurons of a row */
#define LAC_CAMBRICON_SE_CAP_WINDOW_MASK       0x0000FFFFu
#define LAC_CAMBRICON_SE_CAP_WINDOW_SHIFT      0u
#define LAC_CAMBRICON_SE_CAP_CODE_ROW_OFFSET   LAC_CAP_OFFSET(1u)  /* codes of a row */
#define LAC_CAMBRICON_SE_CAP_CODE_ROW_MASK     0xFFFF0000u
#define LAC_CAMBRICON_SE_CAP_CODE_ROW_SHIFT    16u
#define LAC_CAMBRICON_SE_CAP_ACT_DEPTH_OFFSET  LAC_CAP_OFFSET(2u)  /* rows of a neuron buffer */
#define LAC_CAMBRICON_SE_CAP_ACT_DEPTH_MASK    0xFFFFFFFFu
#define LAC_CAMBRICON_SE_CAP_ACT_DEPTH_SHIFT   0u
#define LAC_CAMBRICON_SE_CAP_LIST_DEPTH_OFFSET LAC_CAP_OFFSET(3u)  /* entries of an index list */
#define LAC_CAMBRICON_SE_CAP_LIST_DEPTH_MASK   0xFFFFFFFFu
#define LAC_CAMBRICON_SE_CAP_LIST_DEPTH_SHIFT  0u
#define LAC_CAMBRICON_SE_CAP_ACC_DEPTH_OFFSET  LAC_CAP_OFFSET(4u)  /* accumulators of a PE */
#define LAC_CAMBRICON_SE_CAP_ACC_DEPTH_MASK    0xFFFFFFFFu
#define LAC_CAMBRICON_SE_CAP_ACC_DEPTH_SHIFT   0u
#define LAC_CAMBRICON_SE_CAP_BIAS_DEPTH_OFFSET LAC_CAP_OFFSET(5u)  /* biases of a PE */
#define LAC_CAMBRICON_SE_CAP_BIAS_DEPTH_MASK   0x0000FFFFu
#define LAC_CAMBRICON_SE_CAP_BIAS_DEPTH_SHIFT  0u
#define LAC_CAMBRICON_SE_CAP_REGIONS_OFFSET    LAC_CAP_OFFSET(5u)  /* codebooks of a core */
#define LAC_CAMBRICON_SE_CAP_REGIONS_MASK      0x00FF0000u
#define LAC_CAMBRICON_SE_CAP_REGIONS_SHIFT     16u
#define LAC_CAMBRICON_SE_CAP_HUF_LANES_OFFSET  LAC_CAP_OFFSET(5u)  /* codes decoded in a cycle, 0: none */
#define LAC_CAMBRICON_SE_CAP_HUF_LANES_MASK    0xFF000000u
#define LAC_CAMBRICON_SE_CAP_HUF_LANES_SHIFT   24u
#define LAC_CAMBRICON_SE_CAP_ACC_WIDTH_OFFSET  LAC_CAP_OFFSET(6u)  /* accumulator */
#define LAC_CAMBRICON_SE_CAP_ACC_WIDTH_MASK    0x000000FFu
#define LAC_CAMBRICON_SE_CAP_ACC_WIDTH_SHIFT   0u
#define LAC_CAMBRICON_SE_CAP_BIAS_WIDTH_OFFSET LAC_CAP_OFFSET(6u)  /* bias */
#define LAC_CAMBRICON_SE_CAP_BIAS_WIDTH_MASK   0x0000FF00u
#define LAC_CAMBRICON_SE_CAP_BIAS_WIDTH_SHIFT  8u
#define LAC_CAMBRICON_SE_CAP_ACT_WIDTH_OFFSET  LAC_CAP_OFFSET(6u)  /* activation */
#define LAC_CAMBRICON_SE_CAP_ACT_WIDTH_MASK    0x00FF0000u
#define LAC_CAMBRICON_SE_CAP_ACT_WIDTH_SHIFT   16u
#define LAC_CAMBRICON_SE_CAP_WGT_WIDTH_OFFSET  LAC_CAP_OFFSET(6u)  /* weight */
#define LAC_CAMBRICON_SE_CAP_WGT_WIDTH_MASK    0xFF000000u
#define LAC_CAMBRICON_SE_CAP_WGT_WIDTH_SHIFT   24u

/* Kinds of sections of a weight packet */
enum lac_cambricon_se_kind {
  LAC_CAMBRICON_SE_KIND_LIST = 1,  /* entries of a core's index list */
  LAC_CAMBRICON_SE_KIND_TABLE = 2,  /* code table of all bit strings */
  LAC_CAMBRICON_SE_KIND_CODES = 3,  /* rows of a PE's code buffer */
  LAC_CAMBRICON_SE_KIND_BOOK = 4,  /* codebooks of a core */
  LAC_CAMBRICON_SE_KIND_MASK = 5,  /* masks of a PE (selector per PE) */
  LAC_CAMBRICON_SE_KIND_BIAS = 6,  /* biases of a PE */
};

#endif
