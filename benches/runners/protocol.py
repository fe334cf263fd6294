"""What a runner does: reads its columns, says so, then estimates once for every line on standard input.

The task is one JSON object, the first argument:
    data, columns       a Parquet file and what to read of it (before the clock starts)
    formula             as in fixest: y ~ x1 + x2 | effect1 + effect2 | endogenous ~ instrument
    outcome, regressors, effects, cluster, family     the same in parts; several models have several lists of regressors
    threads, inner      threads to use; estimations in one measurement (many where one takes microseconds)
    tight               solve to the last digits instead of by the defaults: for the numbers that the others are held against
Answers are lines of JSON: {"ready", "versions", ...}, then {"seconds", "base_mb", "peak_mb", "models"}, each model with "nobs",
"coefficients" and "std_errors" by term. `base_mb` is the memory of the process with the columns read, `peak_mb` its highest
since then.
"""

import contextlib
import gc
import importlib.metadata
import json
import pathlib
import sys
import time
import warnings


def read_task():
    return json.loads(sys.argv[1])


def read_frame(task):
    """The columns as a pandas frame."""
    import pyarrow.parquet

    return pyarrow.parquet.read_table(task["data"], columns=task["columns"]).to_pandas()


def memory(field):
    """A line of the status of this process in MB; None where there is none."""
    try:
        status = pathlib.Path("/proc/self/status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return None


def say(answer):
    print(json.dumps(answer), flush=True)


def serve(task, packages, estimate, numbers):
    """Answers requests: `estimate()` is timed, `numbers(its result)` gives the models and is not."""
    warnings.simplefilter("ignore")
    inner = task.get("inner", 1)
    gc.collect()
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    base = memory("VmRSS:")
    versions = {name: importlib.metadata.version(name) for name in packages}
    versions["python"] = sys.version.split()[0]
    say({"ready": True, "versions": versions})
    for _ in sys.stdin:
        gc.collect()
        start = time.perf_counter()
        for _ in range(inner):
            with contextlib.redirect_stdout(sys.stderr):
                result = estimate()
        seconds = (time.perf_counter() - start) / inner
        peak = memory("VmHWM:")
        say({"seconds": seconds, "base_mb": base, "peak_mb": peak, "models": numbers(result)})
        del result


def pyfixest_numbers(result):
    """The numbers of one or several results with pyfixest's methods."""
    fits = result.all_fitted_models.values() if hasattr(result, "all_fitted_models") else [result]
    models = []
    for fit in fits:
        models.append(
            {
                "nobs": int(getattr(fit, "_N", 0)),
                "coefficients": {str(k): float(v) for k, v in fit.coef().items()},
                "std_errors": {str(k): float(v) for k, v in fit.se().items()},
            }
        )
    return models
