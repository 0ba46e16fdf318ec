// SPDX-License-Identifier: Apache-2.0
//
// lac_cambricon_se_cfg_pkg: the fields of the CFG and CAP registers, as packed structs.
//
// Made by `python -m scripts.registers` from rtl/cambricon_se/registers.toml: do not edit.
// Example: `input lac_cambricon_se_cfg_t cfg_i`, then `cfg_i.mode.compute`; the package imported in
//   the module header (Icarus 11 takes structs no other way).
// What the fields mean and may be: that file. A member whose name is a keyword has an underscore
// behind it; rsvd bits are without meaning.

package lac_cambricon_se_cfg_pkg;

  // CFG registers
  localparam int CFG_MODE     = 0;
  localparam int CFG_IN_SIZE  = 1;
  localparam int CFG_OUT_SIZE = 2;
  localparam int CFG_KERNEL   = 3;
  localparam int CFG_GROUPS   = 4;
  localparam int CFG_SHIFT    = 5;

  // Bits of MODE that have a flag
  localparam logic [31:0] MODE_KNOWN = 32'h1FCF;

  // Kinds of sections of a weight packet
  localparam int KIND_LIST  = 1;
  localparam int KIND_TABLE = 2;
  localparam int KIND_CODES = 3;
  localparam int KIND_BOOK  = 4;
  localparam int KIND_MASK  = 5;
  localparam int KIND_BIAS  = 6;

  // Values of CAP SELECTOR
  localparam int SELECTOR_PACKED  = 0;
  localparam int SELECTOR_NATURAL = 1;
  localparam int SELECTOR_PER_PE  = 2;

  // CFG 0: phases and options of the pass
  typedef struct packed {
    logic [18:0] rsvd_31_13;
    logic        huffman;
    logic        packed_out;
    logic        packed_in;
    logic        code4;
    logic        relu;
    logic        bias;
    logic        acc_keep;
    logic [1:0]  rsvd_5_4;
    logic        output_;
    logic        compute;
    logic        load_act;
    logic        load_wgt;
  } lac_cambricon_se_mode_t;

  // CFG 1: block of neurons, with its borders
  typedef struct packed {
    logic [15:0] w;
    logic [15:0] h;
  } lac_cambricon_se_in_size_t;

  // CFG 2: outputs of a group
  typedef struct packed {
    logic [15:0] q;
    logic [15:0] p;
  } lac_cambricon_se_out_size_t;

  // CFG 3: how a pixel of the outputs lies in the block
  typedef struct packed {
    logic [15:0] rsvd_31_16;
    logic [7:0]  cb;
    logic [3:0]  rsvd_7_4;
    logic [3:0]  stride;
  } lac_cambricon_se_kernel_t;

  // The 16 CFG registers
  typedef struct packed {
    logic [319:0]               rsvd_6;
    logic [31:0]                shift;
    logic [31:0]                groups;
    lac_cambricon_se_kernel_t   kernel;
    lac_cambricon_se_out_size_t out_size;
    lac_cambricon_se_in_size_t  in_size;
    lac_cambricon_se_mode_t     mode;
  } lac_cambricon_se_cfg_t;

  // The 8 CAP registers
  typedef struct packed {
    logic [31:0] rsvd;
    logic [7:0]  wgt_width;
    logic [7:0]  act_width;
    logic [7:0]  bias_width;
    logic [7:0]  acc_width;
    logic [7:0]  huf_lanes;
    logic [7:0]  regions;
    logic [15:0] bias_depth;
    logic [31:0] acc_depth;
    logic [31:0] list_depth;
    logic [31:0] act_depth;
    logic [15:0] code_row;
    logic [15:0] window;
    logic [7:0]  selector;
    logic [7:0]  lanes;
    logic [7:0]  pes;
    logic [7:0]  cores;
  } lac_cambricon_se_cap_t;

endpackage
