// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_walk: coordinates a number of elements further in row-major order.
//
// Purpose: row and column of an element from those of an earlier one and their distance, without
//   a flat index and its division.
// Example, Cols 10: row 2, col 7, step 5 -> row 3, col 2.
//
// Combinational. Rows past the tile wrap at 2^RowWidth.
// step_i is at most MaxStep. With MaxStep <= Cols one comparison is enough; with Cols a power of
// two the division is a matter of wires.
// Parameters:
//   Rows     1..4096
//   Cols     1..4096
//   MaxStep  1..65536
// Model: divmod. Source: common practice.

`include "lac_assert.svh"

module lac_fmt_walk #(
  parameter int Rows = 16,
  parameter int Cols = 16,
  parameter int MaxStep = 8,
  localparam int RowWidth = `LAC_INDEX_BITS(Rows),
  localparam int ColWidth = `LAC_INDEX_BITS(Cols),
  localparam int StepWidth = $clog2(MaxStep + 1)
) (
  input  logic [ RowWidth-1:0] row_i,
  input  logic [ ColWidth-1:0] col_i,
  input  logic [StepWidth-1:0] step_i,
  output logic [ RowWidth-1:0] row_o,
  output logic [ ColWidth-1:0] col_o
);

  `LAC_PARAM(lac_fmt_walk, Rows, 1, 4096)
  `LAC_PARAM(lac_fmt_walk, Cols, 1, 4096)
  `LAC_PARAM(lac_fmt_walk, MaxStep, 1, 65536)

  localparam int SumWidth = $clog2(Cols + MaxStep + 1);

  logic [SumWidth-1:0] sum;
  assign sum = SumWidth'(col_i) + SumWidth'(step_i);

  if (MaxStep <= Cols) begin : gen_one
    logic wraps;
    assign wraps = sum >= SumWidth'(Cols);
    assign row_o = row_i + RowWidth'(wraps);
    assign col_o = ColWidth'(wraps ? sum - SumWidth'(Cols) : sum);
  end else begin : gen_many
    assign row_o = row_i + RowWidth'(sum / SumWidth'(Cols));  // rows wrap
    assign col_o = ColWidth'(sum % SumWidth'(Cols));
  end

endmodule
