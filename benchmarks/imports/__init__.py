"""How fast an import is, what it costs readers, and what is lost when it is interrupted: nothing."""
