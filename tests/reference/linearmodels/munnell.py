"""Reference numbers of linearmodels on Munnell's panel, all rows and without those of ../munnell/dropped_rows.csv.

Run in this folder: python munnell.py > munnell.json
"""

import json
import sys

import linearmodels
import numpy as np
import pandas as pd
from linearmodels.panel import BetweenOLS, FirstDifferenceOLS, PanelOLS, PooledOLS, RandomEffects

data = pd.read_csv("../../canonical/munnell.csv")
dropped = pd.read_csv("../munnell/dropped_rows.csv")["row"]
rows = []


def emit(case, sample, model, vcov, fit, extra=None):
    name = {"const": "_cons"}
    coefficients = {name.get(k, k): float(v) for k, v in fit.params.items()}
    errors = {name.get(k, k): float(v) for k, v in fit.std_errors.items()}
    p_values = {name.get(k, k): float(v) for k, v in fit.pvalues.items()}
    rows.append({
        "case": case, "sample": sample, "model": model, "vcov": vcov, "convention": "linearmodels",
        "coefficients": coefficients, "std_errors": errors, "p_values": p_values,
        "extra": {"nobs": int(fit.nobs), "df_residual": float(fit.df_resid), **(extra or {})},
    })


for sample in ["balanced", "unbalanced"]:
    d = data if sample == "balanced" else data.drop(index=dropped)
    d = d.set_index(["state", "yr"])
    y = np.log(d["gsp"])
    x = pd.DataFrame({
        "log(p_cap)": np.log(d["p_cap"]), "log(pc)": np.log(d["pc"]), "log(emp)": np.log(d["emp"]), "unemp": d["unemp"],
    })
    xc = x.assign(const=1.0)
    years = pd.DataFrame({"yr": d.index.get_level_values("yr")}, index=d.index)
    kinds = {
        "iid": {"cov_type": "unadjusted"},
        "hc1": {"cov_type": "robust"},
        "cluster:state": {"cov_type": "clustered", "cluster_entity": True},
        "cluster:state+yr": {"cov_type": "clustered", "cluster_entity": True, "cluster_time": True},
    }
    for weighted in [False, True]:
        w = d["hwy"] if weighted else None
        tail = "-weights" if weighted else ""
        for vcov, kind in kinds.items():
            emit("pooled" + tail, sample, "pooled", vcov, PooledOLS(y, xc, weights=w).fit(**kind))
            emit("within1" + tail, sample, "within", vcov, PanelOLS(y, x, entity_effects=True, weights=w).fit(**kind))
            emit("within2" + tail, sample, "within", vcov,
                 PanelOLS(y, x, entity_effects=True, time_effects=True, weights=w).fit(**kind))
    for vcov in ["iid", "hc1"]:
        emit("between", sample, "between", vcov, BetweenOLS(y, xc).fit(**kinds[vcov]))
    if sample == "balanced":
        for vcov in ["iid", "hc1", "cluster:state"]:
            emit("first-difference", sample, "first-difference", vcov, FirstDifferenceOLS(y, x).fit(**kinds[vcov]))
            fit = RandomEffects(y, xc).fit(**kinds[vcov])
            emit("random", sample, "random", vcov, fit)

json.dump({
    "tool": f"Python {sys.version.split()[0]}, linearmodels {linearmodels.__version__}",
    "command": "python munnell.py > munnell.json",
    "rows": rows,
}, sys.stdout, indent=1)
print()
