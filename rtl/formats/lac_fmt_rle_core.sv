// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_rle_core: steps of the run-length format, between lac_fmt_bits and lac_fmt_out.
//
// Purpose: the run-length decoder without its ends, so that the codebook decoder can use it too.
//
//   window --> value, run --> lac_fmt_runs: row, column --> | register | --> lane
//
// body_i may be held low as long as something else is read in front of the entries. A step needs
// ready_i (of lac_fmt_out, combinational). tail_err_i: verdict of lac_fmt_bits.
// Latency: 2 cycles from a step to its lane. Throughput: an entry per step, placeholders too.
// The window has two words if an entry is wider than one.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   RunWidth    1..16
// Model: models/formats/rle.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_rle_core
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int ValueWidth = 8,
  parameter int TileRows = 8,
  parameter int TileCols = 16,
  parameter int RunWidth = 4,
  localparam int EntryWidth = ValueWidth + RunWidth,
  localparam int WindowWidth = EntryWidth > WordWidth ? 2 * WordWidth : WordWidth,
  localparam int LevelWidth = $clog2(WindowWidth + 1),
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  // window
  input  logic                   head_valid_i,
  input  logic [   PosWidth-1:0] head_count_i,
  input  logic                   head_bad_i,
  input  logic                   body_i,
  input  logic [WindowWidth-1:0] bits_i,
  input  logic [ LevelWidth-1:0] level_i,
  input  logic                   last_i,
  input  logic [   ErrWidth-1:0] tail_err_i,
  output logic                   step_o,
  output logic [ LevelWidth-1:0] take_o,
  output logic                   stop_o,
  // lane
  input  logic                   ready_i,
  output logic                   beat_valid_o,
  output logic                   beat_keep_o,
  output logic [ ValueWidth-1:0] beat_value_o,
  output logic [   RowWidth-1:0] beat_row_o,
  output logic [   ColWidth-1:0] beat_col_o,
  output logic                   end_valid_o,
  output logic [   ErrWidth-1:0] end_err_o,
  output logic [   PosWidth-1:0] end_pos_o
);

  `LAC_PARAM_RULE(lac_fmt_rle_core, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_rle_core, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_rle_core, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_rle_core, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_rle_core, RunWidth, 1, 16)

  logic [PosWidth-1:0] count, index_q;
  logic [ValueWidth-1:0] value;
  logic [  RunWidth-1:0] run;
  logic [  RowWidth-1:0] row;
  logic [  ColWidth-1:0] col;
  logic [ErrWidth-1:0] run_fault, fault, end_err;
  logic [PosWidth-1:0] end_pos;
  logic ready, start, go, done, there, end_valid, unused_bits;

  assign {run, value} = bits_i[EntryWidth-1:0];
  assign unused_bits = ^bits_i;
  assign done = index_q == count;
  assign there = level_i >= LevelWidth'(EntryWidth);
  assign fault = there ? run_fault : ErrNone;

  lac_fmt_runs #(
    .ValueWidth(ValueWidth),
    .RunWidth  (RunWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols)
  ) u_runs (
    .clk_i,
    .start_i(start),
    .go_i   (go),
    .value_i(value),
    .run_i  (run),
    .final_i(index_q + PosWidth'(1) == count),
    .fault_o(run_fault),
    .row_o  (row),
    .col_o  (col)
  );

  lac_fmt_step #(
    .TakeWidth(LevelWidth)
  ) u_step (
    .clk_i,
    .head_valid_i,
    .head_count_i,
    .head_bad_i,
    .body_i,
    .last_i,
    .tail_err_i,
    .step_o,
    .take_o,
    .stop_o,
    .count_ok_i (head_count_i <= PosWidth'(TileRows * TileCols)),
    .done_i     (done),
    .fault_i    (fault),
    .fault_pos_i(index_q),
    .there_i    (there),
    .take_i     (LevelWidth'(EntryWidth)),
    .short_pos_i(index_q),
    .start_o    (start),
    .go_o       (go),
    .count_o    (count),
    .ready_i    (ready),
    .end_valid_o(end_valid),
    .end_err_o  (end_err),
    .end_pos_o  (end_pos)
  );

  always_ff @(posedge clk_i) begin
    if (start) index_q <= '0;
    else if (go) index_q <= index_q + PosWidth'(1);
  end

  lac_fmt_lanes #(
    .NumSlots (1),
    .NumLanes (1),
    .DataWidth(ValueWidth),
    .BaseWidth(RowWidth + ColWidth)
  ) u_lanes (
    .clk_i,
    .rst_ni,
    .ready_o     (ready),
    .beat_valid_i(go && value != '0),
    .keep_i      (1'b1),
    .data_i      (value),
    .base_i      ({row, col}),
    .end_valid_i (end_valid),
    .end_err_i   (end_err),
    .end_pos_i   (end_pos),
    .ready_i,
    .beat_valid_o,
    .keep_o      (beat_keep_o),
    .data_o      (beat_value_o),
    .slot_o      (),
    .base_o      ({beat_row_o, beat_col_o}),
    .end_valid_o,
    .end_err_o,
    .end_pos_o
  );

  `LAC_COVER(cover_placeholder, go && value == '0)
  `LAC_ASSERT(index_range, !go || index_q < count, "an entry past the count")

endmodule
