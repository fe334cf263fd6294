"""One model under the rules of pyfixest, fereg and linearmodels on Munnell's panel: errors, degrees of freedom and p-values,
all rows and without those of ../munnell/dropped_rows.csv.

Run in this folder: python conventions.py > conventions.csv
Written with pyfixest 0.60.0, fereg 0.4.1, linearmodels 7.1, pandas 3.1.1, numpy 2.4.6. linearmodels: debiased, auto_df (the
defaults of fit() but for cov_type). Degrees of freedom are left out where a package does not tell them.
"""

import warnings

import fereg
import numpy as np
import pandas as pd
import pyfixest as pf
from linearmodels.panel import PanelOLS

warnings.simplefilter("ignore")
data = pd.read_csv("../../canonical/munnell.csv")
dropped = pd.read_csv("../munnell/dropped_rows.csv")["row"]
for name in ["gsp", "p_cap", "pc", "emp"]:
    data["l_" + name] = np.log(data[name])
terms = ["l_p_cap", "l_pc", "l_emp", "unemp"]
label = {"l_p_cap": "log(p_cap)", "l_pc": "log(pc)", "l_emp": "log(emp)", "unemp": "unemp"}
print("tool,sample,model,vcov,convention,term,estimate,std_error,df,p")


def emit(tool, sample, model, vcov, convention, estimate, error, df, p):
    for term in terms:
        print(tool, sample, model, vcov, convention, label[term], f"{estimate[term]:.17g}", f"{error[term]:.17g}", df,
              f"{p[term]:.17g}", sep=",")


for sample in ["balanced", "unbalanced"]:
    d = (data if sample == "balanced" else data.drop(index=dropped)).reset_index(drop=True)
    for model, effects in [("within1", "state"), ("within2", "state + yr")]:
        formula = "l_gsp ~ " + " + ".join(terms) + " | " + effects
        for vcov in ["iid", "hc1", "cluster:state"]:
            kind = {"iid": "iid", "hc1": "hetero", "cluster:state": {"CRV1": "state"}}[vcov]
            fit = pf.feols(formula, d, vcov=kind, fixef_tol=1e-14)
            emit("pyfixest", sample, model, vcov, "fixest", fit.coef(), fit.se(), "", fit.pvalue())
            fit = fereg.feols(formula, d, vcov=kind)
            emit("fereg", sample, model, vcov, "fixest", fit.coef(), fit.se(), "", fit.pvalue())
            p = d.set_index(["state", "yr"])
            fit = PanelOLS(p["l_gsp"], p[terms], entity_effects=True, time_effects=model == "within2").fit(
                **{"iid": dict(cov_type="unadjusted"), "hc1": dict(cov_type="robust"),
                   "cluster:state": dict(cov_type="clustered", cluster_entity=True)}[vcov])
            emit("linearmodels", sample, model, vcov, "linearmodels", fit.params, fit.std_errors, int(fit.df_resid), fit.pvalues)
