// SPDX-License-Identifier: Apache-2.0
//
// Border of the input along one direction: which of KernelSize places in a row are inside.
//
//   inside_o[d] = 0 <= place_i + d < size_i, place_i signed, -15 or more
//
// Example, KernelSize 5: place -2, size 2 -> 01100; place 1, size 3 -> 00011.
// One subtraction for all d. Latency: combinational. Model: models/sps.
// Parameters:
//   PlaceWidth  18..32
//   KernelSize  1..15

`include "lac_assert.svh"

module lac_sps_inside #(
  parameter int PlaceWidth = 21,
  parameter int KernelSize = 7
) (
  input  logic [PlaceWidth-1:0] place_i,
  input  logic [          15:0] size_i,
  output logic [KernelSize-1:0] inside_o
);

  `LAC_PARAM(lac_sps_inside, PlaceWidth, 18, 32)
  `LAC_PARAM(lac_sps_inside, KernelSize, 1, 15)

  logic [PlaceWidth-1:0] room;  // places from place_i to the end; signed
  logic none, much;

  assign room = PlaceWidth'(size_i) - place_i;
  assign none = room[PlaceWidth-1];
  assign much = |room[PlaceWidth-1:4];

  for (genvar d = 0; d < KernelSize; d++) begin : gen_place
    logic low, high;

    // A place below 0 is 16 - place_i[3:0] or less below it.
    assign low = place_i[PlaceWidth-1] & (5'(place_i[3:0]) + 5'(d) < 5'd16);
    assign high = none | (~much & (room[3:0] <= 4'(d)));
    assign inside_o[d] = ~low & ~high;
  end

endmodule
