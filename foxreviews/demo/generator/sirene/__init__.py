"""A fictional official register, with INSEE's own headers: what import_sirene reads."""
