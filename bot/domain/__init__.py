"""The rules of the house: pure values and tables.

Nothing here reads a clock, a file or a network; whoever wants to know what is
true today passes today in. That is what lets a lawyer check it line by line.
"""
