// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_banks: all accumulator banks of a PE, and the port of the PPU to them.
//
// Purpose: takes the head of every bank's queue in every cycle, while the PPU reads, clears and
//   adds to words of the other set, one of each a cycle.
// Example: drain of bank 3, entry 7 in cycle 0 -> its sum in cycle 2, and the entry is empty;
//   addition of 5 to bank 9, entry 1 in cycle 0: it counts for a drain in cycle 1.
//
// drain_* and add_* must not name one bank in a cycle. Without a drain two cycles before
// drain_data_o is 0.
// err_o: a sum did not fit AccWidth; bank and entry of the lowest such bank, in that cycle.
// ev_psum_o: additions of products in this cycle. clr_i, set_clr_i: as lac_scnn_bank.
// Latency 2 cycles (drain to data). Throughput 1 product per bank, 1 drain, 1 addition per cycle.
// Parameters:
//   Banks     8..512, a power of two
//   Entries   8..256, a power of two
//   AccWidth  20..40
// Model: tb/scnn/blocks/reference.py. Source: SCNN (ISCA 2017), section IV, accumulator buffers.

`include "lac_assert.svh"

module lac_scnn_banks
  import lac_pkg::*;
#(
  parameter  int Banks      = 32,
  parameter  int Entries    = 32,
  parameter  int AccWidth   = 24,
  localparam int BankWidth  = $clog2(Banks),
  localparam int EntryWidth = $clog2(Entries),
  localparam int EvWidth    = $clog2(Banks + 1)
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  lac_mem_cfg_t                        mem_cfg_i,
  input  logic                                clr_i,
  input  logic                                set_clr_i,
  input  logic                                fill_i,
  // products
  input  logic         [           Banks-1:0] bank_valid_i,
  input  logic         [Banks*EntryWidth-1:0] bank_entry_i,
  input  logic         [  Banks*AccWidth-1:0] bank_data_i,
  // PPU
  input  logic                                drain_valid_i,
  input  logic         [       BankWidth-1:0] drain_bank_i,
  input  logic         [      EntryWidth-1:0] drain_entry_i,
  output logic         [        AccWidth-1:0] drain_data_o,
  input  logic                                add_valid_i,
  input  logic         [       BankWidth-1:0] add_bank_i,
  input  logic         [      EntryWidth-1:0] add_entry_i,
  input  logic         [        AccWidth-1:0] add_data_i,
  // events and errors
  output logic         [         EvWidth-1:0] ev_psum_o,
  output logic                                err_o,
  output logic         [       BankWidth-1:0] err_bank_o,
  output logic         [      EntryWidth-1:0] err_entry_o
);

  `LAC_PARAM_RULE(lac_scnn_banks, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_banks, Entries, 8, 256, (Entries & (Entries - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_banks, AccWidth, 20, 40)

  logic [Banks-1:0] out_valid, ovf, first_ovf;
  logic [  AccWidth-1:0] out_data [Banks];
  logic [EntryWidth-1:0] ovf_entry[Banks];

  for (genvar b = 0; b < Banks; b++) begin : gen_bank
    lac_scnn_bank #(
      .Entries (Entries),
      .AccWidth(AccWidth)
    ) u_bank (
      .clk_i,
      .rst_ni,
      .mem_cfg_i,
      .clr_i,
      .set_clr_i,
      .fill_i,
      .in_valid_i   (bank_valid_i[b]),
      .in_entry_i   (bank_entry_i[b*EntryWidth+:EntryWidth]),
      .in_data_i    (bank_data_i[b*AccWidth+:AccWidth]),
      .drain_valid_i(drain_valid_i && drain_bank_i == BankWidth'(b)),
      .drain_entry_i,
      .out_valid_o  (out_valid[b]),
      .out_data_o   (out_data[b]),
      .add_valid_i  (add_valid_i && add_bank_i == BankWidth'(b)),
      .add_entry_i,
      .add_data_i,
      .ovf_o        (ovf[b]),
      .ovf_entry_o  (ovf_entry[b])
    );
  end

  always_comb begin
    drain_data_o = '0;
    err_entry_o  = '0;
    for (int b = 0; b < Banks; b++) begin
      drain_data_o = drain_data_o | (out_data[b] & {AccWidth{out_valid[b]}});
      err_entry_o  = err_entry_o | (ovf_entry[b] & {EntryWidth{first_ovf[b]}});
    end
  end
  assign ev_psum_o = EvWidth'($countones(bank_valid_i));

  lac_ffs #(
    .Width(Banks)
  ) u_first (
    .in_i    (ovf),
    .valid_o (err_o),
    .index_o (err_bank_o),
    .onehot_o(first_ovf)
  );

  `LAC_ASSERT(other_bank, !(drain_valid_i && add_valid_i && drain_bank_i == add_bank_i),
              "drain and addition in one bank")
  `LAC_ASSERT(one_word, $onehot0(out_valid), "words of two banks at once")
  `LAC_COVER(cover_drain_and_add, drain_valid_i && add_valid_i)
  `LAC_COVER(cover_all_banks, bank_valid_i == '1)

endmodule
