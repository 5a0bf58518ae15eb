"""Gates decide each suite, and a headline says so."""
