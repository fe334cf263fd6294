"""linearmodels' PanelOLS: two effects (unit and period), errors clustered by unit; for small panels."""

import protocol

task = protocol.read_task()
if len(task["effects"]) != 2 or task["family"] != "ols" or len(task["regressors"]) != 1 or task["instruments"]:
    raise SystemExit("this runner does one linear model with unit and period effects")
frame = protocol.read_frame(task)
from linearmodels.panel import PanelOLS  # noqa: E402


def estimate():
    panel = frame.set_index(task["effects"])
    model = PanelOLS(panel[task["outcome"]], panel[task["regressors"][0]], entity_effects=True, time_effects=True)
    return model.fit(cov_type="clustered", cluster_entity=True, group_debias=True)


def numbers(fit):
    return [
        {
            "nobs": int(fit.nobs),
            "coefficients": {k: float(v) for k, v in fit.params.items()},
            "std_errors": {k: float(v) for k, v in fit.std_errors.items()},
        }
    ]


protocol.serve(task, ["linearmodels"], estimate, numbers)
