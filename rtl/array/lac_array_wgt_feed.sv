// SPDX-License-Identifier: Apache-2.0
//
// Weight feed: the weight buffer, and what moves its words into the shadow weights of the array, a
// row per cycle, as soon as the switch to the tile before has passed.
//
//   next_i -> scan of the rows -> Lead cycles -> SRAM -> wgt_o, we_o[i]: row i takes the word
//
// Tiles follow each other in the buffer, so the address counts up from the base to the end. Whether
// there is another one is asked (next_i) when its row 0 could be scanned; what is looked up for a
// row may take Lead cycles, then its weights are read.
// tile_i in cycle a: row 0 of the next tile is scanned in cycle a + Gap at the earliest, and never
// before the last row of the tile before it. ready_o, until tile_i: a tile may start, the rows
// come in time;
// without Lead from the cycle in which row 0 is written, else from the one in which it is read.
// Example, Rows 4, Cols 4, Gap 4, Lead 0: tile_i in cycle 10, reads in 14 to 17, writes in 15 to
// 18,
// ready_o from cycle 15 on.
//
// Checked: a word past the buffer is not read, err_o instead, in every such cycle.
// Latency: start_i to the first scan 1 cycle, if next_i. Throughput: one row per cycle.
// Parameters:
//   Rows      2..32
//   Cols      4..32
//   WgtWidth  8..18
//   WgtDepth  1..16777216
//   Gap       2..32
//   Lead      0..4
//   Checked   any
// Model: models/dense and models/sps, cycles.

`include "lac_assert.svh"

module lac_array_wgt_feed
  import lac_pkg::*;
#(
  parameter  int Rows      = 16,
  parameter  int Cols      = 16,
  parameter  int WgtWidth  = 16,
  parameter  int WgtDepth  = 8192,
  parameter  int Gap       = 16,
  parameter  int Lead      = 0,
  parameter  bit Checked   = 0,
  localparam int AddrWidth = `LAC_INDEX_BITS(WgtDepth)
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  lac_mem_cfg_t                     mem_cfg_i,
  input  logic                             clr_i,
  input  logic                             start_i,
  input  logic         [    AddrWidth-1:0] wgt_base_i,
  // load
  input  logic                             wr_en_i,
  input  logic         [    AddrWidth-1:0] wr_addr_i,
  input  logic         [Cols*WgtWidth-1:0] wr_data_i,
  // scan
  input  logic                             next_i,        // there is another tile
  output logic                             scan_o,
  output logic                             scan_first_o,
  output logic                             scan_last_o,
  // array
  input  logic                             tile_i,
  output logic                             ready_o,
  output logic         [         Rows-1:0] row_o,         // one-hot: the row that is read
  output logic         [         Rows-1:0] we_o,          // and the one before
  output logic         [Cols*WgtWidth-1:0] wgt_o,
  output logic                             rd_en_o,       // event: a word is read
  output logic                             err_o
);

  `LAC_PARAM(lac_array_wgt_feed, Rows, 2, 32)
  `LAC_PARAM(lac_array_wgt_feed, Cols, 4, 32)
  `LAC_PARAM(lac_array_wgt_feed, WgtWidth, 8, 18)
  `LAC_PARAM(lac_array_wgt_feed, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_array_wgt_feed, Gap, 2, 32)
  `LAC_PARAM(lac_array_wgt_feed, Lead, 0, 4)

  localparam int WaitWidth = $clog2(Gap);
  localparam int CountWidth = AddrWidth + int'(Checked);

  // scan ---------------------------------------------------------------------------------------
  logic free_q, scanning_q, ready_q, ready_now, first, reads;
  logic [ WaitWidth-1:0] wait_q;
  logic [CountWidth-1:0] addr_q;
  logic [Rows-1:0] row, row_q;

  assign scan_first_o = free_q & ~scanning_q & next_i;
  assign scan_o       = scan_first_o | scanning_q;
  assign row_o        = row;
  assign we_o         = row_q;
  assign ready_o      = ready_q | ready_now;

  if (Lead == 0) begin : gen_now
    assign first       = scan_first_o;
    assign reads       = scan_o;
    assign scan_last_o = row[Rows-1];
    assign ready_now   = row_q[0];
  end else begin : gen_late
    localparam int RowWidth = $clog2(Rows);
    logic [Lead-1:0] firsts_q, scans_q;  // the newest lowest
    logic [RowWidth-1:0] scan_row_q;

    assign first       = firsts_q[Lead-1];
    assign reads       = scans_q[Lead-1];
    assign scan_last_o = scan_o & (scan_row_q == RowWidth'(Rows - 1));
    assign ready_now   = first;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        firsts_q   <= '0;
        scans_q    <= '0;
        scan_row_q <= '0;
      end else if (clr_i) begin
        firsts_q   <= '0;
        scans_q    <= '0;
        scan_row_q <= '0;
      end else begin
        firsts_q   <= Lead'({firsts_q, scan_first_o});
        scans_q    <= Lead'({scans_q, scan_o});
        scan_row_q <= scan_o & ~scan_last_o ? scan_row_q + RowWidth'(1) : '0;
      end
    end
  end

  // read ---------------------------------------------------------------------------------------
  assign row = first ? Rows'(1) : reads ? row_q << 1 : '0;

  if (Checked) begin : gen_checked
    assign err_o = reads & (addr_q >= CountWidth'(WgtDepth));
  end else begin : gen_trusted
    assign err_o = 1'b0;
  end
  assign rd_en_o = reads & ~err_o;

  lac_sram #(
    .Width(Cols * WgtWidth),
    .Depth(WgtDepth)
  ) u_sram (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (rd_en_o),
    .rd_addr_i(addr_q[AddrWidth-1:0]),
    .rd_data_o(wgt_o),
    .wr_en_i  (wr_en_i),
    .wr_addr_i(wr_addr_i),
    .wr_data_i(wr_data_i)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      free_q     <= 1'b0;
      scanning_q <= 1'b0;
      ready_q    <= 1'b0;
      row_q      <= '0;
      wait_q     <= '0;
    end else if (clr_i) begin
      free_q     <= 1'b0;
      scanning_q <= 1'b0;
      ready_q    <= 1'b0;
      row_q      <= '0;
      wait_q     <= '0;
    end else begin
      free_q     <= start_i | (wait_q == WaitWidth'(1)) | (free_q & ~scan_first_o);
      scanning_q <= scan_o & ~scan_last_o;
      row_q      <= row;
      ready_q    <= ready_o & ~tile_i;
      if (tile_i) wait_q <= WaitWidth'(Gap - 1);
      else if (wait_q != '0) wait_q <= wait_q - WaitWidth'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) addr_q <= CountWidth'(wgt_base_i);
    else if (rd_en_o) addr_q <= addr_q + CountWidth'(1);
  end

  `LAC_ASSERT(row_onehot, $onehot0(row) && $onehot0(row_q), "two rows at once")
  `LAC_ASSERT(tile_ready, !tile_i || ready_o, "a tile starts before row 0 is in place")
  `LAC_ASSERT(first_left, !scan_first_o || next_i, "a tile past the last is scanned")
  `LAC_ASSERT(no_overtaking, !scan_first_o || wait_q == '0, "scanned before the switch has passed")
  `LAC_ASSERT(one_port, !(wr_en_i && rd_en_o), "the buffer is loaded while a tile is read")
  `LAC_ASSERT(row_of_read, !reads || row != '0, "a read of no row")
  `LAC_ASSERT(start_idle, !start_i || clr_i || !scanning_q, "started while a tile is scanned")
  `LAC_ASSERT(read_range, !rd_en_o || 32'(addr_q) < 32'(WgtDepth), "a word past the buffer")

endmodule
