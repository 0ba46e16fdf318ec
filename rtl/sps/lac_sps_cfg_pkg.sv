// SPDX-License-Identifier: Apache-2.0
//
// lac_sps_cfg_pkg: the fields of the CFG and CAP registers, as packed structs.
//
// Made by `python -m scripts.registers` from rtl/sps/registers.toml: do not edit. Fields taken over from rtl/array.
// Example: `input lac_sps_cfg_t cfg_i`, then `cfg_i.mode.compute`; the package imported in
//   the module header (Icarus 11 takes structs no other way).
// What the fields mean and may be: that file. A member whose name is a keyword has an underscore
// behind it; rsvd bits are without meaning.

package lac_sps_cfg_pkg;

  // CFG registers
  localparam int CFG_MODE      = 0;
  localparam int CFG_IN_SIZE   = 1;
  localparam int CFG_OUT_SIZE  = 2;
  localparam int CFG_KERNEL    = 3;
  localparam int CFG_TILES     = 4;
  localparam int CFG_WGT_BASE  = 5;
  localparam int CFG_ACT_BASE  = 6;
  localparam int CFG_BIAS_BASE = 7;
  localparam int CFG_SHIFT     = 8;
  localparam int CFG_PERIOD    = 9;
  localparam int CFG_TABLES    = 10;

  // Bits of MODE that have a flag
  localparam logic [31:0] MODE_KNOWN = 32'h01CF;

  // Kinds of sections of a weight packet
  localparam int KIND_WEIGHT = 1;
  localparam int KIND_BIAS   = 2;
  localparam int KIND_DIR    = 3;
  localparam int KIND_POS    = 4;
  localparam int KIND_KRES   = 5;
  localparam int KIND_RRES   = 6;

  // CFG 0: phases and options of the pass
  typedef struct packed {
    logic [22:0] rsvd_31_9;
    logic        relu;
    logic        bias;
    logic        acc_keep;
    logic [1:0]  rsvd_5_4;
    logic        output_;
    logic        compute;
    logic        load_act;
    logic        load_wgt;
  } lac_sps_mode_t;

  // CFG 1: pixels in the activation buffer
  typedef struct packed {
    logic [15:0] w;
    logic [15:0] h;
  } lac_sps_in_size_t;

  // CFG 2: pixels of results
  typedef struct packed {
    logic [15:0] q;
    logic [15:0] p;
  } lac_sps_out_size_t;

  // CFG 3: the window of a result
  typedef struct packed {
    logic [3:0] rsvd;
    logic [3:0] pad_left;
    logic [3:0] pad_top;
    logic [3:0] stride;
    logic [7:0] s;
    logic [7:0] r;
  } lac_sps_kernel_t;

  // CFG 4: tiles of the pass
  typedef struct packed {
    logic [15:0] kt;
    logic [15:0] ct;
  } lac_sps_tiles_t;

  // CFG 10: first words of the tables of residues
  typedef struct packed {
    logic [15:0] rres_base;
    logic [15:0] kres_base;
  } lac_sps_tables_t;

  // The 16 CFG registers
  typedef struct packed {
    logic [159:0]      rsvd_11;
    lac_sps_tables_t   tables;
    logic [31:0]       period;
    logic [31:0]       shift;
    logic [31:0]       bias_base;
    logic [31:0]       act_base;
    logic [31:0]       wgt_base;
    lac_sps_tiles_t    tiles;
    lac_sps_kernel_t   kernel;
    lac_sps_out_size_t out_size;
    lac_sps_in_size_t  in_size;
    lac_sps_mode_t     mode;
  } lac_sps_cfg_t;

  // The 8 CAP registers
  typedef struct packed {
    logic [15:0] max_ct;
    logic [15:0] max_kt;
    logic [7:0]  table_depth;
    logic [3:0]  rsvd_215_212;
    logic [3:0]  kernel_size;
    logic [2:0]  rsvd_207_205;
    logic [4:0]  max_period;
    logic [6:0]  rsvd_199_193;
    logic        row_offsets;
    logic [7:0]  rsvd_191_184;
    logic [7:0]  acc_width;
    logic [7:0]  wgt_width;
    logic [7:0]  act_width;
    logic [31:0] bias_depth;
    logic [31:0] acc_depth;
    logic [31:0] wgt_depth;
    logic [31:0] act_depth;
    logic [15:0] cols;
    logic [15:0] rows;
  } lac_sps_cap_t;

endpackage
