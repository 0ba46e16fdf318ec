// SPDX-License-Identifier: Apache-2.0
//
// Weight loader of Cambricon-SE: takes one weight packet apart and writes index lists, codes,
// codebooks, masks and biases.
//
//   words of the packet -> section header / payload -> one write bus, a memory of a core or of a PE
//                                 '-> bit strings, code table -> lac_cse_huffman ---'
//
// Layout of the packet and its sections: README.md beside this file. Every field is checked; an
// error is raised with the word at fault, and ends the packet. An entry that has codes for more positions
// than a row of codes has (CodeRow; natural: a lane more than CodeRow / Lanes) is at fault in its last word.
// Example, Window 128: an entry of LIST is three words, wr_part_o 0, 1, 2 of one wr_addr_o; wr_ends_o
// is high with the last one. Codes in bit strings are written up to 16 at a time: with wr_both_o wr_high_o is the
// stream word wr_part_o + 1.
// Streams: pay; ready but for bit strings and numbers of a code table. Throughput: one stream word per cycle, or
// min(HufLanes, CodeRow) codes. Latency: word to write 1 cycle; of codes in bit strings 3 from their step.
// Parameters:
//   Cores      1..4, 1, 2 or 4
//   Pes        2..16, 2, 4, 8 or 16
//   Lanes      2..16, 2, 4, 8 or 16
//   Window     8..256, a power of two
//   CodeRow    4..256, a multiple of Lanes
//   Selector   0..2
//   ListDepth  2..65536
//   Regions    1..16
//   BiasDepth  1..4096
//   BiasWidth  2..32
//   HufLanes   0..16, 0, 8 or 16
// Model: models/cambricon_se packets.

`include "lac_assert.svh"

module lac_cse_wgt_load
  import lac_pkg::*, lac_cambricon_se_cfg_pkg::*, lac_cse_pkg::*;
#(
  parameter  int Cores     = 2,
  parameter  int Pes       = 16,
  parameter  int Lanes     = 16,
  parameter  int Window    = 128,
  parameter  int CodeRow   = 64,
  parameter  int Selector  = 0,
  parameter  int ListDepth = 256,
  parameter  int Regions   = 16,
  parameter  int BiasDepth = 64,
  parameter  int BiasWidth = 32,
  parameter  int HufLanes  = 16,
  localparam int NumPe     = Cores * Pes
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  lac_mem_cfg_t             mem_cfg_i,
  input  logic                     clr_i,
  input  logic                     start_i,
  input  logic                     huffman_i,       // codes are bit strings
  input  logic                     pay_valid_i,
  output logic                     pay_ready_o,
  input  logic         [     63:0] pay_data_i,
  input  logic         [     31:0] pay_left_i,      // words of the packet behind this one
  output logic                     err_o,
  output logic         [      7:0] err_code_o,
  output logic                     step_o,          // codes are decoded
  output logic         [Cores-1:0] wr_list_o,       // one-hot, or no write
  output logic         [Cores-1:0] wr_book_o,
  output logic         [NumPe-1:0] wr_codes_o,
  output logic         [NumPe-1:0] wr_mask_o,
  output logic         [NumPe-1:0] wr_bias_low_o,
  output logic         [NumPe-1:0] wr_bias_high_o,
  output logic         [     15:0] wr_addr_o,       // entry, region, or pair of biases
  output logic         [      4:0] wr_part_o,       // stream word of it
  output logic                     wr_ends_o,       // the last one
  output logic         [     63:0] wr_data_o,
  output logic                     wr_both_o,       // of codes: a second word
  output logic         [     63:0] wr_high_o
);

  `LAC_PARAM_RULE(lac_cse_wgt_load, Cores, 1, 4, Cores != 3, "1, 2 or 4")
  `LAC_PARAM_RULE(lac_cse_wgt_load, Pes, 2, 16, Pes == 2 || Pes == 4 || Pes == 8 || Pes == 16,
                  "2, 4, 8 or 16")
  `LAC_PARAM_RULE(lac_cse_wgt_load, Lanes, 2, 16,
                  Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16, "2, 4, 8 or 16")
  `LAC_PARAM_RULE(lac_cse_wgt_load, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_cse_wgt_load, CodeRow, 4, 256, CodeRow % Lanes == 0, "a multiple of Lanes")
  `LAC_PARAM(lac_cse_wgt_load, Selector, 0, 2)
  `LAC_PARAM(lac_cse_wgt_load, ListDepth, 2, 65536)
  `LAC_PARAM(lac_cse_wgt_load, Regions, 1, 16)
  `LAC_PARAM(lac_cse_wgt_load, BiasDepth, 1, 4096)
  `LAC_PARAM(lac_cse_wgt_load, BiasWidth, 2, 32)
  `LAC_PARAM_RULE(lac_cse_wgt_load, HufLanes, 0, 16,
                  HufLanes == 0 || HufLanes == 8 || HufLanes == 16, "0, 8 or 16")

  localparam bit PerPe = Selector == SELECT_PER_PE;
  localparam int LaneWidth = 32;  // of a bias in a stream word
  localparam int UnitWidth = 12;
  localparam int PeLog = $clog2(Pes);
  localparam int ListBits = Window + 32;
  localparam int ListParts = (ListBits + 63) / 64;
  localparam int CodeParts = (CodeRow + 7) / 8;
  localparam int BookParts = 4;
  localparam int MaskParts = (Window + 63) / 64;
  localparam logic [3:0] KindList = 4'(KIND_LIST), KindCodes = 4'(KIND_CODES);
  localparam logic [3:0] KindBook = 4'(KIND_BOOK), KindMask = 4'(KIND_MASK);
  localparam logic [3:0] KindBias = 4'(KIND_BIAS), KindTable = 4'(KIND_TABLE);

  // Bit strings: codes of a step, steps of a row, codes of its last one.
  localparam bit Coded = HufLanes > 0;
  localparam int NumLanes = !Coded ? 8 : HufLanes < CodeRow ? HufLanes : CodeRow;
  localparam int Steps = (CodeRow + NumLanes - 1) / NumLanes;
  localparam int LastLanes = CodeRow - (Steps - 1) * NumLanes;
  localparam bit Both = NumLanes > 8;
  localparam int TableDepth = 256;
  localparam int TagWidth = UnitWidth + 16 + 5 + 1;

  // header -----------------------------------------------------------------------------------
  logic [3:0] h_kind;
  logic [UnitWidth-1:0] h_unit;
  logic [23:0] h_base, h_count;
  logic [24:0] h_end, h_depth;
  logic [ 5:0] h_parts;
  logic [31:0] h_words;
  logic [22:0] h_pairs;
  logic h_core, h_known, h_fits, h_ok, h_falls, h_strings, h_opens;

  assign h_kind = pay_data_i[3:0];
  assign h_unit = pay_data_i[15:4];
  assign h_base = pay_data_i[39:16];
  assign h_count = pay_data_i[63:40];
  assign h_end = 25'(h_base) + 25'(h_count);
  assign h_strings = Coded & huffman_i & (h_kind == KindCodes);
  assign h_opens = h_strings & (h_count != '0);

  always_comb begin
    h_known = 1'b1;
    h_core  = 1'b0;
    h_depth = 25'(ListDepth);
    h_parts = 6'd1;
    case (h_kind)
      KindList: begin
        h_core  = 1'b1;
        h_parts = 6'(ListParts);
      end
      KindTable: begin
        h_known = Coded & (h_unit == '0) & (h_base == '0) & (h_count != '0);
        h_depth = 25'(TableDepth);
      end
      KindCodes: h_parts = h_strings ? 6'(Steps) : 6'(CodeParts);
      KindBook: begin
        h_core  = 1'b1;
        h_parts = 6'(BookParts);
        h_depth = 25'(Regions);
      end
      KindMask: begin
        h_known = PerPe;
        h_parts = 6'(MaskParts);
      end
      KindBias: begin
        h_depth = 25'(BiasDepth);
        h_known = ~h_base[0];
      end
      default:   h_known = 1'b0;
    endcase
  end

  // What has more than 2^17 entries fits nowhere.
  assign h_pairs = h_count[23:1] + 23'(h_count[0]);
  always_comb begin
    h_words = 32'(h_count[16:0]) * 32'(h_parts);  // of bit strings: steps
    if (h_kind == KindBias) h_words = 32'(h_pairs);
    if (h_kind == KindTable) h_words = 32'd4 + ((32'(h_count[8:0]) + 32'd7) >> 3);
  end
  assign h_fits = h_known & (h_unit < UnitWidth'(NumPe)) & (h_end <= h_depth)
                & ~(h_core & (h_unit[PeLog-1:0] != '0));
  assign h_ok = h_fits & (h_strings | (h_words <= pay_left_i));

  // section ----------------------------------------------------------------------------------
  logic in_section_q, header_beat, payload_beat, part_last, is_list, is_mask, is_bias, odd_q;
  logic in_codes_q, in_table_q, strings_q, spent_q, at_last, opens, closes, settles, huf_err;
  logic huf_ready, huf_step, huf_valid, huf_busy, huf_rest, section_step, early_err;
  logic [          7:0] huf_code;
  logic [          3:0] kind_q;  // 0: no section yet
  logic [UnitWidth-1:0] unit_q;
  logic [         16:0] addr_q;  // one past the last entry fits
  logic [         31:0] behind_q;  // words, or steps, of the section behind the next one
  logic                 ends_q;  // there are none
  logic [4:0] part_q, parts_q;  // of an entry; the last one
  logic [1:0] lane_ok;
  logic region_ok, list_ok, tail_ok, value_err;

  // Strings end with a header of another kind, or with the packet, once the last step is written. The packet's
  // last word waits at the door for that, spent.
  assign at_last = pay_left_i == '0;
  assign closes = spent_q | (strings_q & (~h_strings | (at_last & ~h_opens)));
  assign settles = pay_valid_i & ~in_section_q & closes & ~huf_busy;
  assign header_beat = pay_valid_i & ~in_section_q & ~spent_q & (~closes | ~huf_busy);
  assign payload_beat = pay_valid_i & in_section_q & ~in_codes_q & ~in_table_q;
  assign section_step = in_codes_q ? huf_step : in_table_q ? pay_valid_i & huf_ready : payload_beat;
  assign step_o = huf_step;

  // A wrong word is taken. Where it could wait, what is wrong with it is known early: of strings that are
  // refused nothing is multiplied, and values never wait.
  assign h_falls = {h_kind, h_unit} <= {kind_q, unit_q};
  assign opens = h_opens & h_fits & ~h_falls & huf_valid;
  always_comb begin
    if (huf_err) pay_ready_o = 1'b1;
    else if (in_codes_q) pay_ready_o = huf_ready & ~at_last;
    else if (in_table_q) pay_ready_o = huf_ready;
    else if (in_section_q) pay_ready_o = 1'b1;
    else if (spent_q) pay_ready_o = ~huf_busy;
    else pay_ready_o = (~closes | ~huf_busy) & ~(opens & at_last);
  end
  assign is_list   = kind_q == KindList;
  assign is_mask   = kind_q == KindMask;
  assign is_bias   = kind_q == KindBias;
  assign part_last = part_q == parts_q;

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

  // An entry: its first word has a region there is; bits behind the mask are 0.
  if (Regions < 16) begin : gen_region
    assign region_ok = pay_data_i[19:16] < 4'(Regions);
  end else begin : gen_any_region
    assign region_ok = 1'b1;
  end
  if (Window < 64) begin : gen_tail
    // Window 32 fills the first word to its end.
    localparam int From = Window < 32 ? Window : 32;
    assign tail_ok = is_mask ? pay_data_i[63:From] == '0 : (pay_data_i[63:32] >> From) == '0;
  end else begin : gen_half
    assign tail_ok = is_mask | (part_q != 5'(ListParts - 1)) | (pay_data_i[63:32] == '0);
  end
  assign list_ok = (part_q != '0 || (region_ok && pay_data_i[31:21] == '0)) & tail_ok;

  // Codes of an entry: more than a row of codes has would be those of other positions.
  localparam int Counts = Selector == SELECT_NATURAL ? Lanes : 1;
  localparam int MaxCodes = CodeRow / Counts;
  logic codes_ok;

  if (CodeRow < Window) begin : gen_codes
    localparam int Each = 64 / Counts;  // mask bits of a word
    localparam int CountBits = $clog2(Window / Counts + Each + 1);
    // Mask bits of an entry's last word: only those are in the way of an error.
    localparam logic [63:0] LastBits = PerPe ? (Window < 64 ? (64'd1 << Window) - 64'd1 : '1)
        : ListParts == 1 ? 64'hffff_ffff_0000_0000
        : (64'd1 << (ListBits - 64 * (ListParts - 1))) - 64'd1;
    logic [63:0] bits, last_bits;
    logic [Counts-1:0] fits;
    // The mask of a list begins in the upper half of its first word.
    assign bits = is_mask || part_q != '0 ? pay_data_i : {pay_data_i[63:32], 32'd0};
    assign last_bits = pay_data_i & LastBits;
    for (genvar n = 0; n < Counts; n++) begin : gen_count
      logic [Each-1:0] mine, last;
      logic [CountBits-1:0] before_q;
      for (genvar k = 0; k < Each; k++) begin : gen_bit
        assign mine[k] = bits[k*Counts+n];
        assign last[k] = last_bits[k*Counts+n];
      end
      assign fits[n] = before_q + CountBits'($countones(last)) <= CountBits'(MaxCodes);
      always_ff @(posedge clk_i) begin
        if (header_beat || (payload_beat && part_last)) before_q <= '0;
        else if (payload_beat) before_q <= before_q + CountBits'($countones(mine));
      end
    end
    assign codes_ok = ~part_last | (&fits);
  end else begin : gen_all_codes
    assign codes_ok = 1'b1;
  end

  // errors: header, then order, values
  assign early_err = (settles & huf_rest) | huf_err
                   | (header_beat & (~h_ok | h_falls | (h_opens & ~huf_valid)));
  assign value_err = payload_beat & ((is_bias & (lane_ok != '1))
                                     | (is_list & ~(list_ok & (PerPe | codes_ok)))
                                     | (is_mask & ~(tail_ok & codes_ok)));
  assign err_o = early_err | value_err;
  always_comb begin
    if (settles && huf_rest) err_code_o = 8'(ERR_HUF_CODE);
    else if (header_beat && !h_ok) err_code_o = 8'(ERR_WGT_HEADER);
    else if (header_beat && h_falls) err_code_o = 8'(ERR_WGT_ORDER);
    else if (header_beat && h_opens && !huf_valid) err_code_o = 8'(ERR_HUF_TABLE);
    else if (huf_err) err_code_o = huf_code;
    else err_code_o = 8'(ERR_WGT_VALUE);
  end

  // bit strings --------------------------------------------------------------------------------
  logic [TagWidth-1:0] huf_tag, out_tag;
  logic [127:0] codes;
  logic out_valid;
  logic [UnitWidth-1:0] out_unit;
  logic [15:0] out_addr;
  logic [4:0] out_part;
  logic out_ends;

  assign huf_tag = {unit_q, addr_q[15:0], part_q, part_last};
  assign {out_unit, out_addr, out_part, out_ends} = out_tag;

  if (Coded) begin : gen_coded
    logic [NumLanes*8-1:0] found;
    lac_cse_huffman #(
      .NumLanes (NumLanes),
      .LastLanes(LastLanes),
      .TagWidth (TagWidth),
      .ErrTable (ERR_HUF_TABLE),
      .ErrCode  (ERR_HUF_CODE),
      .ErrShort (ERR_HUF_SHORT)
    ) u_huffman (
      .clk_i,
      .rst_ni,
      .mem_cfg_i,
      .clr_i       (clr_i | start_i),
      .open_i      (header_beat & ~early_err & (h_kind == KindTable)),
      .open_count_i(h_count[8:0]),
      .table_i     (in_table_q),
      .table_last_i(ends_q),
      .run_i       (in_codes_q),
      .row_ends_i  (part_last),
      .tag_i       (huf_tag),
      .in_valid_i  (pay_valid_i),
      .in_ready_o  (huf_ready),
      .in_data_i   (pay_data_i),
      .spent_i     (spent_q),
      .step_o      (huf_step),
      .err_o       (huf_err),
      .err_code_o  (huf_code),
      .valid_o     (huf_valid),
      .busy_o      (huf_busy),
      .rest_o      (huf_rest),
      .out_valid_o (out_valid),
      .out_tag_o   (out_tag),
      .out_codes_o (found)
    );
    assign codes = 128'(found);
  end else begin : gen_plain
    assign huf_ready = 1'b0;
    assign huf_step  = 1'b0;
    assign huf_err   = 1'b0;
    assign huf_code  = '0;
    assign huf_valid = 1'b0;
    assign huf_busy  = 1'b0;
    assign huf_rest  = 1'b0;
    assign out_valid = 1'b0;
    assign out_tag   = '0;
    assign codes     = '0;
    logic unused_coded;
    assign unused_coded = ^{mem_cfg_i, huf_tag};
  end

  // units: cores and PEs, one-hot
  logic [Cores-1:0] core;
  logic [NumPe-1:0] pe, out_pe;

  for (genvar u = 0; u < NumPe; u++) begin : gen_pe
    assign pe[u]     = unit_q == UnitWidth'(u);
    assign out_pe[u] = out_unit == UnitWidth'(u);
  end
  for (genvar c = 0; c < Cores; c++) begin : gen_core
    assign core[c] = pe[c*Pes];
  end

  // The upper bias of the last word of an odd number is none.
  logic high_is;
  assign high_is = ~odd_q | ~ends_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_section_q   <= 1'b0;
      in_codes_q     <= 1'b0;
      in_table_q     <= 1'b0;
      strings_q      <= 1'b0;
      spent_q        <= 1'b0;
      wr_list_o      <= '0;
      wr_book_o      <= '0;
      wr_codes_o     <= '0;
      wr_mask_o      <= '0;
      wr_bias_low_o  <= '0;
      wr_bias_high_o <= '0;
    end else begin
      if (clr_i || start_i) begin
        in_section_q <= 1'b0;
        in_codes_q   <= 1'b0;
        in_table_q   <= 1'b0;
        strings_q    <= 1'b0;
        spent_q      <= 1'b0;
      end else begin
        if (header_beat) begin
          in_section_q <= h_words != '0;
          in_codes_q   <= opens;
          in_table_q   <= (h_kind == KindTable) & ~early_err;
          strings_q    <= h_opens | (strings_q & ~closes);
        end else if (section_step && ends_q) begin
          in_section_q <= 1'b0;
          in_codes_q   <= 1'b0;
          in_table_q   <= 1'b0;
        end
        if (header_beat) spent_q <= h_opens & at_last;
        else if (in_codes_q && huf_ready) spent_q <= at_last;
        else if (settles) spent_q <= 1'b0;
      end
      wr_list_o      <= payload_beat && is_list ? core : '0;
      wr_book_o      <= payload_beat && kind_q == KindBook ? core : '0;
      wr_codes_o     <= out_valid ? out_pe : payload_beat && kind_q == KindCodes ? pe : '0;
      wr_mask_o      <= payload_beat && is_mask ? pe : '0;
      wr_bias_low_o  <= payload_beat && is_bias ? pe : '0;
      wr_bias_high_o <= payload_beat && is_bias && high_is ? pe : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      kind_q <= '0;
      unit_q <= '0;
    end else if (header_beat) begin
      kind_q   <= h_kind;
      unit_q   <= h_unit;
      odd_q    <= h_count[0];
      addr_q   <= 17'(h_kind == KindBias ? h_base >> 1 : h_base);
      behind_q <= h_words - 32'd1;
      ends_q   <= h_words == 32'd1;
      part_q   <= '0;
      parts_q  <= 5'(h_parts - 6'd1);
    end else if (section_step) begin
      behind_q <= behind_q - 32'd1;
      ends_q   <= behind_q == 32'd1;
      part_q   <= part_last ? '0 : part_q + 5'd1;
      if (part_last) addr_q <= addr_q + 17'd1;
    end
    if (out_valid) begin
      wr_addr_o <= out_addr;
      wr_part_o <= out_part << Both;
      wr_ends_o <= out_ends;
      wr_data_o <= codes[63:0];
    end else if (payload_beat) begin
      wr_addr_o <= addr_q[15:0];
      wr_part_o <= part_q;
      wr_ends_o <= part_last;
      wr_data_o <= pay_data_i;
    end
    if (out_valid) wr_high_o <= codes[127:64];
    wr_both_o <= out_valid & Both;
  end

  `LAC_STREAM_CLR(pay_valid_i, pay_ready_o, {pay_data_i, pay_left_i}, clr_i || start_i)
  `LAC_ASSERT(one_source, !(out_valid && payload_beat), "two writes for the bus")
  `LAC_ASSERT(err_taken, !err_o || pay_ready_o, "an error of a word that is not taken")
  `LAC_ASSERT(spent_waits, !spent_q || pay_valid_i || clr_i || start_i, "the last word has gone")
  `LAC_ASSERT(one_unit, $onehot0(wr_list_o) && $onehot0(wr_book_o) && $onehot0(wr_codes_o)
              && $onehot0(wr_mask_o) && $onehot0(wr_bias_low_o), "two units are written")
  `LAC_ASSERT(one_memory, $onehot0({|wr_list_o, |wr_book_o, |wr_codes_o, |wr_mask_o, |wr_bias_low_o
                                     }), "two memories are written at once")
  `LAC_ASSERT(high_with_low, (wr_bias_high_o & ~wr_bias_low_o) == '0, "an upper bias alone")
  `LAC_ASSERT(section_left, !in_section_q || behind_q != '1, "in a section that has ended")
  `LAC_ASSERT(ends_at_none, !in_section_q || ends_q == (behind_q == '0), "the end of a section")
  `LAC_ASSERT(part_range, !in_section_q || part_q <= parts_q, "a word past its entry")
  `LAC_ASSERT(list_range, (wr_list_o == '0 && wr_codes_o == '0) || 32'(wr_addr_o) < 32'(ListDepth),
              "an entry past the list")
  `LAC_ASSERT(book_range, wr_book_o == '0 || 32'(wr_addr_o) < 32'(Regions), "a region past the end")
  `LAC_ASSERT(err_of_word, !err_o || pay_valid_i, "an error without a word")

endmodule
