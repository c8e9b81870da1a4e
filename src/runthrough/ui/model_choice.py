"""Which speech model listens: what there is, what it costs and gains, and the way to get it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from runthrough.errors import RunthroughError
from runthrough.settings import ENGLISH
from runthrough.ui import background, theme
from runthrough.ui.widgets.basics import ElidedLabel, button, label, progress_bar, tab_before
from runthrough.ui.widgets.rehearsal_parts import Notice

if TYPE_CHECKING:
    from runthrough.transcription.models import Model
    from runthrough.ui.session import Session


_DAMAGED = "damaged"


class ModelChoice(QWidget):
    """The speech models, one of which is chosen; with ``few`` those here and the next larger."""

    def __init__(self, session: Session, *, few: bool = False) -> None:
        super().__init__()
        self._session = session
        self._few = few
        self._rows: dict[str, _Row] = {}
        self._used: Model | None = None
        self._looking: background.Task | None = None
        self._checking: background.Task | None = None
        self._group = QButtonGroup(self)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.GAP_M)
        self._notice = Notice("trouble")
        self._note = label("Looking for speech models…", role="soft", wrap=True)
        self._folder = button("Use a folder…", name="Use a speech model in a folder")
        self._folder.clicked.connect(self._choose_folder)
        row = QHBoxLayout()
        row.addWidget(self._folder)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_M)
        column.addWidget(self._note)
        column.addLayout(self._list)
        column.addWidget(self._notice)
        column.addLayout(row)
        self._folder.setVisible(not few)
        session.download.changed.connect(self._show_download)
        session.download.arrived.connect(self._arrived)
        session.recognizer_changed.connect(self.look)
        self._looked = True
        self.look()

    def arrive(self) -> None:
        """Be shown: look once more if that failed."""
        if self._looked:
            self._check()
        else:
            self.look()

    def look(self) -> None:
        """Look again which models are on this computer."""

        def work(_task: background.Task) -> tuple[list[Model], Model | None, str]:
            from runthrough.transcription.models import find_model, list_models

            settings = self._session.settings
            models = list(list_models())
            used, why_not = None, ""
            try:
                used = find_model(settings.model or None, settings.language)
            except RunthroughError as error:
                why_not = str(error)
            else:
                if all(model.name != used.name for model in models):
                    models.append(used)
            return models, used, why_not

        def done(found: tuple[list[Model], Model | None, str]) -> None:
            if self._looking is looking:  # one begun before the settings changed may end last
                self._show(*found)

        looking = self._looking = background.run(self, work, done=done, failed=self._failed)

    def _failed(self, error: Exception) -> None:
        self._looked = False
        self._note.hide()
        self._notice.say(background.sentence(error))
        background.raise_defect(error)

    def _show(self, models: list[Model], used: Model | None, why_not: str) -> None:
        self._looked = True
        self._used = used
        chosen = used.name if used is not None else ""
        focus = next((name for name, row in self._rows.items() if row.has_focus()), "")
        for row in self._rows.values():
            self._group.removeButton(row.choose)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {}
        language = self._session.settings.language
        fitting = [
            m
            for m in models
            # For English those of English alone are the better ones of their size.
            if m.ready or (m.speaks(language) and bool(m.languages) == (language == ENGLISH))
        ]
        if self._few:
            # The next larger one is what is worth a download; the others are in the settings.
            larger = [m for m in fitting if not m.ready][:1]
            fitting = [m for m in fitting if m.ready] + larger
        for model in fitting:
            row = _Row(model, chosen=model.name == chosen)
            row.choose.clicked.connect(lambda _=False, m=model: self._use(m))
            row.get.clicked.connect(lambda _=False, m=model: self._session.download.begin(m))
            row.cancel.clicked.connect(self._session.download.cancel)
            self._group.addButton(row.choose)
            self._list.addWidget(row)
            self._rows[model.name] = row
        tab_before(self._folder, [one for row in self._rows.values() for one in row.keys])
        if focus in self._rows:
            self._rows[focus].take_focus()
        self._note.setText(why_not)
        self._note.setVisible(bool(why_not))
        self._show_download()
        self._check()

    def _check(self) -> None:
        """Read the files of the model in use through: damage may leave their length as it is."""
        used = self._used
        self._checking = None
        if used is None:
            return

        def work(_task: background.Task) -> bool:
            from runthrough.transcription.models import can_be_fetched_again, verify

            if can_be_fetched_again(used):
                try:
                    verify(used)
                except RunthroughError:
                    return True
            return False

        def done(damaged: bool) -> None:
            if damaged and self._checking is checking and used.name in self._rows:
                self._rows[used.name].tell_damage()
                self._show_download()

        checking = self._checking = background.run(self, work, done=done, failed=self._failed)

    def _use(self, model: Model) -> None:
        from runthrough.transcription.models import Source

        in_folder = model.source is Source.FOLDER
        name = str(model.folder) if in_folder else model.name
        self._session.change_settings(model=name)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, "The folder of a faster-whisper model", str(Path.home())
        )
        if chosen:
            self.use_folder(Path(chosen))

    def use_folder(self, folder: Path) -> None:
        """Use the model in ``folder``, if there is one."""
        from runthrough.transcription.models import find_model

        try:
            find_model(str(folder), self._session.settings.language)
        except RunthroughError:
            self._notice.say(
                f"There is no speech model in {folder}. Choose a folder with the model.bin of a "
                "faster-whisper model in it."
            )
            return
        self._notice.say("")
        self._session.change_settings(model=str(folder))

    # --- downloading ---------------------------------------------------------------------------

    def _show_download(self) -> None:
        download = self._session.download
        for name, row in self._rows.items():
            row.show_download(
                download.said if name == download.name else "",
                download.fraction,
                others=bool(download.name),
            )
        self._notice.say(download.trouble)

    def _arrived(self, name: str) -> None:
        """Use what was fetched: that is what it was fetched for."""
        if self._session.settings.model != name:
            self._session.change_settings(model=name)  # which looks again
        else:
            self.look()


class _Row(QWidget):
    def __init__(self, model: Model, *, chosen: bool) -> None:
        super().__init__()
        where = _where(model)
        about = f"{model.about} · {model.size_bytes / 1e6:.0f} MB · {_licence(model)}"
        self._about = about
        self.choose = QRadioButton(model.name)
        self.choose.setAccessibleName(f"Speech model {model.name}")
        self.choose.setAccessibleDescription(f"{about}. {where}")
        self.choose.setChecked(chosen)
        self.choose.setEnabled(model.ready)
        self._ready = model.ready
        self._offered = not model.ready or model.damaged
        self._where = ElidedLabel(where)
        self._where.setProperty("role", "soft")
        self.get = button("Download", name=f"Download {model.name}")
        self.cancel = button("Cancel", name=f"Cancel the download of {model.name}")
        self._bar = progress_bar(f"Download of {model.name}")
        self._said = label(role="soft", wrap=True)
        self.keys = (self.choose, self.get, self.cancel)  # what takes them, in the order of Tab
        first = QHBoxLayout()
        first.setSpacing(theme.GAP_M)
        first.addWidget(self.choose)
        first.addWidget(self._where, 1)
        first.addWidget(self.get)
        first.addWidget(self.cancel)
        below = QVBoxLayout()
        below.setSpacing(theme.GAP_S)
        # Under the name, not under the circle before it.
        below.setContentsMargins(theme.GAP_L + 4, 0, 0, 0)
        below.addWidget(label(about, role="soft", wrap=True))
        below.addWidget(self._bar)
        below.addWidget(self._said)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(first)
        column.addLayout(below)
        self.show_download("", 0.0, others=False)

    def show_download(self, said: str, fraction: float, *, others: bool) -> None:
        """Show how far it is, ``""`` if it is not under way; ``others``: something is."""
        had_focus = self.has_focus()
        under_way = bool(said)
        self.get.setVisible(self._offered and not under_way)
        self.get.setEnabled(not others)
        self.cancel.setVisible(under_way)
        self._bar.setVisible(under_way)
        self._bar.setValue(round(fraction * 1000))
        self._said.setVisible(under_way)
        self._said.setText(said)
        if had_focus and under_way:
            self.cancel.setFocus()

    def tell_damage(self) -> None:
        """Offer to fetch it again."""
        self._offered = True
        self._where.setText(_DAMAGED)
        self.choose.setAccessibleDescription(f"{self._about}. {_DAMAGED}")

    def has_focus(self) -> bool:
        """Whether the keyboard is here."""
        return any(one.hasFocus() for one in self.keys)

    def take_focus(self) -> None:
        """Have the keyboard."""
        (self.choose if self._ready else self.get).setFocus(Qt.FocusReason.OtherFocusReason)


def _where(model: Model) -> str:
    from runthrough.transcription.models import Source

    if model.damaged:
        return _DAMAGED
    if model.source is Source.FOLDER or (model.ready and not model.verifiable):
        return f"unverified: {model.folder}"
    return {
        Source.BUNDLED: "comes with the program",
        Source.FOUND: "on this computer",
    }.get(model.source, "not downloaded")


def _licence(model: Model) -> str:
    return f"{model.licence} licence" if model.licence != "unknown" else "licence unknown"
