"""Floor 1: pure functions from a response to what it says: thought, answer, how it ended, calls.

A model's text passes here once, between whatever gave it (a backend, the ledger, a recording) and the scorers: they see
the answer only. What was taken out, and why, stays beside it.
"""
