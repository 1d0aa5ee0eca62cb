"""``python -m angarium.server``: the command line, for where the ``angarium`` script is not on the path."""

import sys

from angarium.server.cli import main

sys.exit(main())
