// SPDX-License-Identifier: Apache-2.0
//
// lac_requant: accumulator to activation.
//
// Purpose: arithmetic shift right with rounding half away from zero, saturation to OutWidth bits,
//   then ReLU: the one rounding of the project.
// Example, OutWidth 8, shift 1: acc 5 -> 3, -5 -> -3, -6 -> -3, 300 -> 127 with sat_o.
//
//   acc_i --> (>>> shift) --> + 1 if rounded away --> saturate --> ReLU --> out_o
//         \-> bits shifted out: half or more? --^
//
// Rounding away from zero adds one to the floor that the shift leaves: to a positive sum if the
// highest bit shifted out is set, to a negative one if any lower bit is set too. So the adder is as
// wide as the result, not as the accumulator.
// Combinational. sat_o tells that the rounded value did not fit, whatever ReLU makes of it.
// shift_i must be less than AccWidth.
// Parameters:
//   AccWidth  3..64
//   OutWidth  2..AccWidth - 1
// Model: models/fixed.py, requant. Source: the project's number rules.

`include "lac_assert.svh"

module lac_requant #(
  parameter  int AccWidth   = 40,
  parameter  int OutWidth   = 16,
  localparam int ShiftWidth = $clog2(AccWidth)
) (
  input  logic signed [  AccWidth-1:0] acc_i,
  input  logic        [ShiftWidth-1:0] shift_i,
  input  logic                         relu_i,
  output logic signed [  OutWidth-1:0] out_o,
  output logic                         sat_o
);

  `LAC_PARAM(lac_requant, AccWidth, 3, 64)
  `LAC_PARAM(lac_requant, OutWidth, 2, AccWidth - 1)

  logic negative, guard, sticky, up, carry;
  logic [AccWidth-1:0] half;
  logic signed [AccWidth-1:0] shifted;
  logic [OutWidth-2:0] low;
  logic [AccWidth-OutWidth:0] head, above;  // above: head but for its lowest bit
  logic [OutWidth-1:0] rail;

  assign negative = acc_i[AccWidth-1];
  // 2^shift / 2, the highest bit shifted out; zero for shift 0, and then nothing is added.
  assign half = (AccWidth'(1) << shift_i) >> 1;
  assign guard = |(acc_i & half);
  assign sticky = |(acc_i & (~({AccWidth{1'b1}} << shift_i) >> 1));  // the bits below that one
  assign up = guard && (!negative || sticky);
  assign shifted = acc_i >>> shift_i;

  // It fits when the bits above the result all equal its sign, a carry from below included.
  assign low = shifted[OutWidth-2:0];
  assign head = shifted[AccWidth-1:OutWidth-1];
  assign carry = up && (low == '1);
  // By bit: a part or a constant of a refused width is an error in itself, or takes long.
  always_comb begin
    above    = head;
    above[0] = 1'b1;
  end
  assign sat_o = (head != '1) && (carry ? head[0] || (above != '1) : head != '0);

  assign rail  = {negative, {(OutWidth - 1) {!negative}}};
  // The cast drops bits that equal the sign, unless sat_o.
  assign out_o = relu_i && negative ? '0 : sat_o ? rail : OutWidth'(shifted) + OutWidth'(up);

endmodule
