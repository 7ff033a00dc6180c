"""Fictional stock files of the official register, with INSEE's own headers: what import_sirene reads."""
