"""Names and descriptions of the engine's registries. Written by `python/generate.py`; do not edit."""

from __future__ import annotations

from typing import Literal

__version__ = '0.1.0'

Model = Literal[
    "pooled",
    "within",
    "between",
    "first-difference",
    "random",
    "random-ml",
    "2sls",
    "liml",
    "poisson",
    "logit",
]

Convention = Literal[
    "fixest",
    "reghdfe",
    "xtreg",
    "areg",
    "plm",
    "plm-sss",
    "linearmodels",
]

Index = Literal[
    "location-quotient",
    "herfindahl",
    "concentration",
    "krugman",
    "locational-gini",
    "theil",
    "ellison-glaeser",
]

MODELS = (
    ('pooled', 'pooled', 'Pooled OLS', 'Least squares of the outcome on the regressors and a constant, over all rows; with weights w the sum of w e^2 is minimised.'),
    ('within', 'within', 'Fixed effects (within)', 'Least squares after outcome and regressors were replaced by their residuals from all effects (Frisch and Waugh 1933; Lovell 1963): the coefficients of the regression with a dummy for every level.'),
    ('between', 'between', 'Between', 'Least squares on unit means, one observation a unit whatever its number of rows (Baltagi 2021, section 2.3).'),
    ('first-difference', 'first-difference', 'First difference', 'Least squares on differences to the previous calendar period of the same unit; a gap makes no difference row. With a constant (a drift) unless the formula says `0 +`.'),
    ('random', 'random', 'Random effects (GLS)', 'Generalised least squares with unit effects: least squares after theta_i times the unit mean was subtracted, with Swamy-Arora components for unbalanced panels (Swamy and Arora 1972; Baltagi and Chang 1994).'),
    ('random-ml', 'random-ml', 'Random effects (ML)', 'Random unit effects by maximum likelihood under normality, the likelihood concentrated in the ratio of the two variances (Breusch 1987; Hsiao 2014, section 3.3.3).'),
    ('2sls', '2sls', 'Two-stage least squares', 'Least squares on the projection of the regressors on exogenous regressors and instruments, after all effects were partialled out of every column (Theil 1953; Basmann 1957); the default where the formula has an instrumental part.'),
    ('liml', 'liml', 'Limited-information maximum likelihood', 'The k-class estimator whose k is the smallest root of det(W1 - k W) = 0, W1 and W the residual cross-products of outcome and endogenous regressors without and with the excluded instruments (Anderson and Rubin 1949; Davidson and MacKinnon 2004, section 12.5). Sandwiches use projected regressors and structural residuals.'),
    ('poisson', 'poisson', 'Poisson pseudo-likelihood', 'Maximum of the Poisson pseudo-likelihood with mean exp(x b + effects), by reweighted least squares with the effects partialled out in each step; separated rows are dropped and counted (Gourieroux, Monfort and Trognon 1984; Correia, Guimaraes and Zylkin 2020).'),
    ('logit', 'logit', 'Logit', 'Maximum likelihood with P(y = 1) = 1 / (1 + exp(-x b - effects)), effects estimated as dummies (unconditional logit: biased with few rows a level, Neyman and Scott 1948; Greene 2004), by reweighted least squares with the effects partialled out in each step.'),
)

COVARIANCES = (
    ('iid', 'iid', 'homoskedastic', "RSS / (n - K) (X'X)^-1"),
    ('hc0', 'hc0', 'heteroskedasticity-robust, HC0', "(X'X)^-1 X' diag(e^2) X (X'X)^-1 (White 1980)"),
    ('hc1', 'hc1', 'heteroskedasticity-robust, HC1', 'HC0 times n / (n - K) (MacKinnon and White 1985)'),
    ('hc2', 'hc2', 'heteroskedasticity-robust, HC2', 'HC0 with e^2 / (1 - h), h the leverage in the regression with all dummies (MacKinnon and White 1985); no factor, as in sandwich and estimatr for R and in Stata (pyfixest and fereg multiply by n / (n - K))'),
    ('hc3', 'hc3', 'heteroskedasticity-robust, HC3', 'HC0 with e^2 / (1 - h)^2, h the leverage in the regression with all dummies (MacKinnon and White 1985); no factor, as in sandwich and estimatr for R and in Stata (pyfixest and fereg multiply by n / (n - K))'),
    ('cluster', 'cluster:one to four columns: cluster:a or cluster:a+b', 'clustered', "(X'X)^-1 sum_g (X_g'e_g)(X_g'e_g)' (X'X)^-1 times the convention's factor (Liang and Zeger 1986; Arellano 1987); several variables: the meats of all combinations added (odd) and subtracted (even) with the factor of the fewest clusters, negative eigenvalues set to zero (Cameron, Gelbach and Miller 2011)"),
    ('newey-west', 'newey-west:a panel and perhaps a lag: newey-west or newey-west:2', 'Newey-West within units', "scores of a unit up to L periods apart (of the calendar, or of those that occur, by the convention) with weights 1 - l/(L+1) (Newey and West 1987), unit by unit, times the convention's factor; L by the convention if not given"),
    ('driscoll-kraay', 'driscoll-kraay:a panel and perhaps a lag: driscoll-kraay or driscoll-kraay:2', 'Driscoll-Kraay', "sums of the scores of a period, up to L periods apart (of the calendar, or of those that occur, by the convention) with weights 1 - l/(L+1) (Driscoll and Kraay 1998), times the convention's factor; L by the convention if not given"),
    ('conley', 'conley:a distance in km and coordinates in degrees: conley:500,lat,lon, then perhaps ,bartlett', 'spatial (Conley)', 'scores of all pairs of rows up to a great-circle distance, whatever their periods, with weights 1 or 1 - d/cutoff (Conley 1999), times n / (n - K), K as the convention counts it for hc1 (with effects the factor of fereg too); negative eigenvalues set to zero'),
    ('crv3', 'crv3:one column: crv3:a', 'cluster jackknife (CRV3)', "(G-1)/G sum_g (b_g - b)(b_g - b)', b_g the coefficients without cluster g with all effects estimated anew; t(G-1) (Bell and McCaffrey 2002; MacKinnon, Nielsen and Webb 2023)"),
    ('cr2', 'cr2:one column: cr2:a', 'bias-reduced clustered (CR2)', "cluster errors with the residuals of a cluster times (I - H_gg)^(-1/2), H with all dummies, no factor; t with Satterthwaite degrees of freedom of each coefficient's own, under errors that are independent with one variance (weights: over the weight) (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018)"),
    ('pairs', 'pairs:one column, then perhaps ,draws=N and ,seed=N: pairs:a', 'cluster bootstrap (pairs)', 'covariance of the coefficients over draws of G whole clusters with replacement, effects nested in a cluster drawn with it; t(G-1) (Cameron, Gelbach and Miller 2008, section III.B)'),
    ('wild', 'wild:one column, then perhaps ,webb and ,draws=N and ,seed=N: wild:a', 'wild cluster bootstrap', "errors as cluster:a; p-values and intervals of the wild cluster bootstrap with the null imposed and signs (or Webb's six points) as random numbers, all combinations where they are no more than the draws (Cameron, Gelbach and Miller 2008; Roodman, Nielsen, MacKinnon and Webb 2019; Webb 2023); intervals hold the values that are not rejected at 5 %"),
)

CONVENTIONS = (
    ('fixest', 'fixest', 'fixest (R)', 'iid RSS/(n-K) and HC1 n/(n-K) with all dummies counted; cluster G/(G-1) (n-1)/(n-K) with effects nested in the clusters not counted, the smallest G of several; t(G-1) when clustered, else t(n-K). fixest 0.13 and later, ssc(K.adj = TRUE, K.fixef = "nonnested", G.adj = TRUE, G.df = "min", t.df = "min"); Berge, Butts and McDermott (2026). Newey-West and Driscoll-Kraay T/(T-1) (n-1)/(n-K) with all dummies counted, lag floor(T^(1/4)), t(T-1); under gaps the lags of Newey-West are the earlier rows of a unit, those of Driscoll-Kraay the earlier periods that occur.'),
    ('reghdfe', 'reghdfe', 'reghdfe (Stata)', 'iid RSS/(n-k-df_a) and HC1 n/(n-k-df_a), df_a the rank of the effects (two effects: connected components); cluster G/(G-1) (n-1)/(n-k-df_a-nested_adj), effects nested in a cluster redundant and nested_adj = 1 if there are any; t(min(n-k-df_a, G-1)). Correia (2017), reghdfe 6. Driscoll-Kraay (and Newey-West by the same rule) T/(T-1) (n-1)/(n-k-df_a), lag floor(4 (T/100)^(2/9)), t(T-1).'),
    ('xtreg', 'xtreg', 'xtreg, fe (Stata)', 'iid with n-N-k degrees of freedom, year dummies in k; robust means clustered on the unit; cluster G/(G-1) (n-1)/(n-K) with K = k + 1, year dummies in k; t(G-1) when clustered. Stata Longitudinal-Data/Panel-Data Reference Manual, xtreg. Driscoll-Kraay as xtscc (Hoechle 2007): T/(T-1) n/(n-k), effects not counted, lag floor(4 (T/100)^(2/9)), t(T-1); Newey-West n/(n-k), t(n-K).'),
    ('areg', 'areg', 'areg, or regress with dummies (Stata)', 'iid, HC1 n/(n-K) and cluster G/(G-1) (n-1)/(n-K), every dummy counted in K even if nested; t(G-1) when clustered. Stata Base Reference Manual, areg and regress. Newey-West as newey with dummies: n/(n-K), t(n-K); Driscoll-Kraay T/(T-1) (n-1)/(n-K), t(T-1); lag floor(4 (T/100)^(2/9)).'),
    ('plm', 'plm', 'plm (R), vcovHC defaults', 'iid with n-N-k degrees of freedom; HC1 n/(n-k) without the effects; cluster (vcovHC, arellano, type HC0) without a factor; t(n-K), z for random effects. Croissant and Millo (2008), plm 2.6. vcovNW and vcovSCC without a factor, lag floor(T^(1/4)), lags the periods that occur.'),
    ('plm-sss', 'plm-sss', 'plm (R), type = "sss"', 'as plm, but cluster G/(G-1) (n-1)/(n-k) without the effects (vcovHC, type "sss"). Croissant and Millo (2008), plm 2.6. vcovNW n/(n-k), vcovSCC T/(T-1) (n-1)/(n-k), lag floor(T^(1/4)), lags the periods that occur.'),
    ('linearmodels', 'linearmodels', 'linearmodels (Python), debiased', 'iid, HC1 and cluster with n/(n-K), effects counted unless a single effect is nested in every cluster variable; no G/(G-1); t(n-K) with all effects counted. linearmodels 7.1, debiased = True, auto_df = True. Driscoll-Kraay (cov_type = "kernel", and Newey-West by the same rule) n/(n-K), lag floor(4 (T/100)^(2/9)), lags the periods that occur.'),
)

INDICES = (
    ('location-quotient', 'location-quotient', 'Location quotient', 'LQ_ia = (x_ia / sum_a x_ia) / (sum_i x_ia / sum_i sum_a x_ia). Florence (1939), Report on the Location of Industry, London: PEP; Isard (1960), Methods of Regional Analysis, MIT Press, chapter 7'),
    ('herfindahl', 'herfindahl', 'Herfindahl index of specialisation', 'H_i = sum_a (x_ia / sum_a x_ia)^2. Herfindahl (1950), Concentration in the Steel Industry, Columbia University; Hirschman (1964), American Economic Review 54(5), 761-762'),
    ('concentration', 'concentration', 'Herfindahl index of concentration', 'H_a = sum_i (x_ia / sum_i x_ia)^2. Herfindahl (1950), Concentration in the Steel Industry, Columbia University; Hirschman (1964), American Economic Review 54(5), 761-762'),
    ('krugman', 'krugman', 'Krugman specialisation index', 'K_i = sum_a |x_ia / sum_a x_ia - sum_i x_ia / sum_i sum_a x_ia|. Krugman (1991), Geography and Trade, MIT Press, chapter 3 (there between two regions)'),
    ('locational-gini', 'locational-gini', 'Locational Gini coefficient', 'G_a = (1/2) sum_i sum_j w_i w_j |LQ_ia - LQ_ja|, w_i = sum_a x_ia / sum_i sum_a x_ia. Krugman (1991), Geography and Trade, MIT Press, chapter 2, p. 56 (there the area itself, half of this); Kim (1995), Quarterly Journal of Economics 110(4), 881-908'),
    ('theil', 'theil', 'Theil index', 'T_a = sum_i s_i ln(s_i / w_i), s_i = x_ia / sum_i x_ia, w_i = sum_a x_ia / sum_i sum_a x_ia. Theil (1967), Economics and Information Theory, North-Holland, chapter 4; Brülhart and Traeger (2005), Regional Science and Urban Economics 35(6), 597-624'),
    ('ellison-glaeser', 'ellison-glaeser', 'Ellison-Glaeser index', 'gamma_a = (G - (1 - X) H) / ((1 - X) (1 - H)), G = sum_i (s_i - w_i)^2, X = sum_i w_i^2, H = Herfindahl index of plant sizes. Ellison and Glaeser (1997), Journal of Political Economy 105(5), 889-927, equation 5'),
)

TESTS = (
    ('f', 'f unit', 'F, pooled against unit effects', 'H0: all unit effects are equal. F = ((RSS0 - RSS1)/df1) / (RSS1/df2), df1 the difference of the ranks, df2 = n - rank of the larger model, iid errors. Baltagi 2021, equations 2.11 and 3.4'),
    ('f', 'f time', 'F, pooled against time effects', 'H0: all time effects are equal. F = ((RSS0 - RSS1)/df1) / (RSS1/df2), df1 the difference of the ranks, df2 = n - rank of the larger model, iid errors. Baltagi 2021, equations 2.11 and 3.4'),
    ('f', 'f both', 'F, pooled against unit and time effects', 'H0: all unit effects are equal and all time effects are equal. F = ((RSS0 - RSS1)/df1) / (RSS1/df2), df1 the difference of the ranks, df2 = n - rank of the larger model, iid errors. Baltagi 2021, equations 2.11 and 3.4'),
    ('f', 'f unit-both', 'F, unit against unit and time effects', 'H0: all time effects are equal, given unit effects. F = ((RSS0 - RSS1)/df1) / (RSS1/df2), df1 the difference of the ranks, df2 = n - rank of the larger model, iid errors. Baltagi 2021, equations 2.11 and 3.4'),
    ('f', 'f time-both', 'F, time against unit and time effects', 'H0: all unit effects are equal, given time effects. F = ((RSS0 - RSS1)/df1) / (RSS1/df2), df1 the difference of the ranks, df2 = n - rank of the larger model, iid errors. Baltagi 2021, equations 2.11 and 3.4'),
    ('lr', 'lr pooled-unit', 'LR, pooled against unit effects', 'H0: all unit effects are equal. LR = n ln(RSS0/RSS1), least squares under normal errors, df the difference of the ranks. EViews, redundant fixed effects'),
    ('lr', 'lr pooled-time', 'LR, pooled against time effects', 'H0: all time effects are equal. LR = n ln(RSS0/RSS1), least squares under normal errors, df the difference of the ranks. EViews, redundant fixed effects'),
    ('lr', 'lr pooled-both', 'LR, pooled against unit and time effects', 'H0: all unit effects are equal and all time effects are equal. LR = n ln(RSS0/RSS1), least squares under normal errors, df the difference of the ranks. EViews, redundant fixed effects'),
    ('lr', 'lr unit-both', 'LR, unit against unit and time effects', 'H0: all time effects are equal, given unit effects. LR = n ln(RSS0/RSS1), least squares under normal errors, df the difference of the ranks. EViews, redundant fixed effects'),
    ('lr', 'lr random-ml', 'LR, pooled against random effects by maximum likelihood', 'H0: the variance of the unit effects is zero. LR = 2 (lRE - lpooled), random unit effects by maximum likelihood; p is half of the tail of chi2(1). Self and Liang 1987'),
    ('breusch-pagan', 'breusch-pagan unit', 'Breusch-Pagan LM, unit effects', 'H0: the variance of the unit effects is zero. LM = n^2/2 * A^2/(M - n), A = 1 - sum over levels of (sum of pooled residuals)^2 / sum of squares, M = sum of squared level sizes. Breusch and Pagan 1980; Baltagi and Li 1990'),
    ('breusch-pagan', 'breusch-pagan time', 'Breusch-Pagan LM, time effects', 'H0: the variance of the time effects is zero. LM = n^2/2 * A^2/(M - n), A = 1 - sum over levels of (sum of pooled residuals)^2 / sum of squares, M = sum of squared level sizes. Breusch and Pagan 1980; Baltagi and Li 1990'),
    ('breusch-pagan', 'breusch-pagan both', 'Breusch-Pagan LM, unit and time effects', 'H0: the variances of the unit and of the time effects are zero. sum of the LM statistics of unit and of time effects. Breusch and Pagan 1980; Baltagi and Li 1990'),
    ('honda', 'honda unit', 'Honda, unit effects', 'H0: the variance of the unit effects is zero. -A sqrt(n^2/2/(M - n)), A and M as in Breusch-Pagan, one-sided. Honda 1985; Baltagi and Li 1990'),
    ('honda', 'honda time', 'Honda, time effects', 'H0: the variance of the time effects is zero. -A sqrt(n^2/2/(M - n)), A and M as in Breusch-Pagan, one-sided. Honda 1985; Baltagi and Li 1990'),
    ('honda', 'honda both', 'Honda, unit and time effects', 'H0: the variances of the unit and of the time effects are zero. (unit form + time form)/sqrt(2), one-sided. Honda 1985; Baltagi and Li 1990'),
    ('hausman', 'hausman classic', 'Hausman, each covariance with its own error variance', "H0: unit effects are uncorrelated with the regressors. H = (bFE - bRE)' (VFE - VRE)^-1 (bFE - bRE), one-way unit effects against one-way random effects (Swamy-Arora). Hausman 1978"),
    ('hausman', 'hausman sigmamore', 'Hausman, both covariances with the error variance of random effects', "H0: unit effects are uncorrelated with the regressors. H = (bFE - bRE)' (VFE - VRE)^-1 (bFE - bRE), one-way unit effects against one-way random effects (Swamy-Arora). Hausman 1978"),
    ('hausman', 'hausman sigmaless', 'Hausman, both covariances with the error variance of fixed effects', "H0: unit effects are uncorrelated with the regressors. H = (bFE - bRE)' (VFE - VRE)^-1 (bFE - bRE), one-way unit effects against one-way random effects (Swamy-Arora). Hausman 1978"),
    ('hausman', 'hausman mundlak', 'Mundlak form of Hausman, cluster-robust', 'H0: unit effects are uncorrelated with the regressors. Wald test of the unit means added to the random-effects model, covariance clustered by unit with G/(G-1) (n-1)/(n-K). Mundlak 1978; Wooldridge 2010, section 10.7.3'),
    ('hausman', 'hausman sigmamore, time dummies in both', 'Hausman with period indicators in both models, error variance of random effects', "H0: unit effects are uncorrelated with the regressors. H = (bFE - bRE)' (VFE - VRE)^-1 (bFE - bRE), one-way unit effects against one-way random effects (Swamy-Arora). Hausman 1978"),
    ('hausman', 'hausman mundlak, time dummies in both', 'Mundlak form of Hausman with period indicators, cluster-robust', 'H0: unit effects are uncorrelated with the regressors. Wald test of the unit means added to the random-effects model, covariance clustered by unit with G/(G-1) (n-1)/(n-K). Mundlak 1978; Wooldridge 2010, section 10.7.3'),
    ('poolability', 'poolability slopes', 'Chow, unit effects and common slopes against a regression for each unit', 'H0: slopes are equal across units. F = ((RSS0 - sum of RSS by unit)/df1) / (sum of RSS by unit/df2). Chow 1960; Baltagi 2021, section 4.1'),
    ('poolability', 'poolability intercepts and slopes', 'Chow, one regression against a regression for each unit', 'H0: intercepts and slopes are equal across units. F = ((RSS0 - sum of RSS by unit)/df1) / (sum of RSS by unit/df2). Chow 1960; Baltagi 2021, section 4.1'),
    ('pesaran-cd', 'pesaran-cd pooled', 'Pesaran CD, residuals of the pooled model', 'H0: residuals of different units are uncorrelated. CD = sum over pairs of units with Tij >= 3 common periods of sqrt(Tij) rij, over the root of the number of pairs, rij the correlation of their residuals, two-sided. Pesaran 2004, 2015'),
    ('pesaran-cd', 'pesaran-cd unit', 'Pesaran CD, residuals of the model with unit effects', 'H0: residuals of different units are uncorrelated. CD = sum over pairs of units with Tij >= 3 common periods of sqrt(Tij) rij, over the root of the number of pairs, rij the correlation of their residuals, two-sided. Pesaran 2004, 2015'),
)
