"""The words and figures of charts (DrawingML, ISO 29500-1, section 21.2), as the table that they are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from outlook_mcp.text.files.cells import Row, RowLines
from outlook_mcp.text.files.number_formats import plain_number

_UNNAMED, _UNTITLED = "Series{}", "Chart Title"


def chart_lines(chart: Element, paragraphs: list[str]) -> Iterator[str]:
    """Titles and other words, given as `paragraphs`, then a row of names and one for each point."""
    series = list(chart.iter("ser"))
    if (title := _title(chart, series)) and title not in paragraphs:
        yield title
    yield from paragraphs
    names = next(filter(None, map(_names, series)), {})
    heads: Row = []
    points: dict[int, Row] = {place: [(0, name)] for place, name in names.items()}
    for number, element in enumerate(series, 1):
        for head, column in _columns(element, _name(element) or _UNNAMED.format(number), names):
            heads.append((len(heads) + 1, head))
            for place, text in column.items():
                points.setdefault(place, []).append((len(heads), text))
    lines = RowLines()
    if heads:
        yield from lines.lines_of([[(0, ""), *heads], *(points[place] for place in sorted(points))])
    yield from lines.rest()


def _columns(series: Element, name: str, names: dict[int, str]) -> Iterator[tuple[str, dict[int, str]]]:
    """The values of a series, where its points lie unless that is as in the first series, and how large they are."""
    if (own := _names(series)) != names:
        yield f"x of {name}", own
    yield name, _points(series.find("val")) or _points(series.find("yVal"))
    if sizes := _points(series.find("bubbleSize")):
        yield f"size of {name}", sizes


def _names(series: Element) -> dict[int, str]:
    return _points(series.find("cat")) or _points(series.find("xVal"))


def _title(chart: Element, series: list[Element]) -> str:
    """What programs show where a chart has a title without words: the name of its only series."""
    title = chart.find(".//chart/title")
    if title is None or any(text.text for text in title.iter("t")):
        return ""
    linked = " ".join(text.text or "" for text in title.iter("v")).strip()
    return linked or (_name(series[0]) if len(series) == 1 else _UNTITLED)


def _name(series: Element) -> str:
    return " ".join(_points(series.find("tx")).values())


def _points(element: Element | None) -> dict[int, str]:
    """The texts or numbers of a series by their place; those of several levels stand side by side."""
    found: dict[int, str] = {}
    for point in element.iter("pt") if element is not None else ():
        place, text = point.get("idx", ""), (point.findtext("v") or "").strip()
        if place.isdecimal() and text:
            number = int(place)
            found[number] = f"{_plain(text)} {found[number]}" if number in found else _plain(text)
    return found


def _plain(text: str) -> str:
    try:
        return plain_number(float(text)) if "." in text else text
    except ValueError:
        return text
