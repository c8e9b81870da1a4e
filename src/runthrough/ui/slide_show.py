"""The slides of one talk, read and drawn in the background, the next one before it is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage, QPixmap

from runthrough.errors import RunthroughError
from runthrough.slides import Deck, Picture, SlideFile
from runthrough.ui import background

if TYPE_CHECKING:
    from pathlib import Path

# Pictures kept: neighbours and the first slide of each section. One fills 8 MB at full HD.
_KEPT = 20
# Larger than this gains nothing that is seen from where a speaker stands.
_MOST = QSize(2560, 1600)


class SlideShow(QObject):
    """Slides are numbered from 1.

    ``changed`` says that there are others or that more is known of them, ``drawn`` that the
    picture of a slide is there, ``failed`` why there are none.
    """

    changed = Signal()
    drawn = Signal(int)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.deck = Deck(())
        self.path: Path | None = None
        self._file: SlideFile | None = None
        self._opening = 0  # tells an opening that came late from the one that is wanted
        self._size = QSize(320, 200)
        self._pictures: dict[int, QPixmap] = {}  # the one used last is at the end
        self._stale: set[int] = set()  # drawn, but smaller than wanted
        self._broken: set[int] = set()
        self._wanted: list[int] = []
        self._drawing = False
        # PDFium works in one thread at a time anyway.
        self._pool = ThreadPoolExecutor(1, "runthrough-slides")

    @property
    def count(self) -> int:
        """How many slides there are."""
        return len(self.deck.slides)

    def title(self, number: int) -> str:
        """A slide's title, ``""`` where it is not known."""
        return self.deck.slides[number - 1].title if 1 <= number <= self.count else ""

    def note(self, number: int) -> str:
        """The speaker's note for a slide."""
        return self.deck.slides[number - 1].note if 1 <= number <= self.count else ""

    def open(self, path: Path | None) -> None:
        """Show the slides in ``path``, or none. The first is there before all are read."""
        self.close_file()
        self.path = path
        if path is None:
            self.changed.emit()
            return
        opening = self._opening

        def opened(file: SlideFile) -> None:
            if opening != self._opening:
                file.close()
                return
            self._file = file
            self._take(file.first_look())
            background.run(
                self, lambda _task: file.read(), done=read, failed=failed, pool=self._pool
            )

        def read(deck: Deck) -> None:
            if opening == self._opening:
                self._take(deck)

        def failed(error: Exception) -> None:
            if opening != self._opening:
                return
            self.failed.emit(
                str(error) if isinstance(error, RunthroughError) else "The slides can't be read."
            )
            background.raise_defect(error)

        background.run(
            self, lambda _task: SlideFile(path), done=opened, failed=failed, pool=self._pool
        )

    def close_file(self) -> None:
        """Let go of the slides."""
        self._opening += 1
        file, self._file = self._file, None
        if file is not None:
            background.run(
                self,
                lambda _task: file.close(),
                done=lambda _: None,
                failed=background.to_crash_hook,
                pool=self._pool,
            )
        self.path, self.deck = None, Deck(())
        self._forget_pictures()
        self._drawing = False

    def close(self) -> None:
        """End for good."""
        self.close_file()
        self._pool.shutdown()

    def fit(self, size: QSize) -> None:
        """Draw slides so large that they fill ``size`` (in the screen's own pixels)."""
        larger = self._size.expandedTo(size).boundedTo(_MOST)
        if larger != self._size:
            self._size = larger
            # What is there is shown, scaled, until the sharper one has come.
            self._wanted = [n for n in self._pictures if n not in self._wanted] + self._wanted
            self._stale = set(self._pictures)
            self._draw_next()

    def picture(self, number: int) -> QPixmap | None:
        """The picture of a slide, ``None`` while it is not drawn; ``drawn`` tells when it is."""
        found = self._pictures.pop(number, None)
        if found is not None:
            self._pictures[number] = found
        return found

    def is_broken(self, number: int) -> bool:
        """Whether a slide can't be drawn."""
        return number in self._broken

    def stand_at(self, number: int, likely: tuple[int, ...] = ()) -> None:
        """Slide ``number`` is shown now: draw it, its neighbours, and those that are ``likely``."""
        near = (number, number + 1, number + 2, number - 1, *likely)
        self._wanted = [n for n in dict.fromkeys(near) if 1 <= n <= self.count]
        self._draw_next()

    # --- inside --------------------------------------------------------------------------------

    def _take(self, deck: Deck) -> None:
        same = [s.page for s in deck.slides] == [s.page for s in self.deck.slides] and [
            s.area for s in deck.slides
        ] == [s.area for s in self.deck.slides]
        self.deck = deck
        if not same:
            self._forget_pictures()
        self.changed.emit()
        self.stand_at(1)

    def _forget_pictures(self) -> None:
        self._pictures, self._broken, self._wanted, self._stale = {}, set(), [], set()

    def _draw_next(self) -> None:
        file = self._file
        if self._drawing or file is None:
            return
        number = next((n for n in self._wanted if self._lacks(n)), None)
        if number is None:
            return
        slide, size, opening = self.deck.slides[number - 1], self._size, self._opening
        self._drawing = True

        def done(picture: Picture | None) -> None:
            if opening != self._opening:
                return
            self._drawing = False
            if picture is None:
                self._broken.add(number)
            elif self.deck.slides[number - 1] is slide or not self._lacks(number):
                self._keep(number, picture)
            self.drawn.emit(number)
            self._draw_next()

        def failed(error: Exception) -> None:
            done(None)
            raise error

        background.run(
            self,
            lambda _task: file.picture(slide, size.width(), size.height()),
            done=done,
            failed=failed,
            pool=self._pool,
        )

    def _lacks(self, number: int) -> bool:
        if number in self._broken or not 1 <= number <= self.count:
            return False
        return number not in self._pictures or number in self._stale

    def _keep(self, number: int, picture: Picture) -> None:
        image = QImage(
            picture.pixels,
            picture.width,
            picture.height,
            picture.stride,
            QImage.Format.Format_RGB32,
        )
        self._pictures.pop(number, None)
        self._pictures[number] = QPixmap.fromImage(image)
        self._stale.discard(number)
        while len(self._pictures) > _KEPT:
            self._pictures.pop(next(iter(self._pictures)))
