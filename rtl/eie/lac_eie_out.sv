// SPDX-License-Identifier: Apache-2.0
//
// Result stream: reads the destination files row by row and packs the results by position.
//
//   row read (all PEs, one cycle) -> word registers -> scan registers -> word multiplexer
//     -> results
//
// The next two rows are read while the current one is streamed. With fewer PEs than lanes in a
// word, rows are collected into a word first. Unused lanes of the last word are zero.
//
// Streams: result, in which valid never waits for ready.
// Throughput: one word per cycle (NumPe < lanes: one row per cycle). Latency: start to first word
// 4 cycles (NumPe < lanes: 3 and the rows of a word).
// Parameters:
//   NumPe      1..256, a power of two
//   DataWidth  64
//   ActWidth   8..16, 8 or 16
//   RowWidth   1..24
// Model: models/eie/compiler.py unpack.

`include "lac_assert.svh"

module lac_eie_out #(
  parameter int NumPe     = 64,
  parameter int DataWidth = 64,
  parameter int ActWidth  = 16,
  parameter int RowWidth  = 10
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clr_i,
  input  logic                      start_i,
  input  logic [              31:0] out_len_i,
  output logic                      row_rd_en_o,
  output logic [      RowWidth-1:0] row_rd_addr_o,
  output logic                      row_word_o,      // the row read last, to the word registers
  output logic                      row_load_o,      // from there to the scan registers
  input  logic [NumPe*ActWidth-1:0] scan_data_i,
  output logic                      result_valid_o,
  input  logic                      result_ready_i,
  output logic [     DataWidth-1:0] result_data_o,
  output logic                      result_last_o
);

  `LAC_PARAM_RULE(lac_eie_out, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_eie_out, DataWidth, 64, 64)
  `LAC_PARAM_RULE(lac_eie_out, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_out, RowWidth, 1, 24)

  localparam int NumLanes = DataWidth / ActWidth;
  localparam int NumActive = NumPe < NumLanes ? NumPe : NumLanes;
  localparam int NumWords = NumPe / NumActive;  // pieces of a row
  localparam int NumPieces = NumLanes / NumActive;  // pieces of a word
  localparam int PieceBits = NumActive * ActWidth;

  logic                active_q;
  logic [        31:0] rows_left_q;  // to read
  logic [RowWidth-1:0] row_q;
  logic read_valid_q, next_valid_q, scan_valid_q, scan_done, piece_take;
  logic [15:0] word_q;  // piece of the row
  logic [31:0] left_q;  // results not yet packed
  logic [ 7:0] slot_q;  // piece of the word being built
  logic word_full, word_last;
  logic [PieceBits-1:0] piece;
  logic [DataWidth-1:0] word;

  assign row_rd_en_o   = active_q & (rows_left_q != 32'd0) & (~read_valid_q | row_word_o);
  assign row_rd_addr_o = row_q;
  assign row_word_o    = read_valid_q & (~next_valid_q | row_load_o);
  assign row_load_o    = next_valid_q & (~scan_valid_q | scan_done);
  // The first piece of a word is taken when the word before has left.
  assign piece_take    = scan_valid_q & ((slot_q != 8'd0) | result_ready_i);
  assign scan_done     = piece_take & ((word_q == 16'(NumWords - 1)) | (left_q <= 32'(NumActive)));
  assign word_last     = left_q <= 32'(NumActive);
  assign word_full     = (slot_q == 8'(NumPieces - 1)) | word_last;

  for (genvar l = 0; l < NumActive; l++) begin : gen_piece
    assign piece[l*ActWidth +: ActWidth] = 32'(l) < left_q
        ? scan_data_i[32'(word_q)*PieceBits + l*ActWidth +: ActWidth] : '0;
  end

  if (NumPieces > 1) begin : gen_build
    logic [DataWidth-1:0] part_q;  // the pieces before this one

    assign word = (slot_q == 8'd0 ? '0 : part_q)
                | (DataWidth'(piece) << (32'(slot_q) * 32'(PieceBits)));
    always_ff @(posedge clk_i) if (piece_take) part_q <= word;
  end else begin : gen_whole
    assign word = DataWidth'(piece);
  end

  assign result_valid_o = scan_valid_q & word_full;
  assign result_data_o  = word;
  assign result_last_o  = word_last;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q     <= 1'b0;
      read_valid_q <= 1'b0;
      next_valid_q <= 1'b0;
      scan_valid_q <= 1'b0;
    end else if (clr_i) begin
      active_q     <= 1'b0;
      read_valid_q <= 1'b0;
      next_valid_q <= 1'b0;
      scan_valid_q <= 1'b0;
    end else begin
      if (start_i) active_q <= 1'b1;
      else if (piece_take && word_last) active_q <= 1'b0;
      read_valid_q <= row_rd_en_o | (read_valid_q & ~row_word_o);
      next_valid_q <= row_word_o | (next_valid_q & ~row_load_o);
      scan_valid_q <= row_load_o | (scan_valid_q & ~scan_done);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      rows_left_q <= (out_len_i + 32'(NumPe - 1)) / 32'(NumPe);
      row_q       <= '0;
      left_q      <= out_len_i;
      slot_q      <= '0;
      word_q      <= '0;
    end else begin
      if (row_rd_en_o) begin
        rows_left_q <= rows_left_q - 32'd1;
        row_q       <= row_q + RowWidth'(1);
      end
      if (piece_take) begin
        left_q <= left_q - 32'(NumActive);
        word_q <= scan_done ? '0 : word_q + 16'd1;
        slot_q <= word_full ? '0 : slot_q + 8'd1;
      end
    end
  end

  `LAC_STREAM_CLR(result_valid_o, result_ready_i, {result_data_o, result_last_o}, clr_i)
  `LAC_ASSERT(word_goes, clr_i || !result_valid_o || result_ready_i || slot_q == 8'd0,
              "a word is held in the middle of being built")
  `LAC_ASSERT(start_idle, !start_i || clr_i || !active_q, "started while it runs")
  `LAC_ASSERT(idle_empty, active_q || !(next_valid_q || scan_valid_q), "idle with a row at work")
  `LAC_ASSERT(word_range, !scan_valid_q || word_q < 16'(NumWords), "a word past the row")
  `LAC_ASSERT(slot_range, !scan_valid_q || slot_q < 8'(NumPieces), "a piece past the word")
  `LAC_ASSERT(results_left, !scan_valid_q || (left_q != 32'd0 && !left_q[31]),
              "a result past OUT_LEN")
  `LAC_ASSERT(load_there, !row_load_o || next_valid_q, "a row is loaded that was not read")
  `LAC_ASSERT(last_ends, !(piece_take && word_last) || rows_left_q == 32'd0,
              "the last word leaves rows behind")

endmodule
