"""What is rehearsed next: the talk, its format with its plan, its slides, and the terms in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from runthrough.errors import RunthroughError
from runthrough.formats import DEFAULT_FORMAT
from runthrough.rehearsal import talk_hotwords
from runthrough.slides import SlideFile
from runthrough.ui import background
from runthrough.ui.slide_show import SlideShow
from runthrough.ui.widgets.plan_editor import PlanDialog, SlideSectionsDialog
from runthrough.ui.widgets.setup import fill

if TYPE_CHECKING:
    from runthrough.talk import Talk, TalkFormat
    from runthrough.ui.session import Session
    from runthrough.ui.widgets.setup import Setup


class Choosing(QObject):
    """Fills the lists of a ``Setup`` from the library, and does what its buttons ask for.

    ``chosen`` says that another talk, format or plan is chosen, then ``slides_changed`` that there
    are other slides or that more is known of them. ``trouble`` is a sentence for the user.
    """

    chosen = Signal()
    slides_changed = Signal()
    trouble = Signal(str)

    def __init__(self, session: Session, setup: Setup) -> None:
        super().__init__()
        self.talk_id = ""
        self.talks: dict[str, Talk] = {}
        self.hotwords = ""
        self.slides = SlideShow()
        self._session = session
        self._setup = setup
        self._formats: dict[str, TalkFormat] = {}
        # A format chosen for a talk stays until the talk gets another one of its own.
        self._chosen_formats: dict[tuple[str, str], str] = {}
        self._slides_trouble = ""
        setup.talk.activated.connect(self._talk_chosen)
        setup.format.activated.connect(self._format_chosen)
        setup.plan.clicked.connect(self._edit_plan)
        setup.slides.choose.clicked.connect(self._choose_slides)
        setup.slides.sections.clicked.connect(self._edit_slide_sections)
        setup.slides.remove.clicked.connect(self._remove_slides)
        self.slides.changed.connect(self._say_slides)
        self.slides.failed.connect(self._slides_failed)

    @property
    def choice(self) -> tuple[Talk, TalkFormat] | None:
        """The talk, and its format with the talk's own plan; ``None`` where there is no talk."""
        talk = self.talks.get(self.talk_id)
        fmt = self._formats.get(self._setup.format.currentData() or "")
        return None if talk is None or fmt is None else (talk, talk.planned(fmt))

    def offer(self) -> None:
        """Fill the lists from the library and keep what was chosen, as far as it still exists."""
        self._formats, _ = self._session.formats()
        self.talks = {s.talk.id: s.talk for s in self._session.library.talks()}
        if self.talk_id not in self.talks:
            self.talk_id = next(iter(self.talks), "")
        fill(self._setup.talk, {i: t.title for i, t in self.talks.items()}, self.talk_id)
        self._talk_chosen()

    def attach_slides(self, source: Path) -> None:
        """Give the chosen talk the slides in ``source``, a PDF, if they can be read."""
        talk = self.talks.get(self.talk_id)
        if talk is None:
            return

        def work(_task: background.Task) -> Talk:
            with SlideFile(source):
                return self._session.library.attach_slides(talk, source)

        def attached(changed: Talk) -> None:
            self.talks[changed.id] = changed
            if changed.id == self.talk_id:
                # Here, since a take that has begun meanwhile looks at nothing else of the library.
                self._slides_trouble = ""
                self.slides.open(self._session.library.slides(changed))
            self._session.library_changed.emit()

        def refused(error: Exception) -> None:
            if talk.id == self.talk_id:
                self._slides_failed(background.sentence(error))
            else:
                self.trouble.emit(background.sentence(error))
            background.raise_defect(error)

        self._setup.slides.say(f"Reading {source.name}…")
        self._setup.start.setFocus()
        background.run(self, work, done=attached, failed=refused)

    def close(self) -> None:
        """Let go of the slides for good."""
        self.slides.close()

    # --- talk and format -----------------------------------------------------------------------

    def _talk_chosen(self) -> None:
        self.talk_id = self._setup.talk.currentData() or ""
        talk = self.talks.get(self.talk_id)
        wanted = talk.format_id if talk is not None else DEFAULT_FORMAT
        known = wanted if wanted in self._formats else DEFAULT_FORMAT
        chosen = self._chosen_formats.get((self.talk_id, wanted), known)
        chosen = chosen if chosen in self._formats else known
        fill(self._setup.format, {i: f.title for i, f in self._formats.items()}, chosen)
        self._setup.say_format(
            ""
            if known == wanted or chosen != known
            else f"The talk's own format “{wanted}” is gone; this one is used instead."
        )
        self._show()

    def _format_chosen(self) -> None:
        talk = self.talks[self.talk_id]
        self._chosen_formats[talk.id, talk.format_id] = self._setup.format.currentData()
        self._setup.say_format("")
        self._show()

    def _show(self) -> None:
        choice = self.choice
        if choice is None:
            return
        self.chosen.emit()
        path = self._session.library.slides(choice[0])
        if path != self.slides.path:
            self._slides_trouble = ""
            self.slides.open(path)
        self._say_slides()
        self._gather_hotwords(choice[0])

    def _gather_hotwords(self, talk: Talk) -> None:
        """Find the talk's terms for the recogniser before it starts."""

        def found(terms: str) -> None:
            if self.talk_id == talk.id:
                self.hotwords = terms

        self.hotwords = ""
        background.run(
            self,
            lambda _task: talk_hotwords(self._session.library, talk),
            done=found,
            failed=lambda error: background.tell_trouble(error, self.trouble.emit),
        )

    def _edit_plan(self) -> None:
        choice = self.choice
        if choice is None:
            return
        talk, own = choice
        fmt = self._formats[own.id]
        dialog = PlanDialog(f"{talk.title} · {fmt.title}", fmt, own, parent=self._setup)
        accepted = dialog.exec()
        self._setup.start.setFocus()
        if not accepted:
            return
        planned = dict(zip((s.id for s in fmt.sections), dialog.planned_s, strict=True))
        if planned == {s.id: s.planned_s for s in fmt.sections}:
            self._change_talk(replace(talk, plan_s=(), plan_format_id=""))
        else:
            plan = tuple(planned.items())
            self._change_talk(replace(talk, plan_s=plan, plan_format_id=fmt.id))

    def _change_talk(self, talk: Talk) -> None:
        try:
            self._session.library.save_talk(talk)
        except RunthroughError as error:
            self.trouble.emit(str(error))
            return
        self._session.library_changed.emit()

    # --- slides --------------------------------------------------------------------------------

    def _edit_slide_sections(self) -> None:
        choice = self.choice
        if choice is None:
            return
        talk, fmt = choice
        ties = dict(talk.slide_sections)
        dialog = SlideSectionsDialog(self.slides, fmt, ties, parent=self._setup)
        accepted = dialog.exec()
        self._setup.start.setFocus()
        if accepted:
            ties_made = tuple(sorted(dialog.ties.items()))
            self._change_talk(replace(talk, slide_sections=ties_made))

    def _choose_slides(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self._setup, "Choose slides", str(Path.home()), "PDF (*.pdf);;All files (*)"
        )
        if chosen:
            self.attach_slides(Path(chosen))

    def _slides_failed(self, why: str) -> None:
        self._slides_trouble = why
        self._say_slides()

    def _remove_slides(self) -> None:
        talk = self.talks.get(self.talk_id)
        if talk is None:
            return
        self.slides.close_file()
        try:
            self._session.library.detach_slides(talk)
        except RunthroughError as error:
            self.trouble.emit(str(error))
        self._slides_trouble = ""
        self._session.library_changed.emit()

    def _say_slides(self) -> None:
        choice = self.choice
        if choice is None:
            return
        name, count = choice[0].slides, self.slides.count
        self._setup.slides.say(name, count=count, trouble=self._slides_trouble)
        self.slides_changed.emit()
