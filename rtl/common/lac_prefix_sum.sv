// SPDX-License-Identifier: Apache-2.0
//
// lac_prefix_sum: for every bit of a vector, how many bits below it are set.
//
// Purpose: ranks the requests of a vector, as compaction and "the first n of" need it.
// Example, Width 8: in 0110_1001 (bits 0, 3, 5, 6) -> rank of bit 0 is 0, of 1..3 is 1, of 4 and 5
//   is 2, of 6 is 3, of 7 is 4; total 4.
//
// Combinational: a Sklansky network of clog2(Width) adders in depth. rank_o[i*CountWidth +:
// CountWidth] belongs to bit i and does not count bit i itself.
// Parameters: Width >= 1.
// Model: cumsum in the bench. Source: J. Sklansky, "Conditional-sum addition logic", 1960.

`include "lac_assert.svh"

module lac_prefix_sum #(
    parameter int Width = 8,
    localparam int CountWidth = $clog2(Width + 1)
) (
    input  logic [           Width-1:0] in_i,
    output logic [Width*CountWidth-1:0] rank_o,
    output logic [      CountWidth-1:0] total_o
);

  localparam int Levels = Width > 1 ? $clog2(Width) : 0;

  `LAC_ASSERT_INIT(Width >= 1, "Width must be at least 1")

  // Level k holds, for bit i, the ones in its block of 2^k bits up to and including it.
  logic [Width*CountWidth-1:0] sum[Levels+1];
  for (genvar k = 0; k <= Levels; k++) begin : gen_level
    for (genvar i = 0; i < Width; i++) begin : gen_bit
      if (k == 0) begin : gen_first
        assign sum[k][i*CountWidth+:CountWidth] = CountWidth'(in_i[i]);
      end else if (((i >> (k - 1)) & 1) == 1) begin : gen_add
        // The upper half of a block adds the total of the lower half.
        localparam int Low = ((i >> (k - 1)) << (k - 1)) - 1;
        assign sum[k][i*CountWidth+:CountWidth] =
            sum[k-1][i*CountWidth+:CountWidth] + sum[k-1][Low*CountWidth+:CountWidth];
      end else begin : gen_pass
        assign sum[k][i*CountWidth+:CountWidth] = sum[k-1][i*CountWidth+:CountWidth];
      end
    end
  end

  assign total_o = sum[Levels][(Width-1)*CountWidth+:CountWidth];
  for (genvar i = 0; i < Width; i++) begin : gen_rank
    if (i == 0) begin : gen_zero
      assign rank_o[CountWidth-1:0] = '0;
    end else begin : gen_below
      assign rank_o[i*CountWidth+:CountWidth] = sum[Levels][(i-1)*CountWidth+:CountWidth];
    end
  end

endmodule
