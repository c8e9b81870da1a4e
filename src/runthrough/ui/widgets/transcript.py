"""The transcript as one text, by section, with the times above each paragraph."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, QRect, QRectF, QRegularExpression, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QMenu, QTextEdit, QWidget
from shiboken6 import isValid

from runthrough.analysis.delivery import LONG_PAUSE_S
from runthrough.talk import SENTENCE_SECTIONS, Report, SentenceVerdict, first_words, minutes
from runthrough.ui import theme
from runthrough.ui.widgets.basics import unmarked, utf16_length

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BAR_WIDTH = 4
_INDENT = 18
# A paragraph is broken here at the latest, so that long sections stay readable.
_LONGEST_PARAGRAPH_SENTENCES = 6
# Below this the recogniser was guessing; such words are underlined.
DOUBTFUL = 0.45
# What was heard between two words stands there like this: [um], [4.2 s].
_BETWEEN = r"(?: \[[^\]]*\])* "
_PAUSE = re.compile(r"\[\d+\.\d s\] ")
# Text that has it is the length of a pause, which nobody said.
_UNSAID = QTextFormat.Property.UserProperty.value + 1


class TranscriptView(QTextEdit):
    """Read-only text in which words are chosen and corrected.

    ``word_chosen`` tells the number of a word in the report to hear it from there,
    ``word_corrected`` the number and what was really said, ``section_wanted`` the number of a
    sentence and the section it belongs to. ``correcting`` comes when the field for a word opens,
    ``corrected`` when it is closed, whether the word was changed or not.
    """

    word_chosen = Signal(int)
    word_corrected = Signal(int, str)
    section_wanted = Signal(int, str)
    correcting = Signal()
    corrected = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName("Transcript")
        self.setAccessibleDescription(
            "Enter hears from the word at the cursor, F2 corrects it, the menu key offers more"
        )
        self.setObjectName("transcript")
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._report: Report | None = None
        self._starts: list[int] = []  # character position of each sentence
        self._ends: list[int] = []
        self._word_starts: list[int] = []  # the same of each word; none without word times
        self._word_ends: list[int] = []
        self._sections: list[tuple[int, int, str]] = []  # first block, last block, section
        self._lit: int | None = None
        self._lit_word: int | None = None
        self._found: list[QTextEdit.ExtraSelection] = []
        self._shown_match = -1
        self._editor: QLineEdit | None = None
        self._free_of_following = False
        self._section: str | None = None
        self._final = False

    # --- what is shown ---------------------------------------------------------------------

    def show_report(self, report: Report, corrected: Iterable[tuple[float, float]] = ()) -> None:
        """Lay out the sentences of ``report``; words within ``corrected`` times are marked so.

        What is in view stays in view: the sentence at its top is kept there, and the cursor stays
        at its word.
        """
        kept = self._sentence_in_view() if self._report is not None else None
        at_s = self._time_at_cursor()
        self._close_editor()
        self._report, self._final = report, True
        self._lit = self._lit_word = None
        self._found, self._shown_match = [], -1
        self._starts, self._ends, self._sections = [], [], []
        self._word_starts, self._word_ends = [], []
        document = self._new_document()
        self._append(document, _paragraphs(report.sentences), _Marks(report, list(corrected)))
        self._replace_document(document)
        self._paint_selections()
        self._put_cursor(at_s)
        if kept is not None:
            self._bring_back(*kept)

    def show_more(self, report: Report) -> None:
        """Show ``report``, made of what is heard so far, by adding to what stands there.

        Only the last paragraphs are laid out anew, so a reader above them sees nothing move.
        """
        before = _paragraphs(self._report.sentences) if self._report is not None else []
        now = _paragraphs(report.sentences)
        same = 0
        while same < min(len(before), len(now)) and before[same] == now[same]:
            same += 1
        self._report, self._final = report, False
        kept = sum(len(group) for group in now[:same])
        cursor = QTextCursor(self.document())
        if same:
            cursor.setPosition(self._ends[kept - 1])
        else:
            self._found, self._shown_match = [], -1
            self._replace_document(self._new_document())
            cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        del self._starts[kept:], self._ends[kept:], self._sections[same:]
        if same:
            words = bisect_right(self._word_starts, self._ends[-1])
            del self._word_starts[words:], self._word_ends[words:]
        else:
            self._word_starts, self._word_ends = [], []
        if self._lit is not None and self._lit >= kept:
            self._lit = None
        if self._lit_word is not None and self._lit_word >= len(self._word_starts):
            self._lit_word = None
        scrolled, own = self.verticalScrollBar().value(), self.textCursor()
        ends = own.anchor(), own.position()
        self._append(self.document(), now[same:], _Marks(report, []))
        # The reader's cursor stays at its place, also at the end of what was there.
        own.setPosition(ends[0])
        own.setPosition(ends[1], QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(own)
        self.verticalScrollBar().setValue(scrolled)
        self._paint_selections()

    def forget(self) -> None:
        """Show nothing."""
        self._close_editor()
        self._report, self._final, self._section = None, False, None
        self._starts, self._ends, self._sections = [], [], []
        self._word_starts, self._word_ends, self._found = [], [], []
        self._lit = self._lit_word = None
        self.clear()

    def show_section(self, section_id: str | None) -> None:
        """Set off the paragraphs of one section."""
        self._section = section_id
        self.viewport().update()

    def _new_document(self) -> QTextDocument:
        document = QTextDocument(self)
        document.setUndoRedoEnabled(False)
        document.setDefaultFont(theme.scaled(1.06))
        document.setDocumentMargin(4)
        return document

    def _replace_document(self, document: QTextDocument) -> None:
        """Show ``document`` and let go of the one before: that of an hour takes megabytes."""
        before = self.document()
        self.setDocument(document)
        # Qt deletes the one it made itself, but not one made here.
        if isValid(before):
            before.deleteLater()

    def _append(
        self, document: QTextDocument, groups: list[list[SentenceVerdict]], marks: _Marks
    ) -> None:
        """Add paragraphs at the end of ``document`` and note where everything stands."""
        colours, report = theme.current(), marks.report
        cursor = QTextCursor(document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        heading, heading_text = QTextBlockFormat(), QTextCharFormat()
        heading.setLeftMargin(_INDENT)
        heading.setTopMargin(14)
        heading.setBottomMargin(3)
        heading_text.setForeground(QColor(colours.text_soft))
        heading_text.setFont(theme.scaled(0.88))
        body, body_text = QTextBlockFormat(), marks.plain
        body.setLeftMargin(_INDENT)
        body.setLineHeight(150, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        for group in groups:
            first = document.blockCount() - 1 if not self._starts else document.blockCount()
            if self._starts:
                cursor.insertBlock(heading, heading_text)
            else:
                cursor.setBlockFormat(heading)
            start = group[0].start_s
            at = "" if start is None else f"{minutes(start)} · "
            cursor.insertText(f"{at}{_title(report, group[0].section)}", heading_text)
            cursor.insertBlock(body, body_text)
            for number, sentence in enumerate(group):
                if number:
                    cursor.insertText(" ", body_text)
                for text, look in marks.pauses_before(sentence):
                    cursor.insertText(text, look)
                    cursor.insertText(" ", body_text)
                begin = cursor.position()
                self._starts.append(begin)
                pieces, spans = marks.pieces(sentence)
                # Neighbours that look alike are inserted together: an hour has 10,000 words.
                for text, look in pieces:
                    cursor.insertText(text, look)
                for offset, end in spans:
                    self._word_starts.append(begin + offset)
                    self._word_ends.append(begin + end)
                self._ends.append(cursor.position())
            self._sections.append((first, document.blockCount() - 1, group[0].section))
        cursor.endEditBlock()

    def _time_at_cursor(self) -> float | None:
        """The second that the word at the cursor begins; ``None`` before the first."""
        number = self._word_number(self.textCursor().position())
        if self._report is None or number is None or number >= len(self._report.words):
            return None
        return self._report.words[number].start_s

    def _put_cursor(self, at_s: float | None) -> None:
        """Put the cursor at the word heard at ``at_s``, without one at the beginning."""
        cursor = QTextCursor(self.document())
        if at_s is not None and self._report is not None and self._word_starts:
            starts = [word.start_s for word in self._report.words]
            number = max(0, bisect_right(starts, at_s + 0.01) - 1)
            cursor.setPosition(self._word_starts[min(number, len(self._word_starts) - 1)])
        self.setTextCursor(cursor)

    def light(self, index: int | None) -> None:
        """Light sentence ``index`` (none if ``None``) and bring it into view."""
        if index is not None and not 0 <= index < len(self._starts):
            index = None
        self._lit, self._lit_word = index, None
        if index is not None:
            self._scroll_to(self._starts[index])
        self._paint_selections()

    def light_word(self, number: int | None, *, follow: bool = False) -> None:
        """Light word ``number`` of the report; ``follow`` turns the page when it leaves view."""
        if number is not None and not 0 <= number < len(self._word_starts):
            number = None
        if number == self._lit_word and self._lit is None:
            return
        self._lit, self._lit_word = None, number
        self._paint_selections()
        if number is not None and follow and not self._free_of_following:
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._word_starts[number])
            rect = self.cursorRect(cursor)
            if rect.bottom() > self.viewport().height() or rect.top() < 0:
                self._scroll_to(self._word_starts[number])

    def follow_again(self) -> None:
        """Follow the sound again after the reader scrolled away from it."""
        self._free_of_following = False

    @property
    def lit_text(self) -> str:
        """The sentence or word that is lit, empty if none is."""
        if self._lit is not None:
            return self._text_between(self._starts[self._lit], self._ends[self._lit])
        if self._lit_word is not None:
            first, after = self._word_starts[self._lit_word], self._word_ends[self._lit_word]
            return self._text_between(first, after)
        return ""

    def _text_between(self, first: int, after: int) -> str:
        cursor = QTextCursor(self.document())
        cursor.setPosition(first)
        cursor.setPosition(after, QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()

    @property
    def lit_sentence(self) -> int | None:
        """The sentence that is lit, or the one that the lit word is in."""
        if self._lit is not None or self._lit_word is None:
            return self._lit
        return self.sentence_at(self._word_starts[self._lit_word])

    # --- search ----------------------------------------------------------------------------

    def find_all(self, text: str, *, show: bool = True) -> int:
        """Mark every place where ``text`` stands, show the first, and return how many."""
        self._found, self._shown_match = [], -1
        document = self.document()
        if len(text.strip()) > 1:
            wanted = QRegularExpression(
                _BETWEEN.join(QRegularExpression.escape(word) for word in text.split()),
                QRegularExpression.PatternOption.CaseInsensitiveOption,
            )
            cursor = document.find(wanted, 0)
            while not cursor.isNull():
                said = not cursor.charFormat().hasProperty(_UNSAID)
                if said and self.sentence_at(cursor.selectionStart()) is not None:
                    selection = QTextEdit.ExtraSelection()
                    selection.cursor = cursor
                    selection.format.setBackground(QColor(theme.current().filler))
                    self._found.append(selection)
                cursor = document.find(wanted, cursor)
            if self._found and show:
                self.show_match(0)
        self._paint_selections()
        return len(self._found)

    def show_match(self, number: int) -> None:
        """Bring match ``number`` (counted round) into view and put the cursor there."""
        if self._found:
            self._shown_match = number % len(self._found)
            self._scroll_to(self._found[self._shown_match].cursor.selectionStart())
            self._paint_selections()

    def next_match(self, step: int) -> None:
        """Show the match ``step`` further."""
        self.show_match(self._shown_match + step)

    @property
    def shown_match(self) -> int:
        """The match in view, -1 if there is none."""
        return self._shown_match

    @property
    def match_times_s(self) -> list[float]:
        """Where the matches are heard; empty without word times."""
        if self._report is None or not self._word_starts:
            return []
        numbers = [self._word_number(s.cursor.selectionStart()) for s in self._found]
        return [self._report.words[n].start_s for n in numbers if n is not None]

    # --- places ----------------------------------------------------------------------------

    def sentence_at(self, position: int) -> int | None:
        """The sentence at a character position of the document."""
        index = bisect_right(self._starts, position) - 1
        return index if index >= 0 and position <= self._ends[index] else None

    def word_at(self, position: int) -> int | None:
        """The word at a character position of the document; ``None`` outside words."""
        number = self._word_number(position)
        return number if number is not None and position <= self._word_ends[number] else None

    def _word_number(self, position: int) -> int | None:
        number = bisect_right(self._word_starts, position) - 1
        return number if number >= 0 else None

    def _sentence_in_view(self) -> tuple[float | None, int, int] | None:
        """Start of the sentence at the top, its distance from there, and the scroll position."""
        position = self.cursorForPosition(QPoint(_INDENT + 4, 4)).position()
        index = max(0, bisect_right(self._starts, position) - 1)
        if self._report is None or not index < min(len(self._report.sentences), len(self._starts)):
            return None
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._starts[index])
        top = self.cursorRect(cursor).top()
        return self._report.sentences[index].start_s, top, self.verticalScrollBar().value()

    def _bring_back(self, start_s: float | None, top: int, scrolled: int) -> None:
        bar = self.verticalScrollBar()
        if start_s is None or self._report is None or not scrolled:
            bar.setValue(scrolled)
            return
        starts = [s.start_s or 0.0 for s in self._report.sentences]
        index = max(0, bisect_right(starts, start_s + 0.01) - 1)
        if index < len(self._starts):
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._starts[index])
            bar.setValue(bar.value() + self.cursorRect(cursor).top() - top)

    def _scroll_to(self, position: int) -> None:
        """A third from the top, where the eye rests."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        self.setTextCursor(cursor)
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect(cursor).top() - self.viewport().height() // 3)

    def _paint_selections(self) -> None:
        selections = list(self._found)
        colours = theme.current()
        if 0 <= self._shown_match < len(self._found):
            shown = QTextEdit.ExtraSelection()
            shown.cursor = self._found[self._shown_match].cursor
            shown.format.setBackground(QColor(colours.accent))
            shown.format.setForeground(QColor(colours.on_accent))
            selections.append(shown)
        span = None
        if self._lit is not None:
            span = self._starts[self._lit], self._ends[self._lit]
        elif self._lit_word is not None:
            span = self._word_starts[self._lit_word], self._word_ends[self._lit_word]
        if span is not None:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(span[0])
            cursor.setPosition(span[1], QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor
            selection.format.setBackground(QColor(colours.word_lit))
            selections.insert(0, selection)
        self.setExtraSelections(selections)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text and, left of it, a bar in the section's colour."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        layout, document = self.document().documentLayout(), self.document()
        offset = self.verticalScrollBar().value()
        for first, last, section in self._sections:
            top = layout.blockBoundingRect(document.findBlockByNumber(first))
            bottom = layout.blockBoundingRect(document.findBlockByNumber(last))
            bar = QRectF(2, top.top() - offset, _BAR_WIDTH, bottom.bottom() - top.top() - 2)
            if bar.bottom() < event.rect().top():
                continue
            if bar.top() > event.rect().bottom():
                break
            colour = QColor(theme.current().section(section))
            if self._section not in (None, section):
                colour.setAlphaF(0.25)
            painter.setBrush(colour)
            painter.drawRoundedRect(bar, 2, 2)

    # --- input -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep what is being typed over another word, as Enter does."""
        if event.button() is Qt.MouseButton.LeftButton and self._editor is not None:
            self._editor.returnPressed.emit()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click, not the end of a selection, hears from the word."""
        super().mouseReleaseEvent(event)
        if (
            event.button() is Qt.MouseButton.LeftButton
            and self._editor is None
            and not self.textCursor().hasSelection()
        ):
            self._choose(self.cursorForPosition(event.position().toPoint()).position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Correct the word."""
        number = self.word_at(self.cursorForPosition(event.position().toPoint()).position())
        if event.button() is Qt.MouseButton.LeftButton and number is not None:
            self.correct(number)
        else:
            super().mouseDoubleClickEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, and no longer follow the sound until it is moved."""
        self._free_of_following = True
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter hears the word at the cursor, F2 corrects it; Space and arrows are the player's."""
        key, plain = event.key(), not event.modifiers()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.textCursor().position())
        elif key == Qt.Key.Key_F2:
            number = self.word_at(self.textCursor().position())
            if number is not None:
                self.correct(number)
        elif plain and key in (Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is copied is what was said, without the lengths of pauses."""
        data = QMimeData()
        data.setText(_PAUSE.sub("", self.textCursor().selection().toPlainText()))
        return data

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the word and the sentence there."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            position = self.textCursor().position()
            place = self.viewport().mapToGlobal(self.cursorRect().bottomLeft())
        else:
            position = self.cursorForPosition(event.pos()).position()
            place = event.globalPos()
        menu = self.menu_at(position)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def menu_at(self, position: int) -> QMenu:
        """The menu of the word and the sentence at a character position."""
        menu = QMenu(self)
        number, sentence = self.word_at(position), self.sentence_at(position)
        if number is not None:
            hear = menu.addAction("Hear from here")
            hear.triggered.connect(lambda: self.word_chosen.emit(number))
            word = self._text_between(self._word_starts[number], self._word_ends[number])
            change = menu.addAction(unmarked(f"Correct “{word}”…"))
            change.setEnabled(self._final)
            change.triggered.connect(lambda: self.correct(number))
        if sentence is not None and self._report is not None and self._final:
            sections = menu.addMenu("This sentence belongs to")
            for section in SENTENCE_SECTIONS:
                action = sections.addAction(unmarked(_title(self._report, section)))
                action.setCheckable(True)
                action.setChecked(self._report.sentences[sentence].section == section)
                action.triggered.connect(
                    lambda _=False, s=section: self.section_wanted.emit(sentence, s)
                )
        if menu.actions():
            menu.addSeparator()
        copy = menu.addAction("Copy")
        copy.setEnabled(self.textCursor().hasSelection())
        copy.triggered.connect(self.copy)
        return menu

    def _choose(self, position: int) -> None:
        self.follow_again()
        number = self._word_number(position) if self.sentence_at(position) is not None else None
        if number is not None:
            self.word_chosen.emit(number)

    # --- correcting ------------------------------------------------------------------------

    @property
    def editor(self) -> QLineEdit | None:
        """The field in which a word is being corrected."""
        return self._editor

    def correct(self, number: int) -> None:
        """Open a field over word ``number``; Enter keeps what is typed, Escape drops it.

        Not while the take is still being heard: there is nothing yet that could be judged anew.
        """
        if not self._final:
            return
        self._close_editor()
        self.correcting.emit()
        first, after = self._word_starts[number], self._word_ends[number]
        cursor = QTextCursor(self.document())
        cursor.setPosition(first)
        self.setTextCursor(cursor)
        start = self.cursorRect(cursor)
        cursor.setPosition(after)
        end = self.cursorRect(cursor)
        word = self._text_between(first, after)
        editor = _WordEditor(word, self.viewport())
        width = max(end.left() - start.left(), 60) + 70
        left = min(start.left() - 10, max(0, self.viewport().width() - width))
        height = editor.sizeHint().height()
        editor.setGeometry(QRect(left, start.center().y() - height // 2, width, height))
        editor.setFont(theme.scaled(1.06))
        editor.returnPressed.connect(lambda: self._take_correction(number, word))
        editor.dropped.connect(self.drop_correction)
        editor.selectAll()
        editor.show()
        editor.setFocus()
        self._editor = editor

    def _take_correction(self, number: int, before: str) -> None:
        if self._editor is None:
            return
        said = " ".join(self._editor.text().split())
        self._close_editor()
        if said != before:
            self.word_corrected.emit(number, said)
        self.corrected.emit()

    def drop_correction(self) -> None:
        """Close the field over a word without a correction."""
        if self._editor is not None:
            self._close_editor()
            self.corrected.emit()

    def _close_editor(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            had_focus = editor.hasFocus()
            editor.hide()
            editor.deleteLater()
            if had_focus:
                self.setFocus()


class _WordEditor(QLineEdit):
    """Tells when Escape is pressed."""

    dropped = Signal()

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setAccessibleName("What was said here; empty if nothing was")
        self.setToolTip("Enter keeps it, Escape drops it. Empty: nothing was said here.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dropped.emit()
        else:
            super().keyPressEvent(event)


class _Marks:
    """How each word of a report looks: doubtful, corrected, a filler; what stands between them."""

    def __init__(self, report: Report, corrected: Sequence[tuple[float, float]]) -> None:
        colours = theme.current()
        self.report = report
        self.plain = plain = QTextCharFormat()
        plain.setForeground(QColor(colours.text))
        self._doubtful = QTextCharFormat(plain)
        self._doubtful.setFontUnderline(True)
        self._doubtful.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        self._doubtful.setUnderlineColor(QColor(colours.warn))
        self._doubtful.setToolTip("The recogniser was not sure of this word")
        self._corrected = QTextCharFormat(plain)
        self._corrected.setForeground(QColor(colours.accent))
        self._corrected.setToolTip("Corrected by you")
        self._filler = QTextCharFormat(plain)
        self._filler.setBackground(QColor(colours.filler))
        self._filler.setToolTip("A filler")
        self._heard = QTextCharFormat(self._filler)
        self._heard.setForeground(QColor(colours.text_soft))
        self._heard.setToolTip("A filler heard in the sound; the recogniser wrote nothing here")
        self._pause = QTextCharFormat(plain)
        self._pause.setForeground(QColor(colours.text_soft))
        self._pause.setToolTip("A long pause")
        self._pause.setProperty(_UNSAID, True)
        self._words = report.words
        self._firsts = first_words(report.sentences, report.words)
        self._counts = [len(sentence.text.split()) for sentence in report.sentences]
        self._corrections = sorted(corrected)
        self._correction_starts = [start for start, _ in self._corrections]
        written = [f for f in report.delivery.filler_places if not f.from_sound]
        self._fillers = [(f.start_s, f.end_s) for f in written]
        self._filler_starts = [start for start, _ in self._fillers]
        heard = [
            ((f.start_s + f.end_s) / 2, f"[{f.text}]", self._heard)
            for f in report.delivery.filler_places
            if f.from_sound
        ]
        pauses = [
            ((start_s + end_s) / 2, f"[{end_s - start_s:.1f} s]", self._pause)
            for start_s, end_s in report.delivery.pauses_s
            if end_s - start_s >= LONG_PAUSE_S
        ]
        self._between = sorted(heard + pauses, key=lambda mark: mark[0])
        self._between_times = [at_s for at_s, _, _ in self._between]

    def pieces(
        self, sentence: SentenceVerdict
    ) -> tuple[list[tuple[str, QTextCharFormat]], list[tuple[int, int]]]:
        """The sentence's text in pieces that look alike, and where each of its words stands."""
        if self._firsts is None:
            return [(sentence.text, self.plain)], []
        first = self._firsts[sentence.index]
        row: list[tuple[str, QTextCharFormat]] = []
        spans = []
        at = 0

        def add(text: str, look: QTextCharFormat) -> None:
            nonlocal at
            at += utf16_length(text)
            if row and row[-1][1] is look:
                row[-1] = (row[-1][0] + text, look)
            else:
                row.append((text, look))

        for number, word in enumerate(self._words[first : first + self._counts[sentence.index]]):
            if number:
                add(" ", self.plain)
            for text, look in self._before(first + number):
                if number or look is not self._pause:
                    add(text, look)
                    add(" ", self.plain)
            middle = (word.start_s + word.end_s) / 2
            look = self.plain
            if _within(middle, self._corrections, self._correction_starts):
                look = self._corrected
            elif _within(middle, self._fillers, self._filler_starts):
                look = self._filler
            elif word.probability < DOUBTFUL:
                look = self._doubtful
            spans.append((at, at + utf16_length(word.text)))
            add(word.text, look)
        return row, spans

    def pauses_before(self, sentence: SentenceVerdict) -> list[tuple[str, QTextCharFormat]]:
        """Long pauses before the first word of a sentence, which are no part of it."""
        if self._firsts is None or not self._counts[sentence.index]:
            return []
        marks = self._before(self._firsts[sentence.index])
        return [(text, look) for text, look in marks if look is self._pause]

    def _before(self, number: int) -> list[tuple[str, QTextCharFormat]]:
        """Fillers of the sound and long pauses between the middles of a word and the one before."""
        word = self._words[number]
        begin = -1.0
        if number:
            before = self._words[number - 1]
            begin = (before.start_s + before.end_s) / 2
        end = (word.start_s + word.end_s) / 2
        low, high = bisect_right(self._between_times, begin), bisect_right(self._between_times, end)
        return [(text, look) for _, text, look in self._between[low:high]]


def _within(at_s: float, spans: Sequence[tuple[float, float]], starts: Sequence[float]) -> bool:
    index = bisect_right(starts, at_s) - 1
    return index >= 0 and at_s <= spans[index][1]


def _paragraphs(sentences: tuple[SentenceVerdict, ...]) -> list[list[SentenceVerdict]]:
    """Neighbouring sentences of one section, in pieces short enough to read."""
    groups: list[list[SentenceVerdict]] = []
    for sentence in sentences:
        if (
            groups
            and groups[-1][0].section == sentence.section
            and len(groups[-1]) < _LONGEST_PARAGRAPH_SENTENCES
        ):
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    return groups


def _title(report: Report, section_id: str) -> str:
    for section in report.sections:
        if section.id == section_id:
            return section.title
    if not section_id:
        return "Heard so far"
    return section_id.replace("_", " ").capitalize()
