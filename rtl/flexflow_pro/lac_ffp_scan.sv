// SPDX-License-Identifier: Apache-2.0
//
// Scan of a PE of FlexFlow-Pro: walks over the cells of its windows and picks a position a cycle.
//
//   windows that are there -> cell of the ring, cell of the kernel store -> both masks
//        masks & what is left -> lowest bit -> position, live words below it -> PE
//
// Relaxed: the positions of a cell are its pairs of live words, a cell without one takes a cycle.
// Lock step: all pieces of the cell, a pair or not.
// Results of a window follow each other map by map: the kernel store is walked from its first cell to
// ker_last, the window of the ring once for each map. The next window begins step_cells later, behind
// the last one of a line span_cells later.
// The last position of a result waits until room_i; release_o then says that a window is done with.
// window_i: a window more is there; it may begin in the next cycle. start_i empties all.
// nmask_i and wmask_i are the masks of ncell_o and wcell_o, in the same cycle.
// Latency: masks to position 0 cycles. Throughput: one position per cycle.
// Parameters:
//   MaskWord  4..16, 4, 8 or 16
//   KCells    1..64
//   NCells    2..64
//   AccDepth  1..65536
// Model: models/flexflow_pro. Source: Lu et al., "FlexFlow-Pro", IEEE TC 2019.

`include "lac_assert.svh"

module lac_ffp_scan
  import lac_ffp_pkg::*;
#(
  parameter  int MaskWord = 16,
  parameter  int KCells   = 9,
  parameter  int NCells   = 12,
  parameter  int AccDepth = 1024,                     // most windows of a line
  localparam int KWidth   = `LAC_INDEX_BITS(KCells),
  localparam int NWidth   = $clog2(NCells),
  localparam int PosWidth = $clog2(MaskWord)
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clr_i,
  input  logic                          start_i,
  input  logic           [         6:0] start_cell_i,  // of the first window, in the ring
  input  lac_ffp_walk_t                 walk_i,
  input  logic                          window_i,
  input  logic                          room_i,
  output logic           [  NWidth-1:0] ncell_o,
  output logic           [  KWidth-1:0] wcell_o,
  input  logic           [MaskWord-1:0] nmask_i,
  input  logic           [MaskWord-1:0] wmask_i,
  output logic                          pair_o,        // both words of the position are live
  output logic           [PosWidth-1:0] pos_o,
  output logic           [MaskWord-1:0] below_o,       // live neurons below it
  output logic                          last_o,        // the last position of a result
  output logic                          release_o,     // and of a window
  output lac_ffp_event_t                event_o
);

  `LAC_PARAM_RULE(lac_ffp_scan, MaskWord, 4, 16, MaskWord == 4 || MaskWord == 8 || MaskWord == 16,
                  "4, 8 or 16")
  `LAC_PARAM(lac_ffp_scan, KCells, 1, 64)
  `LAC_PARAM(lac_ffp_scan, NCells, 2, 64)
  `LAC_PARAM(lac_ffp_scan, AccDepth, 1, 65536)

  localparam int SizeWidth = $clog2(NCells + 1);
  localparam int LineWidth = `LAC_INDEX_BITS(AccDepth);

  // Numbers have the bits of the largest build.
  logic unused_bits;
  assign unused_bits = ^{walk_i, start_cell_i};

  // position ----------------------------------------------------------------------------------
  logic [MaskWord-1:0] todo_q, both, pieces, wanted, from_first, above, picked;
  logic [SizeWidth-1:0] windows_q;  // that are there, the one at work among them
  logic [KWidth-1:0] left_q, cell_q;  // cells of the result behind this one; of the slice before it
  logic active, cell_ends, last_cell, result_ends, go, pair;

  assign active = windows_q != '0;
  assign both   = nmask_i & wmask_i;
  assign pieces = cell_q == KWidth'(walk_i.cells_last) ? MaskWord'(walk_i.tail_mask) : '1;
  assign wanted = (walk_i.relaxed ? both : pieces) & todo_q;
  `LAC_FROM_FIRST(from_first, wanted, MaskWord)
  assign above       = from_first << 1;
  assign picked      = wanted & ~above;
  assign cell_ends   = (wanted & above) == '0;
  assign last_cell   = left_q == '0;
  assign result_ends = cell_ends & last_cell;
  assign go          = active & (room_i | ~result_ends);
  assign pair        = (both & picked) != '0;

  for (genvar k = 0; k < PosWidth; k++) begin : gen_pos
    localparam logic [15:0] Mine = k == 0 ? 16'hAAAA : k == 1 ? 16'hCCCC
                                 : k == 2 ? 16'hF0F0 : 16'hFF00;
    assign pos_o[k] = |(picked & MaskWord'(Mine));
  end
  assign pair_o            = go & pair;
  assign below_o           = nmask_i & ~from_first;
  assign last_o            = go & result_ends;

  assign event_o.useful    = go & pair;
  assign event_o.padding   = go & ~pair & ~walk_i.relaxed;
  assign event_o.empty     = go & ~pair & walk_i.relaxed;
  assign event_o.sync      = active & result_ends & ~room_i;
  assign event_o.cell_ends = go & cell_ends;

  // walk --------------------------------------------------------------------------------------
  logic [KWidth-1:0] wcell_q;
  logic [NWidth-1:0] ncell_q, base_q, next_base, next_cell;
  logic [SizeWidth:0] moved;
  logic [LineWidth-1:0] line_q;  // windows of the line behind this one
  logic window_ends;

  assign ncell_o = ncell_q;
  assign wcell_o = wcell_q;
  assign window_ends = wcell_q == KWidth'(walk_i.ker_last);  // with the result
  assign release_o = last_o & window_ends;
  assign next_cell = SizeWidth'(ncell_q) + SizeWidth'(1) == SizeWidth'(walk_i.ring_cells)
                     ? '0 : ncell_q + NWidth'(1);
  assign moved = (SizeWidth + 1)'(base_q)
                 + (SizeWidth + 1)'(line_q == '0 ? walk_i.span_cells : walk_i.step_cells);
  assign next_base = NWidth'(moved >= (SizeWidth + 1)'(walk_i.ring_cells)
                             ? moved - (SizeWidth + 1)'(walk_i.ring_cells) : moved);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) windows_q <= '0;
    else if (clr_i || start_i) windows_q <= '0;
    else if (window_i && !release_o) windows_q <= windows_q + SizeWidth'(1);
    else if (release_o && !window_i) windows_q <= windows_q - SizeWidth'(1);
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      todo_q  <= '1;
      cell_q  <= '0;
      left_q  <= KWidth'(walk_i.win_last);
      wcell_q <= '0;
      ncell_q <= NWidth'(start_cell_i);
      base_q  <= NWidth'(start_cell_i);
      line_q  <= LineWidth'(walk_i.windows_last);
    end else if (go) begin
      todo_q <= cell_ends ? '1 : above;
      if (cell_ends) begin
        cell_q  <= cell_q == KWidth'(walk_i.cells_last) ? '0 : cell_q + KWidth'(1);
        left_q  <= last_cell ? KWidth'(walk_i.win_last) : left_q - KWidth'(1);
        wcell_q <= window_ends ? '0 : wcell_q + KWidth'(1);
        ncell_q <= ~last_cell ? next_cell : window_ends ? next_base : base_q;
        if (window_ends) begin
          base_q <= next_base;
          line_q <= line_q == '0 ? LineWidth'(walk_i.windows_last) : line_q - LineWidth'(1);
        end
      end
    end
  end

  `LAC_ASSERT(one_account, $onehot0({event_o.useful, event_o.padding, event_o.empty, event_o.sync}),
              "a cycle has two accounts")
  `LAC_ASSERT(pair_live, !pair_o || (nmask_i[pos_o] && wmask_i[pos_o]),
              "a pair of which a word is not live")
  `LAC_ASSERT(windows_range, windows_q <= SizeWidth'(NCells),
              "more windows than the ring has cells")
  `LAC_ASSERT(ends_together, !window_ends || !event_o.cell_ends || last_cell,
              "a window ends within a result")
  `LAC_ASSERT(slice_ends, !last_o || cell_q == KWidth'(walk_i.cells_last),
              "a result ends within a slice")
  `LAC_ASSERT(ring_range, !active || 7'(ncell_q) < walk_i.ring_cells, "a cell past the ring")
  `LAC_COVER(cover_waits, event_o.sync)
  `LAC_COVER(cover_wraps, event_o.cell_ends && next_cell == '0)

endmodule
