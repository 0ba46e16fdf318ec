// SPDX-License-Identifier: Apache-2.0
//
// Decompression unit: words of its bank to the weights of its rows of the array, tile by tile.
//
//   bank --> reader --> decoder of rtl/formats --> lac_sod_rows --> row_o, col_o, wgt_o
//
// A part (what the unit sees of a tile) ends with the word that has the mark. start_i: read the
// first word at base_i. clear_i: zeros into all rows, and the part's first word may be taken from
// this cycle on; until then it waits at the output of the bank, which is read ahead by one word.
// more_i: behind the part at work there is another one (nothing is read ahead behind the last).
// A bank that ends within a part ends it: ErrShort, if the decoder does not find another fault.
// done_o: pulse with the last write of a part; err_o: its error instead, ErrNone if there is none.
//
// The decoder has no clear of its own: dec_rst_ni is its reset, from registers.
// Latency: clear_i to the last write steps + 3 cycles (CSC) or + 4 (README.md beside this file).
// Throughput: a word per cycle, a beat per cycle. Parameters: README.md; NumRows = Rows / NumUnits.
// Parameters:
//   NumRows    1..32
//   Cols       4..32, 4, 8, 16 or 32
//   WgtWidth   8..16, 8 or 16
//   WgtFormat  0..2
//   NumLanes   1..16, 1, 4 or 16, with WgtFormat 0 only 1
//   GroupN     1..16, with WgtFormat 2 at most GroupM
//   GroupM     1..16, with WgtFormat 2 a divisor of Cols
//   WgtDepth   1..16777216
// Model: models/formats. Source: Yoon, Ryu, Kim, "Sparse-on-Dense", arXiv 2604.26587.

`include "lac_assert.svh"

module lac_sod_unit
  import lac_fmt_pkg::*;
#(
  parameter  int NumRows   = 4,
  parameter  int Cols      = 16,
  parameter  int WgtWidth  = 16,
  parameter  int WgtFormat = 0,
  parameter  int NumLanes  = 1,
  parameter  int GroupN    = 2,
  parameter  int GroupM    = 4,
  parameter  int WgtDepth  = 8192,
  localparam int WordWidth = 64,
  localparam int AddrWidth = `LAC_INDEX_BITS(WgtDepth)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     dec_rst_ni,
  input  logic                     clr_i,
  // tiles
  input  logic                     start_i,
  input  logic [    AddrWidth-1:0] base_i,
  input  logic                     clear_i,
  input  logic                     more_i,
  output logic                     done_o,
  output logic [     ErrWidth-1:0] err_o,
  // bank: mark and word
  output logic                     rd_en_o,
  output logic [    AddrWidth-1:0] rd_addr_o,
  input  logic [      WordWidth:0] rd_data_i,
  // array
  output logic [      NumRows-1:0] row_o,
  output logic [         Cols-1:0] col_o,
  output logic [Cols*WgtWidth-1:0] wgt_o
);

  `LAC_PARAM(lac_sod_unit, NumRows, 1, 32)
  `LAC_PARAM_RULE(lac_sod_unit, Cols, 4, 32, Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sod_unit, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_sod_unit, WgtFormat, 0, 2)
  `LAC_PARAM_RULE(lac_sod_unit, NumLanes, 1, 16,
                  NumLanes == 1 || (WgtFormat != 0 && (NumLanes == 4 || NumLanes == 16)),
                  "1, 4 or 16, with WgtFormat 0 only 1")
  `LAC_PARAM_RULE(lac_sod_unit, GroupN, 1, 16, WgtFormat != 2 || GroupN <= GroupM,
                  "with WgtFormat 2 at most GroupM")
  `LAC_PARAM_RULE(lac_sod_unit, GroupM, 1, 16, WgtFormat != 2 || Cols % GroupM == 0,
                  "with WgtFormat 2 a divisor of Cols")
  `LAC_PARAM(lac_sod_unit, WgtDepth, 1, 16777216)

  localparam int FmtCsc = 0, FmtBitmap = 1;  // 2: N:M
  localparam int RowWidth = `LAC_INDEX_BITS(NumRows);
  localparam int ColWidth = `LAC_INDEX_BITS(Cols);
  localparam int PtrWidth = $clog2(NumRows * Cols + 1);

  // reader -----------------------------------------------------------------------------------
  logic                 reading_q;  // words are still wanted
  logic                 valid_q;  // the bank's output is a word that was not taken yet
  logic                 end_q;  // and it is the last of the bank
  logic                 in_part_q;  // the first word of the part was taken, its last was not
  logic                 short_q;  // the part ended with the bank
  logic [AddrWidth-1:0] addr_q;
  logic mark, last, in_valid, in_ready, take;

  assign mark      = rd_data_i[WordWidth];
  assign last      = mark | end_q;
  assign in_valid  = valid_q & (clear_i | in_part_q);
  assign take      = in_valid & in_ready;
  assign rd_en_o   = reading_q & (~valid_q | (take & ~(last & ~more_i) & ~end_q));
  assign rd_addr_o = addr_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reading_q <= 1'b0;
      valid_q   <= 1'b0;
      in_part_q <= 1'b0;
    end else if (clr_i) begin
      reading_q <= 1'b0;
      valid_q   <= 1'b0;
      in_part_q <= 1'b0;
    end else begin
      if (start_i) reading_q <= 1'b1;
      else if (take && (end_q || (last && !more_i))) reading_q <= 1'b0;
      if (rd_en_o) valid_q <= 1'b1;
      else if (take) valid_q <= 1'b0;
      if (take) in_part_q <= ~last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) addr_q <= base_i;
    else if (rd_en_o) addr_q <= addr_q + AddrWidth'(1);
    if (rd_en_o) end_q <= addr_q == AddrWidth'(WgtDepth - 1);
    if (clear_i) short_q <= 1'b0;
    else if (take && end_q && !mark) short_q <= 1'b1;
  end

  // decoder ----------------------------------------------------------------------------------
  logic beat, beat_ready, beat_last, unused_pos;
  logic [         NumLanes-1:0] beat_keep;
  logic [NumLanes*WgtWidth-1:0] beat_value;
  logic [NumLanes*RowWidth-1:0] beat_row;
  logic [NumLanes*ColWidth-1:0] beat_col;
  logic [         NumLanes-1:0] beat_eol;
  logic [         ErrWidth-1:0] beat_err;
  logic [         PosWidth-1:0] beat_pos;

  if (WgtFormat == FmtCsc) begin : gen_csc
    lac_fmt_csr_dec #(
      .WordWidth (WordWidth),
      .ValueWidth(WgtWidth),
      .TileRows  (NumRows),
      .TileCols  (Cols),
      .NumLanes  (NumLanes),
      .PtrWidth  (PtrWidth)
    ) u_dec (
      .clk_i      (clk_i),
      .rst_ni     (dec_rst_ni),
      .in_valid_i (in_valid),
      .in_ready_o (in_ready),
      .in_data_i  (rd_data_i[WordWidth-1:0]),
      .in_last_i  (last),
      .out_valid_o(beat),
      .out_ready_i(beat_ready),
      .out_keep_o (beat_keep),
      .out_value_o(beat_value),
      .out_row_o  (beat_row),
      .out_col_o  (beat_col),
      .out_eol_o  (beat_eol),
      .out_last_o (beat_last),
      .out_err_o  (beat_err),
      .out_pos_o  (beat_pos)
    );
  end else if (WgtFormat == FmtBitmap) begin : gen_bitmap
    lac_fmt_bitmap_dec #(
      .WordWidth (WordWidth),
      .ValueWidth(WgtWidth),
      .TileRows  (NumRows),
      .TileCols  (Cols),
      .NumLanes  (NumLanes)
    ) u_dec (
      .clk_i      (clk_i),
      .rst_ni     (dec_rst_ni),
      .in_valid_i (in_valid),
      .in_ready_o (in_ready),
      .in_data_i  (rd_data_i[WordWidth-1:0]),
      .in_last_i  (last),
      .out_valid_o(beat),
      .out_ready_i(beat_ready),
      .out_keep_o (beat_keep),
      .out_value_o(beat_value),
      .out_row_o  (beat_row),
      .out_col_o  (beat_col),
      .out_eol_o  (beat_eol),
      .out_last_o (beat_last),
      .out_err_o  (beat_err),
      .out_pos_o  (beat_pos)
    );
  end else begin : gen_nm
    lac_fmt_nm_dec #(
      .WordWidth(WordWidth),
      .ValueWidth(WgtWidth),
      .TileRows(NumRows),
      .TileCols(Cols),
      .NumLanes(NumLanes),
      .GroupN(GroupN),
      .GroupM(GroupM)
    ) u_dec (
      .clk_i      (clk_i),
      .rst_ni     (dec_rst_ni),
      .in_valid_i (in_valid),
      .in_ready_o (in_ready),
      .in_data_i  (rd_data_i[WordWidth-1:0]),
      .in_last_i  (last),
      .out_valid_o(beat),
      .out_ready_i(beat_ready),
      .out_keep_o (beat_keep),
      .out_value_o(beat_value),
      .out_row_o  (beat_row),
      .out_col_o  (beat_col),
      .out_eol_o  (beat_eol),
      .out_last_o (beat_last),
      .out_err_o  (beat_err),
      .out_pos_o  (beat_pos)
    );
  end

  // Rows are told by the lanes themselves; where in the part a fault is, nobody asks.
  assign unused_pos = ^{beat_pos, beat_eol};

  logic is_end, missing;

  assign is_end  = beat & beat_ready & beat_last;
  assign missing = clear_i & ~valid_q;  // the part would begin behind the end of the bank

  always_comb begin
    err_o = ErrNone;
    if (missing || (is_end && beat_err == ErrNone && short_q)) err_o = ErrShort;
    else if (is_end) err_o = beat_err;
  end
  assign done_o = is_end & (beat_err == ErrNone) & ~short_q;

  lac_sod_rows #(
    .NumRows(NumRows),
    .Cols(Cols),
    .WgtWidth(WgtWidth),
    .NumLanes(NumLanes)
  ) u_rows (
    .clk_i     (clk_i),
    .rst_ni    (dec_rst_ni),
    .clear_i   (clear_i),
    .in_valid_i(beat),
    .in_ready_o(beat_ready),
    .in_keep_i (beat_keep),
    .in_value_i(beat_value),
    .in_row_i  (beat_row),
    .in_col_i  (beat_col),
    .row_o     (row_o),
    .col_o     (col_o),
    .wgt_o     (wgt_o)
  );

  `LAC_ASSERT(clear_between_parts, !clear_i || !in_part_q, "a part begins within another")

  `LAC_STREAM_CLR(beat, beat_ready, {beat_keep, beat_value, beat_row, beat_col, beat_last, beat_err
                  }, clr_i || !dec_rst_ni)
  `LAC_STREAM_CLR(in_valid, in_ready, {last, rd_data_i}, clr_i || !dec_rst_ni)
  `LAC_ASSERT(done_no_err, !(done_o && err_o != ErrNone), "done with an error")
  `LAC_ASSERT(read_range, !rd_en_o || 32'(rd_addr_o) < 32'(WgtDepth), "read past the bank")
  `LAC_ASSERT(read_room, !rd_en_o || !valid_q || take, "read over a word that waits")

endmodule
