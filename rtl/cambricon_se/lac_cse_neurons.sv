// SPDX-License-Identifier: Apache-2.0
//
// Neuron buffer of a core of Cambricon-SE: rows of Window neurons, and a flag for each (not zero).
//
//   stream words -> Window / 4 memories side by side -> a row       flags -> memory of flags -> a row of flags
//
// Rows and flags are read on their own: the flags of a row decide long before its neurons are needed.
// Latency: read 1 cycle, what is read holds until the next read. Throughput: a row and a row of
// flags per cycle; nothing is read while it is loaded.
// Parameters:
//   Window    8..256, a power of two
//   ActDepth  2..65536
// Model: an array in models/cambricon_se machine.

`include "lac_assert.svh"

module lac_cse_neurons
  import lac_pkg::*;
#(
  parameter  int Window    = 128,
  parameter  int ActDepth  = 1024,
  localparam int NumParts  = Window / 4,
  localparam int AddrWidth = `LAC_INDEX_BITS(ActDepth)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  lac_mem_cfg_t                 mem_cfg_i,
  input  logic         [ NumParts-1:0] wr_part_i,
  input  logic                         wr_ends_i,
  input  logic         [AddrWidth-1:0] wr_addr_i,
  input  logic         [         63:0] wr_data_i,
  input  logic         [   Window-1:0] wr_flags_i,
  input  logic                         flag_rd_i,
  input  logic         [AddrWidth-1:0] flag_addr_i,
  output logic         [   Window-1:0] flags_o,
  input  logic                         row_rd_i,
  input  logic         [AddrWidth-1:0] row_addr_i,
  output logic         [Window*16-1:0] row_o
);

  `LAC_PARAM_RULE(lac_cse_neurons, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_cse_neurons, ActDepth, 2, 65536)

  for (genvar p = 0; p < NumParts; p++) begin : gen_part
    lac_sram #(
      .Width(64),
      .Depth(ActDepth)
    ) u_part (
      .clk_i,
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (row_rd_i),
      .rd_addr_i(row_addr_i),
      .rd_data_o(row_o[p*64+:64]),
      .wr_en_i  (wr_part_i[p]),
      .wr_addr_i,
      .wr_data_i
    );
  end

  lac_sram #(
    .Width(Window),
    .Depth(ActDepth)
  ) u_flags (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (flag_rd_i),
    .rd_addr_i(flag_addr_i),
    .rd_data_o(flags_o),
    .wr_en_i  (wr_ends_i),
    .wr_addr_i,
    .wr_data_i(wr_flags_i)
  );

  `LAC_ASSERT(load_alone, !(flag_rd_i || row_rd_i) || wr_part_i == '0, "read while it is loaded")
  `LAC_ASSERT(one_part, $onehot0(wr_part_i), "two parts are written at once")
  `LAC_ASSERT(flags_with_row, !wr_ends_i || wr_part_i != '0, "flags without a row")

endmodule
