// SPDX-License-Identifier: Apache-2.0
//
// Activation read/write: the activations and accumulators of one PE.
//
//   activation SRAM ---------------------> \
//   source file (raw) --> requantize -----> fetched word --> scan register --> LNZD / result stream
//   destination file (raw) --> requantize /
//         ^ read, write: arithmetic unit; bias SRAM at the start of a layer
//
// The two register files swap roles at the end of a layer, so results become the inputs of the next
// layer without being moved. Both keep full accumulators; `requant` sits on the read port with the
// shift and ReLU of the layer that made them. A register never written since reset, or since its
// file was cleared, reads as zero; so does the source file before the first swap.
//
// Latency: src_rd_en_i to word_o one cycle (held until the next read); bias_rd_en_i to the
// accumulator two clock edges; the accumulator port reads combinationally, writes at the edge.
// Parameters:
//   ActWidth      8..16, 8 or 16
//   AccWidth      ActWidth + 1..48
//   ActRegs       1..4096
//   ActDepth      1..16777216
//   BiasDepth     1..65535
//   BiasWidth     2..32, at most AccWidth
//   SrcAddrWidth  1..24, enough for ActDepth and ActRegs
// Source: EIE (ISCA 2016), section IV, "Activation Read/Write Unit". Model: models/fixed.py.

`include "lac_assert.svh"

module lac_eie_act_rw #(
  parameter  int ActWidth   = 16,
  parameter  int AccWidth   = 40,
  parameter  int ActRegs    = 64,
  parameter  int ActDepth   = 1024,
  parameter  int BiasDepth  = 256,
  parameter  int BiasWidth  = 32,
  parameter  int SrcAddrWidth = 10,  // covers ActDepth and ActRegs
  localparam int RegWidth   = ActRegs > 1 ? $clog2(ActRegs) : 1,
  localparam int ActAddrWidth  = ActDepth > 1 ? $clog2(ActDepth) : 1,
  localparam int BiasAddrWidth = BiasDepth > 1 ? $clog2(BiasDepth) : 1,
  localparam int ShiftWidth = $clog2(AccWidth)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  // whole-file control
  input  logic                     clear_i,    // destination registers read as zero from now on
  input  logic                     swap_i,     // destination <-> source; keeps shift_i and relu_i
  input  logic [ShiftWidth-1:0]    shift_i,
  input  logic                     relu_i,
  // bias: SRAM word -> destination register
  input  logic                     bias_rd_en_i,
  input  logic [BiasAddrWidth-1:0] bias_rd_addr_i,
  input  logic [RegWidth-1:0]      bias_reg_i,
  input  logic                     bias_wr_en_i,
  input  logic [BiasAddrWidth-1:0] bias_wr_addr_i,
  input  logic [BiasWidth-1:0]     bias_wr_data_i,
  // accumulators, for the arithmetic unit
  input  logic [RegWidth-1:0]      acc_rd_addr_i,
  output logic [AccWidth-1:0]      acc_rd_data_o,
  input  logic                     acc_wr_en_i,
  input  logic [RegWidth-1:0]      acc_wr_addr_i,
  input  logic [AccWidth-1:0]      acc_wr_data_i,
  // activation SRAM load
  input  logic                     act_wr_en_i,
  input  logic [ActAddrWidth-1:0]  act_wr_addr_i,
  input  logic [ActWidth-1:0]      act_wr_data_i,
  // reads for scan and result stream
  input  logic                     src_rd_en_i,
  input  logic                     src_file_i,  // 0: activation SRAM, 1: register file
  input  logic                     src_dst_i,   // with src_file_i: destination instead of source
  input  logic [SrcAddrWidth-1:0]  src_rd_addr_i,
  output logic [ActWidth-1:0]      word_o,      // the word read last
  input  logic                     scan_load_i,
  output logic [ActWidth-1:0]      scan_o       // the word at scan_load_i
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

  localparam int FileWidth = $clog2(2 * ActRegs);

  // Both files in one array: registers [0, ActRegs) and [ActRegs, 2*ActRegs).
  logic [AccWidth-1:0]    file_q [2*ActRegs];
  logic [2*ActRegs-1:0]   written_q;
  logic                   dst_q;  // which half is the destination
  logic [ShiftWidth-1:0]  src_shift_q;
  logic                   src_relu_q;

  function automatic logic [FileWidth-1:0] file_addr(input logic half, input logic [31:0] reg_idx);
    file_addr = FileWidth'(half ? reg_idx + 32'(ActRegs) : reg_idx);
  endfunction

  // bias
  logic                 bias_valid_q;
  logic [RegWidth-1:0]  bias_reg_q;
  logic [BiasWidth-1:0] bias_data;

  lac_sram #(.Width(BiasWidth), .Depth(BiasDepth)) u_bias (
    .clk_i     (clk_i),
    .cfg_i     ('0),
    .rd_en_i   (bias_rd_en_i),
    .rd_addr_i (bias_rd_addr_i),
    .rd_data_o (bias_data),
    .wr_en_i   (bias_wr_en_i),
    .wr_addr_i (bias_wr_addr_i),
    .wr_data_i (bias_wr_data_i)
  );

  // destination file: the bias and the arithmetic unit never write in the same cycle, since the
  // broadcast starts after the last bias has been written
  logic                 wr_en;
  logic [FileWidth-1:0] wr_addr, acc_rd_addr;
  logic [AccWidth-1:0]  wr_data;

  assign wr_en   = acc_wr_en_i | bias_valid_q;
  assign wr_addr = file_addr(dst_q, 32'(bias_valid_q ? bias_reg_q : acc_wr_addr_i));
  assign wr_data = bias_valid_q ? AccWidth'($signed(bias_data)) : acc_wr_data_i;
  assign acc_rd_addr   = file_addr(dst_q, 32'(acc_rd_addr_i));
  assign acc_rd_data_o = written_q[acc_rd_addr] ? file_q[acc_rd_addr] : '0;

  always_ff @(posedge clk_i) begin
    if (wr_en) file_q[wr_addr] <= wr_data;
    if (bias_rd_en_i) bias_reg_q <= bias_reg_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      written_q    <= '0;
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
      if (clear_i && dst_q) written_q[2*ActRegs-1:ActRegs] <= '0;
      else if (clear_i) written_q[ActRegs-1:0] <= '0;
      else if (wr_en) written_q[wr_addr] <= 1'b1;
    end
  end

  // reads
  logic [FileWidth-1:0] src_addr;
  logic [AccWidth-1:0]  raw_q;
  logic                 raw_dst_q, is_file_q;
  logic [ActWidth-1:0]  sram_data, file_data;

  assign src_addr = file_addr(dst_q ^ ~src_dst_i, 32'(src_rd_addr_i));

  always_ff @(posedge clk_i) begin
    if (src_rd_en_i) begin
      is_file_q <= src_file_i;
      raw_dst_q <= src_dst_i;
      if (src_file_i) raw_q <= written_q[src_addr] ? file_q[src_addr] : '0;
    end
    if (scan_load_i) scan_o <= word_o;
  end

  lac_sram #(.Width(ActWidth), .Depth(ActDepth)) u_act (
    .clk_i     (clk_i),
    .cfg_i     ('0),
    .rd_en_i   (src_rd_en_i & ~src_file_i),
    .rd_addr_i (ActAddrWidth'(src_rd_addr_i)),
    .rd_data_o (sram_data),
    .wr_en_i   (act_wr_en_i),
    .wr_addr_i (act_wr_addr_i),
    .wr_data_i (act_wr_data_i)
  );

  lac_requant #(.AccWidth(AccWidth), .OutWidth(ActWidth)) u_requant (
    .acc_i   (raw_q),
    .shift_i (raw_dst_q ? shift_i : src_shift_q),
    .relu_i  (raw_dst_q ? relu_i : src_relu_q),
    .out_o   (file_data),
    .sat_o   ()
  );

  assign word_o = is_file_q ? file_data : sram_data;

  `LAC_ASSERT(one_writer, !(acc_wr_en_i && bias_valid_q), "bias and sum write in one cycle")
  `LAC_ASSERT(clear_alone, !(clear_i && wr_en), "a write is lost in the clear")
  `LAC_ASSERT(swap_alone, !(swap_i && wr_en), "a write meets the swap of the files")
  `LAC_ASSERT(acc_range, !acc_wr_en_i || 32'(acc_wr_addr_i) < 32'(ActRegs), "write past the file")
  `LAC_ASSERT(bias_range, !bias_rd_en_i || 32'(bias_reg_i) < 32'(ActRegs), "bias past the file")
  `LAC_ASSERT(src_range, !src_rd_en_i || 32'(src_rd_addr_i) < 32'(src_file_i ? ActRegs : ActDepth),
              "a row past the end is read")

endmodule
