// SPDX-License-Identifier: Apache-2.0
//
// lac_sram: memory with one write port and one registered read port.
//
// Purpose: the one place where memories are made, so that area counts logic and memory bits apart
//   and a chip's macros can take their place.
// Example: write 7 to address 3 in cycle 0 and read address 3 in cycle 1: rd_data_o is 7 in
//   cycle 2 and stays 7 until the next cycle with rd_en_i high.
//
// A read of the address that is written in the same cycle returns the OLD word. rd_data_o holds
// while rd_en_i is low. Neither the words nor rd_data_o are reset: a word never written is some
// word, as in silicon. Four-state simulators read its unknown bits as 0, so that the control behind
// a memory (is it zero? which is larger? is it padding?) goes one way, not into X for good.
// Latency 1 cycle; one read and one write per cycle.
// An address of Depth or more must not be used.
// Parameters:
//   Width  1..65536
//   Depth  1..16777216
// Model: a dict in the bench. Source: common practice.

`include "lac_assert.svh"

module lac_sram #(
    parameter int Width = 64,
    parameter int Depth = 1024,
    localparam int AddrWidth = Depth > 1 ? $clog2(Depth) : 1
) (
    input  logic                 clk_i,
    input  logic                 rd_en_i,
    input  logic [AddrWidth-1:0] rd_addr_i,
    output logic [Width-1:0]     rd_data_o,
    input  logic                 wr_en_i,
    input  logic [AddrWidth-1:0] wr_addr_i,
    input  logic [Width-1:0]     wr_data_i
);

  `LAC_PARAM(lac_sram, Width, 1, 65536)
  `LAC_PARAM(lac_sram, Depth, 1, 16777216)

  logic [Width-1:0] mem_q[Depth];
  bit [Width-1:0] rd_data_q;  // two-state: see above; to be kept around a chip's macro

  assign rd_data_o = rd_data_q;

  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_data_q <= mem_q[rd_addr_i];
    if (wr_en_i) mem_q[wr_addr_i] <= wr_data_i;
  end

  // Where the addresses do not fill their width one can be past the end.
  if (Depth != 2 ** AddrWidth) begin : gen_range
    localparam logic [AddrWidth-1:0] LastAddr = AddrWidth'(Depth - 1);
    `LAC_ASSERT_CLK(rd_range, !rd_en_i || rd_addr_i <= LastAddr, "read past the end")
    `LAC_ASSERT_CLK(wr_range, !wr_en_i || wr_addr_i <= LastAddr, "write past the end")
  end

endmodule
