"""What every page of the window shares: the library, the settings, and one warm recogniser."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from runthrough.formats import load_formats
from runthrough.settings import Settings, load_settings, save_settings

if TYPE_CHECKING:
    from runthrough.library import Library
    from runthrough.talk import TalkFormat
    from runthrough.transcription.recognizer import Recognizer


class Session(QObject):
    """Shared state of one running window. ``library_changed`` tells pages to look again."""

    library_changed = Signal()

    def __init__(self, library: Library, settings: Settings | None = None) -> None:
        super().__init__()
        self.library = library
        self.settings = settings or load_settings()
        # The recogniser does one take at a time; jobs wait for each other here.
        self.recognition_pool = ThreadPoolExecutor(1, "runthrough-recognition")
        self._recognizer: Recognizer | None = None
        self._making = threading.Lock()

    def recognizer(self) -> Recognizer:
        """The warm recogniser, started at first use. Call it off the window's thread.

        Raises ``ModelError`` if there is no speech model, ``InputError`` if the settings name one
        that nobody knows.
        """
        from runthrough.transcription.models import find_model
        from runthrough.transcription.recognizer import Recognizer

        with self._making:
            if self._recognizer is None:
                recognizer = Recognizer(find_model(self.settings.model or None))
                # One that can't start is not kept: the next who asks tries again.
                recognizer.warm()
                self._recognizer = recognizer
            return self._recognizer

    def formats(self) -> tuple[dict[str, TalkFormat], list[str]]:
        """The talk formats by id, and a sentence for each of the user's that is broken."""
        return load_formats(self.library.root / "formats")

    def change_settings(self, **changes: Any) -> None:
        """Change some settings and keep them."""
        self.settings = replace(self.settings, **changes)
        save_settings(self.settings)

    def close(self) -> None:
        """End the recogniser and release the library."""
        if self._recognizer is not None:
            self._recognizer.close()
            self._recognizer = None
        self.recognition_pool.shutdown(cancel_futures=True)
        self.library.close()
