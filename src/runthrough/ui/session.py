"""What every page of the window shares: the library, the settings, and one warm recogniser."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from runthrough.errors import LibraryError
from runthrough.formats import load_formats
from runthrough.settings import Settings, save_settings, settings_path
from runthrough.ui import background
from runthrough.ui.model_download import ModelDownload

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from runthrough.library import Library
    from runthrough.talk import TalkFormat
    from runthrough.transcription.recognizer import Recognizer

# How long a recogniser that is given up takes to end, with room.
_PATIENCE_S = 3.0
# How often it is looked whether a recogniser that is given up has nothing to do any more.
_LOOK_S = 0.1


class Session(QObject):
    """Shared state of one running window.

    ``library_changed`` tells pages to look again; ``recognizer_changed`` that the one they may
    have is of no use any more; ``unkept`` is a sentence: a choice holds only until the end.
    """

    library_changed = Signal()
    recognizer_changed = Signal()
    unkept = Signal(str)

    def __init__(self, library: Library, settings: Settings) -> None:
        super().__init__()
        self.library = library
        self.settings = settings
        self._recognizer: Recognizer | None = None
        self._given_up: list[Recognizer] = []
        self._closing = threading.Event()
        self._making = threading.Lock()
        self.download = ModelDownload()

    @cached_property
    def recognition_pool(self) -> ThreadPoolExecutor:
        """The recogniser does one take at a time; jobs wait for each other here."""
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(1, "runthrough-recognition")

    def await_recognition(self) -> None:
        """Return when nothing is done with a recording. Call it off the window's thread.

        Raises ``LibraryError`` if that is not so within some seconds.
        """
        try:
            self.recognition_pool.submit(lambda: None).result(_PATIENCE_S)
        except TimeoutError:
            raise LibraryError(
                "A recording is still being listened to. Wait until its review is there, then "
                "move the library."
            ) from None

    def recognizer(self) -> Recognizer:
        """The warm recogniser, started at first use. Call it off the window's thread.

        Raises ``ModelError`` if there is no speech model, ``InputError`` if the settings name one
        that nobody knows.
        """
        from runthrough.transcription.models import find_model
        from runthrough.transcription.recognizer import Recognizer

        with self._making:
            if self._recognizer is None:
                chosen = self.settings
                recognizer = Recognizer(
                    find_model(chosen.model or None, chosen.language), language=chosen.language
                )
                # One that can't start is not kept: the next who asks tries again.
                recognizer.warm()
                self._recognizer = recognizer
            return self._recognizer

    def formats(self) -> tuple[dict[str, TalkFormat], list[str]]:
        """The talk formats by id, and a sentence for each of the user's that is broken."""
        return load_formats(self.library.root / "formats")

    def change_settings(self, **changes: Any) -> None:
        """Change some settings, and keep them if they can be kept; ``unkept`` says if not."""
        before, self.settings = self.settings, replace(self.settings, **changes)
        try:
            save_settings(self.settings, only=changes)
        except OSError as error:
            self.unkept.emit(
                f"The choice can't be kept for next time ({error.strerror}). "
                f"Check the folder {settings_path().parent}."
            )
        now = self.settings
        if (before.model, before.language) != (now.model, now.language):
            self._renew_recognizer()

    def use_library(self, library: Library) -> None:
        """Go on with ``library``, which holds what the present one holds."""
        before, self.library = self.library, library
        before.close()
        self.change_settings(library=str(library.root))
        self.library_changed.emit()

    def _renew_recognizer(self) -> None:
        """Have another one made at the next use; the present one ends once its work is done."""
        with self._making:
            before, self._recognizer = self._recognizer, None
        if before is not None:
            self._given_up.append(before)
            pool = self.recognition_pool
            background.run(
                self,
                lambda _task: self._close_idle(before, pool),
                done=lambda _: self._given_up.remove(before),
                failed=background.to_crash_hook,
            )
        self.recognizer_changed.emit()

    def _close_idle(self, recognizer: Recognizer, pool: ThreadPoolExecutor) -> None:
        """Close ``recognizer`` once neither a job in ``pool`` nor what is being spoken needs it."""
        from concurrent.futures import CancelledError

        with contextlib.suppress(CancelledError, RuntimeError):  # the pool is closed
            pool.submit(lambda: None).result()
        while recognizer.busy and not self._closing.wait(_LOOK_S):
            pass
        recognizer.close()

    def close(self) -> None:
        """End the recogniser and release the library."""
        self.download.cancel()
        self._closing.set()
        for one in (*self._given_up, self._recognizer):
            if one is not None:
                one.close()
        self._recognizer = None
        if "recognition_pool" in self.__dict__:
            self.recognition_pool.shutdown(cancel_futures=True)
        self.library.close()
