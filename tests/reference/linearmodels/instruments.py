"""Instrumental variables on Munnell's panel by linearmodels, effects as explicit dummies.

Writes instruments.csv beside this file: case, formula and options of panelyst, quantity, term, value with 17 digits.
Run: python instruments.py ../../canonical/munnell.csv   (linearmodels 7.1, pandas 3.1.1, numpy 2.4.6)
Standard errors are `debiased=True`: iid RSS/(n-K), robust n/(n-K), clustered G/(G-1) (n-1)/(n-K), every dummy in K.
"""

import sys

import linearmodels
import numpy as np
import pandas as pd
from linearmodels.iv import IV2SLS, IVGMM, IVLIML

data = pd.read_csv(sys.argv[1])
for name in ["gsp", "emp", "pc", "p_cap", "hwy", "water", "util"]:
    data["log_" + name] = np.log(data[name])
data["w"] = 1 + data["unemp"] / 10
states, years = (pd.get_dummies(data[c], prefix=c, drop_first=True, dtype=float) for c in ("state", "yr"))


def text(name):
    return f"log({name[4:]})" if name.startswith("log_") else name


def formula(exog, effects, endog, instruments):
    left = " + ".join(text(c) for c in exog) or "1"
    parts = [f"log(gsp) ~ {left}"] + ([effects] if effects else [])
    right = " + ".join(text(c) for c in endog) + " ~ " + " + ".join(text(c) for c in instruments)
    return " | ".join([*parts, right])


CASES = [
    ("plain", ["log_emp", "unemp"], "", ["log_p_cap"], ["log_hwy", "log_water"]),
    ("twoway", ["log_emp", "unemp"], "state + yr", ["log_p_cap"], ["log_hwy", "log_water"]),
    ("exact", ["log_emp"], "state", ["log_p_cap"], ["log_hwy"]),
    ("two", ["unemp"], "state + yr", ["log_p_cap", "log_emp"], ["log_hwy", "log_water", "log_util", "log_pc"]),
    ("noexog", [], "state", ["log_emp"], ["log_hwy", "log_water"]),
]
COVS = {
    "iid": ("unadjusted", {}),
    "hc1": ("robust", {}),
    "cluster:state": ("clustered", {"clusters": data["state"].astype("category").cat.codes}),
}
rows = []
for name, exog, effects, endog, instruments in CASES:
    for weighted in (False, True):
        for model, kind in (("2sls", IV2SLS), ("liml", IVLIML)):
            for vcov, (cov_type, extra) in COVS.items():
                x = data[exog].assign(_cons=1.0)
                if "state" in effects:
                    x = x.join(states)
                if "yr" in effects:
                    x = x.join(years)
                y, d, z = data["log_gsp"], data[endog], data[instruments]
                w = data["w"] if weighted else None
                fit = kind(y, x, d, z, weights=w).fit(cov_type=cov_type, debiased=True, **extra)
                options = f"model={model} vcov={vcov} convention=areg" + (" weights=w" if weighted else "")
                case = f"{name}{'-w' if weighted else ''}"
                head = [case, formula(exog, effects, endog, instruments), options]

                def put(quantity, term, value):
                    rows.append([*head, quantity, term, f"{float(value):.17g}"])

                for term in exog + endog + ([] if effects else ["_cons"]):
                    put("estimate", text(term), fit.params[term])
                    put("std_error", text(term), fit.std_errors[term])
                if model == "liml":
                    put("kappa", "", fit.kappa if hasattr(fit, "kappa") else np.nan)
                    continue
                if vcov == "iid":
                    if len(instruments) > len(endog):
                        put("sargan", "", fit.sargan.stat)
                    if not weighted:
                        put("wu-hausman", "", fit.wu_hausman().stat)
                    for term in endog:
                        put("partial_r2", text(term), fit.first_stage.diagnostics["partial.rsquared"][term])
                elif len(instruments) > len(endog) and not (effects and vcov == "cluster:state"):
                    kinds = {"hc1": "robust", "cluster:state": "clustered"}
                    gmm = IVGMM(y, x, d, z, weights=w, weight_type=kinds[vcov], **extra).fit(
                        iter_limit=2, cov_type=kinds[vcov], **extra
                    )
                    put("hansen-j", "", gmm.j_stat.stat)
rows = [row for row in rows if row[-1] != "nan"]
with open(__file__.replace(".py", ".csv"), "w") as out:
    out.write("case,formula,options,quantity,term,value\n")
    out.writelines(",".join(row) + "\n" for row in rows)
print(linearmodels.__version__, len(rows))
