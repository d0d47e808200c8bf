"""`python -m outlook_mcp` serves stdio, like `outlook-mcp serve`; any command may follow."""

import sys

from outlook_mcp.cli import main

sys.exit(main(sys.argv[1:] or ["serve"]))
