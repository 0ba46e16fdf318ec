// SPDX-License-Identifier: Apache-2.0
//
// Events of SCNN: those of all nodes added up, with those of loaders and broadcast, for the socket.
//
//   events of nodes -> | sums of rows of the grid | -> | sums | -> events_o
//   take, loads ------------------------------------------------------'
//
// What a node counts in a cycle is on nodes_i one cycle later and on events_o three cycles later;
// its words of counts, of which the last are written when a pass ends, two. What the broadcaster
// and the loaders do counts at once: a load writes one word at a time.
// What is on its way when a pass is cut off is not counted, as counters are final with the
// interrupt: nothing from clr on, to the first phase of the next pass.
// Latency 2 cycles (counts of windows 1, take and loads 0). Throughput all events of a cycle.
// Parameters:
//   PeX    1..16
//   PeY    1..16
//   Lanes  4..256
//   Banks  8..512
// Model: models/scnn cycles.

`include "lac_assert.svh"

module lac_scnn_events
  import lac_socket_pkg::*, lac_scnn_node_pkg::*;
#(
  parameter  int PeX   = 8,
  parameter  int PeY   = 8,
  parameter  int Lanes = 16,
  parameter  int Banks = 32,
  localparam int NumPe = PeX * PeY
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  lac_pass_t                           pass_i,
  input  logic        [NumPe*NODE_EVENTS-1:0] nodes_i,
  input  logic                                take_i,    // of a row of weights
  input  logic                                held_i,    // a row waits
  input  logic                                wait_i,    // for the walker
  input  logic                                wr_wgt_i,  // rows that are loaded
  input  logic                                wr_row_i,
  input  logic                                wr_cnt_i,
  output lac_events_t                         events_o
);

  `LAC_PARAM(lac_scnn_events, PeX, 1, 16)
  `LAC_PARAM(lac_scnn_events, PeY, 1, 16)
  `LAC_PARAM(lac_scnn_events, Lanes, 4, 256)
  `LAC_PARAM(lac_scnn_events, Banks, 8, 512)

  localparam int SlotWidth = $clog2(Lanes + 1);
  localparam int PsumWidth = $clog2(Banks + 1);

  // Numbers that have sums, in the order of the table below.
  localparam int NumSums = 14;
  localparam int MostWidth = 10;
  logic [NumSums*NumPe*MostWidth-1:0] parts;
  logic [NumSums*16-1:0] sums;
  logic [NumPe-1:0] idx_wr;

  for (genvar p = 0; p < NumPe; p++) begin : gen_node
    lac_scnn_node_events_t node;
    assign node = nodes_i[p*NODE_EVENTS+:NODE_EVENTS];
    assign idx_wr[p] = node.idx_wr;
    logic unused_step;
    assign unused_step = node.step;
    assign parts[(0*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.useful);
    assign parts[(1*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.padding);
    assign parts[(2*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.empty);
    assign parts[(3*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.bank);
    assign parts[(4*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.sync);
    assign parts[(5*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.merged);
    assign parts[(6*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.psum);
    assign parts[(7*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.fifo_rd);
    assign parts[(8*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.fifo_wr);
    assign parts[(9*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.skip);
    assign parts[(10*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.carry);
    assign parts[(11*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.act_rd);
    assign parts[(12*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.act_wr);
    assign parts[(13*NumPe+p)*MostWidth+:MostWidth] = MostWidth'(node.halo);
  end

  for (genvar s = 0; s < NumSums; s++) begin : gen_sum
    localparam int Width = s < 6 ? SlotWidth : s == 6 ? PsumWidth : s == 7 ? 3 : s < 10 ? 4
        : s == 10 ? 2 : 1;
    logic [NumPe*Width-1:0] part;
    for (genvar p = 0; p < NumPe; p++) begin : gen_part
      assign part[p*Width+:Width] = parts[(s*NumPe+p)*MostWidth+:Width];
    end
    lac_scnn_sums #(
      .PeX  (PeX),
      .PeY  (PeY),
      .Width(Width)
    ) u_sum (
      .clk_i,
      .in_i (part),
      .sum_o(sums[s*16+:16])
    );
  end

  // The last counts are written two cycles before the end: no time for another register.
  logic [15:0] idx_wr_q;
  always_ff @(posedge clk_i) idx_wr_q <= 16'($countones(idx_wr));

  logic cut_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) cut_q <= 1'b1;
    else if (pass_i.clr) cut_q <= 1'b1;
    else if (pass_i.load_wgt || pass_i.load_act || pass_i.compute || pass_i.emit) cut_q <= 1'b0;
  end

  logic [127:0] own;
  assign own = {
    16'd0,
    sums[10*16+:16],
    16'(wait_i),
    sums[5*16+:16],
    sums[9*16+:16],
    sums[8*16+:16],
    sums[7*16+:16],
    sums[13*16+:16]
  };

  lac_events_t counted;
  assign counted.mac_useful = sums[0*16+:16];
  assign counted.slot_padding = sums[1*16+:16];
  assign counted.slot_empty = sums[2*16+:16];
  assign counted.stall_bank = sums[3*16+:16];
  assign counted.stall_sync = sums[4*16+:16];
  assign counted.stall_queue_full = 16'(held_i);
  assign counted.wgt_reads = 16'(take_i);
  assign counted.wgt_writes = 16'(wr_wgt_i);
  assign counted.idx_reads = take_i ? 16'(NumPe) : '0;
  assign counted.idx_writes = idx_wr_q + 16'(wr_cnt_i);
  assign counted.act_reads = sums[11*16+:16];
  assign counted.act_writes = sums[12*16+:16] + 16'(wr_row_i);
  assign counted.psum_reads = sums[6*16+:16];
  assign counted.psum_writes = sums[6*16+:16];
  assign counted.broadcasts = 16'(take_i);
  assign counted.bypass_hits = '0;
  assign counted.own = own;
  assign events_o = pass_i.clr || cut_q ? '0 : counted;

  // Phases are the socket's; numbers have the bits of the largest build.
  logic unused_bits;
  assign unused_bits = ^{pass_i, parts};

  `LAC_ASSERT(one_row, !take_i || !held_i, "a row is taken that waits")
  `LAC_ASSERT(loads_alone, !wr_row_i || !take_i, "activations are loaded in Compute")

endmodule
