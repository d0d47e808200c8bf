"""Where quoted history begins: in text, in the HTML of a message and in the HTML of a draft."""
