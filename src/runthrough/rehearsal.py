"""What a speaker does with the program: record a talk or bring a recording, and get the review.

This module owns the promise that the take is safe on disk before anything clever runs. It knows
no window and no terminal; both drive it, and both hear of progress through plain callbacks.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from runthrough import analysis
from runthrough.clock import SectionClock
from runthrough.errors import (
    AudioDeviceError,
    AudioInputError,
    Cancelled,
    LibraryError,
    ModelError,
    RecognitionError,
    RunthroughError,
    SlidesError,
)
from runthrough.formats import DEFAULT_FORMAT, find_format
from runthrough.interruptions import asked_event, with_interruptions
from runthrough.slides import SlideFile
from runthrough.talk import (
    Corrections,
    Event,
    EventKind,
    Report,
    Take,
    TakeState,
    Talk,
    TalkFormat,
    Word,
    gap_event,
    minutes,
    missing_sound,
    whole_text,
)
from runthrough.vocabulary import hotwords

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from filelock import BaseFileLock

    from runthrough.audio.listening import Listening
    from runthrough.audio.recorder import Gap, Level, Recorder
    from runthrough.library import Library, TakeFolder
    from runthrough.practice.bank import Question
    from runthrough.transcription.recognizer import (
        Following,
        OnWords,
        Recognition,
        Recognizer,
    )

# (what is being done, how much of it: 0..1)
Progress = Callable[[str, float], None]

# What was being said when Finish is pressed still has to reach the file.
TAIL_S = 0.5
_LOOK_S = 0.1
# The speaker hears of a disk that gets full while there is still time to finish.
ROOM_WARNING_S = 600.0
# For how long it is told that sound was lost.
_TELL_GAP_S = 20.0


class Phase(StrEnum):
    """Where a rehearsal stands."""

    READY = "ready"
    COUNTING_IN = "counting in"
    RECORDING = "recording"
    PAUSED = "paused"
    SAVED = "saved"
    REVIEWED = "reviewed"
    DISCARDED = "discarded"


class Rehearsal:
    """One run through a talk, from an open microphone to a reviewed take.

    ``ready → counting in → recording ⇄ paused → saved → reviewed``. ``open``, ``finish`` and
    ``review`` take a moment and belong off the window's thread; the rest returns at once.
    """

    def __init__(
        self, library: Library, talk: Talk, fmt: TalkFormat, *, microphone: str = ""
    ) -> None:
        self.talk = talk
        self.format = fmt
        self.phase = Phase.READY
        self.clock = SectionClock(fmt)
        self.take: Take | None = None
        self._library = library
        self._microphone = microphone
        self._recorder: Recorder | None = None
        self._folder: TakeFolder | None = None
        self._lock: BaseFileLock | None = None
        self._following: Following | None = None
        self._listening: Listening | None = None
        self._gaps_noted = 0
        self._slide_sections: tuple[str, ...] = ()
        self.slide = 0  # the number of the slide that is shown, from 1; 0 where there are none
        self._heard = 0.0  # share of the recorded sound that is transcribed
        # Words come on the recogniser's thread; the review asks for them on its own.
        self._words_lock = threading.Lock()
        self._words: list[Word] = []
        self._on_review_words: Callable[[Sequence[Word]], None] | None = None

    def open(self) -> None:
        """Open the microphone, so that its level shows before anything is recorded.

        Raises ``AudioDeviceError`` if there is none.
        """
        from runthrough.audio.recorder import Recorder

        recorder = Recorder(self._microphone or None)
        recorder.open()
        self._recorder = recorder

    def prepare(self, talk: Talk, fmt: TalkFormat) -> None:
        """Rehearse another talk or to another format; the open microphone stays open."""
        self._expect(Phase.READY)
        self.talk, self.format, self.clock = talk, fmt, SectionClock(fmt)
        self.use_slides(())

    def use_slides(self, sections: Sequence[str]) -> None:
        """Talk with slides: ``sections`` has the section id of each. May come late in the take."""
        had = len(self._slide_sections)
        self._slide_sections = tuple(sections)
        if len(sections) != had:
            self.slide = min(max(self.slide, 1), len(sections))
            if self.slide and self.phase in (Phase.RECORDING, Phase.PAUSED):
                self._note(EventKind.SLIDE, str(self.slide))

    def count_in(self) -> None:
        """Note that the count-in runs; ``begin`` ends it."""
        self._expect(Phase.READY)
        self.phase = Phase.COUNTING_IN

    def stop_count_in(self) -> None:
        """Be ready again instead of beginning."""
        self._expect(Phase.COUNTING_IN)
        self.phase = Phase.READY

    def begin(
        self,
        recognizer: Recognizer | None = None,
        *,
        longest_s: float | None = None,
        hotwords: str = "",
        on_words: OnWords | None = None,
        on_tentative: OnWords | None = None,
    ) -> None:
        """Record. With a ``recognizer`` the take is transcribed while it is being spoken.

        The take gets no longer than ``longest_s``, but does not end by itself. ``hotwords`` and
        the callbacks are those of ``Recognizer.follow``.

        Raises ``AudioDeviceError`` or ``LibraryError`` and leaves no take behind when recording
        can't start.
        """
        self._expect(Phase.READY, Phase.COUNTING_IN)
        if self._recorder is None:
            raise AudioDeviceError("The microphone is not open. Choose one and try again.")
        self._folder, self._lock = self._library.begin_take(self.talk, self.format)
        try:
            self.take = self._folder.take()
            self._recorder.start(self._folder.audio, longest_s=longest_s)
        except BaseException:
            self._lock.release()
            self._library.forget_take(self._folder.path.name)
            self._lock, self._folder, self.take = None, None, None
            raise
        self.phase = Phase.RECORDING
        self._note(EventKind.SECTION, self.format.sections[0].id)
        if self.slide:
            self._note(EventKind.SLIDE, str(self.slide))

        from runthrough.audio.listening import Listening

        listening = self._listening = Listening(self._folder.audio)

        def hear(words: tuple[Word, ...]) -> None:
            # What can't be read now is read for the review, or told there.
            with contextlib.suppress(AudioInputError):
                listening.catch_up()
            with self._words_lock:
                self._words += words
                review, so_far = self._on_review_words, tuple(self._words)
            for told in (on_words, review):
                if told is not None:
                    told(words)
            # What fails here fails in the review again, and is told there.
            with contextlib.suppress(Exception):
                analysis.read_ahead(so_far)

        # One that still works on an earlier take leaves this one to the review.
        if recognizer is not None and not recognizer.busy:
            self._following = recognizer.follow(
                self._folder.audio,
                on_progress=self._hear,
                on_words=hear,
                on_tentative=on_tentative,
                hotwords=hotwords,
            )

    @property
    def position_s(self) -> float:
        """Seconds of sound recorded so far; stands still in a pause."""
        return self._recorder.position_s if self._recorder else 0.0

    @property
    def level(self) -> Level | None:
        """How loud the microphone is now, ``None`` before it is open."""
        return self._recorder.level if self._recorder else None

    @property
    def is_followed(self) -> bool:
        """Whether the take is being transcribed while it is spoken."""
        return self._following is not None and not self._following.failed

    @property
    def failure(self) -> Exception | None:
        """Why recording stopped by itself, ``None`` while all is well."""
        return self._recorder.failure if self._recorder else None

    def warning(self) -> str:
        """One sentence on what threatens the recording now, or ``""``.

        Ask it again and again in a take: it also notes where sound was lost.
        """
        recorder = self._recorder
        if recorder is None or self.phase not in (Phase.RECORDING, Phase.PAUSED):
            return ""
        self._note_gaps()
        if recorder.is_lost:
            return (
                f"The microphone “{recorder.microphone}” is gone. Plug it or another in: "
                "the take goes on by itself."
            )
        gaps = recorder.gaps
        if gaps and self.position_s < gaps[-1].at_s + gaps[-1].lost_s + _TELL_GAP_S:
            return f"{missing_sound(gaps[-1].lost_s)}: {gaps[-1].why}. The take goes on."
        room_s = recorder.room_s
        if room_s is not None and room_s < ROOM_WARNING_S:
            return (
                f"The disk is nearly full: room for {int(room_s // 60)} more minutes of sound. "
                "Free some space, or finish soon."
            )
        return ""

    def _note_gaps(self) -> None:
        recorder, folder = self._recorder_now(), self._folder_now()
        for gap in recorder.gaps[self._gaps_noted :]:
            self._gaps_noted += 1
            with contextlib.suppress(OSError):  # as in _note
                folder.add_event(gap_event(gap.at_s, gap.lost_s, gap.why))

    def go_to(self, index: int) -> bool:
        """Enter section ``index``; false if it is the current one or there is none.

        With slides its first one is shown, if it has any and none of them is shown already.
        """
        if not self._enter(index):
            return False
        section = self.format.sections[index].id
        if self._section_of(self.slide) != section and section in self._slide_sections:
            self._turn_to(self._slide_sections.index(section) + 1)
        return True

    def show_slide(self, number: int) -> bool:
        """Turn to slide ``number``, and to its section where that is another than the last one's.

        False if it is shown already or there is none.
        """
        if self.phase not in (Phase.RECORDING, Phase.PAUSED):
            return False
        before = self._section_of(self.slide)
        if number == self.slide or not 1 <= number <= len(self._slide_sections):
            return False
        self._turn_to(number)
        section = self._section_of(number)
        if section != before or self._current_id() not in self._slide_sections:
            self._enter(self._index_of(section))
        return True

    def next(self) -> bool:
        """Turn to the next slide, or enter the next section; false at the end."""
        return self.show_slide(self.slide + 1) or self._enter(self._after_slides())

    def back(self) -> bool:
        """Return to the slide before, or to the section before; false at the beginning."""
        if not self._slide_sections:
            return self._enter(self.clock.current - 1)
        if self._current_id() not in self._slide_sections:
            return self._enter(self._index_of(self._section_of(self.slide)))
        return self.show_slide(self.slide - 1)

    @property
    def is_interrupted(self) -> bool:
        """Whether an interviewer has asked something that is not answered yet."""
        return self.clock.held

    def interrupt(self, question: Question) -> bool:
        """Break in with ``question``: the talk's time goes on, its section's does not."""
        if self.phase is not Phase.RECORDING or self.clock.held:
            return False
        event = asked_event(self.position_s, question)
        self.clock.hold(event.at_s)
        self._note(event.kind, event.value)
        return True

    def return_to_talk(self) -> bool:
        """The question is answered; the talk goes on where it was."""
        if self.phase not in (Phase.RECORDING, Phase.PAUSED) or not self.clock.held:
            return False
        self.clock.go_on(self.position_s)
        self._note(EventKind.ANSWERED)
        return True

    def mark(self) -> None:
        """Mark this moment, to be found again in the review."""
        if self.phase in (Phase.RECORDING, Phase.PAUSED):
            self._note(EventKind.MARK)

    def _after_slides(self) -> int:
        """The section after the current one; with slides, the next that has none of its own."""
        index = self.clock.current + 1
        while (
            self._slide_sections
            and index < len(self.format.sections)
            and self.format.sections[index].id in self._slide_sections
        ):
            index += 1
        return index

    def _enter(self, index: int) -> bool:
        if self.phase not in (Phase.RECORDING, Phase.PAUSED):
            return False
        if not self.clock.go(index, self.position_s):
            return False
        self._note(EventKind.SECTION, self.format.sections[index].id)
        return True

    def _turn_to(self, number: int) -> None:
        self.slide = number
        self._note(EventKind.SLIDE, str(number))

    def _section_of(self, slide: int) -> str:
        return self._slide_sections[slide - 1] if slide else ""

    def _index_of(self, section_id: str) -> int:
        return next(i for i, s in enumerate(self.format.sections) if s.id == section_id)

    def _current_id(self) -> str:
        return self.format.sections[self.clock.current].id

    def pause(self) -> None:
        """Stop writing sound, and with it all timers."""
        self._expect(Phase.RECORDING)
        self._recorder_now().pause()
        self.phase = Phase.PAUSED
        self._note(EventKind.PAUSE)

    def resume(self) -> None:
        """Go on after a pause."""
        self._expect(Phase.PAUSED)
        self._note(EventKind.RESUME)
        self._recorder_now().resume()
        self.phase = Phase.RECORDING

    def finish(self) -> Take:
        """End the take, keeping the last half second. It is safe on disk when this returns.

        Raises ``LibraryError`` if that it is over can't be written; its sound is safe even then.
        """
        self._expect(Phase.RECORDING, Phase.PAUSED)
        recorder, folder = self._recorder_now(), self._folder_now()
        duration_s = recorder.finish(tail_s=0.0 if self.phase is Phase.PAUSED else TAIL_S)
        if self._following is not None:
            self._following.finish()  # whenever the review comes, others wait for the recogniser
        self._note_gaps()
        problem = str(recorder.failure) if recorder.failure else _missing(recorder.gaps)
        self.take = replace(
            folder.take(),
            state=TakeState.SAVED,
            duration_s=duration_s,
            problem=problem,
            broke_off=recorder.failure is not None,
        )
        self._library.save_take(self.take)
        self._release()
        self.phase = Phase.SAVED
        return self.take

    def review(
        self,
        recognizer: Recognizer,
        *,
        progress: Progress | None = None,
        on_words: Callable[[Sequence[Word]], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Report:
        """Transcribe what is not transcribed yet, and judge the take.

        ``on_words`` gets the words heard during the talk first, then the others as they are heard;
        they begin at the start again if the recogniser has to. Raises what ``review_take`` does.
        """
        self._expect(Phase.SAVED)
        recognition = None
        if on_words is not None and self._following is not None:
            with self._words_lock:
                self._on_review_words = on_words
                known = tuple(self._words)
                if known:
                    on_words(known)
        # A recogniser that died during the talk costs time now, not words.
        with contextlib.suppress(RecognitionError, ModelError):
            try:
                recognition = self._what_was_followed(progress, cancelled)
            except Cancelled:
                self._folder_now().save_heard(self._words)
                raise
        report = review_take(
            self._library,
            self._folder_now().take().id,
            recognizer,
            recognition=recognition,
            listening=self._listening,
            progress=progress,
            on_words=on_words,
            cancelled=cancelled,
        )
        self.phase = Phase.REVIEWED
        return report

    def discard(self) -> None:
        """Stop and move what was recorded to the system's trash.

        Raises ``LibraryError`` if the trash doesn't take it.
        """
        if self._recorder is not None and self.phase in (Phase.RECORDING, Phase.PAUSED):
            self._recorder.finish(tail_s=0.0)
        self._release()
        self.stop_transcribing()
        self.phase = Phase.DISCARDED
        if self.take is not None:
            self._library.delete_take(self.take.id)

    def _what_was_followed(
        self, progress: Progress | None, cancelled: Callable[[], bool] | None
    ) -> Recognition | None:
        """What was recognised during the talk, after waiting for its last seconds."""
        following, self._following = self._following, None
        if following is None:
            return None
        while True:
            try:
                return following.result(_LOOK_S)
            except TimeoutError:
                if cancelled is not None and cancelled():
                    following.cancel()
                if progress is not None:
                    progress("Transcribing", self._heard)

    def _hear(self, done_s: float, total_s: float) -> None:
        self._heard = done_s / total_s if total_s > 0 else 0.0

    def stop_transcribing(self) -> None:
        """Give up what is transcribed so far, for a take that is not reviewed now."""
        if self._following is not None:
            self._following.cancel()
            self._following = None

    def close(self) -> None:
        """Let go of the microphone. A take that is still being recorded is finished and kept."""
        if self.phase in (Phase.RECORDING, Phase.PAUSED):
            self.finish()
        self._release()

    def _note(self, kind: EventKind, value: str = "") -> None:
        # A disk that takes no line must not end the talk: the recorder meets the same disk, keeps
        # what it can and says so in ``failure``.
        with contextlib.suppress(OSError):
            self._folder_now().add_event(Event(self.position_s, kind, value))

    def _release(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _expect(self, *phases: Phase) -> None:
        if self.phase not in phases:
            raise RuntimeError(f"not possible while {self.phase.value}")

    def _recorder_now(self) -> Recorder:
        assert self._recorder is not None  # noqa: S101 - follows from the phase
        return self._recorder

    def _folder_now(self) -> TakeFolder:
        assert self._folder is not None  # noqa: S101 - follows from the phase
        return self._folder


def import_recording(
    library: Library,
    source: Path,
    recognizer: Recognizer,
    *,
    talk_title: str | None = None,
    format_id: str | None = None,
    slides: Path | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Take, Report]:
    """Take a recording into the library, transcribe and review it.

    The talk is found by its title (the file's name if none is given) or made; ``slides`` become
    its slides, whose terms help the recogniser. Raises ``AudioInputError``, ``SlidesError`` or
    ``FormatError`` and leaves nothing behind when what is given can't be read; when recognition
    fails afterwards, the take stays and can be retried.
    """
    from runthrough.audio.decode import check, decode_to_wav

    title = talk_title or source.stem.replace("_", " ") or "Recording"
    known = library.talk_titled(title)
    wanted = format_id or (known.format_id if known else DEFAULT_FORMAT)
    fmt = find_format(wanted, library.root / "formats")
    check(source)  # before a talk is made for it
    if slides is not None:
        SlideFile(slides).close()
    talk = known or library.new_talk(title, fmt.id)
    fmt = talk.planned(fmt)
    take = None
    try:
        folder, lock = library.begin_take(talk, fmt, source=source.name)
        try:
            take = folder.take()
            decoded = decode_to_wav(
                source,
                folder.audio,
                progress=_fraction(progress, "Reading the recording"),
                cancelled=cancelled,
            )
            take = replace(
                take,
                state=TakeState.SAVED,
                duration_s=decoded.duration_s,
                problem=whole_text(decoded.warning),
                broke_off=decoded.broke_off,
            )
            library.save_take(take)
        finally:
            lock.release()
        if slides is not None:
            library.attach_slides(library.talk(talk.id), slides)  # as it is by now
    except BaseException:
        if take is not None:
            library.forget_take(take.id)
        if known is None:
            library.forget_talk(talk)
        raise
    report = review_take(library, take.id, recognizer, progress=progress, cancelled=cancelled)
    return library.take(take.id), report


def review_take(
    library: Library,
    take_id: str,
    recognizer: Recognizer,
    *,
    recognition: Recognition | None = None,
    listening: Listening | None = None,
    progress: Progress | None = None,
    on_words: Callable[[Sequence[Word]], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Report:
    """Transcribe a saved take, unless ``recognition`` is already there, and judge it.

    ``listening`` is what has listened to its sound already, up to somewhere.

    ``on_words`` gets the words as they are heard. Raises ``RecognitionError`` or ``ModelError``
    with the take marked as failed, unless it has a review from before, and its sound untouched, so
    that it can be tried again; ``Cancelled`` leaves it as it was. Either way what was heard by then
    is kept, to be read until then. ``LibraryError`` if the take is not complete yet.
    """
    folder = library.folder(take_id)
    take = folder.take()
    if take.state is TakeState.RECORDING:
        raise LibraryError(
            f"Take {take.number} is being recorded or imported. Finish it first, or choose "
            "another; `runthrough takes` lists them."
        )
    heard: list[Word] = []

    def hear(words: Sequence[Word]) -> None:
        if heard and words and words[0].start_s < heard[-1].start_s:
            heard.clear()  # the recogniser had to begin again
        heard.extend(words)
        if on_words is not None:
            on_words(words)

    try:
        if recognition is None:
            recognition = recognizer.transcribe(
                folder.audio,
                on_words=hear,
                on_progress=_stage(progress, "Transcribing"),
                cancelled=cancelled,
                hotwords=talk_hotwords(library, library.talk(take.talk_id)),
            )
    except Cancelled:
        folder.save_heard(heard)
        raise
    except RunthroughError as error:
        folder.save_heard(heard)
        if not folder.review_stamp():
            library.save_take(replace(take, state=TakeState.FAILED, problem=str(error)))
        raise
    heard_s = take.duration_s
    with contextlib.suppress(AudioInputError):
        from runthrough.audio.wav import duration_s

        there_s = duration_s(folder.audio)
        if take.duration_s <= 0:  # its sound could not be read when a crash had cut it off
            take = replace(take, duration_s=there_s)
        heard_s = min(take.duration_s, there_s)  # a file that lost its end is not judged as whole
    transcript = analysis.transcript_of_words(
        recognition.words,
        duration_s=heard_s,
        language=recognition.language,
        model=recognition.model,
    )
    if progress is not None:
        progress("Listening for fillers and pauses", 1.0)
    # Without it the review still stands; it then tells of words alone and says so.
    with contextlib.suppress(AudioInputError):
        from runthrough.audio.listening import Listening

        listening = listening or Listening(folder.audio)
        try:
            listening.catch_up(cancelled=cancelled)
        except Cancelled:
            folder.save_heard(recognition.words)
            raise
        transcript = replace(transcript, sound=listening.sound(transcript.words))
    folder.save_transcript(transcript)
    # What failed before has not failed now. What went wrong with the microphone was told when it
    # did, and missing sound is a finding; that a file could not be read whole stays told.
    over = take.state is TakeState.FAILED or take.source == "microphone"
    problem = "" if over else take.problem
    library.save_take(replace(take, state=TakeState.TRANSCRIBED, problem=problem))
    return rejudge(library, take_id)


def talk_hotwords(library: Library, talk: Talk) -> str:
    """The terms of a talk for the recogniser. Reads its slides: not for the window's thread."""
    texts: list[str] = []
    path = library.slides(talk)
    if path is not None:
        # Slides that can't be read are told where they are shown.
        with contextlib.suppress(SlidesError), SlideFile(path) as file:
            for slide in file.read().slides:
                texts += [slide.text, slide.note]
    return hotwords(talk.vocabulary, talk.title, talk.notes, texts)


def rejudge(library: Library, take_id: str) -> Report:
    """Judge a transcribed take (again), without listening to it again."""
    folder = library.folder(take_id)
    take = folder.take()
    transcript = folder.transcript()
    if transcript is None:
        raise LibraryError(f"Take {take.number} has no transcript yet. Transcribe it first.")
    talk = library.talk(take.talk_id)
    events = folder.events()
    whole = transcript.duration_s is None or not take.breaks_off(transcript.duration_s)
    judged = analysis.review(transcript, take.format, events, folder.corrections(), whole=whole)
    report = replace(
        with_interruptions(judged, transcript, events), take_id=take.id, talk_title=talk.title
    )
    library.save_report(take_id, report)
    return report


def correct_take(library: Library, take_id: str, corrections: Corrections) -> Report:
    """Keep what the speaker put right in a review, and judge the take anew with it."""
    library.folder(take_id).save_corrections(corrections)
    return rejudge(library, take_id)


def recover_interrupted(library: Library) -> list[Take]:
    """Make whole what a crash left in the middle, and return the takes that hold speech.

    A recording is repaired and becomes a saved take; a half-read import is removed, since its
    source still exists.
    """
    recovered, empty = [], []
    for interrupted, certain in library.interrupted_takes():
        take = replace(interrupted, broke_off=True)
        folder = library.folder(take.id)
        if take.source != "microphone" or not folder.audio.exists():
            if certain:
                empty.append(take.id)
            continue
        try:
            duration_s = _repaired(folder.audio)
        except AudioInputError as error:
            # Told where the take is looked at; the others are not to wait for it.
            library.save_take(replace(take, state=TakeState.FAILED, problem=str(error)))
            continue
        if duration_s <= 0:
            if certain:
                empty.append(take.id)
            continue
        saved = replace(take, state=TakeState.SAVED, duration_s=duration_s, recovered=True)
        library.save_take(saved)
        recovered.append(saved)
    for take_id in empty:  # no longer held: not every system removes a lock that is
        library.forget_take(take_id)
    return recovered


def _repaired(audio: Path) -> float:
    """Mend what was being recorded; its seconds. Raises ``AudioInputError`` if it can't be."""
    from runthrough.audio.wav import repair, write_header

    try:
        return repair(audio)
    except AudioInputError:
        return write_header(audio)  # nothing but the recorder wrote there, whatever stands now


def _missing(gaps: Sequence[Gap]) -> str:
    """Where sound was lost in a take, in a sentence; ``""`` if nowhere."""
    if not gaps:
        return ""
    places = ", ".join(f"{max(1, round(gap.lost_s))} s at {minutes(gap.at_s)}" for gap in gaps)
    return (
        f"Some sound is missing in this take ({places}): {gaps[-1].why}. Words spoken there were "
        "not heard."
    )


def _fraction(progress: Progress | None, stage: str) -> Callable[[float], None] | None:
    return None if progress is None else lambda fraction: progress(stage, fraction)


def _stage(progress: Progress | None, stage: str) -> Callable[[float, float], None] | None:
    if progress is None:
        return None
    return lambda done_s, total_s: progress(stage, done_s / total_s if total_s > 0 else 1.0)
