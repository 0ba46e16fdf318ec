// SPDX-License-Identifier: Apache-2.0
//
// A core of Cambricon-SE: index list, neuron buffer, selector, Pes PEs.
//
//   lac_cse_scan -> row of flags -> need -> lac_cse_count -> lac_cse_places -> lac_cse_pick -> lac_cse_lanes -> PEs
//                                              '-- row of neurons, rows of codes, codebook -> two slots ------^
//
// Wide rows are read when a window has entered; the places know no more than numbers of survivors. Selector 0
// (packed): one selector for all PEs. Selector 1 (natural): one for all, of which each lane has its own
// positions (lac_cse_natural, for places and pick). Selector 2 (per_pe): a selector and a mask for each PE, and flags count
// as one; a window enters when all have a place, and none begins an output before all have ended the
// one before.
// Time of a window: entry read in 0, its row in 2, flags 3, need 4, counted 6, in A from 6 on, start_i in -1.
// Time of a vector, decided in 0: picked in 2, accumulator written in 9.
// Errors: overflow of a PE, with PE and accumulator; else a list out of range, with the entry.
// Parameters:
//   Pes        2..16, 2, 4, 8 or 16
//   Lanes      2..16, 2, 4, 8 or 16
//   Window     8..256, a power of two, at least Lanes
//   CodeRow    4..256, at most Window, a multiple of Lanes
//   Selector   0..2
//   ActDepth   2..65536
//   ListDepth  2..65536
//   Regions    1..16
//   AccDepth   1..65536
//   AccWidth   17..48
//   BiasDepth  1..4096
//   BiasWidth  2..32, at most AccWidth
// Small: Pes 2, Lanes 2, Window 8, CodeRow 4.
// Model: models/cambricon_se.

`include "lac_assert.svh"

module lac_cse_node
  import lac_pkg::*, lac_cse_pkg::*;
#(
  parameter  int Pes       = 16,
  parameter  int Lanes     = 16,
  parameter  int Window    = 128,
  parameter  int CodeRow   = 64,
  parameter  int Selector  = 0,
  parameter  int ActDepth  = 1024,
  parameter  int ListDepth = 256,
  parameter  int Regions   = 16,
  parameter  int AccDepth  = 1024,
  parameter  int AccWidth  = 48,
  parameter  int BiasDepth = 64,
  parameter  int BiasWidth = 32,
  localparam int NumParts  = Window / 4,
  localparam int ActAddr   = `LAC_INDEX_BITS(ActDepth),
  localparam int AccAddr   = `LAC_INDEX_BITS(AccDepth)
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  input  lac_mem_cfg_t                      mem_cfg_i,
  input  logic                              clr_i,
  input  logic                              start_i,
  // the pass
  input  lac_cse_walk_t                     walk_i,
  input  logic           [            15:0] groups_i,        // of this core
  input  logic                              code4_i,
  input  logic                              keep_i,
  input  logic                              use_bias_i,
  // loaders
  input  logic                              wr_list_i,
  input  logic                              wr_book_i,
  input  logic           [         Pes-1:0] wr_codes_i,
  input  logic           [         Pes-1:0] wr_mask_i,
  input  logic           [         Pes-1:0] wr_bias_low_i,
  input  logic           [         Pes-1:0] wr_bias_high_i,
  input  logic           [            15:0] wr_addr_i,
  input  logic           [             4:0] wr_part_i,
  input  logic           [            63:0] wr_data_i,
  input  logic                              wr_both_i,       // of codes: the next word too
  input  logic           [            63:0] wr_high_i,
  input  logic           [    NumParts-1:0] wr_act_part_i,
  input  logic                              wr_act_ends_i,
  input  logic           [     ActAddr-1:0] wr_act_addr_i,
  input  logic           [            63:0] wr_act_data_i,
  input  logic           [      Window-1:0] wr_act_flags_i,
  // results
  input  logic                              out_rd_en_i,
  input  logic           [     AccAddr-1:0] out_rd_addr_i,
  output logic           [Pes*AccWidth-1:0] accs_o,
  output logic                              ended_o,         // the last vector was decided
  output logic                              done_o,          // the last sum is written
  output logic                              err_o,
  output logic           [             7:0] err_code_o,
  output logic           [             3:0] err_pe_o,
  output logic           [            23:0] err_detail_o,
  output lac_cse_event_t                    event_o
);

  `LAC_PARAM_RULE(lac_cse_node, Pes, 2, 16, Pes == 2 || Pes == 4 || Pes == 8 || Pes == 16,
                  "2, 4, 8 or 16")
  `LAC_PARAM_RULE(lac_cse_node, Lanes, 2, 16,
                  Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16, "2, 4, 8 or 16")
  `LAC_PARAM_RULE(lac_cse_node, Window, 8, 256, (Window & (Window - 1)) == 0 && Window >= Lanes,
                  "a power of two, at least Lanes")
  `LAC_PARAM_RULE(lac_cse_node, CodeRow, 4, 256, CodeRow <= Window && CodeRow % Lanes == 0,
                  "at most Window, a multiple of Lanes")
  `LAC_PARAM(lac_cse_node, Selector, 0, 2)
  `LAC_PARAM(lac_cse_node, ActDepth, 2, 65536)
  `LAC_PARAM(lac_cse_node, ListDepth, 2, 65536)
  `LAC_PARAM(lac_cse_node, Regions, 1, 16)
  `LAC_PARAM(lac_cse_node, AccDepth, 1, 65536)
  `LAC_PARAM(lac_cse_node, AccWidth, 17, 48)
  `LAC_PARAM(lac_cse_node, BiasDepth, 1, 4096)
  `LAC_PARAM_RULE(lac_cse_node, BiasWidth, 2, 32, BiasWidth <= AccWidth, "at most AccWidth")

  localparam bit PerPe = Selector == SELECT_PER_PE;
  localparam bit Natural = Selector == SELECT_NATURAL;
  localparam int NumSel = PerPe ? Pes : 1;
  localparam int PesPer = PerPe ? 1 : Pes;  // of a selector
  localparam int PosBits = $clog2(Window);
  localparam int PlaceBits = Natural ? `LAC_INDEX_BITS(Window / Lanes) : PosBits;  // of a lane
  localparam int RankBits = Natural ? `LAC_INDEX_BITS(CodeRow / Lanes) : $clog2(CodeRow);
  localparam int ListAddr = `LAC_INDEX_BITS(ListDepth);
  localparam int BiasAddr = `LAC_INDEX_BITS(BiasDepth);
  localparam int BookAddr = `LAC_INDEX_BITS(Regions);
  localparam int UseBits = $clog2(Lanes + 1);
  localparam int BookBits = 256;

  // entries, flags: three stages ------------------------------------------------------------------
  logic scan_valid, scan_ready, scan_err, list_rd, list_take, pipe_valid, enter;
  logic [2:0] en;
  logic [ListAddr-1:0] list_addr;
  logic [Window-1:0] scan_mask, mask3_q, mask4_q, flags;
  logic [NumSel-1:0] places_ready;
  lac_cse_entry_t scan_entry, entry3_q, entry4_q, entry5_q, entry6_q;

  lac_cse_scan #(
    .Window   (Window),
    .ListDepth(ListDepth)
  ) u_scan (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .clr_i,
    .start_i,
    .walk_i,
    .groups_i,
    .wr_en_i    (wr_list_i),
    .wr_addr_i,
    .wr_part_i,
    .wr_data_i,
    .read_o     (list_rd),
    .read_addr_o(list_addr),
    .take_o     (list_take),
    .out_valid_o(scan_valid),
    .out_ready_i(scan_ready),
    .out_entry_o(scan_entry),
    .out_mask_o (scan_mask),
    .err_o      (scan_err)
  );

  lac_pipe #(
    .Stages(3)
  ) u_pipe (
    .clk_i,
    .rst_ni,
    .clr_i,
    .in_valid_i (scan_valid),
    .in_ready_o (scan_ready),
    .out_valid_o(pipe_valid),
    .out_ready_i(&places_ready),
    .en_o       (en)
  );
  assign enter = pipe_valid & (&places_ready);

  always_ff @(posedge clk_i) begin
    if (en[0]) begin
      entry3_q <= scan_entry;
      mask3_q  <= scan_mask;
    end
    if (en[1]) begin
      entry4_q <= entry3_q;
      mask4_q  <= mask3_q;
    end
    if (en[2]) entry5_q <= entry4_q;
    if (enter) entry6_q <= entry5_q;
  end

  // neurons: flags as an entry comes, the row when its window has entered ---------------------------
  logic valid6_q, valid7_q, valid8_q, slot6, slot7_q, slot8_q;
  logic [3:0] region7_q;
  logic [Window*16-1:0] row, rows0_q, rows1_q;

  lac_cse_neurons #(
    .Window  (Window),
    .ActDepth(ActDepth)
  ) u_neurons (
    .clk_i,
    .rst_ni,
    .mem_cfg_i,
    .wr_part_i  (wr_act_part_i),
    .wr_ends_i  (wr_act_ends_i),
    .wr_addr_i  (wr_act_addr_i),
    .wr_data_i  (wr_act_data_i),
    .wr_flags_i (wr_act_flags_i),
    .flag_rd_i  (en[0] & ~scan_err),
    .flag_addr_i(ActAddr'(scan_entry.row)),
    .flags_o    (flags),
    .row_rd_i   (valid6_q),
    .row_addr_i (ActAddr'(entry6_q.row)),
    .row_o      (row)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {valid8_q, valid7_q, valid6_q} <= '0;
    else if (clr_i) {valid8_q, valid7_q, valid6_q} <= '0;
    else {valid8_q, valid7_q, valid6_q} <= {valid7_q, valid6_q, enter};
  end
  always_ff @(posedge clk_i) begin
    slot7_q   <= slot6;
    slot8_q   <= slot7_q;
    region7_q <= entry6_q.region;
    if (valid7_q && !slot7_q) rows0_q <= row;
    if (valid7_q && slot7_q) rows1_q <= row;
  end

  // codebooks of the two slots, a cycle behind their codes ------------------------------------------
  logic [BookBits-1:0] book, book0_q, book1_q;

  for (genvar p = 0; p < 4; p++) begin : gen_book
    lac_sram #(
      .Width(64),
      .Depth(Regions)
    ) u_book (
      .clk_i,
      .cfg_i    (mem_cfg_i),
      .rd_en_i  (valid7_q),
      .rd_addr_i(BookAddr'(region7_q)),
      .rd_data_o(book[p*64+:64]),
      .wr_en_i  (wr_book_i & (wr_part_i == 5'(p))),
      .wr_addr_i(BookAddr'(wr_addr_i)),
      .wr_data_i
    );
  end
  always_ff @(posedge clk_i) begin
    if (valid8_q && !slot8_q) book0_q <= book;
    if (valid8_q && slot8_q) book1_q <= book;
  end

  // numbers of codes: of the mask, in all PEs alike ---------------------------------------------------
  logic [PlaceBits*Window-1:0] ranks;

  if (PerPe) begin : gen_no_ranks
    assign ranks = '0;
  end else begin : gen_ranks
    localparam int Stride = Natural ? Lanes : 1;
    logic [Stride*($clog2(Window / Stride) + 1)-1:0] unused_totals;
    lac_cse_count #(
      .Width (Window),
      .Stride(Stride)
    ) u_ranks (
      .clk_i,
      .en_i   (en[2]),
      .bits_i (mask4_q),
      .num_o  (ranks),
      .total_o(unused_totals)
    );
  end

  // selectors, each with its PEs --------------------------------------------------------------------
  logic [Pes-1:0] pe_done, pe_err;
  logic [Pes*AccAddr-1:0] pe_err_addr;
  logic [Pes*UseBits-1:0] useful, padding;
  logic [NumSel-1:0] slots6, ends, held, final_now, fire_mid, ctl, take_fire, none;

  assign slot6 = slots6[0];

  for (genvar s = 0; s < NumSel; s++) begin : gen_sel
    logic [Window-1:0] need, need_q;
    logic pick_fire, pick_last, pick_final, fire, first, ctl_last;
    logic [Lanes-1:0] lane_valid, lane_slot;
    logic [Lanes*PlaceBits-1:0] lane_pos;
    logic [Lanes*RankBits-1:0] lane_rank;
    logic [Lanes*16-1:0] neurons;
    logic [AccAddr-1:0] ctl_addr;
    logic [BiasAddr-1:0] ctl_bias;

    always_ff @(posedge clk_i) if (en[1]) need_q <= need;

    if (PerPe) begin : gen_own
      // A mask of its own; flags count as one.
      localparam int MaskParts = (Window + 63) / 64;
      logic [MaskParts*64-1:0] data;
      logic [Window-1:0] mask2_q, own3_q;
      for (genvar p = 0; p < MaskParts; p++) begin : gen_part
        lac_sram #(
          .Width(64),
          .Depth(ListDepth)
        ) u_mask (
          .clk_i,
          .cfg_i    (mem_cfg_i),
          .rd_en_i  (list_rd),
          .rd_addr_i(list_addr),
          .rd_data_o(data[p*64+:64]),
          .wr_en_i  (wr_mask_i[s] & (wr_part_i == 5'(p))),
          .wr_addr_i(ListAddr'(wr_addr_i)),
          .wr_data_i
        );
      end
      always_ff @(posedge clk_i) begin
        if (list_take) mask2_q <= data[Window-1:0];
        if (en[0]) own3_q <= mask2_q;
      end
      assign need = own3_q;
      if (Window < 64) begin : gen_unused
        logic unused_data;
        assign unused_data = ^data[63:Window];
      end
    end else begin : gen_shared
      assign need = mask3_q & flags;
    end

    if (Natural) begin : gen_natural
      lac_cse_natural #(
        .Window (Window),
        .Lanes  (Lanes),
        .CodeRow(CodeRow)
      ) u_select (
        .clk_i,
        .rst_ni,
        .clr_i,
        .en_i      (en[2]),
        .need_i    (need_q),
        .in_valid_i(enter),
        .in_ready_o(places_ready[s]),
        .in_last_i (entry5_q.last),
        .in_final_i(entry5_q.final_),
        .rank_i    (ranks),
        .in_none_o (none[s]),
        .slot_o    (slots6[s]),

        .fire_o     (take_fire[s]),
        .final_o    (final_now[s]),
        .out_fire_o (pick_fire),
        .out_last_o (pick_last),
        .out_final_o(pick_final),
        .out_valid_o(lane_valid),
        .out_slot_o (lane_slot),
        .out_row_o  (lane_pos),
        .out_rank_o (lane_rank)
      );
      assign ends[s] = 1'b0;
    end else begin : gen_packed
      lac_cse_packed #(
        .Window  (Window),
        .Lanes   (Lanes),
        .CodeRow (CodeRow),
        .OwnRanks(PerPe)
      ) u_packed (
        .clk_i,
        .rst_ni,
        .clr_i,
        .hold_i    (held[s]),
        .en_i      (en[2]),
        .need_i    (need_q),
        .in_valid_i(enter),
        .in_ready_o(places_ready[s]),
        .in_last_i (entry5_q.last),
        .in_final_i(entry5_q.final_),
        .rank_i    (ranks),
        .in_none_o (none[s]),
        .slot_o    (slots6[s]),
        .ends_o    (ends[s]),

        .fire_o     (take_fire[s]),
        .final_o    (final_now[s]),
        .out_fire_o (pick_fire),
        .out_last_o (pick_last),
        .out_final_o(pick_final),
        .out_valid_o(lane_valid),
        .out_slot_o (lane_slot),
        .out_pos_o  (lane_pos),
        .out_rank_o (lane_rank)
      );
    end
    lac_cse_lanes #(
      .Window (Window),
      .Lanes  (Lanes),
      .Natural(Natural)
    ) u_lanes (
      .clk_i,
      .rows_i   ({rows1_q, rows0_q}),
      .valid_i  (lane_valid),
      .slot_i   (lane_slot),
      .pos_i    (lane_pos),
      .neurons_o(neurons)
    );

    lac_cse_order #(
      .AccDepth (AccDepth),
      .BiasDepth(BiasDepth)
    ) u_order (
      .clk_i,
      .rst_ni,
      .clr_i,
      .start_i,
      .pixels_i  (walk_i.pixels),
      .fire_i    (pick_fire),
      .last_i    (pick_last),
      .final_i   (pick_final),
      .fire_mid_o(fire_mid[s]),
      .fire_o    (fire),
      .first_o   (first),
      .ctl_o     (ctl[s]),
      .ctl_last_o(ctl_last),
      .ctl_addr_o(ctl_addr),
      .ctl_bias_o(ctl_bias)
    );

    for (genvar i = 0; i < PesPer; i++) begin : gen_pe
      localparam int P = s * PesPer + i;
      lac_cse_pe #(
        .Lanes    (Lanes),
        .CodeRow  (CodeRow),
        .Natural  (Natural),
        .ListDepth(ListDepth),
        .AccDepth (AccDepth),
        .AccWidth (AccWidth),
        .BiasDepth(BiasDepth),
        .BiasWidth(BiasWidth)
      ) u_pe (
        .clk_i,
        .rst_ni,
        .mem_cfg_i,
        .clr_i,
        .code4_i,
        .keep_i,
        .use_bias_i,
        .wr_codes_i    (wr_codes_i[P]),
        .wr_bias_low_i (wr_bias_low_i[P]),
        .wr_bias_high_i(wr_bias_high_i[P]),
        .wr_addr_i,
        .wr_part_i,
        .wr_data_i,
        .wr_both_i,
        .wr_high_i,
        .code_rd_i     (valid6_q),
        .code_addr_i   (ListAddr'(entry6_q.entry)),
        .load_i        (valid7_q),
        .load_slot_i   (slot7_q),
        .pick_i        (pick_fire),
        .valid_i       (lane_valid),
        .slot_i        (lane_slot),
        .rank_i        (lane_rank),
        .neurons_i     (neurons),
        .books_i       ({book1_q, book0_q}),
        .fire_i        (fire),
        .first_i       (first),
        .ctl_i         (ctl[s]),
        .ctl_last_i    (ctl_last),
        .ctl_addr_i    (ctl_addr),
        .ctl_bias_i    (ctl_bias),
        .out_rd_en_i,
        .out_rd_addr_i,
        .acc_o         (accs_o[P*AccWidth+:AccWidth]),
        .done_o        (pe_done[P]),
        .err_o         (pe_err[P]),
        .err_addr_o    (pe_err_addr[P*AccAddr+:AccAddr]),
        .useful_o      (useful[P*UseBits+:UseBits]),
        .padding_o     (padding[P*UseBits+:UseBits])
      );
    end
  end

  // the end of an output: who has ended waits for the others ----------------------------------------
  if (PerPe) begin : gen_meet
    logic [NumSel-1:0] ended_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) ended_q <= '0;
      else if (clr_i) ended_q <= '0;
      else ended_q <= (ended_q | ends) == '1 ? '0 : ended_q | ends;
    end
    assign held = ended_q;
    logic unused_masks;
    assign unused_masks = ^{mask4_q, flags};
  end else begin : gen_no_meeting
    assign held = '0;
    logic unused_masks;
    assign unused_masks = ^{wr_mask_i, list_rd, list_addr, list_take, ends};
  end

  // ends of the pass: of vectors, of sums -----------------------------------------------------------
  logic [NumSel-1:0] final_q, final_all;
  logic [Pes-1:0] done_q, done_all;

  assign final_all = final_q | final_now;
  assign done_all  = done_q | pe_done;
  assign ended_o   = (&final_all) | (groups_i == '0);
  assign done_o    = (&done_all) & ~(&done_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      final_q <= '0;
      done_q  <= '0;
    end else if (clr_i || start_i) begin
      final_q <= '0;
      done_q  <= '0;
    end else begin
      final_q <= final_all;
      done_q  <= done_all;
    end
  end

  // errors ------------------------------------------------------------------------------------------
  localparam int PeBits = $clog2(Pes);
  logic over;
  logic [PeBits-1:0] over_pe;

  lac_ffs #(
    .Width(Pes)
  ) u_over (
    .in_i    (pe_err),
    .valid_o (over),
    .index_o (over_pe),
    .onehot_o()
  );
  assign err_o = over | scan_err;
  assign err_code_o = over ? 8'(ERR_ACC_OVERFLOW) : 8'(ERR_LIST_RANGE);
  assign err_pe_o = 4'(over_pe);
  assign err_detail_o = over ? 24'(pe_err_addr[32'(over_pe)*AccAddr+:AccAddr])
                             : 24'(scan_entry.entry);

  // events: sums over the PEs, a cycle later ----------------------------------------------------------
  for (genvar p = 0; p < Pes; p++) begin : gen_sum
    logic [8:0] useful_sum, padding_sum, empty_sum, vector_sum;
    logic [8:0] my_useful, my_padding, my_empty;
    logic fired;
    assign fired      = fire_mid[PerPe?p : 0];
    assign my_useful  = 9'(useful[p*UseBits+:UseBits]);
    assign my_padding = 9'(padding[p*UseBits+:UseBits]);
    assign my_empty   = fired ? 9'(Lanes) - my_useful - my_padding : '0;
    if (p == 0) begin : gen_first
      assign useful_sum  = my_useful;
      assign padding_sum = my_padding;
      assign empty_sum   = my_empty;
      assign vector_sum  = 9'(take_fire[0]);
    end else begin : gen_next
      assign useful_sum  = gen_sum[p-1].useful_sum + my_useful;
      assign padding_sum = gen_sum[p-1].padding_sum + my_padding;
      assign empty_sum   = gen_sum[p-1].empty_sum + my_empty;
      assign vector_sum  = gen_sum[p-1].vector_sum + 9'(PerPe ? take_fire[PerPe?p : 0] : 1'b0);
    end
  end

  lac_cse_event_t event_q;
  logic [8:0] vectors;
  assign vectors = gen_sum[Pes-1].vector_sum;
  always_ff @(posedge clk_i) begin
    event_q.useful  <= gen_sum[Pes-1].useful_sum;
    event_q.padding <= gen_sum[Pes-1].padding_sum;
    event_q.empty   <= gen_sum[Pes-1].empty_sum;
    event_q.held    <= 5'($countones(held));
    event_q.vectors <= vectors[4:0];
    event_q.outputs <= 5'($countones(ctl)) * 5'(PesPer);
    event_q.enter   <= enter;
    event_q.none    <= enter & (&none);
    event_q.step    <= enter | (|take_fire) | (|fire_mid) | (|ctl) | (|en);
  end
  assign event_o = event_q;

  logic unused_bits;
  assign unused_bits = ^{slots6, entry6_q, vectors};

  `LAC_ASSERT(slots_agree, !valid6_q || slots6 == {NumSel{slot6}}, "PEs hold a window in two slots")
  `LAC_ASSERT(held_takes_nothing, (held & ends) == '0, "a PE goes on with the next output")
  `LAC_ASSERT(read_checked, !(en[0] && !scan_err) || clr_i || 32'(scan_entry.row) < 32'(ActDepth),
              "a row past the neuron buffer")
  `LAC_ASSERT(load_alone, !wr_list_i || !scan_valid, "loaded while it computes")
  `LAC_ASSERT(done_ended, !done_o || clr_i || ended_o, "sums are done before vectors are")

endmodule
