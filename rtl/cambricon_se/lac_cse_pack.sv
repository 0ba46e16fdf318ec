// SPDX-License-Identifier: Apache-2.0
//
// Pack of Cambricon-SE: results without their zeros, on the way out.
//
//   words of a result, 4 values each -> its Pes values -> mask unit, values that are not 0 -> words of 4 units
//
// Units have 16 bits; those of all results are one string, and its last word is filled up with zeros.
// A word leaves when a unit behind it is there, or the string ends: so the last one is known.
// Example, Pes 4: results 7 0 0 9 and 0 0 0 5 -> units 1001 7 9 1000 | 5, two words.
// Streams: in, out, from registers. Latency: last word of a result to its mask 3 cycles. Throughput: 4 units
// per cycle; a result takes as many cycles as it has units of 4 with its mask, zeros too.
// Parameters:
//   Pes  2..16, 2, 4, 8 or 16
// Model: models/cambricon_se/packets.py, packed.

`include "lac_assert.svh"

module lac_cse_pack #(
  parameter int Pes = 16
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clr_i,
  input  logic        in_valid_i,
  output logic        in_ready_o,
  input  logic [63:0] in_data_i,
  input  logic        in_last_i,
  output logic        out_valid_o,
  input  logic        out_ready_i,
  output logic [63:0] out_data_o,
  output logic        out_last_o
);

  `LAC_PARAM_RULE(lac_cse_pack, Pes, 2, 16, Pes == 2 || Pes == 4 || Pes == 8 || Pes == 16,
                  "2, 4, 8 or 16")

  localparam int Words = (Pes + 3) / 4;  // of a result, as it comes
  localparam int Groups = (Pes + 1 + 3) / 4;  // of its units
  localparam int GroupBits = `LAC_INDEX_BITS(Groups);
  localparam int WordBits = `LAC_INDEX_BITS(Words);

  // a result, word by word --------------------------------------------------------------------------
  logic [Words*64-1:0] result_q, sent_q;
  logic [WordBits-1:0] word_q;
  logic full_q, last_q, sends_q, sent_last_q, take, move, step, group_ends;

  assign in_ready_o = ~full_q | move;
  assign take       = in_valid_i & in_ready_o;
  assign move       = full_q & (~sends_q | (step & group_ends));

  for (genvar w = 0; w < Words; w++) begin : gen_word
    always_ff @(posedge clk_i) if (take && word_q == WordBits'(w)) result_q[w*64+:64] <= in_data_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q  <= 1'b0;
      sends_q <= 1'b0;
      word_q  <= '0;
    end else if (clr_i) begin
      full_q  <= 1'b0;
      sends_q <= 1'b0;
      word_q  <= '0;
    end else begin
      if (take) word_q <= word_q == WordBits'(Words - 1) ? '0 : word_q + WordBits'(1);
      full_q  <= (take & (word_q == WordBits'(Words - 1))) | (full_q & ~move);
      sends_q <= move | (sends_q & ~(step & group_ends));
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) last_q <= in_last_i;
    if (move) begin
      sent_q      <= result_q;
      sent_last_q <= last_q;
    end
  end

  // Of two values a word has a half.
  logic unused_values;
  assign unused_values = ^sent_q;

  // its units: the mask, then the values, four at a time ----------------------------------------------
  logic [Groups*64-1:0] row_units;
  logic [Groups*4-1:0] keep;
  logic [Pes-1:0] mask;
  logic [GroupBits-1:0] group_q;
  logic [63:0] group_units, kept;
  logic [3:0] group_keep, kept_keep;
  logic [7:0] unused_index;

  for (genvar i = 0; i < Pes; i++) begin : gen_mask
    assign mask[i] = |sent_q[i*16+:16];
  end
  assign row_units   = (Groups * 64)'({sent_q[0+:Pes*16], 16'(mask)});
  assign keep        = (Groups * 4)'({mask, 1'b1});
  assign group_units = row_units[32'(group_q)*64+:64];
  assign group_keep  = keep[32'(group_q)*4+:4];
  assign group_ends  = group_q == GroupBits'(Groups - 1);

  lac_compact #(
    .NumIn (4),
    .NumOut(4),
    .Width (16)
  ) u_compact (
    .keep_i (group_keep),
    .data_i (group_units),
    .keep_o (kept_keep),
    .data_o (kept),
    .index_o(unused_index)
  );

  // words: up to four units wait for one behind them ---------------------------------------------------
  logic [127:0] both;
  logic [ 63:0] wait_q;
  logic [3:0] num_q, num;
  logic ends_q, ends, room, send;

  assign room = ~out_valid_o | out_ready_i;
  assign step = sends_q & room & ~ends_q;
  assign num  = num_q + 4'($countones(kept_keep));
  assign both = (128'(kept) << {num_q, 4'd0}) | 128'(wait_q);
  assign ends = step & group_ends & sent_last_q;
  assign send = (step & ((num > 4'd4) | ends)) | (ends_q & room);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      out_valid_o <= 1'b0;
      ends_q      <= 1'b0;
      num_q       <= '0;
      wait_q      <= '0;
      group_q     <= '0;
    end else if (clr_i) begin
      out_valid_o <= 1'b0;
      ends_q      <= 1'b0;
      num_q       <= '0;
      wait_q      <= '0;
      group_q     <= '0;
    end else begin
      out_valid_o <= send | (out_valid_o & ~out_ready_i);
      if (step) group_q <= group_ends ? '0 : group_q + GroupBits'(1);
      if (ends_q && room) begin
        ends_q <= 1'b0;
        num_q  <= '0;
        wait_q <= '0;
      end else if (step) begin
        ends_q <= ends & (num > 4'd4);
        num_q  <= num > 4'd4 ? num - 4'd4 : ends ? '0 : num;
        wait_q <= num > 4'd4 ? both[127:64] : ends ? '0 : both[63:0];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (send) begin
      out_data_o <= ends_q ? wait_q : both[63:0];
      out_last_o <= ends_q | (ends & (num <= 4'd4));
    end
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_data_i, in_last_i}, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_data_o, out_last_o}, clr_i)
  `LAC_ASSERT(num_range, num_q <= 4'd4, "more units wait than a word has")
  `LAC_ASSERT(last_whole, !(take && in_last_i) || clr_i || word_q == WordBits'(Words - 1),
              "the results end within one")
  `LAC_ASSERT(mask_kept, !step || group_q != '0 || kept_keep[0], "a result without its mask")
  `LAC_COVER(cover_ends_later, ends_q)
  `LAC_COVER(cover_none_kept, step && kept_keep == '0)

endmodule
