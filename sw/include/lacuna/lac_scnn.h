/* SPDX-License-Identifier: Apache-2.0 */
/* lac_scnn.h: the CFG and CAP fields of lac_scnn.
 * Made by `python -m scripts.registers` from rtl/scnn/registers.toml: do not edit. */
#ifndef LAC_SCNN_H
#define LAC_SCNN_H

#include <stdint.h>

#include "lacuna/lac_socket.h"

/* CFG 0: phases and options of the pass */
#define LAC_SCNN_CFG_MODE        0u  /* phases and options of the pass */
#define LAC_SCNN_MODE_OFFSET     LAC_CFG_OFFSET(0u)
#define LAC_SCNN_MODE_LOAD_WGT   (1u << 0)  /* take one packet from `s_axis_wgt` */
#define LAC_SCNN_MODE_LOAD_ACT   (1u << 1)  /* take one packet from `s_axis_act` into the source memories */
#define LAC_SCNN_MODE_COMPUTE    (1u << 2)  /* run the layer */
#define LAC_SCNN_MODE_OUTPUT     (1u << 3)  /* stream OUT_CHANNELS channels of the destination memories */
#define LAC_SCNN_MODE_SWAP       (1u << 4)  /* at the end the destination memories become the source (layer chaining) */
#define LAC_SCNN_MODE_RELU       (1u << 5)  /* ReLU in `requant` */
#define LAC_SCNN_MODE_OA_KEEP    (1u << 6)  /* append to what the passes before left in the destination */
#define LAC_SCNN_MODE_EMPTY_STEP (1u << 7)  /* a block that concerns a PE not takes a cycle (off: none) */
#define LAC_SCNN_MODE_MERGE      (1u << 8)  /* products of a step for the same accumulator are added first */
#define LAC_SCNN_MODE_DENSE      (1u << 9)  /* OUTPUT sends dense words (off: as an activation packet has them) */
#define LAC_SCNN_MODE_RIM        (1u << 10)  /* results of the whole accumulator tile (off: of the tile) */

/* CFG 1: input channels and kernel of the pass */
#define LAC_SCNN_CFG_CHANNELS        1u  /* input channels and kernel of the pass */
#define LAC_SCNN_CHANNELS_OFFSET     LAC_CFG_OFFSET(1u)
#define LAC_SCNN_CHANNELS_C_MASK     0x0000FFFFu
#define LAC_SCNN_CHANNELS_C_SHIFT    0u
#define LAC_SCNN_CHANNELS_C(x)       (((uint32_t)(x) << LAC_SCNN_CHANNELS_C_SHIFT) & LAC_SCNN_CHANNELS_C_MASK)  /* input channels (channels) */
#define LAC_SCNN_CHANNELS_TAPS_MASK  0x00FF0000u
#define LAC_SCNN_CHANNELS_TAPS_SHIFT 16u
#define LAC_SCNN_CHANNELS_TAPS(x)    (((uint32_t)(x) << LAC_SCNN_CHANNELS_TAPS_SHIFT) & LAC_SCNN_CHANNELS_TAPS_MASK)  /* positions of the kernel, R*S */

/* CFG 2: output groups */
#define LAC_SCNN_CFG_GROUPS              2u  /* output groups */
#define LAC_SCNN_GROUPS_OFFSET           LAC_CFG_OFFSET(2u)
#define LAC_SCNN_GROUPS_NUM_GROUPS_MASK  0x0000FFFFu
#define LAC_SCNN_GROUPS_NUM_GROUPS_SHIFT 0u
#define LAC_SCNN_GROUPS_NUM_GROUPS(x)    (((uint32_t)(x) << LAC_SCNN_GROUPS_NUM_GROUPS_SHIFT) & LAC_SCNN_GROUPS_NUM_GROUPS_MASK)  /* output groups of the pass (groups) */
#define LAC_SCNN_GROUPS_KC_LOG_MASK      0x00070000u
#define LAC_SCNN_GROUPS_KC_LOG_SHIFT     16u
#define LAC_SCNN_GROUPS_KC_LOG(x)        (((uint32_t)(x) << LAC_SCNN_GROUPS_KC_LOG_SHIFT) & LAC_SCNN_GROUPS_KC_LOG_MASK)  /* log2 of Kc, the output channels of a group */
#define LAC_SCNN_GROUPS_SHAPE_MASK       0x00300000u
#define LAC_SCNN_GROUPS_SHAPE_SHIFT      20u
#define LAC_SCNN_GROUPS_SHAPE(x)         (((uint32_t)(x) << LAC_SCNN_GROUPS_SHAPE_SHIFT) & LAC_SCNN_GROUPS_SHAPE_MASK)  /* multipliers as F << SHAPE weights times I >> SHAPE activations */
#define LAC_SCNN_GROUPS_LAST_K_MASK      0x7F000000u
#define LAC_SCNN_GROUPS_LAST_K_SHIFT     24u
#define LAC_SCNN_GROUPS_LAST_K(x)        (((uint32_t)(x) << LAC_SCNN_GROUPS_LAST_K_SHIFT) & LAC_SCNN_GROUPS_LAST_K_MASK)  /* output channels of the last group (channels) */

/* CFG 3: tile of a PE */
#define LAC_SCNN_CFG_TILE           3u  /* tile of a PE */
#define LAC_SCNN_TILE_OFFSET        LAC_CFG_OFFSET(3u)
#define LAC_SCNN_TILE_TILE_W_MASK   0x000000FFu
#define LAC_SCNN_TILE_TILE_W_SHIFT  0u
#define LAC_SCNN_TILE_TILE_W(x)     (((uint32_t)(x) << LAC_SCNN_TILE_TILE_W_SHIFT) & LAC_SCNN_TILE_TILE_W_MASK)  /* columns of the tile of a PE (pixels) */
#define LAC_SCNN_TILE_TILE_H_MASK   0x0000FF00u
#define LAC_SCNN_TILE_TILE_H_SHIFT  8u
#define LAC_SCNN_TILE_TILE_H(x)     (((uint32_t)(x) << LAC_SCNN_TILE_TILE_H_SHIFT) & LAC_SCNN_TILE_TILE_H_MASK)  /* rows of the tile of a PE (pixels) */
#define LAC_SCNN_TILE_PITCH_MASK    0x00FF0000u
#define LAC_SCNN_TILE_PITCH_SHIFT   16u
#define LAC_SCNN_TILE_PITCH(x)      (((uint32_t)(x) << LAC_SCNN_TILE_PITCH_SHIFT) & LAC_SCNN_TILE_PITCH_MASK)  /* from a row of the accumulator tile to the next */
#define LAC_SCNN_TILE_OUT_GAP_MASK  0x1F000000u
#define LAC_SCNN_TILE_OUT_GAP_SHIFT 24u
#define LAC_SCNN_TILE_OUT_GAP(x)    (((uint32_t)(x) << LAC_SCNN_TILE_OUT_GAP_SHIFT) & LAC_SCNN_TILE_OUT_GAP_MASK)  /* positions that results skip behind each row (pixels) */

/* CFG 4: what the accumulator tile has around the tile */
#define LAC_SCNN_CFG_HALO          4u  /* what the accumulator tile has around the tile */
#define LAC_SCNN_HALO_OFFSET       LAC_CFG_OFFSET(4u)
#define LAC_SCNN_HALO_HALO_L_MASK  0x0000000Fu
#define LAC_SCNN_HALO_HALO_L_SHIFT 0u
#define LAC_SCNN_HALO_HALO_L(x)    (((uint32_t)(x) << LAC_SCNN_HALO_HALO_L_SHIFT) & LAC_SCNN_HALO_HALO_L_MASK)  /* columns on the left (pixels) */
#define LAC_SCNN_HALO_HALO_R_MASK  0x000000F0u
#define LAC_SCNN_HALO_HALO_R_SHIFT 4u
#define LAC_SCNN_HALO_HALO_R(x)    (((uint32_t)(x) << LAC_SCNN_HALO_HALO_R_SHIFT) & LAC_SCNN_HALO_HALO_R_MASK)  /* columns on the right (pixels) */
#define LAC_SCNN_HALO_HALO_U_MASK  0x00000F00u
#define LAC_SCNN_HALO_HALO_U_SHIFT 8u
#define LAC_SCNN_HALO_HALO_U(x)    (((uint32_t)(x) << LAC_SCNN_HALO_HALO_U_SHIFT) & LAC_SCNN_HALO_HALO_U_MASK)  /* rows above (pixels) */
#define LAC_SCNN_HALO_HALO_D_MASK  0x0000F000u
#define LAC_SCNN_HALO_HALO_D_SHIFT 12u
#define LAC_SCNN_HALO_HALO_D(x)    (((uint32_t)(x) << LAC_SCNN_HALO_HALO_D_SHIFT) & LAC_SCNN_HALO_HALO_D_MASK)  /* rows below (pixels) */

/* CFG 5: columns of the chip tile whose sums are complete */
#define LAC_SCNN_CFG_FINAL_X            5u  /* columns of the chip tile whose sums are complete */
#define LAC_SCNN_FINAL_X_OFFSET         LAC_CFG_OFFSET(5u)
#define LAC_SCNN_FINAL_X_FINAL_X0_MASK  0x0000FFFFu
#define LAC_SCNN_FINAL_X_FINAL_X0_SHIFT 0u
#define LAC_SCNN_FINAL_X_FINAL_X0(x)    (((uint32_t)(x) << LAC_SCNN_FINAL_X_FINAL_X0_SHIFT) & LAC_SCNN_FINAL_X_FINAL_X0_MASK)  /* first column (pixels) */
#define LAC_SCNN_FINAL_X_FINAL_X1_MASK  0xFFFF0000u
#define LAC_SCNN_FINAL_X_FINAL_X1_SHIFT 16u
#define LAC_SCNN_FINAL_X_FINAL_X1(x)    (((uint32_t)(x) << LAC_SCNN_FINAL_X_FINAL_X1_SHIFT) & LAC_SCNN_FINAL_X_FINAL_X1_MASK)  /* column behind the last (pixels) */

/* CFG 6: rows of the chip tile whose sums are complete */
#define LAC_SCNN_CFG_FINAL_Y            6u  /* rows of the chip tile whose sums are complete */
#define LAC_SCNN_FINAL_Y_OFFSET         LAC_CFG_OFFSET(6u)
#define LAC_SCNN_FINAL_Y_FINAL_Y0_MASK  0x0000FFFFu
#define LAC_SCNN_FINAL_Y_FINAL_Y0_SHIFT 0u
#define LAC_SCNN_FINAL_Y_FINAL_Y0(x)    (((uint32_t)(x) << LAC_SCNN_FINAL_Y_FINAL_Y0_SHIFT) & LAC_SCNN_FINAL_Y_FINAL_Y0_MASK)  /* first row (pixels) */
#define LAC_SCNN_FINAL_Y_FINAL_Y1_MASK  0xFFFF0000u
#define LAC_SCNN_FINAL_Y_FINAL_Y1_SHIFT 16u
#define LAC_SCNN_FINAL_Y_FINAL_Y1(x)    (((uint32_t)(x) << LAC_SCNN_FINAL_Y_FINAL_Y1_SHIFT) & LAC_SCNN_FINAL_Y_FINAL_Y1_MASK)  /* row behind the last (pixels) */

/* CFG 7: where sums of other chip tiles are added */
#define LAC_SCNN_CFG_CARRY_IN              7u  /* where sums of other chip tiles are added */
#define LAC_SCNN_CARRY_IN_OFFSET           LAC_CFG_OFFSET(7u)
#define LAC_SCNN_CARRY_IN_CARRY_IN_X_MASK  0x0000FFFFu
#define LAC_SCNN_CARRY_IN_CARRY_IN_X_SHIFT 0u
#define LAC_SCNN_CARRY_IN_CARRY_IN_X(x)    (((uint32_t)(x) << LAC_SCNN_CARRY_IN_CARRY_IN_X_SHIFT) & LAC_SCNN_CARRY_IN_CARRY_IN_X_MASK)  /* column behind the last (pixels) */
#define LAC_SCNN_CARRY_IN_CARRY_IN_Y_MASK  0xFFFF0000u
#define LAC_SCNN_CARRY_IN_CARRY_IN_Y_SHIFT 16u
#define LAC_SCNN_CARRY_IN_CARRY_IN_Y(x)    (((uint32_t)(x) << LAC_SCNN_CARRY_IN_CARRY_IN_Y_SHIFT) & LAC_SCNN_CARRY_IN_CARRY_IN_Y_MASK)  /* row behind the last (pixels) */

/* CFG 8: where sums leave for other chip tiles */
#define LAC_SCNN_CFG_CARRY_OUT               8u  /* where sums leave for other chip tiles */
#define LAC_SCNN_CARRY_OUT_OFFSET            LAC_CFG_OFFSET(8u)
#define LAC_SCNN_CARRY_OUT_CARRY_OUT_X_MASK  0x0000FFFFu
#define LAC_SCNN_CARRY_OUT_CARRY_OUT_X_SHIFT 0u
#define LAC_SCNN_CARRY_OUT_CARRY_OUT_X(x)    (((uint32_t)(x) << LAC_SCNN_CARRY_OUT_CARRY_OUT_X_SHIFT) & LAC_SCNN_CARRY_OUT_CARRY_OUT_X_MASK)  /* column behind the last (pixels) */
#define LAC_SCNN_CARRY_OUT_CARRY_OUT_Y_MASK  0xFFFF0000u
#define LAC_SCNN_CARRY_OUT_CARRY_OUT_Y_SHIFT 16u
#define LAC_SCNN_CARRY_OUT_CARRY_OUT_Y(x)    (((uint32_t)(x) << LAC_SCNN_CARRY_OUT_CARRY_OUT_Y_SHIFT) & LAC_SCNN_CARRY_OUT_CARRY_OUT_Y_MASK)  /* row behind the last (pixels) */

/* CFG 9: first row of the pass in the weight buffer */
#define LAC_SCNN_CFG_WGT_BASE    9u  /* first row of the pass in the weight buffer */
#define LAC_SCNN_WGT_BASE_OFFSET LAC_CFG_OFFSET(9u)

/* CFG 10: bias of the first channel of the pass */
#define LAC_SCNN_CFG_BIAS_BASE    10u  /* bias of the first channel of the pass */
#define LAC_SCNN_BIAS_BASE_OFFSET LAC_CFG_OFFSET(10u)

/* CFG 11: output shift */
#define LAC_SCNN_CFG_SHIFT    11u  /* output shift */
#define LAC_SCNN_SHIFT_OFFSET LAC_CFG_OFFSET(11u)

/* CFG 12: words of the activation packet behind its header */
#define LAC_SCNN_CFG_ACT_WORDS    12u  /* words of the activation packet behind its header */
#define LAC_SCNN_ACT_WORDS_OFFSET LAC_CFG_OFFSET(12u)

/* CFG 13: first word of the carry memory that leaves */
#define LAC_SCNN_CFG_COUT_BASE    13u  /* first word of the carry memory that leaves */
#define LAC_SCNN_COUT_BASE_OFFSET LAC_CFG_OFFSET(13u)

/* CFG 14: channels to send; at most those in the destination */
#define LAC_SCNN_CFG_OUT_CHANNELS    14u  /* channels to send; at most those in the destination */
#define LAC_SCNN_OUT_CHANNELS_OFFSET LAC_CFG_OFFSET(14u)

/* CAP: what the build is */
#define LAC_SCNN_CAP_PE_X_OFFSET        LAC_CAP_OFFSET(0u)  /* columns of PEs */
#define LAC_SCNN_CAP_PE_X_MASK          0x000000FFu
#define LAC_SCNN_CAP_PE_X_SHIFT         0u
#define LAC_SCNN_CAP_PE_Y_OFFSET        LAC_CAP_OFFSET(0u)  /* rows of PEs */
#define LAC_SCNN_CAP_PE_Y_MASK          0x0000FF00u
#define LAC_SCNN_CAP_PE_Y_SHIFT         8u
#define LAC_SCNN_CAP_LANES_F_OFFSET     LAC_CAP_OFFSET(0u)  /* weights of a vector */
#define LAC_SCNN_CAP_LANES_F_MASK       0x00FF0000u
#define LAC_SCNN_CAP_LANES_F_SHIFT      16u
#define LAC_SCNN_CAP_LANES_I_OFFSET     LAC_CAP_OFFSET(0u)  /* activations of a vector */
#define LAC_SCNN_CAP_LANES_I_MASK       0xFF000000u
#define LAC_SCNN_CAP_LANES_I_SHIFT      24u
#define LAC_SCNN_CAP_BANKS_OFFSET       LAC_CAP_OFFSET(1u)  /* accumulator banks of a set */
#define LAC_SCNN_CAP_BANKS_MASK         0x0000FFFFu
#define LAC_SCNN_CAP_BANKS_SHIFT        0u
#define LAC_SCNN_CAP_ENTRIES_OFFSET     LAC_CAP_OFFSET(1u)  /* entries of a bank */
#define LAC_SCNN_CAP_ENTRIES_MASK       0xFFFF0000u
#define LAC_SCNN_CAP_ENTRIES_SHIFT      16u
#define LAC_SCNN_CAP_WGT_FIFO_OFFSET    LAC_CAP_OFFSET(2u)  /* vectors in the weight FIFO of a PE */
#define LAC_SCNN_CAP_WGT_FIFO_MASK      0x0000FFFFu
#define LAC_SCNN_CAP_WGT_FIFO_SHIFT     0u
#define LAC_SCNN_CAP_MAX_C_OFFSET       LAC_CAP_OFFSET(2u)  /* channels in the count memory */
#define LAC_SCNN_CAP_MAX_C_MASK         0xFFFF0000u
#define LAC_SCNN_CAP_MAX_C_SHIFT        16u
#define LAC_SCNN_CAP_IARAM_ROWS_OFFSET  LAC_CAP_OFFSET(3u)  /* rows of an activation memory */
#define LAC_SCNN_CAP_IARAM_ROWS_MASK    0xFFFFFFFFu
#define LAC_SCNN_CAP_IARAM_ROWS_SHIFT   0u
#define LAC_SCNN_CAP_WGT_DEPTH_OFFSET   LAC_CAP_OFFSET(4u)  /* rows of the weight buffer */
#define LAC_SCNN_CAP_WGT_DEPTH_MASK     0xFFFFFFFFu
#define LAC_SCNN_CAP_WGT_DEPTH_SHIFT    0u
#define LAC_SCNN_CAP_BIAS_DEPTH_OFFSET  LAC_CAP_OFFSET(5u)  /* biases, at most 65535 shown */
#define LAC_SCNN_CAP_BIAS_DEPTH_MASK    0x0000FFFFu
#define LAC_SCNN_CAP_BIAS_DEPTH_SHIFT   0u
#define LAC_SCNN_CAP_CARRY_DEPTH_OFFSET LAC_CAP_OFFSET(5u)  /* words of the carry memory of a PE, at most 65535 shown */
#define LAC_SCNN_CAP_CARRY_DEPTH_MASK   0xFFFF0000u
#define LAC_SCNN_CAP_CARRY_DEPTH_SHIFT  16u
#define LAC_SCNN_CAP_LANE_DEPTH_OFFSET  LAC_CAP_OFFSET(6u)  /* lane FIFO of the crossbar */
#define LAC_SCNN_CAP_LANE_DEPTH_MASK    0x0000000Fu
#define LAC_SCNN_CAP_LANE_DEPTH_SHIFT   0u
#define LAC_SCNN_CAP_XBAR_GRANTS_OFFSET LAC_CAP_OFFSET(6u)  /* grants of a bank in a cycle */
#define LAC_SCNN_CAP_XBAR_GRANTS_MASK   0x000000F0u
#define LAC_SCNN_CAP_XBAR_GRANTS_SHIFT  4u
#define LAC_SCNN_CAP_LOOK_AHEAD_OFFSET  LAC_CAP_OFFSET(6u)  /* entries of a lane FIFO that may go */
#define LAC_SCNN_CAP_LOOK_AHEAD_MASK    0x00000F00u
#define LAC_SCNN_CAP_LOOK_AHEAD_SHIFT   8u
#define LAC_SCNN_CAP_BANK_DEPTH_OFFSET  LAC_CAP_OFFSET(6u)  /* queue of a bank */
#define LAC_SCNN_CAP_BANK_DEPTH_MASK    0x0000F000u
#define LAC_SCNN_CAP_BANK_DEPTH_SHIFT   12u
#define LAC_SCNN_CAP_BANK_MAP_OFFSET    LAC_CAP_OFFSET(6u)  /* map of accumulators to banks */
#define LAC_SCNN_CAP_BANK_MAP_MASK      0x000F0000u
#define LAC_SCNN_CAP_BANK_MAP_SHIFT     16u
#define LAC_SCNN_CAP_HAS_MERGE_OFFSET   LAC_CAP_OFFSET(6u)  /* the merge stage is there */
#define LAC_SCNN_CAP_HAS_MERGE_MASK     0x00100000u
#define LAC_SCNN_CAP_HAS_MERGE_SHIFT    20u
#define LAC_SCNN_CAP_ROW_LOG_OFFSET     LAC_CAP_OFFSET(6u)  /* log2 of the vectors in a row of the weight buffer */
#define LAC_SCNN_CAP_ROW_LOG_MASK       0x00600000u
#define LAC_SCNN_CAP_ROW_LOG_SHIFT      21u
#define LAC_SCNN_CAP_MAX_KC_OFFSET      LAC_CAP_OFFSET(6u)  /* largest Kc */
#define LAC_SCNN_CAP_MAX_KC_MASK        0xFF000000u
#define LAC_SCNN_CAP_MAX_KC_SHIFT       24u
#define LAC_SCNN_CAP_ACT_WIDTH_OFFSET   LAC_CAP_OFFSET(7u)  /* activation */
#define LAC_SCNN_CAP_ACT_WIDTH_MASK     0x000000FFu
#define LAC_SCNN_CAP_ACT_WIDTH_SHIFT    0u
#define LAC_SCNN_CAP_ACC_WIDTH_OFFSET   LAC_CAP_OFFSET(7u)  /* accumulator */
#define LAC_SCNN_CAP_ACC_WIDTH_MASK     0x0000FF00u
#define LAC_SCNN_CAP_ACC_WIDTH_SHIFT    8u
#define LAC_SCNN_CAP_COUNT_WIDTH_OFFSET LAC_CAP_OFFSET(7u)  /* count of entries of a channel */
#define LAC_SCNN_CAP_COUNT_WIDTH_MASK   0x00FF0000u
#define LAC_SCNN_CAP_COUNT_WIDTH_SHIFT  16u
#define LAC_SCNN_CAP_LAST_TAP_OFFSET    LAC_CAP_OFFSET(7u)  /* last entry of the offset table */
#define LAC_SCNN_CAP_LAST_TAP_MASK      0xFF000000u
#define LAC_SCNN_CAP_LAST_TAP_SHIFT     24u

/* Kinds of sections of a weight packet */
enum lac_scnn_kind {
  LAC_SCNN_KIND_OFFSET = 1,  /* entries of the offset table */
  LAC_SCNN_KIND_BIAS = 2,  /* biases */
  LAC_SCNN_KIND_WEIGHT = 3,  /* rows of the weight buffer */
};

#endif
