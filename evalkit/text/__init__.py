"""Floor 1: pure text: normalising, tokenising, sentences, register and refusals, for English and Japanese."""
