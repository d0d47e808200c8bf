"""Makes the content of messages readable: HTML, quoted history, links, dates, charsets. Does not use Graph."""
