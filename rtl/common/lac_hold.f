// lac_hold: keeps a choice while the beat that it was made for waits.
// Made by `python -m scripts.filelists`. Paths are relative to this file: -F lac_hold.f
+incdir+.
lac_hold.sv
