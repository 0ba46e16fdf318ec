// SPDX-License-Identifier: Apache-2.0
//
// Walker: the barrier between output groups, and the commands that take the sums of a group out of
// all PEs alike.
//
//   end_i (all PEs) -> go_o: PEs go on with the next group --> drained_i (last products are in)
//     -> halo: west, east, north, south -> drain, channel by channel -> ready for the next go
//
// Commands of a group begin in the cycle behind the one (w) that follows drained_i, w at least 3
// cycles behind the go, one a cycle: sends of a column or row of halo (outer loop), along it, and
// all k (inner loop), 4 cycles without a command behind each column or row; then for every k the
// positions of the box, row by row, with a GAP between rows (OUT_GAP > 0), FLUSH behind a channel.
// T = 1 + all those + 8 cycles behind w the next go may come, or finish_o.
// Of a command the PEs get bank and entry of the word that is read, and two cycles later of the
// word to which a neighbour adds what was sent, and the position in the accumulator tile.
// Example, no halo, Kc 4, tile 2 x 1: DRAIN in w+1, w+2, FLUSH in w+3, DRAIN in w+4, ..., the last
// FLUSH in w+12; set_clr_o in w+19; go_o again in w+21 at the earliest.
// clr_i: idle.
// Latency: end_i to go_o 1 cycle, drained_i to the first command 2. Throughput: one command per
// cycle.
// Parameters:
//   Banks    8..512, a power of two
//   Entries  8..256, a power of two
//   MaxKc    4..64, a power of two
//   BankMap  0..2
// Model: models/scnn, cycles. Source: SCNN (ISCA 2017), figure 7.

`include "lac_assert.svh"

module lac_scnn_walker
  import lac_scnn_cfg_pkg::*, lac_scnn_ppu_pkg::*;
#(
  parameter  int Banks      = 32,
  parameter  int Entries    = 32,
  parameter  int MaxKc      = 64,
  parameter  int BankMap    = 0,
  localparam int BankWidth  = $clog2(Banks),
  localparam int EntryWidth = $clog2(Entries),
  localparam int LinWidth   = BankWidth - 2 + EntryWidth,
  localparam int KWidth     = $clog2(MaxKc)
) (
  input logic clk_i,
  input logic rst_ni,
  input logic clr_i,
  input logic start_i,  // pulse: compute
  input lac_scnn_cfg_t cfg_i,
  input logic [16:0] tile_lin_i,  // of lac_scnn_geom
  input logic [16:0] up_lin_i,
  input logic [16:0] last_lin_i,
  // barrier
  input logic end_i,  // all PEs are at the end of the group
  input logic drained_i,  // its last products are in the banks of all PEs
  output logic go_o,
  output logic go_last_o,  // with the go of the last group
  output logic last_o,  // pulse: all commands have gone through the PPUs
  output logic finish_o,  // pulse, two cycles later: the end
  // command
  output logic [2:0] op_o,
  output logic [KWidth-1:0] k_o,
  output logic [BankWidth-1:0] bank_o,
  output logic [EntryWidth-1:0] entry_o,
  output logic [8:0] ax_o,
  output logic [8:0] ay_o,
  output logic [BankWidth-1:0] add_bank_o,  // of the command two cycles before
  output logic [EntryWidth-1:0] add_entry_o,
  output logic set_clr_o,  // pulse: clear the set that was drained
  output logic ev_wait_o  // the next group waits for the walk
);

  `LAC_PARAM_RULE(lac_scnn_walker, Banks, 8, 512, (Banks & (Banks - 1)) == 0, "a power of two")
  `LAC_PARAM_RULE(lac_scnn_walker, Entries, 8, 256, (Entries & (Entries - 1)) == 0,
                  "a power of two")
  `LAC_PARAM_RULE(lac_scnn_walker, MaxKc, 4, 64, (MaxKc & (MaxKc - 1)) == 0, "a power of two")
  `LAC_PARAM(lac_scnn_walker, BankMap, 0, 2)

  localparam logic [2:0] StWest = 3'd0, StEast = 3'd1, StNorth = 3'd2, StSouth = 3'd3;
  localparam logic [2:0] StDrain = 3'd4, StTail = 3'd5, StIdle = 3'd6;
  localparam logic [2:0] Pauses = 3'd4;
  localparam logic [3:0] LastTail = 4'd10;  // 11 cycles from the last step to the next go
  localparam logic [3:0] ClearTail = 4'd8;
  localparam logic [3:0] CloseTail = 4'd9;

  // fields -----------------------------------------------------------------------------------
  logic [7:0] tile_w, tile_h, pitch;
  logic [3:0] hl, hr, hu, hd;
  logic [6:0] kc, last_k;
  logic [15:0] groups;
  logic rim, gaps, unused_cfg;

  assign tile_w = cfg_i.tile.tile_w;
  assign tile_h = cfg_i.tile.tile_h;
  assign pitch = cfg_i.tile.pitch;
  assign gaps = cfg_i.tile.out_gap != '0;
  assign hl = cfg_i.halo.halo_l;
  assign hr = cfg_i.halo.halo_r;
  assign hu = cfg_i.halo.halo_u;
  assign hd = cfg_i.halo.halo_d;
  assign kc = 7'd1 << cfg_i.groups.kc_log;
  assign last_k = cfg_i.groups.last_k;
  assign groups = cfg_i.groups.num_groups;
  assign rim = cfg_i.mode.rim;
  assign unused_cfg = ^{cfg_i, tile_w, pitch, tile_lin_i, up_lin_i, last_lin_i};

  // Sizes and steps, from registers that settle long before the first go.
  logic [8:0] acc_w_q, acc_h_q, box_w_q, box_h_q;
  logic [6:0] last_k_q, kc_last_q;  // k of the last channel: of this group, of a whole one
  logic [LinWidth-1:0] origin_q;  // L of the first position of the box

  always_ff @(posedge clk_i) begin
    acc_w_q   <= 9'(tile_w) + 9'(hl) + 9'(hr);
    acc_h_q   <= 9'(tile_h) + 9'(hu) + 9'(hd);
    box_w_q   <= rim ? acc_w_q : 9'(tile_w);
    box_h_q   <= rim ? acc_h_q : 9'(tile_h);
    origin_q  <= rim ? '0 : LinWidth'(up_lin_i) + LinWidth'(hl);
    kc_last_q <= kc - 7'd1;
  end

  // barrier ----------------------------------------------------------------------------------
  logic active_q, end_q, drained_q, walks, busy, ends, adv;
  logic [ 1:0] pre_q;  // the first commands are made ready
  logic [15:0] left_q;  // groups that have not gone
  logic [ 3:0] tail_q;  // cycles behind the last command
  logic [2:0] state_q, state_d;

  assign busy = state_q != StIdle;
  assign go_o = active_q & end_q & ~busy & (left_q != '0);
  assign go_last_o = go_o & (left_q == 16'd1);
  assign ev_wait_o = active_q & end_q & busy & (left_q != '0);
  // Two commands are made ready behind the go; then all waits for the last products, behind which
  // none come before the next go.
  assign walks = busy & (pre_q == '0) & drained_q;
  assign adv = walks | (pre_q != '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      end_q <= 1'b0;
      drained_q <= 1'b0;
      pre_q <= '0;
      finish_o <= 1'b0;
    end else if (clr_i) begin
      active_q <= 1'b0;
      end_q <= 1'b0;
      drained_q <= 1'b0;
      pre_q <= '0;
      finish_o <= 1'b0;
    end else begin
      active_q <= start_i | (active_q & ~finish_o);
      end_q <= end_i & ~start_i & ~go_o;
      drained_q <= drained_i;
      pre_q <= {pre_q[0], go_o};
      finish_o <= ends & (left_q == '0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) left_q <= groups;
    else if (go_o) begin
      left_q   <= left_q - 16'd1;
      last_k_q <= left_q == 16'd1 ? last_k - 7'd1 : kc_last_q;
    end
  end

  assign last_o = (state_q == StTail) & (tail_q == CloseTail) & (left_q == '0);

  // walk: k, along, outer of the halo phases; k, outer (rows), along (columns) of the drain -------
  logic [6:0] k_q;
  logic [8:0] along_q, outer_q, ax_q, ay_q;
  logic [2:0] pause_q;
  logic       gap_q;  // a cycle of GAP or FLUSH
  logic [LinWidth-1:0] lin_q, line_q;  // L; of the first position of this column or row
  logic [8:0] along_last, outer_last;
  logic [LinWidth-1:0] along_step, outer_step, far;
  logic [2:0] op, state_next;
  logic halo, k_ends, along_ends, outer_ends, line_ends, phase_ends, pausing, begins;

  // What comes behind a phase: phases without columns or rows take no cycle.
  assign begins = go_o;
  assign state_next = hl != '0 && begins ? StWest :
                      hr != '0 && (begins || state_q < StEast) ? StEast :
                      hu != '0 && (begins || state_q < StNorth) ? StNorth :
                      hd != '0 && (begins || state_q < StSouth) ? StSouth : StDrain;

  always_comb begin
    case (state_q)
      StWest: begin
        along_last = acc_h_q;
        outer_last = 9'(hl);
      end
      StEast: begin
        along_last = acc_h_q;
        outer_last = 9'(hr);
      end
      StNorth: begin
        along_last = box_w_q;
        outer_last = 9'(hu);
      end
      StSouth: begin
        along_last = box_w_q;
        outer_last = 9'(hd);
      end
      default: begin
        along_last = box_w_q;
        outer_last = box_h_q;
      end
    endcase
  end

  always_comb begin
    case (state_q)
      StWest: begin
        along_step = LinWidth'(pitch);
        outer_step = LinWidth'(1);
      end
      StEast: begin
        along_step = LinWidth'(pitch);
        outer_step = '1;
      end
      StSouth: begin
        along_step = LinWidth'(1);
        outer_step = ~LinWidth'(pitch) + LinWidth'(1);
      end
      default: begin
        along_step = LinWidth'(1);
        outer_step = LinWidth'(pitch);
      end
    endcase
  end

  assign halo = state_q < StDrain;
  assign pausing = pause_q != '0;
  assign k_ends = k_q == (halo ? kc_last_q : last_k_q);
  assign along_ends = along_q + 9'd1 == along_last;
  assign outer_ends = outer_q + 9'd1 == outer_last;
  // The last cycle of a column or row, its pauses or gap included.
  assign line_ends = halo ? pause_q == 3'd1 : gap_q | (along_ends & ~gaps & ~outer_ends);
  assign phase_ends = halo ? line_ends & outer_ends : gap_q & outer_ends & k_ends;
  assign ends = walks & (state_q == StTail) & (tail_q == LastTail);

  always_comb begin
    op = OP_NONE;
    case (state_q)
      StWest:  if (!pausing) op = OP_SEND_W;
      StEast:  if (!pausing) op = OP_SEND_E;
      StNorth: if (!pausing) op = OP_SEND_N;
      StSouth: if (!pausing) op = OP_SEND_S;
      StDrain: begin
        op = OP_DRAIN;
        if (gap_q) op = outer_ends ? OP_FLUSH : OP_GAP;
      end
      default: op = OP_NONE;
    endcase
  end

  always_comb begin
    state_d = state_q;
    if (begins) state_d = state_next;
    else if (!adv) state_d = state_q;
    else if (state_q == StDrain) begin
      if (phase_ends) state_d = StTail;
    end else if (halo) begin
      if (phase_ends) state_d = state_next;
    end else if (ends) state_d = StIdle;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) state_q <= StIdle;
    else if (clr_i) state_q <= StIdle;
    else state_q <= state_d;
  end

  // Where the next phase begins.
  logic [LinWidth-1:0] first_lin;
  always_comb begin
    case (state_d)
      StWest:  first_lin = '0;
      StEast:  first_lin = LinWidth'(acc_w_q) - LinWidth'(1);
      StNorth: first_lin = rim ? '0 : LinWidth'(hl);
      StSouth: first_lin = LinWidth'(last_lin_i) + (rim ? '0 : LinWidth'(hl));
      default: first_lin = origin_q;
    endcase
  end

  logic enters;
  assign enters = state_d != state_q;

  always_ff @(posedge clk_i) begin
    if (state_q != StTail) tail_q <= '0;
    else if (adv) tail_q <= tail_q + 4'd1;
    if (enters) begin
      k_q <= '0;
      along_q <= '0;
      outer_q <= '0;
      pause_q <= '0;
      gap_q <= 1'b0;
      lin_q <= first_lin;
      line_q <= first_lin;
    end else if (adv && halo) begin
      if (pausing) pause_q <= pause_q - 3'd1;
      else if (k_ends && along_ends) pause_q <= Pauses;
      if (!pausing) k_q <= k_ends ? '0 : k_q + 7'd1;
      if (line_ends) begin
        along_q <= '0;
        outer_q <= outer_q + 9'd1;
        lin_q   <= line_q + outer_step;
        line_q  <= line_q + outer_step;
      end else if (!pausing && k_ends && !along_ends) begin
        along_q <= along_q + 9'd1;
        lin_q   <= lin_q + along_step;
      end
    end else if (adv) begin
      gap_q <= ~gap_q & along_ends & (gaps | outer_ends);
      if (gap_q && outer_ends) begin
        k_q <= k_q + 7'd1;
        along_q <= '0;
        outer_q <= '0;
        lin_q <= origin_q;
        line_q <= origin_q;
      end else if (line_ends) begin
        along_q <= '0;
        outer_q <= outer_q + 9'd1;
        lin_q   <= line_q + outer_step;
        line_q  <= line_q + outer_step;
      end else if (!along_ends) begin
        along_q <= along_q + 9'd1;
        lin_q   <= lin_q + along_step;
      end
    end
  end

  assign ax_q = along_q + (rim ? 9'd0 : 9'(hl));
  assign ay_q = outer_q + (rim ? 9'd0 : 9'(hu));

  // command: L of the second word, then banks and entries, then out -------------------------------
  logic [2:0] op1_q, op2_q;
  logic [KWidth-1:0] k1_q, k2_q;
  logic [3:0] shift;
  logic [LinWidth-1:0] lin1_q, far1_q;
  logic [8:0] ax1_q, ay1_q, ax2_q, ay2_q;
  logic [BankWidth-1:0] bank, far_bank, bank2_q, far_bank2_q;
  logic [EntryWidth-1:0] entry, far_entry, entry2_q, far_entry2_q;
  logic [ BankWidth-1:0] add_bank_q [2];
  logic [EntryWidth-1:0] add_entry_q[2];

  always_comb begin
    case (state_q)
      StWest:  far = lin_q + LinWidth'(tile_w);
      StEast:  far = lin_q - LinWidth'(tile_w);
      StNorth: far = lin_q + LinWidth'(tile_lin_i);
      default: far = lin_q - LinWidth'(tile_lin_i);
    endcase
  end

  assign shift = 4'(EntryWidth + 2) - cfg_i.groups.kc_log;

  lac_scnn_map #(
    .Banks  (Banks),
    .Entries(Entries),
    .MaxKc  (MaxKc),
    .BankMap(BankMap)
  ) u_map (
    .shift_i(shift),
    .k_i    (k1_q),
    .lin_i  (lin1_q),
    .bank_o (bank),
    .entry_o(entry)
  );
  lac_scnn_map #(
    .Banks  (Banks),
    .Entries(Entries),
    .MaxKc  (MaxKc),
    .BankMap(BankMap)
  ) u_far (
    .shift_i(shift),
    .k_i    (k1_q),
    .lin_i  (far1_q),
    .bank_o (far_bank),
    .entry_o(far_entry)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      op1_q <= OP_NONE;
      op2_q <= OP_NONE;
      op_o <= OP_NONE;
      set_clr_o <= 1'b0;
    end else if (clr_i) begin
      op1_q <= OP_NONE;
      op2_q <= OP_NONE;
      op_o <= OP_NONE;
      set_clr_o <= 1'b0;
    end else begin
      if (adv) begin
        op1_q <= op;
        op2_q <= op1_q;
      end
      op_o <= walks ? op2_q : OP_NONE;
      set_clr_o <= (state_q == StTail) & (tail_q == ClearTail);
    end
  end

  always_ff @(posedge clk_i) begin
    if (adv) begin
      k1_q <= KWidth'(k_q);
      lin1_q <= lin_q;
      far1_q <= far;
      ax1_q <= ax_q;
      ay1_q <= ay_q;
      k2_q <= k1_q;
      bank2_q <= bank;
      entry2_q <= entry;
      far_bank2_q <= far_bank;
      far_entry2_q <= far_entry;
      ax2_q <= ax1_q;
      ay2_q <= ay1_q;
    end
    k_o <= k2_q;
    bank_o <= bank2_q;
    entry_o <= entry2_q;
    ax_o <= ax2_q;
    ay_o <= ay2_q;
    add_bank_q[0] <= far_bank2_q;
    add_entry_q[0] <= far_entry2_q;
    add_bank_q[1] <= add_bank_q[0];
    add_entry_q[1] <= add_entry_q[0];
    add_bank_o <= add_bank_q[1];
    add_entry_o <= add_entry_q[1];
  end

  `LAC_ASSERT(drained_stays, !busy || !$past(walks && !clr_i) || drained_q,
              "products come while a group is drained")
  `LAC_ASSERT(start_idle, !start_i || (!busy && !active_q), "started while it walks")
  `LAC_ASSERT(drains_in_walk, op == OP_NONE || busy, "a command without a walk")
  `LAC_ASSERT(k_range, !busy || state_q == StTail || k_q < 7'(MaxKc), "a channel past the last")
  `LAC_ASSERT(clear_quiet, !set_clr_o || op_o == 3'(OP_NONE),
              "a set is cleared while it is drained")
  `LAC_ASSERT(last_begins, !go_last_o || go_o, "a last group that does not begin")
  `LAC_COVER(cover_waits, ev_wait_o)
  `LAC_COVER(cover_skips_to_drain, go_o && state_next == StDrain)
  `LAC_COVER(cover_all_sides, go_o && hl != '0 && hr != '0 && hu != '0 && hd != '0)

endmodule
