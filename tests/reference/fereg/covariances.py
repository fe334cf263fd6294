"""Covariances of fereg and pyfixest on Munnell's panel, all rows and without those of ../munnell/dropped_rows.csv.

Run in this folder: python covariances.py > covariances.json

Newey-West only on all rows: both packages take the previous row of a unit for the previous period. pyfixest without
weights under Newey-West and Driscoll-Kraay. Conley from fereg, great-circle distances; its negative variances (not a number) are left out. Coordinates are made up: state
number i (from 0, sorted) lies at latitude 25 + 7 i mod 24, longitude -122 + 11 i mod 53.
"""

import json
import sys
import warnings

import fereg
import numpy as np
import pandas as pd
import pyfixest

warnings.simplefilter("ignore")
data = pd.read_csv("../../canonical/munnell.csv")
dropped = pd.read_csv("../munnell/dropped_rows.csv")["row"]
for name in ["gsp", "p_cap", "pc", "emp"]:
    data[f"l_{name}"] = np.log(data[name])
data["i"] = pd.Categorical(data["state"]).codes.astype(int)
t = data["yr"] - 1970
data["c3"] = (data["i"] + 3 * t) % 11
data["c4"] = (2 * data["i"] + t) % 13
data["lat"] = 25.0 + (7 * data["i"]) % 24
data["lon"] = -122.0 + (11 * data["i"]) % 53
label = {f"l_{n}": f"log({n})" for n in ["p_cap", "pc", "emp"]} | {"Intercept": "_cons"}
panel = {"time_id": "yr", "panel_id": "i"}
rows = []


def conley(cutoff):
    return "conley", {"lat": "lat", "lon": "lon", "cutoff": cutoff, "distance": "spherical"}


kinds = {
    "newey-west": ("NW", panel),
    "newey-west:0": ("NW", panel | {"lag": 0}),
    "newey-west:4": ("NW", panel | {"lag": 4}),
    "driscoll-kraay": ("DK", panel),
    "driscoll-kraay:1": ("DK", panel | {"lag": 1}),
    "driscoll-kraay:4": ("DK", panel | {"lag": 4}),
    "cluster:state+yr+c3": ({"CRV1": "state+yr+c3"}, None),
    "cluster:state+yr+c3+c4": ({"CRV1": "state+yr+c3+c4"}, None),
    "conley:300,lat,lon": conley(300),
    "conley:800,lat,lon": conley(800),
    "conley:2500,lat,lon": conley(2500),
}
for sample in ["balanced", "unbalanced"]:
    d = (data if sample == "balanced" else data.drop(index=dropped)).reset_index(drop=True)
    for weighted in [False, True]:
        tail = "-weights" if weighted else ""
        for case, effects in [("pooled", ""), ("within1", " | state"), ("within2", " | state + yr")]:
            for vcov, (kind, options) in kinds.items():
                for package in [fereg, pyfixest]:
                    serial = kind in ("NW", "DK")
                    if kind == "NW" and sample == "unbalanced":
                        continue
                    if package is pyfixest and (not serial or weighted):
                        continue
                    fit = package.feols(f"l_gsp ~ l_p_cap + l_pc + l_emp + unemp{effects}", data=d, vcov=kind,
                                        vcov_kwargs=options, weights="hwy" if weighted else None, fixef_tol=1e-13)
                    if not np.isfinite(fit.se()).all():
                        continue
                    pick = lambda s: {label.get(k, k): float(v) for k, v in s.items()}
                    rows.append({
                        "tool": package.__name__, "case": case + tail, "sample": sample, "model": case.rstrip("12"),
                        "vcov": vcov, "convention": "fixest", "coefficients": pick(fit.coef()),
                        "std_errors": pick(fit.se()), "p_values": pick(fit.pvalue()), "extra": {"nobs": int(fit._N)},
                    })

json.dump({
    "tool": f"Python {sys.version.split()[0]}, fereg {fereg.__version__}, pyfixest {pyfixest.__version__}",
    "command": "python covariances.py > covariances.json",
    "rows": rows,
}, sys.stdout, indent=1)
print()
