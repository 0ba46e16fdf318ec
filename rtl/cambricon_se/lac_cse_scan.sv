// SPDX-License-Identifier: Apache-2.0
//
// Scan of a core of Cambricon-SE: walks the index lists of its groups, once per pixel, and says which
// row of neurons each entry looks at.
//
//   place in the list -> list memory -> offset + origin of the pixel -> row, mask of the entry
//
// Lists of the groups follow each other; the last entry of each is marked. An entry is read every cycle, also
// across the end of a list: beside entry e stands whether e + 1 is a last one, so the end is known as
// e + 1 is read. Group outer, pixel inner, line by line.
// Errors: a row that the block has not, or a list that goes on past its memory: err_o while that entry is
// offered, with its number.
// Streams: out_*, from registers. Latency: start_i to the first entry 3 cycles. Throughput: one entry per
// cycle. wr_*: stream words of entries, as lac_cse_wgt_load writes them.
// Parameters:
//   Window     8..256, a power of two
//   ListDepth  2..65536
// Model: models/cambricon_se machine.

`include "lac_assert.svh"

module lac_cse_scan
  import lac_pkg::*, lac_cse_pkg::*;
#(
  parameter  int Window    = 128,
  parameter  int ListDepth = 256,
  localparam int AddrWidth = `LAC_INDEX_BITS(ListDepth)
) (
  input logic clk_i,
  input logic rst_ni,
  input lac_mem_cfg_t mem_cfg_i,
  input logic clr_i,
  input logic start_i,
  input lac_cse_walk_t walk_i,
  input logic [15:0] groups_i,  // of this core
  input logic wr_en_i,
  input logic [15:0] wr_addr_i,
  input logic [4:0] wr_part_i,
  input logic [63:0] wr_data_i,
  output logic read_o,  // an entry is read, for masks of PEs
  output logic [AddrWidth-1:0] read_addr_o,
  output logic take_o,  // and taken a cycle later or more
  output logic out_valid_o,
  input logic out_ready_i,
  output lac_cse_entry_t out_entry_o,
  output logic [Window-1:0] out_mask_o,
  output logic err_o
);

  `LAC_PARAM_RULE(lac_cse_scan, Window, 8, 256, (Window & (Window - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_cse_scan, ListDepth, 2, 65536)

  localparam int ListBits = Window + 32;
  localparam int Parts = (ListBits + 63) / 64;
  localparam logic [AddrWidth-1:0] LastEntry = AddrWidth'(ListDepth - 1);

  // list ------------------------------------------------------------------------------------------
  logic issue, take, pipe_valid;
  logic [1:0] en;
  logic [AddrWidth-1:0] entry_q, wr_addr, wr_before;
  logic [Parts*64-1:0] data;
  logic next_last, wr_last;

  assign wr_addr   = AddrWidth'(wr_addr_i);
  assign wr_before = wr_addr - AddrWidth'(1);
  assign wr_last   = wr_en_i & (wr_part_i == '0);

  for (genvar p = 0; p < Parts; p++) begin : gen_part
    lac_sram #(
      .Width(64),
      .Depth(ListDepth)
    ) u_part (
      .clk_i,
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (issue),
      .rd_addr_i(entry_q),
      .rd_data_o(data[p*64+:64]),
      .wr_en_i  (wr_en_i & (wr_part_i == 5'(p))),
      .wr_addr_i(wr_addr),
      .wr_data_i
    );
  end

  // At e: whether entry e + 1 is a last one. That of entry 0 stands beside.
  logic first_is_last_q;

  lac_sram #(
    .Width(1),
    .Depth(ListDepth)
  ) u_last (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (issue),
    .rd_addr_i(entry_q),
    .rd_data_o(next_last),
    .wr_en_i  (wr_last & (wr_addr != '0)),
    .wr_addr_i(wr_before),
    .wr_data_i(wr_data_i[20])
  );
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) first_is_last_q <= 1'b0;
    else if (wr_last && wr_addr == '0) first_is_last_q <= wr_data_i[20];
  end

  // walk: what is read in this cycle ----------------------------------------------------------------
  logic
      run_q, fresh_q, jump_q, begin_q, begin_last_q, last, pixel_ends, line_ends, group_ends, over;
  logic [AddrWidth-1:0] begin_entry_q, next_entry;
  logic [15:0] p_q, q_q, left_q;
  logic [17:0] origin_q, line_q, origin_sum, line_sum, origin_next, line_next;

  // Behind a jump the entry is the first one of the group.
  assign last        = fresh_q ? first_is_last_q : jump_q ? begin_last_q : next_last;
  assign line_ends   = q_q == walk_i.q_last;
  assign pixel_ends  = line_ends & (p_q == walk_i.p_last);
  assign group_ends  = last & pixel_ends;
  assign over        = (entry_q == LastEntry) & ~(last & (~pixel_ends | (left_q == '0)));
  assign next_entry  = entry_q + AddrWidth'(1);

  // An origin past all rows stays there.
  assign origin_sum  = origin_q + walk_i.step_q;
  assign line_sum    = line_q + walk_i.step_p;
  assign origin_next = origin_q[17] | origin_sum[17] ? 18'h2_0000 : origin_sum;
  assign line_next   = line_q[17] | line_sum[17] ? 18'h2_0000 : line_sum;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) run_q <= 1'b0;
    else if (clr_i) run_q <= 1'b0;
    else if (start_i) run_q <= groups_i != '0;
    else if (issue && (over || (group_ends && left_q == '0))) run_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      entry_q       <= '0;
      begin_entry_q <= '0;
      fresh_q       <= 1'b1;
      jump_q        <= 1'b0;
      begin_q       <= 1'b1;
      p_q           <= '0;
      q_q           <= '0;
      origin_q      <= '0;
      line_q        <= '0;
      left_q        <= groups_i - 16'd1;
    end else if (issue) begin
      entry_q <= last && !pixel_ends ? begin_entry_q : next_entry;
      fresh_q <= 1'b0;
      jump_q  <= last & ~pixel_ends;
      begin_q <= group_ends;
      if (begin_q) begin_last_q <= last;
      if (group_ends) begin_entry_q <= next_entry;
      if (group_ends) left_q <= left_q - 16'd1;
      if (last) begin
        q_q <= line_ends ? '0 : q_q + 16'd1;
        if (line_ends) p_q <= pixel_ends ? '0 : p_q + 16'd1;
        if (pixel_ends) begin
          origin_q <= '0;
          line_q   <= '0;
        end else if (line_ends) begin
          origin_q <= line_next;
          line_q   <= line_next;
        end else begin
          origin_q <= origin_next;
        end
      end
    end
  end

  // entries: read, then their row -------------------------------------------------------------------
  logic last_q, final_q, over_q;
  logic [AddrWidth-1:0] at_q;
  logic [17:0] from_q, row;
  logic bad_q;
  lac_cse_entry_t entry;

  assign issue       = run_q & pipe_valid;
  assign take        = en[1];
  assign read_o      = issue;
  assign read_addr_o = entry_q;
  assign take_o      = take;

  lac_pipe #(
    .Stages(2)
  ) u_pipe (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i(run_q),
    .in_ready_o(pipe_valid),
    .out_valid_o,
    .out_ready_i,
    .en_o      (en)
  );

  assign row          = from_q + 18'(data[15:0]);
  assign entry.last   = last_q;
  assign entry.final_ = final_q;
  assign entry.region = data[19:16];
  assign entry.entry  = 16'(at_q);
  assign entry.row    = row[15:0];

  always_ff @(posedge clk_i) begin
    if (en[0]) begin
      last_q  <= last;
      final_q <= group_ends & (left_q == '0);
      over_q  <= over;
      at_q    <= entry_q;
      from_q  <= origin_q;
    end
    if (take) begin
      out_entry_o <= entry;
      out_mask_o  <= data[32+:Window];
      bad_q       <= (row >= 18'(walk_i.rows)) | over_q;
    end
  end

  assign err_o = out_valid_o & bad_q;

  // Bits of an entry behind its mask, and what only the walk needs.
  logic unused_bits;
  assign unused_bits = ^{data, wr_addr_i, walk_i};

  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_entry_o, out_mask_o}, clr_i)
  `LAC_ASSERT(mark_holds, !take || last_q == data[20],
              "the mark beside the entry before is another")
  `LAC_ASSERT(start_idle, !start_i || clr_i || !run_q, "started while it walks")
  `LAC_ASSERT(load_alone, !wr_en_i || !issue, "a list is read while it is loaded")
  `LAC_ASSERT(pixel_range, !run_q || (p_q <= walk_i.p_last && q_q <= walk_i.q_last),
              "a pixel past the outputs")
  `LAC_COVER(cover_in_a_row, issue && last && out_valid_o && out_ready_i)

endmodule
