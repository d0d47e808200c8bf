"""Text of strangers made readable: HTML, quoted history, links, dates, charsets. Knows no mailbox."""
