// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_bits: the words of a tile as a window of bits, for every format decoder.
//
// Purpose: takes the words of one tile, shows the header, then the next bits of the payload, of
//   which the decoder removes any number per cycle; judges the end of the tile; discards what
//   follows a fault.
//
//   in --> | Depth words | --> funnel shift by offset --> bits_o, level_o --> decoder
//               ^ pop whole words, new offset <------------- step_i, take_i, stop_i
//
// A tile goes through three states, seen by the decoder as:
//   head_valid_o   the header word is there; a step removes it whatever take_i says
//   body_o         payload: bits_o[level_o-1:0] have come (bits above are 0); a step removes take_i
//                  of them. last_o: the last word is among what came, so no more bits will come.
//   stop_i         with step_i in either state: the tile is over, either because the decoder found
//                  a fault, or because all its entries had been removed *before* this cycle (then
//                  take_i is 0 and tail_err_o is the verdict on the end: ErrNone, ErrLong,
//                  ErrPadding). What is left up to in_last_i is discarded.
// Example, WordWidth 32, words H P0 P1(last), each accepted in cycles 0, 1, 2, nothing waits:
//   cycle 1  head_valid_o, step            cycle 3  level 64-take, at most 32; last_o
//   cycle 2  body_o, level 32, step, take  cycle n  all removed: step, stop, tail_err_o
//
// The word after `last` is accepted only after stop_i: a tile's time never depends on the one
// before it. `in_ready_o` comes from registers alone. tail_err_o, bits_o, level_o: combinational
// from registers.
// Latency 1 cycle from a word's acceptance to its bits. Throughput one word per cycle. Depth is
// 2*WindowWords+1 words not used up to their last bit: a step of at most a word never lacks bits
// only because in_ready_o was low. Steps of up to two words need WindowWords = 2, and with them it
// can be felt, see "Steps" in README.md.
// A step takes up to WindowWords*WordWidth bits.
// Parameters:
//   WordWidth    32..256, 32, 64, 128 or 256
//   WindowWords  1..2
// Model: models/formats/base.py (framing of `read`). Source: common practice.

`include "lac_assert.svh"

module lac_fmt_bits
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth   = 64,
  parameter  int WindowWords = 1,
  localparam int WindowWidth = WindowWords * WordWidth,
  localparam int LevelWidth  = $clog2(WindowWidth + 1)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // words
  input  logic                   in_valid_i,
  output logic                   in_ready_o,
  input  logic [  WordWidth-1:0] in_data_i,
  input  logic                   in_last_i,
  // header
  output logic                   head_valid_o,
  output logic [   PosWidth-1:0] head_count_o,
  output logic                   head_bad_o,    // bits above the count that are not 0
  // payload
  output logic                   body_o,
  output logic [WindowWidth-1:0] bits_o,
  output logic [ LevelWidth-1:0] level_o,
  output logic                   last_o,
  output logic [   ErrWidth-1:0] tail_err_o,
  // what the decoder does with it in this cycle
  input  logic                   step_i,
  input  logic [ LevelWidth-1:0] take_i,
  input  logic                   stop_i
);

  `LAC_PARAM_RULE(lac_fmt_bits, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_bits, WindowWords, 1, 2)

  localparam int Depth = 2 * WindowWords + 1;
  localparam int CountWidth = $clog2(Depth + 1);
  localparam int OffsetWidth = $clog2(WordWidth);
  localparam int FunnelWidth = (WindowWords + 1) * WordWidth;
  localparam int SumWidth = $clog2(FunnelWidth + 1);
  localparam int TotalWidth = $clog2(Depth * WordWidth + 1);

  logic [WordWidth-1:0] word_q[Depth];
  logic [CountWidth-1:0] count_q, count_d;  // words stored
  logic [OffsetWidth-1:0] offset_q;  // bits of word 0 already removed
  logic head_q;  // the next word to be seen is a header
  logic last_q;  // the last word of this tile has been accepted
  logic discard_q;  // words are dropped up to the last

  logic push, store, step, stop;
  logic [  SumWidth-1:0] sum;  // offset after the step, from the start of word 0
  logic [CountWidth-1:0] pop;

  assign in_ready_o = !last_q && (discard_q || count_q != CountWidth'(Depth));
  assign push = in_valid_i && in_ready_o;
  assign store = push && !discard_q;

  // What is there.
  logic [FunnelWidth-1:0] funnel;
  logic [ TotalWidth-1:0] total;
  for (genvar i = 0; i <= WindowWords; i++) begin : gen_funnel
    assign funnel[i*WordWidth+:WordWidth] = count_q > CountWidth'(i) ? word_q[i] : '0;
  end
  assign bits_o = WindowWidth'(funnel >> offset_q);  // the rest only serves to fill the window
  assign total = TotalWidth'(count_q) * TotalWidth'(WordWidth) - TotalWidth'(offset_q);
  assign level_o = total > TotalWidth'(WindowWidth) ? LevelWidth'(WindowWidth) : LevelWidth'(total);
  assign last_o = last_q;
  assign head_valid_o = head_q && count_q != '0;
  assign body_o = !head_q;
  assign head_count_o = funnel[PosWidth-1:0];
  if (WordWidth > PosWidth) begin : gen_head_bad
    assign head_bad_o = |funnel[WordWidth-1:PosWidth];
  end else begin : gen_head_full
    assign head_bad_o = 1'b0;
  end

  // The end: the word that holds the last bit removed must be the last one, its other bits 0.
  // That word is gone already when nothing of word 0 has been removed.
  logic tail_last;
  assign tail_last = last_q && count_q == CountWidth'(offset_q != '0);
  assign tail_err_o = !tail_last ? ErrLong : bits_o != '0 ? ErrPadding : ErrNone;

  // The step.
  assign step = step_i && (body_o || head_valid_o);
  assign stop = step && stop_i;
  assign sum = !step ? SumWidth'(offset_q)
                     : head_q ? SumWidth'(WordWidth) : SumWidth'(offset_q) + SumWidth'(take_i);
  assign pop = CountWidth'(sum >> OffsetWidth);
  assign count_d = count_q - pop;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q   <= '0;
      offset_q  <= '0;
      head_q    <= 1'b1;
      last_q    <= 1'b0;
      discard_q <= 1'b0;
    end else if (stop) begin
      count_q   <= '0;
      offset_q  <= '0;
      head_q    <= 1'b1;
      last_q    <= 1'b0;
      discard_q <= !(last_q || (push && in_last_i));
    end else if (discard_q) begin
      if (push && in_last_i) discard_q <= 1'b0;
    end else begin
      count_q  <= count_d + CountWidth'(store);
      offset_q <= sum[OffsetWidth-1:0];  // less than a word: the rest is in pop
      if (step) head_q <= 1'b0;
      if (push && in_last_i) last_q <= 1'b1;
    end
  end

  // Words move down by pop; the new one goes behind those that stay.
  for (genvar i = 0; i < Depth; i++) begin : gen_word
    logic [WordWidth-1:0] moved;
    if (i + 2 < Depth && WindowWords == 2) begin : gen_move2
      assign moved = pop == CountWidth'(2) ? word_q[i+2]
                                           : pop == CountWidth'(1) ? word_q[i+1] : word_q[i];
    end else if (i + 1 < Depth) begin : gen_move1
      assign moved = pop == CountWidth'(1) ? word_q[i+1] : word_q[i];
    end else begin : gen_move0
      assign moved = word_q[i];
    end
    always_ff @(posedge clk_i) begin
      word_q[i] <= store && count_d == CountWidth'(i) ? in_data_i : moved;
    end
  end

  `LAC_STREAM(in_valid_i, in_ready_o, {in_data_i, in_last_i})
  `LAC_ASSERT(take_within_level, !(step && body_o) || stop_i || take_i <= level_o,
              "a step took bits that have not come")
  `LAC_ASSERT(step_when_there, !step_i || body_o || head_valid_o, "a step without anything there")
  `LAC_ASSERT(count_range, count_q <= CountWidth'(Depth), "more words than there are places")
  `LAC_ASSERT(offset_word, offset_q == '0 || count_q != '0, "bits removed of no word")
  `LAC_ASSERT(head_whole, !head_q || offset_q == '0, "bits removed of a header")
  `LAC_ASSERT(discard_alone, !discard_q || (count_q == '0 && head_q && !last_q),
              "words kept while a tile is discarded")

endmodule
