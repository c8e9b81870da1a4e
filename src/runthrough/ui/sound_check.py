"""Is the microphone heard, and is anything heard from the loudspeaker? Tried, not guessed."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QWidget

from runthrough.errors import RunthroughError
from runthrough.ui import background, theme
from runthrough.ui.widgets.basics import button, caption, form, label
from runthrough.ui.widgets.level_meter import SILENT, LevelMeter, SoundWatch
from runthrough.ui.widgets.rehearsal_parts import Notice
from runthrough.ui.widgets.setup import Choice, offer_devices

if TYPE_CHECKING:
    from runthrough.audio.player import Player
    from runthrough.audio.recorder import Recorder
    from runthrough.ui.session import Session

_TICK_MS = 50
# A sentence takes about this long.
RECORD_S = 4
_SILENCE_S = 4.0


class _State(Enum):
    AWAY = auto()
    OPENING = auto()
    LISTENING = auto()
    BROKEN = auto()
    RECORDING = auto()
    PLAYING = auto()


class SoundCheck(QWidget):
    """Microphone with its level and a try at being heard; loudspeaker with a test sound.

    ``arrive`` opens the microphone, ``leave`` lets go of it. Nothing that is recorded here stays.
    """

    def __init__(self, session: Session, *, speaker: bool = True) -> None:
        super().__init__()
        self._session = session
        self._state = _State.AWAY
        self._recorder: Recorder | None = None
        self._player: Player | None = None
        self._ended: list[Exception | None] = []  # filled on the sound system's thread
        self._watch = SoundWatch(_SILENCE_S, SILENT)
        self._clock = QElapsedTimer()
        self._folder = tempfile.TemporaryDirectory(prefix="runthrough-check-")
        self._count = 0
        # What touches the sound card happens in the order in which it was asked for.
        self._pool = ThreadPoolExecutor(1, "runthrough-sound-check")
        self._ticker = QTimer(self)
        self._ticker.setInterval(_TICK_MS)
        self._ticker.timeout.connect(self._tick)
        self._build(speaker=speaker)

    # --- what the page asks --------------------------------------------------------------------

    def arrive(self) -> None:
        """Be shown."""
        if self._state is _State.AWAY:
            self._open()

    def leave(self) -> None:
        """Another page is shown."""
        self._stop()
        self._enter(_State.AWAY)

    def close_down(self) -> None:
        """End for good."""
        self.leave()
        self._pool.shutdown()
        self._folder.cleanup()

    # --- microphone ----------------------------------------------------------------------------

    def _open(self) -> None:
        """Read the list of devices anew, which shows a new one only while none is open."""
        self._stop()
        self._enter(_State.OPENING)
        from runthrough.audio.recorder import Recorder

        recorder = Recorder(self._session.settings.microphone or None)
        self._recorder = recorder

        def work(_task: background.Task) -> tuple[list[str], list[str], Exception | None]:
            from runthrough.audio.devices import input_devices, output_devices

            inputs: list[str] = []
            outputs: list[str] = []
            try:
                inputs = [device.name for device in input_devices()]
                outputs = [device.name for device in output_devices()]
                recorder.open()
            except RunthroughError as error:
                return inputs, outputs, error
            return inputs, outputs, None

        def opened(outcome: tuple[list[str], list[str], Exception | None]) -> None:
            inputs, outputs, problem = outcome
            settings = self._session.settings
            offer_devices(self.microphone, inputs, settings.microphone)
            offer_devices(self.speaker, outputs, settings.speaker)
            if recorder is not self._recorder:
                return
            if problem is not None:
                self._broken(problem)
                return
            self._watch = SoundWatch(_SILENCE_S, SILENT)
            self._clock.start()
            self._enter(_State.LISTENING)

        def failed(error: Exception) -> None:
            self._broken(error) if recorder is self._recorder else background.raise_defect(error)

        background.run(self, work, done=opened, failed=failed, pool=self._pool)

    def _broken(self, error: Exception) -> None:
        self._stop()
        self._enter(_State.BROKEN)
        self._notice.say(background.sentence(error))
        background.raise_defect(error)

    def _stop(self) -> None:
        """Let go of the microphone and the loudspeaker."""
        recorder, self._recorder = self._recorder, None
        player, self._player = self._player, None
        if player is not None:
            player.close()
        if recorder is not None:
            background.run(
                self,
                lambda _task: recorder.close(),
                done=lambda _: None,
                failed=background.to_crash_hook,
                pool=self._pool,
            )

    def _chosen(self, setting: str, combo: Choice) -> None:
        name = combo.currentData() or ""
        if name != getattr(self._session.settings, setting):
            self._session.change_settings(**{setting: name})
            if setting == "microphone":
                self._open()

    # --- trying it -----------------------------------------------------------------------------

    def _try(self) -> None:
        """Record a sentence and play it, or stop doing so."""
        recorder = self._recorder
        if self._state is not _State.LISTENING or recorder is None:
            self._open()
            return
        try:
            recorder.start(self._new_file())
        except RunthroughError as error:
            self._broken(error)
            return
        self._enter(_State.RECORDING)

    def _new_file(self) -> Path:
        self._count += 1
        return self._file()

    def _file(self) -> Path:
        return Path(self._folder.name) / f"{self._count}.wav"

    def _hear_back(self) -> None:
        recorder, path = self._recorder, self._file()
        if recorder is None:
            return

        def work(_task: background.Task) -> None:
            recorder.finish(0.0)
            if recorder.failure is not None:
                raise recorder.failure

        self._enter(_State.PLAYING)
        background.run(
            self,
            work,
            done=lambda _: self._play(path),
            failed=self._broken,
            pool=self._pool,
        )

    def _test_speaker(self) -> None:
        from runthrough.audio.chime import write_chime

        self._stop()
        self._enter(_State.PLAYING)
        path = self._new_file()
        try:
            write_chime(path)
        except OSError as error:
            self._enter(_State.BROKEN)
            self._notice.say(f"There is no room for a test sound ({error.strerror}).")
            return
        self._play(path)

    def _play(self, path: Path) -> None:
        from runthrough.audio.player import Player

        if self._state is not _State.PLAYING:
            return
        self._ended.clear()
        try:
            self._player = Player(
                path, device=self._session.settings.speaker or None, on_end=self._ended.append
            )
            self._player.play()
        except RunthroughError as error:
            self._broken(error)

    # --- what is shown -------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._state is _State.PLAYING:
            if self._ended:
                problem = self._ended[0]
                self._open() if problem is None else self._broken(problem)
            return
        recorder = self._recorder
        if recorder is None:
            return
        if recorder.failure is not None:
            self._broken(recorder.failure)
            return
        self.level.feed(recorder.level)
        if self._state is _State.LISTENING:
            self._notice.say(self._watch.feed(recorder.level, self._clock.elapsed() / 1000))
        elif self._state is _State.RECORDING:
            left_s = max(0, RECORD_S - int(recorder.position_s))
            self._say(f"Say a sentence… {left_s}")
            if recorder.position_s >= RECORD_S:
                self._hear_back()

    def _enter(self, state: _State) -> None:
        self._state = state
        if state in (_State.LISTENING, _State.RECORDING, _State.PLAYING):
            self._ticker.start()
        else:
            self._ticker.stop()
            self.level.clear()
        self._notice.say("")
        said = {
            _State.OPENING: "Opening the microphone…",
            _State.LISTENING: "Say a few words: the bar should move.",
            _State.RECORDING: f"Say a sentence… {RECORD_S}",
            _State.PLAYING: "Playing: can you hear it?",
        }
        self._say(said.get(state, ""))
        text = {
            _State.BROKEN: "Try again",
            _State.RECORDING: "Stop",
            _State.PLAYING: "Stop",
        }.get(state, "Record and hear back")
        self.again.setText(text)
        self.again.setAccessibleName(
            text if state is _State.LISTENING else f"{text}: microphone test"
        )
        self.again.setEnabled(state is not _State.OPENING)
        self.test.setEnabled(state not in (_State.RECORDING, _State.PLAYING, _State.OPENING))

    def _say(self, text: str) -> None:
        if self._said.text() != text:
            self._said.setText(text)

    def _build(self, *, speaker: bool) -> None:
        self.microphone = Choice("Microphone")
        self.speaker = Choice("Loudspeaker")
        settings = self._session.settings
        offer_devices(self.microphone, [], settings.microphone)
        offer_devices(self.speaker, [], settings.speaker)
        self.microphone.activated.connect(lambda: self._chosen("microphone", self.microphone))
        self.speaker.activated.connect(lambda: self._chosen("speaker", self.speaker))
        self.level = LevelMeter(width=240, height=12)
        self._said = label(role="soft", wrap=True)
        self.again = button("Record and hear back")
        self.again.clicked.connect(self._try)
        self.test = button("Play a test sound")
        self.test.clicked.connect(self._test_speaker)
        self._notice = Notice()
        rows: QFormLayout = form(self)
        rows.addRow(caption("Microphone", self.microphone), self.microphone)
        level = QHBoxLayout()
        level.addStrut(self.fontMetrics().height())  # so that it stands beside its name
        level.addWidget(self.level)
        rows.addRow(caption("Level", self.level), level)
        trying = QHBoxLayout()
        trying.setSpacing(theme.GAP_M)
        trying.addWidget(self.again)
        trying.addWidget(self._said, 1)
        rows.addRow("", trying)
        rows.addRow(self._notice)
        for part in (self.speaker, self.test):
            part.setVisible(speaker)
        if speaker:
            testing = QHBoxLayout()
            testing.addWidget(self.test)
            testing.addStretch(1)
            rows.addRow(caption("Loudspeaker", self.speaker), self.speaker)
            rows.addRow("", testing)
        self._enter(_State.AWAY)
