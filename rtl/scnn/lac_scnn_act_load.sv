// SPDX-License-Identifier: Apache-2.0
//
// Activation loader of SCNN: takes an activation packet apart into counts, rows and carry words of
// every PE.
//
//   words of the packet -> head, counts, rows, carry words of PE 0, of PE 1, ... -> write bus
//
// Layout: README.md beside this file. A word of counts that is written is {first row of its 8
// channels, 8 counts}. Errors, with the word at fault: ACT_HEADER (PE or spare bits of a head
// wrong, its rows not those that the counts ask for, the end of the packet not behind the last PE,
// a carry word wider than AccWidth), IARAM_OVERFLOW (rows, a count), CARRY_OVERFLOW (carry words).
// Example, I 4, 2 channels of counts 5, 0: head {rows 2, PE 0}, a word of counts, 4 words of rows.
// Streams: pay; ready is high except in the first half of a word of two carry words.
// Throughput: one word per cycle (carry words: one per cycle). Latency: beat to write 1 cycle.
// Parameters:
//   NumPe       1..256
//   I           2..16, a power of two
//   AccWidth    20..40
//   IaramRows   8..65536
//   CountWidth  4..12
//   MaxC        8..4096, a multiple of 8
//   CarryDepth  1..65536
// Model: models/scnn packets.

`include "lac_assert.svh"

module lac_scnn_act_load
  import lac_pkg::*, lac_scnn_ppu_pkg::*;
#(
  parameter  int NumPe      = 64,
  parameter  int I          = 4,
  parameter  int AccWidth   = 24,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  parameter  int MaxC       = 1024,
  parameter  int CarryDepth = 2048,
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int CarryWidth = `LAC_INDEX_BITS(CarryDepth),
  localparam int RowBits    = I * 20,
  localparam int CntBits    = AddrWidth + 1 + 8 * CountWidth
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic                  start_i,
  input  logic [          15:0] channels_i,
  input  logic                  pay_valid_i,
  output logic                  pay_ready_o,
  input  logic [          63:0] pay_data_i,
  input  logic [          31:0] pay_left_i,
  output logic                  err_o,
  output logic [           7:0] err_code_o,
  // write bus, by PE
  output logic [     NumPe-1:0] row_wr_en_o,
  output logic [ AddrWidth-1:0] row_addr_o,
  output logic [   RowBits-1:0] row_data_o,
  output logic [     NumPe-1:0] cnt_wr_en_o,
  output logic [  WinWidth-1:0] cnt_addr_o,
  output logic [   CntBits-1:0] cnt_data_o,
  output logic [     NumPe-1:0] carry_wr_en_o,
  output logic [CarryWidth-1:0] carry_addr_o,
  output logic [  AccWidth-1:0] carry_data_o
);

  `LAC_PARAM(lac_scnn_act_load, NumPe, 1, 256)
  `LAC_PARAM_RULE(lac_scnn_act_load, I, 2, 16, (I & (I - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_act_load, AccWidth, 20, 40)
  `LAC_PARAM(lac_scnn_act_load, IaramRows, 8, 65536)
  `LAC_PARAM(lac_scnn_act_load, CountWidth, 4, 12)
  `LAC_PARAM_RULE(lac_scnn_act_load, MaxC, 8, 4096, MaxC % 8 == 0, "a multiple of 8")
  `LAC_PARAM(lac_scnn_act_load, CarryDepth, 1, 65536)

  localparam int NumWords = (RowBits + 63) / 64;
  localparam int PartWidth = `LAC_INDEX_BITS(NumWords);
  localparam bit Pairs = AccWidth <= 32;  // two carry words in a word of the packet
  localparam logic [PartWidth-1:0] LastPart = PartWidth'(NumWords - 1);
  localparam logic [1:0] StHead = 2'd0, StCounts = 2'd1, StRows = 2'd2, StCarry = 2'd3;

  logic [1:0] state_q, state_d;
  logic half_q, pay_beat, ends, bad_end, step;
  logic [15:0] pe_q, carry_q;  // carry words left
  logic [23:0] rows_q;  // rows left to load
  logic [13:0] quad_q, quads;  // words of counts
  logic [PartWidth-1:0] part_q;
  logic [24:0] sum_q, sum;  // rows that the counts ask for
  logic [AddrWidth:0] first_q;  // before this window
  logic last_count, last_row, row_ends, window_ends;
  logic       odd_q;  // the second word of a window of counts
  logic [1:0] behind;  // state behind the counts, or the rows

  // head ------------------------------------------------------------------------------------------
  logic [15:0] h_pe, h_carry;
  logic [23:0] h_rows;
  assign h_pe = pay_data_i[15:0];
  assign h_rows = pay_data_i[47:24];
  assign h_carry = pay_data_i[63:48];

  assign pay_ready_o = (state_q != StCarry) | ~Pairs | half_q | (carry_q == 16'd1);
  assign pay_beat = pay_valid_i & pay_ready_o;
  assign step = pay_valid_i & (state_q == StCarry);  // a carry word
  assign quads = 14'((17'(channels_i) + 17'd3) >> 2);

  // counts ----------------------------------------------------------------------------------------
  logic [     3:0] too_large;
  logic [4*13-1:0] need;  // rows of each channel
  for (genvar l = 0; l < 4; l++) begin : gen_count
    logic [15:0] count;
    assign count = pay_data_i[l*16+:16];
    assign too_large[l] = count[15:CountWidth] != '0;
    assign need[l*13+:13] = (13'(count[11:0]) + 13'(I - 1)) >> $clog2(I);
  end
  assign sum = sum_q + ((25'(need[0+:13]) + 25'(need[13+:13]))
                        + (25'(need[26+:13]) + 25'(need[39+:13])));

  // carry words -----------------------------------------------------------------------------------
  logic [AccWidth-1:0] carry_word;
  logic                carry_fits;
  if (Pairs) begin : gen_pairs
    logic [31:0] lane;
    assign lane = half_q ? pay_data_i[63:32] : pay_data_i[31:0];
    assign carry_word = lane[AccWidth-1:0];
    assign carry_fits = (lane[31:AccWidth-1] == '0) | (&lane[31:AccWidth-1]);
  end else begin : gen_single
    assign carry_word = pay_data_i[AccWidth-1:0];
    assign carry_fits = (pay_data_i[63:AccWidth-1] == '0) | (&pay_data_i[63:AccWidth-1]);
  end

  // A first half that does not fit is told with its word, when that is taken.
  logic wide_q, wide;
  assign wide = step & ~carry_fits;

  // states ----------------------------------------------------------------------------------------
  assign last_count = quad_q == 14'd1;
  assign last_row = (rows_q == 24'd1) & (part_q == LastPart);
  assign behind = carry_q != '0 ? StCarry : StHead;

  always_comb begin
    state_d = state_q;
    case (state_q)
      StHead:   state_d = StCounts;
      StCounts: if (last_count) state_d = rows_q != '0 ? StRows : behind;
      StRows:   if (last_row) state_d = behind;
      default:  if (carry_q == 16'd1) state_d = StHead;
    endcase
  end
  assign ends = pay_beat & (state_d == StHead) & (state_q != StHead);
  assign bad_end = pay_beat & ((pay_left_i == '0) != (ends & (pe_q == 16'(NumPe - 1))));

  always_comb begin
    err_o = pay_beat;
    err_code_o = 8'(ERR_ACT_HEADER);
    case (state_q)
      StHead:
      if (h_pe != pe_q || pay_data_i[23:16] != '0) err_code_o = 8'(ERR_ACT_HEADER);
      else if (h_rows > 24'(IaramRows)) err_code_o = 8'(ERR_IARAM_OVERFLOW);
      else if (32'(h_carry) > 32'(CarryDepth)) err_code_o = 8'(ERR_CARRY_OVERFLOW);
      else err_o = bad_end;
      StCounts:
      if (too_large != '0) err_code_o = 8'(ERR_IARAM_OVERFLOW);
      else if (!(last_count && sum != 25'(rows_q))) err_o = bad_end;
      StRows: err_o = bad_end;
      default: if (!(wide || wide_q)) err_o = bad_end;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StHead;
      half_q  <= 1'b0;
      wide_q  <= 1'b0;
    end else if (clr_i || start_i) begin
      state_q <= StHead;
      half_q  <= 1'b0;
      wide_q  <= 1'b0;
    end else begin
      if (pay_beat) state_q <= state_d;
      if (step) half_q <= Pairs & ~half_q & (carry_q != 16'd1);
      if (step) wide_q <= wide & ~pay_ready_o;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) pe_q <= '0;
    else if (ends) pe_q <= pe_q + 16'd1;
    if (pay_beat && state_q == StHead) begin
      rows_q  <= h_rows;
      carry_q <= h_carry;
      quad_q  <= quads;
      sum_q   <= '0;
      first_q <= '0;
      part_q  <= '0;
    end else begin
      if (pay_beat && state_q == StCounts) begin
        quad_q <= quad_q - 14'd1;
        sum_q  <= sum;
        if (odd_q || last_count) first_q <= (AddrWidth + 1)'(sum);
      end
      if (pay_beat && state_q == StRows) begin
        part_q <= part_q == LastPart ? '0 : part_q + PartWidth'(1);
        if (part_q == LastPart) rows_q <= rows_q - 24'd1;
      end
      if (step) carry_q <= carry_q - 16'd1;
    end
  end

  // write bus -------------------------------------------------------------------------------------
  logic [WinWidth-1:0]    window_q;
  logic [AddrWidth-1:0]   row_q;
  logic [CarryWidth-1:0]  place_q;
  logic [4*CountWidth-1:0] four;

  for (genvar l = 0; l < 4; l++) begin : gen_four
    assign four[l*CountWidth+:CountWidth] = pay_data_i[l*16+:CountWidth];
  end
  assign row_ends = pay_beat & (state_q == StRows) & (part_q == LastPart);
  assign window_ends = pay_beat & (state_q == StCounts) & (odd_q | last_count);

  for (genvar p = 0; p < NumPe; p++) begin : gen_enable
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        row_wr_en_o[p]   <= 1'b0;
        cnt_wr_en_o[p]   <= 1'b0;
        carry_wr_en_o[p] <= 1'b0;
      end else begin
        row_wr_en_o[p]   <= row_ends & (pe_q == 16'(p)) & ~clr_i;
        cnt_wr_en_o[p]   <= window_ends & (pe_q == 16'(p)) & ~clr_i;
        carry_wr_en_o[p] <= step & (pe_q == 16'(p)) & ~clr_i;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (pay_beat && state_q == StHead) begin
      odd_q <= 1'b0;
      window_q <= '0;
      row_q <= '0;
      place_q <= '0;
    end else begin
      if (pay_beat && state_q == StCounts) odd_q <= ~odd_q;
      if (window_ends) window_q <= window_q + WinWidth'(1);
      if (row_ends) row_q <= row_q + AddrWidth'(1);
      if (step) place_q <= place_q + CarryWidth'(1);
    end
    if (pay_beat && state_q == StCounts) begin
      cnt_addr_o <= window_q;
      cnt_data_o[CntBits-1-:AddrWidth+1] <= first_q;
      if (odd_q) cnt_data_o[8*CountWidth-1-:4*CountWidth] <= four;
      else begin
        cnt_data_o[4*CountWidth-1:0] <= four;
        cnt_data_o[8*CountWidth-1-:4*CountWidth] <= '0;
      end
    end
    if (row_ends) row_addr_o <= row_q;
    if (step) begin
      carry_addr_o <= place_q;
      carry_data_o <= carry_word;
    end
  end

  if (NumWords == 1) begin : gen_one
    always_ff @(posedge clk_i) if (pay_beat) row_data_o <= pay_data_i[RowBits-1:0];
  end else begin : gen_parts
    for (genvar w = 0; w < NumWords; w++) begin : gen_part
      localparam int Bits = (w + 1) * 64 <= RowBits ? 64 : RowBits - w * 64;
      always_ff @(posedge clk_i)
        if (pay_beat && part_q == PartWidth'(w))
          row_data_o[w*64+:Bits] <= pay_data_i[Bits-1:0];
    end
  end

  `LAC_STREAM_CLR(pay_valid_i, pay_ready_o, {pay_data_i, pay_left_i}, clr_i || start_i)
  `LAC_ASSERT(one_memory, $onehot0({|row_wr_en_o, |cnt_wr_en_o, |carry_wr_en_o}),
              "two memories are written at once")
  `LAC_ASSERT(one_pe, $onehot0(row_wr_en_o) && $onehot0(cnt_wr_en_o) && $onehot0(carry_wr_en_o),
              "two PEs are written at once")
  `LAC_ASSERT(err_of_word, !err_o || (pay_valid_i && pay_ready_o), "an error of a word not taken")
  `LAC_COVER(cover_no_rows, ends && state_q == StCounts)

endmodule
