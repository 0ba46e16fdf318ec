/* SPDX-License-Identifier: Apache-2.0 */
/* lac_eie.h: the CFG and CAP fields of lac_eie.
 * Made by `python -m scripts.registers` from rtl/eie/registers.toml: do not edit. */
#ifndef LAC_EIE_H
#define LAC_EIE_H

#include <stdint.h>

#include "lacuna/lac_socket.h"

/* CFG 0: phases and options of the pass */
#define LAC_EIE_CFG_MODE        0u  /* phases and options of the pass */
#define LAC_EIE_MODE_OFFSET     LAC_CFG_OFFSET(0u)
#define LAC_EIE_MODE_LOAD_WGT   (1u << 0)  /* take one packet from `s_axis_wgt` */
#define LAC_EIE_MODE_LOAD_ACT   (1u << 1)  /* take one packet from `s_axis_act` into the activation SRAM at ACT_BASE */
#define LAC_EIE_MODE_COMPUTE    (1u << 2)  /* run the layer */
#define LAC_EIE_MODE_OUTPUT     (1u << 3)  /* stream OUT_LEN results, positions in order */
#define LAC_EIE_MODE_SWAP       (1u << 4)  /* at the end the destination file becomes the source file (layer chaining) */
#define LAC_EIE_MODE_SRC_FILE   (1u << 5)  /* inputs from the source file instead of the activation SRAM */
#define LAC_EIE_MODE_ACC_KEEP   (1u << 6)  /* continue on the accumulators of the last pass (input segmentation) */
#define LAC_EIE_MODE_BIAS       (1u << 7)  /* accumulators start from the bias SRAM instead of 0 */
#define LAC_EIE_MODE_RELU       (1u << 8)  /* ReLU in `requant` */
#define LAC_EIE_MODE_SKIP_EMPTY (1u << 9)  /* an empty column slice takes no slot (off: one slot, as in the paper) */
#define LAC_EIE_MODE_FUSE_PAD   (1u << 10)  /* padding takes no slot when a real entry of the same SRAM row follows or precedes it */

/* CFG 1: inputs (columns) of this pass */
#define LAC_EIE_CFG_IN_LEN    1u  /* inputs (columns) of this pass */
#define LAC_EIE_IN_LEN_OFFSET LAC_CFG_OFFSET(1u)

/* CFG 2: outputs (rows) */
#define LAC_EIE_CFG_OUT_LEN    2u  /* outputs (rows) */
#define LAC_EIE_OUT_LEN_OFFSET LAC_CFG_OFFSET(2u)

/* CFG 3: pointer index of column 0 */
#define LAC_EIE_CFG_PTR_BASE    3u  /* pointer index of column 0 */
#define LAC_EIE_PTR_BASE_OFFSET LAC_CFG_OFFSET(3u)

/* CFG 4: first word of the activation SRAM */
#define LAC_EIE_CFG_ACT_BASE    4u  /* first word of the activation SRAM */
#define LAC_EIE_ACT_BASE_OFFSET LAC_CFG_OFFSET(4u)

/* CFG 5: first word of the bias SRAM */
#define LAC_EIE_CFG_BIAS_BASE    5u  /* first word of the bias SRAM */
#define LAC_EIE_BIAS_BASE_OFFSET LAC_CFG_OFFSET(5u)

/* CFG 6: codebook used */
#define LAC_EIE_CFG_CODEBOOK    6u  /* codebook used */
#define LAC_EIE_CODEBOOK_OFFSET LAC_CFG_OFFSET(6u)

/* CFG 7: output shift */
#define LAC_EIE_CFG_SHIFT    7u  /* output shift */
#define LAC_EIE_SHIFT_OFFSET LAC_CFG_OFFSET(7u)

/* CAP: what the build is */
#define LAC_EIE_CAP_NUM_PE_OFFSET          LAC_CAP_OFFSET(0u)  /* processing elements */
#define LAC_EIE_CAP_NUM_PE_MASK            0xFFFFFFFFu
#define LAC_EIE_CAP_NUM_PE_SHIFT           0u
#define LAC_EIE_CAP_QUEUE_DEPTH_OFFSET     LAC_CAP_OFFSET(1u)  /* activation queue per PE */
#define LAC_EIE_CAP_QUEUE_DEPTH_MASK       0x0000FFFFu
#define LAC_EIE_CAP_QUEUE_DEPTH_SHIFT      0u
#define LAC_EIE_CAP_DESC_DEPTH_OFFSET      LAC_CAP_OFFSET(1u)  /* column descriptors per PE */
#define LAC_EIE_CAP_DESC_DEPTH_MASK        0xFFFF0000u
#define LAC_EIE_CAP_DESC_DEPTH_SHIFT       16u
#define LAC_EIE_CAP_ACT_REGS_OFFSET        LAC_CAP_OFFSET(2u)  /* registers in an activation file */
#define LAC_EIE_CAP_ACT_REGS_MASK          0xFFFFFFFFu
#define LAC_EIE_CAP_ACT_REGS_SHIFT         0u
#define LAC_EIE_CAP_ACT_DEPTH_OFFSET       LAC_CAP_OFFSET(3u)  /* activation SRAM words per PE */
#define LAC_EIE_CAP_ACT_DEPTH_MASK         0xFFFFFFFFu
#define LAC_EIE_CAP_ACT_DEPTH_SHIFT        0u
#define LAC_EIE_CAP_PTR_DEPTH_OFFSET       LAC_CAP_OFFSET(4u)  /* pointers per PE */
#define LAC_EIE_CAP_PTR_DEPTH_MASK         0xFFFFFFFFu
#define LAC_EIE_CAP_PTR_DEPTH_SHIFT        0u
#define LAC_EIE_CAP_SPMAT_DEPTH_OFFSET     LAC_CAP_OFFSET(5u)  /* weight SRAM rows per PE */
#define LAC_EIE_CAP_SPMAT_DEPTH_MASK       0x00FFFFFFu
#define LAC_EIE_CAP_SPMAT_DEPTH_SHIFT      0u
#define LAC_EIE_CAP_ENTRIES_PER_ROW_OFFSET LAC_CAP_OFFSET(5u)  /* entries in a weight SRAM row */
#define LAC_EIE_CAP_ENTRIES_PER_ROW_MASK   0xFF000000u
#define LAC_EIE_CAP_ENTRIES_PER_ROW_SHIFT  24u
#define LAC_EIE_CAP_BIAS_DEPTH_OFFSET      LAC_CAP_OFFSET(6u)  /* bias SRAM words per PE */
#define LAC_EIE_CAP_BIAS_DEPTH_MASK        0x0000FFFFu
#define LAC_EIE_CAP_BIAS_DEPTH_SHIFT       0u
#define LAC_EIE_CAP_NUM_CODEBOOKS_OFFSET   LAC_CAP_OFFSET(6u)  /* codebooks held */
#define LAC_EIE_CAP_NUM_CODEBOOKS_MASK     0xFFFF0000u
#define LAC_EIE_CAP_NUM_CODEBOOKS_SHIFT    16u
#define LAC_EIE_CAP_ACT_WIDTH_OFFSET       LAC_CAP_OFFSET(7u)  /* activation */
#define LAC_EIE_CAP_ACT_WIDTH_MASK         0x000000FFu
#define LAC_EIE_CAP_ACT_WIDTH_SHIFT        0u
#define LAC_EIE_CAP_CODE_WIDTH_OFFSET      LAC_CAP_OFFSET(7u)  /* codebook index */
#define LAC_EIE_CAP_CODE_WIDTH_MASK        0x00000F00u
#define LAC_EIE_CAP_CODE_WIDTH_SHIFT       8u
#define LAC_EIE_CAP_IDX_WIDTH_OFFSET       LAC_CAP_OFFSET(7u)  /* relative row index */
#define LAC_EIE_CAP_IDX_WIDTH_MASK         0x0000F000u
#define LAC_EIE_CAP_IDX_WIDTH_SHIFT        12u
#define LAC_EIE_CAP_PTR_WIDTH_OFFSET       LAC_CAP_OFFSET(7u)  /* pointer */
#define LAC_EIE_CAP_PTR_WIDTH_MASK         0x00FF0000u
#define LAC_EIE_CAP_PTR_WIDTH_SHIFT        16u
#define LAC_EIE_CAP_ACC_WIDTH_OFFSET       LAC_CAP_OFFSET(7u)  /* accumulator */
#define LAC_EIE_CAP_ACC_WIDTH_MASK         0xFF000000u
#define LAC_EIE_CAP_ACC_WIDTH_SHIFT        24u

/* Kinds of sections of a weight packet */
enum lac_eie_kind {
  LAC_EIE_KIND_CODEBOOK = 1,  /* entries of a codebook */
  LAC_EIE_KIND_POINTER = 2,  /* column pointers of a PE */
  LAC_EIE_KIND_SPMAT = 3,  /* weight SRAM rows of a PE */
  LAC_EIE_KIND_BIAS = 4,  /* biases of a PE */
};

#endif
