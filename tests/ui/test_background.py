"""What Qt made ends in the window's thread: freed in another, a window crashes or hangs."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from runthrough.ui import background


def freed_in(thing):
    """A list that gets the thread in which ``thing`` is freed."""
    threads = []
    thing.destroyed.connect(
        lambda: threads.append(threading.current_thread()), Qt.ConnectionType.DirectConnection
    )
    return threads


def let_go_of():
    """Something of Qt's that only the collector frees."""
    thing = QObject()
    thing.itself = thing
    return freed_in(thing)


def test_work_frees_no_window_that_refers_to_itself(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    background.collect_here(window)
    gc.unfreeze()  # or else later tests would look at less
    freed = let_go_of()
    kept = []

    def work(_task):
        kept.extend([number] for number in range(200_000))  # enough for many collections

    def failed(error):
        raise error

    background.run(window, work, done=lambda _: None, failed=failed)
    qtbot.waitUntil(lambda: bool(freed), timeout=20_000)
    assert freed == [threading.main_thread()]


def test_work_that_ends_in_no_usual_error_has_failed(qtbot):
    """Rust's panics, say, are no ``Exception``."""
    page = QObject()
    told = []

    def leave(_task):
        raise SystemExit(3)

    background.run(page, leave, done=told.append, failed=told.append)
    qtbot.waitUntil(lambda: bool(told))
    (error,) = told
    assert isinstance(error, Exception)
    assert str(error) == "SystemExit: 3"
    assert isinstance(error.__cause__, SystemExit)
    assert all(job.task.owner is not page for job in background._jobs.values())


def test_work_for_a_pool_that_is_shut_down_is_not_kept(qtbot):
    pool = ThreadPoolExecutor()
    pool.shutdown()
    before = dict(background._jobs)
    with pytest.raises(RuntimeError, match="shutdown"):
        background.run(
            QObject(), lambda _task: None, done=lambda _: None, failed=lambda _: None, pool=pool
        )
    assert background._jobs == before


def test_work_that_ends_late_frees_nothing_of_the_windows(qtbot):
    """The window's thread can let go of a page before the thread of its work has ended."""
    let_go = threading.Event()

    def wait_at_the_end(frame, event, _argument):
        if event == "return" and frame.f_back and frame.f_back.f_code.co_name == "run":
            let_go.wait(10)

    class Page(QObject):
        def read(self):
            background.run(self, self.work, done=self.done, failed=self.done)

        def work(self, _task):
            return threading.current_thread()

        def done(self, thread):
            threads.append(thread)

    threads = []
    page = Page()
    freed = freed_in(page)
    threading.setprofile(wait_at_the_end)
    page.read()
    threading.setprofile(None)
    del page
    qtbot.waitUntil(lambda: bool(threads))
    gc.collect()
    let_go.set()
    threads[0].join()
    qtbot.waitUntil(lambda: bool(freed), timeout=20_000)
    assert freed == [threading.main_thread()]
