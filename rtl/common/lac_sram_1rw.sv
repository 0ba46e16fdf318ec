// SPDX-License-Identifier: Apache-2.0
//
// lac_sram_1rw: memory with one port that reads or writes: where a chip's single-port macro goes.
//
// Purpose: a cell. A chip takes its own file of this name; lac_sram is its only user.
// Example: en_i with we_i writes data_i to addr_i; en_i without we_i reads addr_i, and rd_data_o has
//   the word from the next cycle on, through writes, until the next read.
//
// Nothing is reset, no word and no output. cfg_i: pins of the macro beside its port; ignored here.
// Latency 1 cycle. Throughput 1 read or write per cycle.
// Parameters:
//   Width     1..65536
//   Depth     1..16777216
// Model: a dict in the bench of lac_sram. Source: common practice.

`include "lac_assert.svh"

module lac_sram_1rw
  import lac_pkg::*;
#(
  parameter  int Width     = 64,
  parameter  int Depth     = 1024,
  localparam int AddrWidth = `LAC_INDEX_BITS(Depth)
) (
  input  logic                         clk_i,
  input  lac_mem_cfg_t                 cfg_i,
  input  logic                         en_i,
  input  logic                         we_i,
  input  logic         [AddrWidth-1:0] addr_i,
  input  logic         [    Width-1:0] wr_data_i,
  output logic         [    Width-1:0] rd_data_o
);

  `LAC_PARAM(lac_sram_1rw, Width, 1, 65536)
  `LAC_PARAM(lac_sram_1rw, Depth, 1, 16777216)

  logic [Width-1:0] mem_q[Depth];
  logic unused_cfg;
  assign unused_cfg = ^cfg_i;

  always_ff @(posedge clk_i) begin
    if (en_i && we_i) mem_q[addr_i] <= wr_data_i;
    if (en_i && !we_i) rd_data_o <= mem_q[addr_i];
  end

endmodule
