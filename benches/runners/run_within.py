"""within: its solver between a hash encoding of the keys (pandas.factorize) and least squares with clustered errors in numpy."""

import numpy as np
import pandas as pd
import protocol
import within

task = protocol.read_task()
if task["family"] != "ols" or task["instruments"]:
    raise SystemExit("within residualises columns; least squares only")
frame = protocol.read_frame(task)
keys = {name: frame[name].to_numpy() for name in {*task["effects"], task["cluster"]}}
names = list(dict.fromkeys(x for model in task["regressors"] for x in model))
values = [frame[name].to_numpy() for name in [task["outcome"], *names]]
lsmr = within.LsmrOptions(tol=1e-14, maxiter=10_000) if task["tight"] else within.LsmrOptions()
preconditioner = within.PreconditionerConfig.Additive() if task["tight"] else None


def without_singletons(codes):
    """Rows whose level of every effect has another row; None where that is all of them."""
    keep = None
    while True:
        alone = np.zeros(len(codes[0]) if keep is None else keep.size, dtype=bool)
        for effect in codes:
            level = effect if keep is None else effect[keep]
            alone |= np.bincount(level)[level] == 1
        if not alone.any():
            return keep
        keep = np.flatnonzero(~alone) if keep is None else keep[~alone]


def estimate():
    codes = {name: pd.factorize(column)[0] for name, column in keys.items()}
    columns = values
    keep = without_singletons([codes[name] for name in task["effects"]])
    if keep is not None:
        codes = {name: pd.factorize(code[keep])[0] for name, code in codes.items()}
        columns = [column[keep] for column in values]
    n = len(columns[0])
    design = np.empty((n, len(task["effects"])), dtype=np.uint32, order="F")
    for j, name in enumerate(task["effects"]):
        design[:, j] = codes[name]
    matrix = np.empty((n, len(columns)), order="F")
    for j, column in enumerate(columns):
        matrix[:, j] = column
    solved = within.solve_batch(design, matrix, options=lsmr, preconditioner=preconditioner).demeaned
    y, x = solved[:, 0], solved[:, 1:]
    cluster = codes[task["cluster"]]
    groups = int(cluster.max()) + 1
    # fixest's count: effects equal to the cluster variable cost nothing, the others their levels less one, and the constant.
    absorbed = 1 + sum(int(codes[name].max()) for name in task["effects"] if name != task["cluster"])
    return [least_squares(y, x, model, cluster, groups, absorbed) for model in task["regressors"]]


def least_squares(y, x, model, cluster, groups, absorbed):
    x = x[:, [names.index(name) for name in model]]
    n, k = x.shape
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ (x.T @ y)
    residual = y - x @ beta
    scores = np.column_stack([np.bincount(cluster, x[:, j] * residual, groups) for j in range(k)])
    factor = groups / (groups - 1) * (n - 1) / (n - k - absorbed)
    variance = factor * bread @ (scores.T @ scores) @ bread
    return n, model, beta, np.sqrt(np.diag(variance))


def numbers(fits):
    return [
        {
            "nobs": n,
            "coefficients": dict(zip(model, map(float, beta))),
            "std_errors": dict(zip(model, map(float, errors))),
        }
        for n, model, beta, errors in fits
    ]


protocol.serve(task, ["within-py", "numpy", "pandas"], estimate, numbers)
