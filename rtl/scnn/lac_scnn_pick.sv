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
  logic [2*Width-1:0] high_seen, low_seen;  // {two, one} or more at or below each place
  logic high_one, high_two;
  logic [Width-1:0] high_first, high_second, low_first, low_second;

  function automatic logic [2*Width-1:0] seen(input logic [Width-1:0] req);
    logic [Width-1:0] one, two;
    one = req;
    two = '0;
    for (int k = 0; k < Levels; k++) begin
      two = two | (two << (1 << k)) | (one & (one << (1 << k)));
      one = one | (one << (1 << k));
    end
    seen = {two, one};
  endfunction

  assign high = req_i & later_i;
  assign low = req_i & ~later_i;
  assign high_seen = seen(high);
  assign low_seen = seen(low);
  assign high_one = high_seen[Width-1];
  assign high_two = high_seen[2*Width-1];
  // A request without one at or below the place before it is the first.
  assign high_first = high & ~(high_seen[Width-1:0] << 1);
  assign low_first = low & ~(low_seen[Width-1:0] << 1);
  assign high_second = high & (high_seen[Width-1:0] << 1) & ~(high_seen[2*Width-1:Width] << 1);
  assign low_second = low & (low_seen[Width-1:0] << 1) & ~(low_seen[2*Width-1:Width] << 1);

  assign first_o = high_first | (low_first & {Width{~high_one}});
  assign second_o = high_second | (low_first & {Width{high_one & ~high_two}})
      | (low_second & {Width{~high_one}});
  assign one_o = req_i != '0;
  assign two_o = high_two | low_seen[2*Width-1] | (high_one & low_seen[Width-1]);

endmodule
