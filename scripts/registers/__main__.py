"""``python -m scripts.registers``."""

import sys

from scripts.registers.cli import main

sys.exit(main())
