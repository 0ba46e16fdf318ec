// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_queue: what goes in comes out: once, in order, unchanged. For proofs.
//
// Purpose: stands beside a block of two streams and follows one word of any value, taken at any
//   time (pick_i is free): since it may be any, what holds for it holds for all.
// Example, words a b c, b picked behind a: ahead 1; a leaves: ahead 0; what leaves next must be b.
//
//   push, pop --> number inside, number ahead of the followed word --> assertions
//
// fill_o: words inside; followed_o, ahead_o, data_o: the followed one. A harness ties them to the
// registers of its block, so that induction closes. Through: a word may leave in the cycle it comes.
// Parameters:
//   Width    1..4096
//   MaxFill  1..1024
//   Through  0..1
// Model: none. Source: P. Wolper, "Expressing interesting properties of programs in propositional
//   temporal logic", 1986 (data independence).

`include "lac_prove.svh"

module lac_prove_queue #(
  parameter int Width = 8,
  parameter int MaxFill = 8,
  parameter int Through = 0,
  localparam int FillWidth = $clog2(MaxFill + 2)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic                 pick_i,
  input  logic                 push_i,
  input  logic [    Width-1:0] push_data_i,
  input  logic                 pop_i,
  input  logic [    Width-1:0] pop_data_i,
  output logic [FillWidth-1:0] fill_o,
  output logic                 followed_o,
  output logic [FillWidth-1:0] ahead_o,
  output logic [    Width-1:0] data_o
);

  logic [FillWidth-1:0] fill_q, ahead_q;
  logic followed_q, came_q, comes, leaves;
  logic [Width-1:0] data_q;

  assign fill_o = fill_q;
  assign followed_o = followed_q;
  assign ahead_o = ahead_q;
  assign data_o = data_q;

  // One word is followed, the first one that is picked.
  assign comes = push_i && pick_i && !came_q;
  assign leaves = pop_i && followed_q && ahead_q == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fill_q <= '0;
      followed_q <= 1'b0;
      came_q <= 1'b0;
    end else if (clr_i) begin
      fill_q <= '0;
      followed_q <= 1'b0;
      came_q <= 1'b0;
    end else begin
      fill_q <= fill_q + FillWidth'(push_i) - FillWidth'(pop_i);
      followed_q <= (followed_q && !leaves) || (comes && !(Through != 0 && pop_i && fill_q == '0));
      came_q <= came_q || comes;
    end
  end

  always_ff @(posedge clk_i) begin
    if (comes) begin
      ahead_q <= fill_q - FillWidth'(pop_i);
      data_q  <= push_data_i;
    end else if (pop_i && ahead_q != '0) begin
      ahead_q <= ahead_q - FillWidth'(1);
    end
  end

  `LAC_ASSERT(unchanged, !leaves || pop_data_i == data_q, "it came out changed, or out of turn")
  `LAC_ASSERT(from_something, !pop_i || fill_q != '0 || (Through != 0 && push_i),
              "what comes out did not go in")
  `LAC_ASSERT(through_unchanged,
              Through == 0 || !(pop_i && push_i && fill_q == '0) || pop_data_i == push_data_i,
              "it passed changed")
  `LAC_ASSERT(bounded, fill_q <= FillWidth'(MaxFill), "more inside than there are places")
  `LAC_ASSERT(ahead_inside, !followed_q || ahead_q < fill_q, "the followed word is not inside")
  `LAC_ASSERT(followed_came, !followed_q || came_q, "a word is followed that did not come")
  `LAC_COVER(cover_leaves, leaves || (Through != 0 && comes && pop_i))

endmodule
