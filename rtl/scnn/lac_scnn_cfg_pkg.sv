// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_cfg_pkg: the fields of the CFG and CAP registers, as packed structs.
//
// Made by `python -m scripts.registers` from rtl/scnn/registers.toml: do not edit.
// Example: `input lac_scnn_cfg_t cfg_i`, then `cfg_i.mode.compute`; the package imported in
//   the module header (Icarus 11 takes structs no other way).
// What the fields mean and may be: that file. A member whose name is a keyword has an underscore
// behind it; rsvd bits are without meaning.

package lac_scnn_cfg_pkg;

  // CFG registers
  localparam int CFG_MODE         = 0;
  localparam int CFG_CHANNELS     = 1;
  localparam int CFG_GROUPS       = 2;
  localparam int CFG_TILE         = 3;
  localparam int CFG_HALO         = 4;
  localparam int CFG_FINAL_X      = 5;
  localparam int CFG_FINAL_Y      = 6;
  localparam int CFG_CARRY_IN     = 7;
  localparam int CFG_CARRY_OUT    = 8;
  localparam int CFG_WGT_BASE     = 9;
  localparam int CFG_BIAS_BASE    = 10;
  localparam int CFG_SHIFT        = 11;
  localparam int CFG_ACT_WORDS    = 12;
  localparam int CFG_COUT_BASE    = 13;
  localparam int CFG_OUT_CHANNELS = 14;

  // Bits of MODE that have a flag
  localparam logic [31:0] MODE_KNOWN = 32'h07FF;

  // Kinds of sections of a weight packet
  localparam int KIND_OFFSET = 1;
  localparam int KIND_BIAS   = 2;
  localparam int KIND_WEIGHT = 3;

  // CFG 0: phases and options of the pass
  typedef struct packed {
    logic [20:0] rsvd;
    logic        rim;
    logic        dense;
    logic        merge;
    logic        empty_step;
    logic        oa_keep;
    logic        relu;
    logic        swap;
    logic        output_;
    logic        compute;
    logic        load_act;
    logic        load_wgt;
  } lac_scnn_mode_t;

  // CFG 1: input channels and kernel of the pass
  typedef struct packed {
    logic [7:0]  rsvd;
    logic [7:0]  taps;
    logic [15:0] c;
  } lac_scnn_channels_t;

  // CFG 2: output groups
  typedef struct packed {
    logic        rsvd_31_31;
    logic [6:0]  last_k;
    logic [1:0]  rsvd_23_22;
    logic [1:0]  shape;
    logic        rsvd_19_19;
    logic [2:0]  kc_log;
    logic [15:0] num_groups;
  } lac_scnn_groups_t;

  // CFG 3: tile of a PE
  typedef struct packed {
    logic [2:0] rsvd;
    logic [4:0] out_gap;
    logic [7:0] pitch;
    logic [7:0] tile_h;
    logic [7:0] tile_w;
  } lac_scnn_tile_t;

  // CFG 4: what the accumulator tile has around the tile
  typedef struct packed {
    logic [15:0] rsvd;
    logic [3:0]  halo_d;
    logic [3:0]  halo_u;
    logic [3:0]  halo_r;
    logic [3:0]  halo_l;
  } lac_scnn_halo_t;

  // CFG 5: columns of the chip tile whose sums are complete
  typedef struct packed {
    logic [15:0] final_x1;
    logic [15:0] final_x0;
  } lac_scnn_final_x_t;

  // CFG 6: rows of the chip tile whose sums are complete
  typedef struct packed {
    logic [15:0] final_y1;
    logic [15:0] final_y0;
  } lac_scnn_final_y_t;

  // CFG 7: where sums of other chip tiles are added
  typedef struct packed {
    logic [15:0] carry_in_y;
    logic [15:0] carry_in_x;
  } lac_scnn_carry_in_t;

  // CFG 8: where sums leave for other chip tiles
  typedef struct packed {
    logic [15:0] carry_out_y;
    logic [15:0] carry_out_x;
  } lac_scnn_carry_out_t;

  // The 16 CFG registers
  typedef struct packed {
    logic [31:0]         rsvd_15;
    logic [31:0]         out_channels;
    logic [31:0]         cout_base;
    logic [31:0]         act_words;
    logic [31:0]         shift;
    logic [31:0]         bias_base;
    logic [31:0]         wgt_base;
    lac_scnn_carry_out_t carry_out;
    lac_scnn_carry_in_t  carry_in;
    lac_scnn_final_y_t   final_y;
    lac_scnn_final_x_t   final_x;
    lac_scnn_halo_t      halo;
    lac_scnn_tile_t      tile;
    lac_scnn_groups_t    groups;
    lac_scnn_channels_t  channels;
    lac_scnn_mode_t      mode;
  } lac_scnn_cfg_t;

  // The 8 CAP registers
  typedef struct packed {
    logic [7:0]  last_tap;
    logic [7:0]  count_width;
    logic [7:0]  acc_width;
    logic [7:0]  act_width;
    logic [7:0]  max_kc;
    logic        rsvd;
    logic [1:0]  row_log;
    logic        has_merge;
    logic [3:0]  bank_map;
    logic [3:0]  bank_depth;
    logic [3:0]  look_ahead;
    logic [3:0]  xbar_grants;
    logic [3:0]  lane_depth;
    logic [15:0] carry_depth;
    logic [15:0] bias_depth;
    logic [31:0] wgt_depth;
    logic [31:0] iaram_rows;
    logic [15:0] max_c;
    logic [15:0] wgt_fifo;
    logic [15:0] entries;
    logic [15:0] banks;
    logic [7:0]  lanes_i;
    logic [7:0]  lanes_f;
    logic [7:0]  pe_y;
    logic [7:0]  pe_x;
  } lac_scnn_cap_t;

endpackage
