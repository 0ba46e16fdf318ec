// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_rle_enc: compresses tiles into the run-length format (layout: README.md beside this file).
//
// Purpose: what an accelerator does with its results on their way out.
// Example, WordWidth 32, 8-bit values, RunWidth 2, one row of 8 = 0 5 0 0 0 0 0 7, one lane:
//   entries (value, run) 5,1  0,3 (placeholder)  7,1   ->  00000003, 07 1100 0000 01 00000101 ...
//
//            zeros since the last entry
//   beats -> value and run, or placeholder -> lac_fmt_gather -> | rows  |--+-> lac_fmt_pack -> words
//            entries up to the last non-zero -----------------> | count |--+   (count first)
//
// A run that is full becomes a placeholder at once; those behind the last non-zero of the tile are
// stored in vain and dropped again at the output, where the count is known.
//
// Streams: in_* (elements in flat order; lanes behind the end of the tile are ignored), out_*.
//   in_ready_o comes from registers alone. in_last_i belongs on the last beat of a tile:
//   otherwise the tile ends at whichever comes first, last or its size, err_o is high for one
//   cycle, and elements that are missing count as 0.
// Latency: the header comes 2 cycles after the last beat of the tile, if no other one is in front.
// Throughput: one beat per cycle as long as what comes out has fewer words than beats; two tiles are
//   stored, so that one goes out while the next comes in. Out: one word per cycle.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..4, 1 or 4
//   RunWidth    1..16, at most WordWidth - ValueWidth
// Model: models/formats/rle.py. Source: Parashar et al., "SCNN", ISCA 2017, section IV.

`include "lac_assert.svh"

module lac_fmt_rle_enc #(
  parameter int WordWidth  = 64,
  parameter int ValueWidth = 8,
  parameter int TileRows   = 8,
  parameter int TileCols   = 16,
  parameter int NumLanes   = 1,
  parameter int RunWidth   = 4
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           in_valid_i,
  output logic                           in_ready_o,
  input  logic [NumLanes*ValueWidth-1:0] in_data_i,
  input  logic                           in_last_i,
  output logic                           out_valid_o,
  input  logic                           out_ready_i,
  output logic [          WordWidth-1:0] out_data_o,
  output logic                           out_last_o,
  output logic                           err_o
);

  `LAC_PARAM_RULE(lac_fmt_rle_enc, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_rle_enc, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_rle_enc, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_rle_enc, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_rle_enc, NumLanes, 1, 4, NumLanes == 1 || NumLanes == 4, "1 or 4")
  `LAC_PARAM_RULE(lac_fmt_rle_enc, RunWidth, 1, 16, RunWidth <= WordWidth - ValueWidth,
                  "at most WordWidth - ValueWidth")

  localparam int EntryWidth = ValueWidth + RunWidth;

  localparam int Elements = TileRows * TileCols;
  localparam int NumBeats = (Elements + NumLanes - 1) / NumLanes;
  localparam int LastLanes = Elements - (NumBeats - 1) * NumLanes;

  // A row has at least a word of bits, so that reading rows never is slower than sending words.
  localparam int WordItems = (WordWidth + EntryWidth - 1) / EntryWidth;
  localparam int RowItems = WordItems > NumLanes ? WordItems : NumLanes;
  localparam int MaxItems = RowItems + NumLanes - 1;
  // Rows of a tile, the last one may be empty.
  localparam int TileRowItems = Elements / RowItems + 1;

  localparam int BeatWidth = $clog2(NumBeats + 1);
  localparam int CountWidth = $clog2(Elements + 1);
  localparam int NumWidth = $clog2(MaxItems + 1);
  localparam int RowBits = MaxItems * EntryWidth;
  localparam int ItemWidth = RowBits > WordWidth ? RowBits : WordWidth;
  localparam int BitsWidth = $clog2(ItemWidth + 1);

  // in: entries and their number -------------------------------------------------------------
  logic [          BeatWidth-1:0] beat_q;
  logic [           RunWidth-1:0] run_q;  // zeros since the last entry
  logic [         CountWidth-1:0] entries_q;  // placeholders at the end included
  logic [         CountWidth-1:0] count_q;  // up to the last non-zero
  logic [           NumLanes-1:0] keep;
  logic [NumLanes*EntryWidth-1:0] entry;
  logic take, at_end, tile_end;
  logic row_ready, head_ready;
  logic row_push;
  logic [NumWidth-1:0] row_num;
  logic [RowBits-1:0] row_data;

  assign in_ready_o = row_ready && head_ready;
  assign take = in_valid_i && in_ready_o;
  assign at_end = beat_q == BeatWidth'(NumBeats - 1);
  assign tile_end = at_end || in_last_i;

  for (genvar l = 0; l < NumLanes; l++) begin : gen_lane
    logic [RunWidth-1:0] run, run_next;
    logic [CountWidth-1:0] entries, entries_next, count, count_next;
    logic [ValueWidth-1:0] value;
    logic used;
    if (l == 0) begin : gen_first
      assign run = run_q;
      assign entries = entries_q;
      assign count = count_q;
    end else begin : gen_other
      assign run = gen_lane[l-1].run_next;
      assign entries = gen_lane[l-1].entries_next;
      assign count = gen_lane[l-1].count_next;
    end
    assign value = in_data_i[l*ValueWidth+:ValueWidth];
    assign used = l < LastLanes || !at_end;
    assign keep[l] = used && (value != '0 || (&run));
    assign entry[l*EntryWidth+:EntryWidth] = {run, value};
    assign run_next = keep[l] ? '0 : run + RunWidth'(1);
    assign entries_next = entries + CountWidth'(keep[l]);
    assign count_next = used && value != '0 ? entries_next : count;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q    <= '0;
      run_q     <= '0;
      entries_q <= '0;
      count_q   <= '0;
      err_o     <= 1'b0;
    end else begin
      err_o <= take && (in_last_i != at_end);
      if (take) begin
        beat_q    <= tile_end ? '0 : beat_q + BeatWidth'(1);
        run_q     <= tile_end ? '0 : gen_lane[NumLanes-1].run_next;
        entries_q <= tile_end ? '0 : gen_lane[NumLanes-1].entries_next;
        count_q   <= tile_end ? '0 : gen_lane[NumLanes-1].count_next;
      end
    end
  end

  lac_fmt_gather #(
    .ItemWidth(EntryWidth),
    .NumLanes (NumLanes),
    .RowItems (RowItems)
  ) u_gather (
    .clk_i,
    .rst_ni,
    .in_en_i    (take),
    .in_keep_i  (keep),
    .in_data_i  (entry),
    .in_flush_i (tile_end),
    .out_valid_o(row_push),
    .out_num_o  (row_num),
    .out_data_o (row_data)
  );

  // store: two tiles of the worst case -------------------------------------------------------
  logic head_valid, head_pop, row_valid, row_pop, row_ends;
  logic [CountWidth-1:0] head_count;
  logic [NumWidth-1:0] got_num;
  logic [RowBits-1:0] got_data;

  lac_fifo #(
    .Width(CountWidth),
    .Depth(2)
  ) u_counts (
    .clk_i,
    .rst_ni,
    .clr_i      (1'b0),
    .in_valid_i (take && tile_end),
    .in_ready_o (head_ready),
    .in_data_i  (gen_lane[NumLanes-1].count_next),
    .out_valid_o(head_valid),
    .out_ready_i(head_pop),
    .out_data_o (head_count),
    .level_o    ()
  );

  lac_fifo #(
    .Width(1 + NumWidth + RowBits),
    .Depth(2 * TileRowItems)
  ) u_rows (
    .clk_i,
    .rst_ni,
    .clr_i      (1'b0),
    .in_valid_i (row_push),
    .in_ready_o (row_ready),
    .in_data_i  ({tile_end, row_num, row_data}),
    .out_valid_o(row_valid),
    .out_ready_i(row_pop),
    .out_data_o ({row_ends, got_num, got_data}),
    .level_o    ()
  );

  // out: header, then rows as far as the count goes ------------------------------------------
  logic in_rows_q;
  logic [CountWidth-1:0] left_q;
  logic [NumWidth-1:0] use_num;
  logic [RowBits-1:0] use_data;
  logic item_valid, item_ready, item_last;
  logic [ItemWidth-1:0] item_data;
  logic [BitsWidth-1:0] item_bits;

  assign use_num = left_q < CountWidth'(got_num) ? NumWidth'(left_q) : got_num;
  for (genvar s = 0; s < MaxItems; s++) begin : gen_use
    assign use_data[s*EntryWidth +: EntryWidth] =
        use_num > NumWidth'(s) ? got_data[s*EntryWidth +: EntryWidth] : '0;
  end

  assign item_valid = in_rows_q ? row_valid && use_num != '0 : head_valid;
  assign item_data = in_rows_q ? ItemWidth'(use_data) : ItemWidth'(head_count);
  assign item_bits = in_rows_q ? BitsWidth'(use_num) * BitsWidth'(EntryWidth)  // at most RowBits
      : BitsWidth'(WordWidth);
  assign item_last = in_rows_q ? left_q == CountWidth'(use_num) : head_count == '0;
  assign head_pop = !in_rows_q && item_ready;
  assign row_pop = in_rows_q && (use_num == '0 || item_ready);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_rows_q <= 1'b0;
      left_q    <= '0;
    end else if (in_rows_q) begin
      if (row_valid && row_pop) begin
        left_q    <= left_q - CountWidth'(use_num);
        in_rows_q <= !row_ends;
      end
    end else if (head_valid && head_pop) begin
      left_q    <= head_count;
      in_rows_q <= 1'b1;
    end
  end

  lac_fmt_pack #(
    .WordWidth(WordWidth),
    .ItemWidth(ItemWidth)
  ) u_pack (
    .clk_i,
    .rst_ni,
    .in_valid_i(item_valid),
    .in_ready_o(item_ready),
    .in_data_i (item_data),
    .in_bits_i (item_bits),
    .in_last_i (item_last),
    .out_valid_o,
    .out_ready_i,
    .out_data_o,
    .out_last_o
  );

  `LAC_STREAM(in_valid_i, in_ready_o, {in_last_i, in_data_i})
  `LAC_COVER(cover_store_full, in_valid_i && !in_ready_o)
  `LAC_COVER(cover_dropped, row_valid && row_pop && use_num < got_num)
  `LAC_COVER(cover_overlap, take && out_valid_o && !out_last_o)
  `LAC_STREAM(out_valid_o, out_ready_i, {out_last_o, out_data_o})
  `LAC_ASSERT(beat_range, beat_q < BeatWidth'(NumBeats), "a beat past the tile")
  `LAC_ASSERT(count_range, count_q <= entries_q, "a non-zero that is no entry")
  `LAC_ASSERT(item_ends, !(item_valid && item_ready && in_rows_q) || use_num <= got_num,
              "more entries than the row has")
  `LAC_ASSERT(rows_enough,
              !(in_rows_q && row_valid && row_pop && row_ends) || left_q == CountWidth'(use_num),
              "the rows end before the count")

endmodule
