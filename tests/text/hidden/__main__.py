"""`python -m tests.text.hidden`: every technique, and which mail programs honour it as far as public tables say."""

from __future__ import annotations

from tests.text.hidden.test_hidden import TECHNIQUES

if __name__ == "__main__":
    for technique in TECHNIQUES:
        print(f"{technique.name}\n    {technique.honoured or 'no public table tells'}")
