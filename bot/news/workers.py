"""Worker processes that can be killed: a hostile document costs its own job, never the loop or the machine."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import importlib
import multiprocessing
import os
import pickle
import resource
import signal
import sys
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from bot.news.errors import WorkerCrashed, WorkerTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

T = TypeVar("T")

_PR_SET_PDEATHSIG = 1
_MOST_TASKS = 5000  # a worker is renewed after so many jobs: parsers written in C leak now and then


class Workers:
    """Runs pure functions in other processes, each job under a time limit, all under a memory limit.

    Args:
        most_workers: processes; ``None`` for one a core.
        memory_bytes: address space that a worker may take.
        warm: what a worker does before its first job, so that no job's time is spent on it: modules that it imports,
            or functions that it calls, as ``module:name``.
    """

    def __init__(
        self,
        *,
        most_workers: int | None = None,
        memory_bytes: int = 1536 * 1024 * 1024,
        warm: Sequence[str] = (),
    ) -> None:
        self._most_workers = most_workers or os.cpu_count() or 1
        self._memory_bytes = memory_bytes
        self._warm = tuple(warm)
        self._pool: ProcessPool | None = None
        self._waiting: set[asyncio.Future[bytes]] = set()

    async def __aenter__(self) -> Self:
        self._pool = self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pool, self._pool = self._pool, None
        for waiting in self._waiting:
            waiting.cancel()
        if pool is not None:
            await asyncio.to_thread(_close, pool)

    async def run(self, function: Callable[..., T], *args: object, timeout_s: float) -> T:
        """Run a function of a module in a worker and return what it returns; what it raises is raised here.

        Cancelling the caller kills the job.

        Args:
            function: importable by name, as are its arguments and its result.
            args: its arguments.
            timeout_s: seconds from the job's start, not from its place in the queue.

        Raises:
            WorkerTimeout: the job overran and was killed.
            WorkerCrashed: the worker died, met its memory limit, or the workers were closed.
        """
        pool = self._pool
        if pool is None:
            raise WorkerCrashed("the workers are closed")
        job = pickle.dumps((function, args))
        try:
            waiting = asyncio.wrap_future(pool.schedule(_run, args=(job,), timeout=timeout_s))
        except RuntimeError as error:  # the pool broke before we came
            await self._replace(pool)
            raise WorkerCrashed("the pool of workers broke") from error
        self._waiting.add(waiting)
        try:
            outcome = await waiting
        except TimeoutError as error:  # the job's own errors come back inside the outcome
            raise WorkerTimeout(timeout_s) from error
        except ProcessExpired as error:
            raise WorkerCrashed(f"worker exited with {error.exitcode}") from error
        except BrokenProcessPool as error:
            await self._replace(pool)
            raise WorkerCrashed("the pool of workers broke") from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._pool is not pool and task is not None and not task.cancelling():
                raise WorkerCrashed("the workers were closed") from None
            raise
        finally:
            self._waiting.discard(waiting)
        good, value = pickle.loads(outcome)  # noqa: S301 our own worker wrote it
        if not good:
            raise value
        result: T = value
        return result

    def _open(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._most_workers,
            max_tasks=_MOST_TASKS,
            initializer=_prepare,
            initargs=(os.getpid(), self._memory_bytes, self._warm),
            context=multiprocessing.get_context("spawn"),
        )

    async def _replace(self, broken: ProcessPool) -> None:
        if self._pool is broken:
            self._pool = self._open()
            await asyncio.to_thread(_close, broken)


def _close(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates only some of its methods
    pool.join()


def _prepare(parent: int, memory_bytes: int, warm: tuple[str, ...]) -> None:
    """Bind a new worker's life and memory; runs in the worker before its first job."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we could ask to be told
            os._exit(1)
    # pebble's own handler waits for the interpreter's next step, which a parser stuck in C never reaches.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # A BLAS with a thread a core reserves the limit's worth of address space on a large machine.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    for name in warm:
        module, _, function = name.partition(":")
        loaded = importlib.import_module(module)
        if function:
            getattr(loaded, function)()
    gc.freeze()  # what is loaded by now stays; to search it for rubbish again and again costs a seventh


def _run(job: bytes) -> bytes:
    """Do one job and pickle its outcome here, where what cannot be pickled is an answer, not the pool's end."""
    try:
        function, args = pickle.loads(job)  # noqa: S301 our parent wrote it
        return pickle.dumps((True, function(*args)))
    except MemoryError:
        return pickle.dumps((False, WorkerCrashed("out of memory")))
    except Exception as error:  # noqa: BLE001 handed over to be raised in the parent
        return _pickle_error(error)


def _pickle_error(error: Exception) -> bytes:
    try:
        data = pickle.dumps((False, error))
        pickle.loads(data)  # noqa: S301 written a line above; many vendors' errors cannot be read back
    except Exception:  # noqa: BLE001 whatever their constructors raise
        return pickle.dumps((False, WorkerCrashed(f"{type(error).__name__}: {str(error)[:200]}")))
    return data
