"""Econometrics of panels: fixest's formulas on any frame, conventions as data, honest inference with few clusters.

    import pandas, panelyst
    data = pandas.read_csv("tests/canonical/munnell.csv")
    fit = panelyst.feols("log(gsp) ~ log(pc) + log(emp) + unemp | state + yr", data, vcov={"CRV1": "state"})
    print(fit.with_vcov("cluster:state", convention="xtreg"))
"""

from ._commands import Run, audit, describe, index, run, test
from ._errors import DataError, Error, InternalError, UsageError
from ._estimate import feiv, feols, fepois, fit
from ._fit import Fit, Fits
from ._panelyst import set_threads
from ._registry import __version__
from ._tables import Table, etable

__all__ = [
    "DataError",
    "Error",
    "Fit",
    "Fits",
    "InternalError",
    "Run",
    "Table",
    "UsageError",
    "__version__",
    "audit",
    "describe",
    "etable",
    "feiv",
    "feols",
    "fepois",
    "fit",
    "index",
    "run",
    "set_threads",
    "test",
]
