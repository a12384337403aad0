"""Short work runs where it is, long work in a thread, and the choice follows what was measured."""

import threading

from app.api.quick import QUICK_SECONDS, Quick


class Work:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.now = 0.0
        self.threads: list[bool] = []

    def __call__(self) -> str:
        self.now += self.seconds
        self.threads.append(threading.current_thread() is threading.main_thread())
        return "done"


async def test_work_moves_out_of_the_thread_once_it_was_quick_and_back_when_it_is_not() -> None:
    work = Work()
    quick = Quick(clock=lambda: work.now)
    for seconds in (0.0, 0.0, QUICK_SECONDS, 0.0, 0.0):
        work.seconds = seconds
        assert await quick.run("shape", work) == "done"
    assert work.threads == [False, True, True, False, True]


async def test_work_without_a_shape_always_has_a_thread() -> None:
    work = Work()
    quick = Quick(clock=lambda: work.now)
    for _ in range(3):
        await quick.run(None, work)
    assert work.threads == [False, False, False]


async def test_what_is_remembered_is_bounded() -> None:
    work = Work()
    quick = Quick(clock=lambda: work.now)
    for number in range(600):
        await quick.run(number, work)
    await quick.run(599, work)
    await quick.run(0, work)
    assert work.threads[-2:] == [True, False]
