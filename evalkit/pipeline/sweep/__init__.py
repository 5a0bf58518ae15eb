"""`evalkit sweep`: every checkpoint of a training against one base."""
