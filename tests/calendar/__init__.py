"""Events, their times and ids, and the answers about them."""
