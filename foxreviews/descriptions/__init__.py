"""A short French description of a company, a town or a trade, from facts that the directory has.

`facts` says what is known, `sentences` writes it by rule, `endpoint` asks a language model for another wording,
`checker` throws away what states anything else, `filling` keeps what holds, and `shown` is what a page shows.
"""
