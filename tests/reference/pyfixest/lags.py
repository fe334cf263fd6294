"""Newey-West and Driscoll-Kraay errors of pyfixest on ../plm/lags.csv, a panel with gaps.

pyfixest takes for Newey-West the rows of a unit, for Driscoll-Kraay the periods that occur, as if none was missing between
them. Run in this folder: python lags.py > lags.json   (pyfixest 0.60.0)
"""

import json

import pandas
import pyfixest

data = pandas.read_csv("../plm/lags.csv")
errors = {}
for name, vcov in [("newey-west:2", "NW"), ("driscoll-kraay:2", "DK")]:
    fit = pyfixest.feols("y ~ x | id", data, vcov=vcov, vcov_kwargs={"time_id": "time", "panel_id": "id", "lag": 2})
    errors[name] = float(fit.se().iloc[0])
print(json.dumps(errors))
