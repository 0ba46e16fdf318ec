// SPDX-License-Identifier: Apache-2.0
//
// lac_cse_pkg: what passes between the parts of Cambricon-SE, and its own errors.
//
// Purpose: one struct each instead of a dozen ports. Numbers have the bits of the largest build; a
//   build uses as many of them as its parameters need.
// Example: `module m import lac_cse_pkg::*; (input lac_cse_walk_t walk_i, ...)`, then
//   `walk_i.rows`.

package lac_cse_pkg;

  localparam int ERR_ACT_VALUE = 32;
  localparam int ERR_LIST_RANGE = 33;
  localparam int ERR_HUF_TABLE = 34;
  localparam int ERR_HUF_CODE = 35;
  localparam int ERR_HUF_SHORT = 36;

  // Selector
  localparam int SELECT_NATURAL = 1;
  localparam int SELECT_PER_PE = 2;

  // The walk of a pass, to every core: holds while the pass runs.
  typedef struct packed {
    logic [15:0] p_last;   // P - 1
    logic [15:0] q_last;   // Q - 1
    logic [17:0] step_q;   // rows from a pixel to the next: STRIDE*CB
    logic [17:0] step_p;   // rows from a line of pixels to the next: STRIDE*W*CB
    logic [16:0] rows;     // H*W*CB
    logic [16:0] pixels;   // P*Q
    logic [18:0] results;  // GROUPS*P*Q
    logic [15:0] groups;
  } lac_cse_walk_t;

  // An entry of the index list at a pixel.
  typedef struct packed {
    logic        last;    // of its output
    logic        final_;  // of the core's pass
    logic [3:0]  region;
    logic [15:0] entry;
    logic [15:0] row;
  } lac_cse_entry_t;

  // What the multipliers take in a cycle. Survivors of a window are dealt to the lanes in turn: number s
  // has place `base + s`, lane that modulo Lanes.
  typedef struct packed {
    logic       fire;     // there is a vector
    logic       last;     // of its output
    logic       final_;   // of the core's pass
    logic [4:0] num;      // survivors in it
    logic       a_slot;   // which of the two slots is A
    logic       a_en;     // A is there
    logic [8:0] a_pos;    // place of its first survivor
    logic       b_en;     // B takes part
    logic [8:0] b_start;  // lane of its first survivor
  } lac_cse_take_t;

  // What happened in a core in a cycle: slots of its multipliers, and what moved.
  typedef struct packed {
    logic [8:0] useful;
    logic [8:0] padding;
    logic [8:0] empty;
    logic [4:0] held;     // PEs that wait for the end of an output
    logic [4:0] vectors;
    logic [4:0] outputs;  // PEs whose sum goes to an accumulator
    logic       enter;    // a window enters
    logic       none;     // without a survivor
    logic       step;     // something moved
  } lac_cse_event_t;
  localparam int EVENT_BITS = $bits(lac_cse_event_t);

endpackage
