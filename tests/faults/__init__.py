"""The table of faults: every kind of change against every way in which Microsoft Graph can fail.

Each answer is compared with what the mailbox holds afterwards. `python -m tests.faults` tries every pair; a run of the
tests tries a part in which every operation and every fault occurs.
"""
