// SPDX-License-Identifier: Apache-2.0
//
// lac_requant: accumulator to activation.
//
// Purpose: arithmetic shift right with rounding half away from zero, saturation to OutWidth bits,
//   then ReLU: the one rounding of the project.
// Example, OutWidth 8, shift 1: acc 5 -> 3, -5 -> -3, -6 -> -3, 300 -> 127 with sat_o.
//
//   acc_i --> (+ half, - 1 if negative) --> (>>> shift) --> saturate --> ReLU --> out_o
//
// For a negative sum, -((m + half) >> s) = (-m + half - 1) >>> s: no negation is needed.
// Combinational. sat_o tells that the rounded value did not fit, whatever ReLU makes of it.
// shift_i must be less than AccWidth.
// Parameters:
//   AccWidth  3..64
//   OutWidth  2..AccWidth - 1
// Model: models/fixed.py, requant. Source: the project's number rules.

`include "lac_assert.svh"

module lac_requant #(
    parameter int AccWidth = 40,
    parameter int OutWidth = 16,
    localparam int ShiftWidth = $clog2(AccWidth)
) (
    input  logic signed [AccWidth-1:0]   acc_i,
    input  logic        [ShiftWidth-1:0] shift_i,
    input  logic                         relu_i,
    output logic signed [OutWidth-1:0]   out_o,
    output logic                         sat_o
);

  `LAC_PARAM(lac_requant, AccWidth, 3, 64)
  `LAC_PARAM(lac_requant, OutWidth, 2, AccWidth - 1)

  // One bit more than the accumulator, because half is added to it.
  localparam int SumWidth = AccWidth + 1;

  logic negative;
  logic [SumWidth-1:0] half;
  logic signed [SumWidth-1:0] sum, shifted;
  logic [SumWidth-OutWidth:0] head;
  logic [OutWidth-1:0] rail;

  assign negative = acc_i[AccWidth-1];
  // 2^shift / 2; zero for shift 0.
  assign half = (SumWidth'(1) << shift_i) >> 1;
  assign sum = {negative, acc_i} + half - SumWidth'(negative && shift_i != '0);
  assign shifted = sum >>> shift_i;

  // It fits when the bits above the result all equal its sign.
  assign head = shifted[SumWidth-1:OutWidth-1];
  assign sat_o = (head != '0) && (head != '1);

  assign rail = {negative, {(OutWidth - 1) {!negative}}};
  // The cast drops bits that equal the sign, unless sat_o.
  assign out_o = relu_i && negative ? '0 : sat_o ? rail : OutWidth'(shifted);

endmodule
