"""A worker's process: `python -m evalkit.models.workers.child [DEVICE]`, tasks in, results out, pickled.

It ends with the process that started it: its input is then closed.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from queue import SimpleQueue
from typing import IO

from evalkit.models.workers.tasks import Worker, WorkerTask


def main() -> None:
    """Do tasks until nobody has any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver hears Ctrl-C, and ends its workers
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no result
    tasks: SimpleQueue[WorkerTask] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    worker = Worker(device=sys.argv[1] if len(sys.argv) > 1 else None)
    while True:
        result = worker.run(tasks.get())
        pickle.dump(result, results)
        results.flush()


def _listen(pipe: IO[bytes], tasks: SimpleQueue[WorkerTask]) -> None:
    """Read tasks; a driver that is gone needs no answers, however it went."""
    try:
        while True:
            tasks.put(pickle.load(pipe))
    except BaseException:
        os._exit(0)


if __name__ == "__main__":
    main()
