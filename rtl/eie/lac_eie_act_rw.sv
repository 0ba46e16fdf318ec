// SPDX-License-Identifier: Apache-2.0
//
// Activation read/write: the activations and accumulators of one PE.
//
//   activation SRAM ---------------------> \
//   source file (raw) --> requantize -----> word register --> scan register --> LNZD, results
//   destination file (raw) --> requantize /
//         ^ read, write: arithmetic unit; bias SRAM at the start of a layer
//
// The two register files swap roles at the end of a layer, so results become the inputs of the next
// layer without being moved. Both keep full accumulators; `requant` sits behind them with the shift
// and ReLU of the layer that made them. A register never written since reset, or since its file was
// cleared, reads as zero; so does the source file before the first swap. Each file (lac_eie_file,
// flip-flops or with FileMem 1 a memory) has one read port: the arithmetic unit and the rows of
// results never read the destination in one cycle.
//
// Latency: src_rd_en_i to the memory or file one cycle, word_load_i to word_o one cycle (each held
// until the next), scan_load_i to scan_o one; bias_rd_en_i to the accumulator two clock edges;
// acc_rd_en_i to acc_rd_data_o one cycle, held until the next read of the destination.
// Parameters:
//   ActWidth      8..16, 8 or 16
//   AccWidth      ActWidth + 1..48
//   ActRegs       1..4096
//   ActDepth      1..16777216
//   BiasDepth     1..65535
//   BiasWidth     2..32, at most AccWidth
//   SrcAddrWidth  1..24, enough for ActDepth and ActRegs
//   FileMem       0..1
// Source: EIE (ISCA 2016), section IV, "Activation Read/Write Unit". Model: models/fixed.py.

`include "lac_assert.svh"

module lac_eie_act_rw
  import lac_pkg::*;
#(
  parameter  int ActWidth   = 16,
  parameter  int AccWidth   = 32,
  parameter  int ActRegs    = 64,
  parameter  int ActDepth   = 1024,
  parameter  int BiasDepth  = 256,
  parameter  int BiasWidth  = 32,
  parameter  int SrcAddrWidth = 10,  // covers ActDepth and ActRegs
  parameter  int FileMem    = 0,
  localparam int RegWidth   = `LAC_INDEX_BITS(ActRegs),
  localparam int ActAddrWidth  = `LAC_INDEX_BITS(ActDepth),
  localparam int BiasAddrWidth = `LAC_INDEX_BITS(BiasDepth),
  localparam int ShiftWidth = $clog2(AccWidth)
) (
  input logic clk_i,
  input logic rst_ni,
  input lac_mem_cfg_t mem_cfg_i,
  // whole-file control
  input logic clear_i,  // destination registers read as zero from now on
  input logic swap_i,  // destination <-> source; keeps shift_i and relu_i
  input logic [ShiftWidth-1:0] shift_i,
  input logic relu_i,
  // bias: SRAM word -> destination register
  input logic bias_rd_en_i,
  input logic [BiasAddrWidth-1:0] bias_rd_addr_i,
  input logic [RegWidth-1:0] bias_reg_i,
  input logic bias_wr_en_i,
  input logic [BiasAddrWidth-1:0] bias_wr_addr_i,
  input logic [BiasWidth-1:0] bias_wr_data_i,
  // accumulators, for the arithmetic unit
  input logic acc_rd_en_i,
  input logic [RegWidth-1:0] acc_rd_addr_i,
  output logic [AccWidth-1:0] acc_rd_data_o,
  input logic acc_wr_en_i,
  input logic [RegWidth-1:0] acc_wr_addr_i,
  input logic [AccWidth-1:0] acc_wr_data_i,
  // activation SRAM load
  input logic act_wr_en_i,
  input logic [ActAddrWidth-1:0] act_wr_addr_i,
  input logic [ActWidth-1:0] act_wr_data_i,
  // reads for scan and result stream
  input logic src_rd_en_i,
  input logic src_file_i,  // 0: activation SRAM, 1: register file
  input logic src_dst_i,  // with src_file_i: destination instead of source
  input logic [SrcAddrWidth-1:0] src_rd_addr_i,
  input logic word_load_i,  // the word read last moves to word_o
  output logic [ActWidth-1:0] word_o,
  input logic scan_load_i,
  output logic [ActWidth-1:0] scan_o  // the word at scan_load_i
);

  `LAC_PARAM_RULE(lac_eie_act_rw, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_act_rw, AccWidth, ActWidth + 1, 48)
  `LAC_PARAM(lac_eie_act_rw, ActRegs, 1, 4096)
  `LAC_PARAM(lac_eie_act_rw, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_eie_act_rw, BiasDepth, 1, 65535)
  `LAC_PARAM_RULE(lac_eie_act_rw, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")
  `LAC_PARAM_RULE(lac_eie_act_rw, SrcAddrWidth, 1, 24,
                  (1 << SrcAddrWidth) >= ActDepth && (1 << SrcAddrWidth) >= ActRegs,
                  "enough for ActDepth and ActRegs")
  `LAC_PARAM(lac_eie_act_rw, FileMem, 0, 1)

  logic                  dst_q;  // which file is the destination
  logic [ShiftWidth-1:0] src_shift_q;
  logic                  src_relu_q;

  // bias
  logic                  bias_valid_q;
  logic [  RegWidth-1:0] bias_reg_q;
  logic [ BiasWidth-1:0] bias_data;

  lac_sram #(
    .Width(BiasWidth),
    .Depth(BiasDepth)
  ) u_bias (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (bias_rd_en_i),
    .rd_addr_i(bias_rd_addr_i),
    .rd_data_o(bias_data),
    .wr_en_i  (bias_wr_en_i),
    .wr_addr_i(bias_wr_addr_i),
    .wr_data_i(bias_wr_data_i)
  );

  // destination file: the bias and the arithmetic unit never write in the same cycle, since the
  // broadcast starts after the last bias has been written
  logic                wr_en;
  logic [RegWidth-1:0] wr_addr;
  logic [AccWidth-1:0] wr_data;

  assign wr_en   = acc_wr_en_i | bias_valid_q;
  assign wr_addr = bias_valid_q ? bias_reg_q : acc_wr_addr_i;
  assign wr_data = bias_valid_q ? AccWidth'($signed(bias_data)) : acc_wr_data_i;

  always_ff @(posedge clk_i) begin
    if (bias_rd_en_i) bias_reg_q <= bias_reg_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      dst_q        <= 1'b0;
      bias_valid_q <= 1'b0;
      // Reset, since the source file can be read before the first swap: zeros, and what is read
      // decides which inputs are broadcast.
      src_shift_q  <= '0;
      src_relu_q   <= 1'b0;
    end else begin
      bias_valid_q <= bias_rd_en_i;
      if (swap_i) begin
        dst_q       <= ~dst_q;
        src_shift_q <= shift_i;
        src_relu_q  <= relu_i;
      end
    end
  end

  // files: the arithmetic unit reads the destination, rows are read from either
  logic                src_file_rd;
  logic [         1:0] is_dst;
  logic [AccWidth-1:0] file_data   [2];

  assign src_file_rd   = src_rd_en_i & src_file_i;
  assign is_dst        = {dst_q, ~dst_q};
  assign acc_rd_data_o = dst_q ? file_data[1] : file_data[0];

  for (genvar f = 0; f < 2; f++) begin : gen_file
    lac_eie_file #(
      .Width  (AccWidth),
      .Depth  (ActRegs),
      .FileMem(FileMem)
    ) u_file (
      .clk_i    (clk_i),
      .rst_ni   (rst_ni),
      .mem_cfg_i(mem_cfg_i),
      .clear_i  (clear_i & is_dst[f]),
      .rd_en_i  (is_dst[f] ? acc_rd_en_i | (src_file_rd & src_dst_i) : src_file_rd & ~src_dst_i),
      .rd_addr_i(is_dst[f] & acc_rd_en_i ? acc_rd_addr_i : RegWidth'(src_rd_addr_i)),
      .rd_data_o(file_data[f]),
      .wr_en_i  (wr_en & is_dst[f]),
      .wr_addr_i(wr_addr),
      .wr_data_i(wr_data)
    );
  end

  // rows
  logic row_half_q, row_dst_q, is_file_q;
  logic [ActWidth-1:0] sram_data, requantized;

  always_ff @(posedge clk_i) begin
    if (src_rd_en_i) begin
      is_file_q  <= src_file_i;
      row_dst_q  <= src_dst_i;
      row_half_q <= dst_q ^ ~src_dst_i;
    end
    if (word_load_i) word_o <= is_file_q ? requantized : sram_data;
    if (scan_load_i) scan_o <= word_o;
  end

  lac_sram #(
    .Width(ActWidth),
    .Depth(ActDepth)
  ) u_act (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (src_rd_en_i & ~src_file_i),
    .rd_addr_i(ActAddrWidth'(src_rd_addr_i)),
    .rd_data_o(sram_data),
    .wr_en_i  (act_wr_en_i),
    .wr_addr_i(act_wr_addr_i),
    .wr_data_i(act_wr_data_i)
  );

  lac_requant #(
    .AccWidth(AccWidth),
    .OutWidth(ActWidth)
  ) u_requant (
    .acc_i  (row_half_q ? file_data[1] : file_data[0]),
    .shift_i(row_dst_q ? shift_i : src_shift_q),
    .relu_i (row_dst_q ? relu_i : src_relu_q),
    .out_o  (requantized),
    .sat_o  ()
  );

  `LAC_ASSERT(one_writer, !(acc_wr_en_i && bias_valid_q), "bias and sum write in one cycle")
  `LAC_ASSERT(one_reader, !(acc_rd_en_i && src_file_rd && src_dst_i),
              "sum and row read the destination in one cycle")
  `LAC_ASSERT(swap_alone, !(swap_i && wr_en), "a write meets the swap of the files")
  `LAC_ASSERT(acc_range, !acc_wr_en_i || 32'(acc_wr_addr_i) < 32'(ActRegs), "write past the file")
  `LAC_ASSERT(bias_range, !bias_rd_en_i || 32'(bias_reg_i) < 32'(ActRegs), "bias past the file")
  `LAC_ASSERT(src_range, !src_rd_en_i || 32'(src_rd_addr_i) < 32'(src_file_i ? ActRegs : ActDepth),
              "a row past the end is read")

endmodule
