// SPDX-License-Identifier: Apache-2.0
//
// Accumulator bank of one column: acc[addr] += partial sum, or bias + partial sum for a new sum.
//
//   A  ctl_i: read acc[addr] ------> ctl_o, to the bank on the right
//   B  add psum_i (and bias_i)       one cycle after A
//   C  write                         one cycle after B
//
// An address comes again at least five cycles later, so no sum is read before it was written.
// A sum that does not fit AccWidth raises err_o in C and is not written.
// The bias of a new sum comes with the first pixel of its tile and is kept for the others.
//
// Streams: ctl (no ready), psum_i one cycle after its ctl_i. Throughput: one sum per cycle.
// out_rd_*: reads for the result, acc_o a cycle later and until the next read.
// Model: models/golden.py accumulate.
// Parameters:
//   PsumWidth  16..56
//   AccWidth   9..48
//   AccDepth   1..16777216
//   BiasWidth  2..32, at most AccWidth

`include "lac_assert.svh"

module lac_array_acc
  import lac_pkg::*;
#(
  parameter  int PsumWidth = 36,
  parameter  int AccWidth  = 48,
  parameter  int AccDepth  = 4096,
  parameter  int BiasWidth = 32,
  localparam int AddrWidth = `LAC_INDEX_BITS(AccDepth)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  lac_mem_cfg_t                 mem_cfg_i,
  input  logic                         clr_i,
  input  logic                         ctl_valid_i,
  input  logic                         ctl_first_i,    // first pixel of a tile
  input  logic                         ctl_init_i,     // a new sum
  input  logic                         ctl_last_i,     // last one of the pass
  input  logic         [AddrWidth-1:0] ctl_addr_i,
  output logic                         ctl_valid_o,
  output logic                         ctl_first_o,
  output logic                         ctl_init_o,
  output logic                         ctl_last_o,
  output logic         [AddrWidth-1:0] ctl_addr_o,
  input  logic signed  [PsumWidth-1:0] psum_i,
  input  logic signed  [BiasWidth-1:0] bias_i,
  input  logic                         out_rd_en_i,
  input  logic         [AddrWidth-1:0] out_rd_addr_i,
  output logic         [ AccWidth-1:0] acc_o,
  output logic                         done_o,         // the last sum is written
  output logic                         err_o,
  output logic         [AddrWidth-1:0] err_addr_o
);

  `LAC_PARAM(lac_array_acc, PsumWidth, 16, 56)
  `LAC_PARAM(lac_array_acc, AccWidth, 9, 48)
  `LAC_PARAM(lac_array_acc, AccDepth, 1, 16777216)
  `LAC_PARAM_RULE(lac_array_acc, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")

  // One function for all columns, and quick to compile.
  /* verilator no_inline_module */

  localparam int SumWidth = (AccWidth > PsumWidth ? AccWidth : PsumWidth) + 1;

  logic signed [BiasWidth-1:0] bias, bias_q;
  logic signed [AccWidth-1:0] rd_data, augend;
  logic signed [SumWidth-1:0] sum;
  logic [SumWidth-AccWidth:0] head;
  logic ovf, write_q, ovf_q, last_q;
  logic [AddrWidth-1:0] addr_q;
  logic [ AccWidth-1:0] sum_q;

  assign acc_o = rd_data;

  lac_sram #(
    .Width(AccWidth),
    .Depth(AccDepth),
    .Ports(2)
  ) u_sram (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (out_rd_en_i | (ctl_valid_i & ~ctl_init_i)),
    .rd_addr_i(out_rd_en_i ? out_rd_addr_i : ctl_addr_i),
    .rd_data_o(rd_data),
    .wr_en_i  (write_q & ~ovf_q),
    .wr_addr_i(addr_q),
    .wr_data_i(sum_q)
  );

  // A
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ctl_valid_o <= 1'b0;
    else ctl_valid_o <= ctl_valid_i & ~clr_i;
  end

  always_ff @(posedge clk_i) begin
    ctl_first_o <= ctl_first_i;
    ctl_init_o  <= ctl_init_i;
    ctl_last_o  <= ctl_last_i;
    ctl_addr_o  <= ctl_addr_i;
  end

  // B
  assign bias   = ctl_first_o ? bias_i : bias_q;
  assign augend = ctl_init_o ? AccWidth'(bias) : rd_data;
  assign sum    = SumWidth'(augend) + SumWidth'(psum_i);
  // It fits when the bits above the result all equal its sign.
  assign head   = sum[SumWidth-1:AccWidth-1];
  assign ovf    = (head != '0) & (head != '1);

  always_ff @(posedge clk_i) begin
    if (ctl_valid_o) begin
      if (ctl_first_o) bias_q <= bias_i;
      sum_q  <= sum[AccWidth-1:0];  // an overflow is flagged
      ovf_q  <= ovf;
      addr_q <= ctl_addr_o;
      last_q <= ctl_last_o;
    end
  end

  // C
  assign done_o     = write_q & last_q;
  assign err_o      = write_q & ovf_q;
  assign err_addr_o = addr_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) write_q <= 1'b0;
    else write_q <= ctl_valid_o & ~clr_i;
  end

  `LAC_ASSERT(one_reader, !(out_rd_en_i && ctl_valid_i && !ctl_init_i),
              "results are read while sums are")
  `LAC_ASSERT(read_after_write, !(ctl_valid_i && !ctl_init_i && write_q && addr_q == ctl_addr_i),
              "a sum is read while it is written")
  `LAC_ASSERT(read_after_add,
              !(ctl_valid_i && !ctl_init_i && ctl_valid_o && ctl_addr_o == ctl_addr_i),
              "a sum is read while it is added to")
  `LAC_ASSERT(addr_range, !ctl_valid_i || 32'(ctl_addr_i) < 32'(AccDepth), "a sum past the bank")
  `LAC_ASSERT(drain_idle, !out_rd_en_i || !write_q || addr_q != out_rd_addr_i,
              "a result is read while it is written")

endmodule
