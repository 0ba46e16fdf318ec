// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_shell: what surrounds the entries of a decoder of one entry per step.
//
// Purpose: window, judgement of header and end, output stage; the decoder adds what its entries
//   are.
//
//   in --> lac_fmt_bits --> bits, level --> decoder --> value, row, column, line --> lac_fmt_out
//                 ^                           | done, fault, there                       ^
//                 +------ lac_fmt_step <------+             lac_fmt_step: end -----------+
//
// The decoder says, from registers and the window alone: count_ok_i (head_count_o is possible in
//   the tile), done_i (no entries left), fault_i with fault_pos_i, there_i (the take_i bits of the
//   next step have come), short_pos_i (for ErrShort), and the non-zero of this step. It moves on
//   with start_o (header) and go_o (a step): see lac_fmt_step.
// Streams: in_* and out_* as in README.md of this folder.
// Latency: the last beat is at the output 3 cycles after the last step. Throughput: a step per cycle.
// Entries of at most two words; LineWidth is that of what an eol is told by.
// Parameters:
//   WordWidth    32..256, 32, 64, 128 or 256
//   WindowWords  1..2
//   ValueWidth   1..32
//   TileRows     1..4096
//   TileCols     1..4096
//   LineWidth    1..32
// Model: models/formats/base.py. Source: README.md of this folder.

`include "lac_assert.svh"

module lac_fmt_shell
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int WindowWords = 1,
  parameter int ValueWidth = 8,
  parameter int TileRows = 8,
  parameter int TileCols = 16,
  parameter int LineWidth = 3,
  localparam int WindowWidth = WindowWords * WordWidth,
  localparam int LevelWidth = $clog2(WindowWidth + 1),
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   in_valid_i,
  output logic                   in_ready_o,
  input  logic [  WordWidth-1:0] in_data_i,
  input  logic                   in_last_i,
  output logic                   out_valid_o,
  input  logic                   out_ready_i,
  output logic                   out_keep_o,
  output logic [ ValueWidth-1:0] out_value_o,
  output logic [   RowWidth-1:0] out_row_o,
  output logic [   ColWidth-1:0] out_col_o,
  output logic                   out_eol_o,
  output logic                   out_last_o,
  output logic [   ErrWidth-1:0] out_err_o,
  output logic [   PosWidth-1:0] out_pos_o,
  // header
  output logic [   PosWidth-1:0] head_count_o,
  input  logic                   count_ok_i,
  output logic                   start_o,
  output logic [   PosWidth-1:0] count_o,
  // window
  output logic [WindowWidth-1:0] bits_o,
  output logic [ LevelWidth-1:0] level_o,
  // step
  input  logic                   done_i,
  input  logic [   ErrWidth-1:0] fault_i,
  input  logic [   PosWidth-1:0] fault_pos_i,
  input  logic                   there_i,
  input  logic [   PosWidth-1:0] short_pos_i,
  input  logic [ LevelWidth-1:0] take_i,
  output logic                   go_o,
  // non-zero of the step
  input  logic                   beat_i,
  input  logic [ ValueWidth-1:0] value_i,
  input  logic [   RowWidth-1:0] row_i,
  input  logic [   ColWidth-1:0] col_i,
  input  logic [  LineWidth-1:0] line_i
);

  `LAC_PARAM_RULE(lac_fmt_shell, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_shell, WindowWords, 1, 2)
  `LAC_PARAM(lac_fmt_shell, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_shell, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_shell, TileCols, 1, 4096)
  `LAC_PARAM(lac_fmt_shell, LineWidth, 1, 32)

  logic head_valid, head_bad, body, last, step, stop, ready, end_valid;
  logic [LevelWidth-1:0] take;
  logic [ErrWidth-1:0] tail_err, end_err;
  logic [PosWidth-1:0] end_pos;

  lac_fmt_bits #(
    .WordWidth  (WordWidth),
    .WindowWords(WindowWords)
  ) u_bits (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .in_last_i,
    .head_valid_o(head_valid),
    .head_count_o,
    .head_bad_o  (head_bad),
    .body_o      (body),
    .bits_o,
    .level_o,
    .last_o      (last),
    .tail_err_o  (tail_err),
    .step_i      (step),
    .take_i      (take),
    .stop_i      (stop)
  );

  lac_fmt_step #(
    .TakeWidth(LevelWidth)
  ) u_step (
    .clk_i,
    .head_valid_i(head_valid),
    .head_count_i(head_count_o),
    .head_bad_i  (head_bad),
    .body_i      (body),
    .last_i      (last),
    .tail_err_i  (tail_err),
    .step_o      (step),
    .take_o      (take),
    .stop_o      (stop),
    .count_ok_i,
    .done_i,
    .fault_i,
    .fault_pos_i,
    .there_i,
    .take_i,
    .short_pos_i,
    .start_o,
    .go_o,
    .count_o,
    .ready_i     (ready),
    .end_valid_o (end_valid),
    .end_err_o   (end_err),
    .end_pos_o   (end_pos)
  );

  // The step register.
  logic out_ready, en, beat_last, end_last;
  logic [ErrWidth-1:0] err_last;
  logic [PosWidth-1:0] pos_last;
  lac_fmt_stages #(
    .Stages(1)
  ) u_stages (
    .clk_i,
    .rst_ni,
    .ready_o(ready),
    .beat_valid_i(go_o && beat_i),
    .end_valid_i(end_valid),
    .end_err_i(end_err),
    .end_pos_i(end_pos),
    .ready_i(out_ready),
    .beat_valid_o(beat_last),
    .end_valid_o(end_last),
    .end_err_o(err_last),
    .end_pos_o(pos_last),
    .en_o(en)
  );
  logic [ValueWidth-1:0] value_q;
  logic [  RowWidth-1:0] row_q;
  logic [  ColWidth-1:0] col_q;
  logic [ LineWidth-1:0] line_q;
  always_ff @(posedge clk_i) begin
    if (en) begin
      value_q <= value_i;
      row_q   <= row_i;
      col_q   <= col_i;
      line_q  <= line_i;
    end
  end

  lac_fmt_out #(
    .NumLanes  (1),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .LineWidth (LineWidth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .ready_o     (out_ready),
    .beat_valid_i(beat_last),
    .beat_keep_i (1'b1),
    .beat_value_i(value_q),
    .beat_row_i  (row_q),
    .beat_col_i  (col_q),
    .beat_line_i (line_q),
    .end_valid_i (end_last),
    .end_err_i   (err_last),
    .end_pos_i   (pos_last),
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

  `LAC_ASSERT(beat_not_zero, !(go_o && beat_i) || value_i != '0, "a beat of a zero")
  `LAC_ASSERT(beat_in_tile,
              !(go_o && beat_i) || (32'(row_i) < 32'(TileRows) && 32'(col_i) < 32'(TileCols)),
              "an entry outside the tile")

endmodule
