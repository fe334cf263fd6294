"""Statistics of instruments on Munnell's panel, written out with explicit dummies and full Kronecker products.

No package of Python offers them, so this is a second implementation: textbook formulas, numpy's decompositions,
nothing shared with panelyst. Writes instruments.csv beside this file: case, formula, options, quantity, term, value.
Run: python instruments.py ../../canonical/munnell.csv   (numpy 2.4.6, pandas 3.1.1, scipy 1.17.1)

Kleibergen and Paap (2006), section 2: Theta = G Pi F', rk = n lambda' Omega^-1 lambda. Small-sample factors are those
of a regression with every dummy (convention areg): n/(n-K), clustered G/(G-1) (n-1)/(n-K).
"""

import sys

import numpy as np
import pandas as pd
from scipy import stats
from scipy.linalg import sqrtm
from scipy.optimize import brentq

data = pd.read_csv(sys.argv[1])
log = {f"log({c})": np.log(data[c].to_numpy()) for c in ["gsp", "emp", "pc", "p_cap", "hwy", "water", "util"]}
column = {**log, "unemp": data["unemp"].to_numpy()}
groups = data["state"].astype("category").cat.codes.to_numpy()
n = len(data)


def dummies(effects):
    out = [np.ones((n, 1))]
    for e in effects:
        out.append(pd.get_dummies(data[e], drop_first=True, dtype=float).to_numpy())
    return np.hstack(out)


def meat(scores, vcov):
    if vcov == "cluster:state":
        scores = np.vstack([scores[groups == g].sum(0) for g in np.unique(groups)])
    return scores.T @ scores


def factor(vcov, k):
    g = len(np.unique(groups))
    return {"iid": n / (n - k), "hc1": n / (n - k), "cluster:state": g / (g - 1) * (n - 1) / (n - k)}[vcov]


def kleibergen_paap(z, d, resid, norm, vcov):
    """rk statistic without factor; z and d are free of exogenous regressors."""
    l, p = z.shape[1], d.shape[1]
    pi = np.linalg.solve(z.T @ z, z.T @ d)
    big_g = np.real(sqrtm(z.T @ z / n))
    big_f = np.linalg.inv(np.real(sqrtm(norm / n)))
    theta = big_g @ pi @ big_f.T
    u, s, vt = np.linalg.svd(theta)
    v = vt.T
    q = p - 1
    u12, u22 = u[:q, q:], u[q:, q:]
    v12, v22 = v[:q, q:], v[q:, q:]
    a = np.vstack([u12, u22]) @ np.linalg.inv(u22) @ np.real(sqrtm(u22 @ u22.T))
    b = np.real(sqrtm(v22 @ v22.T)) @ np.linalg.inv(v22.T) @ np.hstack([v12.T, v22.T])
    lam = (np.kron(b, a.T) @ theta.T.reshape(-1)).reshape(-1)
    if vcov == "iid":
        middle = np.kron(resid.T @ resid / n, z.T @ z)
    else:
        middle = meat(np.hstack([z * resid[:, [j]] for j in range(p)]), vcov)
    bread = np.kron(np.eye(p), np.linalg.inv(z.T @ z / n))
    var_pi = bread @ (middle / n) @ bread.T
    rotate = np.kron(big_f, big_g)
    var = np.kron(b, a.T) @ rotate @ var_pi @ rotate.T @ np.kron(b, a.T).T
    return float(n * lam @ np.linalg.solve(var, lam))


rows = []
CASES = [
    (["log(emp)", "unemp"], ["state", "yr"], ["log(p_cap)"], ["log(hwy)", "log(water)"]),
    (["unemp"], ["state", "yr"], ["log(p_cap)", "log(emp)"], ["log(hwy)", "log(water)", "log(util)", "log(pc)"]),
    (["unemp"], ["state"], ["log(p_cap)", "log(pc)"], ["log(hwy)", "log(water)"]),
    (["unemp"], [], ["log(p_cap)", "log(emp)", "log(pc)"], ["log(hwy)", "log(water)", "log(util)", "I(unemp^2)"]),
]
column["I(unemp^2)"] = column["unemp"] ** 2
for exog, effects, endog, instruments in CASES:
    formula = f"log(gsp) ~ {' + '.join(exog)}" + (f" | {' + '.join(effects)}" if effects else "")
    formula += f" | {' + '.join(endog)} ~ {' + '.join(instruments)}"
    x = np.hstack([dummies(effects), *[column[c][:, None] for c in exog]])

    def clean(names):
        m = np.column_stack([column[c] for c in names])
        for _ in range(2):
            m = m - x @ np.linalg.lstsq(x, m, rcond=None)[0]
        return m

    y, d, z = clean(["log(gsp)"]), clean(endog), clean(instruments)
    l, p = z.shape[1], d.shape[1]
    k = x.shape[1] + l
    for vcov in ["iid", "hc1", "cluster:state"]:
        options = f"vcov={vcov} convention=areg"

        def put(name, value, term=""):
            rows.append([formula, options, name, term, f"{float(value):.17g}"])

        v = d - z @ np.linalg.solve(z.T @ z, z.T @ d)
        put("kleibergen-paap-lm", kleibergen_paap(z, d, d, d.T @ d, vcov))
        rk = kleibergen_paap(z, d, v, v.T @ v, vcov)
        put("kleibergen-paap-f", rk / factor(vcov, k) / l)
        root = np.linalg.inv(np.real(sqrtm(v.T @ v / (n - k))))
        pz = z @ np.linalg.solve(z.T @ z, z.T @ d)
        for term, value in zip(endog, np.linalg.solve(d.T @ pz, pz.T @ y)[:, 0]):
            put("estimate", value, term)
        put("cragg-donald-f", np.linalg.eigvalsh(root @ (d.T @ pz) @ root).min() / l)

        def anderson_rubin(beta):
            r = y[:, 0] - d[:, 0] * beta
            coef = np.linalg.solve(z.T @ z, z.T @ r)
            e = r - z @ coef
            bread = np.linalg.inv(z.T @ z)
            middle = (e @ e / n) * z.T @ z if vcov == "iid" else meat(z * e[:, None], vcov)
            cov = bread @ middle @ bread * factor(vcov, k)
            return coef @ np.linalg.solve(cov, coef) / l

        put("anderson-rubin", anderson_rubin(0.0))
        if p == 1:
            middle = (v[:, 0] @ v[:, 0] / n) * z.T @ z if vcov == "iid" else meat(z * v, vcov)
            put("effective-f", (d.T @ pz)[0, 0] / np.trace(middle @ np.linalg.inv(z.T @ z)) / factor(vcov, k))
            df = len(np.unique(groups)) - 1 if "cluster" in vcov else n - k
            bound = stats.f.ppf(0.95, l, df)
            estimate = (y.T @ pz)[0, 0] / (d.T @ pz)[0, 0]
            reach = np.linspace(0, 3, 3001)
            up = next(i for i in reach if anderson_rubin(estimate + i) > bound)
            down = next(i for i in reach if anderson_rubin(estimate - i) > bound)
            if up > 0:
                put("set-high", brentq(lambda b: anderson_rubin(b) - bound, estimate, estimate + up, xtol=1e-14))
                put("set-low", brentq(lambda b: anderson_rubin(b) - bound, estimate - down, estimate, xtol=1e-14))
with open(__file__.replace(".py", ".csv"), "w") as out:
    out.write("formula,options,quantity,term,value\n")
    out.writelines(",".join(row) + "\n" for row in rows)
print(np.__version__, len(rows))
