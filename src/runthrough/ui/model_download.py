"""The one download there can be, which goes on whatever page is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from runthrough.errors import Cancelled, RunthroughError
from runthrough.ui import background
from runthrough.ui.widgets.basics import TimeLeft

if TYPE_CHECKING:
    from runthrough.transcription.models import Model


class ModelDownload(QObject):
    """Fetches a speech model. ``changed`` says that ``name``, ``said`` or ``fraction`` is another.

    ``name`` is empty while nothing is fetched; ``trouble`` says why the last one failed.
    ``arrived`` tells the name of a model that is ready now.
    """

    changed = Signal()
    arrived = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.name = self.said = self.trouble = ""
        self.fraction = 0.0
        self._task: background.Task | None = None

    def begin(self, model: Model) -> None:
        """Fetch ``model``, unless one is being fetched."""
        if self._task is not None:
            return
        self.name, self.said, self.trouble, self.fraction = model.name, "Starting…", "", 0.0
        left = TimeLeft()

        def work(task: background.Task) -> Model:
            from runthrough.transcription.models import download

            def told(done: int, total: int) -> None:
                task.progress(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB", done / total)

            return download(model.name, told, task.cancelled)

        def advance(said: str, fraction: float) -> None:
            self.said, self.fraction = said + left.after("", fraction), fraction
            self.changed.emit()

        self._task = background.run(
            self, work, done=self._done, failed=self._failed, progress=advance
        )
        self.changed.emit()

    def cancel(self) -> None:
        """Stop; nothing half-made stays."""
        if self._task is not None:
            self._task.cancel()
            self.said = "Stopping…"
            self.changed.emit()

    def _done(self, model: Model) -> None:
        self._end("")
        self.arrived.emit(model.name)

    def _failed(self, error: Exception) -> None:
        expected = isinstance(error, RunthroughError)
        said = str(error) if expected else "The download failed. Try again."
        self._end("" if isinstance(error, Cancelled) else said)
        background.raise_defect(error)

    def _end(self, trouble: str) -> None:
        self._task = None
        self.name, self.said, self.trouble = "", "", trouble
        self.changed.emit()
