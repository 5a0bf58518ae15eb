"""Processes and actors that compute windows of local arms: each holds engines of its own, the driver keeps the ledger.

`tasks.py` says what a worker is asked and answers, `pool.py` hands windows out and asks again what was lost,
`processes.py` and `ray_actors.py` are the two kinds of workers, `spread.py` makes an arm of them.
"""
