"""Poisson and logit with absorbed effects on Munnell's panel by pyfixest and statsmodels (explicit dummies).

Writes likelihood.csv beside this file: tool, formula and options of panelyst, quantity, term, value with 17 digits.
Run: python likelihood.py ../../canonical/munnell.csv   (pyfixest 0.60.0, statsmodels 0.15.0, pandas 3.1.1)
The count is the integer part of the unemployment rate; the choice is whether the rate is above 6.
"""

import sys

import numpy as np
import pandas as pd
import pyfixest as pf
import statsmodels
import statsmodels.api as sm
from scipy.special import gammaln

data = pd.read_csv(sys.argv[1])
data["count"] = np.floor(np.maximum(data["unemp"] - 4, 0))
data["high"] = (data["unemp"] > 6).astype(int)
for name in ["emp", "pc", "hwy"]:
    data["log_" + name] = np.log(data[name])
rows = []


def text(name):
    return f"log({name[4:]})" if name.startswith("log_") else {"Intercept": "_cons", "const": "_cons"}.get(name, name)


def put(tool, formula, options, quantity, term, value):
    rows.append([tool, formula, options, quantity, term, f"{float(value):.17g}"])


CASES = [
    ("poisson", "count", ["log_emp", "log_pc"], []),
    ("poisson", "count", ["log_emp", "log_pc"], ["state"]),
    ("poisson", "count", ["log_emp", "log_pc"], ["state", "yr"]),
    ("logit", "high", ["log_emp", "log_pc"], []),
    ("logit", "high", ["log_emp", "log_pc"], ["state"]),
    ("logit", "high", ["log_emp", "log_pc"], ["state", "yr"]),
]
for model, y, x, effects in CASES:
    formula = f"{y} ~ " + " + ".join(text(v) for v in x) + (" | " + " + ".join(effects) if effects else "")
    # Levels whose outcomes are all at the boundary, again until there is none.
    sample = data
    while effects:
        before = len(sample)
        for effect in effects:
            mean = sample.groupby(effect)[y].transform("mean")
            sample = sample[(mean > 0) & ((mean < 1) | (model == "poisson"))]
        if len(sample) == before:
            break
    design = sample[x].assign(const=1.0)
    for effect in effects:
        design = design.join(pd.get_dummies(sample[effect], prefix=effect, drop_first=True, dtype=float))
    family = sm.families.Poisson() if model == "poisson" else sm.families.Binomial()
    codes = sample["state"].astype("category").cat.codes
    glm = sm.GLM(sample[y], design, family=family)
    n, k = design.shape
    g = codes.nunique()
    fits = {
        "iid": glm.fit(tol=1e-14, tol_criterion="params", maxiter=300),
        "hc0": glm.fit(tol=1e-14, tol_criterion="params", maxiter=300, cov_type="HC0"),
        "cluster:state": glm.fit(
            tol=1e-14, tol_criterion="params", maxiter=300, cov_type="cluster",
            cov_kwds={"groups": codes, "use_correction": False},
        ),
    }
    options = f"model={model}"
    for vcov, fit in fits.items():
        for term in x + ([] if effects else ["const"]):
            if vcov == "iid":
                put("statsmodels", formula, options, "estimate", text(term), fit.params[term])
            # The bare sandwich; panelyst's factor is divided out in the test.
            put("statsmodels", formula, f"{options} vcov={vcov}", "bare_error", text(term), fit.bse[term])
    fit = fits["iid"]
    put("statsmodels", formula, options, "deviance", "", fit.deviance)
    put("statsmodels", formula, options, "loglik", "", fit.llf)
    put("statsmodels", formula, options, "nobs", "", n)
    for vcov in ("iid", "hetero", {"CRV1": "state"}):
        fml = f"{y} ~ " + " + ".join(x) + (" | " + " + ".join(effects) if effects else "")
        try:
            if model == "poisson":
                fit = pf.fepois(fml, data, vcov=vcov, iwls_tol=1e-13, fixef_tol=1e-13, iwls_maxiter=200)
            else:
                fit = pf.feglm(fml, sample, family="logit", vcov=vcov, iwls_tol=1e-13, fixef_tol=1e-13, iwls_maxiter=200)
        except Exception as problem:
            print(fml, vcov, repr(problem)[:200])
            continue
        name = vcov if vcov == "iid" else "hc1" if vcov == "hetero" else "cluster:state"
        for term in x + ([] if effects else ["Intercept"]):
            put("pyfixest", formula, f"{options} vcov={name}", "std_error", text(term), fit.se()[term])
            put("pyfixest", formula, f"{options} vcov={name}", "fit_estimate", text(term), fit.coef()[term])
with open(__file__.replace(".py", ".csv"), "w") as out:
    out.write("tool,formula,options,quantity,term,value\n")
    out.writelines(",".join(row) + "\n" for row in rows)
print(pf.__version__, statsmodels.__version__, len(rows))
