// SPDX-License-Identifier: Apache-2.0
//
// lac_flexflow_pro_cfg_pkg: the fields of the CFG and CAP registers, as packed structs.
//
// Made by `python -m scripts.registers` from rtl/flexflow_pro/registers.toml: do not edit.
// Example: `input lac_flexflow_pro_cfg_t cfg_i`, then `cfg_i.mode.compute`; the package imported in
//   the module header (Icarus 11 takes structs no other way).
// What the fields mean and may be: that file. A member whose name is a keyword has an underscore
// behind it; rsvd bits are without meaning.

package lac_flexflow_pro_cfg_pkg;

  // CFG registers
  localparam int CFG_MODE      = 0;
  localparam int CFG_PLANE     = 1;
  localparam int CFG_WINDOW    = 2;
  localparam int CFG_SLICE     = 3;
  localparam int CFG_THRESHOLD = 4;
  localparam int CFG_SHIFT     = 5;

  // Bits of MODE that have a flag
  localparam logic [31:0] MODE_KNOWN = 32'h03CF;

  // Kinds of sections of a weight packet
  localparam int KIND_WEIGHT = 1;
  localparam int KIND_BIAS   = 2;

  // CFG 0: phases and options of the pass
  typedef struct packed {
    logic [21:0] rsvd_31_10;
    logic        relaxed;
    logic        relu;
    logic        bias;
    logic        acc_keep;
    logic [1:0]  rsvd_5_4;
    logic        output_;
    logic        compute;
    logic        load_act;
    logic        load_wgt;
  } lac_flexflow_pro_mode_t;

  // CFG 1: what a pass covers
  typedef struct packed {
    logic [15:0] windows;
    logic [15:0] lines;
  } lac_flexflow_pro_plane_t;

  // CFG 2: a window, and what the rows make of it
  typedef struct packed {
    logic [11:0] rsvd_31_20;
    logic [3:0]  maps;
    logic        rsvd_15_15;
    logic [2:0]  groups_log;
    logic [3:0]  stride;
    logic [7:0]  taps;
  } lac_flexflow_pro_window_t;

  // CFG 3: a slice of a column
  typedef struct packed {
    logic [7:0]  ring;
    logic [7:0]  cells;
    logic [15:0] pieces;
  } lac_flexflow_pro_slice_t;

  // The 16 CFG registers
  typedef struct packed {
    logic [319:0]             rsvd_6;
    logic [31:0]              shift;
    logic [31:0]              threshold;
    lac_flexflow_pro_slice_t  slice;
    lac_flexflow_pro_window_t window;
    lac_flexflow_pro_plane_t  plane;
    lac_flexflow_pro_mode_t   mode;
  } lac_flexflow_pro_cfg_t;

  // The 8 CAP registers
  typedef struct packed {
    logic [63:0] rsvd;
    logic [7:0]  bias_width;
    logic [7:0]  acc_width;
    logic [7:0]  wgt_width;
    logic [7:0]  act_width;
    logic [7:0]  max_maps;
    logic [7:0]  bus_words;
    logic [7:0]  fifo_depth;
    logic [7:0]  mask_word;
    logic [31:0] acc_depth;
    logic [31:0] act_depth;
    logic [15:0] n_cells;
    logic [15:0] k_cells;
    logic [15:0] cols;
    logic [15:0] rows;
  } lac_flexflow_pro_cap_t;

endpackage
