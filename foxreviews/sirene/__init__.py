"""The official register: INSEE's stock files of legal units and establishments → one company a legal unit."""
