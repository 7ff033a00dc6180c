"""How well and how fast lists are matched, against a directory and lists of its own."""
