"""What is known of the terminal in which a command runs."""

from __future__ import annotations

import os
import sys


def is_remote_terminal() -> bool:
    """True over SSH, where a browser that this machine opens is not the person's own."""
    return "SSH_CONNECTION" in os.environ or "SSH_TTY" in os.environ


def can_answer() -> bool:
    """True when a person can be asked at the terminal."""
    return sys.stdin is not None and sys.stdin.isatty()
