"""A report of runs that a person wants to look at: one HTML file that holds all it needs, or the same page, served.

`gather` reads runs into values, `summary` and `plots` decide what is shown of them, `page` writes it. Text of agents,
tools and users is hostile here: it reaches the page as text of JSON or through an escaping template, in no other way.
"""
