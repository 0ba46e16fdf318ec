// lac_pipe: control of a pipeline: valid bits, and when each stage takes what comes.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_pipe.f
+incdir+.
lac_pipe.sv
