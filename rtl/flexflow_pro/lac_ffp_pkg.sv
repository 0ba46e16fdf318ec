// SPDX-License-Identifier: Apache-2.0
//
// lac_ffp_pkg: what passes between the parts of FlexFlow-Pro.
//
// Purpose: one struct each instead of a dozen ports: the sizes that geometry derives of a pass, for
//   PEs and for feeds, and a cycle of a column bus. Numbers have the bits of the largest build; a
//   build uses as many of them as its parameters need.
// Example: `module m import lac_ffp_pkg::*; (input lac_ffp_walk_t walk_i, ...)`, then
//   `KWidth'(walk_i.ker_last)`.

package lac_ffp_pkg;

  localparam int FFP_WORD_BITS = 16;  // of an activation or a weight

  // To the scan of each PE: holds while the pass runs.
  typedef struct packed {
    logic        relaxed;
    logic [15:0] windows_last;  // WINDOWS - 1
    logic [5:0]  win_last;      // cells of a result, less one: TAPS * CELLS - 1
    logic [5:0]  ker_last;      // cells of a window's results, less one: MAPS * TAPS * CELLS - 1
    logic [5:0]  cells_last;    // CELLS - 1
    logic [6:0]  ring_cells;    // RING * CELLS
    logic [6:0]  step_cells;    // STEP * CELLS
    logic [6:0]  span_cells;    // SPAN * CELLS
    logic [15:0] tail_mask;     // pieces of the last cell of a slice, from bit 0
  } lac_ffp_walk_t;

  // To the feed of each column: holds while the pass runs.
  typedef struct packed {
    logic [15:0] lines_last;    // LINES - 1
    logic [15:0] windows_last;  // WINDOWS - 1
    logic [5:0]  cells_last;    // CELLS - 1
    logic [6:0]  ring;          // slices
    logic [6:0]  step;
    logic [6:0]  span;
    logic [6:0]  ring_cells;    // RING * CELLS
  } lac_ffp_slices_t;

  // A cycle of a column bus: with `first` the mask of a cell, with `valid` live words of it.
  localparam int FFP_BUS_BITS = 60;
  typedef struct packed {
    logic        valid;
    logic        first;
    logic [5:0]  place;  // of the cell in the ring
    logic [3:0]  beat;   // of the cell
    logic [15:0] mask;
    logic [31:0] words;
  } lac_ffp_bus_t;

  // What happened to a PE's multiplier in a cycle: at most one but for `cell_ends`.
  localparam int FFP_EVENT_BITS = 5;
  typedef struct packed {
    logic useful;
    logic padding;    // lock step: a position without a pair
    logic empty;      // relaxed: a cell without a pair
    logic sync;       // the last position of a result waits for room in the FIFO
    logic cell_ends;  // a cell has been looked at
  } lac_ffp_event_t;

endpackage
