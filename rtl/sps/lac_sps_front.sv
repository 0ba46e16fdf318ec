// SPDX-License-Identifier: Apache-2.0
//
// Front of SPS: what the array of rtl/array is fed with, activations and weights, tile by tile.
//
//   weight feed --scan--> index unit --offset of a row--> rows: chain of addresses, a bank each -> lanes_o
//        |                                                  ^
//        +--> wgt_row_o, wgt_o: shadow weights              +-- address generator -> px_*: to the sums
//
// The feed scans the rows of the next tile one a cycle; the index unit has the offset of a row
// three
// cycles later, when its weights are read; they are written a cycle behind its offset. Pixels go
// down the
// rows as addresses, so that the data come skewed.
// Without RowOffsets only row 0 has an offset, and the rows behind take its address.
// Errors: of a row the index unit's before the feed's.
// Tables and weights are written by the loader's buses, activations by words of Rows.
// Latency: a tile's first scan to its first pixel in lane 0 7 cycles; start_i to the first scan 2.
// Throughput: one pixel per cycle; a tile takes max(P*Q, Rows, Cols + 1). Model: models/sps.
// Parameters:
//   Rows        4..32, 4, 8, 16 or 32
//   Cols        4..32, 4, 8, 16 or 32
//   ActWidth    8..16, 8 or 16
//   WgtWidth    8..16, 8 or 16
//   ActDepth    1..16777216
//   WgtDepth    1..16777216
//   SumWidth    1..24
//   RowOffsets  0..1
//   MaxPeriod   1..16
//   KernelSize  1..15
//   TableDepth  1..256
//   MaxKt       1..1024
//   MaxCt       1..1024
// Source: as lac_sps_index.

`include "lac_assert.svh"

module lac_sps_front
  import lac_pkg::*, lac_sps_cfg_pkg::*, lac_sps_pkg::*;
#(
  parameter  int Rows         = 16,
  parameter  int Cols         = 16,
  parameter  int ActWidth     = 16,
  parameter  int WgtWidth     = 16,
  parameter  int ActDepth     = 16384,
  parameter  int WgtDepth     = 8192,
  parameter  int SumWidth     = 12,
  parameter  int RowOffsets   = 1,
  parameter  int MaxPeriod    = 16,
  parameter  int KernelSize   = 7,
  parameter  int TableDepth   = 144,
  parameter  int MaxKt        = 64,
  parameter  int MaxCt        = 128,
  localparam int ActAddrWidth = `LAC_INDEX_BITS(ActDepth),
  localparam int WgtAddrWidth = `LAC_INDEX_BITS(WgtDepth),
  localparam int NumWidth     = $clog2(Rows + 1),
  localparam int DataWidth    = 64
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  lac_mem_cfg_t                     mem_cfg_i,
  input  logic                             clr_i,
  input  logic                             start_i,
  // geometry, constant while it runs; checked before
  input  lac_sps_cfg_t                     cfg_i,
  input  logic         [ ActAddrWidth-1:0] in_pixels_i,      // H*W
  input  logic         [ ActAddrWidth-1:0] row_step_i,       // STRIDE*W
  input  logic         [ ActAddrWidth-1:0] top_i,            // PAD_TOP*W
  // load
  input  logic                             wr_act_i,
  input  logic         [ ActAddrWidth-1:0] wr_act_addr_i,
  input  logic         [Rows*ActWidth-1:0] wr_act_data_i,
  input  logic                             wr_wgt_i,
  input  logic                             wr_dir_i,
  input  logic                             wr_pos_i,
  input  logic                             wr_kres_i,
  input  logic                             wr_rres_i,
  input  logic         [             23:0] wr_addr_i,
  input  logic         [Cols*WgtWidth-1:0] wr_wgt_data_i,
  input  logic         [    DataWidth-1:0] wr_table_data_i,
  input  logic         [       Rows*4-1:0] wr_rres_data_i,
  // shadow weights
  output logic         [         Rows-1:0] wgt_row_o,
  output logic         [Cols*WgtWidth-1:0] wgt_o,
  // lanes of the array
  output logic         [         Rows-1:0] lane_valid_o,
  output logic         [         Rows-1:0] lane_waits_o,
  output logic         [         Rows-1:0] lane_switch_o,
  output logic         [Rows*ActWidth-1:0] lanes_o,
  // the pixel that is in lane 0
  output logic                             px_valid_o,
  output logic                             px_first_o,
  output logic                             px_init_o,
  output logic                             px_last_o,
  output logic         [     SumWidth-1:0] px_addr_o,
  // events and errors
  output logic                             progress_o,
  output logic                             wgt_read_o,
  output logic                             idx_read_o,
  output logic         [     NumWidth-1:0] act_reads_o,      // banks that are read
  output logic                             err_o,
  output logic         [              7:0] err_code_o,
  output logic         [             31:0] err_pos_o
);

  `LAC_PARAM_RULE(lac_sps_front, Rows, 4, 32, Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sps_front, Cols, 4, 32, Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sps_front, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM_RULE(lac_sps_front, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_sps_front, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_sps_front, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_sps_front, SumWidth, 1, 24)
  `LAC_PARAM(lac_sps_front, RowOffsets, 0, 1)
  `LAC_PARAM(lac_sps_front, MaxPeriod, 1, 16)
  `LAC_PARAM(lac_sps_front, KernelSize, 1, 15)
  `LAC_PARAM(lac_sps_front, TableDepth, 1, 256)
  `LAC_PARAM(lac_sps_front, MaxKt, 1, 1024)
  `LAC_PARAM(lac_sps_front, MaxCt, 1, 1024)

  localparam int FlagWidth = 2 * KernelSize;
  localparam int Lead = 3;  // from the scan of a row to its offset: lac_sps_index
  // The switch leaves the last column of row 0 Cols + 1 cycles behind tile; weights are written
  // Lead
  // + 1 behind their scan, at the earliest in that very cycle.
  localparam int Gap = Cols - 2;
  localparam int PxWidth = SumWidth + 3;

  logic [31:0] act_base, wgt_base, period;
  logic unused_cfg;
  assign act_base   = cfg_i.act_base;
  assign wgt_base   = cfg_i.wgt_base;
  assign period     = cfg_i.period;
  assign unused_cfg = ^{cfg_i, act_base, wgt_base, period};

  // weights, index -----------------------------------------------------------------------------
  logic scan, scan_first, scan_last, next, tile, ready, past, wgt_rd_en;
  logic tile_init, tile_fresh, off_has, idx_err;
  logic [3:0] off_dy, off_dx;
  logic [ActAddrWidth-1:0] off;
  logic [        Rows-1:0] off_row;
  logic [             7:0] idx_code;
  logic [            31:0] idx_pos;

  lac_array_wgt_feed #(
    .Rows(Rows),
    .Cols(Cols),
    .WgtWidth(WgtWidth),
    .WgtDepth(WgtDepth),
    .Gap(Gap),
    .Lead(Lead),
    .Checked(1'b1)
  ) u_feed (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .mem_cfg_i   (mem_cfg_i),
    .clr_i       (clr_i),
    .start_i     (start_i),
    .wgt_base_i  (wgt_base[WgtAddrWidth-1:0]),
    .wr_en_i     (wr_wgt_i),
    .wr_addr_i   (WgtAddrWidth'(wr_addr_i)),
    .wr_data_i   (wr_wgt_data_i),
    .next_i      (next),
    .scan_o      (scan),
    .scan_first_o(scan_first),
    .scan_last_o (scan_last),
    .tile_i      (tile),
    .ready_o     (ready),
    .row_o       (off_row),
    .we_o        (wgt_row_o),
    .wgt_o       (wgt_o),
    .rd_en_o     (wgt_rd_en),
    .err_o       (past)
  );

  lac_sps_index #(
    .Rows(Rows),
    .RowOffsets(RowOffsets),
    .MaxPeriod(MaxPeriod),
    .TableDepth(TableDepth),
    .MaxKt(MaxKt),
    .MaxCt(MaxCt),
    .AddrWidth(ActAddrWidth)
  ) u_index (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .mem_cfg_i     (mem_cfg_i),
    .clr_i         (clr_i),
    .start_i       (start_i),
    .period_i      (period[4:0]),
    .kernel_h_i    (cfg_i.kernel.r),
    .kernel_w_i    (cfg_i.kernel.s),
    .in_w_i        (cfg_i.in_size.w),
    .ct_i          (cfg_i.tiles.ct),
    .kt_i          (cfg_i.tiles.kt),
    .kres_base_i   (cfg_i.tables.kres_base),
    .rres_base_i   (cfg_i.tables.rres_base),
    .wr_dir_i      (wr_dir_i),
    .wr_pos_i      (wr_pos_i),
    .wr_kres_i     (wr_kres_i),
    .wr_rres_i     (wr_rres_i),
    .wr_addr_i     (wr_addr_i),
    .wr_data_i     (wr_table_data_i),
    .wr_rres_data_i(wr_rres_data_i),
    .scan_i        (scan),
    .scan_first_i  (scan_first),
    .scan_last_i   (scan_last),
    .next_o        (next),
    .tile_init_o   (tile_init),
    .tile_fresh_o  (tile_fresh),
    .read_o        (idx_read_o),
    .off_has_o     (off_has),
    .off_dy_o      (off_dy),
    .off_dx_o      (off_dx),
    .off_o         (off),
    .err_o         (idx_err),
    .err_code_o    (idx_code),
    .err_pos_o     (idx_pos)
  );

  assign wgt_read_o = wgt_rd_en;
  assign progress_o = scan | wgt_rd_en;
  assign err_o      = idx_err | past;
  assign err_code_o = idx_err ? idx_code : 8'(ERR_WGT_RANGE);
  // The word past the end is that of tile number (WgtDepth - WGT_BASE) / Rows.
  assign err_pos_o  = idx_err ? idx_pos : (32'(WgtDepth) - wgt_base) >> $clog2(Rows);

  // pixels -------------------------------------------------------------------------------------
  logic px_valid, px_waits, px_first, px_init, px_last, scan_own_q, scanning, tile_q;
  logic [ActAddrWidth-1:0] base;
  logic [KernelSize-1:0] yin, xin;
  logic [SumWidth-1:0] sum_addr;

  // Whether a tile follows the one that has begun: known once its rows are scanned, or the rows of
  // the next one are.
  assign scanning = scan & ~scan_first;

  always_ff @(posedge clk_i) scan_own_q <= tile | (scan_own_q & ~scan_first);

  lac_sps_agen #(
    .AddrWidth (ActAddrWidth),
    .SumWidth  (SumWidth),
    .KernelSize(KernelSize)
  ) u_agen (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clr_i      (clr_i),
    .start_i    (start_i),
    .in_h_i     (cfg_i.in_size.h),
    .in_w_i     (cfg_i.in_size.w),
    .out_h_i    (cfg_i.out_size.p),
    .out_w_i    (cfg_i.out_size.q),
    .stride_i   (cfg_i.kernel.stride),
    .pad_top_i  (cfg_i.kernel.pad_top),
    .pad_left_i (cfg_i.kernel.pad_left),
    .act_base_i (act_base[ActAddrWidth-1:0]),
    .in_pixels_i(in_pixels_i),
    .row_step_i (row_step_i),
    .top_i      (top_i),
    .keep_i     (cfg_i.mode.acc_keep),
    .ready_i    (ready),
    .tile_o     (tile),
    .init_i     (tile_init),
    .fresh_i    (tile_fresh),
    .known_i    (~(scan_own_q & scanning)),
    .final_i    (scan_own_q & ~scan & ~next),
    .valid_o    (px_valid),
    .waits_o    (px_waits),
    .base_o     (base),
    .yin_o      (yin),
    .xin_o      (xin),
    .first_o    (px_first),
    .init_o     (px_init),
    .last_o     (px_last),
    .sum_addr_o (sum_addr)
  );

  // A cycle ahead of the first pixel.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) tile_q <= 1'b0;
    else tile_q <= tile & ~clr_i;
  end

  // What the sums need, as old as the data in lane 0.
  logic [PxWidth-1:0] px_q, px_qq;

  always_ff @(posedge clk_i) begin
    px_q <= {px_first, px_init, px_last, sum_addr};
    px_qq <= px_q;
    {px_first_o, px_init_o, px_last_o, px_addr_o} <= px_qq;
  end
  assign px_valid_o = lane_valid_o[0];

  // rows ---------------------------------------------------------------------------------------
  logic [Rows-1:0] rd_en;

  for (genvar i = 0; i < Rows; i++) begin : gen_row
    localparam bit Own = i == 0 || RowOffsets != 0;
    localparam int Flags = Own ? FlagWidth : 1;

    logic valid, waits, switches, read, valid_in, waits_in, switch_in;
    logic [ActAddrWidth-1:0] base_in, base_out, addr;
    logic [Flags-1:0] flags_in, flags_out;

    if (i == 0) begin : gen_head
      assign {valid_in, waits_in, switch_in} = {px_valid, px_waits, tile_q};
      assign base_in = base;
      assign flags_in = {yin, xin};
    end else begin : gen_next
      assign {valid_in, waits_in, switch_in} = {
        gen_row[i-1].valid, gen_row[i-1].waits, gen_row[i-1].switches
      };
      if (Own) begin : gen_own
        assign base_in  = gen_row[i-1].base_out;
        assign flags_in = gen_row[i-1].flags_out;
      end else begin : gen_given
        assign base_in  = gen_row[i-1].addr;
        assign flags_in = gen_row[i-1].read;
      end
    end

    lac_sps_row #(
      .Own(Own),
      .ActWidth(ActWidth),
      .ActDepth(ActDepth),
      .KernelSize(KernelSize)
    ) u_row (
      .clk_i        (clk_i),
      .rst_ni       (rst_ni),
      .mem_cfg_i    (mem_cfg_i),
      .clr_i        (clr_i),
      .valid_i      (valid_in),
      .waits_i      (waits_in),
      .switch_i     (switch_in),
      .base_i       (base_in),
      .flags_i      (flags_in),
      .valid_o      (valid),
      .waits_o      (waits),
      .switch_o     (switches),
      .base_o       (base_out),
      .flags_o      (flags_out),
      .addr_o       (addr),
      .read_o       (read),
      .off_we_i     (off_row[i]),
      .off_has_i    (off_has),
      .off_dy_i     (off_dy),
      .off_dx_i     (off_dx),
      .off_i        (off),
      .wr_en_i      (wr_act_i),
      .wr_addr_i    (wr_act_addr_i),
      .wr_data_i    (wr_act_data_i[i*ActWidth+:ActWidth]),
      .lane_valid_o (lane_valid_o[i]),
      .lane_waits_o (lane_waits_o[i]),
      .lane_switch_o(lane_switch_o[i]),
      .act_o        (lanes_o[i*ActWidth+:ActWidth]),
      .rd_en_o      (rd_en[i])
    );

    // The last row has none behind it; others pass on either of the two.
    logic unused_row;
    assign unused_row = ^{valid, waits, switches, base_out, flags_out, addr, read};
  end

  assign act_reads_o = NumWidth'($countones(rd_en));

  `LAC_ASSERT(tile_ready, !tile || ready, "a tile starts without its weights")
  `LAC_ASSERT(offsets_apart, $onehot0(off_row), "two rows take an offset at once")
  `LAC_ASSERT(final_alone, !(px_valid && px_last) || !(ready || scan),
              "a tile behind the last pixel")
  `LAC_ASSERT(offset_before_weights, wgt_row_o == '0 || $past(off_row) == wgt_row_o || $past
              (clr_i), "weights without an offset before them")

endmodule
