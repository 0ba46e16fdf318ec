// SPDX-License-Identifier: Apache-2.0
//
// Bench of lac_scnn_out: memories of the PEs, loaded by the bench, and the transmitter of results.
// Simulation only.

`include "lac_assert.svh"

module lac_tb_scnn_out #(
  parameter  int NumPe      = 64,
  parameter  int I          = 4,
  parameter  int AccWidth   = 24,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  parameter  int MaxC       = 1024,
  parameter  int CarryDepth = 2048,
  localparam int PeWidth    = `LAC_INDEX_BITS(NumPe),
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int CarryWidth = `LAC_INDEX_BITS(CarryDepth),
  localparam int RowBits    = I * 20,
  localparam int CntBits    = AddrWidth + 1 + 8 * CountWidth
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clr_i,
  input  logic                  start_i,
  input  logic                  dense_i,
  input  logic [          15:0] chans_i,
  input  logic [           8:0] box_w_i,
  input  logic [           8:0] box_h_i,
  input  logic [           4:0] gap_i,
  input  logic [CarryWidth-1:0] cout_base_i,
  output logic                  done_o,
  // writes into the memories of a PE
  input  logic [   PeWidth-1:0] wr_pe_i,
  input  logic                  wr_row_i,
  input  logic                  wr_cnt_i,
  input  logic                  wr_carry_i,
  input  logic [          15:0] wr_addr_i,
  input  logic [   RowBits-1:0] wr_row_data_i,
  input  logic [   CntBits-1:0] wr_cnt_data_i,
  input  logic [  AccWidth-1:0] wr_carry_data_i,
  input  logic [  NumPe*17-1:0] carried_i,
  output logic [          63:0] m_axis_out_tdata,
  output logic                  m_axis_out_tvalid,
  input  logic                  m_axis_out_tready,
  output logic                  m_axis_out_tlast,
  output logic                  m_axis_out_tuser
);

  logic [PeWidth-1:0] pe;
  logic cnt_rd, row_rd, carry_rd;
  logic [      WinWidth-1:0] cnt_addr;
  logic [     AddrWidth-1:0] row_addr;
  logic [    CarryWidth-1:0] carry_addr;
  logic [ NumPe*CntBits-1:0] cnts;
  logic [ NumPe*RowBits-1:0] rows;
  logic [NumPe*AccWidth-1:0] carries;
  logic result_valid, result_ready, result_last;
  logic [63:0] result_data;

  for (genvar p = 0; p < NumPe; p++) begin : gen_pe
    lac_sram #(
      .Width(CntBits),
      .Depth(MaxC / 8)
    ) u_counts (
      .clk_i,
      .cfg_i    ('0),
      .rd_en_i  (cnt_rd & (pe == PeWidth'(p))),
      .rd_addr_i(cnt_addr),
      .rd_data_o(cnts[p*CntBits+:CntBits]),
      .wr_en_i  (wr_cnt_i & (wr_pe_i == PeWidth'(p))),
      .wr_addr_i(WinWidth'(wr_addr_i)),
      .wr_data_i(wr_cnt_data_i)
    );
    lac_sram #(
      .Width(RowBits),
      .Depth(IaramRows)
    ) u_rows (
      .clk_i,
      .cfg_i    ('0),
      .rd_en_i  (row_rd & (pe == PeWidth'(p))),
      .rd_addr_i(row_addr),
      .rd_data_o(rows[p*RowBits+:RowBits]),
      .wr_en_i  (wr_row_i & (wr_pe_i == PeWidth'(p))),
      .wr_addr_i(AddrWidth'(wr_addr_i)),
      .wr_data_i(wr_row_data_i)
    );
    lac_sram #(
      .Width(AccWidth),
      .Depth(CarryDepth)
    ) u_carry (
      .clk_i,
      .cfg_i    ('0),
      .rd_en_i  (carry_rd & (pe == PeWidth'(p))),
      .rd_addr_i(carry_addr),
      .rd_data_o(carries[p*AccWidth+:AccWidth]),
      .wr_en_i  (wr_carry_i & (wr_pe_i == PeWidth'(p))),
      .wr_addr_i(CarryWidth'(wr_addr_i)),
      .wr_data_i(wr_carry_data_i)
    );
  end

  lac_scnn_out #(
    .NumPe(NumPe),
    .I(I),
    .AccWidth(AccWidth),
    .IaramRows(IaramRows),
    .CountWidth(CountWidth),
    .MaxC(MaxC),
    .CarryDepth(CarryDepth)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clr_i,
    .start_i,
    .dense_i,
    .chans_i,
    .box_w_i,
    .box_h_i,
    .gap_i,
    .cout_base_i,
    .pe_o          (pe),
    .cnt_rd_en_o   (cnt_rd),
    .cnt_addr_o    (cnt_addr),
    .cnt_data_i    (cnts[32'(pe)*CntBits+:CntBits]),
    .row_rd_en_o   (row_rd),
    .row_addr_o    (row_addr),
    .row_data_i    (rows[32'(pe)*RowBits+:RowBits]),
    .carry_rd_en_o (carry_rd),
    .carry_addr_o  (carry_addr),
    .carry_data_i  (carries[32'(pe)*AccWidth+:AccWidth]),
    .carried_i     (carried_i[32'(pe)*17+:17]),
    .result_valid_o(result_valid),
    .result_ready_i(result_ready),
    .result_data_o (result_data),
    .result_last_o (result_last)
  );

  lac_result_tx #(
    .DataWidth(64)
  ) u_tx (
    .clk_i,
    .rst_ni,
    .clr_i,
    .done_o,
    .in_valid_i(result_valid),
    .in_ready_o(result_ready),
    .in_data_i (result_data),
    .in_last_i (result_last),
    .m_axis_out_tdata,
    .m_axis_out_tvalid,
    .m_axis_out_tready,
    .m_axis_out_tlast,
    .m_axis_out_tuser
  );

endmodule
