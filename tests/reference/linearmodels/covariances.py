"""Kernel covariances of linearmodels, and those of statsmodels with explicit dummies, on Munnell's panel, all rows and
without those of ../munnell/dropped_rows.csv.

Run in this folder: python covariances.py > covariances.json

linearmodels' kernel covariance is Driscoll and Kraay's. statsmodels' hac-panel (Newey-West, on all rows: it takes the
previous row for the previous period) and hac-groupsum (Driscoll-Kraay) are without factors, the convention plm;
its periods are numbered from 0, as sums of periods before the first would count otherwise.
"""

import json
import sys

import linearmodels
import numpy as np
import pandas as pd
import statsmodels
import statsmodels.api as sm
from linearmodels.panel import PanelOLS, PooledOLS

data = pd.read_csv("../../canonical/munnell.csv")
dropped = pd.read_csv("../munnell/dropped_rows.csv")["row"]
for name in ["gsp", "p_cap", "pc", "emp"]:
    data[f"log({name})"] = np.log(data[name])
terms = ["log(p_cap)", "log(pc)", "log(emp)", "unemp"]
rows = []


def emit(tool, case, sample, vcov, convention, coefficients, errors):
    pick = lambda s: {"_cons" if k == "const" else k: float(v) for k, v in s.items() if k in [*terms, "const"]}
    rows.append({
        "tool": tool, "case": case, "sample": sample, "model": case.split("-")[0].rstrip("12"), "vcov": vcov,
        "convention": convention, "coefficients": pick(coefficients), "std_errors": pick(errors), "extra": {},
    })


for sample in ["balanced", "unbalanced"]:
    d = (data if sample == "balanced" else data.drop(index=dropped)).sort_values(["state", "yr"]).reset_index(drop=True)
    p = d.set_index(["state", "yr"])
    for weighted in [False, True]:
        tail = "-weights" if weighted else ""
        for case in ["pooled", "within1", "within2"]:
            w = p["hwy"] if weighted else None
            if case == "pooled":
                model = PooledOLS(p["log(gsp)"], sm.add_constant(p[terms]), weights=w)
            else:
                model = PanelOLS(p["log(gsp)"], p[terms], entity_effects=True, time_effects=case == "within2", weights=w)
            for lag in [None, 1, 2, 6]:
                options = {} if lag is None else {"bandwidth": lag}
                fit = model.fit(cov_type="kernel", kernel="bartlett", **options)
                emit("linearmodels", case + tail, sample, "driscoll-kraay" + ("" if lag is None else f":{lag}"),
                     "linearmodels", fit.params, fit.std_errors)
            x = d[terms]
            if case != "pooled":
                x = pd.concat([x, pd.get_dummies(d["state"], drop_first=True, dtype=float)], axis=1)
            if case == "within2":
                x = pd.concat([x, pd.get_dummies(d["yr"], prefix="y", drop_first=True, dtype=float)], axis=1)
            x = sm.add_constant(x)
            ols = sm.WLS(d["log(gsp)"], x, weights=d["hwy"]) if weighted else sm.OLS(d["log(gsp)"], x)
            drop = [] if case == "pooled" else ["const"]
            for lag in [1, 3]:
                groups = pd.Categorical(d["state"]).codes
                kinds = [("driscoll-kraay", "hac-groupsum", {"time": (d["yr"] - d["yr"].min()).to_numpy()})]
                if sample == "balanced":
                    kinds.append(("newey-west", "hac-panel", {"groups": groups}))
                for vcov, kind, options in kinds:
                    fit = ols.fit(cov_type=kind, cov_kwds={"maxlags": lag, "use_correction": False, **options})
                    emit("statsmodels", case + tail, sample, f"{vcov}:{lag}", "plm", fit.params.drop(drop), fit.bse)
            for kind in ["HC2", "HC3"]:
                fit = ols.fit(cov_type=kind)
                emit("statsmodels", case + tail, sample, kind.lower(), "fixest", fit.params.drop(drop), fit.bse)

json.dump({
    "tool": f"Python {sys.version.split()[0]}, linearmodels {linearmodels.__version__}, statsmodels {statsmodels.__version__}",
    "command": "python covariances.py > covariances.json",
    "rows": rows,
}, sys.stdout, indent=1)
print()
