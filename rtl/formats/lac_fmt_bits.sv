// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_bits: the words of a tile as a window of bits, for every format decoder.
//
// Purpose: takes the words of one tile, shows the header, then the next bits of the payload, of
//   which the decoder removes any number per cycle; judges the end of the tile; discards what
//   follows a fault.
//
//   in ----+--> | words behind the window | --> shift by offset --+--> shift by take --> | window |
//          +------------------------------------------------------+                    bits_o |
//                                          ^ take_i <-- decoder <-----------------------------+
//
// The window stands in a register with its first bit at place 0, so that a decoder begins at once,
// and what it takes is one shift away from the next window; all that can come in is put in its
// place meanwhile.
//
// A tile goes through three states, seen by the decoder as:
//   head_valid_o   the header word is there; a step removes it whatever take_i says
//   body_o         payload: bits_o[level_o-1:0] have come (bits above are 0); a step removes take_i
//                  of them, which is 0 in a cycle without a step. last_o: the last word is among
//                  what came, so no more bits will come.
//   stop_i         with step_i in either state: the tile is over, either because the decoder found
//                  a fault, or because all its entries had been removed *before* this cycle (then
//                  take_i is 0 and tail_err_o is the verdict on the end: ErrNone, ErrLong,
//                  ErrPadding). What is left up to in_last_i is discarded.
// Example, WordWidth 32, words H P0 P1(last), each accepted in cycles 0, 1, 2, nothing waits:
//   cycle 1  head_valid_o, step            cycle 3  level 64-take, at most 32; last_o
//   cycle 2  body_o, level 32, step, take  cycle n  all removed: step, stop, tail_err_o
//
// The word after `last` is accepted only after stop_i: a tile's time never depends on the one
// before it. `in_ready_o` comes from registers alone. bits_o, level_o: registers;
// tail_err_o: combinational from registers.
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
  localparam int Kept = WindowWords + 1;  // words that can reach behind the window
  localparam int CountWidth = $clog2(Depth + 1);
  localparam int OffsetWidth = $clog2(WordWidth);
  localparam int SumWidth = $clog2((WindowWords + 1) * WordWidth + 1);
  localparam int TotalWidth = $clog2(Depth * WordWidth + 1);

  logic [WindowWidth-1:0] bits_q;
  logic [  WordWidth-1:0] word_q [Kept];  // word WindowWords of those stored, and the next ones
  logic [CountWidth-1:0] count_q, count_d;  // words stored
  logic [OffsetWidth-1:0] offset_q;  // bits of word 0 already removed
  logic [TotalWidth-1:0] total_q, total_d;  // bits stored
  logic [LevelWidth-1:0] level_q;
  logic head_q;  // the next word to be seen is a header
  logic last_q;  // the last word of this tile has been accepted
  logic discard_q;  // words are dropped up to the last

  logic push, store, step, stop;
  logic [LevelWidth-1:0] take;
  logic [  SumWidth-1:0] sum;  // offset after the step, from the start of word 0
  logic [CountWidth-1:0] pop;

  assign in_ready_o = !last_q && (discard_q || count_q != CountWidth'(Depth));
  assign push = in_valid_i && in_ready_o;
  assign store = push && !discard_q;

  // What is there.
  assign bits_o = bits_q;
  assign level_o = level_q;
  assign last_o = last_q;
  assign head_valid_o = head_q && level_q != '0;
  assign body_o = !head_q;
  assign head_count_o = bits_q[PosWidth-1:0];
  if (WordWidth > PosWidth) begin : gen_head_bad
    assign head_bad_o = |bits_q[WordWidth-1:PosWidth];
  end else begin : gen_head_full
    assign head_bad_o = 1'b0;
  end

  // The end: the word that holds the last bit removed must be the last one, its other bits 0.
  logic tail_last;
  assign tail_last = last_q && total_q < TotalWidth'(WordWidth);
  assign tail_err_o = !tail_last ? ErrLong : bits_q != '0 ? ErrPadding : ErrNone;

  // The step. What it leaves does not wait for stop_i: behind a stop nothing is stored.
  assign step = step_i && (body_o || head_valid_o);
  assign stop = step && stop_i;
  assign take = !head_q ? take_i : step ? LevelWidth'(WordWidth) : '0;
  assign sum = SumWidth'(offset_q) + SumWidth'(take);
  assign pop = CountWidth'(sum >> OffsetWidth);
  assign count_d = count_q - pop;
  assign total_d = total_q + (store ? TotalWidth'(WordWidth) : '0) - TotalWidth'(take);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q   <= '0;
      offset_q  <= '0;
      total_q   <= '0;
      level_q   <= '0;
      head_q    <= 1'b1;
      last_q    <= 1'b0;
      discard_q <= 1'b0;
    end else if (stop) begin
      count_q   <= '0;
      offset_q  <= '0;
      total_q   <= '0;
      level_q   <= '0;
      head_q    <= 1'b1;
      last_q    <= 1'b0;
      discard_q <= !(last_q || (push && in_last_i));
    end else if (discard_q) begin
      if (push && in_last_i) discard_q <= 1'b0;
    end else begin
      count_q <= count_d + CountWidth'(store);
      offset_q <= sum[OffsetWidth-1:0];  // less than a word: the rest is in pop
      total_q <= total_d;
      level_q  <= total_d > TotalWidth'(WindowWidth) ? LevelWidth'(WindowWidth)
                                                     : LevelWidth'(total_d);
      if (step) head_q <= 1'b0;
      if (push && in_last_i) last_q <= 1'b1;
    end
  end

  // All that can be in the window after the step: the window, the words that reach behind it, and
  // the word that comes, put where the words stored end.
  logic [Depth*WordWidth-1:0] words;
  logic [2*WindowWidth-1:0] placed, ahead;
  logic [WindowWidth-1:0] bits_d;
  for (genvar i = 0; i < Depth; i++) begin : gen_words
    logic [WordWidth-1:0] come;
    assign come = store && count_q == CountWidth'(i) ? in_data_i : '0;
    if (i < WindowWords) begin : gen_window
      assign words[i*WordWidth+:WordWidth] = come;
    end else begin : gen_kept
      assign words[i*WordWidth+:WordWidth] =
          come | (count_q > CountWidth'(i) ? word_q[i-WindowWords] : '0);
    end
  end
  lac_fmt_shift #(
    .InWidth    (Depth * WordWidth),
    .OutWidth   (2 * WindowWidth),
    .AmountWidth(OffsetWidth)
  ) u_place (
    .in_i    (words),
    .amount_i(offset_q),
    .out_o   (placed)
  );
  assign ahead = placed | (2 * WindowWidth)'(count_q != '0 ? bits_q : '0);

  // The rest stays in the words.
  lac_fmt_shift #(
    .InWidth    (2 * WindowWidth),
    .OutWidth   (WindowWidth),
    .AmountWidth(LevelWidth)
  ) u_take (
    .in_i    (ahead),
    .amount_i(take),
    .out_o   (bits_d)
  );

  always_ff @(posedge clk_i) begin
    bits_q <= bits_d;
  end

  // Words move down by pop; the new one goes behind those that stay.
  for (genvar i = 0; i < Kept; i++) begin : gen_word
    logic [WordWidth-1:0] moved;
    if (i + 2 < Kept) begin : gen_move2
      assign moved = pop == CountWidth'(2) ? word_q[i+2]
                                           : pop == CountWidth'(1) ? word_q[i+1] : word_q[i];
    end else if (i + 1 < Kept) begin : gen_move1
      assign moved = pop == CountWidth'(1) ? word_q[i+1] : word_q[i];
    end else begin : gen_move0
      assign moved = word_q[i];
    end
    always_ff @(posedge clk_i) begin
      word_q[i] <= store && count_d == CountWidth'(i + WindowWords) ? in_data_i : moved;
    end
  end

  `LAC_STREAM(in_valid_i, in_ready_o, {in_data_i, in_last_i})
  `LAC_ASSERT(take_within_level, !(step && body_o) || stop_i || take_i <= level_o,
              "a step took bits that have not come")
  `LAC_ASSERT(take_in_step, step_i || head_q || take_i == '0, "bits removed without a step")
  `LAC_ASSERT(
      level_total,
      level_q == (32'(total_q) > WindowWidth ? LevelWidth'(WindowWidth) : LevelWidth'(total_q)),
      "not as many bits in the window as there are")
  `LAC_ASSERT(step_when_there, !step_i || body_o || head_valid_o, "a step without anything there")
  `LAC_ASSERT(count_range, count_q <= CountWidth'(Depth), "more words than there are places")
  `LAC_ASSERT(offset_word, offset_q == '0 || count_q != '0, "bits removed of no word")
  `LAC_ASSERT(head_whole, !head_q || offset_q == '0, "bits removed of a header")
  `LAC_ASSERT(discard_alone, !discard_q || (count_q == '0 && head_q && !last_q),
              "words kept while a tile is discarded")
  `LAC_ASSERT(bits_of_words, 32'(total_q) + 32'(offset_q) == 32'(count_q) * 32'(WordWidth),
              "bits that are of no word")
  `LAC_ASSERT(pop_range, stop || pop <= count_q, "more words leave than are stored")

endmodule
