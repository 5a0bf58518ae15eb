"""Cases as a file for people and other tools, a file a kind: `kinds.py` lists them."""
