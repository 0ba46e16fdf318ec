// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_codebook_dec: decoder of shared weights: a table of values per region of the tile, then
// codes in another format.
//
// Example, 2x4 tile, one region, codes of 2 bits, Inner 0: table 0 5 6 7, codes 0 1 0 3 / 2 0 0 0
//   -> 5 at (0,1); 7 at (0,3) eol; 6 at (1,0) eol, last.
//
//   in --> lac_fmt_bits --+--> table entries: check ----------------------------+ write
//                         |                                                     v
//                         +--> lac_fmt_inner --> lac_fmt_out --> lac_fmt_codebook --> out
//
// The table of a tile is written when the last beat of the tile before has passed the look-up.
// Streams: in_* and out_* as in README.md of this folder; in_ready_o from registers.
// Latency: the last beat is at the output 5 cycles after the last step. Throughput: one entry of the
//   table per cycle, then that of the inner format.
// Inner: 0 dense, 1 bitmap, 2 run length; RunWidth is for run length alone.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..16, 1, 4 or 16, with Inner 2 only 1
//   CodeWidth   1..12
//   RegionsRow  1..16, a divisor of TileRows
//   RegionsCol  1..16, a divisor of TileCols
//   Inner       0..2
//   RunWidth    1..16
// Errors: those of the inner format, and ErrCode (an entry 0 that is not 0, or another that is).
// Model: models/formats/codebook.py. Source: Zhou et al., "Cambricon-S", MICRO 2018; Han et al.,
//   "Deep Compression", ICLR 2016.

`include "lac_assert.svh"

module lac_fmt_codebook_dec
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth = 64,
  parameter int ValueWidth = 8,
  parameter int TileRows = 8,
  parameter int TileCols = 16,
  parameter int NumLanes = 4,
  parameter int CodeWidth = 4,
  parameter int RegionsRow = 2,
  parameter int RegionsCol = 2,
  parameter int Inner = 1,
  parameter int RunWidth = 4,
  localparam int RowWidth = `LAC_INDEX_BITS(TileRows),
  localparam int ColWidth = `LAC_INDEX_BITS(TileCols)
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

  `LAC_PARAM_RULE(lac_fmt_codebook_dec, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_codebook_dec, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_codebook_dec, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_codebook_dec, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_codebook_dec, NumLanes, 1, 16,
                  NumLanes == 1 || (Inner != 2 && (NumLanes == 4 || NumLanes == 16)),
                  "1, 4 or 16, with Inner 2 only 1")
  `LAC_PARAM(lac_fmt_codebook_dec, CodeWidth, 1, 12)
  `LAC_PARAM_RULE(lac_fmt_codebook_dec, RegionsRow, 1, 16, TileRows % RegionsRow == 0,
                  "a divisor of TileRows")
  `LAC_PARAM_RULE(lac_fmt_codebook_dec, RegionsCol, 1, 16, TileCols % RegionsCol == 0,
                  "a divisor of TileCols")
  `LAC_PARAM(lac_fmt_codebook_dec, Inner, 0, 2)
  `LAC_PARAM(lac_fmt_codebook_dec, RunWidth, 1, 16)

  localparam int TableSize = (RegionsRow * RegionsCol) << CodeWidth;
  localparam int AddrWidth = $clog2(TableSize);
  localparam int WindowWords = inner_words(Inner, CodeWidth + RunWidth, WordWidth);
  localparam int WindowWidth = WindowWords * WordWidth;
  localparam int LevelWidth = $clog2(WindowWidth + 1);

  logic head_valid, head_bad, body, last, step, stop;
  logic [PosWidth-1:0] head_count;
  logic [WindowWidth-1:0] bits;
  logic [LevelWidth-1:0] level, take;
  logic [ErrWidth-1:0] tail_err;

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
    .head_count_o(head_count),
    .head_bad_o  (head_bad),
    .body_o      (body),
    .bits_o      (bits),
    .level_o     (level),
    .last_o      (last),
    .tail_err_o  (tail_err),
    .step_i      (step),
    .take_i      (take),
    .stop_i      (stop)
  );

  // Inner format.
  logic ready, beat_valid, end_valid, core_step, core_stop, core_end_valid;
  logic load_q;  // the table is being read
  logic [LevelWidth-1:0] core_take;
  logic [NumLanes-1:0] beat_keep;
  logic [NumLanes*CodeWidth-1:0] beat_code;
  logic [NumLanes*RowWidth-1:0] beat_row;
  logic [NumLanes*ColWidth-1:0] beat_col;
  logic [ErrWidth-1:0] core_end_err, end_err;
  logic [PosWidth-1:0] core_end_pos, end_pos;

  lac_fmt_inner #(
    .WordWidth (WordWidth),
    .ValueWidth(CodeWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .NumLanes  (NumLanes),
    .Inner     (Inner),
    .RunWidth  (RunWidth)
  ) u_inner (
    .clk_i,
    .rst_ni,
    .head_valid_i(head_valid),
    .head_count_i(head_count),
    .head_bad_i  (head_bad),
    .body_i      (body && !load_q),
    .bits_i      (bits),
    .level_i     (level),
    .last_i      (last),
    .tail_err_i  (tail_err),
    .step_o      (core_step),
    .take_o      (core_take),
    .stop_o      (core_stop),
    .ready_i     (ready),
    .beat_valid_o(beat_valid),
    .beat_keep_o (beat_keep),
    .beat_value_o(beat_code),
    .beat_row_o  (beat_row),
    .beat_col_o  (beat_col),
    .end_valid_o (core_end_valid),
    .end_err_o   (core_end_err),
    .end_pos_o   (core_end_pos)
  );

  // Table.
  logic start, entry_there, entry_zero, entry_bad, load_may, load_step, load_stop, last_entry;
  logic [1:0] ends_q;  // tiles that have ended, but whose last beat has not passed the look-up
  logic ends_in, ends_out;
  logic code_valid, code_ready, code_last;
  logic [AddrWidth-1:0] addr_q;
  logic [CodeWidth-1:0] code;

  assign start = core_step && head_valid && !core_stop;
  assign code = addr_q[CodeWidth-1:0];
  assign last_entry = addr_q == AddrWidth'(TableSize - 1);
  assign entry_there = level >= LevelWidth'(ValueWidth);
  assign entry_zero = bits[ValueWidth-1:0] == '0;
  assign entry_bad = entry_there && entry_zero != (code == '0);
  assign ends_in = step && stop;
  assign ends_out = code_valid && code_ready && code_last;
  // Nothing of another tile is left then: lac_fmt_out is ready, and an error can end the tile.
  assign load_may = load_q && (ends_q == 2'd0 || (ends_q == 2'd1 && ends_out));
  assign load_step = load_may && (entry_there || last);
  assign load_stop = !entry_there || entry_bad;

  assign step = load_q ? load_step : core_step;
  assign stop = load_q ? load_stop : core_stop;
  assign take = !load_q ? core_take : load_may && entry_there ? LevelWidth'(ValueWidth) : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_q <= 1'b0;
      ends_q <= 2'd0;
    end else begin
      if (start) load_q <= 1'b1;
      else if (load_step && (load_stop || last_entry)) load_q <= 1'b0;
      ends_q <= ends_q + 2'(ends_in) - 2'(ends_out);  // at most three: two in the core, one behind
    end
  end

  always_ff @(posedge clk_i) begin
    if (start) addr_q <= '0;
    else if (load_step) addr_q <= addr_q + AddrWidth'(1);
  end

  assign end_valid = core_end_valid || (load_step && load_stop);
  assign end_err = core_end_valid ? core_end_err : entry_there ? ErrCode : ErrShort;
  assign end_pos = core_end_valid ? core_end_pos
                 : entry_there ? PosWidth'(addr_q >> CodeWidth) : '0;

  // Beats of codes, then of values.
  logic [NumLanes-1:0] code_keep, code_eol;
  logic [NumLanes*CodeWidth-1:0] code_code;
  logic [NumLanes*RowWidth-1:0] code_row;
  logic [NumLanes*ColWidth-1:0] code_col;
  logic [ErrWidth-1:0] code_err;
  logic [PosWidth-1:0] code_pos;

  lac_fmt_out #(
    .NumLanes  (NumLanes),
    .ValueWidth(CodeWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .LineWidth (RowWidth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .ready_o     (ready),
    .beat_valid_i(beat_valid),
    .beat_keep_i (beat_keep),
    .beat_value_i(beat_code),
    .beat_row_i  (beat_row),
    .beat_col_i  (beat_col),
    .beat_line_i (beat_row),
    .end_valid_i (end_valid),
    .end_err_i   (end_err),
    .end_pos_i   (end_pos),
    .out_valid_o (code_valid),
    .out_ready_i (code_ready),
    .out_keep_o  (code_keep),
    .out_value_o (code_code),
    .out_row_o   (code_row),
    .out_col_o   (code_col),
    .out_eol_o   (code_eol),
    .out_last_o  (code_last),
    .out_err_o   (code_err),
    .out_pos_o   (code_pos)
  );

  lac_fmt_codebook #(
    .CodeWidth (CodeWidth),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .NumLanes  (NumLanes),
    .RegionsRow(RegionsRow),
    .RegionsCol(RegionsCol)
  ) u_book (
    .clk_i,
    .rst_ni,
    .wr_en_i   (load_step),
    .wr_addr_i (addr_q),
    .wr_data_i (bits[ValueWidth-1:0]),
    .in_valid_i(code_valid),
    .in_ready_o(code_ready),
    .in_keep_i (code_keep),
    .in_code_i (code_code),
    .in_row_i  (code_row),
    .in_col_i  (code_col),
    .in_eol_i  (code_eol),
    .in_last_i (code_last),
    .in_err_i  (code_err),
    .in_pos_i  (code_pos),
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

  `LAC_COVER(cover_table_waits, load_q && ends_q != 2'd0 && !load_may)
  `LAC_ASSERT(ends_range, !(ends_in && !ends_out && ends_q == '1),
              "more tiles end than are counted")
  `LAC_ASSERT(ends_known, !ends_out || ends_q != 2'd0, "a tile leaves that has not ended")
  `LAC_ASSERT(load_ready, !load_may || ready, "a table is read while the output stage is full")
  `LAC_ASSERT(core_waits, !load_q || !core_step || core_stop, "a step while the table is read")
  `LAC_ASSERT(table_alone, !(load_step && beat_valid), "a code comes while the table is written")
  `LAC_ASSERT(table_range, !load_step || 32'(addr_q) < 32'(TableSize), "an entry past the table")

endmodule
