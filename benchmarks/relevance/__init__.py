"""How well the search finds: queries with judgments, and the score of the results."""
