// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_runs: where the entries of a run-length stream are in the tile.
//
// Purpose: shared by the run-length and the Huffman decoder: coordinates of an entry and its faults.
// Example, 2x4 tile, RunWidth 2, entries (value, run): 5,1  0,3  7,0
//   -> 5 at (0,1); placeholder, 4 zeros, ends at (1,1); 7 at (1,2); 1 element is left.
//
// Outputs are combinational from registers and the entry. go_i: the entry is used up, move on.
// fault_o: ErrIndex (run past the tile) before ErrPlaceholder (value 0 without the full run, or as
//   last entry). RunWidth 0: every entry is the next element, zero or not, and nothing is a fault.
// Parameters:
//   ValueWidth  1..32
//   RunWidth    0..16
//   TileRows    1..4096
//   TileCols    1..4096
// Model: models/formats/rle.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_runs
  import lac_fmt_pkg::*;
#(
  parameter int ValueWidth = 8,
  parameter int RunWidth = 4,
  parameter int TileRows = 8,
  parameter int TileCols = 16,
  localparam int RunBits = RunWidth > 0 ? RunWidth : 1,
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                  clk_i,
  input  logic                  start_i,
  input  logic                  go_i,
  input  logic [ValueWidth-1:0] value_i,
  input  logic [   RunBits-1:0] run_i,
  input  logic                  final_i,  // the tile's last entry
  output logic [  ErrWidth-1:0] fault_o,
  output logic [  RowWidth-1:0] row_o,
  output logic [  ColWidth-1:0] col_o
);

  `LAC_PARAM(lac_fmt_runs, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_runs, RunWidth, 0, 16)
  `LAC_PARAM(lac_fmt_runs, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_runs, TileCols, 1, 4096)

  localparam int StepWidth = RunBits + 1;

  logic [RowWidth-1:0] row_q, row_next;
  logic [ColWidth-1:0] col_q, col_next;
  logic [StepWidth-1:0] run;

  assign run = StepWidth'(run_i);

  // The entry, and the element behind it; rows wrap behind the tile, where no entry is any more.
  lac_fmt_walk #(
    .Rows   (TileRows),
    .Cols   (TileCols),
    .MaxStep(2 ** RunBits)
  ) u_here (
    .row_i (row_q),
    .col_i (col_q),
    .step_i(run),
    .row_o,
    .col_o
  );

  lac_fmt_walk #(
    .Rows   (TileRows),
    .Cols   (TileCols),
    .MaxStep(2 ** RunBits)
  ) u_next (
    .row_i (row_q),
    .col_i (col_q),
    .step_i(run + StepWidth'(1)),
    .row_o (row_next),
    .col_o (col_next)
  );

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      row_q <= '0;
      col_q <= '0;
    end else if (go_i) begin
      row_q <= row_next;
      col_q <= col_next;
    end
  end

  if (RunWidth > 0) begin : gen_faults
    localparam int Elements = TileRows * TileCols;
    localparam int FlatWidth = $clog2(Elements + 2 ** RunWidth + 1);
    logic [FlatWidth-1:0] flat_q, flat;

    assign flat = flat_q + FlatWidth'(run_i);

    always_ff @(posedge clk_i) begin
      if (start_i) flat_q <= '0;
      else if (go_i) flat_q <= flat + FlatWidth'(1);
    end

    assign fault_o = flat >= FlatWidth'(Elements) ? ErrIndex
                   : value_i == '0 && (!(&run_i) || final_i) ? ErrPlaceholder : ErrNone;
  end else begin : gen_none
    logic unused;
    assign unused  = ^{value_i, final_i};
    assign fault_o = ErrNone;
  end

endmodule
