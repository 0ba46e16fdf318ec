// SPDX-License-Identifier: Apache-2.0
//
// Broadcaster of SCNN: the weight buffer, and what turns its rows of runs into rows of weights with
// their output channel and offset, for all PEs at once.
//
//   rows -> SRAM -> | sums in a vector | in the row | position | tap -> offset | -> row_o
//
// A row has RowVectors vectors of F weights; layout: README.md beside this file. The position of a
// weight in its block is that of the one before + run + 1, over vectors and rows; channel k and tap
// of the kernel are its low and high bits. Rows are offered from the base on to the end of the last
// group; the row that is offered is taken when all PEs are ready (take_o).
// Example, KC_LOG 3, runs 0 2 of a block's first vector: positions 0 and 3, both tap 0, k 0 and 3.
//
// Errors: BLOCK_RANGE with the row, when it would be offered: a tap of TAPS or more, a channel of
// CHANNELS or more, more than F weights; no end in the buffer: with its depth. It stays until
// clr_i.
// Streams: row_o with ready_i (of all PEs), taken with take_o.
// Latency: start_i to the first row 6 cycles. Throughput: one row per cycle.
// Parameters:
//   F           2..16, a power of two
//   RowVectors  2..8, a power of two
//   Banks       8..512, a power of two
//   Entries     8..256, a power of two
//   MaxKc       4..64, a power of two
//   MaxC        8..4096, a multiple of 8
//   MaxTaps     1..255
//   WgtDepth    16..16777216
// Model: models/scnn. Source: SCNN (ISCA 2017), weight broadcast.

`include "lac_assert.svh"

module lac_scnn_bcast
  import lac_pkg::*, lac_scnn_ppu_pkg::*;
#(
  parameter  int F          = 4,
  parameter  int RowVectors = 8,
  parameter  int Banks      = 32,
  parameter  int Entries    = 32,
  parameter  int MaxKc      = 64,
  parameter  int MaxC       = 1024,
  parameter  int MaxTaps    = 128,
  parameter  int WgtDepth   = 8192,
  localparam int KWidth     = $clog2(MaxKc),
  localparam int LinWidth   = $clog2(Banks / 4 * Entries),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int AddrWidth  = $clog2(WgtDepth),
  localparam int BusWidth   = (16 + (12 + 20 * F) * RowVectors + 63) / 64 * 64,
  localparam int VecWidth   = 11 + F * (KWidth + LinWidth + 16),
  localparam int RowWidth   = WinWidth + RowVectors * VecWidth
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  lac_mem_cfg_t                mem_cfg_i,
  input  logic                        clr_i,
  // load
  input  logic                        wr_row_i,
  input  logic         [         3:0] wr_off_i,
  input  logic         [        23:0] wr_addr_i,
  input  logic         [BusWidth-1:0] wr_data_i,
  // pass
  input  logic                        start_i,
  input  logic         [        23:0] base_i,
  input  logic         [        15:0] channels_i,
  input  logic         [         7:0] taps_i,
  input  logic         [        15:0] groups_i,
  input  logic         [         2:0] kc_log_i,
  // rows
  output logic                        row_valid_o,
  output logic         [RowWidth-1:0] row_o,
  input  logic                        ready_i,
  output logic                        take_o,
  output logic                        err_o,
  output logic         [         7:0] err_code_o,
  output logic         [        31:0] err_pos_o
);

  `LAC_PARAM_RULE(lac_scnn_bcast, F, 2, 16, (F & (F - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_bcast, RowVectors, 2, 8, (RowVectors & (RowVectors - 1)) == 0,
                  "a power of two")
  `LAC_PARAM_RULE(lac_scnn_bcast, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_bcast, Entries, 8, 256, (Entries & (Entries - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_bcast, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_bcast, MaxC, 8, 4096, MaxC % 8 == 0, "a multiple of 8")
  `LAC_PARAM(lac_scnn_bcast, MaxTaps, 1, 255)
  `LAC_PARAM(lac_scnn_bcast, WgtDepth, 16, 16777216)

  localparam int Lanes = F * RowVectors;
  localparam int PosWidth = 15;  // 2^14 positions of a block, and rows behind before it is noticed
  localparam int RelWidth = $clog2(16 * Lanes + 1);  // positions of a row at most
  localparam int TapWidth = `LAC_INDEX_BITS(MaxTaps);
  localparam int TableSize = 2 ** TapWidth;
  localparam int Levels = $clog2(F);
  localparam int TagBits = 12;
  localparam int LaneBits = KWidth + LinWidth + 16;

  // rows of the buffer ---------------------------------------------------------------------------
  logic reading_q, past, rd_en, issue;
  logic [ AddrWidth:0] addr_q;
  logic [BusWidth-1:0] word;
  logic [         4:0] ready;  // of the stages: read, vectors, row, positions, output
  logic read_q, vec_q, rel_q, pos_q, row_q;
  logic stop;  // nothing is wanted any more behind the row in stage "read"

  // The bus is as wide as the deepest buffer may be; a tag has a spare bit.
  logic unused_bits;
  assign unused_bits = ^{wr_addr_i, base_i, word};

  assign past = 32'(addr_q) >= 32'(WgtDepth);
  assign issue = reading_q & ready[0];  // one too many, which is dropped, at the end
  assign rd_en = issue & ~past;

  lac_sram #(
    .Width(BusWidth),
    .Depth(WgtDepth)
  ) u_sram (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (rd_en),
    .rd_addr_i(AddrWidth'(addr_q)),
    .rd_data_o(word),
    .wr_en_i  (wr_row_i),
    .wr_addr_i(AddrWidth'(wr_addr_i)),
    .wr_data_i(wr_data_i)
  );

  assign ready[4] = ~row_q | take_o;
  assign ready[3] = ~pos_q | ready[4];
  assign ready[2] = ~rel_q | ready[3];
  assign ready[1] = ~vec_q | ready[2];
  assign ready[0] = ~read_q | ready[1];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reading_q <= 1'b0;
      read_q <= 1'b0;
      vec_q <= 1'b0;
      rel_q <= 1'b0;
      pos_q <= 1'b0;
      row_q <= 1'b0;
    end else if (clr_i) begin
      reading_q <= 1'b0;
      read_q <= 1'b0;
      vec_q <= 1'b0;
      rel_q <= 1'b0;
      pos_q <= 1'b0;
      row_q <= 1'b0;
    end else begin
      reading_q <= start_i | (reading_q & ~stop & ~(issue & past));
      if (ready[0]) read_q <= issue & ~stop;
      if (ready[1]) vec_q <= read_q;
      if (ready[2]) rel_q <= vec_q;
      if (ready[3]) pos_q <= rel_q;
      if (ready[4]) row_q <= pos_q;
    end
  end

  // The row past the buffer is known by its number.
  logic [AddrWidth:0] read_no_q;
  logic               read_past_q;

  always_ff @(posedge clk_i) begin
    if (start_i) addr_q <= (AddrWidth + 1)'(base_i);
    else if (issue) addr_q <= addr_q + (AddrWidth + 1)'(1);
    if (issue) begin
      read_no_q   <= addr_q;
      read_past_q <= past;
    end
  end

  // tags of the row that was read
  logic [RowVectors-1:0] valid, ends, lasts;
  logic [RowVectors*5-1:0] num;
  logic [RowVectors*3-1:0] sub;
  logic [15:0] window, left_q;  // groups whose end has not come
  logic [ 3:0] num_ends;
  logic [15:0] left;

  assign window = word[15:0];
  for (genvar v = 0; v < RowVectors; v++) begin : gen_tag
    logic [TagBits-2:0] tag;
    assign tag = word[16+v*TagBits+:TagBits-1];
    assign valid[v] = tag[10] & ~read_past_q;
    assign ends[v] = tag[10] & tag[9] & ~read_past_q;
    assign lasts[v] = tag[10] & tag[8];
    assign num[v*5+:5] = tag[7:3];
    assign sub[v*3+:3] = tag[2:0];
  end
  assign num_ends = 4'($countones(ends));
  assign left = left_q > 16'(num_ends) ? left_q - 16'(num_ends) : '0;
  assign stop = read_q & (left == '0);

  always_ff @(posedge clk_i) begin
    if (start_i) left_q <= groups_i;
    else if (read_q && ready[1]) left_q <= left;
  end

  // What goes with a row through all stages: {past, number, valid, ends, lasts, n, sub, window,
  // values}.
  localparam int SideBits = AddrWidth + 2 + RowVectors * 11 + WinWidth + Lanes * 16;
  logic [Lanes*16-1:0] values;
  logic [SideBits-1:0] side, side1_q, side2_q, side3_q;

  for (genvar l = 0; l < Lanes; l++) begin : gen_value
    assign values[l*16+:16] = word[16+RowVectors*TagBits+l*20+:16];
  end
  assign side = {read_past_q, read_no_q, valid, ends, lasts, num, sub, WinWidth'(window), values};

  // vectors: running sums of run + 1, in as many steps as doublings -------------------------------
  logic [RowVectors-1:0] bad_vec;
  logic [Lanes*RelWidth-1:0] sums, sums_q;
  logic [RowVectors*RelWidth-1:0] whole, whole_q;  // of the weights that count
  logic bad1_q;

  for (genvar v = 0; v < RowVectors; v++) begin : gen_sums
    logic [RelWidth-1:0] total;
    logic [        15:0] channel;
    for (genvar d = 0; d <= Levels; d++) begin : gen_level
      logic [F*RelWidth-1:0] level;
      for (genvar f = 0; f < F; f++) begin : gen_lane
        if (d == 0) begin : gen_step
          assign level[f*RelWidth+:RelWidth] =
              RelWidth'(word[16+RowVectors*TagBits+(v*F+f)*20+16+:4]) + RelWidth'(1);
        end else if (f < 2 ** (d - 1)) begin : gen_same
          assign level[f*RelWidth+:RelWidth] = gen_level[d-1].level[f*RelWidth+:RelWidth];
        end else begin : gen_add
          assign level[f*RelWidth+:RelWidth] = gen_level[d-1].level[f*RelWidth+:RelWidth]
              + gen_level[d-1].level[(f-2**(d-1))*RelWidth+:RelWidth];
        end
      end
    end
    assign sums[v*F*RelWidth+:F*RelWidth] = gen_level[Levels].level;
    always_comb begin
      total = '0;
      for (int f = 0; f < F; f++)
      if (num[v*5+:5] == 5'(f + 1)) total = sums[(v*F+f)*RelWidth+:RelWidth];
    end
    assign whole[v*RelWidth+:RelWidth] = valid[v] ? total : '0;
    assign channel = {window[12:0], sub[v*3+:3]};
    assign bad_vec[v] = valid[v] & ((num[v*5+:5] > 5'(F))
                                    | (~ends[v] & ((channel >= channels_i)
                                                   | (window[15:13] != '0))));
  end

  always_ff @(posedge clk_i) begin
    if (read_q && ready[1]) begin
      sums_q  <= sums;
      whole_q <= whole;
      bad1_q  <= |bad_vec;
      side1_q <= side;
    end
  end

  // row: where each vector begins, from the begin of its block or of the row ----------------------
  logic [RowVectors-1:0] valid1, ends1, lasts1, fresh, fresh_q;
  logic [RowVectors*5-1:0] num1;
  logic [RowVectors*3-1:0] sub1;
  logic [WinWidth-1:0] win1;
  logic [Lanes*16-1:0] values1;
  logic [AddrWidth+1:0] no1;
  logic [(RowVectors+1)*RelWidth-1:0] rel, rel_base_q;  // the last: behind the row
  logic [RowVectors:0] new_block;
  logic [Lanes*RelWidth-1:0] place, place_q;
  logic row_new_q, bad2_q, unused1;

  assign {no1, valid1, ends1, lasts1, num1, sub1, win1, values1} = side1_q;
  assign unused1 = ^{no1, ends1, num1, sub1, win1, values1};

  // Sums over the vectors before each one and behind the last end of a block among them, in as
  // many steps as doublings: of an end, what comes behind begins anew.
  localparam int RowLevels = $clog2(RowVectors);
  for (genvar d = 0; d <= RowLevels; d++) begin : gen_scan
    logic [RowVectors*RelWidth-1:0] rel_to;
    logic [RowVectors-1:0] ended;
    for (genvar v = 0; v < RowVectors; v++) begin : gen_vec
      if (d == 0) begin : gen_whole
        assign ended[v] = valid1[v] & lasts1[v];
        assign rel_to[v*RelWidth+:RelWidth] = ended[v] ? '0 : whole_q[v*RelWidth+:RelWidth];
      end else if (v < 2 ** (d - 1)) begin : gen_same
        assign ended[v] = gen_scan[d-1].ended[v];
        assign rel_to[v*RelWidth+:RelWidth] = gen_scan[d-1].rel_to[v*RelWidth+:RelWidth];
      end else begin : gen_add
        localparam int From = v - 2 ** (d - 1);
        assign ended[v] = gen_scan[d-1].ended[v] | gen_scan[d-1].ended[From];
        assign rel_to[v*RelWidth+:RelWidth] = gen_scan[d-1].rel_to[v*RelWidth+:RelWidth]
            + (gen_scan[d-1].ended[v] ? '0 : gen_scan[d-1].rel_to[From*RelWidth+:RelWidth]);
      end
    end
  end
  assign rel = {gen_scan[RowLevels].rel_to, {RelWidth{1'b0}}};
  assign new_block = {gen_scan[RowLevels].ended, 1'b0};
  assign fresh = new_block[RowVectors-1:0];

  for (genvar l = 0; l < Lanes; l++) begin : gen_within
    assign place[l*RelWidth+:RelWidth] = sums_q[l*RelWidth+:RelWidth] - RelWidth'(1);
  end

  always_ff @(posedge clk_i) begin
    if (vec_q && ready[2]) begin
      rel_base_q <= rel;
      fresh_q <= fresh;
      row_new_q <= new_block[RowVectors];
      place_q <= place;
      bad2_q <= bad1_q;
      side2_q <= side1_q;
    end
  end

  // positions in the block ------------------------------------------------------------------------
  logic [PosWidth-1:0] before_q;  // positions of the block that are behind us
  logic [Lanes*PosWidth-1:0] pos, pos_at_q;
  logic bad3_q;

  for (genvar v = 0; v < RowVectors; v++) begin : gen_pos
    logic [PosWidth-1:0] base;
    assign base = (fresh_q[v] ? '0 : before_q) + PosWidth'(rel_base_q[v*RelWidth+:RelWidth]);
    for (genvar f = 0; f < F; f++) begin : gen_lane
      assign pos[(v*F+f)*PosWidth+:PosWidth] =
          base + PosWidth'(place_q[(v*F+f)*RelWidth+:RelWidth]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) before_q <= '0;
    else if (rel_q && ready[3])
      before_q <= (row_new_q ? '0 : before_q)
          + PosWidth'(rel_base_q[RowVectors*RelWidth+:RelWidth]);
    if (rel_q && ready[3]) begin
      pos_at_q <= pos;
      bad3_q   <= bad2_q;
      side3_q  <= side2_q;
    end
  end

  // output: channel, and offset of the tap --------------------------------------------------------
  // The table bit by bit: a select of one bit of a power of two is a tree of 2:1 selects.
  logic [  MaxTaps*LinWidth-1:0] table_q;
  logic [LinWidth*TableSize-1:0] planes;
  for (genvar t = 0; t < MaxTaps; t++) begin : gen_table
    always_ff @(posedge clk_i) begin
      if (wr_off_i[t%4] && wr_addr_i[9:2] == 8'(t / 4))
        table_q[t*LinWidth+:LinWidth] <= wr_data_i[t%4*16+:LinWidth];
    end
  end
  for (genvar b = 0; b < LinWidth; b++) begin : gen_plane
    for (genvar t = 0; t < TableSize; t++) begin : gen_tap
      assign planes[b*TableSize+t] = t < MaxTaps ? table_q[t%MaxTaps*LinWidth+b] : 1'b0;
    end
  end

  logic [RowVectors-1:0] valid3, ends3, lasts3;
  logic [RowVectors*5-1:0] num3;
  logic [RowVectors*3-1:0] sub3;
  logic [WinWidth-1:0] win3;
  logic [Lanes*16-1:0] values3;
  logic [AddrWidth:0] no3, row_no_q;
  logic past3, row_bad_q, two_q;
  logic [              Lanes-1:0] lane_bad;
  logic [RowVectors*VecWidth-1:0] vecs;

  assign {past3, no3, valid3, ends3, lasts3, num3, sub3, win3, values3} = side3_q;

  for (genvar v = 0; v < RowVectors; v++) begin : gen_vec
    assign vecs[v*VecWidth+F*LaneBits+:11] = {
      valid3[v], ends3[v], lasts3[v], num3[v*5+:5], sub3[v*3+:3]
    };
    for (genvar f = 0; f < F; f++) begin : gen_lane
      logic [PosWidth-1:0] p, tap;
      logic [  KWidth-1:0] k;
      logic [LinWidth-1:0] off;
      assign p = pos_at_q[(v*F+f)*PosWidth+:PosWidth];
      assign tap = p >> kc_log_i;
      assign k = KWidth'(p) & ~({KWidth{1'b1}} << kc_log_i);
      assign lane_bad[v*F+f] = valid3[v] & (num3[v*5+:5] > 5'(f)) & (tap >= PosWidth'(taps_i));
      assign vecs[v*VecWidth+f*LaneBits+:LaneBits] = {k, off, values3[(v*F+f)*16+:16]};
      for (genvar b = 0; b < LinWidth; b++) begin : gen_off
        logic [TableSize-1:0] plane;
        assign plane  = planes[b*TableSize+:TableSize];
        assign off[b] = plane[TapWidth'(tap)];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (pos_q && ready[4]) begin
      row_o <= {win3, vecs};
      row_bad_q <= bad3_q | past3 | (|lane_bad);
      row_no_q <= no3;
      two_q <= $countones(valid3 & lasts3) > 1;
    end
  end

  assign row_valid_o = row_q & ~row_bad_q;
  assign take_o = row_valid_o & ready_i;
  assign err_o = row_q & row_bad_q;
  assign err_code_o = 8'(ERR_BLOCK_RANGE);
  assign err_pos_o = 32'(row_no_q);

  `LAC_STREAM_CLR(row_valid_o, ready_i, row_o, clr_i)
  `LAC_ASSERT(start_idle, !start_i || !(reading_q || read_q || row_q), "started while it reads")
  `LAC_ASSERT(load_idle, !wr_row_i || !reading_q, "rows are written while they are read")
  `LAC_ASSERT(rest_sums, $past(read_q && ready[1]) || $stable({sums_q, whole_q, bad1_q, side1_q}),
              "sums of no row")
  `LAC_ASSERT(rest_rel, $past(vec_q && ready[2]) || $stable
              ({rel_base_q, fresh_q, row_new_q, place_q, bad2_q, side2_q}), "begins of no row")
  `LAC_ASSERT(rest_pos, $past(rel_q && ready[3]) || $stable({pos_at_q, bad3_q, side3_q}),
              "positions of no row")
  `LAC_ASSERT(rest_row, $past(pos_q && ready[4]) || $stable({row_o, row_bad_q, row_no_q, two_q}),
              "a row of nothing")
  `LAC_ASSERT(bad_not_offered, !err_o || !row_valid_o, "a bad row is offered")
  `LAC_COVER(cover_full, read_q && vec_q && rel_q && pos_q && row_q && !ready_i)
  `LAC_COVER(cover_two_blocks, take_o && two_q)
  `LAC_COVER(cover_goes_on, rel_q && ready[3] && !fresh_q[0] && before_q != '0)

endmodule
