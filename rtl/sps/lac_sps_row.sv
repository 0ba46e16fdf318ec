// SPDX-License-Identifier: Apache-2.0
//
// One row of the front of SPS: the pixel's address, its own offset, its own bank of activations.
//
//   from the row before -> registers -+-> to the next row
//                                     +-> base + offset -> bank -> register -> multipliers (act_o)
//   index unit -> shadow offset -> offset (switch_i)
//
// Rows are a chain, so each sees the pixel a cycle behind the row before, and what it reads comes
// out
// skewed. It reads if its weight has a place in the window (has) and that place is inside the input
// (flags_i: yin, xin, of KernelSize each); else the activation is 0 and the bank rests.
// switch_i comes with the first pixel of a tile or before it; the shadow offset is written a cycle
// before at
// the latest.
// Without Own the row has no offset: base_i is the address, flags_i[0] says that it is read. The
// row before
// gives both (addr_o, read_o, which are combinational from registers).
// Example, Own, base 10, offset 3: pixel in cycle 0, bank read at 13 in cycle 1, act_o in cycle 3.
// Latency: pixel to act_o, lane_valid_o and lane_waits_o 3 cycles, switch_i to lane_switch_o 2, so
// that
// it is a cycle ahead, too. Throughput: one pixel per cycle. Model: models/sps.
// Parameters:
//   Own         any
//   ActWidth    8..16, 8 or 16
//   ActDepth    1..16777216
//   KernelSize  1..15

`include "lac_assert.svh"

module lac_sps_row
  import lac_pkg::*;
#(
  parameter  bit Own        = 1,
  parameter  int ActWidth   = 16,
  parameter  int ActDepth   = 16384,
  parameter  int KernelSize = 7,
  localparam int AddrWidth  = `LAC_INDEX_BITS(ActDepth),
  localparam int FlagWidth  = Own ? 2 * KernelSize : 1
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  lac_mem_cfg_t                 mem_cfg_i,
  input  logic                         clr_i,
  // chain
  input  logic                         valid_i,
  input  logic                         waits_i,
  input  logic                         switch_i,
  input  logic         [AddrWidth-1:0] base_i,
  input  logic         [FlagWidth-1:0] flags_i,        // {yin, xin}
  output logic                         valid_o,
  output logic                         waits_o,
  output logic                         switch_o,
  output logic         [AddrWidth-1:0] base_o,
  output logic         [FlagWidth-1:0] flags_o,
  output logic         [AddrWidth-1:0] addr_o,
  output logic                         read_o,
  // shadow offset
  input  logic                         off_we_i,
  input  logic                         off_has_i,
  input  logic         [          3:0] off_dy_i,
  input  logic         [          3:0] off_dx_i,
  input  logic         [AddrWidth-1:0] off_i,
  // load
  input  logic                         wr_en_i,
  input  logic         [AddrWidth-1:0] wr_addr_i,
  input  logic         [ ActWidth-1:0] wr_data_i,
  // lane of the array
  output logic                         lane_valid_o,
  output logic                         lane_waits_o,
  output logic                         lane_switch_o,
  output logic         [ ActWidth-1:0] act_o,
  output logic                         rd_en_o         // event: the bank is read
);

  `LAC_PARAM_RULE(lac_sps_row, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_sps_row, ActDepth, 1, 16777216)
  `LAC_PARAM(lac_sps_row, KernelSize, 1, 15)

  // chain --------------------------------------------------------------------------------------
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {valid_o, waits_o, switch_o} <= '0;
    else if (clr_i) {valid_o, waits_o, switch_o} <= '0;
    else {valid_o, waits_o, switch_o} <= {valid_i, waits_i, switch_i};
  end

  always_ff @(posedge clk_i) begin
    base_o  <= base_i;
    flags_o <= flags_i;
  end

  // address ------------------------------------------------------------------------------------
  if (Own) begin : gen_own
    logic shadow_has_q, has_q;
    logic [3:0] shadow_dy_q, shadow_dx_q, dy_q, dx_q;
    logic [AddrWidth-1:0] shadow_q, off_q;
    logic [15:0] yin, xin;

    always_ff @(posedge clk_i) begin
      if (off_we_i) begin
        shadow_has_q <= off_has_i;
        shadow_dy_q  <= off_dy_i;
        shadow_dx_q  <= off_dx_i;
        shadow_q     <= off_i;
      end
      if (switch_i) begin
        has_q <= shadow_has_q;
        dy_q  <= shadow_dy_q;
        dx_q  <= shadow_dx_q;
        off_q <= shadow_q;
      end
    end

    assign {yin, xin} = {16'(flags_o[KernelSize+:KernelSize]), 16'(flags_o[0+:KernelSize])};
    assign addr_o     = base_o + off_q;
    assign read_o     = has_q & yin[dy_q] & xin[dx_q];
  end else begin : gen_given
    logic unused_off;
    assign unused_off = ^{off_we_i, off_has_i, off_dy_i, off_dx_i, off_i};
    assign addr_o     = base_o;
    assign read_o     = flags_o[0];
  end

  // bank ---------------------------------------------------------------------------------------
  logic [ActWidth-1:0] rd_data;
  logic inside_q, valid_q, waits_q;

  assign rd_en_o = valid_o & read_o;

  lac_sram #(
    .Width(ActWidth),
    .Depth(ActDepth)
  ) u_bank (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (rd_en_o),
    .rd_addr_i(addr_o),
    .rd_data_o(rd_data),
    .wr_en_i  (wr_en_i),
    .wr_addr_i(wr_addr_i),
    .wr_data_i(wr_data_i)
  );

  always_ff @(posedge clk_i) begin
    inside_q <= rd_en_o;
    act_o    <= inside_q ? rd_data : '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {valid_q, waits_q, lane_valid_o, lane_waits_o, lane_switch_o} <= '0;
    else if (clr_i) {valid_q, waits_q, lane_valid_o, lane_waits_o, lane_switch_o} <= '0;
    else
      {valid_q, waits_q, lane_valid_o, lane_waits_o, lane_switch_o} <= {
        valid_o, waits_o, valid_q, waits_q, switch_o
      };
  end

  `LAC_ASSERT(one_port, !(wr_en_i && rd_en_o), "the bank is loaded while pixels are read")
  `LAC_ASSERT(addr_range, !rd_en_o || 32'(addr_o) < 32'(ActDepth), "a pixel past the bank")
  `LAC_ASSERT(one_of, !(valid_o && waits_o), "a pixel in a cycle of waiting")

endmodule
