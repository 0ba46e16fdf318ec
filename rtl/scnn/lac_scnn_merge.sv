// SPDX-License-Identifier: Apache-2.0
//
// lac_scnn_merge: adds products of a step that belong to the same accumulator; and their end width.
//
// Purpose: products of one step with the same bank and entry become one, so that they do not queue
//   for the bank and cost one access. As well the place where products get the accumulators' width.
// Example, lanes 0, 5 and 10 with bank 3, entry 7, products 4, -1, 10: lane 0 has 13; lanes 5 and
//   10 come in as gone.
//
//   step, who takes whom --> add one of each group of lanes --> fit into AccWidth --> P3 --> out
//
// Who takes whom was found before (lac_scnn_match): lane i adds the product of lane j for bit
// i*Lanes+j of in_take_i, at most one of its own and the next four lanes, and of each four lanes
// behind. With Merge 0 no lane is changed but for its width, and there is no stage.
// A number that does not fit AccWidth becomes the nearest that does: err_o in the cycle in which
// the step goes out, with bank and entry of the lowest such lane.
// in_par_i, out_par_o: the parity of the step's group; old_o: the stage has a step of another
// parity than par_i.
// Streams: in_*, out_* (out_ready_i goes into in_ready_o).
// Events: ev_merged_o lanes that are gone, in the cycle in which a step is taken.
// Latency Merge cycles. Throughput 1 step per cycle. clr_i: empty from the next cycle on.
// Parameters:
//   Lanes       4..256, a power of two
//   BankWidth   3..9
//   EntryWidth  3..8
//   AccWidth    20..40
//   Merge       0..1
// Model: tb/scnn/blocks/reference.py. Source: own; what it saves is part of the study of Mao et al.
//   (CVPR-W 2017) on the granularity of sparsity.

`include "lac_assert.svh"

module lac_scnn_merge #(
  parameter  int Lanes      = 16,
  parameter  int BankWidth  = 5,
  parameter  int EntryWidth = 5,
  parameter  int AccWidth   = 24,
  parameter  int Merge      = 1,
  localparam int EvWidth    = $clog2(Lanes + 1)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        clr_i,
  input  logic                        par_i,
  input  logic                        in_valid_i,
  output logic                        in_ready_o,
  input  logic [           Lanes-1:0] in_lane_valid_i,
  input  logic [           Lanes-1:0] in_gone_i,
  input  logic [     Lanes*Lanes-1:0] in_take_i,
  input  logic                        in_par_i,
  input  logic [ Lanes*BankWidth-1:0] in_bank_i,
  input  logic [Lanes*EntryWidth-1:0] in_entry_i,
  input  logic [        Lanes*32-1:0] in_product_i,
  output logic                        out_valid_o,
  input  logic                        out_ready_i,
  output logic [           Lanes-1:0] out_lane_valid_o,
  output logic [ Lanes*BankWidth-1:0] out_bank_o,
  output logic [Lanes*EntryWidth-1:0] out_entry_o,
  output logic [  Lanes*AccWidth-1:0] out_data_o,
  output logic                        out_par_o,
  output logic                        old_o,
  output logic [         EvWidth-1:0] ev_merged_o,
  output logic                        err_o,
  output logic [       BankWidth-1:0] err_bank_o,
  output logic [      EntryWidth-1:0] err_entry_o
);

  `LAC_PARAM_RULE(lac_scnn_merge, Lanes, 4, 256, (Lanes & (Lanes - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_merge, BankWidth, 3, 9)
  `LAC_PARAM(lac_scnn_merge, EntryWidth, 3, 8)
  `LAC_PARAM(lac_scnn_merge, AccWidth, 20, 40)
  `LAC_PARAM(lac_scnn_merge, Merge, 0, 1)

  localparam int Four = 4;
  localparam int Fours = Lanes / Four;
  localparam int SumWidth = 32 + (Merge == 0 ? 0 : Fours > 2 ? $clog2(Fours) : 1);

  logic [Lanes-1:0] ovf, out_ovf;
  logic [Lanes*SumWidth-1:0] sums;
  logic [Lanes*AccWidth-1:0] fitted;

  if (Merge == 0) begin : gen_plain
    logic unused_take;
    assign unused_take = ^{in_gone_i, in_take_i};
    assign sums = in_product_i;
    assign ev_merged_o = '0;
  end else begin : gen_merge
    logic [31:0] product[Lanes];
    for (genvar i = 0; i < Lanes; i++) begin : gen_lane
      localparam int Own = i / Four;
      localparam int Groups = Fours - 1 - Own > 1 ? Fours - 1 - Own : 1;
      logic [Lanes-1:0] takes;

      assign product[i] = in_product_i[i*32+:32];
      assign takes = in_take_i[i*Lanes+:Lanes];
      for (genvar g = 0; g < Groups; g++) begin : gen_group
        // Lanes Low to High - 1.
        localparam int Low = g == 0 ? i + 1 : (Own + 1 + g) * Four;
        localparam int Next = (Own + 2 + g) * Four;
        localparam int High = Next < Lanes ? Next : Lanes;
        logic [31:0] picked;
        logic [SumWidth-1:0] below, total;
        if (g == 0) begin : gen_own
          assign below = SumWidth'($signed(in_product_i[i*32+:32]));
        end else begin : gen_sum
          assign below = gen_group[g-1].total;
        end
        // The product of the one that is taken, 0 of none.
        always_comb begin
          picked = 'x;
          if (in_valid_i) begin
            picked = '0;
            for (int j = Low; j < High; j++) picked = picked | (product[j] & {32{takes[j]}});
          end
        end
        assign total = below + SumWidth'($signed(picked));
      end
      assign sums[i*SumWidth+:SumWidth] = gen_group[Groups-1].total;
    end
    logic unused_take;
    assign unused_take = ^in_take_i;
    assign ev_merged_o = in_valid_i & in_ready_o ? EvWidth'($countones(in_gone_i)) : '0;
  end

  for (genvar i = 0; i < Lanes; i++) begin : gen_fit
    logic signed [SumWidth-1:0] sum;
    assign sum = sums[i*SumWidth+:SumWidth];
    if (SumWidth > AccWidth) begin : gen_narrow
      logic [SumWidth-AccWidth:0] top;  // equal bits where it fits
      assign top = sum[SumWidth-1:AccWidth-1];
      assign ovf[i] = top != '0 && top != '1;
      assign fitted[i*AccWidth+:AccWidth] =
          ovf[i] ? {sum[SumWidth-1], {(AccWidth - 1) {~sum[SumWidth-1]}}} : sum[AccWidth-1:0];
    end else begin : gen_wide
      assign ovf[i] = 1'b0;
      assign fitted[i*AccWidth+:AccWidth] = AccWidth'(sum);
    end
  end

  logic en;
  lac_pipe #(
    .Stages(Merge)
  ) u_pipe (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i,
    .in_ready_o,
    .out_valid_o,
    .out_ready_i,
    .en_o(en)
  );

  if (Merge == 0) begin : gen_wires
    logic unused_en;
    assign unused_en = en;
    assign old_o = 1'b0;
    assign out_par_o = in_par_i;
    logic unused_par;
    assign unused_par = par_i;
    assign out_lane_valid_o = in_lane_valid_i;
    assign out_bank_o = in_bank_i;
    assign out_entry_o = in_entry_i;
    assign out_data_o = fitted;
    assign out_ovf = ovf & in_lane_valid_i;
  end else begin : gen_stage
    assign old_o = out_valid_o & (out_par_o != par_i);
    always_ff @(posedge clk_i) begin
      if (en) begin
        out_lane_valid_o <= in_lane_valid_i;
        out_par_o        <= in_par_i;
        out_bank_o       <= in_bank_i;
        out_entry_o      <= in_entry_i;
        out_data_o       <= fitted;
        out_ovf          <= ovf & in_lane_valid_i;
      end
    end
  end

  logic [Lanes-1:0] first;

  lac_ffs #(
    .Width(Lanes)
  ) u_first (
    .in_i    (out_ovf),
    .valid_o (),
    .index_o (),
    .onehot_o(first)
  );

  assign err_o = out_valid_o & out_ready_i & (out_ovf != '0);
  always_comb begin
    err_bank_o  = '0;
    err_entry_o = '0;
    for (int i = 0; i < Lanes; i++) begin
      err_bank_o  = err_bank_o | (out_bank_o[i*BankWidth+:BankWidth] & {BankWidth{first[i]}});
      err_entry_o = err_entry_o | (out_entry_o[i*EntryWidth+:EntryWidth] & {EntryWidth{first[i]}});
    end
  end

  `LAC_STREAM_CLR(in_valid_i, in_ready_o, {in_lane_valid_i, in_gone_i, in_take_i, in_par_i,
                                           in_bank_i, in_entry_i, in_product_i}, clr_i)
  `LAC_STREAM_CLR(out_valid_o, out_ready_i, {out_lane_valid_o, out_par_o, out_bank_o, out_entry_o,
                                             out_data_o}, clr_i)
  `LAC_ASSERT(cut_is_there, !out_valid_o || (out_ovf & ~out_lane_valid_o) == '0,
              "a sum that is cut and not there")
  `LAC_ASSERT(gone_or_there, !in_valid_i || (in_gone_i & in_lane_valid_i) == '0,
              "a product that is there and gone")
  `LAC_COVER(cover_merged, ev_merged_o != '0)
  `LAC_COVER(cover_three, ev_merged_o >= EvWidth'(3))
  `LAC_COVER(cover_waits, out_valid_o && !out_ready_i && in_valid_i)
  `LAC_COVER(cover_err, err_o)

endmodule
