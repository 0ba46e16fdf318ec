// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_first: a place is under num exactly if fewer than num bits below it are set; and lac_ffs
// finds the lowest set bit, which is where the first ends.

`include "lac_prove.svh"

module lac_prove_first #(
  parameter int Width = 8,
  localparam int CountWidth = $clog2(Width + 1),
  localparam int IndexWidth = `LAC_INDEX_BITS(Width)
) (
  input logic                  clk_i,
  input logic                  rst_ni,
  input logic [     Width-1:0] in_i,
  input logic [CountWidth-1:0] num_i
);

  logic [Width-1:0] under, under_d, onehot;
  logic valid;
  logic [IndexWidth-1:0] index;
  int below, lowest;

  lac_first #(
    .Width(Width)
  ) u_dut (
    .in_i,
    .num_i,
    .under_o(under)
  );

  lac_ffs #(
    .Width(Width)
  ) u_ffs (
    .in_i,
    .valid_o (valid),
    .index_o (index),
    .onehot_o(onehot)
  );

  always_comb begin
    below = 0;
    for (int i = 0; i < Width; i++) begin
      under_d[i] = below < int'(num_i);
      if (in_i[i]) below = below + 1;
    end
  end
  always_comb begin
    lowest = 0;
    for (int i = Width - 1; i >= 0; i--) if (in_i[i]) lowest = i;
  end

  `LAC_PROVE_RESET
  `LAC_ASSERT(counts_below, under == under_d, "a place with another number of set bits below it")
  `LAC_ASSERT(finds_any, valid == (in_i != '0), "a set bit is not told")
  `LAC_ASSERT(finds_lowest, int'(index) == lowest, "another bit than the lowest")
  `LAC_ASSERT(onehot_of_it, onehot == (in_i != '0 ? Width'(1) << lowest : '0),
              "another bit in the one-hot answer")
  `LAC_COVER(cover_some, under != '0 && under != '1)
  `LAC_COVER(cover_last, valid && int'(index) == Width - 1)

endmodule
