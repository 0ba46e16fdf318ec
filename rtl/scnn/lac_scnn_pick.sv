// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_pick: the first and the second request of a vector, counted from a place on.
//
// Purpose: round robin with two winners: which of those that ask get the places of a bank.
// Example, Width 4, req 1011, later 1100 (the turn begins at 2): order 3, 0, 1: first 1000, second
//   0001.
//
// later_i: the places from the begin of the turn on; they come before the others.
// Combinational: a parallel prefix over both halves, "one below", "two below", clog2(Width) levels.
// Bit-sliced: one operation on vectors per level.
// Parameters:
//   Width  2..256, a power of two
// Model: sorting in the bench. Source: P. Kogge, H. Stone, 1973 (the prefix).

`include "lac_assert.svh"

module lac_scnn_pick #(
  parameter int Width = 16
) (
  input  logic [Width-1:0] req_i,
  input  logic [Width-1:0] later_i,
  output logic [Width-1:0] first_o,
  output logic [Width-1:0] second_o,
  output logic             one_o,     // there is a first
  output logic             two_o      // there is a second
);

  `LAC_PARAM_RULE(lac_scnn_pick, Width, 2, 256, (Width & (Width - 1)) == 0, "a power of two")

  localparam int Levels = $clog2(Width);

  logic [Width-1:0] high, low;
  logic [Width-1:0]
      high_1, high_2, low_1, low_2;  // one or more, two or more at or below each place
  logic high_one, high_two;
  logic [Width-1:0] high_first, high_second, low_first, low_second;

  assign high = req_i & later_i;
  assign low  = req_i & ~later_i;
  always_comb begin
    high_1 = high;
    high_2 = '0;
    low_1  = low;
    low_2  = '0;
    for (int k = 0; k < Levels; k++) begin
      high_2 = high_2 | (high_2 << (1 << k)) | (high_1 & (high_1 << (1 << k)));
      high_1 = high_1 | (high_1 << (1 << k));
      low_2  = low_2 | (low_2 << (1 << k)) | (low_1 & (low_1 << (1 << k)));
      low_1  = low_1 | (low_1 << (1 << k));
    end
  end
  assign high_one = high_1[Width-1];
  assign high_two = high_2[Width-1];
  // A request without one at or below the place before it is the first.
  assign high_first = high & ~(high_1 << 1);
  assign low_first = low & ~(low_1 << 1);
  assign high_second = high & (high_1 << 1) & ~(high_2 << 1);
  assign low_second = low & (low_1 << 1) & ~(low_2 << 1);

  assign first_o = high_first | (low_first & {Width{~high_one}});
  assign second_o = high_second | (low_first & {Width{high_one & ~high_two}})
      | (low_second & {Width{~high_one}});
  assign one_o = req_i != '0;
  assign two_o = high_two | low_2[Width-1] | (high_one & low_1[Width-1]);

endmodule
