// SPDX-License-Identifier: Apache-2.0
//
// lac_compact_move: one of the moves of lac_compact and lac_compact_pipe.
//
// Purpose: brings every kept element 2^Level slots down whose number of holes below it has bit Level
//   set.
// Example, NumIn 6, Level 0: keep 10_1101, holes 01_0010: bits 2, 3 and 5 are kept with one, one and
//   two holes below: 2 and 3 move to 1 and 2, 5 stays; holes left 01_0000.
//
// A slice holds one bit of all elements, 0 of those that are not kept; the last slice is keep. holes
// are those that the moves before have left: those whose parity below counts in bit Level. Two
// elements never meet.
// Combinational.
// Parameters:
//   NumIn      2..256
//   NumSlices  1..2048
//   Level      0..$clog2(NumIn) - 1
// Model: boolean indexing in the benches of its users. Source: H. S. Warren, "Hacker's Delight", 7-4.

`include "lac_assert.svh"

module lac_compact_move #(
  parameter int NumIn = 8,
  parameter int NumSlices = 4,
  parameter int Level = 0
) (
  input  logic [NumSlices*NumIn-1:0] slices_i,
  input  logic [          NumIn-1:0] holes_i,
  output logic [NumSlices*NumIn-1:0] slices_o,
  output logic [          NumIn-1:0] holes_o
);

  `LAC_PARAM(lac_compact_move, NumIn, 2, 256)
  `LAC_PARAM(lac_compact_move, NumSlices, 1, 2048)
  `LAC_PARAM(lac_compact_move, Level, 0, $clog2(NumIn) - 1)

  localparam int Levels = $clog2(NumIn);

  logic [NumIn-1:0] parity, moves;

  // Whether an odd number of holes is at or below a slot (of a kept one: below), by parallel prefix.
  always_comb begin
    parity = holes_i;
    for (int j = 0; j < Levels; j++) parity = parity ^ (parity << (1 << j));
  end

  assign moves   = parity & slices_i[(NumSlices-1)*NumIn+:NumIn];
  assign holes_o = holes_i & ~parity;
  for (genvar b = 0; b < NumSlices; b++) begin : gen_slice
    logic [NumIn-1:0] slice;
    assign slice = slices_i[b*NumIn+:NumIn];
    assign slices_o[b*NumIn+:NumIn] = (slice & ~moves) | ((slice & moves) >> (1 << Level));
  end

endmodule
