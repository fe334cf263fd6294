"""Reference numbers of pyfixest on Munnell's panel, all rows and without those of ../munnell/dropped_rows.csv.

Run in this folder: python munnell.py > munnell.json
"""

import json
import sys

import numpy as np
import pandas as pd
import pyfixest

data = pd.read_csv("../../canonical/munnell.csv")
dropped = pd.read_csv("../munnell/dropped_rows.csv")["row"]
for name in ["gsp", "p_cap", "pc", "emp"]:
    data[f"log({name})"] = np.log(data[name])
data = data.rename(columns={f"log({n})": f"l_{n}" for n in ["gsp", "p_cap", "pc", "emp"]})
label = {f"l_{n}": f"log({n})" for n in ["p_cap", "pc", "emp"]} | {"Intercept": "_cons"}
rows = []
kinds = {"iid": "iid", "hc1": "hetero", "cluster:state": {"CRV1": "state"}, "cluster:state+yr": {"CRV1": "state + yr"}}

for sample in ["balanced", "unbalanced"]:
    d = data if sample == "balanced" else data.drop(index=dropped)
    for weighted in [False, True]:
        tail = "-weights" if weighted else ""
        for case, effects in [("pooled", ""), ("within1", " | state"), ("within2", " | state + yr")]:
            for vcov, kind in kinds.items():
                fit = pyfixest.feols(f"l_gsp ~ l_p_cap + l_pc + l_emp + unemp{effects}", data=d, vcov=kind,
                                     weights="hwy" if weighted else None, fixef_tol=1e-14)
                pick = lambda s: {label.get(k, k): float(v) for k, v in s.items()}
                rows.append({
                    "case": case + tail, "sample": sample, "model": case.rstrip("12"), "vcov": vcov, "convention": "fixest",
                    "coefficients": pick(fit.coef()), "std_errors": pick(fit.se()), "p_values": pick(fit.pvalue()),
                    "extra": {"nobs": int(fit._N)},
                })

json.dump({
    "tool": f"Python {sys.version.split()[0]}, pyfixest {pyfixest.__version__}",
    "command": "python munnell.py > munnell.json",
    "rows": rows,
}, sys.stdout, indent=1)
print()
