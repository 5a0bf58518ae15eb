"""Floor 0: the nouns, the sockets and the errors that every room shares (standard library only)."""
