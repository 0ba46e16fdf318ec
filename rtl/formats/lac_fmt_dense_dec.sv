// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_dense_dec: decoder of the dense format: drops zeros, numbers the others.
//
// Example, 2 x 3 tile, 4 lanes, values 0 5 0 / 0 0 6 -> one beat: 5 at (0,1) eol, 6 at (1,2) eol,
//   last.
//
//   in --> lac_fmt_bits --> lac_fmt_dense_core --> lac_fmt_out --> out   (lac_fmt_plain)
//
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 4 cycles after the last step. Throughput: a step takes up
//   to WordWidth/ValueWidth values, up to and including the NumLanes-th that is not 0.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16
// Errors: ErrHeader, ErrShort, ErrLong, ErrPadding.
// Model: models/formats/dense.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_dense_dec
  import lac_fmt_pkg::*;
#(
  parameter  int WordWidth  = 64,
  parameter  int ValueWidth = 8,
  parameter  int TileRows   = 16,
  parameter  int TileCols   = 16,
  parameter  int NumLanes   = 4,
  localparam int RowWidth   = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth   = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           in_valid_i,
  output logic                           in_ready_o,
  input  logic [          WordWidth-1:0] in_data_i,
  input  logic                           in_last_i,
  output logic                           out_valid_o,
  input  logic                           out_ready_i,
  output logic [           NumLanes-1:0] out_keep_o,
  output logic [NumLanes*ValueWidth-1:0] out_value_o,
  output logic [  NumLanes*RowWidth-1:0] out_row_o,
  output logic [  NumLanes*ColWidth-1:0] out_col_o,
  output logic [           NumLanes-1:0] out_eol_o,
  output logic                           out_last_o,
  output logic [           ErrWidth-1:0] out_err_o,
  output logic [           PosWidth-1:0] out_pos_o
);

  `LAC_PARAM_RULE(lac_fmt_dense_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_dense_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_dense_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_dense_dec, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_dense_dec, NumLanes, 1, 16,
                  NumLanes == 1 || NumLanes == 4 || NumLanes == 16, "1, 4 or 16")

  lac_fmt_plain #(
    .WordWidth (WordWidth),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .NumLanes  (NumLanes),
    .Inner     (InnerDense)
  ) u_plain (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_last_i,
    .out_valid_o,
    .out_ready_i,
    .out_keep_o,
    .out_value_o,
    .out_row_o,
    .out_col_o,
    .out_eol_o,
    .out_last_o,
    .out_err_o,
    .out_pos_o
  );

endmodule
