/* SPDX-License-Identifier: Apache-2.0 */
/* lac_dense.h: the CFG and CAP fields of lac_dense.
 * Made by `python -m scripts.registers` from rtl/dense/registers.toml: do not edit. */
#ifndef LAC_DENSE_H
#define LAC_DENSE_H

#include <stdint.h>

#include "lacuna/lac_socket.h"

/* CFG 0: phases and options of the pass */
#define LAC_DENSE_CFG_MODE      0u  /* phases and options of the pass */
#define LAC_DENSE_MODE_OFFSET   LAC_CFG_OFFSET(0u)
#define LAC_DENSE_MODE_LOAD_WGT (1u << 0)  /* take one packet from `s_axis_wgt` */
#define LAC_DENSE_MODE_LOAD_ACT (1u << 1)  /* take one packet from `s_axis_act` into the activation buffer at ACT_BASE */
#define LAC_DENSE_MODE_COMPUTE  (1u << 2)  /* run the tiles */
#define LAC_DENSE_MODE_OUTPUT   (1u << 3)  /* stream KT*P*Q pixels of results */
#define LAC_DENSE_MODE_ACC_KEEP (1u << 6)  /* go on with the accumulators of the last pass */
#define LAC_DENSE_MODE_BIAS     (1u << 7)  /* first sums start from the bias (off: from 0) */
#define LAC_DENSE_MODE_RELU     (1u << 8)  /* ReLU in `requant` */

/* CFG 1: pixels in the activation buffer */
#define LAC_DENSE_CFG_IN_SIZE     1u  /* pixels in the activation buffer */
#define LAC_DENSE_IN_SIZE_OFFSET  LAC_CFG_OFFSET(1u)
#define LAC_DENSE_IN_SIZE_H_MASK  0x0000FFFFu
#define LAC_DENSE_IN_SIZE_H_SHIFT 0u
#define LAC_DENSE_IN_SIZE_H(x)    (((uint32_t)(x) << LAC_DENSE_IN_SIZE_H_SHIFT) & LAC_DENSE_IN_SIZE_H_MASK)  /* height (pixels) */
#define LAC_DENSE_IN_SIZE_W_MASK  0xFFFF0000u
#define LAC_DENSE_IN_SIZE_W_SHIFT 16u
#define LAC_DENSE_IN_SIZE_W(x)    (((uint32_t)(x) << LAC_DENSE_IN_SIZE_W_SHIFT) & LAC_DENSE_IN_SIZE_W_MASK)  /* width (pixels) */

/* CFG 2: pixels of results */
#define LAC_DENSE_CFG_OUT_SIZE     2u  /* pixels of results */
#define LAC_DENSE_OUT_SIZE_OFFSET  LAC_CFG_OFFSET(2u)
#define LAC_DENSE_OUT_SIZE_P_MASK  0x0000FFFFu
#define LAC_DENSE_OUT_SIZE_P_SHIFT 0u
#define LAC_DENSE_OUT_SIZE_P(x)    (((uint32_t)(x) << LAC_DENSE_OUT_SIZE_P_SHIFT) & LAC_DENSE_OUT_SIZE_P_MASK)  /* height (pixels) */
#define LAC_DENSE_OUT_SIZE_Q_MASK  0xFFFF0000u
#define LAC_DENSE_OUT_SIZE_Q_SHIFT 16u
#define LAC_DENSE_OUT_SIZE_Q(x)    (((uint32_t)(x) << LAC_DENSE_OUT_SIZE_Q_SHIFT) & LAC_DENSE_OUT_SIZE_Q_MASK)  /* width (pixels) */

/* CFG 3: the window of a result */
#define LAC_DENSE_CFG_KERNEL            3u  /* the window of a result */
#define LAC_DENSE_KERNEL_OFFSET         LAC_CFG_OFFSET(3u)
#define LAC_DENSE_KERNEL_R_MASK         0x000000FFu
#define LAC_DENSE_KERNEL_R_SHIFT        0u
#define LAC_DENSE_KERNEL_R(x)           (((uint32_t)(x) << LAC_DENSE_KERNEL_R_SHIFT) & LAC_DENSE_KERNEL_R_MASK)  /* height (pixels) */
#define LAC_DENSE_KERNEL_S_MASK         0x0000FF00u
#define LAC_DENSE_KERNEL_S_SHIFT        8u
#define LAC_DENSE_KERNEL_S(x)           (((uint32_t)(x) << LAC_DENSE_KERNEL_S_SHIFT) & LAC_DENSE_KERNEL_S_MASK)  /* width (pixels) */
#define LAC_DENSE_KERNEL_STRIDE_MASK    0x000F0000u
#define LAC_DENSE_KERNEL_STRIDE_SHIFT   16u
#define LAC_DENSE_KERNEL_STRIDE(x)      (((uint32_t)(x) << LAC_DENSE_KERNEL_STRIDE_SHIFT) & LAC_DENSE_KERNEL_STRIDE_MASK)  /* step of the window, both ways (pixels) */
#define LAC_DENSE_KERNEL_PAD_TOP_MASK   0x00F00000u
#define LAC_DENSE_KERNEL_PAD_TOP_SHIFT  20u
#define LAC_DENSE_KERNEL_PAD_TOP(x)     (((uint32_t)(x) << LAC_DENSE_KERNEL_PAD_TOP_SHIFT) & LAC_DENSE_KERNEL_PAD_TOP_MASK)  /* rows of zeros above the input (pixels) */
#define LAC_DENSE_KERNEL_PAD_LEFT_MASK  0x0F000000u
#define LAC_DENSE_KERNEL_PAD_LEFT_SHIFT 24u
#define LAC_DENSE_KERNEL_PAD_LEFT(x)    (((uint32_t)(x) << LAC_DENSE_KERNEL_PAD_LEFT_SHIFT) & LAC_DENSE_KERNEL_PAD_LEFT_MASK)  /* columns of zeros left of the input (pixels) */

/* CFG 4: tiles of the pass */
#define LAC_DENSE_CFG_TILES      4u  /* tiles of the pass */
#define LAC_DENSE_TILES_OFFSET   LAC_CFG_OFFSET(4u)
#define LAC_DENSE_TILES_CT_MASK  0x0000FFFFu
#define LAC_DENSE_TILES_CT_SHIFT 0u
#define LAC_DENSE_TILES_CT(x)    (((uint32_t)(x) << LAC_DENSE_TILES_CT_SHIFT) & LAC_DENSE_TILES_CT_MASK)  /* tiles of Rows input channels (tiles) */
#define LAC_DENSE_TILES_KT_MASK  0xFFFF0000u
#define LAC_DENSE_TILES_KT_SHIFT 16u
#define LAC_DENSE_TILES_KT(x)    (((uint32_t)(x) << LAC_DENSE_TILES_KT_SHIFT) & LAC_DENSE_TILES_KT_MASK)  /* tiles of Cols outputs (tiles) */

/* CFG 5: first word of the weight buffer */
#define LAC_DENSE_CFG_WGT_BASE    5u  /* first word of the weight buffer */
#define LAC_DENSE_WGT_BASE_OFFSET LAC_CFG_OFFSET(5u)

/* CFG 6: first word of the activation buffer */
#define LAC_DENSE_CFG_ACT_BASE    6u  /* first word of the activation buffer */
#define LAC_DENSE_ACT_BASE_OFFSET LAC_CFG_OFFSET(6u)

/* CFG 7: first word of the bias buffer */
#define LAC_DENSE_CFG_BIAS_BASE    7u  /* first word of the bias buffer */
#define LAC_DENSE_BIAS_BASE_OFFSET LAC_CFG_OFFSET(7u)

/* CFG 8: output shift */
#define LAC_DENSE_CFG_SHIFT    8u  /* output shift */
#define LAC_DENSE_SHIFT_OFFSET LAC_CFG_OFFSET(8u)

/* CAP: what the build is */
#define LAC_DENSE_CAP_ROWS_OFFSET       LAC_CAP_OFFSET(0u)  /* reduction lanes of the array */
#define LAC_DENSE_CAP_ROWS_MASK         0x0000FFFFu
#define LAC_DENSE_CAP_ROWS_SHIFT        0u
#define LAC_DENSE_CAP_COLS_OFFSET       LAC_CAP_OFFSET(0u)  /* outputs of the array */
#define LAC_DENSE_CAP_COLS_MASK         0xFFFF0000u
#define LAC_DENSE_CAP_COLS_SHIFT        16u
#define LAC_DENSE_CAP_ACT_DEPTH_OFFSET  LAC_CAP_OFFSET(1u)  /* words of the activation buffer */
#define LAC_DENSE_CAP_ACT_DEPTH_MASK    0xFFFFFFFFu
#define LAC_DENSE_CAP_ACT_DEPTH_SHIFT   0u
#define LAC_DENSE_CAP_WGT_DEPTH_OFFSET  LAC_CAP_OFFSET(2u)  /* words of the weight buffer */
#define LAC_DENSE_CAP_WGT_DEPTH_MASK    0xFFFFFFFFu
#define LAC_DENSE_CAP_WGT_DEPTH_SHIFT   0u
#define LAC_DENSE_CAP_ACC_DEPTH_OFFSET  LAC_CAP_OFFSET(3u)  /* words of an accumulator bank */
#define LAC_DENSE_CAP_ACC_DEPTH_MASK    0xFFFFFFFFu
#define LAC_DENSE_CAP_ACC_DEPTH_SHIFT   0u
#define LAC_DENSE_CAP_BIAS_DEPTH_OFFSET LAC_CAP_OFFSET(4u)  /* words of the bias buffer */
#define LAC_DENSE_CAP_BIAS_DEPTH_MASK   0xFFFFFFFFu
#define LAC_DENSE_CAP_BIAS_DEPTH_SHIFT  0u
#define LAC_DENSE_CAP_ACT_WIDTH_OFFSET  LAC_CAP_OFFSET(5u)  /* activation */
#define LAC_DENSE_CAP_ACT_WIDTH_MASK    0x000000FFu
#define LAC_DENSE_CAP_ACT_WIDTH_SHIFT   0u
#define LAC_DENSE_CAP_WGT_WIDTH_OFFSET  LAC_CAP_OFFSET(5u)  /* weight */
#define LAC_DENSE_CAP_WGT_WIDTH_MASK    0x0000FF00u
#define LAC_DENSE_CAP_WGT_WIDTH_SHIFT   8u
#define LAC_DENSE_CAP_ACC_WIDTH_OFFSET  LAC_CAP_OFFSET(5u)  /* accumulator */
#define LAC_DENSE_CAP_ACC_WIDTH_MASK    0x00FF0000u
#define LAC_DENSE_CAP_ACC_WIDTH_SHIFT   16u
#define LAC_DENSE_CAP_GROUP_N_OFFSET    LAC_CAP_OFFSET(6u)  /* rows that hold weights of a group of inputs, less one */
#define LAC_DENSE_CAP_GROUP_N_MASK      0x0F000000u
#define LAC_DENSE_CAP_GROUP_N_SHIFT     24u
#define LAC_DENSE_CAP_GROUP_M_OFFSET    LAC_CAP_OFFSET(6u)  /* inputs of a group, less one */
#define LAC_DENSE_CAP_GROUP_M_MASK      0xF0000000u
#define LAC_DENSE_CAP_GROUP_M_SHIFT     28u

/* Kinds of sections of a weight packet */
enum lac_dense_kind {
  LAC_DENSE_KIND_WEIGHT = 1,  /* words of the weight buffer */
  LAC_DENSE_KIND_BIAS = 2,  /* words of the bias buffer */
};

#endif
