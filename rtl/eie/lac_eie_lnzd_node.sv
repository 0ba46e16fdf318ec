// SPDX-License-Identifier: Apache-2.0
//
// One node of the leading-non-zero quadtree: the first valid of four children goes up.
//
// Example: child_valid_i = 4'b1100 -> valid_o = 1, data_o = child 2.
//
// Latency: combinational. Source: EIE (ISCA 2016), section IV, "Leading Non-zero Detection Node".
// Parameters:
//   Width  1..128
// Model: numpy.flatnonzero(...)[0] in tb/eie/blocks/lnzd_tests.py.

`include "lac_assert.svh"

module lac_eie_lnzd_node #(
  parameter int Width = 16  // payload of a child: its activation and its index
) (
  input  logic [        3:0] child_valid_i,
  input  logic [4*Width-1:0] child_data_i,
  output logic               valid_o,
  output logic [  Width-1:0] data_o
);

  `LAC_PARAM(lac_eie_lnzd_node, Width, 1, 128)

  assign valid_o = |child_valid_i;

  always_comb begin
    if (child_valid_i[0]) data_o = child_data_i[0*Width+:Width];
    else if (child_valid_i[1]) data_o = child_data_i[1*Width+:Width];
    else if (child_valid_i[2]) data_o = child_data_i[2*Width+:Width];
    else data_o = child_data_i[3*Width+:Width];
  end

endmodule
