// SPDX-License-Identifier: Apache-2.0
//
// Grid of SCNN's nodes, with the links that hand sums over between neighbours.
//
//   row, command, bias --> all nodes; halo words between each and its neighbours W, E, N, S
//
// Node P = y * PeX + x is in column x and row y. Loader and results: ld_*_i has a bit per node; what
// is read of node out_pe_i is there in the next cycle, while out_pe_i stays. x_i, y_i: classes of
// the position for every column and row. Errors: of the lowest node.
// Latency: those of a node. Throughput: PeX * PeY * F * I multiplies per cycle.
// Parameters: those of lac_scnn_node and
//   PeX  1..16
//   PeY  1..16
// Small: PeX 2, PeY 1, F 2, I 2, RowVectors 4, WgtFifo 16, IaramRows 64, MaxC 64.
// Source: SCNN (ISCA 2017), figure 5. Model: models/scnn.

`include "lac_assert.svh"

module lac_scnn_grid
  import lac_pkg::*, lac_scnn_node_pkg::*;
#(
  parameter  int PeX        = 8,
  parameter  int PeY        = 8,
  parameter  int F          = 4,
  parameter  int I          = 4,
  parameter  int AccWidth   = 24,
  parameter  int Banks      = 2 * F * I,
  parameter  int Entries    = 32,
  parameter  int MaxKc      = 64,
  parameter  int RowVectors = 8,
  parameter  int WgtFifo    = 64,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  parameter  int MaxC       = 1024,
  parameter  int CarryDepth = 2048,
  parameter  int LaneDepth  = 3,
  parameter  int XbarGrants = 2,
  parameter  int LookAhead  = 1,
  parameter  int BankDepth  = 4,
  parameter  int BankMap    = 0,
  parameter  int Merge      = 1,
  localparam int KWidth     = $clog2(MaxKc),
  localparam int LinWidth   = $clog2(Banks / 4 * Entries),
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int CarryWidth = `LAC_INDEX_BITS(CarryDepth),
  localparam int RowWidth   = WinWidth + RowVectors * (11 + F * (KWidth + LinWidth + 16)),
  localparam int RowBits    = I * 20,
  localparam int CntBits    = AddrWidth + 1 + 8 * CountWidth,
  localparam int NumPe      = PeX * PeY,
  localparam int PeWidth    = `LAC_INDEX_BITS(NumPe)
) (
  input  logic                                       clk_i,
  input  logic                                       rst_ni,
  input  lac_mem_cfg_t                               mem_cfg_i,
  input  logic                                       clr_i,
  input  lac_scnn_node_cfg_t                         cfg_i,
  input  lac_scnn_node_cmd_t                         cmd_i,
  input  logic               [         RowWidth-1:0] row_i,
  output logic               [            NumPe-1:0] row_ready_o,
  output logic               [            NumPe-1:0] end_o,
  output logic               [            NumPe-1:0] drained_o,
  input  logic               [            PeX*4-1:0] x_i,
  input  logic               [            PeY*4-1:0] y_i,
  input  logic               [         AccWidth-1:0] bias_i,
  // loader
  input  logic               [            NumPe-1:0] ld_row_i,
  input  logic               [        AddrWidth-1:0] ld_row_addr_i,
  input  logic               [          RowBits-1:0] ld_row_data_i,
  input  logic               [            NumPe-1:0] ld_cnt_i,
  input  logic               [         WinWidth-1:0] ld_cnt_addr_i,
  input  logic               [          CntBits-1:0] ld_cnt_data_i,
  input  logic               [            NumPe-1:0] ld_carry_i,
  input  logic               [       CarryWidth-1:0] ld_carry_addr_i,
  input  logic               [         AccWidth-1:0] ld_carry_data_i,
  // results
  input  logic               [          PeWidth-1:0] out_pe_i,
  input  logic                                       out_row_rd_i,
  input  logic               [        AddrWidth-1:0] out_row_addr_i,
  output logic               [          RowBits-1:0] out_row_o,
  input  logic                                       out_cnt_rd_i,
  input  logic               [         WinWidth-1:0] out_cnt_addr_i,
  output logic               [          CntBits-1:0] out_cnt_o,
  input  logic                                       out_carry_rd_i,
  input  logic               [       CarryWidth-1:0] out_carry_addr_i,
  output logic               [         AccWidth-1:0] out_carry_o,
  output logic               [                 16:0] carried_o,
  // events
  output logic               [NumPe*NODE_EVENTS-1:0] ev_o,
  output logic                                       step_o,
  output lac_scnn_node_err_t                         err_o
);

  `LAC_PARAM(lac_scnn_grid, PeX, 1, 16)
  `LAC_PARAM(lac_scnn_grid, PeY, 1, 16)

  logic [NumPe*AccWidth-1:0] halo, carries;
  logic [NumPe*RowBits-1:0] rows;
  logic [NumPe*CntBits-1:0] cnts;
  logic [NumPe*17-1:0] carried;
  logic [NumPe-1:0] step, err_valid, row_rd, cnt_rd, carry_rd;
  logic [ NumPe*8-1:0] err_code;
  logic [NumPe*32-1:0] err_pos;

  for (genvar y = 0; y < PeY; y++) begin : gen_y
    for (genvar x = 0; x < PeX; x++) begin : gen_x
      localparam int P = y * PeX + x;
      localparam logic [3:0] Sides = {1'(y < PeY - 1), 1'(y > 0), 1'(x < PeX - 1), 1'(x > 0)};
      logic                  [4*AccWidth-1:0] links;  // W, E, N, S
      lac_scnn_node_err_t                     node_err;
      lac_scnn_node_events_t                  node_ev;

      if (x > 0) begin : gen_west
        assign links[0+:AccWidth] = halo[(P-1)*AccWidth+:AccWidth];
      end else begin : gen_no_west
        assign links[0+:AccWidth] = '0;
      end
      if (x < PeX - 1) begin : gen_east
        assign links[AccWidth+:AccWidth] = halo[(P+1)*AccWidth+:AccWidth];
      end else begin : gen_no_east
        assign links[AccWidth+:AccWidth] = '0;
      end
      if (y > 0) begin : gen_north
        assign links[2*AccWidth+:AccWidth] = halo[(P-PeX)*AccWidth+:AccWidth];
      end else begin : gen_no_north
        assign links[2*AccWidth+:AccWidth] = '0;
      end
      if (y < PeY - 1) begin : gen_south
        assign links[3*AccWidth+:AccWidth] = halo[(P+PeX)*AccWidth+:AccWidth];
      end else begin : gen_no_south
        assign links[3*AccWidth+:AccWidth] = '0;
      end
      assign {row_rd[P], cnt_rd[P], carry_rd[P]} =
          out_pe_i == PeWidth'(P) ? {out_row_rd_i, out_cnt_rd_i, out_carry_rd_i} : '0;
      assign ev_o[P*NODE_EVENTS+:NODE_EVENTS] = node_ev;
      assign step[P] = node_ev.step;
      assign err_valid[P] = node_err.valid;
      assign err_code[P*8+:8] = node_err.code;
      assign err_pos[P*32+:32] = node_err.pos;

      lac_scnn_node #(
        .F(F),
        .I(I),
        .AccWidth(AccWidth),
        .Banks(Banks),
        .Entries(Entries),
        .MaxKc(MaxKc),
        .RowVectors(RowVectors),
        .WgtFifo(WgtFifo),
        .IaramRows(IaramRows),
        .CountWidth(CountWidth),
        .MaxC(MaxC),
        .CarryDepth(CarryDepth),
        .LaneDepth(LaneDepth),
        .XbarGrants(XbarGrants),
        .LookAhead(LookAhead),
        .BankDepth(BankDepth),
        .BankMap(BankMap),
        .Merge(Merge)
      ) u_node (
        .clk_i,
        .rst_ni,
        .mem_cfg_i,
        .clr_i,
        .pe_i             (8'(P)),
        .side_i           (Sides),
        .cfg_i,
        .cmd_i,
        .row_i,
        .row_ready_o      (row_ready_o[P]),
        .end_o            (end_o[P]),
        .drained_o        (drained_o[P]),
        .x_i              (x_i[x*4+:4]),
        .y_i              (y_i[y*4+:4]),
        .bias_i,
        .halo_o           (halo[P*AccWidth+:AccWidth]),
        .halo_i           (links),
        .ld_row_wr_en_i   (ld_row_i[P]),
        .ld_row_addr_i,
        .ld_row_data_i,
        .ld_cnt_wr_en_i   (ld_cnt_i[P]),
        .ld_cnt_addr_i,
        .ld_cnt_data_i,
        .ld_carry_wr_en_i (ld_carry_i[P]),
        .ld_carry_addr_i,
        .ld_carry_data_i,
        .out_row_rd_en_i  (row_rd[P]),
        .out_row_addr_i,
        .out_row_data_o   (rows[P*RowBits+:RowBits]),
        .out_cnt_rd_en_i  (cnt_rd[P]),
        .out_cnt_addr_i,
        .out_cnt_data_o   (cnts[P*CntBits+:CntBits]),
        .out_carry_rd_en_i(carry_rd[P]),
        .out_carry_addr_i,
        .out_carry_data_o (carries[P*AccWidth+:AccWidth]),
        .carried_o        (carried[P*17+:17]),
        .ev_o             (node_ev),
        .err_o            (node_err)
      );
    end
  end

  assign out_row_o   = rows[32'(out_pe_i)*RowBits+:RowBits];
  assign out_cnt_o   = cnts[32'(out_pe_i)*CntBits+:CntBits];
  assign out_carry_o = carries[32'(out_pe_i)*AccWidth+:AccWidth];
  assign carried_o   = carried[32'(out_pe_i)*17+:17];
  assign step_o      = |step;

  logic [PeWidth-1:0] err_pe;

  lac_ffs #(
    .Width(NumPe)
  ) u_err (
    .in_i    (err_valid),
    .valid_o (err_o.valid),
    .index_o (err_pe),
    .onehot_o()
  );
  assign err_o.code = err_code[32'(err_pe)*8+:8];
  assign err_o.pos  = err_pos[32'(err_pe)*32+:32];

  `LAC_ASSERT(one_loaded, $onehot0(ld_row_i | ld_cnt_i | ld_carry_i), "two PEs are loaded at once")
  `LAC_ASSERT(out_apart, !out_row_rd_i || ld_row_i == '0, "results leave while rows are loaded")
  `LAC_ASSERT(out_range, !(out_row_rd_i || out_cnt_rd_i || out_carry_rd_i) || 32'(out_pe_i) < NumPe,
              "results of a PE that is none")
  `LAC_ASSERT(err_named, !err_o.valid || err_o.code != '0, "an error without a code")

  `LAC_ASSERT(one_pe_read, $onehot0(row_rd) && $onehot0(cnt_rd) && $onehot0(carry_rd),
              "results of two PEs are read at once")

endmodule
