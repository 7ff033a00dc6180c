"""How good the search is: questions made from the companies that are loaded, and the score of the answers."""
