"""Arms: what BASE and CANDIDATE mean, opened and priced."""
