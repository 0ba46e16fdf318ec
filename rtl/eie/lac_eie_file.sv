// SPDX-License-Identifier: Apache-2.0
//
// Register file of one PE: accumulators, with one read port and one write port.
//
//   read address -> flip-flops (FileMem 0) or lac_sram (1) -> output register
//     -> zero unless written -> rd_data_o
//
// A register never written since reset or since clear_i reads as zero. rd_data_o holds until the
// next read. The register that is written must not be read in the same cycle, nor written while
// clear_i is high, so that a memory with any rule for that will do.
//
// Example: clear, write 7 to register 3, read 3 and 4: 7 and 0, each one cycle after its read.
//
// Latency: rd_en_i to rd_data_o one cycle. Throughput: a read and a write per cycle.
// Parameters:
//   Width    1..64
//   Depth    1..4096
//   FileMem  0..1
// Source: EIE (ISCA 2016), section IV, "Activation Read/Write Unit".

`include "lac_assert.svh"

module lac_eie_file
  import lac_pkg::*;
#(
  parameter  int Width     = 32,
  parameter  int Depth     = 64,
  parameter  int FileMem   = 0,
  localparam int AddrWidth = `LAC_INDEX_BITS(Depth)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  lac_mem_cfg_t                 mem_cfg_i,
  input  logic                         clear_i,
  input  logic                         rd_en_i,
  input  logic         [AddrWidth-1:0] rd_addr_i,
  output logic         [    Width-1:0] rd_data_o,
  input  logic                         wr_en_i,
  input  logic         [AddrWidth-1:0] wr_addr_i,
  input  logic         [    Width-1:0] wr_data_i
);

  `LAC_PARAM(lac_eie_file, Width, 1, 64)
  `LAC_PARAM(lac_eie_file, Depth, 1, 4096)
  `LAC_PARAM(lac_eie_file, FileMem, 0, 1)

  logic [Depth-1:0] written_q;
  logic             live_q;  // the register read last had been written
  logic [Width-1:0] raw;

  assign rd_data_o = live_q ? raw : '0;

  if (FileMem != 0) begin : gen_memory
    lac_sram #(
      .Width(Width),
      .Depth(Depth),
      .Ports(2)
    ) u_file (
      .clk_i    (clk_i),
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (rd_en_i),
      .rd_addr_i(rd_addr_i),
      .rd_data_o(raw),
      .wr_en_i  (wr_en_i),
      .wr_addr_i(wr_addr_i),
      .wr_data_i(wr_data_i)
    );
  end else begin : gen_registers
    logic [Width-1:0] file_q[Depth];
    logic [Width-1:0] raw_q;
    logic unused_cfg;
    assign unused_cfg = ^mem_cfg_i;

    assign raw = raw_q;

    always_ff @(posedge clk_i) begin
      if (rd_en_i) raw_q <= file_q[rd_addr_i];
      if (wr_en_i) file_q[wr_addr_i] <= wr_data_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rd_en_i) live_q <= written_q[rd_addr_i];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) written_q <= '0;
    else if (clear_i) written_q <= '0;
    else if (wr_en_i) written_q[wr_addr_i] <= 1'b1;
  end

  `LAC_ASSERT(one_address, !(rd_en_i && wr_en_i && rd_addr_i == wr_addr_i),
              "a register is read while it is written")
  `LAC_ASSERT(clear_alone, !(clear_i && wr_en_i), "a write is lost in the clear")
  `LAC_ASSERT(rd_range, !rd_en_i || 32'(rd_addr_i) < 32'(Depth), "read past the end")
  `LAC_ASSERT(wr_range, !wr_en_i || 32'(wr_addr_i) < 32'(Depth), "write past the end")

endmodule
