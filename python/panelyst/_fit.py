"""Results."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Union

from . import _frames, _panelyst
from ._errors import DataError, UsageError

if TYPE_CHECKING:
    import numpy
    import pandas

Vcov = Union[str, Mapping[str, str], None]

# Names of covariances in fixest and pyfixest.
_VCOV_NAMES = {"hetero": "hc1", "heteroskedastic": "hc1"}
_VCOV_KEYS = {"crv1": "cluster", "cluster": "cluster", "crv3": "crv3", "cr2": "cr2", "wild": "wild", "pairs": "pairs"}


def vcov_text(vcov: Vcov) -> Optional[str]:
    """A covariance as the command line writes it: `{"CRV1": "state"}` is `cluster:state`, `"hetero"` is `hc1`."""
    if vcov is None:
        return None
    if isinstance(vcov, str):
        name = vcov.strip()
        if name.lower() in _VCOV_NAMES:
            return _VCOV_NAMES[name.lower()]
        return name.lower() if name.lower() in ("iid", "hc0", "hc1", "hc2", "hc3") else name
    if isinstance(vcov, Mapping) and len(vcov) == 1:
        ((kind, columns),) = vcov.items()
        if isinstance(kind, str) and isinstance(columns, str) and kind.lower() in _VCOV_KEYS:
            return f"{_VCOV_KEYS[kind.lower()]}:{columns}"
    raise UsageError(
        f'vcov = {vcov!r} is not known; write "iid", "hetero", "hc3", {{"CRV1": "state"}}, or the command line\'s form, '
        'as in "cluster:state" or "driscoll-kraay:2"'
    )


class Fit:
    """The result of one model; estimates stay, covariances may be exchanged with `with_vcov`.

    Results are not changed once they are made. A pickle holds the columns that the model uses and how it was asked for;
    it is estimated again when it is loaded, which gives the same bits.
    """

    def __init__(self, core: Any, asked: dict, data: Any, place: int):
        self._core = core
        self._asked = asked
        self._data = data
        self._place = place
        self._json: Optional[dict] = None

    # What it is.

    @property
    def formula(self) -> str:
        """The formula as estimated."""
        return self._told["formula"]

    @property
    def model(self) -> str:
        """Name of the estimator."""
        return self._told["model"]

    @property
    def outcome(self) -> str:
        """Name of the left-hand side."""
        return self._core.outcome()

    @property
    def group(self) -> Optional[str]:
        """The rows of one value of `split`, as a condition."""
        return self._core.group() or None

    @property
    def nobs(self) -> int:
        """Observations of the regression."""
        return self._plain["nobs"]

    @property
    def rows(self) -> "numpy.ndarray":
        """Rows of the data that were used, from 0."""
        import numpy

        return numpy.frombuffer(self._core.rows(), dtype="i8")

    @property
    def notes(self) -> list[str]:
        """What a reader must know: lost rows, collinear regressors, few clusters."""
        return [note["text"] for note in self._told["notes"]]

    @property
    def convention(self) -> str:
        """Whose small-sample rules were followed."""
        return self._plain["vcov"]["convention"]

    @property
    def vcov_type(self) -> str:
        """The covariance, as the command line writes it."""
        return self._plain["vcov"]["type"]

    def to_dict(self) -> dict:
        """The result in the form of `panelyst fit --format json`."""
        return json.loads(json.dumps(self._told))

    @property
    def _told(self) -> dict:
        if self._json is None:
            self._json = json.loads(self._core.json(True))
        return self._json

    @property
    def _plain(self) -> dict:
        """What does not need statistics for few clusters."""
        if self._json is not None:
            return self._json
        known = getattr(self, "_plain_json", None)
        if known is None:
            known = self._plain_json = json.loads(self._core.json(False))
        return known

    # Coefficients.

    def _column(self, place: int, name: str) -> "pandas.Series":
        import pandas

        values = [row[place] for row in self._core.coefficients()]
        return pandas.Series(values, index=self._terms(), name=name, dtype="f8")

    def _terms(self) -> "pandas.Index":
        import pandas

        return pandas.Index(self._core.terms(), name="term")

    def coef(self) -> "pandas.Series":
        """Estimates by term; the constant is `_cons`."""
        return self._column(0, "estimate")

    def se(self) -> "pandas.Series":
        """Standard errors by term."""
        return self._column(1, "std_error")

    def tstat(self) -> "pandas.Series":
        """t statistics by term (z where tests use the normal distribution)."""
        return self._column(2, "statistic")

    def pvalue(self) -> "pandas.Series":
        """Two-sided p-values by term."""
        return self._column(3, "p_value")

    def confint(self, level: float = 0.95) -> "pandas.DataFrame":
        """Intervals by term; those of a bootstrap, which has its own, at 95 % only."""
        import pandas

        rows = self._core.coefficients()
        if level == 0.95:
            table = [(row[4], row[5]) for row in rows]
        elif self.vcov_type.split(":")[0] == "wild":
            raise UsageError("the intervals of a wild bootstrap are made for level 0.95 only")
        else:
            table = []
            for row, critical in zip(rows, self._core.critical(level)):
                table.append((row[0] - critical * row[1], row[0] + critical * row[1]))
        return pandas.DataFrame(table, index=self._terms(), columns=["ci_low", "ci_high"], dtype="f8")

    def vcov(self, kind: Vcov = None, convention: Optional[str] = None) -> "pandas.DataFrame":
        """Covariance of the coefficients: that of this result, or of another kind or convention (see `with_vcov`)."""
        import numpy
        import pandas

        if kind is not None or convention is not None:
            return self.with_vcov(kind, convention).vcov()
        terms = self._terms()
        matrix = numpy.array(self._core.covariance(), dtype="f8").reshape(len(terms), len(terms))
        return pandas.DataFrame(matrix, index=terms, columns=terms)

    def with_vcov(self, vcov: Vcov = None, convention: Optional[str] = None) -> "Fit":
        """The same estimates with other standard errors; nothing is estimated again.

        Columns that the covariance names and the formula does not are taken from the data of the fit. Formulas that were
        estimated together in one call are estimated once more by themselves the first time.
        """
        text = self.vcov_type if vcov is None else vcov_text(vcov)
        convention = self._asked["convention"] if convention is None else convention
        asked = {**self._asked, "vcov": text, "convention": convention}
        needed = _panelyst.columns(asked)
        data, _ = _frames.to_data(self._data, needed)
        core = self._core.with_vcov(text, convention, data)
        return Fit(core, asked, self._data, self._place)

    # Rows.

    def resid(self) -> "numpy.ndarray":
        """Residuals, one for each observation in the order of `rows`."""
        import numpy

        return numpy.frombuffer(self._core.residuals(), dtype="f8")

    def predict(self, data: Any = None, type: str = "response") -> "numpy.ndarray":
        """Fitted values of the rows used, or predictions for the rows of other data.

        Effects are included. A row of other data with a missing value, or with a level of an effect that the sample does
        not have, gets no number (`nan`). `type="link"` gives the linear predictor of Poisson and logit. For models of
        transformed rows (between, differences, random) it is the regression line.
        """
        import numpy

        if type not in ("response", "link"):
            raise UsageError(f"type = {type!r} is not known; write one of response, link")
        if data is None:
            return numpy.frombuffer(self._core.fitted(type == "link"), dtype="f8")
        matrix, shift = self._prediction_parts(data)
        line = matrix @ self.coef().to_numpy() + shift
        return self._response(line) if type == "response" else line

    def _prediction_parts(self, data: Any) -> tuple:
        """Regressors of other data, rows by terms, and the sum of the effects on each row."""
        import numpy

        frame, _ = _frames.to_data(data, self._core.columns_for_prediction())
        terms = self._core.terms()
        columns = numpy.frombuffer(self._core.regressors(frame), dtype="f8")
        matrix = columns.reshape(len(terms), frame.rows()).T
        if not self._plain["fixed_effects"]:
            return matrix, numpy.zeros(frame.rows())
        if "_cons" in terms:
            # A constant beside absorbed effects is a normalisation; the effects as they are include it.
            matrix = matrix.copy()
            matrix[:, terms.index("_cons")] = 0.0
        return matrix, numpy.frombuffer(self._core.effects_of(frame), dtype="f8")

    def _response(self, line: Any) -> Any:
        import numpy

        if self._plain["model"] == "poisson":
            return numpy.exp(line)
        if self._plain["model"] == "logit":
            return 1.0 / (1.0 + numpy.exp(-line))
        return line

    def fixef(self) -> dict:
        """Absorbed effects: for each its value by level, as a series.

        The first level of every effect but the first is zero in each connected component, so that levels can be compared
        within components only. Slopes that differ between levels are `effect[variable]`.
        """
        import numpy
        import pandas

        found = {}
        for name, labels, values in self._core.effects():
            try:
                index = pandas.Index([int(label) for label in labels], name=name)
            except ValueError:
                index = pandas.Index(labels, name=name)
            found[name] = pandas.Series(numpy.frombuffer(values, dtype="f8"), index=index, name=name)
        return found

    # Tables.

    def tidy(self) -> "pandas.DataFrame":
        """One row a term: estimate, std_error, statistic, p_value, ci_low, ci_high."""
        import pandas

        rows = [row[:6] for row in self._core.coefficients()]
        names = ["estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high"]
        return pandas.DataFrame(rows, index=self._terms(), columns=names, dtype="f8")

    def glance(self) -> "pandas.DataFrame":
        """One row about the model: observations, degrees of freedom, R2, likelihood, covariance."""
        import pandas

        told = self._plain
        keys = ["nobs", "df_residual", "df_test", "r2", "r2_adjusted", "r2_within", "pseudo_r2", "rmse", "rss", "loglik"]
        row = {key: told.get(key) for key in keys}
        row["deviance"] = told.get("deviance")
        row["model"] = told["model"]
        row["vcov"] = told["vcov"]["type"]
        row["convention"] = told["vcov"]["convention"]
        row["small_sample_factor"] = told["vcov"]["small_sample_factor"]
        return pandas.DataFrame([row])

    def summary(self, format: str = "text", **options: Any) -> Any:
        """The table of this result; options are those of `etable`."""
        from ._tables import etable

        return etable([self], format=format, **options)

    def __repr__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return str(self.summary("html"))

    def __len__(self) -> int:
        return len(self._core.terms())

    # Pickles.

    def __reduce__(self):
        needed = _panelyst.columns(self._asked)
        data, _ = _frames.to_data(self._data, needed)
        return _loaded, (data.to_bytes(), self._asked, self._place)

    def __copy__(self) -> "Fit":
        return self

    def __deepcopy__(self, memo: Any) -> "Fit":
        return self

    # Other packages.

    @property
    def __maketables_coef_table__(self) -> "pandas.DataFrame":
        table = self.tidy()
        table.columns = ["b", "se", "t", "p", "ci95l", "ci95u"]
        table.index.name = "Coefficient"
        return table

    @property
    def __maketables_depvar__(self) -> str:
        return self.outcome

    @property
    def __maketables_fixef_string__(self) -> Optional[str]:
        names = [effect["name"] for effect in self._plain["fixed_effects"]]
        return "+".join(names) or None

    @property
    def __maketables_vcov_info__(self) -> dict:
        told = self._plain["vcov"]
        return {"vcov_type": told["type"], "clustervar": list(told["clusters"]) or None, "ssc": told["convention"]}

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        return ["N", "pseudo_r2"] if self._plain["r2"] is None else ["N", "r2"]

    def __maketables_stat__(self, key: str) -> Any:
        told = self._plain
        names = {
            "N": "nobs",
            "adj_r2": "r2_adjusted",
            "r2_within": "r2_within",
            "within_r2": "r2_within",
            "ll": "loglik",
            "df_r": "df_residual",
        }
        if key in ("se_type", "vcov_type"):
            return told["vcov"]["type"]
        return told.get(names.get(key, key))

    def marginaleffects(self) -> Any:
        """This result for `marginaleffects`: `slopes(fit.marginaleffects())`, `predictions`, `comparisons` ..."""
        from ._marginaleffects import model_of

        return model_of(self)


def _loaded(columns: bytes, asked: dict, place: int) -> Fit:
    data = _panelyst.Data.from_bytes(columns)
    cores = _panelyst.estimate(data, asked)
    return Fit(cores[place], asked, data, place)


def _name(fit: Fit) -> str:
    return fit.formula if fit.group is None else f"{fit.formula} if {fit.group}"


class Fits(Sequence):
    """The results of several formulas of one call, in their order."""

    def __init__(self, fits: Sequence[Fit]):
        self._fits = tuple(fits)

    def __getitem__(self, place: Any) -> Any:
        found = self._fits[place]
        return Fits(found) if isinstance(place, slice) else found

    def __len__(self) -> int:
        return len(self._fits)

    @property
    def all_fitted_models(self) -> dict[str, Fit]:
        """Results by formula, and by group where rows were parted: `y ~ x if region = "East"`."""
        return {_name(fit): fit for fit in self._fits}

    def with_vcov(self, vcov: Vcov = None, convention: Optional[str] = None) -> "Fits":
        """Every result with other standard errors."""
        return Fits([fit.with_vcov(vcov, convention) for fit in self._fits])

    def etable(self, **options: Any) -> Any:
        """All results side by side."""
        from ._tables import etable

        return etable(self._fits, **options)

    def tidy(self) -> "pandas.DataFrame":
        """All coefficients, one row each, with the formula."""
        import pandas

        keys = [_name(fit) for fit in self._fits]
        return pandas.concat([fit.tidy() for fit in self._fits], keys=keys, names=["formula", "term"])

    def __repr__(self) -> str:
        return str(self.etable())

    def _repr_html_(self) -> str:
        return str(self.etable(format="html"))
