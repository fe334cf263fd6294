"""Differences of coefficients between groups of states: explicit interactions, clustered by state.

Run in the folder of this script: python group-differences.py > group-differences.csv
Written with pyfixest 0.60.0, pandas 3.1.1. State number i (from 0, sorted by name) is in group "abc"[i % 3];
the unbalanced sample leaves out the rows whose number (from 1) is a multiple of 7.
"""
import numpy as np
import pandas as pd
import pyfixest as pf
from scipy import stats

data = pd.read_csv("../../canonical/munnell.csv")
data["group"] = pd.Categorical(data["state"]).codes
data["group"] = data["group"].map(lambda i: "abc"[i % 3])
for name in ["gsp", "p_cap", "pc", "emp"]:
    data["log_" + name] = np.log(data[name])
terms = ["log_p_cap", "log_pc", "log_emp", "unemp"]

print("data,effects,term,first,second,estimate_first,estimate_second,std_error,p_value")
for label, rows in [("balanced", data), ("unbalanced", data[(np.arange(len(data)) + 1) % 7 != 0])]:
    for effects in ["none", "unit", "both"]:
        for first, second in [("a", "b"), ("a", "c"), ("b", "c")]:
            pair = rows[rows["group"].isin([first, second])].copy()
            columns = []
            for group in (first, second):
                for term in terms:
                    column = f"{term}_{group}"
                    pair[column] = np.where(pair["group"] == group, pair[term], 0.0)
                    columns.append(column)
            pair["second"] = (pair["group"] == second).astype(float)
            pair["year_group"] = pair["yr"].astype(str) + pair["group"]
            right = {"none": " + second", "unit": " | state", "both": " | state + year_group"}[effects]
            fit = pf.feols("log_gsp ~ " + " + ".join(columns) + right, pair, vcov={"CRV1": "state"})
            names = list(fit._coefnames)
            V = fit._vcov
            for term in terms:
                i, j = names.index(f"{term}_{first}"), names.index(f"{term}_{second}")
                b = fit._beta_hat
                se = np.sqrt(V[i, i] + V[j, j] - 2 * V[i, j])
                df = pair["state"].nunique() - 1
                p = 2 * stats.t.sf(abs((b[i] - b[j]) / se), df)
                print(f"{label},{effects},{term},{first},{second},{b[i]:.17g},{b[j]:.17g},{se:.17g},{p:.17g}")
