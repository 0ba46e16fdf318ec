// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_inner: steps of the dense, bitmap or run-length format, by number.
//
// Purpose: one of three cores, with the ports that they have in common, for decoders that leave open
//   which it is: lac_fmt_plain and the codebook decoder.
// Inner: 0 dense, 1 bitmap, 2 run length (lac_fmt_pkg); RunWidth is for run length alone.
// Streams, latency, throughput: those of lac_fmt_dense_core, _bitmap_core, _rle_core.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16, with Inner 2 only 1
//   Inner       0..2
//   RunWidth    1..16
// Model: models/formats. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_inner
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int ValueWidth = 8,
  parameter int TileRows = 8,
  parameter int TileCols = 16,
  parameter int NumLanes = 1,
  parameter int Inner = 0,
  parameter int RunWidth = 4,
  localparam int WindowWidth = inner_words(Inner, ValueWidth + RunWidth, WordWidth) * WordWidth,
  localparam int LevelWidth = $clog2(WindowWidth + 1),
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  // window
  input  logic                           head_valid_i,
  input  logic [           PosWidth-1:0] head_count_i,
  input  logic                           head_bad_i,
  input  logic                           body_i,
  input  logic [        WindowWidth-1:0] bits_i,
  input  logic [         LevelWidth-1:0] level_i,
  input  logic                           last_i,
  input  logic [           ErrWidth-1:0] tail_err_i,
  output logic                           step_o,
  output logic [         LevelWidth-1:0] take_o,
  output logic                           stop_o,
  // lanes
  input  logic                           ready_i,
  output logic                           beat_valid_o,
  output logic [           NumLanes-1:0] beat_keep_o,
  output logic [NumLanes*ValueWidth-1:0] beat_value_o,
  output logic [  NumLanes*RowWidth-1:0] beat_row_o,
  output logic [  NumLanes*ColWidth-1:0] beat_col_o,
  output logic                           end_valid_o,
  output logic [           ErrWidth-1:0] end_err_o,
  output logic [           PosWidth-1:0] end_pos_o
);

  `LAC_PARAM_RULE(lac_fmt_inner, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_inner, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_inner, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_inner, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_inner, NumLanes, 1, 16,
                  NumLanes == 1 || (Inner != 2 && (NumLanes == 4 || NumLanes == 16)),
                  "1, 4 or 16, with Inner 2 only 1")
  `LAC_PARAM(lac_fmt_inner, Inner, 0, 2)
  `LAC_PARAM(lac_fmt_inner, RunWidth, 1, 16)

  if (Inner == InnerDense) begin : gen_dense
    lac_fmt_dense_core #(
      .WordWidth (WordWidth),
      .ValueWidth(ValueWidth),
      .TileRows  (TileRows),
      .TileCols  (TileCols),
      .NumLanes  (NumLanes)
    ) u_core (
      .clk_i,
      .rst_ni,
      .head_valid_i,
      .head_count_i,
      .head_bad_i,
      .body_i,
      .bits_i,
      .level_i,
      .last_i,
      .tail_err_i,
      .step_o,
      .take_o,
      .stop_o,
      .ready_i,
      .beat_valid_o,
      .beat_keep_o,
      .beat_value_o,
      .beat_row_o,
      .beat_col_o,
      .end_valid_o,
      .end_err_o,
      .end_pos_o
    );
  end else if (Inner == InnerBitmap) begin : gen_bitmap
    lac_fmt_bitmap_core #(
      .WordWidth (WordWidth),
      .ValueWidth(ValueWidth),
      .TileRows  (TileRows),
      .TileCols  (TileCols),
      .NumLanes  (NumLanes)
    ) u_core (
      .clk_i,
      .rst_ni,
      .head_valid_i,
      .head_count_i,
      .head_bad_i,
      .body_i,
      .bits_i,
      .level_i,
      .last_i,
      .tail_err_i,
      .step_o,
      .take_o,
      .stop_o,
      .ready_i,
      .beat_valid_o,
      .beat_keep_o,
      .beat_value_o,
      .beat_row_o,
      .beat_col_o,
      .end_valid_o,
      .end_err_o,
      .end_pos_o
    );
  end else begin : gen_rle
    lac_fmt_rle_core #(
      .WordWidth (WordWidth),
      .ValueWidth(ValueWidth),
      .TileRows  (TileRows),
      .TileCols  (TileCols),
      .RunWidth  (RunWidth)
    ) u_core (
      .clk_i,
      .rst_ni,
      .head_valid_i,
      .head_count_i,
      .head_bad_i,
      .body_i,
      .bits_i,
      .level_i,
      .last_i,
      .tail_err_i,
      .step_o,
      .take_o,
      .stop_o,
      .ready_i,
      .beat_valid_o,
      .beat_keep_o,
      .beat_value_o,
      .beat_row_o,
      .beat_col_o,
      .end_valid_o,
      .end_err_o,
      .end_pos_o
    );
  end

  `LAC_ASSERT(one_out, !(beat_valid_o && end_valid_o), "a beat and the end come out together")
  `LAC_ASSERT(
      out_from_0,
      !beat_valid_o || (beat_keep_o[0] && (beat_keep_o & (beat_keep_o + NumLanes'(1))) == '0),
      "lanes with holes come out, or none")
  for (genvar l = 0; l < NumLanes; l++) begin : gen_value
    `LAC_ASSERT(lane_not_zero,
                !(beat_valid_o && beat_keep_o[l]) || beat_value_o[l*ValueWidth+:ValueWidth] != '0,
                "a lane of a zero")
  end

endmodule
