"""Editing a talk's plan: one section's time changes, and the others give way or do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Plans are made in steps of this many seconds.
STEP_S = 5.0


def set_section(
    planned_s: Sequence[float], index: int, wanted_s: float, *, keep_total: bool
) -> tuple[float, ...]:
    """The plan after section ``index`` is given ``wanted_s`` seconds.

    With ``keep_total`` the others share the difference in proportion to what they have, in whole
    steps, and the section gets no more than there is; without, the total follows.
    """
    wanted_s = max(0.0, _stepped(wanted_s))
    if not keep_total:
        return tuple(wanted_s if i == index else p for i, p in enumerate(planned_s))
    total = sum(planned_s)
    others = [i for i in range(len(planned_s)) if i != index]
    if not others:
        return tuple(planned_s)
    wanted_s = min(wanted_s, total)
    had, left = total - planned_s[index], total - wanted_s
    shares = [planned_s[i] / had if had > 0 else 1 / len(others) for i in others]
    planned = _split(left, shares)
    planned.insert(index, wanted_s)
    return tuple(planned)


def move_border(planned_s: Sequence[float], border: int, to_s: float) -> tuple[float, ...]:
    """The plan after the end of section ``border`` is dragged to ``to_s`` seconds of the talk.

    Only the sections on both sides of it change, and neither below nothing.
    """
    begins = sum(planned_s[:border])
    both = planned_s[border] + planned_s[border + 1]
    first = min(max(0.0, _stepped(to_s - begins)), both)
    moved = list(planned_s)
    moved[border], moved[border + 1] = first, both - first
    return tuple(moved)


def _stepped(seconds: float) -> float:
    return round(seconds / STEP_S) * STEP_S


def _split(total: float, shares: Sequence[float]) -> list[float]:
    """``total`` in parts near ``shares`` of it, in whole steps, the most rounded off filled up."""
    exact = [total * share for share in shares]
    parts = [value // STEP_S * STEP_S for value in exact]
    order = sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])
    over = total - sum(parts)
    for i in order:
        if over <= 0:
            break
        step = min(STEP_S, over)
        parts[i] += step
        over -= step
    return parts
