// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_bank: an accumulator bank of a PE, twice: one is filled while the other is drained.
//
// Purpose: sums up products in one set, and lets the PPU read, clear and add to the other.
// Example, fill_i 0: in (entry 3, 5) and (3, 7) in cycles 0 and 1; fill_i 1 from cycle 3 on, drain
//   of entry 3 in cycle 4: out_data_o 12 in cycle 6.
//
//   in --> set fill_i (lac_acc_bank);   drain, add --> the other set (lac_acc_bank) --> out
//
// in_valid_i, drain_valid_i, add_valid_i are always taken; drain and add never come together.
// out_valid_o two cycles after the drain. clr_i empties both sets, set_clr_i the one that is
// drained.
// ovf_o: a sum was cut to the nearest that fits AccWidth, in ovf_entry_o (filled set first).
// Latency 2 cycles (drain to out). Throughput 1 addition and 1 drain or addition per cycle.
// Parameters:
//   Entries   1..1024
//   AccWidth  2..64
// Model: tb/scnn/blocks/reference.py. Source: SCNN (ISCA 2017), section IV, accumulator buffers.

`include "lac_assert.svh"

module lac_scnn_bank
  import lac_pkg::*;
#(
  parameter  int Entries    = 32,
  parameter  int AccWidth   = 24,
  localparam int EntryWidth = `LAC_INDEX_BITS(Entries)
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  lac_mem_cfg_t                  mem_cfg_i,
  input  logic                          clr_i,
  input  logic                          set_clr_i,
  input  logic                          fill_i,
  // products
  input  logic                          in_valid_i,
  input  logic         [EntryWidth-1:0] in_entry_i,
  input  logic         [  AccWidth-1:0] in_data_i,
  // the other set
  input  logic                          drain_valid_i,
  input  logic         [EntryWidth-1:0] drain_entry_i,
  output logic                          out_valid_o,
  output logic         [  AccWidth-1:0] out_data_o,
  input  logic                          add_valid_i,
  input  logic         [EntryWidth-1:0] add_entry_i,
  input  logic         [  AccWidth-1:0] add_data_i,
  // events
  output logic                          ovf_o,
  output logic         [EntryWidth-1:0] ovf_entry_o
);

  `LAC_PARAM(lac_scnn_bank, Entries, 1, 1024)
  `LAC_PARAM(lac_scnn_bank, AccWidth, 2, 64)

  logic [1:0] out_valid, ovf;
  logic [  AccWidth-1:0] out_data [2];
  logic [EntryWidth-1:0] out_entry[2];

  for (genvar s = 0; s < 2; s++) begin : gen_set
    logic fills, in_ready, drain_ready, drain_valid, in_valid;
    logic unused_events, ev_read, ev_write, ev_bypass;

    assign fills = fill_i == (s == 1);
    assign in_valid = fills ? in_valid_i : add_valid_i;
    assign drain_valid = ~fills & drain_valid_i;
    assign unused_events = ev_read ^ ev_write ^ ev_bypass ^ in_ready ^ drain_ready;

    lac_acc_bank #(
      .Entries  (Entries),
      .DataWidth(AccWidth),
      .AccWidth (AccWidth)
    ) u_acc (
      .clk_i,
      .rst_ni,
      .clr_i        (clr_i | (~fills & set_clr_i)),
      .mem_cfg_i    (mem_cfg_i),
      .in_valid_i   (in_valid),
      .in_ready_o   (in_ready),
      .in_entry_i   (fills ? in_entry_i : add_entry_i),
      .in_data_i    (fills ? in_data_i : add_data_i),
      .drain_valid_i(drain_valid),
      .drain_ready_o(drain_ready),
      .drain_entry_i,
      .out_valid_o  (out_valid[s]),
      .out_ready_i  (1'b1),
      .out_entry_o  (out_entry[s]),
      .out_data_o   (out_data[s]),
      .ovf_o        (ovf[s]),
      .ev_read_o    (ev_read),
      .ev_write_o   (ev_write),
      .ev_bypass_o  (ev_bypass)
    );
    `LAC_ASSERT(taken, !in_valid || in_ready, "an addition waits")
  end

  assign out_valid_o = |out_valid;
  assign out_data_o  = out_valid[1] ? out_data[1] : out_data[0];
  assign ovf_o       = |ovf;
  assign ovf_entry_o = ovf[fill_i] ? out_entry[fill_i] : out_entry[~fill_i];

  `LAC_ASSERT(one_access, !(drain_valid_i && add_valid_i), "drain and addition at once")
  `LAC_ASSERT(clear_alone, !set_clr_i || !(drain_valid_i || add_valid_i),
              "the set is cleared while it is drained")
  `LAC_ASSERT(one_word, out_valid != '1, "words of both sets at once")
  `LAC_COVER(cover_both, in_valid_i && (drain_valid_i || add_valid_i))
  `LAC_COVER(cover_ovf, ovf_o)

endmodule
