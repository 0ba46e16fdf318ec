// lac_fifo: first-in first-out buffer between two streams, any depth from 1 up.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fifo.f
+incdir+.
lac_fifo.sv
