// SPDX-License-Identifier: Apache-2.0
//
// Weight loader: takes one weight packet apart and writes codebooks, pointers, weight rows and
// biases into the PEs.
//
//   words of the packet -> section header / payload -> registered write bus to all PEs
//
// Layout of the packet and its sections: README.md beside this file. Every field is checked; an
// error is raised with the word at fault.
// Streams: pay; ready is high except in the first half of a word of two biases.
// Throughput: one word per cycle (bias: one word in two cycles). Latency: beat to write 1 cycle.
// Parameters:
//   NumPe         1..256, a power of two
//   DataWidth     64
//   WgtWidth      2..16
//   CodeWidth     1..8
//   SpmatWidth    4..2048
//   SpmatDepth    1..16777215
//   PtrDepth      2..16777216, even
//   PtrWidth      1..32
//   BiasDepth     1..65535
//   BiasWidth     2..32
//   NumCodebooks  1..16
// Model: models/eie/compiler.py.

`include "lac_assert.svh"

module lac_eie_wgt_load
  import lac_pkg::*, lac_eie_cfg_pkg::*;
#(
  parameter  int NumPe        = 64,
  parameter  int DataWidth    = 64,
  parameter  int WgtWidth     = 16,
  parameter  int CodeWidth    = 4,
  parameter  int SpmatWidth   = 64,
  parameter  int SpmatDepth   = 16384,
  parameter  int PtrDepth     = 16384,
  parameter  int PtrWidth     = 18,
  parameter  int BiasDepth    = 256,
  parameter  int BiasWidth    = 32,
  parameter  int NumCodebooks = 4,
  localparam int NumWords     = (SpmatWidth + DataWidth - 1) / DataWidth,  // per weight row
  localparam int BusWidth     = NumWords * DataWidth
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clr_i,
  input  logic                    start_i,
  input  logic                    pay_valid_i,
  output logic                    pay_ready_o,
  input  logic [   DataWidth-1:0] pay_data_i,
  input  logic [            31:0] pay_left_i,     // words of the packet behind this one
  input  logic                    word_bad_i,     // the framing of this word is at fault
  output logic                    err_o,
  output logic [             7:0] err_code_o,
  output logic [NumCodebooks-1:0] book_loaded_o,
  // write bus: one enable per memory; codebooks go to every PE
  output logic                    wr_book_o,
  output logic                    wr_ptr_o,
  output logic                    wr_spmat_o,
  output logic                    wr_bias_o,
  output logic [            11:0] wr_pe_o,
  output logic [            23:0] wr_addr_o,      // group of 4 codes, pointer pair, row, bias
  output logic [             3:0] wr_sel_o,       // codebook number
  output logic [    BusWidth-1:0] wr_data_o
);

  `LAC_PARAM_RULE(lac_eie_wgt_load, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_eie_wgt_load, DataWidth, 64, 64)
  `LAC_PARAM(lac_eie_wgt_load, WgtWidth, 2, 16)
  `LAC_PARAM(lac_eie_wgt_load, CodeWidth, 1, 8)
  `LAC_PARAM(lac_eie_wgt_load, SpmatWidth, 4, 2048)
  `LAC_PARAM(lac_eie_wgt_load, SpmatDepth, 1, 16777215)
  `LAC_PARAM_RULE(lac_eie_wgt_load, PtrDepth, 2, 16777216, PtrDepth % 2 == 0, "even")
  `LAC_PARAM(lac_eie_wgt_load, PtrWidth, 1, 32)
  `LAC_PARAM(lac_eie_wgt_load, BiasDepth, 1, 65535)
  `LAC_PARAM(lac_eie_wgt_load, BiasWidth, 2, 32)
  `LAC_PARAM(lac_eie_wgt_load, NumCodebooks, 1, 16)

  localparam int NumCodes = 2 ** CodeWidth;
  localparam logic [3:0] KindBook = 4'(KIND_CODEBOOK), KindPtr = 4'(KIND_POINTER);
  localparam logic [3:0] KindSpmat = 4'(KIND_SPMAT), KindBias = 4'(KIND_BIAS);
  localparam int LaneWidth = 32;  // of pointers and biases in a payload word

  // header -----------------------------------------------------------------------------------
  logic [ 3:0] h_kind;
  logic [11:0] h_pe;
  logic [23:0] h_base, h_count;
  logic [24:0] h_end;
  logic [31:0] h_words;
  logic h_fits, h_ok, h_ascends;

  assign h_kind  = pay_data_i[3:0];
  assign h_pe    = pay_data_i[15:4];
  assign h_base  = pay_data_i[39:16];
  assign h_count = pay_data_i[63:40];
  assign h_end   = 25'(h_base) + 25'(h_count);

  always_comb begin
    h_fits  = 1'b0;
    h_words = 32'd0;
    case (h_kind)
      KindBook: begin
        h_words = 32'((NumCodes + 3) / 4);
        h_fits  = (h_pe == 12'd0) & (h_base < 24'(NumCodebooks)) & (h_count == 24'(NumCodes));
      end
      KindPtr: begin
        h_words = (32'(h_count) + 32'd1) >> 1;
        h_fits  = (h_pe < 12'(NumPe)) & ~h_base[0] & (h_end <= 25'(PtrDepth));
      end
      KindSpmat: begin
        h_words = 32'(h_count) * 32'(NumWords);
        h_fits  = (h_pe < 12'(NumPe)) & (h_end <= 25'(SpmatDepth));
      end
      KindBias: begin
        h_words = (32'(h_count) + 32'd1) >> 1;
        h_fits  = (h_pe < 12'(NumPe)) & (h_end <= 25'(BiasDepth));
      end
      default: h_fits = 1'b0;
    endcase
  end
  assign h_ok = h_fits & (h_words <= pay_left_i);

  // section ----------------------------------------------------------------------------------
  logic in_section_q, any_section_q;
  logic [ 3:0] kind_q;
  logic [11:0] pe_q;
  logic [23:0] addr_q;  // next item to write
  logic [23:0] items_q;  // biases left
  logic [ 3:0] book_q;
  logic [31:0] words_q;  // left in the section
  logic [ 7:0] part_q;  // word within a weight row
  logic        half_q;  // second bias of a word
  logic pay_beat, header_beat, payload_beat, section_ends;
  logic value_ok, book_zero;

  assign h_ascends    = ~any_section_q | ({h_kind, h_pe} > {kind_q, pe_q});
  assign pay_ready_o  = ~in_section_q | (kind_q != KindBias) | half_q;
  assign pay_beat     = pay_valid_i & pay_ready_o;
  assign header_beat  = pay_beat & ~in_section_q;
  assign payload_beat = pay_beat & in_section_q;
  assign section_ends = payload_beat & (words_q == 32'd1);

  // values -----------------------------------------------------------------------------------
  logic [3:0] book_lane_ok;
  logic [1:0] ptr_lane_ok, bias_lane_ok;

  for (genvar l = 0; l < 4; l++) begin : gen_book_lane
    if (WgtWidth < 16) begin : gen_check
      // Every bit above the weight equals its sign.
      assign book_lane_ok[l] = (pay_data_i[l*16 + WgtWidth - 1 +: 17 - WgtWidth] == '0)
                             | (&pay_data_i[l*16 + WgtWidth - 1 +: 17 - WgtWidth])
                             | (l >= NumCodes);
    end else begin : gen_pass
      assign book_lane_ok[l] = 1'b1;
    end
  end
  for (genvar l = 0; l < 2; l++) begin : gen_wide_lane
    if (PtrWidth < LaneWidth) begin : gen_ptr_check
      assign ptr_lane_ok[l] = pay_data_i[l*LaneWidth+PtrWidth+:LaneWidth-PtrWidth] == '0;
    end else begin : gen_ptr_pass
      assign ptr_lane_ok[l] = 1'b1;
    end
    if (BiasWidth < LaneWidth) begin : gen_bias_check
      assign bias_lane_ok[l] =
          (pay_data_i[l*LaneWidth + BiasWidth - 1 +: LaneWidth + 1 - BiasWidth] == '0)
          | (&pay_data_i[l*LaneWidth + BiasWidth - 1 +: LaneWidth + 1 - BiasWidth]);
    end else begin : gen_bias_pass
      assign bias_lane_ok[l] = 1'b1;
    end
  end

  always_comb begin
    case (kind_q)
      KindBook: value_ok = &book_lane_ok;
      KindPtr:  value_ok = &ptr_lane_ok;
      // The word is taken with its second bias: the first one is no longer counted.
      KindBias: value_ok = bias_lane_ok[0] & (bias_lane_ok[1] | (items_q == 24'd0));
      default:  value_ok = 1'b1;
    endcase
  end

  assign book_zero = (kind_q != KindBook) | (addr_q != 24'd0) | (pay_data_i[15:0] == 16'd0);

  // errors: header, then order, values
  always_comb begin
    err_o      = 1'b1;
    err_code_o = 8'(ERR_WGT_HEADER);
    if (header_beat && !h_ok) err_code_o = 8'(ERR_WGT_HEADER);
    else if (header_beat && !h_ascends) err_code_o = 8'(ERR_WGT_ORDER);
    else if (payload_beat && !value_ok) err_code_o = 8'(ERR_WGT_VALUE);
    else if (payload_beat && !book_zero) err_code_o = 8'(ERR_CODEBOOK);
    // The packet may not end inside a header's promise, nor go on past its last section.
    else
      err_o = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_section_q  <= 1'b0;
      any_section_q <= 1'b0;
      half_q        <= 1'b0;
      book_loaded_o <= '0;
    end else if (clr_i || start_i) begin
      in_section_q  <= 1'b0;
      any_section_q <= 1'b0;
      half_q        <= 1'b0;
    end else begin
      if (header_beat) begin
        in_section_q  <= h_words != 32'd0;
        any_section_q <= 1'b1;
        if (h_ok && h_kind == KindBook) book_loaded_o[32'(h_base)%NumCodebooks] <= 1'b0;
      end else if (section_ends) begin
        in_section_q <= 1'b0;
        if (kind_q == KindBook && !err_o && !word_bad_i)
          book_loaded_o[32'(book_q)%NumCodebooks] <= 1'b1;
      end
      if (pay_valid_i && in_section_q && kind_q == KindBias) half_q <= ~half_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (header_beat) begin
      kind_q  <= h_kind;
      pe_q    <= h_pe;
      book_q  <= h_base[3:0];  // < NumCodebooks <= 16 where it is used
      addr_q  <= h_kind == KindPtr ? h_base >> 1 : h_kind == KindBook ? 24'd0 : h_base;
      items_q <= h_count;
      words_q <= h_words;
      part_q  <= 8'd0;
    end else if (payload_beat) begin
      words_q <= words_q - 32'd1;
      part_q  <= kind_q == KindSpmat && part_q != 8'(NumWords - 1) ? part_q + 8'd1 : 8'd0;
    end
    if (pay_valid_i && in_section_q) begin
      if (kind_q == KindBias) begin
        addr_q  <= addr_q + 24'd1;
        items_q <= items_q - 24'd1;
      end else if (kind_q != KindSpmat || part_q == 8'(NumWords - 1)) begin
        addr_q <= addr_q + 24'd1;
      end
    end
  end

  // write bus --------------------------------------------------------------------------------
  logic row_ends, bias_write;

  assign row_ends   = payload_beat & (kind_q == KindSpmat) & (part_q == 8'(NumWords - 1));
  assign bias_write = pay_valid_i & in_section_q & (kind_q == KindBias) & (items_q != 24'd0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_book_o  <= 1'b0;
      wr_ptr_o   <= 1'b0;
      wr_spmat_o <= 1'b0;
      wr_bias_o  <= 1'b0;
    end else begin
      wr_book_o  <= payload_beat & (kind_q == KindBook);
      wr_ptr_o   <= payload_beat & (kind_q == KindPtr);
      wr_spmat_o <= row_ends;
      wr_bias_o  <= bias_write;
    end
  end

  always_ff @(posedge clk_i) begin
    if (pay_valid_i && in_section_q) begin
      wr_pe_o   <= pe_q;
      wr_sel_o  <= book_q;
      wr_addr_o <= addr_q;
      if (kind_q == KindBias)
        wr_data_o <= BusWidth'(half_q ? pay_data_i[LaneWidth +: LaneWidth]
                                      : pay_data_i[0 +: LaneWidth]);
      else if (kind_q == KindSpmat && NumWords > 1)
        wr_data_o[32'(part_q)*DataWidth+:DataWidth] <= pay_data_i;
      else wr_data_o <= BusWidth'(pay_data_i);
    end
  end

  `LAC_STREAM_CLR(pay_valid_i, pay_ready_o, {pay_data_i, pay_left_i}, clr_i || start_i)
  `LAC_ASSERT(one_memory, $onehot0({wr_book_o, wr_ptr_o, wr_spmat_o, wr_bias_o}),
              "two memories are written at once")
  `LAC_ASSERT(section_left, !in_section_q || words_q != 32'd0, "in a section that has ended")
  `LAC_ASSERT(section_known, !in_section_q || any_section_q, "in a section that has not begun")
  `LAC_ASSERT(half_of_bias, !half_q || (in_section_q && kind_q == KindBias),
              "half of a word that has no halves")
  `LAC_ASSERT(part_range, !in_section_q || part_q < 8'(NumWords), "a word past the weight row")
  `LAC_ASSERT(pe_range, !(wr_ptr_o || wr_spmat_o || wr_bias_o) || wr_pe_o < 12'(NumPe),
              "a write to no PE")
  `LAC_ASSERT(ptr_range, !wr_ptr_o || 32'(wr_addr_o) < 32'(PtrDepth / 2), "a pointer past the end")
  `LAC_ASSERT(spmat_range, !wr_spmat_o || 32'(wr_addr_o) < 32'(SpmatDepth), "a row past the end")
  `LAC_ASSERT(bias_range, !wr_bias_o || 32'(wr_addr_o) < 32'(BiasDepth), "a bias past the end")
  `LAC_ASSERT(
      book_range,
      !wr_book_o || (32'(wr_sel_o) < 32'(NumCodebooks) && 32'(wr_addr_o) < 32'((NumCodes + 3) / 4)),
      "a codebook word past the end")
  `LAC_ASSERT(err_of_word, !err_o || (pay_valid_i && pay_ready_o), "an error of a word not taken")

endmodule
