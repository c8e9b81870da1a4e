"""Colours, spacing, type and icons: one palette for light, one for dark.

Contrast is at least 4.5:1 for text and 3:1 for signs, in both (WCAG 2.2, 1.4.3 and 1.4.11); a
test computes it.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from runthrough.resources import resource

# Distances in device-independent pixels; every margin and gap is one of these.
GAP_S, GAP_M, GAP_L, GAP_XL = 6, 12, 20, 28
RADIUS = 9
# Typefaces for text, the first of them that the system has; then its own.
FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans")
# Lengths in the style sheet, as @px16, that grow with the text: signs in boxes and arrows.
_GROWING = (20, 17, 16, 14)


class Palette(NamedTuple):  # a dataclass of so many fields takes ten times as long to be made
    """Named colours as ``#rrggbb``. ``*_soft`` are backgrounds for text in the plain colour."""

    window: str
    surface: str
    surface_raised: str
    border: str
    control: str
    text: str
    text_soft: str
    accent: str
    accent_hover: str
    on_accent: str
    selection: str
    track: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    neutral: str
    neutral_soft: str
    sidebar: str
    sidebar_active: str
    sidebar_text: str
    word_lit: str
    filler: str
    wave: str
    problem: str
    motivation: str
    related_work: str
    method: str
    experiments: str
    results: str
    limitations: str
    conclusion: str
    other: str

    def section(self, section_id: str) -> str:
        """The colour of a section, by its id."""
        colour: str = getattr(self, section_id, self.other)
        return colour


LIGHT = Palette(
    window="#f5f4f0",
    surface="#ffffff",
    surface_raised="#fbfaf8",
    border="#e3e1db",
    control="#86888d",
    text="#1d2127",
    text_soft="#5c636d",
    accent="#2c5b8a",
    accent_hover="#234a72",
    on_accent="#ffffff",
    selection="#e5edf6",
    track="#ece9e3",
    good="#256b40",
    good_soft="#e2f1e7",
    warn="#835a00",
    warn_soft="#fbefd5",
    bad="#a82d28",
    bad_soft="#fbe3e1",
    neutral="#666b72",
    neutral_soft="#eeeeec",
    sidebar="#22262e",
    sidebar_active="#363b46",
    sidebar_text="#c6cbd3",
    word_lit="#cfe2f5",
    filler="#fcefbf",
    wave="#7f96ae",
    problem="#4a76a8",
    motivation="#5f93c4",
    related_work="#7f8b98",
    method="#5b8c5a",
    experiments="#a87c1f",
    results="#c86a22",
    limitations="#ad3f50",
    conclusion="#7a6aa6",
    other="#8d8b86",
)

DARK = Palette(
    window="#16181c",
    surface="#1f2228",
    surface_raised="#262a31",
    border="#343942",
    control="#7d848f",
    text="#e9ebee",
    text_soft="#a9b0ba",
    accent="#6fa8e0",
    accent_hover="#8bbceb",
    on_accent="#0e1216",
    selection="#2a3a4d",
    track="#343942",
    good="#7fcf9b",
    good_soft="#1f3a2a",
    warn="#e4b85c",
    warn_soft="#3d311a",
    bad="#f0908a",
    bad_soft="#452525",
    neutral="#a7adb5",
    neutral_soft="#2c3037",
    sidebar="#101215",
    sidebar_active="#2a2e36",
    sidebar_text="#b9bfc8",
    word_lit="#2f4f70",
    filler="#4d431e",
    wave="#6f88a2",
    problem="#6d9bd0",
    motivation="#8bb6e0",
    related_work="#9fabb8",
    method="#7ab379",
    experiments="#cfa342",
    results="#e38d4a",
    limitations="#d9697b",
    conclusion="#a396d0",
    other="#8d929a",
)

_STYLE = "fusion"
_STYLED = "runthrough-styled"
_current = LIGHT
_text_times = 1.0
_calm = False
_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)


def current() -> Palette:
    """The palette in force."""
    return _current


def wanted(theme: str) -> Palette:
    """The palette that ``theme`` (``system``, ``light`` or ``dark``) asks for now."""
    dark = theme == "dark" or (
        theme == "system" and QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    )
    return DARK if dark else LIGHT


def application(program: str) -> QApplication:
    """The application, with the style that the theme is drawn in.

    Setting the style later takes longer than all of the theme.
    """
    app = QApplication([program, "-style", _STYLE])
    app.setProperty(_STYLED, True)
    return app


def apply(app: QApplication, theme: str, *, text_percent: int = 100) -> Palette:
    """Put ``theme`` in force for the whole program, with text of ``text_percent`` of the usual.

    Widgets that were made before keep their fonts and pictures: make them anew.
    """
    global _current, _text_times  # noqa: PLW0603 - one theme at a time, as on a screen
    _current = wanted(theme)
    _text_times = text_percent / 100
    if not app.property(_STYLED):
        app.setStyle(_STYLE)
        app.setProperty(_STYLED, True)
    app.setPalette(_qt_palette(_current))
    app.setFont(_font())
    app.setStyleSheet(_stylesheet(_current))
    _pixmap.cache_clear()
    return _current


def move(app: QApplication, *, reduced: bool) -> None:
    """Have things move as the system had it; ``reduced``, only what is measured moves by itself."""
    global _calm  # noqa: PLW0603 - as above
    _calm = reduced
    effects, flash_ms = _usual_motion()
    for effect in effects:
        app.setEffectEnabled(effect, not reduced)
    app.setCursorFlashTime(0 if reduced else flash_ms)


def calm() -> bool:
    """Whether motion is reduced."""
    return _calm


def px(length: float) -> int:
    """``length`` in pixels at the usual text size, as long as it must be at the chosen one."""
    return round(length * _text_times)


def icon(name: str, colour: str | None = None, size: int = 20) -> QIcon:
    """The shipped icon ``name`` in ``colour``, else the text's; it grows with the text."""
    return QIcon(pixmap(name, colour, px(size)))


def pixmap(name: str, colour: str | None = None, size: int = 20) -> QPixmap:
    """The shipped icon ``name`` as a picture, sharp on the screen's own scale."""
    screen = QGuiApplication.primaryScreen()
    scale = screen.devicePixelRatio() if screen else 1.0
    return _pixmap(name, colour or _current.text, size, scale)


def badge(name: str, kind: str) -> QPixmap:
    """The icon ``name`` on a soft disc; ``kind`` is ``good``, ``warn``, ``bad`` or ``neutral``."""
    size = px(24)
    sign, soft = getattr(_current, kind), getattr(_current, f"{kind}_soft")
    inner = pixmap(name, sign, round(size * 0.62))
    picture = QPixmap(QSize(size, size) * inner.devicePixelRatio())
    picture.setDevicePixelRatio(inner.devicePixelRatio())
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(soft))
    painter.drawEllipse(0, 0, size, size)
    edge = round((size - inner.deviceIndependentSize().width()) / 2)
    painter.drawPixmap(edge, edge, inner)
    painter.end()
    return picture


@cache
def _pixmap(name: str, colour: str, size: int, scale: float) -> QPixmap:
    svg = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
    picture = QPixmap(QSize(round(size * scale), round(size * scale)))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


def numbers(font: QFont) -> QFont:
    """``font`` with figures of one width, so that times do not dance."""
    tabular = QFont(font)
    tabular.setFeature(QFont.Tag("tnum"), 1)
    return tabular


def scaled(points: float, *, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The program's font at ``points`` times its normal size, with tabular figures."""
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * points)
    font.setWeight(weight)
    return numbers(font)


def _font() -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    system_size = font.pointSizeF()
    font.setFamilies([*FAMILIES, font.family()])
    font.setPointSizeF((system_size if system_size >= 10 else 10.5) * _text_times)
    return font


@cache
def _usual_motion() -> tuple[tuple[Qt.UIEffect, ...], int]:
    """What moves, and how fast the text cursor blinks in milliseconds, as the system had it."""
    effects = tuple(effect for effect in _EFFECTS if QApplication.isEffectEnabled(effect))
    return effects, QApplication.cursorFlashTime()


def _qt_palette(colours: Palette) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.surface,
        QPalette.ColorRole.AlternateBase: colours.surface_raised,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.text_soft,
        QPalette.ColorRole.Button: colours.surface,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.ToolTipBase: colours.surface_raised,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.Mid: colours.border,
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.control))
    return palette


def _stylesheet(colours: Palette) -> str:
    sheet = resource("theme", "theme.qss").read_text(encoding="utf-8")
    # Longest names first, so that @surface_raised is not read as @surface.
    for name, colour in sorted(colours._asdict().items(), key=lambda item: -len(item[0])):
        sheet = sheet.replace(f"@{name}", colour)
    for length in _GROWING:
        sheet = sheet.replace(f"@px{length}", f"{px(length)}px")
    # A round sign needs a radius of half its side with its border; the dot is a thick border.
    sheet = sheet.replace("@radio_px", f"{px(14) // 2 + 1}px").replace("@dot", f"{px(5)}px")
    sheet = sheet.replace("@inner", f"{px(14) + 2 - 2 * px(5)}px")
    sheet = sheet.replace("@icons", resource("icons").as_posix())
    return sheet.replace("@radius", str(RADIUS))
