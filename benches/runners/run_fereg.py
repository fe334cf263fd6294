"""fereg: its compatible interface on a pandas frame, exact solver. `--calls`: one call for each model instead of csw()."""

import sys

import protocol

task = protocol.read_task()
frame = protocol.read_frame(task)
import fereg  # noqa: E402

options = {"vcov": {"CRV1": task["cluster"]}, "copy_data": False, "store_data": False, "nthreads": task["threads"]}
if task["tight"]:
    options["fixef_tol"] = 1e-13
call = fereg.feols
if task["family"] == "poisson":
    call = fereg.fepois
    if task["tight"]:
        options |= {"iwls_tol": 1e-13, "iwls_maxiter": 100}

if "--calls" in sys.argv:
    effects = " + ".join(task["effects"])
    formulas = [f"{task['outcome']} ~ {' + '.join(x)} | {effects}" for x in task["regressors"]]

    def estimate():
        return [call(formula, frame, **options) for formula in formulas]

    def numbers(fits):
        return [model for fit in fits for model in protocol.pyfixest_numbers(fit)]
else:

    def estimate():
        return call(task["formula"], frame, **options)

    numbers = protocol.pyfixest_numbers

protocol.serve(task, ["fereg"], estimate, numbers)
