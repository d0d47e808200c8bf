"""What a model is told when an operation goes wrong, word for word: every operation, every failure.

`python -m tests.golden_answers` writes the file again. Review the difference as its reader would: aloud.
"""
