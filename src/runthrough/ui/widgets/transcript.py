"""The transcript as one text, by section, with the times at the side of each paragraph."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextEdit

from runthrough.talk import Report, SentenceVerdict, minutes
from runthrough.ui import theme

_BAR_WIDTH = 4
_INDENT = 18
# A paragraph is broken here at the latest, so that long sections stay readable.
_LONGEST_PARAGRAPH_SENTENCES = 6
# Below this the recogniser was guessing; such words are underlined.
DOUBTFUL = 0.45


class TranscriptView(QTextEdit):
    """Read-only text. ``sentence_chosen`` tells which sentence was clicked."""

    sentence_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName("Transcript")
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._starts: list[int] = []  # character position of each sentence
        self._ends: list[int] = []
        self._sections: list[tuple[int, int, str]] = []  # first block, last block, section
        self._lit: int | None = None
        self._found: list[QTextEdit.ExtraSelection] = []

    def show_report(self, report: Report) -> None:
        """Lay out the sentences of ``report``."""
        colours = theme.current()
        self._starts, self._ends, self._sections = [], [], []
        self._lit, self._found = None, []
        document = QTextDocument(self)
        document.setDefaultFont(theme.scaled(1.06))
        document.setDocumentMargin(4)
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        heading, heading_text = QTextBlockFormat(), QTextCharFormat()
        heading.setLeftMargin(_INDENT)
        heading.setTopMargin(14)
        heading_text.setForeground(QColor(colours.text_soft))
        heading_text.setFont(theme.scaled(0.88))
        body, body_text = QTextBlockFormat(), QTextCharFormat()
        body.setLeftMargin(_INDENT)
        body.setLineHeight(150, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        body_text.setForeground(QColor(colours.text))
        doubtful = _doubtful_sentences(report)
        for group in _paragraphs(report.sentences):
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
                self._starts.append(cursor.position())
                for text, is_doubtful in doubtful[sentence.index]:
                    marked = QTextCharFormat(body_text)
                    if is_doubtful:
                        marked.setFontUnderline(True)
                        marked.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
                        marked.setUnderlineColor(QColor(colours.warn))
                        marked.setToolTip("The recogniser was not sure of this")
                    cursor.insertText(text, marked)
                self._ends.append(cursor.position())
            self._sections.append((first, document.blockCount() - 1, group[0].section))
        cursor.endEditBlock()
        self.setDocument(document)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def light(self, index: int | None, *, scroll: bool = True) -> None:
        """Light sentence ``index`` (none if ``None``) and bring it into view."""
        if index is not None and not 0 <= index < len(self._starts):
            index = None
        self._lit = index
        if index is not None and scroll:
            self._scroll_to(self._starts[index])
        self._paint_selections()

    @property
    def lit_text(self) -> str:
        """The sentence that is lit, empty if none is."""
        if self._lit is None:
            return ""
        return self.toPlainText()[self._starts[self._lit] : self._ends[self._lit]]

    def find_all(self, text: str) -> int:
        """Mark every place where ``text`` stands, show the first, and return how many."""
        self._found = []
        document = self.document()
        if len(text.strip()) > 1:
            cursor = document.find(text, 0)
            while not cursor.isNull():
                selection = QTextEdit.ExtraSelection()
                selection.cursor = cursor
                selection.format.setBackground(QColor(theme.current().filler))
                self._found.append(selection)
                cursor = document.find(text, cursor)
            if self._found:
                self._scroll_to(self._found[0].cursor.selectionStart())
        self._paint_selections()
        return len(self._found)

    def sentence_at(self, position: int) -> int | None:
        """The sentence at a character position of the document."""
        for index, (start, end) in enumerate(zip(self._starts, self._ends, strict=True)):
            if start <= position <= end:
                return index
        return None

    def _scroll_to(self, position: int) -> None:
        """A third from the top, where the eye rests."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        self.setTextCursor(cursor)
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect(cursor).top() - self.viewport().height() // 3)

    def _paint_selections(self) -> None:
        selections = list(self._found)
        if self._lit is not None:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._starts[self._lit])
            cursor.setPosition(self._ends[self._lit], QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor
            selection.format.setBackground(QColor(theme.current().word_lit))
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
            if bar.bottom() < event.rect().top() or bar.top() > event.rect().bottom():
                continue
            painter.setBrush(QColor(theme.current().section(section)))
            painter.drawRoundedRect(bar, 2, 2)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click, not the end of a selection, chooses a sentence."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self._choose(self.cursorForPosition(event.position().toPoint()).position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses the sentence that the text cursor is in."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.textCursor().position())
        else:
            super().keyPressEvent(event)

    def _choose(self, position: int) -> None:
        index = self.sentence_at(position)
        if index is not None:
            self.sentence_chosen.emit(index)


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
    return section_id.replace("_", " ").capitalize()


def _doubtful_sentences(report: Report) -> list[list[tuple[str, bool]]]:
    """Each sentence as pieces of text, and whether the recogniser doubted them."""
    pieces: list[list[tuple[str, bool]]] = []
    position = 0
    for sentence in report.sentences:
        count = len(sentence.text.split())
        words = report.words[position : position + count]
        if " ".join(word.text for word in words) != sentence.text:
            pieces.append([(sentence.text, False)])
            continue
        position += count
        row = []
        for number, word in enumerate(words):
            if number:
                row.append((" ", False))
            row.append((word.text, word.probability < DOUBTFUL))
        pieces.append(row)
    return pieces
