"""The practice page with real keys, the real recorder and the real judges; the card is made up."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QPushButton

from in_front import bring_to_front
from runthrough.analysis import review
from runthrough.drill import Drill, Round
from runthrough.errors import ModelError
from runthrough.practice.about_talk import questions_about
from runthrough.practice.bank import DOMAINS, load_questions
from runthrough.talk import Word
from runthrough.transcription.models import find_model
from runthrough.transcription.recognizer import Recognizer
from runthrough.ui import theme
from runthrough.ui.practice import PracticePage
from runthrough.ui.widgets.basics import scrolling
from takes import add_take

Key = Qt.Key
STRONG = (
    "It fails on plastic pipes because plastic damps the high frequencies, "
    "and a third sensor in the middle would fix that."
)
WEAK = "Well, it works everywhere, there are no real limitations."


class Room:
    """The page in a window, and who practises in it."""

    def __init__(self, qtbot, session):
        self.qtbot, self.session = qtbot, session
        theme.apply(QApplication.instance(), "light")
        session.change_settings(read_aloud=False)
        self.page = PracticePage(session)
        self.window = QMainWindow()
        self.window.setCentralWidget(self.page)
        self.window.resize(1280, 800)
        qtbot.addWidget(self.window)
        bring_to_front(qtbot, self.window)
        self.troubles = []
        self.page.trouble.connect(self.troubles.append)

    def press(self, key, modifier=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.window.windowHandle(), key, modifier)

    def button(self, text):
        found = [b for b in self.page.findChildren(QPushButton) if b.accessibleName() == text]
        return next((b for b in found if b.isVisible()), None)

    def says(self, text):
        return any(text in one.text() for one in self.page.findChildren(QLabel) if one.isVisible())

    def wait(self, true):
        self.qtbot.waitUntil(true, timeout=20_000)

    def write(self, text):
        """Type an answer and hand it in, by keys alone."""
        self.press(Key.Key_T)
        QTest.keyClicks(QApplication.focusWidget(), text)
        self.press(Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        self.wait(lambda: self.button("Answer again") is not None)

    def speak(self, sound):
        """Begin to answer aloud, and go on for more than a second."""
        self.press(Key.Key_Space)
        self.wait(lambda: self.button("Done") is not None)

        def spoken():
            sound.hear(0.1, 0.2)
            return self.page._round.position_s > 1

        self.wait(spoken)


@pytest.fixture
def room(qtbot, session):
    made = Room(qtbot, session)
    yield made
    made.page.keep_and_close()


def test_the_question_is_up_before_anything_is_recorded(room):
    room.page.start(Drill.LIMITATIONS)
    assert room.says("What are the limitations of your work?")
    assert room.button("Answer") is not None
    assert room.session.library.answers() == []


def test_a_typed_answer_is_judged_point_by_point_and_kept(room):
    room.page.start(Drill.LIMITATIONS)
    room.write(STRONG)
    assert room.says("3 of 3")
    assert room.button("Next question") is not None
    (kept,) = room.session.library.answers()
    assert kept.transcript == STRONG
    assert kept.verdict.score == 1


def test_space_goes_on_to_the_follow_up_and_the_question_stays_in_sight(room):
    room.page.start(Drill.LIMITATIONS)
    room.write(WEAK)
    assert room.says("This sounds like a common mistake")
    assert room.says("Every method fails somewhere")
    assert not room.says("This may sound like waving it away")
    room.press(Key.Key_Space)
    assert room.says("no real limitations")
    assert room.says("follow-up 1 of 3") or "follow-up 1 of 3" in room.page._bar.subtitle.text()
    room.write(STRONG)
    assert room.says("3 of 3")
    first, second = room.session.library.answers()
    assert second.round_id == first.id


def test_what_was_said_wrong_is_read_out_as_heard_also_in_a_follow_up(room):
    room.page.start_with("overfitting", Drill.MIXED)
    room.write("The system learns the examples by heart.")
    room.press(Key.Key_Space)
    room.write("Overfitting means the model is too simple.")
    names = [one.accessibleName() for one in room.page._verdict.findChildren(QLabel)]
    (mistake,) = [name for name in names if "common mistake" in name]
    assert mistake.startswith("This sounds like")
    assert any(name.startswith("not heard: ") for name in names)
    assert any(name.startswith("heard: ") for name in names)


def test_answering_again_compares_with_the_last_answer(room):
    room.page.start(Drill.LIMITATIONS)
    room.write("It fails on plastic pipes.")
    room.press(Key.Key_A)
    room.write(STRONG)
    assert room.says("3 of 3 · last time 1")
    new = [one for one in room.page._verdict.findChildren(QLabel) if one.text().endswith("New.")]
    assert len(new) == 2, "the cause and the cure, and not the place"


def test_the_answers_to_follow_ups_are_no_other_answers_to_the_question(room):
    room.page.start(Drill.LIMITATIONS)
    room.write("It fails on plastic pipes.")
    room.press(Key.Key_Space)
    room.write("Because plastic damps the high frequencies.")
    assert room.page._trend.toolTip() == "33%"


def test_what_drowns_a_limit_is_said_once_and_the_plainest_is_pressed_on(room):
    room.page.start(Drill.LIMITATIONS)
    room.write(
        "It breaks on contracts over 60,000 tokens, where recall drops from 71 to 52. "
        "We did see that quite late. But I think overall it is not really a big limitation, "
        "because most documents are shorter. In future work we want to look into it."
    )
    told = [
        one.text()
        for one in room.page._verdict.findChildren(QLabel)
        if one.text().startswith("This may sound like waving it away")
    ]
    assert len(told) == 1
    room.press(Key.Key_Space)
    assert room.says("You said: “But I think overall it is not really a big limitation")


def test_while_typing_the_button_names_the_key_that_hands_in(room):
    room.page.start(Drill.LIMITATIONS)
    room.press(Key.Key_T)
    assert room.button("Judge it").toolTip() == "Judge it (Ctrl+Enter)"
    room.press(Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert room.button("Answer").toolTip() == "Answer (Space)"


def test_a_drill_ends_with_what_came_of_each_question(room):
    room.page.start(Drill.LIMITATIONS)
    room.write("It fails on plastic pipes.")
    QTest.mouseClick(room.button("End drill"), Qt.MouseButton.LeftButton)
    assert room.says("That is the drill")
    assert room.says("1 of 3. Not heard: Why it fails; What would fix it. Comes back tomorrow.")
    told = room.page._rest.findChildren(QLabel)
    assert not any("Give me one input" in one.text() for one in told), "it was not answered"
    QTest.mouseClick(room.button("Another drill"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(room.button("End drill"), Qt.MouseButton.LeftButton)
    assert room.says("No question was answered.")


def test_a_drill_ends_with_what_was_said_wrong(room):
    room.page.start_with("overfitting", Drill.MIXED)
    room.write("Overfitting means the model is too simple.")
    room.page._end()
    mistake = "This sounds like a common mistake: “Overfitting means the model is too simple.”"
    told = [one.text() for one in room.page._rest.findChildren(QLabel)]
    assert told.count(mistake) == 1


def test_letters_are_letters_while_an_answer_is_typed(room):
    room.page.start(Drill.LIMITATIONS)
    room.write("a hat that ran a race, rather")
    (kept,) = room.session.library.answers()
    assert kept.transcript == "a hat that ran a race, rather"


@pytest.fixture
def heard(room, monkeypatch):
    """Whatever is spoken is heard as a strong answer: the recogniser has its own tests."""

    class Listener:
        busy = False

        def transcribe(self, path, **_):
            words = STRONG.split()
            heard = tuple(Word(0.3 * i, 0.3 * i + 0.2, w) for i, w in enumerate(words))
            return type(
                "Heard", (), {"words": heard, "language": "en", "model": "", "duration_s": 9}
            )

    monkeypatch.setattr(room.session, "recognizer", Listener)


def test_a_spoken_answer_is_recorded_transcribed_judged_and_heard(room, sound, heard):
    room.page.start(Drill.LIMITATIONS)
    room.speak(sound)
    room.press(Key.Key_Space)

    def judged():
        sound.hear(0.1, 0.01)
        return room.button("Answer again") is not None

    room.wait(judged)
    (kept,) = room.session.library.answers()
    assert kept.has_sound
    assert kept.duration_s > 1
    assert room.session.library.answer_sound(kept.id).stat().st_size > 16_000
    assert room.says("3 of 3")
    sound.speakers = ["Headset"]
    room.press(Key.Key_H)
    sound.unplug()
    room.wait(lambda: room.says("The loudspeaker “Headset” went away."))
    assert not sound.streams


def test_an_answer_that_cannot_be_transcribed_keeps_its_sound_and_says_where(
    room, sound, monkeypatch
):
    def none():
        raise ModelError("There is no speech model.")

    told = []
    room.page.trouble.connect(told.append)
    monkeypatch.setattr(room.session, "recognizer", none)
    room.page.start(Drill.LIMITATIONS)
    room.speak(sound)
    told.clear()
    room.press(Key.Key_Space)

    def said():
        sound.hear(0.1, 0.01)
        return bool(told)

    room.wait(said)
    (folder,) = (room.session.library.root / "answers").iterdir()
    assert (folder / "audio.wav").stat().st_size > 16_000
    assert told == [f"There is no speech model. What you said is kept in {folder / 'audio.wav'}."]
    assert room.button("Answer") is not None


def test_an_answer_that_was_kept_at_closing_is_judged_at_the_next_start(qtbot, room, sound, heard):
    room.page.start(Drill.LIMITATIONS)
    room.speak(sound)
    room.page.keep_and_close()
    assert room.session.library.answers() == []
    after = Room(qtbot, room.session)
    after.page.arrive()
    assert after.says("was kept and not judged: “What are the limitations of your work?”")
    after.press(Key.Key_T)
    assert not after.page._kept_card.isVisible(), "it is in nobody's way"
    after.press(Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(after.button("Judge the answer that was kept"), Qt.MouseButton.LeftButton)
    after.wait(lambda: after.button("Answer again") is not None)
    assert after.says("3 of 3")
    assert after.page._question.text() == "What are the limitations of your work?"
    (given,) = room.session.library.answers()
    assert (given.question_id, given.has_sound) == ("limitations", True)
    assert not after.page._kept_card.isVisible()
    after.page.keep_and_close()


@pytest.fixture
def later(qtbot, room, sound, heard):
    """The next start, after an answer was kept at closing."""
    room.page.start(Drill.LIMITATIONS)
    room.speak(sound)
    room.page.keep_and_close()
    after = Room(qtbot, room.session)
    yield after
    after.page.keep_and_close()


def judge_kept(room):
    QTest.mouseClick(room.button("Judge the answer that was kept"), Qt.MouseButton.LeftButton)
    room.wait(lambda: room.button("Answer again") is not None)
    assert room.says("What are the limitations of your work?")


def test_a_kept_answer_is_judged_between_the_questions_of_the_drill(later):
    page = later.page
    page.start(Drill.MIXED)
    page._look_for_kept()
    asked = [q.text for q in page._questions if q.id != "limitations"]
    page._ask(len(page._questions) - 3)
    assert page._question.text() == asked[-3]
    judge_kept(later)
    later.press(Key.Key_Space)
    assert page._question.text() == asked[-3], "it is still to be answered"


def test_after_a_kept_answer_nothing_is_asked_that_was_just_answered(later):
    page = later.page
    page.start(Drill.MIXED)
    page._look_for_kept()
    asked = [q.text for q in page._questions if q.id != "limitations"]
    page._ask(len(page._questions) - 3)
    later.write(WEAK)
    judge_kept(later)
    later.press(Key.Key_Space)
    assert page._question.text() == asked[-2]


def test_a_kept_answer_is_not_set_beside_a_later_one_as_the_last(later):
    later.page.start(Drill.LIMITATIONS)
    later.write("It fails on plastic pipes.")
    judge_kept(later)
    assert later.says("3 of 3")
    assert not later.says("last time")
    later.press(Key.Key_A)
    later.write(STRONG)
    assert later.says("3 of 3 · last time 1")


def test_a_kept_answer_takes_the_place_of_the_question_that_was_asked_for(later):
    take, report = add_take(later.session.library)
    first, *_, last = questions_about(report)
    later.page.arrive()
    later.page.start_with(last.id, Drill.TALK, take)
    judge_kept(later)
    later.page.start(Drill.TALK, take)
    later.wait(lambda: later.page._reading is None)
    assert later.page._round.question.id == first.id


def test_an_answer_that_could_not_be_judged_is_offered_and_can_be_deleted(room, sound):
    room.page.start(Drill.LIMITATIONS)
    room.speak(sound)
    room.press(Key.Key_Space)

    def offered():
        sound.hear(0.1, 0.01)
        return room.button("Delete the answer that was kept") is not None

    room.wait(offered)
    QTest.mouseClick(room.button("Delete the answer that was kept"), Qt.MouseButton.LeftButton)
    assert not room.page._kept_card.isVisible()
    assert list((room.session.library.root / "answers").iterdir()) == []


@pytest.fixture
def waiting(room, sound, monkeypatch, tmp_path):
    """A spoken answer that waits for another recording, and that other one."""
    try:
        recognizer = Recognizer(find_model())
    except ModelError as error:
        pytest.skip(f"the real recogniser is wanted here, which needs a speech model: {error}")
    monkeypatch.setattr(room.session, "recognizer", lambda: recognizer)
    with recognizer:
        other = recognizer.follow(tmp_path / "other.wav")
        room.page.arrive()
        room.wait(lambda: room.page._recognizer is not None)
        room.speak(sound)
        room.press(Key.Key_Space)
        yield other
        other.cancel()


def test_an_answer_that_waits_for_another_recording_can_be_cancelled(room, sound, waiting):
    assert room.says("Another recording is transcribed first")
    (folder,) = (room.session.library.root / "answers").iterdir()
    room.troubles.clear()
    QTest.mouseClick(room.button("Cancel the judging of this answer"), Qt.MouseButton.LeftButton)

    def told():
        sound.hear(0.1, 0.01)
        return bool(room.troubles)

    room.wait(told)
    assert f"What you said is kept in {folder / 'audio.wav'}." in room.troubles[0]
    assert (folder / "audio.wav").stat().st_size > 16_000
    assert room.button("Answer") is not None
    assert room.button("Cancel the judging of this answer") is None
    assert not waiting.failed


def test_closing_does_not_wait_for_another_recording(room, waiting):
    late = threading.Timer(20, waiting.cancel)
    late.start()
    room.page.keep_and_close()
    late.cancel()
    assert not waiting.failed
    (folder,) = (room.session.library.root / "answers").iterdir()
    assert (folder / "audio.wav").stat().st_size > 16_000


def test_closing_lets_go_of_a_microphone_that_is_just_being_opened(room, sound, monkeypatch):
    opened = Round.open

    def slow(asked):
        closing.wait(20)
        opened(asked)

    closing = threading.Event()
    monkeypatch.setattr(Round, "open", slow)
    room.page.start(Drill.LIMITATIONS)
    room.press(Key.Key_Space)
    threading.Timer(0.2, closing.set).start()
    room.page.keep_and_close()
    QApplication.processEvents()
    assert not sound.streams
    assert not room.page._ticker.isActive()
    assert room.session.library.answers() == []


def test_no_microphone_is_told_and_typing_still_works(room, sound):
    sound.names.clear()
    room.page.start(Drill.LIMITATIONS)
    room.press(Key.Key_Space)
    room.wait(lambda: room.says("You can also type the answer"))
    assert room.session.library.answers() == []
    assert list((room.session.library.root / "answers").iterdir()) == []
    room.write(STRONG)
    assert room.says("3 of 3")


def test_the_speaker_may_overrule_how_it_went(room):
    room.page.start(Drill.LIMITATIONS)
    room.write(STRONG)
    QTest.mouseClick(room.button("Ask again: Easy"), Qt.MouseButton.LeftButton)
    assert room.session.library.answers()[0].rating == 4


def test_questions_about_a_talk_come_from_its_review(room):
    room.session.library.open_sample()
    room.page.start(Drill.TALK)
    room.wait(lambda: room.says("No limitation was heard in your talk."))
    assert room.says("No limitation was heard in your talk")


def test_a_drill_about_no_talk_says_what_to_do(room):
    room.page.start(Drill.TALK)
    assert room.says("Rehearse one, or open the sample talk")


def test_nothing_is_asked_about_a_take_that_was_not_judged(room):
    library = room.session.library
    take, _ = add_take(library)
    heard = replace(library.folder(take.id).transcript(), language="de")
    library.save_report(take.id, review(heard, take.format))
    room.page.start(Drill.TALK, take)
    room.wait(lambda: room.says("There is nothing to ask about this take."))


def offered(page):
    choice = page._talk_choice
    return [choice.itemText(n) for n in range(choice.count())], choice.currentText()


def asked_about(room):
    """The id of the take that is asked about, once its review is read."""
    room.wait(lambda: room.page._reading is None)
    return room.page._report.take_id


def test_it_asks_about_the_newest_take_unless_an_older_one_was_asked_for(room):
    page, library = room.page, room.session.library
    add_take(library, title="Another talk")
    first, _ = add_take(library)
    page.start(Drill.TALK, first)
    assert asked_about(room) == first.id
    second, _ = add_take(library)
    page.start(Drill.TALK, first)
    assert asked_about(room) == first.id
    names, chosen = offered(page)
    assert chosen == "Hearing leaks · take 1"
    assert sorted(names) == ["Another talk", "Hearing leaks", chosen]
    page._talk_choice.setCurrentIndex(names.index("Hearing leaks"))
    assert asked_about(room) == second.id
    page.start(Drill.TALK, first)
    assert asked_about(room) == first.id
    page._end()
    page.arrive()
    assert asked_about(room) == second.id
    assert sorted(offered(page)[0]) == ["Another talk", "Hearing leaks"]


def test_when_the_take_asked_about_is_deleted_another_is_asked_about(room):
    page, library = room.page, room.session.library
    other, _ = add_take(library, title="Another talk")
    first, _ = add_take(library)
    second, _ = add_take(library)
    page.start(Drill.TALK, second)
    for gone, left in ((second, first), (first, other)):
        assert asked_about(room) == gone.id
        library.delete_take(gone.id)
        page.start(Drill.TALK)
        assert asked_about(room) == left.id


def test_a_question_about_a_talk_that_is_asked_for_at_the_first_visit_stays(room):
    take, report = add_take(room.session.library)
    wanted = questions_about(report)[-1]
    room.page.start_with(wanted.id, Drill.TALK, take)
    room.page.arrive()
    room.wait(lambda: room.page._round is not None)
    room.qtbot.wait(200)  # for a second one, if it comes
    assert room.page._round.question.id == wanted.id
    assert room.page._question.text() == wanted.text


def test_a_deleted_answer_is_gone(room):
    room.page.start(Drill.LIMITATIONS)
    room.write(STRONG)
    QTest.mouseClick(room.button("Delete this answer"), Qt.MouseButton.LeftButton)
    assert room.session.library.answers() == []
    assert room.button("Answer") is not None


def test_everything_that_takes_keys_has_a_name(room):
    room.page.start(Drill.LIMITATIONS)
    room.write(STRONG)
    for widget in room.page.findChildren(QPushButton):
        assert widget.accessibleName()


def test_every_question_is_shown_whole_in_the_list(room):
    room.page.start(Drill.MIXED)
    bank, _ = load_questions()
    room.page._list.show_questions(list(bank.values()), DOMAINS)
    rows = [room.page._list.itemWidget(room.page._list.item(n)) for n in range(len(bank))]
    texts = [text for row in rows for text in row.findChildren(QLabel)]
    room.wait(lambda: all(t.height() >= t.heightForWidth(t.width()) for t in texts))


def test_in_a_small_window_the_question_is_in_sight_after_the_verdict_too(room):
    room.window.takeCentralWidget()
    room.window.setCentralWidget(scrolling(room.page, "Practice"))
    room.window.resize(760, 640)
    room.page.start(Drill.LIMITATIONS)
    room.page._type.click()
    room.page._answer.setPlainText(STRONG)
    room.page._main.click()
    room.wait(lambda: room.button("Answer again") is not None)
    room.wait(lambda: not room.page._question.visibleRegion().isEmpty())
    room.page._end()
    room.wait(lambda: not room.page._rest._title.visibleRegion().isEmpty())


def test_in_a_small_window_what_ends_the_drill_is_in_sight_with_the_question(room):
    area = scrolling(room.page, "Practice")
    room.window.takeCentralWidget()
    room.window.setCentralWidget(area)
    room.window.resize(824, 600)
    room.page.start(Drill.LIMITATIONS)
    room.wait(lambda: area.verticalScrollBar().maximum() > 100)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    room.page._skip()

    def whole(widget):
        return widget.visibleRegion().boundingRect() == widget.rect()

    room.wait(lambda: whole(room.page._question) and whole(room.page._end_button))


def test_the_verdict_is_not_wider_than_its_column(room):
    # As narrow as the page stands in a window of 1280, beside the pages' bar.
    room.window.resize(1204, 800)
    room.page.start(Drill.LIMITATIONS)
    room.write(WEAK)
    column = room.page._right
    assert column.widget().width() <= column.viewport().width()


def test_how_long_an_answer_may_be_is_shown_whole_beside_the_verdict(room, sound):
    room.window.resize(1204, 800)
    room.page.start(Drill.LIMITATIONS)
    room.write("It fails on plastic pipes.")
    room.press(Key.Key_Space)
    room.speak(sound)
    hint, card = room.page._clock.hint, room.page._timing_card
    room.wait(lambda: hint.text() == "Answer in 60 to 90 seconds.")
    room.wait(lambda: hint.height() >= hint.heightForWidth(hint.width()))
    assert card.minimumSizeHint().width() <= card.width(), "its parts stand on each other"
