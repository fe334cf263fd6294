"""The Python package of ours on a pandas frame."""

import protocol

task = protocol.read_task()
frame = protocol.read_frame(task)
import panelyst  # noqa: E402

panelyst.set_threads(task["threads"])
options = {"vcov": {"CRV1": task["cluster"]}, "small_samples": "never"}
call = panelyst.fepois if task["family"] == "poisson" else panelyst.feols


def estimate():
    fits = call(task["formula"], frame, **options)
    return fits if isinstance(fits, panelyst.Fits) else [fits]


def numbers(fits):
    return [
        {"nobs": fit.nobs, "coefficients": fit.coef().to_dict(), "std_errors": fit.se().to_dict()} for fit in fits
    ]


protocol.serve(task, ["panelyst", "pandas"], estimate, numbers)
