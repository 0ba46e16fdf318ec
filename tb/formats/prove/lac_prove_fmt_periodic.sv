// SPDX-License-Identifier: Apache-2.0
//
// lac_prove_fmt_periodic: what the tables of a decoder of periodic patterns answer is in range,
//   whatever sizes and positions come: a column of the tile, a size of at most Kss.
//
// Shown apart: the proof of the decoder takes it as known, and the answers for anything else. For a
// table of two patterns, of up to Kss positions each. What holds in between:
//   - sizes that were taken are at most Kss; the one at work is that of its pattern;
//   - positions below `written`, the sum of those sizes, are columns of the tile;
//   - the address is the sum of the sizes before, and the slot.

`include "lac_prove_fmt_inside.svh"

module lac_prove_fmt_periodic
  import lac_fmt_pkg::*;
#(
  parameter int WordWidth  = 32,
  parameter int ValueWidth = 4,
  parameter int TileCols   = 3,
  parameter int Kss        = 2
) (
  input logic                 clk_i,
  input logic                 rst_ni,
  input logic                 in_valid_i,
  input logic [WordWidth-1:0] in_data_i,
  input logic                 in_last_i,
  input logic                 out_ready_i
);

  localparam int TileRows = 2;  // patterns of the table
  localparam logic [1:0] StPeriod = 2'd0, StSize = 2'd1, StTable = 2'd2, StValues = 2'd3;

  logic in_ready;

  lac_fmt_periodic_dec #(
    .WordWidth (WordWidth),
    .ValueWidth(ValueWidth),
    .TileRows  (TileRows),
    .TileCols  (TileCols),
    .NumLanes  (1),
    .Kss       (Kss)
  ) u_dut (
    `LAC_PROVE_INSIDE_PORTS
  );
  `LAC_PROVE_INSIDE(u_dut.u_shell.body)

  logic in_size, in_table, in_values, at_work, second, third, first_only, asked;
  logic [1:0] taken;  // sizes in the table
  int size[2], base, written;

  assign in_size = begun_q && u_dut.state_q == StSize;
  assign in_table = begun_q && u_dut.state_q == StTable;
  assign in_values = begun_q && u_dut.state_q == StValues && !u_dut.end_q;
  assign at_work = in_size || in_table || in_values;
  assign second = u_dut.pattern_q == 8'd1;
  assign third = u_dut.pattern_q > 8'd1;  // or a later one, which the table does not hold
  // A size is taken from the table; that of the only pattern is not in it yet.
  assign first_only = u_dut.state_q == StSize && u_dut.period_q == 8'd1;
  assign asked = u_dut.go && !first_only && u_dut.state_q != StPeriod
               && (u_dut.state_q == StValues ? u_dut.through : u_dut.wraps);
  assign taken[0] = in_values || (begun_q && u_dut.state_q != StPeriod && u_dut.pattern_q != '0);
  assign taken[1] = in_values ? u_dut.period_q > 8'd1 : taken[0] && u_dut.pattern_q > 8'd1;
  for (genvar p = 0; p < 2; p++) begin : gen_size
    assign size[p] = taken[p] ? int'(u_dut.sizes_q[p]) : 0;
    `LAC_ASSERT(size_range, size[p] <= Kss, "a size past Kss in the table")
  end
  assign base = u_dut.pattern_q == '0 ? 0 : size[0];
  assign written = size[0] + size[1] + (in_table && !third ? int'(u_dut.slot_q) : 0);

  `LAC_ASSERT(pattern_known, !at_work || u_dut.pattern_q < u_dut.period_q,
              "a pattern past the period")
  `LAC_ASSERT(pattern_first, !begun_q || u_dut.state_q != StPeriod || u_dut.pattern_q == '0,
              "a pattern before the period")
  `LAC_ASSERT(row_known, !in_values || u_dut.pattern_q <= 8'(u_dut.row_q), "a pattern past the row")
  `LAC_ASSERT(row_range, !in_values || int'(u_dut.row_q) < TileRows, "a row past the tile")
  `LAC_ASSERT(size_known, !(in_table || in_values) || int'(u_dut.size_q) <= Kss, "a size past Kss")
  `LAC_ASSERT(size_own, !in_values || u_dut.size_q == u_dut.sizes_q[second],
              "another size than that of the pattern")
  `LAC_ASSERT(size_next, !in_table || third || u_dut.size_q == u_dut.sizes_q[second],
              "another size than that of the pattern")
  `LAC_ASSERT(slot_first, !begun_q || u_dut.state_q >= StTable || u_dut.slot_q == '0,
              "a slot before the table")
  `LAC_ASSERT(slot_known, !in_table || u_dut.slot_q < u_dut.size_q, "a slot past the pattern")
  `LAC_ASSERT(slot_of_value,
              !in_values || u_dut.slot_q < u_dut.size_q || {u_dut.size_q, u_dut.slot_q} == '0,
              "a slot past the pattern")
  `LAC_ASSERT(addr_first, !begun_q || u_dut.state_q != StPeriod || u_dut.addr_q == '0,
              "an address before the table")
  `LAC_ASSERT(addr_known, !at_work || third || int'(u_dut.addr_q) == base + int'(u_dut.slot_q),
              "an address that is not that of the slot")
  for (genvar a = 0; a < 2 * Kss; a++) begin : gen_table
    `LAC_ASSERT(column_range, a >= written || int'(u_dut.table_q[a]) < TileCols,
                "a position outside of the tile in the table")
  end
  // What the other proof takes as known.
  `LAC_ASSERT(col_in_range,
              !u_dut.go || u_dut.state_q != StValues || u_dut.empty || int'(u_dut.col) < TileCols,
              "a column outside of the tile")
  `LAC_ASSERT(next_in_range, !asked || int'(u_dut.next_size) <= Kss, "a size past Kss")
  `LAC_COVER(cover_second, u_dut.go && in_values && second && u_dut.size_q == 2'(Kss))

endmodule
