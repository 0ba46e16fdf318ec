// SPDX-License-Identifier: Apache-2.0
//
// Index unit: where the weights of a tile lie in the kernel window, for one row of the array a
// cycle.
//
//   KRES[kt] --+
//   RRES[ct] --+-> residue -> DIR -> base, size -> POS[base + step] -> dy, dx -> dy*W + dx
//
// A tile is (kt, ct, step): row i holds weight number `step` of the kernels of residue
// res = (kres + rres_i) mod PERIOD, if their pattern has that many. Behind the last row: the next
// step
// if a row has a weight in it, else the next ct, else the next kt; so next_o is known with the
// last row
// and the scan goes on in the next cycle.
// Example, PERIOD 2, DIR {0, 2}, {2, 1}, kres 0, residues of the rows 0 1 0 1: step 0 has POS 0 2
// 0 2, step
// 1 has POS 1, none, 1, none; then the next ct.
// Without RowOffsets all rows of a tile have the residue of row 0.
//
// Tables are written by stream words (wr_addr_i in them): DIR 4, POS 8, KRES 16; RRES by its words.
// scan_i: the next row; first, last with it. tile_*_o hold from the scan of row 0 to that of the
// next
// tile; off_*_o three cycles behind the scan. err_o likewise: the first row in the order of the
// scan, but
// what an older row finds wrong in POS takes the place of what a younger one found before. A row at
// fault has no offset.
// Latency: start_i to next_o 2 cycles, scan to offset 3. Throughput: one row per cycle.
// Parameters:
//   Rows        4..32, 4, 8, 16 or 32
//   RowOffsets  0..1
//   MaxPeriod   1..16
//   TableDepth  1..256
//   MaxKt       1..1024
//   MaxCt       1..1024
//   AddrWidth   1..24
// Source: Heo, Fayyazi, Esmaili, Pedram, "SPS", ISLPED 2022, for periodic patterns and sorted
// residues;
// the unit is this project's. Model: models/sps.

`include "lac_assert.svh"

module lac_sps_index
  import lac_pkg::*, lac_sps_cfg_pkg::*, lac_sps_pkg::*;
#(
  parameter  int Rows       = 16,
  parameter  int RowOffsets = 1,
  parameter  int MaxPeriod  = 16,
  parameter  int TableDepth = 144,
  parameter  int MaxKt      = 64,
  parameter  int MaxCt      = 128,
  parameter  int AddrWidth  = 14,
  localparam int DataWidth  = 64,
  localparam int ResWidth   = 4,
  localparam int PosWidth   = 4,
  localparam int RresWidth  = Rows * ResWidth
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  lac_mem_cfg_t                 mem_cfg_i,
  input  logic                         clr_i,
  input  logic                         start_i,
  // geometry, constant while it runs; checked before
  input  logic         [          4:0] period_i,
  input  logic         [          7:0] kernel_h_i,
  input  logic         [          7:0] kernel_w_i,
  input  logic         [         15:0] in_w_i,
  input  logic         [         15:0] ct_i,
  input  logic         [         15:0] kt_i,
  input  logic         [         15:0] kres_base_i,
  input  logic         [         15:0] rres_base_i,
  // load
  input  logic                         wr_dir_i,
  input  logic                         wr_pos_i,
  input  logic                         wr_kres_i,
  input  logic                         wr_rres_i,
  input  logic         [         23:0] wr_addr_i,
  input  logic         [DataWidth-1:0] wr_data_i,
  input  logic         [RresWidth-1:0] wr_rres_data_i,
  // scan
  input  logic                         scan_i,
  input  logic                         scan_first_i,
  input  logic                         scan_last_i,
  output logic                         next_o,          // a tile is left
  output logic                         tile_init_o,     // first tile of its kt
  output logic                         tile_fresh_o,    // first tile of its ct
  output logic                         read_o,          // event: a row is looked up
  // row that was scanned three cycles before
  output logic                         off_has_o,       // it has a weight
  output logic         [ PosWidth-1:0] off_dy_o,
  output logic         [ PosWidth-1:0] off_dx_o,
  output logic         [AddrWidth-1:0] off_o,
  output logic                         err_o,
  output logic         [          7:0] err_code_o,
  output logic         [         31:0] err_pos_o
);

  `LAC_PARAM_RULE(lac_sps_index, Rows, 4, 32, Rows == 4 || Rows == 8 || Rows == 16 || Rows == 32,
                  "4, 8, 16 or 32")
  `LAC_PARAM(lac_sps_index, RowOffsets, 0, 1)
  `LAC_PARAM(lac_sps_index, MaxPeriod, 1, 16)
  `LAC_PARAM(lac_sps_index, TableDepth, 1, 256)
  `LAC_PARAM(lac_sps_index, MaxKt, 1, 1024)
  `LAC_PARAM(lac_sps_index, MaxCt, 1, 1024)
  `LAC_PARAM(lac_sps_index, AddrWidth, 1, 24)

  localparam int SizeWidth = 8;  // of a pattern
  localparam int DirLanes = 4, PosLanes = 8, KresLanes = 16;  // of a stream word
  localparam int PosRows = (TableDepth + PosLanes - 1) / PosLanes;
  localparam int KresRows = (MaxKt + KresLanes - 1) / KresLanes;
  localparam int PosRowWidth = `LAC_INDEX_BITS(PosRows);
  localparam int KresRowWidth = `LAC_INDEX_BITS(KresRows);
  localparam int KtWidth = `LAC_INDEX_BITS(MaxKt + 1);
  localparam int CtWidth = `LAC_INDEX_BITS(MaxCt + 1);
  localparam int CtAddrWidth = `LAC_INDEX_BITS(MaxCt);
  localparam int HeldWidth = RowOffsets != 0 ? RresWidth : ResWidth;  // of a word of RRES
  localparam int IndexWidth = SizeWidth + 1;  // of base + step

  // Bases, counts: what is above their widths is 0, as the check of the geometry has it.
  logic unused_bits;
  assign unused_bits = ^{kres_base_i, rres_base_i, kt_i, ct_i, wr_addr_i, wr_rres_data_i, in_w_i};

  // walk over kt and ct ----------------------------------------------------------------------
  // What is at the outputs of the memories belongs to the ct and the kt that come next (ahead).
  logic load_q, left_q, more, move, kt_moves, ct_ends, ends;
  logic [CtWidth-1:0] ct_q, ct_ahead_q, ct_after;
  logic [KtWidth-1:0] kt_q, kt_ahead_q, kt_after;
  logic [SizeWidth-1:0] step_q;
  logic [HeldWidth-1:0] rres_ahead;
  logic [ResWidth-1:0] kres_ahead, kres_q;

  assign ct_ends  = ct_q == CtWidth'(ct_i) - CtWidth'(1);
  assign ends     = ct_ends & (kt_q == KtWidth'(kt_i) - KtWidth'(1));
  assign move     = load_q | (scan_i & scan_last_i & ~more);
  assign kt_moves = load_q | ct_ends;
  assign ct_after = ct_ahead_q == CtWidth'(ct_i) - CtWidth'(1) ? '0 : ct_ahead_q + CtWidth'(1);
  assign kt_after = kt_ahead_q + KtWidth'(1);
  assign next_o   = left_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_q <= 1'b0;
      left_q <= 1'b0;
    end else if (clr_i) begin
      load_q <= 1'b0;
      left_q <= 1'b0;
    end else begin
      load_q <= start_i;
      if (load_q) left_q <= 1'b1;
      else if (move && ends) left_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      ct_ahead_q <= '0;
      kt_ahead_q <= '0;
    end else if (move) begin
      ct_q       <= ct_ahead_q;
      ct_ahead_q <= ct_after;
      if (kt_moves) begin
        kres_q     <= kres_ahead;
        kt_q       <= kt_ahead_q;
        kt_ahead_q <= kt_after;
      end
    end
    if (load_q) step_q <= '0;
    else if (scan_i && scan_last_i) step_q <= more ? step_q + SizeWidth'(1) : '0;
  end

  // residues: their memories -------------------------------------------------------------------
  logic [CtWidth-1:0] rres_ct;
  logic [KtWidth-1:0] kres_kt;
  logic kres_rd_en;
  logic [15:0] kres_at;
  logic [3:0] kres_lane_q;
  logic [DataWidth-1:0] kres_row;

  assign rres_ct    = start_i ? '0 : ct_after;
  assign kres_kt    = start_i ? '0 : kt_after;
  assign kres_at    = kres_base_i + 16'(kres_kt);
  assign kres_rd_en = start_i | (move & kt_moves & (kres_kt < KtWidth'(kt_i)));
  assign kres_ahead = kres_row[kres_lane_q*ResWidth+:ResWidth];

  always_ff @(posedge clk_i) if (kres_rd_en) kres_lane_q <= kres_at[3:0];

  lac_sram #(
    .Width(HeldWidth),
    .Depth(MaxCt)
  ) u_rres (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (start_i | move),
    .rd_addr_i(rres_base_i[CtAddrWidth-1:0] + CtAddrWidth'(rres_ct)),
    .rd_data_o(rres_ahead),
    .wr_en_i  (wr_rres_i),
    .wr_addr_i(wr_addr_i[CtAddrWidth-1:0]),
    .wr_data_i(wr_rres_data_i[HeldWidth-1:0])
  );

  lac_sram #(
    .Width(DataWidth),
    .Depth(KresRows)
  ) u_kres (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (kres_rd_en),
    .rd_addr_i(kres_at[4+:KresRowWidth]),
    .rd_data_o(kres_row),
    .wr_en_i  (wr_kres_i),
    .wr_addr_i(wr_addr_i[KresRowWidth-1:0]),
    .wr_data_i(wr_data_i)
  );

  // residue of the row that is scanned next -----------------------------------------------------
  // Two candidates: the next row of the same word (behind the last one row 0 again), and row 0 of
  // what comes next.
  logic [ResWidth-1:0] res_q, res_same, res_next, kres_next;
  logic kbad_q, rbad_q, rbad_same;

  function automatic logic [ResWidth-1:0] modulo(input logic [ResWidth-1:0] first,
                                                 input logic [ResWidth-1:0] second,
                                                 input logic [4:0] period);
    logic [4:0] sum;
    sum    = 5'(first) + 5'(second);
    modulo = sum >= period ? ResWidth'(sum - period) : ResWidth'(sum);
  endfunction

  assign kres_next = kt_moves ? kres_ahead : kres_q;
  assign res_next  = modulo(kres_next, rres_ahead[ResWidth-1:0], period_i);

  if (RowOffsets != 0) begin : gen_rows
    logic [RresWidth-1:0] rres_q;  // the row that is scanned next lowest

    always_ff @(posedge clk_i) begin
      if (move) rres_q <= rres_ahead;
      else if (scan_i) rres_q <= {rres_q[0+:ResWidth], rres_q[RresWidth-1:ResWidth]};
    end
    assign res_same  = modulo(kres_q, rres_q[ResWidth+:ResWidth], period_i);
    assign rbad_same = 5'(rres_q[ResWidth+:ResWidth]) >= period_i;
    assign read_o    = scan_i;
  end else begin : gen_tile
    assign res_same  = res_q;
    assign rbad_same = rbad_q;
    assign read_o    = scan_i & scan_first_i;
  end

  always_ff @(posedge clk_i) begin
    if (move) begin
      res_q  <= res_next;
      kbad_q <= 5'(kres_next) >= period_i;
      rbad_q <= 5'(rres_ahead[ResWidth-1:0]) >= period_i;
    end else if (scan_i) begin
      res_q  <= res_same;
      rbad_q <= rbad_same;
    end
  end

  // pattern ------------------------------------------------------------------------------------
  logic [MaxPeriod*2*SizeWidth-1:0] dir_q;
  logic [SizeWidth-1:0] base, size;
  logic has, longer, more_q, past, bad;
  logic [IndexWidth-1:0] index, index_q, index_qq;
  logic has_q, has_qq;

  for (genvar p = 0; p < MaxPeriod; p++) begin : gen_dir
    always_ff @(posedge clk_i)
      if (wr_dir_i && wr_addr_i[1:0] == 2'(p / DirLanes))
        dir_q[p*2*SizeWidth+:2*SizeWidth] <= wr_data_i[(p%DirLanes)*2*SizeWidth+:2*SizeWidth];
  end

  // A residue past MaxPeriod is one past PERIOD.
  always_comb begin
    {base, size} = '0;
    for (int p = 0; p < MaxPeriod; p++)
    if (res_q == ResWidth'(p)) {base, size} = dir_q[p*2*SizeWidth+:2*SizeWidth];
  end

  assign index = IndexWidth'(base) + IndexWidth'(step_q);
  assign more  = (more_q & ~scan_first_i) | longer;
  assign bad   = kbad_q | rbad_q;

  // In this form a pattern that was never loaded (unknown bits) has no weight, and the walk goes on.
  always_comb begin
    {has, longer, past} = '0;
    if (size > step_q) begin
      has = 1'b1;
      if (IndexWidth'(size) > IndexWidth'(step_q) + IndexWidth'(1)) longer = 1'b1;
      if (index >= IndexWidth'(TableDepth)) past = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (scan_i) begin
      more_q <= more;
      if (scan_first_i) begin
        tile_init_o  <= (step_q == '0) & (ct_q == '0);
        tile_fresh_o <= step_q == '0;
      end
    end
    index_q  <= index;
    has_qq   <= has_q;
    index_qq <= index_q;
  end

  // A memory that is read while it is reset would be read at any address.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) has_q <= 1'b0;
    else has_q <= scan_i & has & ~past & ~bad;
  end

  // position, offset ---------------------------------------------------------------------------
  logic [DataWidth-1:0] pos_row;
  logic [PosWidth-1:0] dy, dx;
  logic outside;

  lac_sram #(
    .Width(DataWidth),
    .Depth(PosRows)
  ) u_pos (
    .clk_i    (clk_i),
    .cfg_i    (mem_cfg_i),
    .rd_en_i  (has_q),
    .rd_addr_i(index_q[3+:PosRowWidth]),
    .rd_data_o(pos_row),
    .wr_en_i  (wr_pos_i),
    .wr_addr_i(wr_addr_i[PosRowWidth-1:0]),
    .wr_data_i(wr_data_i)
  );

  assign {dy, dx} = pos_row[index_qq[2:0]*2*PosWidth+:2*PosWidth];
  assign outside  = has_qq & ((8'(dy) >= kernel_h_i) | (8'(dx) >= kernel_w_i));

  always_ff @(posedge clk_i) begin
    off_has_o <= has_qq & ~outside;
    off_dy_o  <= dy;
    off_dx_o  <= dx;
    off_o     <= AddrWidth'(dy) * AddrWidth'(in_w_i) + AddrWidth'(dx);
  end

  // errors -------------------------------------------------------------------------------------
  logic found, err_q, err_qq;
  logic [31:0] pos;
  logic [15:0] kres_word, rres_word;
  logic [$clog2(Rows)-1:0] row_q;

  assign found     = scan_i & (bad | past);
  assign kres_word = kres_base_i + 16'(kt_q);
  assign rres_word = rres_base_i + 16'(ct_q);

  always_comb begin
    if (kbad_q) pos = {kres_word, 8'(KIND_KRES), 8'd0};
    else if (rbad_q) pos = {rres_word, 8'(KIND_RRES), RowOffsets != 0 ? 8'(row_q) : 8'd0};
    else pos = 32'(index);
  end

  always_ff @(posedge clk_i) begin
    row_q <= scan_i & ~scan_last_i ? row_q + 1'b1 : '0;
    if (outside && !err_o) begin
      err_pos_o  <= 32'(index_qq);
      err_code_o <= 8'(ERR_POSITION);
    end else if (found && {err_q, err_qq, err_o} == '0) begin
      err_pos_o  <= pos;
      err_code_o <= bad ? 8'(ERR_RESIDUE) : 8'(ERR_POSITION);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {err_q, err_qq, err_o} <= '0;
    else if (clr_i) {err_q, err_qq, err_o} <= '0;
    else {err_q, err_qq, err_o} <= {found, err_q, err_qq | outside};
  end

  `LAC_ASSERT(scan_left, !scan_i || left_q, "a row past the last tile is scanned")
  `LAC_ASSERT(first_last, !scan_i || !(scan_first_i && scan_last_i), "a scan of one row")
  `LAC_ASSERT(row_of_scan, !scan_i || scan_last_i == (32'(row_q) == Rows - 1),
              "the scan ends at another row")
  `LAC_ASSERT(one_port, !(scan_i && (wr_dir_i || wr_pos_i || wr_kres_i || wr_rres_i)),
              "tables are loaded while rows are scanned")
  `LAC_ASSERT(rres_range,
              !(start_i || move) || clr_i || 32'(rres_base_i) + 32'(rres_ct) < 32'(MaxCt),
              "a word past RRES")
  `LAC_ASSERT(kres_range, !kres_rd_en || clr_i || 32'(kres_at) < 32'(MaxKt), "a word past KRES")
  `LAC_ASSERT(kt_range, !scan_i || clr_i || 32'(kt_q) < 32'(kt_i), "a tile past the last kt")
  `LAC_ASSERT(ct_range, !scan_i || clr_i || 32'(ct_q) < 32'(ct_i), "a tile past the last ct")
  `LAC_ASSERT(res_range, !scan_i || clr_i || bad || 5'(res_q) < period_i, "a residue past PERIOD")
  `LAC_ASSERT(step_range, !scan_i || step_q != '1, "more steps than a pattern has weights")
  `LAC_ASSERT(start_idle, !start_i || clr_i || !left_q, "started while tiles are left")
  `LAC_ASSERT(has_or_err, !(off_has_o && err_o), "an offset of a row at fault")
  `LAC_COVER(cover_more_by_first, scan_i && scan_last_i && more && !longer)
  `LAC_COVER(cover_modulo, scan_i && 32'(res_q) < 32'(kres_q))

endmodule
