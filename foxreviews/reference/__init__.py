"""Facts of the domain: identifiers, nomenclatures, territory, and the keys under which names meet.

Pure functions and tables: no Django, no database, no network.
"""
