"""``python -m dashboard.health``."""

import sys

from dashboard.health import main

sys.exit(main())
