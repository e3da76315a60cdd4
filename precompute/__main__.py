"""``python -m precompute``."""

import sys

from precompute.command_line import main

sys.exit(main())
