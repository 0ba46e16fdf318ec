// SPDX-License-Identifier: Apache-2.0
//
// lac_sram_1r1w: memory with a read and a write port: where a chip's two-port macro goes.
//
// Purpose: a cell. A chip takes its own file of this name; lac_sram is its only user.
// Example: write 7 to address 3 in cycle 0 and read address 3 in cycle 1: rd_data_o is 7 in
//   cycle 2 and stays 7 until the next cycle with rd_en_i high.
//
// A read of the address that is written in the same cycle gives any word (here: unknown bits).
// Nothing is reset, no word and no output. cfg_i: pins of the macro beside its ports; ignored here.
// Latency 1 cycle. Throughput 1 read and 1 write per cycle.
// Parameters:
//   Width     1..65536
//   Depth     1..16777216
// Model: a dict in the bench of lac_sram. Source: common practice.

`include "lac_assert.svh"

module lac_sram_1r1w
  import lac_pkg::*;
#(
  parameter  int Width     = 64,
  parameter  int Depth     = 1024,
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

  `LAC_PARAM(lac_sram_1r1w, Width, 1, 65536)
  `LAC_PARAM(lac_sram_1r1w, Depth, 1, 16777216)

  logic [Width-1:0] mem_q[Depth];
  logic unused_cfg;
  assign unused_cfg = ^cfg_i;

  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_data_o <= wr_en_i && wr_addr_i == rd_addr_i ? 'x : mem_q[rd_addr_i];
    if (wr_en_i) mem_q[wr_addr_i] <= wr_data_i;
  end

endmodule
