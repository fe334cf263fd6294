"""The reference study on 2010-2016 with linearmodels: baseline, Hausman, four regions.

Reads shared/data/china_province_panel.csv and provinces.csv beside the checkout and writes china_study.json.
Run from the root of the project:  python3 tests/reference/linearmodels/china_study.py ../shared/data
Versions are written into the file. Openness of 2015 is filled linearly, as in the study.
"""

import json
import sys

import linearmodels
import numpy as np
import pandas as pd
from linearmodels.panel import PanelOLS, PooledOLS, RandomEffects

folder = sys.argv[1]
data = pd.read_csv(f"{folder}/china_province_panel.csv")
data = data.merge(pd.read_csv(f"{folder}/provinces.csv")[["province", "region"]], on="province")
data = data[(data.year >= 2010) & (data.year <= 2016)].sort_values(["province", "year"])
trade = data.groupby("province")["trade_100m_yuan"].transform(lambda s: s.interpolate("linear"))
total = data.groupby("year")[["hightech_mbi_100m_yuan", "gdp_100m_yuan"]].transform("sum")
data["agg"] = (data.hightech_mbi_100m_yuan / data.gdp_100m_yuan) / (
    total.hightech_mbi_100m_yuan / total.gdp_100m_yuan
)
data["inv"] = np.log10(data.patents_granted)
data["gov"] = data.fiscal_exp_100m_yuan / data.gdp_100m_yuan
data["gdp"] = np.log10(data.gdp_100m_yuan)
data["open"] = np.log10(trade)
data["rd"] = np.log10(data.rd_intramural_10k_yuan)
data["const"] = 1.0
panel = data.set_index(["province", "year"])
full = ["inv", "gov", "gdp", "open"]


def row(fit, names):
    return {
        "nobs": int(fit.nobs),
        "params": {n: repr(float(fit.params[n])) for n in names},
        "std_errors": {n: repr(float(fit.std_errors[n])) for n in names},
        "rss": repr(float(fit.resid_ss)),
    }


out = {
    "command": "python3 tests/reference/linearmodels/china_study.py ../shared/data",
    "linearmodels": linearmodels.__version__,
    "pandas": pd.__version__,
    "note": "two-way columns: clustered by province, linearmodels' default factor n/(n - k - N - T + 1)",
}
out["pooled_core"] = row(PooledOLS(panel["agg"], panel[["const", "inv"]]).fit(), ["const", "inv"])
out["pooled_full"] = row(PooledOLS(panel["agg"], panel[["const"] + full]).fit(), ["const"] + full)


def two_way(frame, core="inv"):
    names = [core] + full[1:]
    model = PanelOLS(frame["agg"], frame[names], entity_effects=True, time_effects=True)
    return row(model.fit(cov_type="clustered", cluster_entity=True), names)


out["two_way"] = two_way(panel)
out["two_way_rd"] = two_way(panel, "rd")
for region in ["east", "central", "west", "northeast"]:
    out[f"two_way_{region}"] = two_way(panel[panel.region == region])

within = PanelOLS(panel["agg"], panel[full], entity_effects=True).fit()
random = RandomEffects(panel["agg"], panel[["const"] + full]).fit()
out["unit"] = row(within, full)
out["random"] = row(random, ["const"] + full)
difference = (within.params[full] - random.params[full]).to_numpy()
covariance = (within.cov.loc[full, full] - random.cov.loc[full, full]).to_numpy()
out["hausman"] = {
    "statistic": repr(float(difference @ np.linalg.solve(covariance, difference))),
    "eigenvalues": [repr(float(v)) for v in np.linalg.eigvalsh(covariance)],
}

with open("tests/reference/linearmodels/china_study.json", "w") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
