"""Results for the package marginaleffects: its model interface on a result."""

from __future__ import annotations

from typing import Any


def model_of(fit: Any) -> Any:
    """A model that `marginaleffects.slopes` and its sisters take."""
    import numpy
    import polars
    from marginaleffects.classes import ModelAbstract, ModelVault

    from . import _frames
    from ._errors import UsageError

    class ModelPanelyst(ModelAbstract):
        """A result of panelyst behind the interface of marginaleffects."""

        def __init__(self) -> None:
            vault = ModelVault()
            vault.modeldata = _rows_used(fit)
            vault.formula = fit.formula
            vault.package = "panelyst"
            super().__init__(fit, vault)
            for effect in fit._core.effects():
                for column in effect[0].split("^"):
                    self.set_variable_type(column, "character")

        def is_linear_model(self) -> bool:
            return fit._plain["model"] not in ("poisson", "logit")

        def get_coef(self) -> Any:
            return fit.coef().to_numpy()

        def get_coefnames(self) -> Any:
            return numpy.array(fit._core.terms())

        def get_vcov(self, vcov: Any = True) -> Any:
            if isinstance(vcov, bool):
                return fit.vcov().to_numpy() if vcov else None
            if isinstance(vcov, (str, dict)):
                return fit.vcov(vcov).to_numpy()
            raise UsageError(f"vcov = {vcov!r} is not known; give a truth value or a covariance as for panelyst.fit")

        def find_response(self) -> str:
            return fit.outcome

        def find_predictors(self) -> list[str]:
            columns = fit._core.columns_for_prediction()
            return [name for name in columns if name in self.get_modeldata().columns]

        def find_variables(self) -> list[str]:
            return [self.find_response(), *self.find_predictors()]

        def get_exog(self, newdata: Any) -> Any:
            # The effects of each row stand behind its regressors.
            matrix, shift = fit._prediction_parts(newdata)
            return numpy.column_stack([matrix, shift])

        def get_predict(self, params: Any, newdata: Any) -> Any:
            matrix = newdata if isinstance(newdata, numpy.ndarray) else self.get_exog(newdata)
            values = fit._response(matrix[:, :-1] @ numpy.asarray(params, dtype="f8") + matrix[:, -1])
            rows = polars.Series("rowid", range(len(values)), dtype=polars.Int32)
            return polars.DataFrame({"rowid": rows, "estimate": values})

    def _rows_used(fit: Any) -> Any:
        data = fit._data
        if _frames.is_path(data) or isinstance(data, _frames.Data):
            raise UsageError("marginaleffects needs the rows of a frame; estimate on a frame, not on a file or a stream")
        if isinstance(data, dict):
            frame = polars.DataFrame(data)
        elif isinstance(data, polars.LazyFrame):
            frame = data.collect()
        elif isinstance(data, polars.DataFrame):
            frame = data
        elif type(data).__module__.startswith("pyarrow"):
            frame = polars.from_arrow(data)
        else:
            frame = polars.from_pandas(data)
        # Texts are categories there.
        return frame[fit.rows].with_columns(polars.col(polars.String).cast(polars.Categorical))

    return ModelPanelyst()
