// SPDX-License-Identifier: Apache-2.0
//
// lac_fmt_bitmap_enc: compresses tiles into the bitmap format (layout: README.md beside this file).
//
// Purpose: what an accelerator does with its results on their way out.
// Example, WordWidth 32, 8-bit values, a tile of 2x2 = 0 5 / 0 7, one lane:
//   0, 5, 0, 7 last  ->  00000002, 0000000A (mask), 00000705 last
//
//            +-> mask, number of ones --> | masks |--+
//   beats ---+-> lac_fmt_gather --------> | rows  |--+-> header, mask, its rows ... -> lac_fmt_pack
//            +-> non-zeros at the end --> | count |--+
//
// Streams: in_* (elements in flat order; lanes behind the end of the tile are ignored), out_*.
//   in_ready_o comes from registers alone. in_last_i belongs on the last beat of a tile:
//   otherwise the tile ends at whichever comes first, last or its size, err_o is high for one
//   cycle, and elements that are missing count as 0.
// Latency: the header comes 2 cycles after the last beat of the tile, if no other one is in front.
// Throughput: one beat per cycle as long as what comes out has fewer words than beats; two tiles are
//   stored, so that one goes out while the next comes in. Out: one word per cycle, except that a
//   mask and each row of ceil(WordWidth/ValueWidth) values takes at least a cycle.
// Parameters:
//   WordWidth   32..256, 32, 64, 128 or 256
//   ValueWidth  1..32
//   TileRows    1..4096
//   TileCols    1..4096
//   NumLanes    1..4, 1 or 4
// Model: models/formats/bitmap.py. Source: common practice (1 bit per element).

`include "lac_assert.svh"

module lac_fmt_bitmap_enc #(
  parameter int WordWidth  = 64,
  parameter int ValueWidth = 8,
  parameter int TileRows   = 8,
  parameter int TileCols   = 16,
  parameter int NumLanes   = 1
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

  `LAC_PARAM_RULE(lac_fmt_bitmap_enc, WordWidth, 32, 256,
                  WordWidth == 32 || WordWidth == 64 || WordWidth == 128 || WordWidth == 256,
                  "32, 64, 128 or 256")
  `LAC_PARAM(lac_fmt_bitmap_enc, ValueWidth, 1, 32)
  `LAC_PARAM(lac_fmt_bitmap_enc, TileRows, 1, 4096)
  `LAC_PARAM(lac_fmt_bitmap_enc, TileCols, 1, 4096)
  `LAC_PARAM_RULE(lac_fmt_bitmap_enc, NumLanes, 1, 4, NumLanes == 1 || NumLanes == 4, "1 or 4")

  localparam int Elements = TileRows * TileCols;
  localparam int NumBeats = (Elements + NumLanes - 1) / NumLanes;
  localparam int LastLanes = Elements - (NumBeats - 1) * NumLanes;
  localparam int ChunkBeats = WordWidth / NumLanes;
  localparam int NumChunks = (Elements + WordWidth - 1) / WordWidth;

  // A row has at least a word of bits, so that reading rows never is slower than sending words.
  localparam int WordItems = (WordWidth + ValueWidth - 1) / ValueWidth;
  localparam int RowItems = WordItems > NumLanes ? WordItems : NumLanes;
  localparam int MaxItems = RowItems + NumLanes - 1;
  localparam int ChunkRows = (WordWidth + RowItems - 1) / RowItems;

  localparam int BeatWidth = $clog2(NumBeats + 1);
  localparam int PlaceWidth = $clog2(ChunkBeats + 1);
  localparam int ChunkWidth = $clog2(NumChunks + 1);
  localparam int OnesWidth = $clog2(WordWidth + 1);
  localparam int CountWidth = $clog2(Elements + 1);
  localparam int NumWidth = $clog2(MaxItems + 1);
  localparam int RowBits = MaxItems * ValueWidth;
  localparam int ItemWidth = RowBits > WordWidth ? RowBits : WordWidth;
  localparam int BitsWidth = $clog2(ItemWidth + 1);

  // in: masks, rows and the count ------------------------------------------------------------
  logic [ BeatWidth-1:0] beat_q;
  logic [PlaceWidth-1:0] place_q;  // beat within the chunk
  logic [WordWidth-1:0] mask_q, mask;
  logic [OnesWidth-1:0] ones_q, ones;
  logic [CountWidth-1:0] count_q, count;
  logic [NumLanes-1:0] keep;
  logic take, at_end, tile_end, chunk_end;
  logic mask_ready, row_ready, head_ready;
  logic row_push;
  logic [NumWidth-1:0] row_num;
  logic [RowBits-1:0] row_data;

  assign in_ready_o = mask_ready && row_ready && head_ready;
  assign take = in_valid_i && in_ready_o;
  assign at_end = beat_q == BeatWidth'(NumBeats - 1);
  assign tile_end = at_end || in_last_i;
  assign chunk_end = tile_end || place_q == PlaceWidth'(ChunkBeats - 1);

  for (genvar l = 0; l < NumLanes; l++) begin : gen_keep
    assign keep[l] = in_data_i[l*ValueWidth+:ValueWidth] != '0 && (l < LastLanes || !at_end);
  end
  for (genvar b = 0; b < ChunkBeats; b++) begin : gen_mask
    assign mask[b*NumLanes +: NumLanes] = place_q == PlaceWidth'(b) ? keep
        : place_q > PlaceWidth'(b) ? mask_q[b*NumLanes +: NumLanes] : '0;
  end
  assign ones  = ones_q + OnesWidth'($countones(keep));
  assign count = count_q + CountWidth'($countones(keep));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q  <= '0;
      place_q <= '0;
      ones_q  <= '0;
      count_q <= '0;
      err_o   <= 1'b0;
    end else begin
      err_o <= take && (in_last_i != at_end);
      if (take) begin
        beat_q  <= tile_end ? '0 : beat_q + BeatWidth'(1);
        place_q <= chunk_end ? '0 : place_q + PlaceWidth'(1);
        ones_q  <= chunk_end ? '0 : ones;
        count_q <= tile_end ? '0 : count;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) mask_q <= mask;
  end

  lac_fmt_gather #(
    .ItemWidth(ValueWidth),
    .NumLanes (NumLanes),
    .RowItems (RowItems)
  ) u_gather (
    .clk_i,
    .rst_ni,
    .in_en_i    (take),
    .in_keep_i  (keep),
    .in_data_i,
    .in_flush_i (chunk_end),
    .out_valid_o(row_push),
    .out_num_o  (row_num),
    .out_data_o (row_data)
  );

  // store: two tiles of the worst case -------------------------------------------------------
  logic head_valid, mask_valid, row_valid;
  logic head_pop, mask_pop, row_pop;
  logic [CountWidth-1:0] head_count;
  logic mask_ends;
  logic [OnesWidth-1:0] mask_ones;
  logic [WordWidth-1:0] mask_data;
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
    .in_data_i  (count),
    .out_valid_o(head_valid),
    .out_ready_i(head_pop),
    .out_data_o (head_count),
    .level_o    ()
  );

  lac_fifo #(
    .Width(1 + OnesWidth + WordWidth),
    .Depth(2 * NumChunks)
  ) u_masks (
    .clk_i,
    .rst_ni,
    .clr_i      (1'b0),
    .in_valid_i (take && chunk_end),
    .in_ready_o (mask_ready),
    .in_data_i  ({tile_end, ones, mask}),
    .out_valid_o(mask_valid),
    .out_ready_i(mask_pop),
    .out_data_o ({mask_ends, mask_ones, mask_data}),
    .level_o    ()
  );

  lac_fifo #(
    .Width(NumWidth + RowBits),
    .Depth(2 * NumChunks * ChunkRows)
  ) u_rows (
    .clk_i,
    .rst_ni,
    .clr_i      (1'b0),
    .in_valid_i (row_push && row_num != '0),
    .in_ready_o (row_ready),
    .in_data_i  ({row_num, row_data}),
    .out_valid_o(row_valid),
    .out_ready_i(row_pop),
    .out_data_o ({got_num, got_data}),
    .level_o    ()
  );

  // out: header, then mask and rows of each chunk --------------------------------------------
  typedef enum logic [1:0] {
    StHeader,
    StMask,
    StRows
  } state_e;
  state_e state_q;
  logic [ChunkWidth-1:0] chunk_q;
  logic [OnesWidth-1:0] left_q, next_ones;
  logic short_q;  // the tile ended early: the masks that are left are 0 and not stored
  logic item_valid, item_ready, item_last, item_take;
  logic [ItemWidth-1:0] item_data;
  logic [BitsWidth-1:0] item_bits;
  logic last_chunk, chunk_done;

  assign last_chunk = chunk_q == ChunkWidth'(NumChunks - 1);
  assign next_ones = short_q ? '0 : mask_ones;
  assign item_take = item_valid && item_ready;
  assign head_pop = item_take && state_q == StHeader;
  assign mask_pop = item_take && state_q == StMask && !short_q;
  assign row_pop = item_take && state_q == StRows;
  assign chunk_done = (state_q == StMask && next_ones == '0)
                      || (state_q == StRows && left_q == OnesWidth'(got_num));
  assign item_last = chunk_done && last_chunk;

  always_comb begin
    case (state_q)
      StHeader: begin
        item_valid = head_valid;
        item_data  = ItemWidth'(head_count);
        item_bits  = BitsWidth'(WordWidth);
      end
      StMask: begin
        item_valid = short_q || mask_valid;
        item_data  = short_q ? '0 : ItemWidth'(mask_data);
        item_bits  = BitsWidth'(WordWidth);
      end
      default: begin
        item_valid = row_valid;
        item_data  = ItemWidth'(got_data);
        item_bits  = BitsWidth'(got_num) * BitsWidth'(ValueWidth);  // at most RowBits
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StHeader;
      chunk_q <= '0;
      left_q  <= '0;
      short_q <= 1'b0;
    end else if (item_take) begin
      if (state_q == StHeader) begin
        state_q <= StMask;
        chunk_q <= '0;
        short_q <= 1'b0;
      end else begin
        if (state_q == StMask) begin
          left_q  <= next_ones;
          short_q <= short_q || mask_ends;
        end else begin
          left_q <= left_q - OnesWidth'(got_num);
        end
        if (!chunk_done) state_q <= StRows;
        else if (last_chunk) state_q <= StHeader;
        else begin
          state_q <= StMask;
          chunk_q <= chunk_q + ChunkWidth'(1);
        end
      end
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
  `LAC_COVER(cover_short, item_take && state_q == StMask && short_q)
  `LAC_COVER(cover_overlap, take && out_valid_o && !out_last_o)
  `LAC_STREAM(out_valid_o, out_ready_i, {out_last_o, out_data_o})
  `LAC_ASSERT(beat_range, beat_q < BeatWidth'(NumBeats), "a beat past the tile")
  `LAC_ASSERT(place_range, place_q < PlaceWidth'(ChunkBeats), "a beat past the chunk")
  `LAC_ASSERT(ones_range, 32'(ones_q) <= 32'(count_q), "a chunk with more non-zeros than the tile")
  `LAC_ASSERT(chunk_range, chunk_q < ChunkWidth'(NumChunks), "a chunk past the tile")
  `LAC_ASSERT(row_of_chunk, !(row_pop) || OnesWidth'(got_num) <= left_q,
              "more values than the mask has bits")
  `LAC_ASSERT(rows_left, state_q != StRows || left_q != '0, "rows of a mask without bits")

endmodule
