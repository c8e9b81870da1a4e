from contextlib import contextmanager

import pytest


@pytest.fixture
def small_disk():
    """`with small_disk(size_bytes)`: no file grows past that.

    A limit on file sizes gives the same partial write and the same kind of error as a full disk.
    It holds for this whole process, a log that its output goes to included: lifted at the end of
    the block, before the test runner prints anything.
    """
    resource = pytest.importorskip("resource")

    @contextmanager
    def limit(size):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit
