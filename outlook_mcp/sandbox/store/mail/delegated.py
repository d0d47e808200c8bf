"""Extended properties by which mailboxes tell the meeting messages that delegates get."""

from __future__ import annotations

# For whom a delegate received a message (MS-OXPROPS: PidTagReceivedRepresentingSmtpAddress).
REPRESENTED = "String 0x5D08"
# What the owner gets then (MS-OXOCAL: PidLidMeetingType, mtgDelegatorCopy).
MEETING_TYPE, OWNERS_COPY = "Integer {6ED8DA90-450B-101B-98DA-00AA003F1305} Id 0x26", "1048576"
