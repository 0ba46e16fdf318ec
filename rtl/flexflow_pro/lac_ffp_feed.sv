// SPDX-License-Identifier: Apache-2.0
//
// Feed of a column of FlexFlow-Pro: its activations, and what sends their live words to the PEs.
//
//   wr_* -> column buffer (masks beside the words) -> pick of BusWords live words -> bus_o, all rows
//   free_i (a window is done with in all rows) -> room in the rings, in slices --^
//
// Cells go in the order of the buffer, from the first one on: a cell with `live` words takes
// max(1, ceil(live / BusWords)) cycles of the bus, its mask is there in the first of them. Cells are read
// ahead and follow each other without a gap. The first cell of a slice waits until the
// ring has room for the slice: RING of them in the beginning, STEP more with each free_i (SPAN with
// that of the last window of a line). window_o: with the last cycle of a window's last slice.
// Latency: start_i to the first bus cycle 3 cycles, free_i to the first bus cycle of a slice that has
// waited for it 2 cycles. The last word may be written in the cycle of start_i.
// Throughput: BusWords words per cycle.
// Parameters:
//   MaskWord  4..16, 4, 8 or 16
//   NCells    2..64
//   BusWords  1..2
//   ActDepth  2..65536
//   AccDepth  1..65536
// Model: models/flexflow_pro. Source: Lu et al., "FlexFlow", HPCA 2017.

`include "lac_assert.svh"

module lac_ffp_feed
  import lac_pkg::*, lac_ffp_pkg::*;
#(
  parameter  int MaskWord = 16,
  parameter  int NCells   = 12,
  parameter  int BusWords = 2,
  parameter  int ActDepth = 512,
  parameter  int AccDepth = 1024,
  localparam int Parts    = MaskWord / 4,
  localparam int AddrBits = `LAC_INDEX_BITS(ActDepth)
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  lac_mem_cfg_t                   mem_cfg_i,
  input  logic                           clr_i,
  input  logic                           start_i,
  input  lac_ffp_slices_t                slices_i,
  input  logic            [   Parts-1:0] wr_part_i,  // four words of a cell
  input  logic            [AddrBits-1:0] wr_addr_i,  // cell
  input  logic            [        63:0] wr_data_i,
  input  logic            [         3:0] wr_mask_i,
  input  logic                           free_i,
  output lac_ffp_bus_t                   bus_o,
  output logic                           window_o,
  output logic            [         1:0] words_o,    // event: on the bus
  output logic                           full_o      // event: a slice waits for room
);

  `LAC_PARAM_RULE(lac_ffp_feed, MaskWord, 4, 16, MaskWord == 4 || MaskWord == 8 || MaskWord == 16,
                  "4, 8 or 16")
  `LAC_PARAM(lac_ffp_feed, NCells, 2, 64)
  `LAC_PARAM(lac_ffp_feed, BusWords, 1, 2)
  `LAC_PARAM(lac_ffp_feed, ActDepth, 2, 65536)
  `LAC_PARAM(lac_ffp_feed, AccDepth, 1, 65536)

  /* verilator no_inline_module */

  localparam int Word = FFP_WORD_BITS;
  localparam int Lanes = BusWords == 2 ? 2 : 1;
  localparam int SizeWidth = $clog2(NCells + 1);
  localparam int CellWidth = $clog2(NCells);
  localparam int LineWidth = `LAC_INDEX_BITS(AccDepth);

  // Numbers have the bits of the largest build.
  logic unused_bits;
  assign unused_bits = ^slices_i;

  // column buffer -----------------------------------------------------------------------------
  logic rd_en;
  logic [AddrBits-1:0] addr_q;
  logic [MaskWord-1:0] mask;
  logic [MaskWord*Word-1:0] words;

  for (genvar p = 0; p < Parts; p++) begin : gen_part
    lac_sram #(
      .Width(4 * Word + 4),
      .Depth(ActDepth)
    ) u_part (
      .clk_i,
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (rd_en),
      .rd_addr_i(addr_q),
      .rd_data_o({mask[p*4+:4], words[p*4*Word+:4*Word]}),
      .wr_en_i  (wr_part_i[p]),
      .wr_addr_i,
      .wr_data_i({wr_mask_i, wr_data_i})
    );
  end

  // pick --------------------------------------------------------------------------------------
  // The buffer's output register holds the cell that words are picked of, or that waits.
  logic start_q, held_q, begun_q, free_q, waits, go, cell_ends;
  logic [MaskWord-1:0] rest_q, live, from_first, above, rest, from_second;
  logic [Lanes*MaskWord-1:0] picks;
  logic [Lanes*Word-1:0] picked;
  logic slice_begins, has_room;

  assign live = begun_q ? rest_q : mask;
  `LAC_FROM_FIRST(from_first, live, MaskWord)
  assign above = live & (from_first << 1);
  assign picks[0+:MaskWord] = live & ~above;
  if (BusWords == 2) begin : gen_two
    `LAC_FROM_FIRST(from_second, above, MaskWord)
    assign rest = above & (from_second << 1);
    assign picks[MaskWord+:MaskWord] = above & ~rest;
  end else begin : gen_one
    assign from_second = '0;
    assign rest        = above | from_second;
  end
  for (genvar w = 0; w < Lanes; w++) begin : gen_word
    for (genvar i = 0; i < MaskWord; i++) begin : gen_in
      logic [Word-1:0] mine, any;
      assign mine = words[i*Word+:Word] & {Word{picks[w*MaskWord+i]}};
      if (i == 0) begin : gen_first
        assign any = mine;
      end else begin : gen_next
        assign any = gen_in[i-1].any | mine;
      end
    end
    assign picked[w*Word+:Word] = gen_in[MaskWord-1].any;
  end

  assign waits     = held_q & slice_begins & ~has_room;
  assign go        = held_q & ~waits;
  assign cell_ends = go & (rest == '0);

  // slices, windows, lines --------------------------------------------------------------------
  logic [5:0] cell_q;  // of the slice
  logic [SizeWidth-1:0]
      slices_q, room_q, freed;  // to the end of a window, that the ring has room for
  logic [CellWidth-1:0] place_q;
  logic [3:0] beat_q;
  logic [LineWidth-1:0] window_q, free_window_q;  // behind this one in the line
  logic [15:0] line_q;  // behind this one
  logic last_cell, last_slice, window_ends, line_ends, ends;

  assign last_cell    = cell_q == slices_i.cells_last;
  assign last_slice   = slices_q == SizeWidth'(1);
  assign window_ends  = cell_ends & last_cell & last_slice;
  assign line_ends    = window_q == '0;
  assign ends         = last_cell & last_slice & line_ends & (line_q == '0);
  assign slice_begins = (cell_q == '0) & ~begun_q;
  assign has_room     = (room_q != '0) | free_q;
  assign freed        = SizeWidth'(free_window_q == '0 ? slices_i.span : slices_i.step);
  assign rd_en        = start_q | (cell_ends & ~ends);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      start_q <= 1'b0;
      held_q  <= 1'b0;
      begun_q <= 1'b0;
      free_q  <= 1'b0;
    end else if (clr_i) begin
      start_q <= 1'b0;
      held_q  <= 1'b0;
      begun_q <= 1'b0;
      free_q  <= 1'b0;
    end else begin
      start_q <= start_i;
      held_q  <= rd_en | (held_q & ~cell_ends);
      begun_q <= go & ~cell_ends;
      free_q  <= free_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      addr_q        <= '0;
      cell_q        <= '0;
      place_q       <= '0;
      beat_q        <= '0;
      slices_q      <= SizeWidth'(slices_i.span);
      window_q      <= LineWidth'(slices_i.windows_last);
      free_window_q <= LineWidth'(slices_i.windows_last);
      line_q        <= slices_i.lines_last;
      room_q        <= SizeWidth'(slices_i.ring);
    end else begin
      if (rd_en) addr_q <= addr_q + AddrBits'(1);
      if (go) begin
        rest_q <= rest;
        beat_q <= cell_ends ? '0 : beat_q + 4'd1;
      end
      if (cell_ends) begin
        cell_q <= last_cell ? '0 : cell_q + 6'd1;
        place_q <= SizeWidth'(place_q) + SizeWidth'(1) == SizeWidth'(slices_i.ring_cells)
                   ? '0 : place_q + CellWidth'(1);
        if (last_cell) begin
          slices_q <= ~last_slice ? slices_q - SizeWidth'(1)
                      : SizeWidth'(line_ends ? slices_i.span : slices_i.step);
          if (last_slice) begin
            window_q <= line_ends ? LineWidth'(slices_i.windows_last) : window_q - LineWidth'(1);
            if (line_ends) line_q <= line_q - 16'd1;
          end
        end
      end
      if (free_q)
        free_window_q <= free_window_q == '0 ? LineWidth'(slices_i.windows_last)
                         : free_window_q - LineWidth'(1);
      room_q <= room_q + (free_q ? freed : '0) - SizeWidth'(go & slice_begins);
    end
  end

  // bus ---------------------------------------------------------------------------------------
  logic valid_q, first_q, ends_q;
  logic [ 5:0] place_out_q;
  logic [ 3:0] beat_out_q;
  logic [15:0] mask_q;
  logic [31:0] words_q;
  logic [ 1:0] count_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      first_q <= 1'b0;
      ends_q  <= 1'b0;
      count_q <= '0;
    end else if (clr_i) begin
      valid_q <= 1'b0;
      first_q <= 1'b0;
      ends_q  <= 1'b0;
      count_q <= '0;
    end else begin
      valid_q <= go & (live != '0);
      first_q <= go & ~begun_q;
      ends_q  <= window_ends;
      count_q <= !go || live == '0 ? 2'd0 : BusWords == 1 || above == '0 ? 2'd1 : 2'd2;
    end
  end
  always_ff @(posedge clk_i) begin
    if (go) begin
      place_out_q <= 6'(place_q);
      beat_out_q  <= beat_q;
      words_q     <= 32'(picked);
      if (!begun_q) mask_q <= 16'(mask);
    end
  end

  assign bus_o.valid = valid_q;
  assign bus_o.first = first_q;
  assign bus_o.place = place_out_q;
  assign bus_o.beat  = beat_out_q;
  assign bus_o.mask  = mask_q;
  assign bus_o.words = words_q;
  assign window_o    = ends_q;
  assign words_o     = count_q;
  assign full_o      = waits;

  `LAC_ASSERT(room_range, !held_q || 7'(room_q) <= slices_i.ring, "more room than the ring has")
  `LAC_ASSERT(room_there, !(go && slice_begins) || has_room, "a slice is sent without room")
  `LAC_ASSERT(room_free, !free_q || 7'(room_q) + 7'(freed) <= slices_i.ring,
              "slices are given back that were not sent")
  `LAC_ASSERT(load_apart, !rd_en || wr_part_i == '0, "activations are loaded while they are sent")
  `LAC_ASSERT(start_idle, !start_i || clr_i || !held_q, "started while it sends")
  `LAC_ASSERT(beat_range, !go || 32'(beat_q) < MaskWord / BusWords, "a row past those of the cell")
  `LAC_ASSERT(mask_counts, !first_q || (mask_q == '0) == (count_q == '0),
              "words without a mask bit")
  `LAC_COVER(cover_waits, waits)
  `LAC_COVER(cover_free_at_once, waits && free_i)

endmodule
