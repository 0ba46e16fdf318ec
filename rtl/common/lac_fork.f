// lac_fork: one stream to several receivers, each of which takes every beat once.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_fork.f
+incdir+.
lac_fork.sv
