"""Worker processes that can be killed: a hostile document costs its own job, never the loop or the machine."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import multiprocessing
import os
import pickle
import resource
import signal
import sys
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.forkserver import ensure_running
from typing import TYPE_CHECKING, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from bot.news.errors import WorkerCrashed, WorkerTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

T = TypeVar("T")

_PR_SET_PDEATHSIG = 1
_NURSERY = "bot.news.nursery"
_MOST_TASKS = 5000  # a worker is renewed after so many jobs: parsers written in C leak now and then


class _PoolBrokeError(Exception):
    """The pool broke, by no job's fault that we know of."""


class Workers:
    """Runs pure functions in other processes, each job under a time limit, all under a memory limit.

    Args:
        most_workers: processes; ``None`` for one a core.
        memory_bytes: address space that a worker may take.
        preload: modules that the workers' common parent imports before it forks any of them, so that no job's time is
            spent on it, nor that of a worker that takes another's place. Whoever starts workers first decides for all
            that this process starts.
    """

    def __init__(
        self,
        *,
        most_workers: int | None = None,
        memory_bytes: int = 1536 * 1024 * 1024,
        preload: Sequence[str] = (),
    ) -> None:
        self._most_workers = most_workers or os.cpu_count() or 1
        self._memory_bytes = memory_bytes
        self._preload = tuple(preload)
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
            function: importable by name, as are its arguments and its result; without effects, for it may run twice.
            args: its arguments.
            timeout_s: seconds from the job's start, not from its place in the queue.

        Raises:
            WorkerTimeout: the job overran and was killed.
            WorkerCrashed: the worker died, met its memory limit, or the workers were closed.
        """
        job = pickle.dumps((function, args))
        try:
            outcome = await self._run(job, timeout_s)
        except _PoolBrokeError:
            # Workers that died idle are seen by whoever comes next, and jobs may be run twice.
            try:
                outcome = await self._run(job, timeout_s)
            except _PoolBrokeError as error:
                raise WorkerCrashed("the pool of workers broke") from error
        good, value = pickle.loads(outcome)  # noqa: S301 our own worker wrote it
        if not good:
            raise value
        result: T = value
        return result

    async def _run(self, job: bytes, timeout_s: float) -> bytes:
        pool = self._pool
        if pool is None:
            raise WorkerCrashed("the workers are closed")
        ensure_running()  # here, in the main thread: what starts the workers' parent takes it along when it ends
        try:
            waiting = asyncio.wrap_future(pool.schedule(_run, args=(job,), timeout=timeout_s))
        except RuntimeError as error:  # the pool broke before we came
            await self._replace(pool)
            raise _PoolBrokeError from error
        self._waiting.add(waiting)
        try:
            return await waiting
        except TimeoutError as error:  # the job's own errors come back inside the outcome
            raise WorkerTimeout(timeout_s) from error
        except ProcessExpired as error:
            raise WorkerCrashed(f"worker exited with {error.exitcode}") from error
        except BrokenProcessPool as error:
            await self._replace(pool)
            raise _PoolBrokeError from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._pool is not pool and task is not None and not task.cancelling():
                raise WorkerCrashed("the workers were closed") from None
            raise
        finally:
            self._waiting.discard(waiting)

    def _open(self) -> ProcessPool:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([_NURSERY, *self._preload])
        return ProcessPool(
            max_workers=self._most_workers,
            max_tasks=_MOST_TASKS,
            initializer=_prepare,
            initargs=(self._memory_bytes,),
            context=context,
        )

    async def _replace(self, broken: ProcessPool) -> None:
        if self._pool is broken:
            self._pool = self._open()
            await asyncio.to_thread(_close, broken)


def _close(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates only some of its methods
    pool.join()


def die_with_starter() -> None:
    """Have the kernel kill this process as soon as the thread that started it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prepare(memory_bytes: int) -> None:
    """Bind a new worker's life and memory; runs in the worker before its first job."""
    die_with_starter()
    ours = multiprocessing.parent_process()
    if ours is None or not ours.is_alive():  # it died before the kernel knew
        os._exit(1)
    # pebble's own handler waits for the interpreter's next step, which a parser stuck in C never reaches.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
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
