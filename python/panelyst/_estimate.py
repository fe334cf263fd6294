"""Estimation."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Union

from . import _frames, _panelyst
from ._documented import documented
from ._errors import UsageError
from ._fit import Fit, Fits, Vcov, vcov_text
from ._registry import COVARIANCES, Convention, Model

Panel = Union[Sequence[str], str, None]


def panel_columns(panel: Panel) -> Optional[tuple[str, str]]:
    """Unit and time column, from a pair or from `"unit,time"`."""
    if panel is None:
        return None
    parts = panel.split(",") if isinstance(panel, str) else list(panel)
    names = [part.strip() for part in parts if isinstance(part, str)]
    if len(names) != 2 or len(parts) != 2 or not all(names) or names[0] == names[1]:
        raise UsageError(f'panel = {panel!r}: give the unit and the time column, as in panel=("state", "year")')
    return names[0], names[1]


@documented
def fit(
    fml: str,
    data: Any,
    *,
    model: Optional[Model] = None,
    vcov: Vcov = None,
    convention: Convention = "fixest",
    weights: Optional[str] = None,
    panel: Panel = None,
    where: Optional[str] = None,
    split: Optional[str] = None,
    invalid: str = "error",
    constant: str = "none",
    small_samples: str = "auto",
) -> Union[Fit, Fits]:
    """Estimates a formula, `y ~ x1 + x2 | effect1 + effect2 | endogenous ~ instruments`, the later parts as needed.

    `data` is a frame of pandas, polars, pyarrow or DuckDB, anything with `__arrow_c_stream__`, a dict of columns, or the
    path of a file (CSV, Parquet, Arrow, xlsx, dta) or of several with the same columns. Columns of numbers are not copied,
    but for those of pandas with nulls of their own (`Int64`), truth values, and columns that lie in several pieces or with
    gaps in memory; texts of pandas are copied unless pyarrow holds them. In pandas `nan` is a missing value.

    A formula with `sw csw sw0 csw0 mvsw` or several outcomes, `c(y1, y2)`, gives `Fits`, and so does `split`; else a `Fit` comes
    back.

    model: {models_short}; without it pooled without effects, within with them, 2sls with instruments.
    vcov: "iid" (the default), "hetero", {{"CRV1": "state"}}, or as on the command line, see below.
    convention: whose small-sample rules to follow, see below.
    weights: column of analytic weights.
    panel: unit and time column, for lags and for the models and errors that need them.
    where: condition on rows, such as "year >= 1980 and region = 'East'"; lags are taken before.
    split: a variable, or an expression such as "year >= 1980"; the formula is estimated on the rows of each of its values.
    invalid: "drop" counts rows on which a transform has no value (log of zero) as lost; else they are an error.
    constant: that of models with effects: "none", "mean" or "time-dummies".
    small_samples: what few clusters ask for, in `to_dict()` and `notes`: "auto", "always" or "never".

    Covariances:
    {covariances}

    Conventions:
    {conventions}

    Models:
    {models}

    Raises `panelyst.UsageError` for a mistake in the call, `panelyst.DataError` where the data cannot give what was asked.
    """
    asked = {
        "formula": _text("fml", fml),
        "model": model,
        "panel": panel_columns(panel),
        "vcov": vcov_text(vcov),
        "convention": convention,
        "weights": weights,
        "where": where,
        "split": split,
        "invalid": invalid,
        "constant": constant,
        "small_samples": small_samples,
    }
    for name in ("model", "convention", "weights", "where", "split", "invalid", "constant", "small_samples"):
        if asked[name] is not None:
            _text(name, asked[name])
    needed = _panelyst.columns(asked)
    data = _frames.kept(data)
    columns, _ = _frames.to_data(data, needed)
    cores = _panelyst.estimate(columns, asked)
    fits = [Fit(core, asked, data, place) for place, core in enumerate(cores)]
    return fits[0] if len(fits) == 1 and split is None else Fits(fits)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name} = {value!r} is of type {type(value).__name__}; it must be text")
    return value


def feols(fml: str, data: Any, vcov: Vcov = None, **options: Any) -> Union[Fit, Fits]:
    """Least squares: pooled, with absorbed effects, or with instruments, as the formula says. Options are those of `fit`."""
    return fit(fml, data, vcov=vcov, **options)


def fepois(fml: str, data: Any, vcov: Vcov = None, **options: Any) -> Union[Fit, Fits]:
    """Poisson pseudo-likelihood with any number of absorbed effects. Options are those of `fit`."""
    return fit(fml, data, vcov=vcov, **_model("poisson", options))


def feiv(fml: str, data: Any, vcov: Vcov = None, **options: Any) -> Union[Fit, Fits]:
    """Two-stage least squares, `y ~ x | effects | endogenous ~ instruments` (`model="liml"` for LIML). Options are those of `fit`."""
    return fit(fml, data, vcov=vcov, **_model("2sls", options))


def _model(default: str, options: dict) -> dict:
    allowed = {"poisson": ("poisson",), "2sls": ("2sls", "liml")}[default]
    model = options.get("model") or default
    if model not in allowed:
        raise UsageError(f"model = {model!r} does not go with this function; use panelyst.fit")
    return {**options, "model": model}


__all__ = ["COVARIANCES", "feiv", "feols", "fepois", "fit"]
