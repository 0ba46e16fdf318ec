// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_requant: lac_requant is its arithmetic definition.
//
// acc / 2^shift, rounded to the nearest integer, halves away from zero; then limited to what OutWidth
// bits hold, then ReLU: with magnitude and division, which the block has neither of.

`include "lac_prove.svh"

module lac_prove_requant #(
  parameter  int AccWidth   = 12,
  parameter  int OutWidth   = 6,
  localparam int ShiftWidth = $clog2(AccWidth),
  localparam int WideWidth  = AccWidth + 2
) (
  input logic                         clk_i,
  input logic                         rst_ni,
  input logic signed [  AccWidth-1:0] acc_i,
  input logic        [ShiftWidth-1:0] shift_i,
  input logic                         relu_i
);

  localparam logic signed [WideWidth-1:0] High = WideWidth'((64'd1 << (OutWidth - 1)) - 64'd1);
  localparam logic signed [WideWidth-1:0] Low = -High - WideWidth'(1);

  logic signed [OutWidth-1:0] out;
  logic sat;
  logic [WideWidth-1:0] magnitude, halved;
  logic signed [WideWidth-1:0] rounded, limited;

  lac_requant #(
    .AccWidth(AccWidth),
    .OutWidth(OutWidth)
  ) u_dut (
    .acc_i,
    .shift_i,
    .relu_i,
    .out_o(out),
    .sat_o(sat)
  );

  assign magnitude = acc_i[AccWidth-1] ? -WideWidth'(acc_i) : WideWidth'(acc_i);
  assign halved = (magnitude + ((WideWidth'(1) << shift_i) >> 1)) >> shift_i;
  assign rounded = acc_i[AccWidth-1] ? -$signed(halved) : $signed(halved);
  assign limited = rounded > High ? High : rounded < Low ? Low : rounded;

  `LAC_PROVE_RESET
  `LAC_ASSUME(int'(shift_i) < AccWidth)
  `LAC_ASSERT(is_definition,
              WideWidth'(out) == (relu_i && limited < WideWidth'(0) ? WideWidth'(0) : limited),
              "another number than the definition's")
  `LAC_ASSERT(sat_when_limited, sat == (rounded != limited), "saturation is not told")
  `LAC_COVER(cover_high, sat && out > OutWidth'(0))
  `LAC_COVER(cover_low, sat && out[OutWidth-1])
  `LAC_COVER(cover_half,
             !sat && shift_i != '0 && acc_i[AccWidth-1] && out != OutWidth'(acc_i >>> shift_i))

endmodule
