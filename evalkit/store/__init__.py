"""Floor 2: what is kept - the ledger of answers, recordings, run folders."""
