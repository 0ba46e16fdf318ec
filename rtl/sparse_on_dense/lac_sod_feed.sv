// SPDX-License-Identifier: Apache-2.0
//
// Feed: banks of compressed weights and the units that turn them into the shadow weights of each
// tile; the counterpart of lac_dense_wgt_feed.
//
//   write bus --> bank u --> lac_sod_unit u --> bus u: rows u*G .. u*G + G-1, G = Rows / NumUnits
//   tile_i ----> cycles since --> clear of unit u, when the tile before has left its last row
//   all units done --> ready_o
//
// Example, Rows 4, Cols 4, 2 units: tile_i in cycle 10 clears unit 0 in cycle 16, unit 1 in 18; each
// begins to decode its part of the next tile in that cycle.
// The first fault ends the pass: err_o with {format error, unit, tile}, of several units the lowest.
//
// Latency: start_i to the first clears 2 cycles; last write of all units to ready_o 1; fault to
// err_o 1. Throughput: a word and a beat per cycle and unit. Parameters: README.md beside this file.
// Parameters:
//   Rows       4..32, 4, 8, 16 or 32
//   Cols       4..32, 4, 8, 16 or 32
//   WgtWidth   8..16, 8 or 16
//   WgtDepth   1..16777216
//   WgtFormat  0..2
//   NumUnits   1..16, a power of two, at most Rows
//   NumLanes   1..16, 1, 4 or 16, with WgtFormat 0 only 1
//   GroupN     1..16, with WgtFormat 2 at most GroupM
//   GroupM     1..16, with WgtFormat 2 a divisor of Cols
//   SizeWidth  25..32
// Model: models/sparse_on_dense. Source: Yoon, Ryu, Kim, "Sparse-on-Dense", arXiv 2604.26587.

`include "lac_assert.svh"

module lac_sod_feed
  import lac_pkg::*, lac_fmt_pkg::*;
#(
  parameter  int Rows      = 16,
  parameter  int Cols      = 16,
  parameter  int WgtWidth  = 16,
  parameter  int WgtDepth  = 8192,
  parameter  int WgtFormat = 0,
  parameter  int NumUnits  = 4,
  parameter  int NumLanes  = 1,
  parameter  int GroupN    = 2,
  parameter  int GroupM    = 4,
  parameter  int SizeWidth = 25,
  localparam int WordWidth = 64,
  localparam int AddrWidth = `LAC_INDEX_BITS(WgtDepth),
  localparam int NumWidth  = $clog2(NumUnits + 1)
) (
  input  logic                                      clk_i,
  input  logic                                      rst_ni,
  input  logic                                      scan_mode_i,
  input  lac_mem_cfg_t                              mem_cfg_i,
  input  logic                                      clr_i,
  input  logic                                      start_i,
  input  logic         [             AddrWidth-1:0] wgt_base_i,
  input  logic         [             SizeWidth-1:0] tiles_i,
  // load
  input  logic         [              NumUnits-1:0] wr_en_i,
  input  logic         [             AddrWidth-1:0] wr_addr_i,
  input  logic         [               WordWidth:0] wr_data_i,    // mark and word
  // array
  input  logic                                      tile_i,
  output logic                                      ready_o,
  output logic         [                  Rows-1:0] row_o,
  output logic         [         NumUnits*Cols-1:0] col_o,
  output logic         [NumUnits*Cols*WgtWidth-1:0] wgt_o,
  // events and errors
  output logic         [              NumWidth-1:0] reads_o,      // words read in this cycle
  output logic                                      progress_o,
  output logic                                      err_o,
  output logic         [                      31:0] err_pos_o
);

  `LAC_PARAM_RULE(lac_sod_feed, Rows, 4, 32, Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sod_feed, Cols, 4, 32, Cols == 4 || Cols == 8 || Cols == 16 || Cols == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM_RULE(lac_sod_feed, WgtWidth, 8, 16, WgtWidth == 8 || WgtWidth == 16, "8 or 16")
  `LAC_PARAM(lac_sod_feed, WgtDepth, 1, 16777216)
  `LAC_PARAM(lac_sod_feed, WgtFormat, 0, 2)
  `LAC_PARAM_RULE(lac_sod_feed, NumUnits, 1, 16,
                  (NumUnits & (NumUnits - 1)) == 0 && NumUnits <= Rows,
                  "a power of two, at most Rows")
  `LAC_PARAM_RULE(lac_sod_feed, NumLanes, 1, 16,
                  NumLanes == 1 || (WgtFormat != 0 && (NumLanes == 4 || NumLanes == 16)),
                  "1, 4 or 16, with WgtFormat 0 only 1")
  `LAC_PARAM_RULE(lac_sod_feed, GroupN, 1, 16, WgtFormat != 2 || GroupN <= GroupM,
                  "with WgtFormat 2 at most GroupM")
  `LAC_PARAM_RULE(lac_sod_feed, GroupM, 1, 16, WgtFormat != 2 || Cols % GroupM == 0,
                  "with WgtFormat 2 a divisor of Cols")
  `LAC_PARAM(lac_sod_feed, SizeWidth, 25, 32)

  localparam int UnitRows = Rows / NumUnits;
  localparam int SinceWidth = $clog2(Rows + Cols + 1);
  localparam int TileWidth = 24;

  logic dec_rst_n;
  logic first_q, begin_q;  // a cycle after start_i, two
  logic [SinceWidth-1:0] since_q;  // cycles since tile_i; 0: none to be waited for
  logic [SizeWidth-1:0] left_q, tile_q;  // tiles whose pixels are to come; number of the next
  logic more;
  logic [NumUnits-1:0] clears, dones, done_q, rd_en, faults;
  logic [NumUnits*ErrWidth-1:0] errs;

  assign ready_o = &done_q;
  assign more    = left_q > SizeWidth'(1);

  // The decoders have no clear, but a reset.
  lac_rst u_dec_rst (
    .clk_i,
    .rst_ni,
    .scan_mode_i,
    .clr_i,
    .rst_no(dec_rst_n)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= 1'b0;
      begin_q <= 1'b0;
      since_q <= '0;
      done_q  <= '0;
      err_o   <= 1'b0;
    end else if (clr_i) begin
      first_q <= 1'b0;
      begin_q <= 1'b0;
      since_q <= '0;
      done_q  <= '0;
      err_o   <= 1'b0;
    end else begin
      first_q <= start_i;
      begin_q <= first_q;
      if (tile_i && more) since_q <= SinceWidth'(1);
      else if (since_q == SinceWidth'(Rows + Cols)) since_q <= '0;
      else if (since_q != '0) since_q <= since_q + SinceWidth'(1);
      done_q <= tile_i ? '0 : done_q | dones;
      err_o  <= |faults;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      left_q <= tiles_i;
      tile_q <= '0;
    end else if (tile_i) begin
      left_q <= left_q - SizeWidth'(1);
      tile_q <= tile_q + SizeWidth'(1);
    end
  end

  // units ------------------------------------------------------------------------------------
  for (genvar u = 0; u < NumUnits; u++) begin : gen_unit
    logic [AddrWidth-1:0] rd_addr;
    logic [  WordWidth:0] rd_data;

    assign clears[u] = begin_q | (since_q == SinceWidth'(Cols + (u + 1) * UnitRows));
    assign faults[u] = errs[u*ErrWidth+:ErrWidth] != ErrNone;

    lac_sram #(
      .Width(WordWidth + 1),
      .Depth(WgtDepth)
    ) u_bank (
      .clk_i    (clk_i),
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (rd_en[u]),
      .rd_addr_i(rd_addr),
      .rd_data_o(rd_data),
      .wr_en_i  (wr_en_i[u]),
      .wr_addr_i(wr_addr_i),
      .wr_data_i(wr_data_i)
    );

    lac_sod_unit #(
      .NumRows(UnitRows),
      .Cols(Cols),
      .WgtWidth(WgtWidth),
      .WgtFormat(WgtFormat),
      .NumLanes(NumLanes),
      .GroupN(GroupN),
      .GroupM(GroupM),
      .WgtDepth(WgtDepth)
    ) u_unit (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .dec_rst_ni(dec_rst_n),
      .clr_i     (clr_i),
      .start_i   (start_i),
      .base_i    (wgt_base_i),
      .clear_i   (clears[u]),
      .more_i    (more),
      .done_o    (dones[u]),
      .err_o     (errs[u*ErrWidth+:ErrWidth]),
      .rd_en_o   (rd_en[u]),
      .rd_addr_o (rd_addr),
      .rd_data_i (rd_data),
      .row_o     (row_o[u*UnitRows+:UnitRows]),
      .col_o     (col_o[u*Cols+:Cols]),
      .wgt_o     (wgt_o[u*Cols*WgtWidth+:Cols*WgtWidth])
    );
  end

  assign reads_o    = NumWidth'($countones(rd_en));
  assign progress_o = (rd_en != '0) | (row_o != '0);

  // errors -----------------------------------------------------------------------------------
  localparam int IndexWidth = `LAC_INDEX_BITS(NumUnits);
  logic [IndexWidth-1:0] unit;

  lac_ffs #(
    .Width(NumUnits)
  ) u_fault (
    .in_i    (faults),
    .valid_o (),
    .index_o (unit),
    .onehot_o()
  );

  always_ff @(posedge clk_i) begin
    err_pos_o <= {
      errs[32'(unit)*ErrWidth+:ErrWidth],
      4'(unit),
      tile_q[SizeWidth-1:TileWidth] != '0 ? {TileWidth{1'b1}} : tile_q[TileWidth-1:0]
    };
  end

  `LAC_ASSERT(tile_ready, !tile_i || ready_o, "a tile starts before its weights are in place")
  `LAC_ASSERT(tile_left, !tile_i || left_q != '0, "a tile past the last")
  `LAC_ASSERT(since_range, since_q <= SinceWidth'(Rows + Cols), "counts past the last row")
  `LAC_ASSERT(clear_once, !(begin_q && since_q != '0), "a part is begun twice")
  `LAC_ASSERT(done_once, (dones & done_q) == '0, "a unit is done twice with a part")
  `LAC_ASSERT(one_port, !(wr_en_i != '0 && rd_en != '0), "a bank is loaded while it is read")

endmodule
