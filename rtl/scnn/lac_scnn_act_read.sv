// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_act_read: activations of a PE, row by row, with their positions.
//
// Purpose: turns descriptors of blocks into rows of up to I activations, each with its place in the
//   tile of the PE: the runs of zeros between them become positions.
// Example, I 4, descriptor {ROW, base 20, count 6}, runs 0 2 0 0 | 15 0: rows of 4 and 2
//   activations at positions 0 3 4 5 | 21 22; the second is the last of the block.
//
//   desc --> read act[base + i] --> memory (outside, 1 cycle) --> sums of the runs --> FIFO --> row
//
// Position of an entry = position of the one before + run + 1, of the first = its run. A descriptor
// ROW takes ceil(count / I) cycles, NULL and END one, without a read. A row is {kind, last of the
// block, number of activations - 1, I x not zero, I x position, I x value}; what is behind the last
// activation is some number.
// Streams: desc_* (popped with the last row), row_* (valid and pop). desc_pop_o and act_rd_en_o
// do not depend on row_pop_i: a read is issued while FIFO and memory have less than four rows.
// Errors: err_o for one cycle, err_pos_o the first position of a row that is not below limit_i,
// three cycles behind its read.
// clr_i: everything is dropped. Latency: descriptor to row_valid_o 2 cycles. Throughput 1 row per
// cycle.
// Parameters:
//   I           2..16, a power of two
//   LinWidth    2..16
//   IaramRows   8..65536
//   CountWidth  4..12
// Model: tb/scnn/blocks/reference.py. Source: SCNN (ISCA 2017), section IV.

`include "lac_assert.svh"

module lac_scnn_act_read #(
  parameter  int I          = 4,
  parameter  int LinWidth   = 8,
  parameter  int IaramRows  = 1024,
  parameter  int CountWidth = 8,
  localparam int LogI       = $clog2(I),
  localparam int AddrWidth  = `LAC_INDEX_BITS(IaramRows),
  localparam int DescWidth  = 2 + AddrWidth + CountWidth,
  localparam int RunsWidth  = LogI + 4,
  localparam int MostWidth  = LinWidth > RunsWidth ? LinWidth : RunsWidth,
  localparam int PosWidth   = MostWidth + 2,
  localparam int ItemWidth  = 3 + LogI + I * (1 + LinWidth + 16)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clr_i,
  input  logic [   LinWidth:0] limit_i,
  // descriptors
  input  logic                 desc_valid_i,
  input  logic [DescWidth-1:0] desc_i,
  output logic                 desc_pop_o,
  // activation memory
  output logic                 act_rd_en_o,
  output logic [AddrWidth-1:0] act_addr_o,
  input  logic [     I*20-1:0] act_data_i,
  // rows
  output logic                 row_valid_o,
  output logic [ItemWidth-1:0] row_o,
  input  logic                 row_pop_i,
  // errors
  output logic                 err_o,
  output logic [ PosWidth-1:0] err_pos_o
);

  `LAC_PARAM_RULE(lac_scnn_act_read, I, 2, 16, (I & (I - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_act_read, LinWidth, 2, 16)
  `LAC_PARAM(lac_scnn_act_read, IaramRows, 8, 65536)
  `LAC_PARAM(lac_scnn_act_read, CountWidth, 4, 12)

  localparam logic [1:0] KindRow = 2'd0;
  localparam int Depth = 4;
  localparam int RowsWidth = CountWidth - LogI + 1;  // rows of a channel

  // issue --------------------------------------------------------------------------------------
  logic [1:0] kind;
  logic [AddrWidth-1:0] base;
  logic [CountWidth-1:0] count;
  logic [RowsWidth-1:0] done_q, last_row;
  logic issue, is_row, last;
  logic inflight_q;
  logic [2:0] level;

  assign {kind, base, count} = desc_i;
  assign is_row              = kind == KindRow;
  assign last_row            = RowsWidth'((count - CountWidth'(1)) >> LogI);
  assign last                = ~is_row | (done_q == last_row);
  assign issue               = desc_valid_i & (level + 3'(inflight_q) < 3'(Depth));
  assign desc_pop_o          = issue & last;
  assign act_rd_en_o         = issue & is_row;
  assign act_addr_o          = base + AddrWidth'(done_q);

  // at the memory's output ---------------------------------------------------------------------
  logic [1:0] kind_q;
  logic [LogI-1:0] rest_q;  // activations of the row - 1
  logic first_q, last_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      inflight_q <= 1'b0;
      done_q     <= '0;
    end else if (clr_i) begin
      inflight_q <= 1'b0;
      done_q     <= '0;
    end else begin
      inflight_q <= issue;
      if (issue) done_q <= last ? '0 : done_q + RowsWidth'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (issue) begin
      kind_q  <= kind;
      rest_q  <= last ? LogI'(count - CountWidth'(1)) : '1;
      first_q <= done_q == '0;
      last_q  <= last;
    end
  end

  // positions ----------------------------------------------------------------------------------
  logic [PosWidth-1:0] pos_q;  // of the last activation of the row before
  logic [I*PosWidth-1:0] pos, chk_pos_q;
  logic [I-1:0] present, nz, chk_present_q, over;
  logic [I*LinWidth-1:0] lin;
  logic [I*16-1:0] value;
  logic chk_valid_q;

  assign present = ~({I{1'b1}} << 1 << rest_q);
  for (genvar e = 0; e < I; e++) begin : gen_entry
    logic [PosWidth-1:0] place;
    // Behind the last one before: the runs up to it, and one step for each.
    always_comb begin
      place = (first_q ? '1 : pos_q) + PosWidth'(e + 1);
      for (int j = 0; j <= e; j++) place = place + PosWidth'(act_data_i[j*20+16+:4]);
    end
    assign pos[e*PosWidth+:PosWidth] = place;
    assign value[e*16+:16] = act_data_i[e*20+:16];
    assign nz[e] = present[e] & (act_data_i[e*20+:16] != '0);
    assign lin[e*LinWidth+:LinWidth] = pos[e*PosWidth+:LinWidth];
    assign over[e] = chk_present_q[e] & (chk_pos_q[e*PosWidth+:PosWidth] >= PosWidth'(limit_i));
  end

  always_ff @(posedge clk_i) begin
    if (inflight_q && kind_q == KindRow) begin
      pos_q         <= pos[(I-1)*PosWidth+:PosWidth];
      chk_pos_q     <= pos;
      chk_present_q <= present;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      chk_valid_q <= 1'b0;
      err_o       <= 1'b0;
    end else if (clr_i) begin
      chk_valid_q <= 1'b0;
      err_o       <= 1'b0;
    end else begin
      chk_valid_q <= inflight_q && kind_q == KindRow;
      err_o       <= chk_valid_q && over != '0;
    end
  end

  // Positions rise, so the first that is too large is the lowest set bit.
  logic [PosWidth-1:0] first_over;
  always_comb begin
    first_over = '0;
    for (int e = I - 1; e >= 0; e--) if (over[e]) first_over = chk_pos_q[e*PosWidth+:PosWidth];
  end

  always_ff @(posedge clk_i) if (chk_valid_q) err_pos_o <= first_over;

  logic in_ready;
  lac_fifo #(
    .Width(ItemWidth),
    .Depth(Depth)
  ) u_rows (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i (inflight_q),
    .in_ready_o (in_ready),
    .in_data_i  ({kind_q, last_q, rest_q, nz, lin, value}),
    .out_valid_o(row_valid_o),
    .out_ready_i(row_pop_i),
    .out_data_o (row_o),
    .level_o    (level)
  );

  `LAC_STREAM_CLR(desc_valid_i, desc_pop_o, desc_i, clr_i)
  `LAC_STREAM_CLR(row_valid_o, row_pop_i, row_o, clr_i)
  `LAC_ASSERT(room, !inflight_q || in_ready, "a row without room")
  `LAC_ASSERT(not_empty, !act_rd_en_o || count != '0, "a channel without activations is read")
  `LAC_ASSERT(level_range, level <= 3'(Depth), "more rows than places")
  `LAC_ASSERT(row_order, !act_rd_en_o || done_q <= last_row, "a row past the channel's last")
  `LAC_ASSERT(pop_there, !row_pop_i || row_valid_o, "a row that is not there")
  `LAC_COVER(cover_full, level == 3'(Depth))
  `LAC_COVER(cover_long, act_rd_en_o && done_q != '0 && last)
  `LAC_COVER(cover_other, issue && !is_row)
  `LAC_COVER(cover_over, err_o)

endmodule
