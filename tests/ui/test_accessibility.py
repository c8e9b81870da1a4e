"""Every window and dialog: named for screen readers, reached by keyboard, seen in both themes,
whole with text twice as large."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QAbstractAnimation, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QFontMetrics, QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from in_front import bring_to_front
from pdfs import slide, write_pdf
from runthrough.drill import Drill
from runthrough.formats import find_format
from runthrough.nudges import Nudge
from runthrough.ui import motion, theme
from runthrough.ui.main_window import MainWindow, apply_look
from runthrough.ui.talk_dialog import TalkDialog
from runthrough.ui.widgets.basics import Column, Columns, ElidedLabel, label, scrolling
from runthrough.ui.widgets.plan_editor import PlanDialog, SlideSectionsDialog
from runthrough.ui.widgets.slide_view import Audience
from runthrough.ui.widgets.transcript import TranscriptView
from takes import add_take

TITLE = "Hearing leaks in the pipes of a city before anybody sees them, and what stays unheard"
DIALOGS = {TalkDialog, PlanDialog, SlideSectionsDialog}


class Tour:
    """The whole program with something on every page, shown part by part."""

    def __init__(self, qtbot, session, sound, tmp_path):
        self.qtbot, self.session, self.sound = qtbot, session, sound
        sound.speakers = ["Built-in speakers"]
        session.change_settings(welcomed=True, read_aloud=False)
        self._pdf = write_pdf(tmp_path / "slides.pdf", [slide("One"), slide("Two")])
        self.windows = []

    def open(self, width=1280, height=800, **look):
        self.session.change_settings(**look)
        apply_look(self.session)
        self.window = MainWindow(self.session)
        self.windows.append(self.window)
        self.window.resize(width, height)
        bring_to_front(self.qtbot, self.window)

    def close(self):
        for window in self.windows:
            window.keep_and_close()
            window.deleteLater()

    def parts(self):
        """Yield every page, state, window and dialog with its name, one after the other."""
        window, session = self.window, self.session
        yield from self._named("no talks", window)
        window.go("rehearse")
        yield from self._named("nothing to rehearse", window)
        window.go("review")
        yield from self._named("nothing to review", window)
        window._welcome()
        for step in range(3):
            yield from self._named(f"first run {step + 1}", window)
            if step < 2:
                window._first_run._go_on()

        take, _ = add_take(session.library, title=TITLE)
        add_take(session.library, title=TITLE)
        talk = session.library.attach_slides(session.library.talk(take.talk_id), self._pdf)
        window.go("talks")
        window.show_trouble("Something is wrong with a sentence that is long. Do this and that.")
        yield from self._named("talks", window)
        window._trouble.hide()

        window.open_review(take)
        for number in range(window.review._content._tabs.count()):
            window.review._content._tabs.setCurrentIndex(number)
            yield from self._named(f"review, tab {number + 1}", window)
        other = next(t for t in session.library.takes(talk.id) if t.id != take.id)
        window.review._compare_with(other)
        yield from self._named("comparison", window)

        window.go("practice")
        window.practice.start(Drill.LIMITATIONS)
        yield from self._named("practice", window)
        window.practice._write()
        window.practice._answer.setPlainText(
            "It fails on plastic pipes, because they carry sound badly; a denser net would help."
        )
        window.practice._hand_in()
        judged = lambda: window.practice._on.isVisible() and not window.practice.busy  # noqa: E731
        self.qtbot.waitUntil(judged, timeout=20_000)
        yield from self._named("answer judged", window)
        window.practice._end()
        yield from self._named("drill over", window)

        window.go("progress")
        yield from self._named("progress", window)

        window.go("settings")
        yield from self._named("settings", window)

        page = window.rehearse
        page.choose(talk)
        window.go("rehearse")
        self.qtbot.waitUntil(page._setup.start.isEnabled)
        self.qtbot.waitUntil(lambda: page._slides.count == 2)
        yield from self._named("rehearse", window)
        page._begin()
        self.sound.hear(2)
        self.qtbot.waitUntil(lambda: page._rehearsal.position_s >= 1.9)
        yield from self._named("recording", window)
        page._ask_discard()
        yield from self._named("discard?", window)
        page._full.open_over(window)
        page._show_times()
        yield from self._named("full screen", page._full)
        page._full.hide()
        audience = Audience(page._slides, window)
        audience.show()
        yield from self._named("audience", audience)
        audience.close()
        audience.deleteLater()
        page._discard_take()
        stop = itertools.count()

        def gone():
            self.sound.hear(0.5)
            return not page.busy or next(stop) > 100

        self.qtbot.waitUntil(gone, timeout=20_000)

        fmt = find_format("five-part-10")
        for make in (
            lambda: TalkDialog(session, talk, parent=window),
            lambda: PlanDialog(TITLE, fmt, fmt, parent=window),
            lambda: SlideSectionsDialog(page._slides, fmt, {}, parent=window),
        ):
            dialog = make()
            dialog.show()
            yield from self._named(type(dialog).__name__, dialog)
            dialog.close()
            dialog.deleteLater()

    def _named(self, name, root):
        QTest.qWait(60)
        yield name, root


@pytest.fixture
def tour(qtbot, session, sound, tmp_path):
    made = Tour(qtbot, session, sound, tmp_path)
    yield made
    made.close()


def focusable(root, policy=Qt.FocusPolicy.TabFocus):
    return [
        w
        for w in root.findChildren(QWidget)
        if w.isVisible()
        and w.isEnabled()
        and w.focusPolicy() & policy
        and w.focusProxy() is None
        and w.window() is root.window()
    ]


def told(widget):
    """What a screen reader says of a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name).strip() if interface is not None else ""


def about(widget):
    owner = widget.parent()
    return f"{type(widget).__name__} “{told(widget)}” in {type(owner).__name__}"


def test_the_tour_knows_every_dialog():
    def below(kind):
        return {k for c in kind.__subclasses__() for k in ({c} | below(c))}

    ours = {k for k in below(QDialog) if k.__module__.startswith("runthrough.")}
    assert ours == DIALOGS


def test_every_focusable_widget_of_every_window_is_named(tour):
    tour.open()
    nameless = [
        f"{name}: {about(widget)}"
        for name, root in tour.parts()
        for widget in focusable(root, Qt.FocusPolicy.StrongFocus)
        if not told(widget)
    ]
    assert not nameless


def test_what_is_said_above_the_page_is_heard(tour):
    tour.open()
    line = QAccessible.queryAccessibleInterface(tour.window._trouble._text)
    tour.window.show_trouble("The disk is full. Make room.")
    assert line.text(QAccessible.Text.Name) == "Trouble: The disk is full. Make room."
    tour.window.show_news("talk.wav is imported.")
    assert line.text(QAccessible.Text.Name) == "News: talk.wav is imported."


def test_tab_comes_to_everything(tour):
    tour.open()
    unreached = []
    for name, root in tour.parts():
        there = focusable(root)
        # The program's own stays where talking needs all keys.
        if name in ("recording", "discard?", "full screen", "audience") or not there:
            continue
        bring_to_front(tour.qtbot, root)
        there[0].setFocus()
        seen = set()
        for _ in range(2 * len(there) + 4):
            if QApplication.focusWidget() is not None:
                seen.add(QApplication.focusWidget())
            QTest.keyClick(root.windowHandle(), Qt.Key.Key_Tab)
        # Of buttons that exclude each other the arrow keys reach the rest.
        unreached += [
            f"{name}: {about(w)}"
            for w in there
            if w not in seen and w.isVisible() and w.isEnabled() and not _in_group(w)
        ]
    assert not unreached


def test_tab_goes_down_the_page_past_what_was_put_in_later(tour):
    add_take(tour.session.library, title=TITLE)
    tour.open()
    window = tour.window

    def reached(name):
        bring_to_front(tour.qtbot, window)
        window._sidebar._buttons[name].setFocus()
        names = []
        for _ in focusable(window):
            names.append(QApplication.focusWidget().accessibleName())
            QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
        return names

    names = reached("talks")
    search = names.index("Search what was said in all takes")
    assert names.index("New talk") < search < names.index(f"Rehearse {TITLE}")
    window.go("settings")
    models = window.settings.models
    tour.qtbot.waitUntil(lambda: bool(models._rows), timeout=20_000)
    names = reached("settings")
    get = [n for n, name in enumerate(names) if name.startswith("Download ")]
    assert names.index("Play a test sound") < get[0]
    folder = names.index("Use a speech model in a folder")
    assert get[-1] < folder < names.index("Language of the talk")


def _in_group(widget):
    return (
        isinstance(widget, QAbstractButton)
        and widget.group() is not None
        and widget.group().exclusive()
    )


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_focus_is_seen(tour, look):
    tour.open(theme=look, motion="reduced")
    unseen = []
    for name, root in tour.parts():
        if name in ("recording", "discard?", "full screen", "audience"):
            continue
        bring_to_front(tour.qtbot, root)
        for widget in focusable(root):
            if not widget.visibleRegion().isEmpty():
                root.setFocus()
                if QApplication.focusWidget() is widget:
                    QApplication.focusWidget().clearFocus()
                before = widget.grab().toImage()
                widget.setFocus(Qt.FocusReason.TabFocusReason)
                if widget.hasFocus() and widget.grab().toImage() == before:
                    unseen.append(f"{name}: {about(widget)}")
    assert not unseen


# --- the wheel -------------------------------------------------------------------------------


def test_the_wheel_over_a_list_chooses_nothing(tour):
    tour.open()
    met, changed = set(), []
    for name, root in tour.parts():
        for choice in root.findChildren(QComboBox):
            if not choice.isVisible() or choice.count() < 2:
                continue
            met.add(choice.accessibleName())
            before = choice.currentIndex()
            turn(choice, down=before < choice.count() - 1)
            if choice.currentIndex() != before:
                changed.append(f"{name}: {about(choice)}")
    assert {"Language of the talk", "Microphone", "Speed", "Format"} <= met
    assert "Section of slide 1, One" in met
    assert not changed


def test_the_wheel_over_a_list_scrolls_the_page(tour):
    tour.open(900, 600)
    tour.window.go("settings")
    area = tour.window.settings.area
    bar = area.verticalScrollBar()
    tour.qtbot.waitUntil(lambda: bar.maximum() > 0)
    turn(area.findChild(QComboBox), down=True)
    assert bar.value() > 0


def turn(widget, *, down):
    """Turn the wheel by one step, the pointer over the middle of ``widget``."""
    middle = widget.mapTo(widget.window(), widget.rect().center())
    QTest.wheelEvent(widget.window().windowHandle(), middle, QPoint(0, -120 if down else 120))


# --- text twice as large ---------------------------------------------------------------------


def clipped(root):
    """Sentences on texts that have no room for themselves, and parts that lie on each other."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not root.window():
            continue
        room = widget.contentsRect()
        if isinstance(widget, QLabel) and not isinstance(widget, ElidedLabel) and widget.text():
            if widget.wordWrap():
                needed = widget.heightForWidth(widget.width())
                short = widget.height() < needed - 1
            else:
                metrics = QFontMetrics(widget.font())
                short = (
                    room.width() < metrics.horizontalAdvance(widget.text()) - 1
                    or widget.height() < metrics.height() - 1
                )
            if short:
                found.append(f"no room for “{widget.text()[:40]}” {widget.size().toTuple()}")
        elif isinstance(widget, QAbstractButton | QComboBox | QLineEdit):
            least = widget.minimumSizeHint()
            if widget.width() < least.width() - 1 or widget.height() < least.height() - 1:
                found.append(f"no room for {about(widget)} {widget.size().toTuple()} {least}")
        found += _overlaps(widget)
    return found


def _overlaps(parent):
    if isinstance(parent, QStackedWidget | QAbstractScrollArea | QMainWindow | QDialogButtonBox):
        return []
    children = [
        c
        for c in parent.children()
        if isinstance(c, QWidget)
        and c.isVisible()
        and not c.isWindow()
        and c.width()
        and c.height()
    ]
    found = [
        f"{about(a)} and {about(b)} lie on each other"
        for a, b in itertools.combinations(children, 2)
        if a.geometry().intersects(b.geometry())
    ]
    inside = QRect(QPoint(), parent.size())
    if not isinstance(parent.parent(), QScrollArea):
        found += [
            f"{about(c)} sticks out of {about(parent)}"
            for c in children
            if not inside.contains(c.geometry())
        ]
    return found


def cut_off(root):
    """Pages that are wider than the window: reading them means scrolling sideways."""
    return [
        f"{area.widget().accessibleName()} is {area.horizontalScrollBar().maximum()} px too wide"
        for area in root.findChildren(QScrollArea, "fitting")
        if area.isVisible() and area.horizontalScrollBar().maximum() > 0
    ]


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_text_twice_as_large_has_room_everywhere(tour, width, height):
    tour.open(width, height, text_percent=200)
    trouble = []
    for name, root in tour.parts():
        if root is tour.window:
            assert (root.width(), root.height()) == (width, height), name
        # On a busy computer a layout takes a while to come to rest.
        for _ in range(40):
            if not (found := clipped(root) + cut_off(root)):
                break
            QTest.qWait(50)
        trouble += [f"{name}: {one}" for one in found]
    assert not trouble


def test_what_is_told_in_a_take_is_seen_with_text_twice_as_large(tour):
    tour.open(1024, 700, text_percent=200)
    page = tour.window.rehearse
    tour.window.open_rehearsal(tour.session.library.new_talk(TITLE, "interview-45"))
    tour.qtbot.waitUntil(page._setup.start.isEnabled)
    page._begin()
    page._ticker.stop()  # what is told here is told by nobody else
    page._pace.show()  # as with a recogniser
    seen = tour.window._areas["rehearse"].viewport()

    def whole(part):
        place = QRect(part.mapTo(seen, QPoint()), part.size())
        return part.isVisible() and seen.rect().contains(place)

    page._nudge.show_nudge(Nudge("room", "Leave room for limitations.", "2:00 left; planned 5:00."))
    QTest.qWait(100)
    assert whole(page._nudge)
    page._nudge.show_nudge(None)
    page._warn("Nothing is heard from the microphone. Check its switch and its cable.")
    QTest.qWait(100)
    for part in (page._hint, page._clock, page._now, page._pace, page._pause, page._finish_button):
        assert whole(part), about(part)


def test_text_size_is_twice_the_usual(tour):
    tour.open()
    usual = QApplication.font().pointSizeF()
    tour.session.change_settings(text_percent=200)
    tour.window.look_again()
    assert QApplication.font().pointSizeF() == pytest.approx(2 * usual)
    tour.window.look_again()
    assert QApplication.font().pointSizeF() == pytest.approx(2 * usual), "it grows once"
    tour.session.change_settings(text_percent=100)
    tour.window.look_again()
    assert QApplication.font().pointSizeF() == pytest.approx(usual)


# --- motion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("asked_by", ["settings", "system"])
def test_with_reduced_motion_nothing_moves_by_itself(tour, asked_by, monkeypatch):
    monkeypatch.setattr(motion, "system_reduces", lambda: asked_by == "system")
    usual = QGuiApplication.styleHints().cursorFlashTime()
    try:
        tour.open(motion="reduced" if asked_by == "settings" else "system")
        assert theme.calm()
        assert not any(QApplication.isEffectEnabled(effect) for effect in theme._EFFECTS)
        assert QApplication.cursorFlashTime() == 0
        moving = [
            f"{name}: {about(bar)}"
            for name, root in tour.parts()
            for bar in root.findChildren(QProgressBar)
            if bar.isVisible() and bar.minimum() == bar.maximum()
        ]
        assert not moving
        assert not tour.window.findChildren(QAbstractAnimation)
    finally:
        theme.move(QApplication.instance(), reduced=False)
    assert QApplication.cursorFlashTime() == usual


# --- contrast --------------------------------------------------------------------------------


def contrast(one, other):
    """As WCAG 2.2 defines it."""

    def luminance(colour):
        channels = [c / 255 for c in QColor(colour).getRgb()[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("window", "surface", "surface_raised", "selection")
# What is read, and all it stands on.
TEXTS = {
    "text": (*GROUNDS, "word_lit", "filler", "track"),
    "text_soft": (*GROUNDS, "track"),
    "accent": ("surface", "surface_raised", "window", "selection"),
    "on_accent": ("accent", "accent_hover"),
    "good": ("good_soft", "surface"),
    "warn": ("warn_soft", "surface"),
    "bad": ("bad_soft", "surface"),
    "neutral": ("neutral_soft", "surface"),
    "sidebar_text": ("sidebar", "sidebar_active"),
}
SECTIONS = (
    "problem",
    "motivation",
    "related_work",
    "method",
    "experiments",
    "results",
    "limitations",
    "conclusion",
    "other",
)
# What is told by shape and colour: edges of fields, the focus, bars, the sound.
SIGNS = {
    "control": ("surface", "window"),
    "accent": ("surface", "window", "track"),
    "good": ("surface", "track"),
    "warn": ("surface", "track"),
    "bad": ("surface", "track"),
    "wave": ("surface",),
    **dict.fromkeys(SECTIONS, ("surface",)),
}
# Only set things apart that are told apart otherwise, too: edges of cards, backgrounds.
DECORATION = {"border"}


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_and_signs_stand_out_from_their_background(palette):
    weak = [
        f"{name} on {ground}: {found:.2f}"
        for least, table in ((4.5, TEXTS), (3.0, SIGNS))
        for name, grounds in table.items()
        for ground in grounds
        if (found := contrast(getattr(palette, name), getattr(palette, ground))) < least
    ]
    focus = contrast(palette.motivation, palette.sidebar)  # the focus in the sidebar
    assert focus >= 3.0
    assert not weak


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("kind", [QLineEdit, QPlainTextEdit, TranscriptView])
def test_what_an_empty_field_says_can_be_read(qtbot, qapp, look, kind):
    palette = theme.apply(qapp, look)
    field = kind()
    qtbot.addWidget(field)
    field.ensurePolished()
    said = field.palette().color(QPalette.ColorRole.PlaceholderText)
    assert said.alpha() == 255
    assert contrast(said, palette.surface) >= 4.5


def test_no_colour_is_left_out_of_the_contrasts():
    checked = {*TEXTS, *SIGNS, *DECORATION}
    checked |= {
        ground for table in (TEXTS, SIGNS) for grounds in table.values() for ground in grounds
    }
    assert set(theme.Palette._fields) == checked


def test_columns_scroll_only_where_what_they_need_has_no_room(qtbot):
    class Tall(QWidget):
        def sizeHint(self):
            return QSize(100, 900)

        def minimumSizeHint(self):
            return QSize(100, 100)

    text = label("Words that break. " * 20, wrap=True)
    page = QWidget()
    QVBoxLayout(page).addWidget(Columns([Column(Tall()), Column(text)], below=(0, 1), limit=10))
    area = scrolling(page, "Page")
    area.resize(600, 400)
    qtbot.addWidget(area)
    area.show()
    qtbot.waitExposed(area)
    qtbot.waitUntil(lambda: page.height() == area.viewport().height())
    text.setText("Words that break. " * 300)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
