"""Correlations, variance inflation and the spread between and within states.

Run in the folder of this script: python description.py > description.csv
Written with statsmodels 0.15.0, scipy 1.17.1, pandas 3.1.1.
"""
import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.outliers_influence import variance_inflation_factor
import statsmodels.api as sm

data = pd.read_csv("../../canonical/munnell.csv")
for name in ["gsp", "p_cap", "pc", "emp"]:
    data[f"log({name})"] = np.log(data[name])
terms = ["log(p_cap)", "log(pc)", "log(emp)", "unemp"]
print("kind,variable,other,value,p_value")
for i, a in enumerate(["gsp"] + terms):
    for b in (["gsp"] + terms)[i + 1:]:
        r = stats.pearsonr(data[a], data[b])
        print(f"correlation,{a},{b},{r.statistic:.17g},{r.pvalue:.17g}")
X = sm.add_constant(data[terms])
for j, term in enumerate(terms):
    print(f"vif-levels,{term},,{variance_inflation_factor(X.values, j + 1):.17g},")
W = data[terms] - data.groupby("state")[terms].transform("mean") - data.groupby("yr")[terms].transform("mean") + data[terms].mean()
for j, term in enumerate(terms):
    print(f"vif-within,{term},,{variance_inflation_factor(W.values, j):.17g},")
for term in ["gsp", "unemp"]:
    x = data[term]
    means = data.groupby("state")[term].mean()
    within = x - data.groupby("state")[term].transform("mean") + x.mean()
    print(f"sd,{term},,{x.std(ddof=1):.17g},")
    print(f"mean,{term},,{x.mean():.17g},")
    print(f"between,{term},,{means.std(ddof=1):.17g},")
    print(f"within,{term},,{within.std(ddof=1):.17g},")
