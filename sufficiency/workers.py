"""Processes that share long work; answers do not depend on their number."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def shared_by(processes: int, executor: Executor | None = None) -> Iterator[Executor | None]:
    """The executor given, else a pool of ``processes``, else none when one process is to do the work.

    A pool's work not yet begun is given up when the caller stops, by an error or by Ctrl+C.
    """
    if executor is not None or processes <= 1:
        yield executor
        return
    import multiprocessing

    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
