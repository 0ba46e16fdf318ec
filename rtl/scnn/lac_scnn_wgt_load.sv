// SPDX-License-Identifier: Apache-2.0
//
// Weight loader of SCNN: takes a weight packet apart into offsets, biases and rows of weights.
//
//   words of the packet -> section header / payload -> registered write bus
//
// Layout of the packet and its sections: README.md beside this file. Every field is checked; an
// error is raised with the word at fault.
// Example: section {count 3, base 0, kind 1} and one word of lanes 5 6 7 0 -> wr_off_o 0111,
// address 0.
// Streams: pay; ready is high except in the first half of a word of two biases.
// Throughput: one word per cycle (bias: one word in two cycles). Latency: beat to write 1 cycle.
// Parameters:
//   RowWords   1..64
//   LinWidth   4..15
//   AccWidth   20..40
//   BiasWidth  2..32
//   MaxTaps    1..255
//   WgtDepth   16..16777216
//   BiasDepth  1..65536
// Model: models/scnn packets.

`include "lac_assert.svh"

module lac_scnn_wgt_load
  import lac_pkg::*, lac_scnn_cfg_pkg::*;
#(
  parameter  int RowWords  = 12,
  parameter  int LinWidth  = 8,
  parameter  int AccWidth  = 24,
  parameter  int BiasWidth = 32,
  parameter  int MaxTaps   = 128,
  parameter  int WgtDepth  = 8192,
  parameter  int BiasDepth = 1024,
  localparam int DataWidth = 64,
  localparam int BusWidth  = RowWords * DataWidth
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic                 start_i,
  input  logic                 pay_valid_i,
  output logic                 pay_ready_o,
  input  logic [DataWidth-1:0] pay_data_i,
  input  logic [         31:0] pay_left_i,   // words of the packet behind this one
  output logic                 err_o,
  output logic [          7:0] err_code_o,
  // write bus
  output logic [          3:0] wr_off_o,     // by lane, of the four entries from the address on
  output logic                 wr_bias_o,
  output logic                 wr_row_o,
  output logic [         23:0] wr_addr_o,
  output logic [ BusWidth-1:0] wr_data_o
);

  `LAC_PARAM(lac_scnn_wgt_load, RowWords, 1, 64)
  `LAC_PARAM(lac_scnn_wgt_load, LinWidth, 4, 15)
  `LAC_PARAM(lac_scnn_wgt_load, AccWidth, 20, 40)
  `LAC_PARAM(lac_scnn_wgt_load, BiasWidth, 2, 32)
  `LAC_PARAM(lac_scnn_wgt_load, MaxTaps, 1, 255)
  `LAC_PARAM(lac_scnn_wgt_load, WgtDepth, 16, 16777216)
  `LAC_PARAM(lac_scnn_wgt_load, BiasDepth, 1, 65536)

  localparam int LaneWidth = 32;  // of a bias
  localparam int Fits = BiasWidth < AccWidth ? BiasWidth : AccWidth;  // bits a bias may have
  localparam int PartWidth = `LAC_INDEX_BITS(RowWords);
  localparam logic [PartWidth-1:0] LastPart = PartWidth'(RowWords - 1);
  localparam logic [3:0] KindOffset = 4'(KIND_OFFSET), KindBias = 4'(KIND_BIAS);
  localparam logic [3:0] KindWeight = 4'(KIND_WEIGHT);

  // header -----------------------------------------------------------------------------------
  logic [ 3:0] h_kind;
  logic [11:0] h_pe;
  logic [23:0] h_base, h_count;
  logic [24:0] h_end;
  logic [31:0] h_words;
  logic h_fits, h_ok, h_ascends;

  assign h_kind = pay_data_i[3:0];
  assign h_pe = pay_data_i[15:4];
  assign h_base = pay_data_i[39:16];
  assign h_count = pay_data_i[63:40];
  assign h_end = 25'(h_base) + 25'(h_count);

  always_comb begin
    h_fits  = 1'b0;
    h_words = 32'd0;
    case (h_kind)
      KindOffset: begin
        h_words = (32'(h_count) + 32'd3) >> 2;
        h_fits  = (h_base[1:0] == 2'd0) & (h_end <= 25'(MaxTaps));
      end
      KindBias: begin
        h_words = (32'(h_count) + 32'd1) >> 1;
        h_fits  = h_end <= 25'(BiasDepth);
      end
      KindWeight: begin
        h_words = 32'(h_count) * 32'(RowWords);
        h_fits  = h_end <= 25'(WgtDepth);
      end
      default: h_fits = 1'b0;
    endcase
  end
  assign h_ok = h_fits & (h_pe == 12'd0) & (h_words <= pay_left_i);

  // section ----------------------------------------------------------------------------------
  logic in_section_q, any_section_q, half_q;
  logic [3:0] kind_q;
  logic [23:0] addr_q;  // next item to write
  logic [23:0] items_q;  // offsets, biases left
  logic [31:0] words_q;  // left in the section
  logic [PartWidth-1:0] part_q;
  logic pay_beat, header_beat, payload_beat, section_ends, bias_step, row_ends;

  assign h_ascends = ~any_section_q | (h_kind > kind_q);
  assign pay_ready_o = ~in_section_q | (kind_q != KindBias) | half_q;
  assign pay_beat = pay_valid_i & pay_ready_o;
  assign header_beat = pay_beat & ~in_section_q;
  assign payload_beat = pay_beat & in_section_q;
  assign section_ends = payload_beat & (words_q == 32'd1);
  assign bias_step = pay_valid_i & in_section_q & (kind_q == KindBias);
  assign row_ends = payload_beat & (kind_q == KindWeight) & (part_q == LastPart);

  // values -----------------------------------------------------------------------------------
  logic [3:0] lane, off_ok;  // lane: it counts
  logic [1:0] bias_ok;
  logic       value_ok;

  for (genvar l = 0; l < 4; l++) begin : gen_offset
    assign lane[l]   = items_q > 24'(l);
    assign off_ok[l] = ~lane[l] | (pay_data_i[l*16+LinWidth+:16-LinWidth] == '0);
  end
  for (genvar l = 0; l < 2; l++) begin : gen_bias
    if (Fits < LaneWidth) begin : gen_check
      assign bias_ok[l] = (pay_data_i[l*LaneWidth+Fits-1+:LaneWidth+1-Fits] == '0)
                        | (&pay_data_i[l*LaneWidth+Fits-1+:LaneWidth+1-Fits]);
    end else begin : gen_pass
      assign bias_ok[l] = 1'b1;
    end
  end

  always_comb begin
    case (kind_q)
      KindOffset: value_ok = &off_ok;
      // The word is taken with its second bias: the first one is no longer counted.
      KindBias: value_ok = bias_ok[0] & (bias_ok[1] | (items_q == 24'd0));
      default: value_ok = 1'b1;
    endcase
  end

  always_comb begin
    err_o = 1'b1;
    err_code_o = 8'(ERR_WGT_HEADER);
    if (header_beat && !h_ok) err_code_o = 8'(ERR_WGT_HEADER);
    else if (header_beat && !h_ascends) err_code_o = 8'(ERR_WGT_ORDER);
    else if (payload_beat && !value_ok) err_code_o = 8'(ERR_WGT_VALUE);
    else err_o = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_section_q <= 1'b0;
      any_section_q <= 1'b0;
      half_q <= 1'b0;
    end else if (clr_i || start_i) begin
      in_section_q <= 1'b0;
      any_section_q <= 1'b0;
      half_q <= 1'b0;
    end else begin
      if (header_beat) begin
        in_section_q  <= h_words != 32'd0;
        any_section_q <= 1'b1;
      end else if (section_ends) in_section_q <= 1'b0;
      if (bias_step) half_q <= ~half_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (header_beat) begin
      kind_q  <= h_kind;
      addr_q  <= h_base;
      items_q <= h_count;
      words_q <= h_words;
      part_q  <= '0;
    end else begin
      if (payload_beat) begin
        words_q <= words_q - 32'd1;
        part_q  <= kind_q != KindWeight || part_q == LastPart ? '0 : part_q + PartWidth'(1);
      end
      if (bias_step) begin
        addr_q  <= addr_q + 24'd1;
        items_q <= items_q == '0 ? '0 : items_q - 24'd1;
      end else if (payload_beat && kind_q == KindOffset) begin
        addr_q  <= addr_q + 24'd4;
        items_q <= items_q - 24'd4;  // of the last word nothing follows
      end else if (row_ends) addr_q <= addr_q + 24'd1;
    end
  end

  // write bus --------------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_off_o  <= '0;
      wr_bias_o <= 1'b0;
      wr_row_o  <= 1'b0;
    end else begin
      wr_off_o  <= payload_beat && kind_q == KindOffset ? lane : '0;
      wr_bias_o <= bias_step & (items_q != '0);
      wr_row_o  <= row_ends;
    end
  end

  always_ff @(posedge clk_i) begin
    if (pay_valid_i && in_section_q) begin
      wr_addr_o <= addr_q;
      if (kind_q == KindBias)
        wr_data_o <= BusWidth'(half_q ? pay_data_i[LaneWidth+:LaneWidth]
                                      : pay_data_i[0+:LaneWidth]);
      else if (kind_q == KindWeight && RowWords > 1)
        wr_data_o[32'(part_q)*DataWidth+:DataWidth] <= pay_data_i;
      else wr_data_o <= BusWidth'(pay_data_i);
    end
  end

  `LAC_STREAM_CLR(pay_valid_i, pay_ready_o, {pay_data_i, pay_left_i}, clr_i || start_i)
  `LAC_ASSERT(one_memory, $onehot0({|wr_off_o, wr_bias_o, wr_row_o}),
              "two memories are written at once")
  `LAC_ASSERT(section_left, !in_section_q || words_q != 32'd0, "in a section that has ended")
  `LAC_ASSERT(half_of_bias, !half_q || (in_section_q && kind_q == KindBias),
              "half of a word that has no halves")
  `LAC_ASSERT(bias_range, !wr_bias_o || 32'(wr_addr_o) < 32'(BiasDepth), "a bias past the end")
  `LAC_ASSERT(row_range, !wr_row_o || 32'(wr_addr_o) < 32'(WgtDepth), "a row past the end")
  `LAC_ASSERT(err_of_word, !err_o || (pay_valid_i && pay_ready_o), "an error of a word not taken")

endmodule
