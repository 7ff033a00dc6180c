"""How fast the search is."""
