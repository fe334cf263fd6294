"""The commands beside estimation."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Iterable, Optional, Union

from . import _frames, _panelyst
from ._documented import documented
from ._errors import UsageError
from ._estimate import Panel, _text, panel_columns
from ._registry import Index

if TYPE_CHECKING:
    import pandas


def _frame(rows: list[dict]) -> "pandas.DataFrame":
    import pandas

    return pandas.DataFrame(rows)


def describe(
    data: Any,
    variables: Union[str, Iterable[str], None] = None,
    *,
    panel: Panel = None,
    where: Optional[str] = None,
) -> "pandas.DataFrame":
    """Observations, mean, standard deviation and quantiles of variables or expressions; all number columns without them.

    On a panel also the standard deviation between units and within them. The columns are those of
    `panelyst describe --format json`.
    """
    if variables is not None and not isinstance(variables, str):
        variables = ", ".join(_text("variables", name) for name in variables)
    columns, _ = _frames.to_data(data, None)
    return _frame(json.loads(_panelyst.describe(columns, variables, panel_columns(panel), where)))


@documented
def index(
    name: Index,
    data: Any,
    value: str,
    region: str,
    activity: str,
    time: Optional[str] = None,
    *,
    national: Optional[str] = None,
    plants: Optional[str] = None,
    groups: Optional[str] = None,
) -> "pandas.DataFrame":
    """An index of location, specialisation or concentration from amounts by region and activity.

    `value`, `region`, `activity` and `time` name columns, as do `national` (the nation's amount of the activity), `plants`
    (the Herfindahl index of plant sizes) and `groups` (groups of regions). Remarks stand in `.attrs["notes"]`.

    {indices}
    """
    columns, _ = _frames.to_data(data, None)
    parts = (value, region, activity, time, national, plants, groups)
    rows, notes = _panelyst.index(_text("name", name), columns, *parts)
    frame = _frame(json.loads(rows))
    frame.attrs["notes"] = notes
    return frame


@documented
def test(
    fml: str,
    data: Any,
    panel: Panel,
    *,
    where: Optional[str] = None,
    invalid: str = "error",
) -> "pandas.DataFrame":
    """The table of specification tests: which model the data ask for. An undefined test has no p-value and says why.

    {tests}
    """
    columns, _ = _frames.to_data(data, None)
    pair = panel_columns(panel)
    if pair is None:
        raise UsageError("specification tests need a panel: give the unit and the time column")
    return _frame(json.loads(_panelyst.specification_tests(columns, _text("fml", fml), pair, where, invalid)))


# A test runner that collects names must not take it for one of its own.
test.__test__ = False  # type: ignore[attr-defined]


def audit(paper: Union[str, os.PathLike]) -> "pandas.DataFrame":
    """What published tables say about themselves: the findings of `panelyst audit PAPER.toml`.

    Sentences for a report stand in `.attrs["summary"]`.
    """
    rows, summary = _panelyst.audit(os.fspath(paper))
    frame = _frame(json.loads(rows))
    frame.attrs["summary"] = summary
    return frame


@dataclass
class Run:
    """What a run of a study left."""

    #: The output folder.
    folder: str
    #: Files in it.
    files: list[str]
    #: What a reader must know.
    notes: list[str]
    #: Methods and results in words, Markdown.
    reading: str
    #: The tables, as text.
    tables: list[str] = field(repr=False)
    #: The tables, as HTML.
    html: list[str] = field(repr=False)

    @property
    def results(self) -> dict:
        """All of `results.json`."""
        with open(os.path.join(self.folder, "results.json"), encoding="utf-8") as file:
            return json.load(file)

    def __str__(self) -> str:
        return "\n\n".join(self.tables)

    def _repr_html_(self) -> str:
        return "\n".join(self.html)


def run(
    study: Union[str, os.PathLike],
    *,
    out: Union[str, os.PathLike, None] = None,
    data: Union[str, os.PathLike, None] = None,
    locked: bool = False,
    lang: Optional[str] = None,
) -> Run:
    """Runs a study file: reads, builds, estimates and writes the output folder (`out` beside the study if not given)."""
    study, out, data = (None if path is None else os.fspath(path) for path in (study, out, data))
    folder, files, notes, reading, tables, html = _panelyst.run(study, out, data, locked, lang)
    return Run(os.fspath(folder), files, notes, reading, tables, html)
