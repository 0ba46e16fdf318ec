// SPDX-License-Identifier: Apache-2.0
//
// lac_eie_cfg_pkg: the fields of the CFG and CAP registers, as packed structs.
//
// Made by `python -m scripts.registers` from rtl/eie/registers.toml: do not edit.
// Example: `input lac_eie_cfg_t cfg_i`, then `cfg_i.mode.compute`; the package imported in
//   the module header (Icarus 11 takes structs no other way).
// What the fields mean and may be: that file. A member whose name is a keyword has an underscore
// behind it; rsvd bits are without meaning.

package lac_eie_cfg_pkg;

  // CFG registers
  localparam int CFG_MODE      = 0;
  localparam int CFG_IN_LEN    = 1;
  localparam int CFG_OUT_LEN   = 2;
  localparam int CFG_PTR_BASE  = 3;
  localparam int CFG_ACT_BASE  = 4;
  localparam int CFG_BIAS_BASE = 5;
  localparam int CFG_CODEBOOK  = 6;
  localparam int CFG_SHIFT     = 7;

  // Bits of MODE that have a flag
  localparam logic [31:0] MODE_KNOWN = 32'h07FF;

  // Kinds of sections of a weight packet
  localparam int KIND_CODEBOOK = 1;
  localparam int KIND_POINTER  = 2;
  localparam int KIND_SPMAT    = 3;
  localparam int KIND_BIAS     = 4;

  // CFG 0: phases and options of the pass
  typedef struct packed {
    logic [20:0] rsvd;
    logic        fuse_pad;
    logic        skip_empty;
    logic        relu;
    logic        bias;
    logic        acc_keep;
    logic        src_file;
    logic        swap;
    logic        output_;
    logic        compute;
    logic        load_act;
    logic        load_wgt;
  } lac_eie_mode_t;

  // The 16 CFG registers
  typedef struct packed {
    logic [255:0]  rsvd_8;
    logic [31:0]   shift;
    logic [31:0]   codebook;
    logic [31:0]   bias_base;
    logic [31:0]   act_base;
    logic [31:0]   ptr_base;
    logic [31:0]   out_len;
    logic [31:0]   in_len;
    lac_eie_mode_t mode;
  } lac_eie_cfg_t;

  // The 8 CAP registers
  typedef struct packed {
    logic [7:0]  acc_width;
    logic [7:0]  ptr_width;
    logic [3:0]  idx_width;
    logic [3:0]  code_width;
    logic [7:0]  act_width;
    logic [15:0] num_codebooks;
    logic [15:0] bias_depth;
    logic [7:0]  entries_per_row;
    logic [23:0] spmat_depth;
    logic [31:0] ptr_depth;
    logic [31:0] act_depth;
    logic [31:0] act_regs;
    logic [15:0] desc_depth;
    logic [15:0] queue_depth;
    logic [31:0] num_pe;
  } lac_eie_cap_t;

endpackage
