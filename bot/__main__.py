"""Start the command line: ``python -m bot``."""

from __future__ import annotations

import sys

try:
    from bot.cli import main
except ModuleNotFoundError as missing:
    sys.exit(
        f"fathom: the package {missing.name!r} is not in this Python. "
        "Run `make setup`, then use `.venv/bin/python -m bot`."
    )

if __name__ == "__main__":
    main()
