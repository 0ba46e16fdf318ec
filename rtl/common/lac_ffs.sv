// SPDX-License-Identifier: Apache-2.0
//
// lac_ffs: find the first set bit, from bit 0.
//
// Purpose: picks the lowest request of a vector.
// Example, Width 8: in 0110_1000 -> valid 1, index 3, onehot 0000_1000; in 0 -> valid 0, index 0.
//
// Combinational. index_o and onehot_o are 0 when no bit is set.
// Parameters:
//   Width  1..1024
// Model: x & -x in the bench. Source: common practice.

`include "lac_assert.svh"

module lac_ffs #(
  parameter int Width = 8,
  localparam int IndexWidth = `LAC_INDEX_BITS(Width)
) (
  input  logic [     Width-1:0] in_i,
  output logic                  valid_o,
  output logic [IndexWidth-1:0] index_o,
  output logic [     Width-1:0] onehot_o
);

  `LAC_PARAM(lac_ffs, Width, 1, 1024)

  assign valid_o = |in_i;

  logic [Width-1:0] from_first;
  `LAC_FROM_FIRST(from_first, in_i, Width)

  assign onehot_o = in_i & ~(from_first << 1);

  // Bit k of the index is set when the found position is one of those with bit k set.
  for (genvar k = 0; k < IndexWidth; k++) begin : gen_index
    logic [Width-1:0] picked;
    for (genvar i = 0; i < Width; i++) begin : gen_pick
      assign picked[i] = onehot_o[i] & (((i >> k) & 1) == 1);
    end
    assign index_o[k] = |picked;
  end

endmodule
