// SPDX-License-Identifier: Apache-2.0
//
// lac_products: products one by one on one small multiplier, for sizes that a pass needs before it begins.
//
//   start_i --> num_o --(user)--> factor_i * times_i --> size_o with valid_o --> num_o + 1 ... --> done_o
//
// Purpose: a geometry check has dozens of cycles and no use for wide multipliers. The user offers the operands of
//   product num_o, which may be made of the sizes before it, and keeps size_o in the cycle of valid_o.
// A product takes five cycles on SizeWidth x 8 bits: operands, low byte, high byte, sum, size. A size that
//   does not fit saturates to all ones, so nothing that is too large wraps into what fits. one_i: a factor
//   of 0 counts as 1, for a product of sizes of which one may be missing.
// Example, Num 2, operands 3 * 4, then (size before) * 300: size_o 12 in cycle 5 behind start_i,
//   3600 in cycle 10, done_o in 11.
// Latency: start_i to valid_o of product n 5*(n + 1) cycles, to done_o 5*Num + 1. Throughput: a product in 5 cycles.
// Between done_o and start_i nothing moves.
// Parameters:
//   Num        1..16
//   SizeWidth  9..32
// Model: a product in the bench.

`include "lac_assert.svh"

module lac_products #(
  parameter  int Num       = 7,
  parameter  int SizeWidth = 25,
  localparam int NumBits   = `LAC_INDEX_BITS(Num)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 start_i,
  output logic [  NumBits-1:0] num_o,     // the product that is made
  input  logic [SizeWidth-1:0] factor_i,  // its operands, all the while
  input  logic [         15:0] times_i,
  input  logic                 one_i,     // a factor of 0 counts as 1
  output logic                 valid_o,   // size_o is that of product num_o
  output logic [SizeWidth-1:0] size_o,
  output logic                 busy_o,
  output logic                 done_o     // pulse: behind the last product
);

  `LAC_PARAM(lac_products, Num, 1, 16)
  `LAC_PARAM(lac_products, SizeWidth, 9, 32)

  localparam int ProdWidth = SizeWidth + 16;
  localparam int PartWidth = SizeWidth + 8;
  localparam logic [NumBits-1:0] LastNum = NumBits'(Num - 1);
  localparam logic [2:0] LastPart = 3'd4;

  logic busy_q, part_ends, is_last;
  logic [NumBits-1:0] num_q;
  logic [2:0] part_q;  // 0: operands, 1: low byte, 2: high byte, 3: sum, 4: size
  logic [SizeWidth-1:0] factor, factor_q;
  logic [15:0] times_q;
  logic [PartWidth-1:0] partial_q;
  logic [ProdWidth-1:0] product_q;

  assign part_ends = part_q == LastPart;
  assign is_last   = num_q == LastNum;
  assign num_o     = num_q;
  assign factor    = one_i && factor_i == '0 ? SizeWidth'(1) : factor_i;
  assign busy_o    = busy_q;
  assign valid_o   = busy_q & part_ends;
  assign size_o    = product_q[ProdWidth-1:SizeWidth] != '0 ? '1 : product_q[SizeWidth-1:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      done_o <= 1'b0;
    end else begin
      busy_q <= start_i | (busy_q & ~(part_ends & is_last));
      done_o <= valid_o & is_last & ~start_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      num_q  <= '0;
      part_q <= '0;
    end else if (busy_q) begin
      if (part_ends && !is_last) num_q <= num_q + NumBits'(1);
      part_q <= part_ends ? '0 : part_q + 3'd1;
    end
    if (busy_q) begin
      // A byte of times_i at a time.
      factor_q <= factor;
      times_q <= part_q == 3'd0 ? times_i : times_q >> 8;
      partial_q <= PartWidth'(factor_q) * PartWidth'(times_q[7:0]);
      product_q <= part_q == 3'd2 ? ProdWidth'(partial_q)
                                  : product_q + (ProdWidth'(partial_q) << 8);
    end
  end

  `LAC_ASSERT(start_idle, !start_i || !busy_q, "started while it counts")
  `LAC_ASSERT(num_range, !busy_q || num_q <= LastNum, "a product past the last")
  `LAC_ASSERT(factor_holds, !(busy_q && part_q == 3'd1) || factor_q == factor,
              "an operand changes while it is multiplied")
  `LAC_ASSERT(done_after_busy, !done_o || $past(busy_q), "done without having counted")
  `LAC_COVER(cover_saturates, valid_o && product_q[ProdWidth-1:SizeWidth] != '0)

endmodule
