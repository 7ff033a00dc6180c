"""A messy list → the companies of the directory that its lines mean, each with a confidence.

A line becomes a record (record), the search's index names candidates (candidates), each is compared with it (names,
evidence), a logistic model weighs what was found (model), and what is sure enough is accepted (matcher).
"""
