"""Floor 2: results that other tools wrote, read as arms: answers, scores, and how sure we are what is what."""
