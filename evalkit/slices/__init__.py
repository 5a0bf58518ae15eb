"""Groups of examples: how they are cut, what each group's numbers are, and how far the groups lie apart."""
