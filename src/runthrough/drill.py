"""What a speaker does to practise: hear a question, answer aloud or in writing, be asked on.

Like ``rehearsal`` this knows no window. An answer is on disk before it is judged.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from runthrough import analysis
from runthrough.errors import (
    AudioDeviceError,
    Cancelled,
    ModelError,
    RecognitionError,
    RunthroughError,
)
from runthrough.practice.about_talk import questions_about
from runthrough.practice.bank import ABOUT_TALK, DOMAINS, load_questions
from runthrough.practice.follow_ups import FollowUp, combined, follow_up
from runthrough.practice.judging import judge_answer
from runthrough.practice.schedule import due_at, is_due, rating_of
from runthrough.talk import Asked, PracticeAnswer, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from runthrough.audio.recorder import Level, Recorder
    from runthrough.library import Library
    from runthrough.practice.bank import Question
    from runthrough.talk import AnswerVerdict, Report
    from runthrough.transcription.recognizer import Following, OnWords, Recognizer

TAIL_S = 0.3
_LOOK_S = 0.1


class Drill(StrEnum):
    """What is practised."""

    DUE = "due"
    LIMITATIONS = "limitations"
    TALK = "talk"
    MIXED = "mixed"


DRILL_TITLES = {
    Drill.DUE: "Due today",
    Drill.LIMITATIONS: "Limitations drill",
    Drill.TALK: "This talk",
    Drill.MIXED: "Mixed drill",
}
# How long a drill is meant to take; questions are chosen to fill it.
DRILL_S = {Drill.LIMITATIONS: 300.0, Drill.TALK: 600.0, Drill.MIXED: 900.0, Drill.DUE: 900.0}
# Beside its answer a question takes time to think, to read the verdict and to be asked on.
_AROUND_S = 45.0


def choose(
    drill: Drill,
    bank: Mapping[str, Question],
    answers: Sequence[PracticeAnswer],
    now: datetime,
    report: Report | None = None,
) -> list[Question]:
    """The questions of ``drill``, in the order in which they are asked.

    ``report`` is that of the talk that is practised, for ``Drill.TALK``.
    """
    due = due_at(answers)
    asked = {a.question_id for a in answers}
    if drill is Drill.TALK:
        return _fitting(questions_about(report) if report else [], DRILL_S[drill])
    if drill is Drill.DUE:
        known = [q for q in bank.values() if q.id in due and is_due(due[q.id], now)]
        known.sort(key=lambda q: due[q.id])
        return known or _new(bank, asked)[: len(DOMAINS)]
    if drill is Drill.LIMITATIONS:
        of = [q for q in bank.values() if q.domain == "limitations"]
        # The one question every interview has comes first, then what was longest not answered.
        of.sort(key=lambda q: (q.id != "limitations", q.id in asked, due.get(q.id, now)))
        return _fitting(of, DRILL_S[drill])
    late = sorted((q for q in bank.values() if q.id in due), key=lambda q: due[q.id])
    return _fitting([*_new(bank, asked), *late], DRILL_S[drill])


def _new(bank: Mapping[str, Question], asked: set[str]) -> list[Question]:
    """Questions never answered, one of each domain in turn."""
    by_domain = [
        [q for q in bank.values() if q.domain == domain and q.id not in asked] for domain in DOMAINS
    ]
    longest = max((len(of) for of in by_domain), default=0)
    return [of[turn] for turn in range(longest) for of in by_domain if turn < len(of)]


def _fitting(questions: Sequence[Question], seconds: float) -> list[Question]:
    chosen: list[Question] = []
    for question in questions:
        seconds -= question.seconds + _AROUND_S
        if seconds < 0 and chosen:
            break
        chosen.append(question)
    return chosen


def kept_answers(library: Library) -> list[tuple[Question, Asked]]:
    """The spoken answers that were not judged, newest first, where their questions still are."""
    unjudged = library.unjudged()
    bank = load_questions(library.root / "questions")[0] if unjudged else {}
    found = []
    for asked in unjudged:
        question = bank.get(asked.question_id)
        if question is None and asked.take_id:
            with contextlib.suppress(RunthroughError):  # the talk's own page tells of the damage
                report = library.folder(asked.take_id).report()
                about = {q.id: q for q in questions_about(report)} if report else {}
                question = about.get(asked.question_id)
        if question is not None:
            found.append((question, asked))
    return found


class Round:
    """One question, its answers, and the follow-ups, at most three deep.

    ``open``, then ``begin`` and ``finish`` for each spoken answer, or ``write`` for a typed one,
    or ``take_up`` and ``finish`` for one that was spoken earlier;
    ``ask_on`` goes to the follow-up, ``again`` back to the question. ``open``, ``finish`` and
    ``write`` take a moment and belong off the window's thread.
    """

    def __init__(
        self, library: Library, question: Question, *, take_id: str = "", microphone: str = ""
    ) -> None:
        self.question = question
        self.asked = question.text
        self.answers: list[PracticeAnswer] = []
        self._library = library
        self._take_id = take_id
        self._microphone = microphone
        self._followed: list[str] = []
        self._at = datetime.now().astimezone()  # when the answer was begun
        self._recorder: Recorder | None = None
        self._folder: Path | None = None
        self._spoken: tuple[Path, float] | None = None  # what is recorded whole, and its seconds
        self._following: Following | None = None

    def keep_in(self, library: Library) -> None:
        """Keep what follows in ``library``, where the answers so far may have been moved to."""
        self._library = library

    # --- speaking ----------------------------------------------------------------------------

    def open(self) -> None:
        """Open the microphone. Raises ``AudioDeviceError`` if there is none."""
        from runthrough.audio.recorder import Recorder

        recorder = Recorder(self._microphone or None)
        recorder.open()
        self._recorder = recorder

    @property
    def is_open(self) -> bool:
        """Whether an answer can be spoken now."""
        return self._recorder is not None

    @property
    def level(self) -> Level | None:
        """How loud the microphone is now, ``None`` before it is open."""
        return self._recorder.level if self._recorder else None

    @property
    def position_s(self) -> float:
        """Seconds of the answer recorded so far."""
        return self._recorder.position_s if self._recorder else 0.0

    @property
    def sound(self) -> Path | None:
        """Where the answer that is being spoken is kept."""
        return self._folder / "audio.wav" if self._folder is not None else None

    @property
    def is_followed(self) -> bool:
        """Whether the answer is transcribed while it is spoken."""
        return self._following is not None

    @property
    def failure(self) -> Exception | None:
        """Why recording stopped by itself, ``None`` while all is well."""
        return self._recorder.failure if self._recorder else None

    def begin(
        self,
        recognizer: Recognizer | None = None,
        *,
        hotwords: str = "",
        on_words: OnWords | None = None,
        on_tentative: OnWords | None = None,
    ) -> None:
        """Record an answer. With a ``recognizer`` it is transcribed while it is spoken.

        Raises ``AudioDeviceError`` or ``LibraryError`` and leaves nothing behind when recording
        can't start.
        """
        if self._recorder is None:
            raise AudioDeviceError("The microphone is not open. Choose one and try again.")
        folder = self._library.new_answer_folder()
        self._at = datetime.now().astimezone()
        try:
            self._library.save_asked(
                Asked(
                    id=folder.name,
                    question_id=self.question.id,
                    asked=self.asked,
                    at=self._at,
                    round_id=self._round_id(folder.name),
                    followed=tuple(self._followed),
                    take_id=self._take_id,
                )
            )
            self._recorder.start(folder / "audio.wav")
        except BaseException:
            self._library.forget_answer(folder.name)
            raise
        self._folder = folder
        if recognizer is not None and not recognizer.busy:
            self._following = recognizer.follow(
                folder / "audio.wav",
                on_words=on_words,
                on_tentative=on_tentative,
                hotwords=hotwords,
            )

    def take_up(self, kept: Asked) -> None:
        """Be where the answer ``kept`` was spoken, so that ``finish`` judges it.

        Raises ``AudioInputError`` if its sound can't be read.
        """
        from runthrough.audio.wav import duration_s

        sound = self._library.answer_sound(kept.id)
        self._spoken = sound.parent, duration_s(sound)
        self._at, self._take_id = kept.at, kept.take_id
        self.asked, self._followed = kept.asked, list(kept.followed)
        self.answers = [a for a in self._library.answers() if a.round_id == kept.round_id]

    def end(self) -> None:
        """End the recording of an answer; its sound is kept whatever comes."""
        self._recorded()

    def _recorded(self) -> tuple[Path, float]:
        """The folder of the answer that was spoken, recorded to its end, and its seconds."""
        if self._recorder is not None and self._folder is not None:
            self._spoken = self._folder, self._recorder.finish(tail_s=TAIL_S)
            self._recorder, self._folder = None, None
        if self._spoken is None:
            raise RuntimeError("begin() comes first")
        return self._spoken

    def finish(
        self, recognizer: Recognizer, *, cancelled: Callable[[], bool] | None = None
    ) -> PracticeAnswer:
        """End the answer, transcribe what is left of it and judge it.

        Raises ``RecognitionError`` or ``ModelError`` with the sound kept.
        """
        (folder, duration_s), self._spoken = self._recorded(), None
        following, self._following = self._following, None
        recognition = None
        if following is not None:
            following.finish()
            while recognition is None:
                try:
                    recognition = following.result(_LOOK_S)
                except TimeoutError:
                    if cancelled is not None and cancelled():
                        following.cancel()
                except (Cancelled, RecognitionError, ModelError):
                    if cancelled is not None and cancelled():
                        raise
                    break  # it costs time now, not words
        if recognition is None:
            recognition = recognizer.transcribe(folder / "audio.wav", cancelled=cancelled)
        transcript = analysis.transcript_of_words(
            recognition.words,
            duration_s=duration_s,
            language=recognition.language,
            model=recognition.model,
        )
        return self._keep(folder.name, transcript, duration_s, has_sound=True)

    def write(self, text: str) -> PracticeAnswer:
        """Judge a typed answer."""
        self._at = datetime.now().astimezone()
        transcript = analysis.transcript_of_sentences(analysis.split_text(text))
        return self._keep(self._library.new_answer_folder().name, transcript, 0.0, has_sound=False)

    def stop(self) -> None:
        """Let go of the microphone; an answer that is being spoken is kept, and not judged."""
        if self._following is not None:
            self._following.cancel()
            self._following = None
        if self._folder is not None:
            (folder, duration_s), self._spoken = self._recorded(), None
            if duration_s <= 0:
                self._library.forget_answer(folder.name)
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None

    # --- asking on ---------------------------------------------------------------------------

    @property
    def depth(self) -> int:
        """How many follow-ups were asked."""
        return len(self._followed)

    @property
    def verdict(self) -> AnswerVerdict | None:
        """What was heard in the whole round; ``None`` before the first answer."""
        verdicts = [a.verdict for a in self.answers]
        return combined(self.question, verdicts) if verdicts else None

    def next_question(self) -> FollowUp | None:
        """What an interviewer would ask now, ``None`` if nothing is left open."""
        return follow_up(self.question, [a.verdict for a in self.answers], self._followed)

    def ask_on(self) -> bool:
        """Go to the follow-up; false if there is none."""
        found = self.next_question()
        if found is None:
            return False
        self._followed.append(found.id)
        self.asked = found.text
        return True

    def again(self) -> None:
        """Ask the first question once more, as if for the first time."""
        self.answers, self._followed = [], []
        self.asked = self.question.text

    def rate(self, rating: int) -> None:
        """How well it went in the speaker's own view; the schedule follows it."""
        if self.answers:
            self.answers[0] = replace(self.answers[0], rating=rating)
            self._library.save_answer(self.answers[0])

    def _round_id(self, answer_id: str) -> str:
        return self.answers[0].id if self.answers else answer_id

    def _keep(
        self, answer_id: str, transcript: Transcript, duration_s: float, *, has_sound: bool
    ) -> PracticeAnswer:
        before = [s for a in self.answers for s in analysis.split_text(a.transcript)]
        verdict = judge_answer(self.question, transcript, before)
        answer = PracticeAnswer(
            id=answer_id,
            # Questions about one talk are practised by what they ask for, whichever the talk.
            question_id=self.question.id,
            domain=self.question.domain,
            asked=self.asked,
            at=self._at,
            transcript=" ".join(s.text for s in transcript.sentences),
            duration_s=duration_s,
            verdict=verdict,
            round_id=self._round_id(answer_id),
            depth=self.depth,
            take_id=self._take_id if self.question.domain == ABOUT_TALK else "",
            rating=0 if self.answers else rating_of(verdict.score),
            has_sound=has_sound,
        )
        self._library.save_answer(answer)
        self.answers.append(answer)
        return answer
