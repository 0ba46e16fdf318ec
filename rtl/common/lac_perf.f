// lac_perf: performance counters.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_perf.f
+incdir+.
lac_perf.sv
