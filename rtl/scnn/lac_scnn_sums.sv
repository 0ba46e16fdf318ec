// SPDX-License-Identifier: Apache-2.0
//
// Sum of a number per PE over the grid: of each row, a register, then of all, a register.
//
//   in_i -> | sums of rows | -> | sum |
//
// Example, 2 x 1 PEs, Width 3: 5 and 7 in one cycle -> sum_o 12 two cycles later.
// The sum has 16 bits, which is what an event of the socket has.
// Latency 2 cycles. Throughput 1 sum per cycle.
// Parameters:
//   PeX    1..16
//   PeY    1..16
//   Width  1..10
// Model: a sum in the bench.

`include "lac_assert.svh"

module lac_scnn_sums #(
  parameter  int PeX      = 8,
  parameter  int PeY      = 8,
  parameter  int Width    = 5,
  localparam int SumWidth = 16
) (
  input  logic                     clk_i,
  input  logic [PeX*PeY*Width-1:0] in_i,
  output logic [     SumWidth-1:0] sum_o
);

  `LAC_PARAM(lac_scnn_sums, PeX, 1, 16)
  `LAC_PARAM(lac_scnn_sums, PeY, 1, 16)
  `LAC_PARAM(lac_scnn_sums, Width, 1, 10)

  localparam int PartWidth = Width + 4;  // of a row of up to 16

  logic [PeY*PartWidth-1:0] rows_q;
  logic [     SumWidth-1:0] sum;

  for (genvar y = 0; y < PeY; y++) begin : gen_row
    logic [PartWidth-1:0] part;
    always_comb begin
      part = '0;
      for (int x = 0; x < PeX; x++) part = part + PartWidth'(in_i[(y*PeX+x)*Width+:Width]);
    end
    always_ff @(posedge clk_i) rows_q[y*PartWidth+:PartWidth] <= part;
  end

  always_comb begin
    sum = '0;
    for (int y = 0; y < PeY; y++) sum = sum + SumWidth'(rows_q[y*PartWidth+:PartWidth]);
  end
  always_ff @(posedge clk_i) sum_o <= sum;

endmodule
