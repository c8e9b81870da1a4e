"""Windows that get the keys, on a display with or without a window manager."""

from __future__ import annotations


def bring_to_front(qtbot, window):
    """Show ``window`` and return once it is the active one.

    Without a window manager the focus is lost when a window of an earlier test goes away, and a
    request made before the window is on the screen comes to nothing; so it is asked for again.
    """
    window.show()
    qtbot.waitExposed(window)

    def active():
        if not window.isActiveWindow():
            window.activateWindow()
        return window.isActiveWindow()

    qtbot.waitUntil(active, timeout=20_000)
