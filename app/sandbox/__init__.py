"""The simulated company behind `make demo` and the end-to-end tests.

`build_company` makes people, tools and what they did with them from a seed and a day; the worlds
modules write that down as each vendor's own records; `truth` knows what discovery should find.
Only `truth` knows: nothing that a connector can read says which tools are to be flagged.
"""
