// SPDX-License-Identifier: Apache-2.0
//
// lac_acc_bank: bank of accumulators, one read-add-write per cycle, with a drain that clears.
//
// Purpose: acc[entry] += data, any order of entries, equal ones in succession too; then out with the
//   sums. Two of them make a double buffer: one is filled while the other is drained.
// Example: in (entry 3, 5), (3, 7), (0, -1) in cycles 0, 1, 2, drain of 3 in cycle 3 -> out_data_o 12
//   in cycle 5, and entry 3 is empty again.
//
//   A  in or drain: read acc[entry], if it is filled and not on its way here --+
//   B  add data (drain: 0) to the word read, to the sum of 1 or 2 cycles before, or to 0
//   C  write, or hand out (drain)
//
// An entry that is empty (after reset, clr_i or its drain) counts as 0 and is not read: the first
// number that is added is its initial value (a bias, a sum carried in). Sums are exact while they fit
// AccWidth; one that does not is stored as the nearest value that does, with a pulse of ovf_o in C.
// Sums on their way are forwarded, so the memory (lac_sram, 1R1W) never reads a word that is being
// written. ev_read_o, ev_write_o: accesses to the memory; ev_bypass_o: a read saved by forwarding.
// Streams: in_*, drain_*, out_*. A drain goes first: in_ready_o = !drain_valid_i and no wait at the
// output. out_data_o and out_entry_o come from registers; out_ready_i goes into both readies.
// clr_i: all entries are empty from the next cycle on; what is on its way is lost.
// Latency: drain to out 2 cycles; an addition counts for a drain in the next cycle. Throughput: 1
// addition or drain per cycle, at any entries.
// Parameters:
//   Entries    1..1024
//   DataWidth  1..AccWidth
//   AccWidth   2..64
// Model: saturating addition in int in the bench. Source: SCNN (ISCA 2017), accumulator buffers.

`include "lac_assert.svh"

module lac_acc_bank
  import lac_pkg::*;
#(
  parameter  int Entries    = 32,
  parameter  int DataWidth  = 24,
  parameter  int AccWidth   = 24,
  localparam int EntryWidth = `LAC_INDEX_BITS(Entries)
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clr_i,
  input  lac_mem_cfg_t                  mem_cfg_i,      // pins of the memory macro
  // additions
  input  logic                          in_valid_i,
  output logic                          in_ready_o,
  input  logic         [EntryWidth-1:0] in_entry_i,
  input  logic         [ DataWidth-1:0] in_data_i,
  // which entry to hand out and clear
  input  logic                          drain_valid_i,
  output logic                          drain_ready_o,
  input  logic         [EntryWidth-1:0] drain_entry_i,
  // its sum
  output logic                          out_valid_o,
  input  logic                          out_ready_i,
  output logic         [EntryWidth-1:0] out_entry_o,
  output logic         [  AccWidth-1:0] out_data_o,
  // events
  output logic                          ovf_o,
  output logic                          ev_read_o,
  output logic                          ev_write_o,
  output logic                          ev_bypass_o
);

  `LAC_PARAM(lac_acc_bank, Entries, 1, 1024)
  `LAC_PARAM(lac_acc_bank, DataWidth, 1, AccWidth)
  `LAC_PARAM(lac_acc_bank, AccWidth, 2, 64)

  localparam int SumWidth = AccWidth + 1;

  // What B adds to.
  localparam logic [1:0] FromNothing = 2'd0;
  localparam logic [1:0] FromMemory = 2'd1;
  localparam logic [1:0] FromNear = 2'd2;  // the sum in C
  localparam logic [1:0] FromFar = 2'd3;  // the sum that was in C before

  logic [Entries-1:0] filled_q;
  logic signed [AccWidth:0] sum;
  logic advance, take, taken_drain, filled, near, far;
  logic [EntryWidth-1:0] entry, b_entry_q, c_entry_q;
  logic b_valid_q, b_drain_q, c_valid_q, c_drain_q, c_ovf_q;
  logic [1:0] b_from_q;
  logic signed [DataWidth-1:0] b_data_q;
  logic signed [AccWidth-1:0] rd_data, augend, sum_q, far_q, rail;
  logic ovf;

  // A
  assign advance       = ~out_valid_o | out_ready_i;
  assign drain_ready_o = advance;
  assign in_ready_o    = advance & ~drain_valid_i;
  assign taken_drain   = drain_valid_i;
  assign take          = advance & (drain_valid_i | in_valid_i);
  assign entry         = taken_drain ? drain_entry_i : in_entry_i;
  assign filled        = filled_q[entry];
  // filled: after the last drain of the entry, which may be on its way as well.
  assign near          = b_valid_q & (b_entry_q == entry);
  assign far           = c_valid_q & (c_entry_q == entry);
  assign ev_read_o     = take & filled & ~near & ~far;
  assign ev_bypass_o   = take & filled & (near | far);
  assign ev_write_o    = c_valid_q & ~c_drain_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) filled_q <= '0;
    else if (clr_i) filled_q <= '0;
    else if (take) filled_q[entry] <= ~taken_drain;
  end

  lac_sram #(
    .Width(AccWidth),
    .Depth(Entries),
    .Ports(2)
  ) u_sram (
    .clk_i,
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (ev_read_o),
    .rd_addr_i(entry),
    .rd_data_o(rd_data),
    .wr_en_i  (ev_write_o),
    .wr_addr_i(c_entry_q),
    .wr_data_i(sum_q)
  );

  // B
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) b_valid_q <= 1'b0;
    else if (clr_i) b_valid_q <= 1'b0;
    else if (advance) b_valid_q <= take;
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      b_drain_q <= taken_drain;
      b_entry_q <= entry;
      b_data_q  <= taken_drain ? '0 : in_data_i;
      b_from_q  <= ~filled ? FromNothing : near ? FromNear : far ? FromFar : FromMemory;
    end
  end

  // Any sum where there is nothing to add.
  always_comb begin
    augend = 'x;
    sum    = 'x;
    if (b_valid_q) begin
      augend = b_from_q == FromNear ? sum_q : b_from_q == FromFar ? far_q :
               b_from_q == FromMemory ? rd_data : '0;
      sum = SumWidth'(augend) + SumWidth'(b_data_q);
    end
  end
  assign ovf  = sum[AccWidth] != sum[AccWidth-1];
  assign rail = {sum[AccWidth], {(AccWidth - 1) {~sum[AccWidth]}}};

  // C
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) c_valid_q <= 1'b0;
    else if (clr_i) c_valid_q <= 1'b0;
    else if (advance) c_valid_q <= b_valid_q;
  end

  always_ff @(posedge clk_i) begin
    if (advance && b_valid_q) begin
      c_drain_q <= b_drain_q;
      c_entry_q <= b_entry_q;
      c_ovf_q   <= ovf;
      sum_q     <= ovf ? rail : AccWidth'(sum);  // without ovf the top bit is the sign again
    end
    if (advance && c_valid_q) far_q <= sum_q;
  end

  assign out_valid_o = c_valid_q & c_drain_q;
  assign out_entry_o = c_entry_q;
  assign out_data_o  = sum_q;
  assign ovf_o       = ev_write_o & c_ovf_q;

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_entry_i, in_data_i}, clr_i)
  `LAC_STREAM_CLR(drain_valid_i, drain_ready_o, drain_entry_i, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_entry_o, out_data_o}, clr_i)
  if (Entries != 2 ** EntryWidth) begin : gen_range
    localparam logic [EntryWidth-1:0] LastEntry = EntryWidth'(Entries - 1);
    `LAC_ASSERT(entry_range, !take || entry <= LastEntry, "an entry past the last")
  end
  `LAC_ASSERT(
      written_is_filled,
      !ev_write_o || filled_q[c_entry_q] || b_valid_q && b_drain_q && b_entry_q == c_entry_q,
      "an empty entry is written")
  `LAC_COVER(cover_near, take && !taken_drain && filled && near)
  `LAC_COVER(cover_far, take && !taken_drain && filled && far && !near)
  `LAC_COVER(cover_near_and_far, take && filled && near && far)
  `LAC_COVER(cover_drain_on_its_way, take && taken_drain && filled && (near || far))
  `LAC_COVER(cover_drain_empty, take && taken_drain && !filled)
  `LAC_COVER(cover_add_behind_drain, take && !taken_drain && near && b_drain_q)
  `LAC_COVER(cover_waits_behind_drain, in_valid_i && drain_valid_i)
  `LAC_COVER(cover_full, out_valid_o && !out_ready_i && b_valid_q)
  `LAC_COVER(cover_high_rail, ovf_o && !sum_q[AccWidth-1])
  `LAC_COVER(cover_low_rail, ovf_o && sum_q[AccWidth-1])

endmodule
