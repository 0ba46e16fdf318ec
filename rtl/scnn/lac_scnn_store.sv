// SPDX-License-Identifier: Apache-2.0
//
// Activation memories of a PE: two of rows and two of counts, which take turns as source and
// destination.
//
//   loader -> source -> compute      PPU -> destination -> results      swap_i: roles change
//
// The source is written by the loader (ld_*) or read by the computing side (src_*), the destination
// written by the PPU (dst_*) or read for the results (out_*): one port each is enough.
// Example: load row 3, swap_i, out_row_rd_en_i with address 3: that row in the next cycle.
// Memory 0 is the source behind a reset; clr_i is no business of memories.
// Latency: 1 cycle; what was read holds. Throughput 1 row and 1 word of counts per cycle and
// memory.
// Parameters:
//   I           2..16, a power of two
//   IaramRows   8..65536
//   CountWidth  4..12
//   MaxC        8..4096, a multiple of 8
// Model: two arrays in the bench. Source: SCNN (ISCA 2017), IARAM and OARAM.

`include "lac_assert.svh"

module lac_scnn_store
  import lac_pkg::*;
#(
  parameter  int I          = 4,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  parameter  int MaxC       = 1024,
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int WinWidth   = `LAC_INDEX_BITS(MaxC / 8),
  localparam int RowBits    = I * 20,
  localparam int CntBits    = AddrWidth + 1 + 8 * CountWidth
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  lac_mem_cfg_t                 mem_cfg_i,
  input  logic                         swap_i,
  // source
  input  logic                         ld_row_wr_en_i,
  input  logic         [AddrWidth-1:0] ld_row_addr_i,
  input  logic         [  RowBits-1:0] ld_row_data_i,
  input  logic                         ld_cnt_wr_en_i,
  input  logic         [ WinWidth-1:0] ld_cnt_addr_i,
  input  logic         [  CntBits-1:0] ld_cnt_data_i,
  input  logic                         src_row_rd_en_i,
  input  logic         [AddrWidth-1:0] src_row_addr_i,
  output logic         [  RowBits-1:0] src_row_data_o,
  input  logic                         src_cnt_rd_en_i,
  input  logic         [ WinWidth-1:0] src_cnt_addr_i,
  output logic         [  CntBits-1:0] src_cnt_data_o,
  // destination
  input  logic                         dst_row_wr_en_i,
  input  logic         [AddrWidth-1:0] dst_row_addr_i,
  input  logic         [  RowBits-1:0] dst_row_data_i,
  input  logic                         dst_cnt_wr_en_i,
  input  logic         [ WinWidth-1:0] dst_cnt_addr_i,
  input  logic         [  CntBits-1:0] dst_cnt_data_i,
  input  logic                         out_row_rd_en_i,
  input  logic         [AddrWidth-1:0] out_row_addr_i,
  output logic         [  RowBits-1:0] out_row_data_o,
  input  logic                         out_cnt_rd_en_i,
  input  logic         [ WinWidth-1:0] out_cnt_addr_i,
  output logic         [  CntBits-1:0] out_cnt_data_o
);

  `LAC_PARAM_RULE(lac_scnn_store, I, 2, 16, (I & (I - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_store, IaramRows, 8, 65536)
  `LAC_PARAM(lac_scnn_store, CountWidth, 4, 12)
  `LAC_PARAM_RULE(lac_scnn_store, MaxC, 8, 4096, MaxC % 8 == 0, "a multiple of 8")

  logic src_q;  // number of the source

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) src_q <= 1'b0;
    else src_q <= src_q ^ swap_i;
  end

  logic [          1:0] is_src;
  logic [2*RowBits-1:0] rows;
  logic [2*CntBits-1:0] counts;

  for (genvar m = 0; m < 2; m++) begin : gen_mem
    assign is_src[m] = src_q == (m == 1);

    lac_sram #(
      .Width(RowBits),
      .Depth(IaramRows)
    ) u_rows (
      .clk_i,
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (is_src[m] ? src_row_rd_en_i : out_row_rd_en_i),
      .rd_addr_i(is_src[m] ? src_row_addr_i : out_row_addr_i),
      .rd_data_o(rows[m*RowBits+:RowBits]),
      .wr_en_i  (is_src[m] ? ld_row_wr_en_i : dst_row_wr_en_i),
      .wr_addr_i(is_src[m] ? ld_row_addr_i : dst_row_addr_i),
      .wr_data_i(is_src[m] ? ld_row_data_i : dst_row_data_i)
    );

    lac_sram #(
      .Width(CntBits),
      .Depth(MaxC / 8)
    ) u_counts (
      .clk_i,
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (is_src[m] ? src_cnt_rd_en_i : out_cnt_rd_en_i),
      .rd_addr_i(is_src[m] ? src_cnt_addr_i : out_cnt_addr_i),
      .rd_data_o(counts[m*CntBits+:CntBits]),
      .wr_en_i  (is_src[m] ? ld_cnt_wr_en_i : dst_cnt_wr_en_i),
      .wr_addr_i(is_src[m] ? ld_cnt_addr_i : dst_cnt_addr_i),
      .wr_data_i(is_src[m] ? ld_cnt_data_i : dst_cnt_data_i)
    );
  end

  assign src_row_data_o = src_q ? rows[RowBits+:RowBits] : rows[0+:RowBits];
  assign out_row_data_o = src_q ? rows[0+:RowBits] : rows[RowBits+:RowBits];
  assign src_cnt_data_o = src_q ? counts[CntBits+:CntBits] : counts[0+:CntBits];
  assign out_cnt_data_o = src_q ? counts[0+:CntBits] : counts[CntBits+:CntBits];

  logic used;
  assign used = ld_row_wr_en_i | dst_row_wr_en_i | src_row_rd_en_i | out_row_rd_en_i
              | ld_cnt_wr_en_i | dst_cnt_wr_en_i | src_cnt_rd_en_i | out_cnt_rd_en_i;
  `LAC_ASSERT(swap_idle, !swap_i || !used, "a swap while a memory is used")

endmodule
