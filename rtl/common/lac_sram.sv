// SPDX-License-Identifier: Apache-2.0
//
// lac_sram: memory with one port (1RW) or two (1R1W), registered read.
//
// Purpose: the one place where memories are made, so that area counts logic and memory bits apart, by
//   type of port, and a chip's macros can take their place: in lac_sram_1rw and lac_sram_1r1w.
// Example: write 7 to address 3 in cycle 0 and read address 3 in cycle 1: rd_data_o is 7 in
//   cycle 2 (Latency 1) and stays 7 until the next read has come.
//
// Ports 1: reads or writes in a cycle, never both; the macro has one address and is the smaller and
//   the usual one. Ports 2: both in a cycle, but never at one address: what is read then is not
//   defined. Both rules are asserted.
// Latency 2 has a register behind the macro, for its access to have a cycle of its own.
// rd_data_o holds between reads. Neither the words nor rd_data_o are reset: a word never written is
// some word, as in silicon. Four-state simulators read its unknown bits as 0, so that the control
// behind a memory (is it zero? which is larger? is it padding?) goes one way, not into X for good.
// cfg_i: pins that a macro has beside its ports (test, sleep, margins; lac_pkg): they go through to the
// cell. Zero is normal operation; the cells here ignore them.
// Latency 1 or 2 cycles. Throughput: one read or write per cycle, with Ports 2 one read and one write.
// An address of Depth or more must not be used.
// Parameters:
//   Width     1..65536
//   Depth     1..16777216
//   Ports     1..2
//   Latency   1..2
// Model: a dict in the bench. Source: common practice.

`include "lac_assert.svh"

module lac_sram
  import lac_pkg::*;
#(
  parameter  int Width     = 64,
  parameter  int Depth     = 1024,
  parameter  int Ports     = 1,
  parameter  int Latency   = 1,
  localparam int AddrWidth = `LAC_INDEX_BITS(Depth)
) (
  input  logic                         clk_i,
  input  lac_mem_cfg_t                 cfg_i,
  input  logic                         rd_en_i,
  input  logic         [AddrWidth-1:0] rd_addr_i,
  output logic         [    Width-1:0] rd_data_o,
  input  logic                         wr_en_i,
  input  logic         [AddrWidth-1:0] wr_addr_i,
  input  logic         [    Width-1:0] wr_data_i
);

  `LAC_PARAM(lac_sram, Width, 1, 65536)
  `LAC_PARAM(lac_sram, Depth, 1, 16777216)
  `LAC_PARAM(lac_sram, Ports, 1, 2)
  `LAC_PARAM(lac_sram, Latency, 1, 2)

  logic [Width-1:0] cell_data;
  bit   [Width-1:0] known;  // two-state: see above
  assign known = cell_data;

  if (Ports == 1) begin : gen_1rw
    lac_sram_1rw #(
      .Width(Width),
      .Depth(Depth)
    ) u_cell (
      .clk_i,
      .cfg_i,
      .en_i(rd_en_i | wr_en_i),
      .we_i(wr_en_i),
      .addr_i(wr_en_i ? wr_addr_i : rd_addr_i),
      .wr_data_i,
      .rd_data_o(cell_data)
    );
    `LAC_ASSERT_CLK(one_port, !(rd_en_i && wr_en_i), "read and written in one cycle")
  end else begin : gen_1r1w
    lac_sram_1r1w #(
      .Width(Width),
      .Depth(Depth)
    ) u_cell (
      .clk_i,
      .cfg_i,
      .rd_en_i,
      .rd_addr_i,
      .rd_data_o(cell_data),
      .wr_en_i,
      .wr_addr_i,
      .wr_data_i
    );
    `LAC_ASSERT_CLK(two_addresses, !(rd_en_i && wr_en_i && rd_addr_i == wr_addr_i),
                    "an address is read and written in one cycle")
  end

  if (Latency == 1) begin : gen_direct
    assign rd_data_o = known;
  end else begin : gen_register
    bit [Width-1:0] rd_data_q;
    always_ff @(posedge clk_i) rd_data_q <= known;  // which holds between reads
    assign rd_data_o = rd_data_q;
  end

  // Where the addresses do not fill their width one can be past the end.
  if (Depth != 2 ** AddrWidth) begin : gen_range
    localparam logic [AddrWidth-1:0] LastAddr = AddrWidth'(Depth - 1);
    `LAC_ASSERT_CLK(rd_range, !rd_en_i || rd_addr_i <= LastAddr, "read past the end")
    `LAC_ASSERT_CLK(wr_range, !wr_en_i || wr_addr_i <= LastAddr, "write past the end")
  end

endmodule
