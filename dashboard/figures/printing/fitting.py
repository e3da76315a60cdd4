"""Make a drawn figure's texts fit by measuring them, for they are as wide as the font makes them.

Figures are laid out in millimetres that suit the usual fonts. Where a text turns out wider,
axes give way to their tick labels, and axis titles are moved, or wrapped in room that is
added. What can be measured before it is drawn (`dashboard.figures.printing.style`) need not come
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.figures.printing import style
from dashboard.figures.printing.types import Axes, Figure

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.transforms import BboxBase

_EDGE, _APART = 0.2, 0.5
"""Millimetres kept free at the edge of the canvas, and between texts of two axes."""
_SAME = 0.05
"""Edges nearer than so many millimetres are one column's."""
_ROUNDS = 4
_NARROWEST = 5.0
"""Millimetres of its width that an axes keeps."""


def fit(figure: Figure) -> Figure:
    """Make texts fit; a figure whose texts do is left as it is.

    Parameters
    ----------
    figure
        Of `dashboard.figures.printing.figure.Canvas.figure`, drawn.

    Returns
    -------
    matplotlib.figure.Figure
        The same.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)  # it keeps what texts are measured with
    for _ in range(_ROUNDS):
        figure.draw_without_rendering()
        if not (_widen_margins(figure) or _fit_titles(figure)):
            break
    return figure


def _engine(figure: Figure) -> ConstrainedLayoutEngine | None:
    """Give what finds the axes' places at every drawing anew, where something does."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = figure.get_layout_engine()
    return engine if isinstance(engine, ConstrainedLayoutEngine) else None


def _shown(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_visible()]


def _millimetres(figure: Figure, box: BboxBase) -> tuple[float, float, float, float]:
    """Give left, bottom, right and top of a box of dots."""
    left, bottom, right, top = (float(end) * style.MILLIMETRES / figure.dpi for end in box.extents)
    return left, bottom, right, top


def _place(axes: Axes) -> tuple[float, float, float, float]:
    """Give left, bottom, right and top of what is between the axes, in millimetres."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return _millimetres(figure, axes.get_window_extent())


def _with_labels(axes: Axes) -> tuple[float, float]:
    """Give the left and the right end of axes with their tick labels and upright titles."""
    ends = [_place(axes)]
    figure = axes.get_figure(root=True)
    assert figure is not None
    if axes.axison:
        boxes = [axis.get_tightbbox(for_layout_only=True) for axis in (axes.xaxis, axes.yaxis)]
        ends += [_millimetres(figure, box) for box in boxes if box is not None]
    return min(end[0] for end in ends), max(end[2] for end in ends)


def _beside(axes: Axes, others: list[Axes]) -> tuple[list[Axes], list[Axes]]:
    """Give those of the others that stand left and right of axes."""
    left, bottom, right, top = _place(axes)
    level = [
        (other, place)
        for other in others
        if other is not axes and (place := _place(other))[1] < top and place[3] > bottom
    ]
    return (
        [other for other, place in level if place[2] <= left + _SAME],
        [other for other, place in level if place[0] >= right - _SAME],
    )


def _widen_margins(figure: Figure) -> bool:
    """Draw in the sides of axes whose labels leave the canvas or stand on other axes'.

    Constrained layout does so by itself.
    """
    if _engine(figure) is not None:
        return False
    across = figure.get_figwidth() * style.MILLIMETRES
    every = _shown(figure)
    ends = {axes: _with_labels(axes) for axes in every}
    lacks: list[tuple[int, float, float]] = []
    for axes in every:
        left, _, right, _ = _place(axes)
        first, last = ends[axes]
        before, _ = _beside(axes, every)
        room = max([_EDGE, *(ends[other][1] + _APART for other in before)])
        lacks += [(0, left, room - first)] if left - first > _SAME else []
        lacks += [(2, right, last - (across - _EDGE))] if last - right > _SAME else []
    found = False
    for side, edge, lack in lacks:
        if lack < _SAME:
            continue
        for axes in every:
            place = list(_place(axes))
            if abs(place[side] - edge) > _SAME or place[2] - place[0] - lack < _NARROWEST:
                continue
            place[side] += lack if side == 0 else -lack
            _put(axes, place)
            found = True
    return found


def _put(axes: Axes, place: list[float]) -> None:
    figure = axes.get_figure(root=True)
    assert figure is not None
    across, up = (size * style.MILLIMETRES for size in figure.get_size_inches())
    left, bottom, right, top = (round(end, 2) for end in place)
    axes.set_position((left / across, bottom / up, (right - left) / across, (top - bottom) / up))


def _fit_titles(figure: Figure) -> bool:
    """Move axis titles into their room, or wrap them where they are longer than it."""
    every = _shown(figure)
    tall = figure.get_figheight() * style.MILLIMETRES
    across = figure.get_figwidth() * style.MILLIMETRES
    found = False
    lower: dict[Axes, float] = {}
    for axes in every:
        if not axes.axison:
            continue
        left, bottom, right, top = _place(axes)
        before, after = _beside(axes, every)
        low = max([_EDGE, *((_place(one)[2] + left + _APART) / 2 for one in before)])
        high = min([across - _EDGE, *((_place(one)[0] + right - _APART) / 2 for one in after)])
        if lines := _fit_title(figure, axes.xaxis, 0, (left, right), (low, high)):
            lower[axes] = lines * float(axes.xaxis.label.get_fontsize()) * style.LINE / style.POINTS
        column = [_place(one) for one in every if one is not axes]
        column = [one for one in column if abs(one[0] - left) < _SAME]
        above = [one[1] for one in column if one[1] >= top - _SAME]
        below = [one[3] for one in column if one[3] <= bottom + _SAME]
        low = max([_EDGE, *((one + bottom + _APART) / 2 for one in below)])
        high = min([_top(figure, tall), *((one + top - _APART) / 2 for one in above)])
        found |= _fit_title(figure, axes.yaxis, 1, (bottom, top), (low, high)) > 0
    _make_room_below(figure, lower)
    return found or bool(lower)


def _fit_title(
    figure: Figure,
    axis: Axis,
    along: int,
    ends: tuple[float, float],
    room: tuple[float, float],
) -> int:
    """Move or wrap the title of one axis, and say how many lines that added.

    `along` is 0 for a title that is written across and 1 for one that is written upwards.
    """
    label = axis.label
    if not label.get_text() or not label.get_visible():
        return 0
    box = _millimetres(figure, label.get_window_extent())
    first, last = box[along], box[along + 2]
    low, high = room
    if first >= low - _SAME and last <= high + _SAME:
        return 0
    if last - first > high - low:
        words, size = label.get_text(), float(label.get_fontsize())
        lines = style.wrap(words.replace("\n", " "), size, high - low - _SAME)
        label.set_text("\n".join(lines))
        return len(lines) - words.count("\n") - 1
    middle = (first + last) / 2
    wanted = min(max(middle, low + (last - first) / 2), high - (last - first) / 2)
    place = round((wanted - ends[0]) / (ends[1] - ends[0]), 4)
    (label.set_x, label.set_y)[along](place)
    return 0


def _top(figure: Figure, up: float) -> float:
    """Give the height up to which axes stand, below the header, in millimetres."""
    boxes = [_millimetres(figure, text.get_window_extent()) for text in figure.texts]
    return min([up - _EDGE, *(box[1] for box in boxes)])


def _make_room_below(figure: Figure, lower: dict[Axes, float]) -> None:
    """Make a figure higher, so that below each of some axes there are so many millimetres more."""
    engine = _engine(figure)
    for bottom in sorted({round(_place(axes)[1], 1) for axes in lower}, reverse=True):
        level = [axes for axes in lower if abs(_place(axes)[1] - bottom) < 2 * _SAME]
        more = max((lower[axes] for axes in level), default=0.0)
        tall = figure.get_figheight() * style.MILLIMETRES
        places = [(axes, list(_place(axes))) for axes in figure.axes]
        figure.set_figheight((tall + more) / style.MILLIMETRES)
        if engine is not None:
            x, y, width, share = engine.get()["rect"]
            engine.set(rect=(x, y, width, (share * tall + more) / (tall + more)))
            continue
        for axes, place in places:
            if place[1] >= bottom - 2 * _SAME:
                place[1] += more
                place[3] += more
            _put(axes, place)
