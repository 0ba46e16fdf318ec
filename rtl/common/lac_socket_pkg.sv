// SPDX-License-Identifier: Apache-2.0
//
// lac_socket_pkg: what passes between lac_socket and the core of a design.
//
// Purpose: one struct per direction instead of a dozen ports; their rules: docs/socket.md, "Inside".
// Example: `module m import lac_socket_pkg::*; (input lac_pass_t pass_i, ...)`, then
//   `if (pass_i.compute) state_d = StRun;` (import in the module header: Icarus 11 takes no other way).

package lac_socket_pkg;

  // Socket to core: the pass. The pulses come in the first cycle of their phase.
  typedef struct packed {
    logic       clr;       // level: empty every loader, queue and pipeline
    logic       check;     // pulse: check the geometry
    logic       load_wgt;  // pulse: the weight packet follows
    logic       load_act;  // pulse: the activation packet follows
    logic       compute;   // pulse
    logic       emit;      // pulse: send the results
    logic       swap;      // pulse: what was computed is the input of the next pass
    logic [3:0] phase;     // STATUS.phase
  } lac_pass_t;

  // Socket to core: a payload word of a packet, and the words of its packet behind it.
  typedef struct packed {
    logic        valid;
    logic        bad;    // its framing is at fault: the pass ends here
    logic [31:0] left;
    logic [63:0] data;
  } lac_word_t;

  // Core to socket: a word of results.
  typedef struct packed {
    logic        valid;
    logic        last;
    logic [63:0] data;
  } lac_result_t;

  // Core to socket: how far it is.
  typedef struct packed {
    logic        check_done;  // check_bad and check_idx hold in this cycle
    logic        check_bad;
    logic [3:0]  check_idx;   // CFG register at fault
    logic [31:0] act_count;   // in the header of the activation packet; all ones: any
    logic        wgt_err;     // the weight word that is taken in this cycle is at fault
    logic [7:0]  wgt_code;
    logic        act_err;     // the activation word
    logic [7:0]  act_code;
    logic        done;        // the compute phase ends with this cycle
    logic        err;         // computing or sending failed
    logic [7:0]  err_code;
    logic [31:0] err_pos;
    logic        progress;    // something moved that the streams do not show
  } lac_core_t;

  // Core to socket: events of this cycle. Accounts of slots count in the compute phase only;
  // stall_input takes the slots that no account names.
  typedef struct packed {
    logic [15:0] mac_useful;
    logic [15:0] slot_padding;
    logic [15:0] slot_empty;
    logic [15:0] stall_sync;
    logic [15:0] stall_bank;
    logic [15:0] stall_queue_full;
    logic [15:0] wgt_reads;
    logic [15:0] wgt_writes;
    logic [15:0] idx_reads;
    logic [15:0] idx_writes;
    logic [15:0] act_reads;
    logic [15:0] act_writes;
    logic [15:0] psum_reads;
    logic [15:0] psum_writes;
    logic [15:0] broadcasts;
    logic [15:0] bypass_hits;
    logic [127:0] own;  // counters of the design alone, PERF 24 and on, 16 bits each
  } lac_events_t;

endpackage
