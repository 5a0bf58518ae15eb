"""The checks of `evalkit data check`: a file a family, one line a family in `table.py`.

Rows are read one by one and looked at by every check; none keeps them. What can be told only from the whole set (which
rows stand twice, which are unlike the others) is kept as numbers, 8 to 24 bytes a row, and the rows it names are read
once more.
"""
