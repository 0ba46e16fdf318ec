// SPDX-License-Identifier: Apache-2.0
//
// Count of Cambricon-SE: for each position the number of set bits below it, and how many there are.
// With a Stride, of the positions that lie that far apart (a lane's), and how many each lane has.
//
//   bits -> levels of adders over spans of 1, 2, 4, .. -> register -> the other levels -> num_o, total_o
//
// Example, Width 8: bits 0110_1001 -> numbers 3 3 2 2 1 1 1 0 by position, from the top; total 4.
// num_o is by bits: slice b, Width bits from b * Width on, has bit b of all numbers.
// Latency 1 cycle: the register takes what is in the levels before it with en_i. Throughput: a vector
// per cycle.
// Parameters:
//   Width   8..256, a power of two
//   Stride  1..16, 1, 2, 4, 8 or 16, at most Width
// Model: a cumulative sum.

`include "lac_assert.svh"

module lac_cse_count #(
  parameter  int Width    = 128,
  parameter  int Stride   = 1,
  localparam int Levels   = Width > Stride ? $clog2(Width) - $clog2(Stride) : 0,
  localparam int NumBits  = Levels > 0 ? Levels : 1,
  localparam int SumWidth = Levels + 1
) (
  input  logic                       clk_i,
  input  logic                       en_i,
  input  logic [          Width-1:0] bits_i,
  output logic [  NumBits*Width-1:0] num_o,
  output logic [Stride*SumWidth-1:0] total_o
);

  `LAC_PARAM_RULE(lac_cse_count, Width, 8, 256, (Width & (Width - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_cse_count, Stride, 1, 16, (Stride & (Stride - 1)) == 0 && Stride <= Width,
                  "1, 2, 4, 8 or 16, at most Width")

  localparam int Half = (Levels + 1) / 2;

  // Level k: bits set in the 2^k positions up to each one, in k + 1 slices.
  for (genvar k = 0; k <= Levels; k++) begin : gen_level
    logic [(k+1)*Width-1:0] sums, added;

    if (k == 0) begin : gen_bits
      assign added = bits_i;
    end else begin : gen_add
      for (genvar b = 0; b < k; b++) begin : gen_slice
        logic [Width-1:0] one, other, carry;
        assign one   = gen_level[k-1].sums[b*Width+:Width];
        assign other = one << (Stride << (k - 1));
        if (b == 0) begin : gen_low
          assign added[0+:Width] = one ^ other;
          assign carry = one & other;
        end else begin : gen_high
          assign added[b*Width+:Width] = one ^ other ^ gen_slice[b-1].carry;
          assign carry = (one & other) | ((one | other) & gen_slice[b-1].carry);
        end
      end
      assign added[k*Width+:Width] = gen_slice[k-1].carry;
    end

    if (k == Half) begin : gen_register
      always_ff @(posedge clk_i) if (en_i) sums <= added;
    end else begin : gen_through
      assign sums = added;
    end
  end

  // Below a position: up to the one before.
  for (genvar b = 0; b <= Levels; b++) begin : gen_num
    logic [Width-1:0] slice;
    assign slice = gen_level[Levels].sums[b*Width+:Width];
    for (genvar l = 0; l < Stride; l++) begin : gen_total
      assign total_o[l*SumWidth+b] = slice[Width-Stride+l];
    end
    if (b < Levels) begin : gen_below
      assign num_o[b*Width+:Width] = slice << Stride;
    end
  end

  if (Levels == 0) begin : gen_single
    assign num_o = '0;
  end

  `LAC_ASSERT_CLK(first_is_0, !num_o[0], "a bit below the first position")

endmodule
