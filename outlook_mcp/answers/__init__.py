"""What the answers of all areas share: the frame around text of senders, errors and what to do about them."""
