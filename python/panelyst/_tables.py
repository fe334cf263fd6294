"""Tables of results side by side."""

from __future__ import annotations

import shutil
from typing import Any, Iterable, Mapping, Optional, Sequence, Union

from . import _panelyst
from ._errors import UsageError
from ._fit import Fit, Fits


class Table(str):
    """The text of a table. In a notebook it is shown as HTML."""

    _html: str

    def __new__(cls, text: str, html: str) -> "Table":
        table = super().__new__(cls, text)
        table._html = html
        return table

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return self._html

    def __getnewargs__(self) -> tuple:
        return (str(self), self._html)


def etable(
    fits: Union[Fit, Fits, Iterable[Union[Fit, Fits]]],
    format: str = "text",
    *,
    lang: str = "en",
    brackets: str = "t",
    stars: Optional[Sequence[float]] = None,
    labels: Optional[Mapping[str, str]] = None,
    headings: Optional[Sequence[str]] = None,
    width: Optional[int] = None,
) -> Table:
    """Results side by side, as `panelyst fit` prints them.

    `format` is text, markdown, latex, html or csv; `lang` en or zh; `brackets`, what stands below a coefficient, t, se, p
    or none; `stars` the levels from lenient to strict (0.05, 0.01, 0.001); `labels` printed names of terms, variables and
    effects; `headings` one text above each column; `width` the characters of a line of text.
    """
    columns: list[Fit] = []
    for part in [fits] if isinstance(fits, Fit) else fits:
        if isinstance(part, Fit):
            columns.append(part)
        elif isinstance(part, Fits):
            columns.extend(part)
        else:
            raise UsageError(f"a table is made of results, not of {type(part).__name__}")

    def text(kind: str) -> str:
        return _panelyst.etable(
            [fit._core for fit in columns],
            kind,
            lang,
            brackets,
            None if stars is None else [float(level) for level in stars],
            list((labels or {}).items()),
            [str(heading) for heading in headings or ()],
            width or shutil.get_terminal_size((120, 24)).columns,
        )

    html = text("html")
    return Table(html if format == "html" else text(format), html)
