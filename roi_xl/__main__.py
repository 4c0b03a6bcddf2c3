"""`python -m roi_xl` is the command `roi-xl`."""

import sys

from roi_xl.cli import run

sys.exit(run())
