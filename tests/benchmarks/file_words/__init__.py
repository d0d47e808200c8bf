"""Whether the text of attached files has the words that other programs see in them."""
