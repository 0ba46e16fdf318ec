// SPDX-License-Identifier: Apache-2.0
//
// Pointer read: turns a broadcast column into the range of weight entries of this PE's slice.
//
//   queue -> [both banks, one cycle] -> check, drop empty -> descriptor FIFO -> weight read
//
// Pointers p[j] and p[j+1] lie in two banks by the least significant bit of j, so one cycle reads
// both. With skip_empty_i an empty slice (p[j] == p[j+1]) is dropped here, in the shadow of work in
// flight; without it the slice goes on as a descriptor that takes one slot, as in the paper.
//
// Example: p = [0, 2, 2, 5]; column 0 -> [0, 2), column 1 -> empty, column 2 -> [2, 5).
//
// Streams: in (ready is combinational from the FIFO's level and the pointers read), out (FIFO).
// Throughput: one column per cycle (DescDepth 1: one in two cycles, skipped ones still one per
// cycle). Latency: in to out 2 cycles.
// Parameters:
//   ActWidth    8..16, 8 or 16
//   ColWidth    1..31
//   PtrWidth    1..32
//   PtrDepth    2..16777216, even
//   NumEntries  1..2147483520
//   DescDepth   1..65535
// Source: EIE (ISCA 2016), section IV, "Pointer Read Unit". Model: models/eie/cycles.py.

`include "lac_assert.svh"

module lac_eie_ptr_read
  import lac_pkg::*;
#(
  parameter int ActWidth = 16,
  parameter int ColWidth = 17,
  parameter int PtrWidth = 18,
  parameter int PtrDepth = 16384,
  parameter int NumEntries = 131072,  // capacity of the weight memory
  parameter int DescDepth = 2,
  localparam int BankDepth = PtrDepth / 2,
  localparam int BankWidth = `LAC_INDEX_BITS(BankDepth),
  localparam int PtrAddrWidth = $clog2(PtrDepth)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  lac_mem_cfg_t                    mem_cfg_i,
  input  logic                            clr_i,
  input  logic         [PtrAddrWidth-1:0] ptr_base_i,
  input  logic                            skip_empty_i,
  // load: one pair {p[2k+1], p[2k]}
  input  logic                            wr_en_i,
  input  logic         [   BankWidth-1:0] wr_addr_i,
  input  logic         [  2*PtrWidth-1:0] wr_data_i,
  // columns
  input  logic                            in_valid_i,
  output logic                            in_ready_o,
  input  logic         [    ActWidth-1:0] in_act_i,
  input  logic         [    ColWidth-1:0] in_col_i,
  // descriptors: entries [start, end)
  output logic                            out_valid_o,
  input  logic                            out_ready_i,
  output logic         [    ActWidth-1:0] out_act_o,
  output logic         [    PtrWidth-1:0] out_start_o,
  output logic         [    PtrWidth-1:0] out_end_o,
  // state and errors (held until clr_i)
  output logic                            idle_o,
  output logic                            err_order_o,
  output logic                            err_range_o,
  output logic         [    ColWidth-1:0] err_col_o
);

  `LAC_PARAM_RULE(lac_eie_ptr_read, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_ptr_read, ColWidth, 1, 31)
  `LAC_PARAM(lac_eie_ptr_read, PtrWidth, 1, 32)
  `LAC_PARAM_RULE(lac_eie_ptr_read, PtrDepth, 2, 16777216, PtrDepth % 2 == 0, "even")
  `LAC_PARAM(lac_eie_ptr_read, NumEntries, 1, 2147483520)
  `LAC_PARAM(lac_eie_ptr_read, DescDepth, 1, 65535)

  localparam int DescWidth = ActWidth + 2 * PtrWidth;

  logic [PtrAddrWidth-1:0] ptr_addr, ptr_addr_next;
  logic rd_en;
  logic [PtrWidth-1:0] even_data, odd_data, slice_start, slice_end;
  logic rd_valid_q, rd_odd_q, advance, drop, bad;
  logic [ActWidth-1:0] rd_act_q;
  logic [ColWidth-1:0] rd_col_q;
  logic desc_valid, desc_ready;

  assign ptr_addr      = ptr_base_i + PtrAddrWidth'(in_col_i);  // fits: geometry was checked
  assign ptr_addr_next = ptr_addr + PtrAddrWidth'(1);
  assign in_ready_o    = ~rd_valid_q | advance;
  assign rd_en         = in_valid_i & in_ready_o;

  lac_sram #(
    .Width(PtrWidth),
    .Depth(BankDepth)
  ) u_even (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (rd_en),
    .rd_addr_i(BankWidth'(ptr_addr_next >> 1)),
    .rd_data_o(even_data),
    .wr_en_i  (wr_en_i),
    .wr_addr_i(wr_addr_i),
    .wr_data_i(wr_data_i[0+:PtrWidth])
  );

  lac_sram #(
    .Width(PtrWidth),
    .Depth(BankDepth)
  ) u_odd (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (rd_en),
    .rd_addr_i(BankWidth'(ptr_addr >> 1)),
    .rd_data_o(odd_data),
    .wr_en_i  (wr_en_i),
    .wr_addr_i(wr_addr_i),
    .wr_data_i(wr_data_i[PtrWidth+:PtrWidth])
  );

  assign slice_start = rd_odd_q ? odd_data : even_data;
  assign slice_end   = rd_odd_q ? even_data : odd_data;
  assign err_order_o = rd_valid_q & (slice_end < slice_start);
  assign err_range_o = rd_valid_q & ~err_order_o & (64'(slice_end) > 64'(NumEntries));
  assign err_col_o   = rd_col_q;
  assign bad         = err_order_o | err_range_o;
  assign drop        = skip_empty_i & (slice_start == slice_end);
  assign desc_valid  = rd_valid_q & ~drop & ~bad;
  assign advance     = ~bad & (drop | desc_ready);
  assign idle_o      = ~rd_valid_q & ~out_valid_o;

  lac_fifo #(
    .Width(DescWidth),
    .Depth(DescDepth)
  ) u_desc (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clr_i      (clr_i),
    .in_valid_i (desc_valid),
    .in_ready_o (desc_ready),
    .in_data_i  ({slice_end, slice_start, rd_act_q}),
    .out_valid_o(out_valid_o),
    .out_ready_i(out_ready_i),
    .out_data_o ({out_end_o, out_start_o, out_act_o}),
    .level_o    ()
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) rd_valid_q <= 1'b0;
    else if (clr_i) rd_valid_q <= 1'b0;
    else if (in_ready_o) rd_valid_q <= in_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (rd_en) begin
      rd_act_q <= in_act_i;
      rd_col_q <= in_col_i;
      rd_odd_q <= ptr_addr[0];
    end
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_col_i, in_act_i}, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_end_o, out_start_o, out_act_o}, clr_i)
  `LAC_ASSERT(desc_range,
              !out_valid_o || (out_start_o <= out_end_o && 64'(out_end_o) <= 64'(NumEntries)),
              "a slice that was refused goes on")
  `LAC_ASSERT(bad_holds, !bad || !in_ready_o, "a column is taken behind a bad pointer")

endmodule
