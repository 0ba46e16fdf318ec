// SPDX-License-Identifier: Apache-2.0
//
// lac_sparse_on_dense_cfg_pkg: the fields of the CFG and CAP registers, as packed structs.
//
// Made by `python -m scripts.registers` from rtl/sparse_on_dense/registers.toml: do not edit. Fields taken over from rtl/array.
// Example: `input lac_sparse_on_dense_cfg_t cfg_i`, then `cfg_i.mode.compute`; the package imported in
//   the module header (Icarus 11 takes structs no other way).
// What the fields mean and may be: that file. A member whose name is a keyword has an underscore
// behind it; rsvd bits are without meaning.

package lac_sparse_on_dense_cfg_pkg;

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

  // Bits of MODE that have a flag
  localparam logic [31:0] MODE_KNOWN = 32'h01CF;

  // Kinds of sections of a weight packet
  localparam int KIND_WEIGHT = 1;
  localparam int KIND_BIAS   = 2;

  // Values of CAP WGT_FORMAT
  localparam int WGT_FORMAT_CSC    = 0;
  localparam int WGT_FORMAT_BITMAP = 1;
  localparam int WGT_FORMAT_NM     = 2;

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
  } lac_sparse_on_dense_mode_t;

  // CFG 1: pixels in the activation buffer
  typedef struct packed {
    logic [15:0] w;
    logic [15:0] h;
  } lac_sparse_on_dense_in_size_t;

  // CFG 2: pixels of results
  typedef struct packed {
    logic [15:0] q;
    logic [15:0] p;
  } lac_sparse_on_dense_out_size_t;

  // CFG 3: the window of a result
  typedef struct packed {
    logic [3:0] rsvd;
    logic [3:0] pad_left;
    logic [3:0] pad_top;
    logic [3:0] stride;
    logic [7:0] s;
    logic [7:0] r;
  } lac_sparse_on_dense_kernel_t;

  // CFG 4: tiles of the pass
  typedef struct packed {
    logic [15:0] kt;
    logic [15:0] ct;
  } lac_sparse_on_dense_tiles_t;

  // The 16 CFG registers
  typedef struct packed {
    logic [223:0]                  rsvd_9;
    logic [31:0]                   shift;
    logic [31:0]                   bias_base;
    logic [31:0]                   act_base;
    logic [31:0]                   wgt_base;
    lac_sparse_on_dense_tiles_t    tiles;
    lac_sparse_on_dense_kernel_t   kernel;
    lac_sparse_on_dense_out_size_t out_size;
    lac_sparse_on_dense_in_size_t  in_size;
    lac_sparse_on_dense_mode_t     mode;
  } lac_sparse_on_dense_cfg_t;

  // The 8 CAP registers
  typedef struct packed {
    logic [31:0] rsvd_255_224;
    logic [3:0]  group_m;
    logic [3:0]  group_n;
    logic [7:0]  num_lanes;
    logic [7:0]  wgt_format;
    logic [7:0]  num_units;
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
  } lac_sparse_on_dense_cap_t;

endpackage
