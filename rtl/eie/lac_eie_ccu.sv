// SPDX-License-Identifier: Apache-2.0
//
// Central control of the compute phase: finds the non-zero activations, row of NumPe positions by
// row, and broadcasts them one per cycle to the queues of all PEs.
//
//   row read (all PEs) -> fetched row -> next row -> scan row (one flag per PE) -> LNZD tree
//     -> broadcast reg
//
// The memories behind the row port hold their output and the PEs have a word register behind it, so
// two rows wait while the scan row is worked off; an all-zero row is dropped in one cycle in the
// shadow of the scan.
// Broadcast stops while any queue is full (bcast_ready_i low), as in the paper.
//
// Streams: bcast valid/ready; valid never depends on ready. ready is combinational from the queues.
// Throughput: one non-zero per cycle; one row per cycle while rows are empty.
// Latency: start to first broadcast 5 cycles (fetch, word, load, select, output register) when the
// first row is not empty.
// Parameters:
//   NumPe         1..256, a power of two
//   ActWidth      8..16, 8 or 16
//   LenWidth      1..31
//   RowAddrWidth  1..24
// Source: EIE (ISCA 2016), section IV. Model: models/eie/cycles.py.

`include "lac_assert.svh"

module lac_eie_ccu #(
  parameter int NumPe        = 64,
  parameter int ActWidth     = 16,
  parameter int LenWidth     = 17,  // IN_LEN, 1 .. 2^LenWidth-1
  parameter int RowAddrWidth = 10
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      clr_i,
  input  logic                      start_i,        // pulse; in_len_i, row_base_i stable until idle
  input  logic [      LenWidth-1:0] in_len_i,
  input  logic [  RowAddrWidth-1:0] row_base_i,
  output logic                      idle_o,
  // rows of activations, one per PE
  output logic                      row_rd_en_o,
  output logic [  RowAddrWidth-1:0] row_rd_addr_o,
  output logic                      row_word_o,     // PEs move the last row read to their word regs
  input  logic [         NumPe-1:0] row_nz_i,       // the word register of PE p is not zero
  output logic                      row_load_o,     // PEs move their word regs to their scan regs
  input  logic [NumPe*ActWidth-1:0] scan_data_i,
  // broadcast of (activation, column)
  output logic                      bcast_valid_o,
  input  logic                      bcast_ready_i,
  output logic [      ActWidth-1:0] bcast_act_o,
  output logic [      LenWidth-1:0] bcast_col_o
);

  `LAC_PARAM_RULE(lac_eie_ccu, NumPe, 1, 256, (NumPe & (NumPe - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_eie_ccu, ActWidth, 8, 16, ActWidth == 8 || ActWidth == 16, "8 or 16")
  `LAC_PARAM(lac_eie_ccu, LenWidth, 1, 31)
  `LAC_PARAM(lac_eie_ccu, RowAddrWidth, 1, 24)

  localparam int PeIdxWidth = `LAC_INDEX_BITS(NumPe);

  logic                active_q;
  logic [LenWidth-1:0] fetch_row_q;  // next row to fetch
  logic [LenWidth-1:0] num_rows, num_rows_q;
  logic [PeIdxWidth-1:0] last_lane_q;  // of the last row
  logic read_valid_q, next_valid_q, next_last_q, word;
  logic [LenWidth-1:0] read_row_q, next_row_q, scan_row_q;
  logic [NumPe-1:0] last_lanes, scan_nz_q, next_nz, sel_onehot, scan_left;
  logic scan_any_q, scan_many;  // one or more are left; more than one
  logic [  ActWidth-1:0] sel_act;
  logic [PeIdxWidth-1:0] sel_idx;
  logic take, load, consume, fetch;
  logic                bcast_valid_q;
  logic [ActWidth-1:0] bcast_act_q;
  logic [LenWidth-1:0] bcast_col_q;

  assign num_rows   = LenWidth'((32'(in_len_i) + 32'(NumPe - 1)) / 32'(NumPe));

  // Positions past IN_LEN in the last row hold leftovers of earlier layers.
  assign last_lanes = ~({NumPe{1'b1}} << last_lane_q << 1);
  assign next_nz    = row_nz_i & ({NumPe{~next_last_q}} | last_lanes);

  lac_eie_lnzd_tree #(
    .NumPe(NumPe),
    .DataWidth(ActWidth)
  ) u_lnzd (
    .leaf_valid_i(scan_nz_q),
    .leaf_data_i (scan_data_i),
    .valid_o     (),
    .data_o      (sel_act),
    .idx_o       (sel_idx)
  );

  // Whether more than one is left in the scan row: by halves, not by what is selected.
  localparam int Levels = $clog2(NumPe);
  for (genvar k = 0; k < Levels; k++) begin : gen_count
    localparam int Width = NumPe >> k;
    logic [Width-1:0] any, many;

    if (k == 0) begin : gen_leaf
      assign any  = scan_nz_q;
      assign many = '0;
    end else begin : gen_join
      for (genvar i = 0; i < Width; i++) begin : gen_pair
        assign any[i]  = |gen_count[k-1].any[2*i+:2];
        assign many[i] = (|gen_count[k-1].many[2*i+:2]) | (&gen_count[k-1].any[2*i+:2]);
      end
    end
  end
  if (Levels == 0) begin : gen_single
    assign scan_many = 1'b0;
  end else begin : gen_halves
    assign scan_many = (|gen_count[Levels-1].many) | (&gen_count[Levels-1].any);
  end

  assign take = scan_any_q & (~bcast_valid_q | bcast_ready_i);
  assign sel_onehot = scan_nz_q & (~scan_nz_q + NumPe'(1));  // lowest set bit = the tree's choice
  assign scan_left = take ? scan_nz_q & ~sel_onehot : scan_nz_q;
  // Nothing is left behind this cycle: nothing was there, or the only one is taken.
  assign load = next_valid_q & (|next_nz) & ~(take ? scan_many : scan_any_q);
  assign consume = load | (next_valid_q & ~(|next_nz));
  assign word = read_valid_q & (~next_valid_q | consume);
  assign fetch = active_q & (fetch_row_q != num_rows_q) & (~read_valid_q | word);

  assign row_rd_en_o = fetch;
  assign row_rd_addr_o = row_base_i + RowAddrWidth'(fetch_row_q);  // fits: geometry was checked
  assign row_word_o = word;
  assign row_load_o = load;
  assign bcast_valid_o = bcast_valid_q;
  assign bcast_act_o = bcast_act_q;
  assign bcast_col_o = bcast_col_q;
  assign idle_o = ~active_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q      <= 1'b0;
      read_valid_q  <= 1'b0;
      next_valid_q  <= 1'b0;
      bcast_valid_q <= 1'b0;
      scan_nz_q     <= '0;
      scan_any_q    <= 1'b0;
    end else if (clr_i) begin
      active_q      <= 1'b0;
      read_valid_q  <= 1'b0;
      next_valid_q  <= 1'b0;
      bcast_valid_q <= 1'b0;
      scan_nz_q     <= '0;
      scan_any_q    <= 1'b0;
    end else begin
      if (start_i) begin
        active_q <= 1'b1;
      end else if (active_q && fetch_row_q == num_rows_q && !read_valid_q && !next_valid_q
                   && !(|scan_nz_q) && !bcast_valid_q) begin
        active_q <= 1'b0;
      end
      read_valid_q <= fetch | (read_valid_q & ~word);
      next_valid_q <= word | (next_valid_q & ~consume);
      scan_nz_q    <= load ? next_nz : scan_left;
      scan_any_q   <= load | (take ? scan_many : scan_any_q);
      if (take) bcast_valid_q <= 1'b1;
      else if (bcast_ready_i) bcast_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      fetch_row_q <= '0;
      num_rows_q  <= num_rows;
      last_lane_q <= PeIdxWidth'((32'(in_len_i) - 32'd1) % 32'(NumPe));
    end else if (fetch) begin
      fetch_row_q <= fetch_row_q + LenWidth'(1);
    end
    if (fetch) read_row_q <= fetch_row_q;
    if (word) begin
      next_row_q  <= read_row_q;
      next_last_q <= read_row_q == num_rows_q - LenWidth'(1);
    end
    if (load) scan_row_q <= next_row_q;
    if (take) begin
      bcast_act_q <= sel_act;
      bcast_col_q <= LenWidth'(32'(scan_row_q) * 32'(NumPe) + 32'(sel_idx));
    end
  end

  `LAC_STREAM_CLR(bcast_valid_o, bcast_ready_i, {bcast_act_o, bcast_col_o}, clr_i)
  `LAC_ASSERT(bcast_nonzero, !bcast_valid_o || bcast_act_o != '0, "a zero is broadcast")
  `LAC_ASSERT(bcast_range, !bcast_valid_o || bcast_col_o < in_len_i, "a column past IN_LEN")
  `LAC_ASSERT(any_known, scan_any_q == (scan_nz_q != '0), "what is left is not what is told")
  `LAC_ASSERT(sel_lowest, !scan_any_q || sel_onehot == NumPe'(1) << sel_idx,
              "the tree chose another than the lowest")
  `LAC_ASSERT(load_empty, !load || scan_left == '0, "a row is loaded over activations")
  `LAC_ASSERT(fetch_range, !fetch || fetch_row_q < num_rows_q, "a row past the last is fetched")
  `LAC_ASSERT(idle_empty,
              active_q || !(read_valid_q || next_valid_q || scan_nz_q != '0 || bcast_valid_q),
              "idle with a row or an activation on its way")
  `LAC_ASSERT(start_idle, !start_i || !active_q, "started while it runs")

endmodule
