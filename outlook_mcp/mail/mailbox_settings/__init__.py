"""The settings of a mailbox: automatic replies, time zone, working hours, language, signature, senders, categories."""
