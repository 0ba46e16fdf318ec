// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_pack: packs items of any number of bits into words, from bit 0 up, without gaps.
//
// Purpose: the end of the encoders; the counterpart of lac_fmt_bits.
// Example, WordWidth 8: items of 5, 6 and 2 bits, the third one last
//   aaaaa, bbbbbb, cc   ->   bbbaaaaa, 000ccbbb last
//
// Streams: in_* (bits of in_data_i behind in_bits_i must be 0), out_*. in_ready_o is combinational
//   from out_ready_i. The words of a tile end with an item that has in_last_i.
// Latency: 1 cycle from the item that fills a word to the word. Throughput: one item or one word per
//   cycle, whichever is slower; no gap between tiles.
// Items have at least 1 bit.
// Parameters:
//   WordWidth  1..256
//   ItemWidth  1..1024
// Model: none of its own (tests of the encoders). Source: common practice.

`include "lac_assert.svh"

module lac_fmt_pack #(
  parameter  int WordWidth = 64,
  parameter  int ItemWidth = 64,
  localparam int BitsWidth = $clog2(ItemWidth + 1)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 in_valid_i,
  output logic                 in_ready_o,
  input  logic [ItemWidth-1:0] in_data_i,
  input  logic [BitsWidth-1:0] in_bits_i,
  input  logic                 in_last_i,
  output logic                 out_valid_o,
  input  logic                 out_ready_i,
  output logic [WordWidth-1:0] out_data_o,
  output logic                 out_last_o
);

  `LAC_PARAM(lac_fmt_pack, WordWidth, 1, 256)
  `LAC_PARAM(lac_fmt_pack, ItemWidth, 1, 1024)

  localparam int AccWidth = WordWidth + ItemWidth;  // less than a word waits when an item comes
  localparam int FillWidth = $clog2(AccWidth + 1);
  localparam logic [FillWidth-1:0] Word = FillWidth'(WordWidth);

  logic [AccWidth-1:0] acc_q, acc_left;  // not reset: bits behind the fill are 0 or not looked at
  logic [FillWidth-1:0] fill_q, fill_left;
  logic last_q;  // all items of the tile are in
  logic push, pop;

  assign out_valid_o = last_q || fill_q >= Word;
  assign out_last_o = last_q && fill_q <= Word;
  assign out_data_o = acc_q[WordWidth-1:0];
  assign pop = out_valid_o && out_ready_i;
  assign push = in_valid_i && in_ready_o;

  assign fill_left = !pop ? fill_q : fill_q > Word ? fill_q - Word : '0;
  assign acc_left = fill_left == '0 ? '0 : pop ? acc_q >> WordWidth : acc_q;
  assign in_ready_o = fill_left < Word && (!last_q || (pop && out_last_o));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fill_q <= '0;
      last_q <= 1'b0;
    end else begin
      fill_q <= push ? fill_left + FillWidth'(in_bits_i) : fill_left;
      if (push) last_q <= in_last_i;
      else if (pop && out_last_o) last_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) acc_q <= acc_left | (AccWidth'(in_data_i) << fill_left);
    else if (pop) acc_q <= acc_left;
  end

  `LAC_STREAM(in_valid_i, in_ready_o, {in_last_i, in_bits_i, in_data_i})
  `LAC_STREAM(out_valid_o, out_ready_i, {out_last_o, out_data_o})
  `LAC_ASSERT(item_has_bits, !in_valid_i || in_bits_i != '0, "an item of no bits")
  `LAC_ASSERT(bits_range, !in_valid_i || in_bits_i <= BitsWidth'(ItemWidth),
              "an item of more bits than it can have")
  `LAC_ASSERT(fill_range, fill_q <= FillWidth'(AccWidth), "more bits than places")
  `LAC_ASSERT(last_has_bits, !last_q || fill_q != '0, "the end of a tile without bits")

endmodule
