// SPDX-License-Identifier: Apache-2.0
//
// Weight loader: takes one weight packet apart and writes kernel stores and biases.
//
//   words of the packet -> section header / payload -> write bus
//
// Layout of the packet and its sections: README.md beside this file. Every field is checked; an error
// is raised with the word at fault, and ends the packet. An address of a kernel store is that of a
// stream word of four weights, one of the biases that of two.
// Streams: pay, always ready. Throughput: one stream word per cycle.
// Latency: stream word to write 1 cycle.
// Parameters:
//   Rows       2..32, a power of two
//   Cols       2..32
//   MaskWord   4..16, 4, 8 or 16
//   KCells     1..64
//   MaxMaps    2..8, even
//   BiasWidth  2..32
// Model: models/flexflow_pro/packets.py.

`include "lac_assert.svh"

module lac_ffp_wgt_load
  import lac_pkg::*, lac_flexflow_pro_cfg_pkg::*;
#(
  parameter  int Rows      = 16,
  parameter  int Cols      = 16,
  parameter  int MaskWord  = 16,
  parameter  int KCells    = 9,
  parameter  int MaxMaps   = 4,
  parameter  int BiasWidth = 32,
  localparam int KWords    = KCells * MaskWord / 4,
  localparam int AddrWidth = `LAC_INDEX_BITS(KWords)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clr_i,
  input  logic                   start_i,
  input  logic                   pay_valid_i,
  input  logic [           63:0] pay_data_i,
  input  logic [           31:0] pay_left_i,      // words of the packet behind this one
  output logic                   err_o,
  output logic [            7:0] err_code_o,
  output logic [       Rows-1:0] wr_row_o,        // kernel store: one-hot both, or no write
  output logic [       Cols-1:0] wr_col_o,
  output logic [  AddrWidth-1:0] wr_addr_o,
  output logic [           63:0] wr_data_o,
  output logic [       Rows-1:0] wr_bias_o,       // one-hot, or no write
  output logic [            1:0] wr_bias_addr_o,
  output logic [2*BiasWidth-1:0] wr_bias_data_o
);

  `LAC_PARAM_RULE(lac_ffp_wgt_load, Rows, 2, 32, (Rows & (Rows - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_ffp_wgt_load, Cols, 2, 32)
  `LAC_PARAM_RULE(lac_ffp_wgt_load, MaskWord, 4, 16,
                  MaskWord == 4 || MaskWord == 8 || MaskWord == 16, "4, 8 or 16")
  `LAC_PARAM(lac_ffp_wgt_load, KCells, 1, 64)
  `LAC_PARAM_RULE(lac_ffp_wgt_load, MaxMaps, 2, 8, MaxMaps % 2 == 0, "even")
  `LAC_PARAM(lac_ffp_wgt_load, BiasWidth, 2, 32)

  localparam int LaneWidth = 32;  // of a bias in a stream word
  localparam int UnitWidth = 12;
  localparam int ColWidth = $clog2(Cols);
  localparam logic [3:0] KindWgt = 4'(KIND_WEIGHT), KindBias = 4'(KIND_BIAS);

  // header -----------------------------------------------------------------------------------
  logic [3:0] h_kind;
  logic [UnitWidth-1:0] h_unit;
  logic [23:0] h_base, h_count, h_words;
  logic [24:0] h_end;
  logic h_wgt, h_bias, h_ok;

  assign h_kind = pay_data_i[3:0];
  assign h_unit = pay_data_i[15:4];
  assign h_base = pay_data_i[39:16];
  assign h_count = pay_data_i[63:40];
  assign h_end = 25'(h_base) + 25'(h_count);
  assign h_wgt = (h_kind == KindWgt) & (h_unit < UnitWidth'(Rows * Cols)) & (h_end <= 25'(KWords));
  assign h_bias  = (h_kind == KindBias) & (h_unit < UnitWidth'(Rows))
                 & (h_end <= 25'(MaxMaps)) & ~h_base[0];
  assign h_words = h_kind == KindBias ? (h_count >> 1) + 24'(h_count[0]) : h_count;
  assign h_ok = (h_wgt | h_bias) & (32'(h_words) <= pay_left_i);

  // section ----------------------------------------------------------------------------------
  logic in_section_q, header_beat, payload_beat, is_bias;
  logic [          3:0] kind_q;  // 0: no section yet
  logic [UnitWidth-1:0] unit_q;
  logic [  AddrWidth:0] addr_q;  // one past the last store word fits
  logic [         23:0] behind_q;  // words of the section behind the next one
  logic [          1:0] lane_ok;

  assign header_beat  = pay_valid_i & ~in_section_q;
  assign payload_beat = pay_valid_i & in_section_q;
  assign is_bias      = kind_q == KindBias;

  for (genvar l = 0; l < 2; l++) begin : gen_lane
    if (BiasWidth < LaneWidth) begin : gen_check
      // Every bit above the bias equals its sign.
      assign lane_ok[l] =
          (pay_data_i[l*LaneWidth + BiasWidth - 1 +: LaneWidth + 1 - BiasWidth] == '0)
          | (&pay_data_i[l*LaneWidth + BiasWidth - 1 +: LaneWidth + 1 - BiasWidth]);
    end else begin : gen_pass
      assign lane_ok[l] = 1'b1;
    end
  end

  // errors: header, then order, values
  always_comb begin
    err_o      = 1'b1;
    err_code_o = 8'(ERR_WGT_HEADER);
    if (header_beat && !h_ok) err_code_o = 8'(ERR_WGT_HEADER);
    else if (header_beat && {h_kind, h_unit} <= {kind_q, unit_q}) err_code_o = 8'(ERR_WGT_ORDER);
    else if (payload_beat && is_bias && lane_ok != '1) err_code_o = 8'(ERR_WGT_VALUE);
    else err_o = 1'b0;
  end

  // A row has Cols units, which need not be a power of two.
  logic [Rows-1:0] row, below;
  logic [Cols-1:0] col;
  logic [ColWidth-1:0] col_num;

  if ((Cols & (Cols - 1)) == 0) begin : gen_slices
    assign col_num = unit_q[ColWidth-1:0];
    for (genvar r = 0; r < Rows; r++) begin : gen_row
      assign below[r] = 1'b0;
      assign row[r]   = unit_q[UnitWidth-1:ColWidth] == (UnitWidth - ColWidth)'(r);
    end
  end else begin : gen_search
    logic [UnitWidth-1:0] first;

    for (genvar r = 0; r < Rows; r++) begin : gen_row
      if (r == 0) begin : gen_none
        assign below[r] = 1'b0;
      end else begin : gen_below
        assign below[r] = unit_q < UnitWidth'(r * Cols);
      end
      if (r == Rows - 1) begin : gen_last
        assign row[r] = ~below[r];
      end else begin : gen_inner
        assign row[r] = ~below[r] & below[r+1];
      end
    end
    always_comb begin
      first = '0;
      for (int r = 0; r < Rows; r++) first = first | (row[r] ? UnitWidth'(r * Cols) : '0);
    end
    assign col_num = ColWidth'(unit_q - first);
  end

  logic unused_below;
  assign unused_below = ^below;

  for (genvar j = 0; j < Cols; j++) begin : gen_col
    assign col[j] = col_num == ColWidth'(j);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_section_q <= 1'b0;
      wr_row_o     <= '0;
      wr_col_o     <= '0;
      wr_bias_o    <= '0;
    end else begin
      if (clr_i || start_i) in_section_q <= 1'b0;
      else if (header_beat) in_section_q <= h_words != '0;
      else if (payload_beat && behind_q == '0) in_section_q <= 1'b0;
      wr_row_o <= payload_beat && !is_bias ? row : '0;
      wr_col_o <= payload_beat && !is_bias ? col : '0;
      for (int r = 0; r < Rows; r++)
      wr_bias_o[r] <= payload_beat & is_bias & (unit_q == UnitWidth'(r));
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      kind_q <= '0;
      unit_q <= '0;
    end else if (header_beat) begin
      kind_q   <= h_kind;
      unit_q   <= h_unit;
      addr_q   <= h_kind == KindBias ? (AddrWidth + 1)'(h_base >> 1) : (AddrWidth + 1)'(h_base);
      behind_q <= h_words - 24'd1;
    end else if (payload_beat) begin
      behind_q <= behind_q - 24'd1;
      addr_q   <= addr_q + (AddrWidth + 1)'(1);
    end
    if (payload_beat) begin
      wr_addr_o      <= AddrWidth'(addr_q);
      wr_bias_addr_o <= 2'(addr_q);
      wr_data_o      <= pay_data_i;
    end
  end

  assign wr_bias_data_o = {wr_data_o[LaneWidth+:BiasWidth], wr_data_o[0+:BiasWidth]};

  `LAC_ASSERT(one_store, $onehot0(wr_row_o) && $onehot0(wr_col_o), "two stores are written")
  `LAC_ASSERT(whole_place, (wr_row_o == '0) == (wr_col_o == '0), "a row without a column")
  `LAC_ASSERT(one_memory, $onehot0({|wr_row_o, |wr_bias_o}), "two memories are written at once")
  `LAC_ASSERT(section_left, !in_section_q || behind_q != '1, "in a section that has ended")
  `LAC_ASSERT(wgt_range, wr_row_o == '0 || 32'(wr_addr_o) < 32'(KWords), "a word past the store")
  `LAC_ASSERT(bias_range, wr_bias_o == '0 || 32'(wr_bias_addr_o) < 32'(MaxMaps / 2),
              "a bias past the end")
  `LAC_ASSERT(err_of_word, !err_o || pay_valid_i, "an error without a word")

endmodule
