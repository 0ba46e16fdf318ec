// SPDX-License-Identifier: Apache-2.0
//
// Weight loader: takes one weight packet apart and writes the weight and the bias buffer.
//
//   words of the packet -> section header / payload -> buffer word -> write bus
//
// Layout of the packet and its sections: README.md beside this file. Every field is checked; an
// error is raised with the word at fault, and ends the packet.
// A word of the weight buffer has WgtBits bits, in stream words side by side. Marked: it is one
// stream word with a mark, in one of NumUnits banks; each 64 of them come behind a word of marks
// (README.md of ../sparse_on_dense).
// Kinds of its own a core looks at itself, combinationally, in the header that is there:
// more_ok_i, whether
// base and count fit; more_words_i, more_addr_i, stream words and first address; more_parts_i,
// what a row
// (wr_more_o) has of stream words, less one; the latter by wr_kind_o in a section.
// Streams: pay, always ready. Throughput: one stream word per cycle.
// Latency: last stream word of a buffer word to write 1 cycle.
// Parameters:
//   Cols       2..32, even
//   DataWidth  64
//   WgtBits    8..Cols * 32, 64 if Marked
//   WgtDepth   1..16777216
//   BiasDepth  1..16777216
//   BiasWidth  2..32
//   Marked     any
//   NumUnits   1..16
// Model: models/dense packets.

`include "lac_assert.svh"

module lac_array_wgt_load
  import lac_pkg::*, lac_array_cfg_pkg::*;
#(
  parameter  int Cols      = 16,
  parameter  int DataWidth = 64,
  parameter  int WgtBits   = 256,       // of a weight buffer word
  parameter  int WgtDepth  = 8192,
  parameter  int BiasDepth = 64,
  parameter  int BiasWidth = 32,
  parameter  bit Marked    = 0,
  parameter  int NumUnits  = 1,
  localparam int UnitWidth = 12,
  localparam int BusWidth  = Cols * 32  // holds the lanes of a bias word, the widest there are
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clr_i,
  input  logic                      start_i,
  input  logic                      pay_valid_i,
  input  logic [     DataWidth-1:0] pay_data_i,
  input  logic [              31:0] pay_left_i,      // words of the packet behind this one
  // sections of other kinds
  input  logic                      more_ok_i,
  input  logic [              31:0] more_words_i,
  input  logic [              23:0] more_addr_i,
  input  logic [               4:0] more_parts_i,
  output logic [               3:0] kind_o,          // of the section
  output logic                      err_o,
  output logic [               7:0] err_code_o,
  output logic                      wr_more_o,
  output logic [               3:0] wr_kind_o,
  output logic [      BusWidth-1:0] wr_more_data_o,
  output logic                      wr_wgt_o,
  output logic                      wr_bias_o,
  output logic [     UnitWidth-1:0] wr_unit_o,
  output logic [              23:0] wr_addr_o,
  output logic                      wr_mark_o,
  output logic [       WgtBits-1:0] wr_wgt_data_o,
  output logic [Cols*BiasWidth-1:0] wr_bias_data_o
);

  `LAC_PARAM_RULE(lac_array_wgt_load, Cols, 2, 32, Cols % 2 == 0, "even")
  `LAC_PARAM(lac_array_wgt_load, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_array_wgt_load, WgtBits, 8, Cols * 32, !Marked || WgtBits == 64,
                  "64 if Marked")
  `LAC_PARAM(lac_array_wgt_load, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_array_wgt_load, BiasDepth, 1, 16777216)
  `LAC_PARAM(lac_array_wgt_load, BiasWidth, 2, 32)
  `LAC_PARAM(lac_array_wgt_load, NumUnits, 1, 16)

  localparam int LaneWidth = 32;  // of a bias in a stream word
  localparam logic [3:0] KindWgt = 4'(KIND_WEIGHT), KindBias = 4'(KIND_BIAS);
  localparam int WgtWords = (WgtBits + DataWidth - 1) / DataWidth;
  localparam int BiasWords = Cols * LaneWidth / DataWidth;
  localparam int MarkBits = 64;  // bank words that a word of marks is for
  localparam int MarkShift = $clog2(MarkBits);

  // header -----------------------------------------------------------------------------------
  logic [3:0] h_kind;
  logic [UnitWidth-1:0] h_unit;
  logic [23:0] h_base, h_count;
  logic [24:0] h_end;
  logic [31:0] h_words;
  logic h_wgt, h_bias, h_more, h_unit_ok, h_ok;

  assign h_kind    = pay_data_i[3:0];
  assign h_unit    = pay_data_i[15:4];
  assign h_base    = pay_data_i[39:16];
  assign h_count   = pay_data_i[63:40];
  assign h_end     = 25'(h_base) + 25'(h_count);
  assign h_wgt     = (h_kind == KindWgt) & (h_end <= 25'(WgtDepth));
  assign h_bias    = (h_kind == KindBias) & (h_end <= 25'(BiasDepth));
  assign h_more    = (h_kind != KindWgt) & (h_kind != KindBias);
  assign h_unit_ok = h_unit < (h_kind == KindWgt ? UnitWidth'(NumUnits) : UnitWidth'(1));
  assign h_ok      = h_unit_ok & (h_wgt | h_bias | (h_more & more_ok_i)) & (h_words <= pay_left_i);
  if (Marked) begin : gen_marked_words
    assign h_words = h_more ? more_words_i
                   : h_kind == KindBias ? 32'(h_count) * 32'(BiasWords)
                   : 32'(h_count) + 32'(h_count >> MarkShift) + 32'(|h_count[MarkShift-1:0]);
  end else begin : gen_words
    assign h_words = h_more ? more_words_i
                   : 32'(h_count) * (h_kind == KindBias ? 32'(BiasWords) : 32'(WgtWords));
  end

  // section ----------------------------------------------------------------------------------
  logic in_section_q, header_beat, payload_beat, data_beat, is_wgt, is_bias, part_last;
  logic                 marks_bad;  // a mark behind the last word, in a word of marks
  logic [          3:0] kind_q;  // 0: no section yet
  logic [         23:0] addr_q;  // buffer word
  logic [         31:0] behind_q;  // words of the section behind the next one
  logic [          4:0] part_q;  // stream word within the buffer word
  logic [          4:0] parts;  // the last of these
  logic [          1:0] lane_ok;
  logic [UnitWidth-1:0] unit_q;

  assign header_beat  = pay_valid_i & ~in_section_q;
  assign payload_beat = pay_valid_i & in_section_q;
  assign is_wgt       = kind_q == KindWgt;
  assign is_bias      = kind_q == KindBias;
  assign kind_o       = kind_q;
  assign parts        = is_wgt ? 5'(WgtWords - 1) : is_bias ? 5'(BiasWords - 1) : more_parts_i;
  assign part_last    = part_q == parts;

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
    else if (marks_bad || (payload_beat && is_bias && lane_ok != '1))
      err_code_o = 8'(ERR_WGT_VALUE);
    else err_o = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_section_q <= 1'b0;
      wr_wgt_o     <= 1'b0;
      wr_bias_o    <= 1'b0;
      wr_more_o    <= 1'b0;
    end else begin
      if (clr_i || start_i) in_section_q <= 1'b0;
      else if (header_beat) in_section_q <= h_words != 32'd0;
      else if (payload_beat && behind_q == 32'd0) in_section_q <= 1'b0;
      wr_wgt_o  <= data_beat & part_last & is_wgt;
      wr_bias_o <= payload_beat & part_last & is_bias;
      wr_more_o <= payload_beat & part_last & ~is_wgt & ~is_bias;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      kind_q <= '0;
      unit_q <= '0;
    end else if (header_beat) begin
      kind_q   <= h_kind;
      unit_q   <= h_unit;
      addr_q   <= h_more ? more_addr_i : h_base;
      behind_q <= h_words - 32'd1;
      part_q   <= '0;
    end else if (payload_beat) begin
      behind_q <= behind_q - 32'd1;
      part_q   <= part_last ? '0 : part_q + 5'd1;
      if (data_beat && part_last) addr_q <= addr_q + 24'd1;
    end
    if (payload_beat) begin
      wr_addr_o <= addr_q;
      wr_unit_o <= unit_q;
      wr_kind_o <= kind_q;
    end
  end

  // marks ------------------------------------------------------------------------------------
  if (Marked) begin : gen_marks
    logic [  MarkShift:0] group_q;  // words behind the last word of marks; 0: it comes now
    logic [DataWidth-1:0] marks_q;  // of this word and those behind it
    logic                 mark_beat;

    assign mark_beat = payload_beat & is_wgt & (group_q == '0);
    assign data_beat = payload_beat & ~mark_beat;
    assign marks_bad = mark_beat & (behind_q < 32'(MarkBits))
                     & ((pay_data_i >> behind_q[MarkShift-1:0]) != '0);

    always_ff @(posedge clk_i) begin
      if (header_beat) group_q <= '0;
      else if (payload_beat) group_q <= group_q == (MarkShift + 1)'(MarkBits) ? '0 : group_q + 1'b1;
      if (mark_beat) marks_q <= pay_data_i;
      else if (payload_beat) marks_q <= marks_q >> 1;
      if (data_beat) wr_mark_o <= marks_q[0];
    end
  end else begin : gen_plain
    assign data_beat = payload_beat;
    assign marks_bad = 1'b0;
    assign wr_mark_o = 1'b0;
  end

  // write bus: stream words side by side -----------------------------------------------------
  logic [BusWidth-1:0] bus_q;

  for (genvar w = 0; w < BiasWords; w++) begin : gen_part
    always_ff @(posedge clk_i)
      if (data_beat && part_q == 5'(w))
        bus_q[w*DataWidth+:DataWidth] <= pay_data_i;
  end

  assign wr_wgt_data_o  = bus_q[0+:WgtBits];
  assign wr_more_data_o = bus_q;
  for (genvar j = 0; j < Cols; j++) begin : gen_bias
    assign wr_bias_data_o[j*BiasWidth+:BiasWidth] = bus_q[j*LaneWidth+:BiasWidth];
  end

  // Bits above a bias are its sign.
  logic unused_bus;
  assign unused_bus = ^bus_q;

  `LAC_ASSERT(one_memory, $onehot0({wr_wgt_o, wr_bias_o, wr_more_o}),
              "two memories are written at once")
  `LAC_ASSERT(section_left, !in_section_q || behind_q != '1, "in a section that has ended")
  `LAC_ASSERT(part_range, !in_section_q || part_q <= parts, "a word past the buffer word")
  `LAC_ASSERT(unit_range, !wr_wgt_o || wr_unit_o < UnitWidth'(NumUnits), "a write to no unit")
  `LAC_ASSERT(wgt_range, !wr_wgt_o || 32'(wr_addr_o) < 32'(WgtDepth), "a word past the buffer")
  `LAC_ASSERT(bias_range, !wr_bias_o || 32'(wr_addr_o) < 32'(BiasDepth), "a bias past the end")
  `LAC_ASSERT(err_of_word, !err_o || pay_valid_i, "an error without a word")

endmodule
