// SPDX-License-Identifier: Apache-2.0
//
// lac_first: which places of a vector have fewer than n set bits below them.
//
// Purpose: "the first n" of a vector, up to and including the n-th: in_i & under_o are the first n
//   set bits, under_o alone is all up to there.
// Example, Width 8, in 0110_1001 (bits 0, 3, 5, 6), num 2 -> under 0000_1111: bit 3 has one set bit
//   below it, bit 4 has two.
//
// Combinational: a prefix sum (Kogge-Stone, clog2(Width) adders deep) and a comparison per place.
// Bit-sliced: slice b of the sums holds bit b of the sum of every place, so that one step of the
// network is a few operations on vectors. (As nets, place by place, Icarus would evaluate a sum
// once per set bit below it, and so on from level to level.)
// Parameters:
//   Width  1..1024
// Model: cumsum in the bench. Source: P. Kogge, H. Stone, "A parallel algorithm for the efficient
//   solution of a general class of recurrence equations", 1973.

`include "lac_assert.svh"

module lac_first #(
  parameter int Width = 8,
  localparam int CountWidth = $clog2(Width + 1)
) (
  input  logic [     Width-1:0] in_i,
  input  logic [CountWidth-1:0] num_i,
  output logic [     Width-1:0] under_o
);

  `LAC_PARAM(lac_first, Width, 1, 1024)

  localparam int Levels = Width > 1 ? $clog2(Width) : 0;

  // Slices of the number of set bits below each place.
  function automatic logic [CountWidth*Width-1:0] below(input logic [Width-1:0] bits);
    logic [Width-1:0] slice, lower, carry;
    below = '0;
    below[Width-1:0] = bits << 1;  // no cast: Icarus would shift in the width of the cast
    for (int k = 0; k < Levels; k++) begin
      carry = '0;
      for (int b = 0; b < CountWidth; b++) begin
        slice = below[b*Width+:Width];
        lower = slice << (1 << k);
        below[b*Width+:Width] = slice ^ lower ^ carry;
        carry = (slice & lower) | (slice & carry) | (lower & carry);
      end
    end
  endfunction

  // Places whose number is less than num.
  function automatic logic [Width-1:0] less(input logic [CountWidth*Width-1:0] sums,
                                            input logic [CountWidth-1:0] num);
    logic [Width-1:0] slice;
    less = '0;
    for (int b = 0; b < CountWidth; b++) begin
      slice = sums[b*Width+:Width];
      less  = num[b] ? less | ~slice : less & ~slice;
    end
  endfunction

  assign under_o = less(below(in_i), num_i);

endmodule
