"""Driscoll-Kraay errors of linearmodels (bandwidth 2) on ../plm/lags.csv, a panel with gaps: the periods that occur count.

Run in this folder: python lags.py > lags.json   (linearmodels 7.1)
"""

import json

import pandas
from linearmodels import PanelOLS

data = pandas.read_csv("../plm/lags.csv").set_index(["id", "time"])
fit = PanelOLS.from_formula("y ~ x + EntityEffects", data).fit(cov_type="kernel", kernel="bartlett", bandwidth=2)
print(json.dumps({"driscoll-kraay:2": float(fit.std_errors["x"])}))
