"""CRV3 of pyfixest and wild cluster bootstraps of wildboottest on Munnell's panel, all rows and without those of
../munnell/dropped_rows.csv.

Run in this folder: python small-samples.py > small-samples.csv
Written with pyfixest 0.60.0, wildboottest 0.3.2, pandas 3.1.1, numpy 2.4.6.

Clusters: "nine" and "six" are the number of the state (from 0, sorted) modulo 9 and modulo 6; wildboottest then uses all
512 or 64 signs. `larger` and `equal` count the signs whose statistic is larger than that of the data, and equal to it to
1e-6, its rounding (the signs that are all equal); `p` is wildboottest's own, the share of those that are larger in its
arithmetic, ties included or not as rounding has it. pyfixest's CRV3 carries G/(G-1) (n-1)/(n-K) with K as for its other
clustered errors; `crv3` is without it and times (G-1)/G.
"""

import warnings

import numpy as np
import pandas as pd
import pyfixest as pf
from wildboottest.wildboottest import WildboottestCL

warnings.simplefilter("ignore")
data = pd.read_csv("../../canonical/munnell.csv")
dropped = pd.read_csv("../munnell/dropped_rows.csv")["row"]
number = pd.Categorical(data["state"]).codes
data["nine"], data["six"] = number % 9, number % 6
for name in ["gsp", "p_cap", "pc", "emp"]:
    data["log_" + name] = np.log(data[name])
terms = ["log_p_cap", "log_pc", "log_emp", "unemp"]
models = {"pooled": "", "within1": " | state", "within2": " | state + yr"}


def bootstrap(x, y, cluster, place):
    R = np.zeros(x.shape[1])
    R[place] = 1
    boot = WildboottestCL(X=x, Y=y, cluster=cluster, R=R, B=9999, seed=1, parallel=False)
    boot.get_scores(bootstrap_type="11", impose_null=True)
    boot.get_weights(weights_type="rademacher")
    boot.get_numer()
    boot.get_denom()
    boot.get_tboot()
    boot.get_vcov()
    boot.get_tstat()
    boot.get_pvalue(pval_type="two-tailed")
    t, drawn = abs(float(np.squeeze(boot.t_stat))), np.abs(np.ravel(boot.t_boot))
    equal = int(np.sum(np.abs(drawn - t) <= 1e-6 * t))
    larger = int(np.sum(drawn > t * (1 + 1e-6)))
    return t, len(drawn), larger, equal, float(boot.pvalue)


print("sample,model,cluster,term,estimate,crv3,t,combinations,larger,equal,p")
for sample in ["balanced", "unbalanced"]:
    d = (data if sample == "balanced" else data.drop(index=dropped)).reset_index(drop=True)
    for model, effects in models.items():
        for by in ["state", "nine", "six"]:
            fit = pf.feols("log_gsp ~ " + " + ".join(terms) + effects, d, vcov={"CRV3": by})
            names = list(fit._coefnames)
            G = d[by].nunique()
            raw = np.sqrt(np.diag(fit._vcov) / np.ravel(fit._ssc)[0])
            x = pd.DataFrame({"one": 1.0, **{t: d[t] for t in terms}})
            if model != "pooled":
                x = pd.concat([x, pd.get_dummies(d["state"], drop_first=True, dtype=float)], axis=1)
            if model == "within2":
                x = pd.concat([x, pd.get_dummies(d["yr"], prefix="y", drop_first=True, dtype=float)], axis=1)
            for term in terms:
                own = ["", "", "", "", ""]
                if by != "state":
                    place = list(x).index(term)
                    columns, y, cluster = x.to_numpy(), d["log_gsp"].to_numpy(), d[by].to_numpy()
                    t, *own = bootstrap(columns, y, cluster, place)
                    own = [f"{t:.17g}", *map(str, own[:3]), f"{own[3]:.17g}"]
                at = names.index(term)
                print(sample, model, by, term, f"{fit._beta_hat[at]:.17g}", f"{raw[at] * np.sqrt((G - 1) / G):.17g}",
                      *own, sep=",")
