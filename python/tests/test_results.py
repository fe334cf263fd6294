"""What a result can be asked."""

import copy
import json
import math
import pickle

import numpy
import pandas
import pytest

import panelyst
from conftest import TWO_WAY


@pytest.fixture()
def fit(munnell):
    return panelyst.feols(TWO_WAY, munnell, vcov="cluster:state")


@pytest.mark.parametrize("vcov", ["iid", "hetero", {"CRV1": "state"}, {"CRV1": "state+yr"}, {"CRV3": "state"}, "hc3"])
@pytest.mark.parametrize("convention", ["fixest", "reghdfe"])
def test_other_errors_are_those_of_a_new_estimation(munnell, fit, vcov, convention):
    changed = fit.with_vcov(vcov, convention)
    anew = panelyst.feols(TWO_WAY, munnell, vcov=vcov, convention=convention)
    assert changed.to_dict() == anew.to_dict()
    pandas.testing.assert_frame_equal(fit.vcov(vcov, convention), anew.vcov(), check_exact=True)
    # The first result is what it was.
    assert fit.vcov_type == "cluster:state" and fit.convention == "fixest"


def test_a_column_that_the_formula_does_not_name(munnell, fit):
    changed = fit.with_vcov("cluster:st_abb")
    pandas.testing.assert_series_equal(changed.se(), fit.se(), check_exact=True)


def test_parts_belong_together(fit):
    table = fit.tidy()
    assert list(table.index) == ["log(p_cap)", "log(pc)", "log(emp)", "unemp"]
    numpy.testing.assert_array_equal(table["estimate"], fit.coef())
    numpy.testing.assert_allclose(numpy.sqrt(numpy.diag(fit.vcov())), fit.se(), rtol=1e-14)
    numpy.testing.assert_allclose(fit.coef() / fit.se(), fit.tstat(), rtol=1e-14)
    numpy.testing.assert_array_equal(fit.confint(), table[["ci_low", "ci_high"]])
    wide, narrow = fit.confint(level=0.99), fit.confint(level=0.9)
    assert (wide["ci_low"] < fit.confint()["ci_low"]).all() and (narrow["ci_low"] > fit.confint()["ci_low"]).all()
    # t with 47 degrees of freedom at 95 %: 2.0117405137
    half = (fit.confint()["ci_high"] - fit.confint()["ci_low"]) / 2 / fit.se()
    numpy.testing.assert_allclose(half, 2.0117405137297655, rtol=1e-9)
    told = fit.glance().iloc[0]
    assert told["nobs"] == fit.nobs == 816 and told["vcov"] == "cluster:state"
    assert told["rss"] == pytest.approx((fit.resid() ** 2).sum(), rel=1e-12)
    assert len(fit) == 4


def test_fitted_values_and_effects(munnell, fit):
    outcome = numpy.log(munnell["gsp"].to_numpy())
    numpy.testing.assert_allclose(fit.predict() + fit.resid(), outcome, rtol=1e-14)
    effects = fit.fixef()
    assert list(effects) == ["state", "yr"] and effects["yr"].index.tolist() == list(range(1970, 1987))
    # The normalisation: the first level of the later effect is zero.
    assert effects["yr"].iloc[0] == 0.0
    by_hand = sum(
        fit.coef()[term] * values
        for term, values in {
            "log(p_cap)": numpy.log(munnell["p_cap"]),
            "log(pc)": numpy.log(munnell["pc"]),
            "log(emp)": numpy.log(munnell["emp"]),
            "unemp": munnell["unemp"],
        }.items()
    )
    by_hand += effects["state"][munnell["state"]].to_numpy() + effects["yr"][munnell["yr"]].to_numpy()
    # Effects of logs of about 10, solved for to 1e-12.
    numpy.testing.assert_allclose(fit.predict(), by_hand, rtol=1e-10)
    numpy.testing.assert_allclose(fit.predict(munnell), fit.predict(), rtol=1e-10)
    some = munnell.drop(columns="gsp").iloc[[700, 3, 5]]
    numpy.testing.assert_allclose(fit.predict(some), fit.predict()[[700, 3, 5]], rtol=1e-10)


def test_predictions_for_other_data(munnell):
    other = munnell.iloc[:3].copy()
    other["state"] = ["ALABAMA", "ATLANTIS", "ALABAMA"]
    other.loc[2, "unemp"] = numpy.nan
    fit = panelyst.feols("log(gsp) ~ unemp | state", munnell)
    found = fit.predict(other)
    assert numpy.isfinite(found[0]) and numpy.isnan(found[1]) and numpy.isnan(found[2])
    with pytest.raises(panelyst.DataError, match="unemp"):
        fit.predict(other.drop(columns="unemp"))


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("log(gsp) ~ unemp + i(yr)", {}),
        ("log(gsp) ~ unemp + i(yr, unemp) + log(pc):unemp", {}),
        ("log(gsp) ~ log(emp) + unemp | state^yr + st_abb", {"where": "yr < 1975"}),
        ("log(gsp) ~ log(emp) | yr | log(p_cap) ~ log(hwy) + log(water)", {}),
        ("gsp ~ log(p_cap) + log(emp) | state + yr", {"model": "poisson"}),
        ("gsp ~ log(p_cap) + log(emp)", {"model": "poisson"}),
        ("log(gsp) ~ unemp + l(unemp, 1) | state", {"panel": "state,yr"}),
        ("log(gsp) ~ unemp", {"model": "within", "panel": "state,yr"}),
        ("log(gsp) ~ unemp", {"model": "random", "panel": "state,yr"}),
        ("log(gsp) ~ unemp | state", {"constant": "mean"}),
    ],
)
def test_predictions_for_the_same_data_are_the_fitted_values(munnell, formula, options):
    if "state^yr" in formula:
        # With one row in each level nothing is left to estimate: halves of the rows share a level.
        munnell = munnell.assign(yr=munnell["yr"] // 2)
        options = {}
        formula = formula.replace(" + st_abb", "")
    fit = panelyst.fit(formula, munnell, **options)
    again = fit.predict(munnell)[fit.rows]
    numpy.testing.assert_allclose(again, fit.predict(), rtol=1e-8)
    if options.get("model") == "poisson":
        numpy.testing.assert_allclose(numpy.exp(fit.predict(type="link")), fit.predict(), rtol=1e-12)
        numpy.testing.assert_allclose(fit.predict(munnell, type="link"), fit.predict(type="link"), rtol=1e-8)


def test_levels_that_the_sample_lacks(munnell):
    fit = panelyst.feols("log(gsp) ~ unemp + i(yr)", munnell)
    one = munnell[munnell["yr"] == 1975]
    numpy.testing.assert_allclose(fit.predict(one), fit.predict()[munnell["yr"] == 1975], rtol=1e-12)
    with pytest.raises(panelyst.DataError, match="1999"):
        fit.predict(one.assign(yr=1999))
    with pytest.raises(panelyst.DataError, match="does not occur"):
        fit.predict(one.assign(yr=1900))
    slopes = panelyst.feols("log(gsp) ~ log(pc) | state[unemp]", munnell)
    assert list(slopes.fixef()) == ["state", "state[unemp]"]
    with pytest.raises(panelyst.DataError, match="slopes"):
        slopes.predict(munnell)


def test_pickles_hold_everything(munnell, fit):
    for made in (fit, panelyst.feols("c(log(gsp), unemp) ~ log(pc) | state", munnell)[1]):
        back = pickle.loads(pickle.dumps(made))
        assert back.to_dict() == made.to_dict()
        pandas.testing.assert_frame_equal(back.tidy(), made.tidy(), check_exact=True)
        assert back.resid().tobytes() == made.resid().tobytes()
        assert str(back.summary()) == str(made.summary())
        pandas.testing.assert_series_equal(back.with_vcov("hc1").se(), made.with_vcov("hc1").se(), check_exact=True)
    assert copy.deepcopy(fit) is fit and copy.copy(fit) is fit


def test_a_pickle_holds_only_the_columns_of_the_model(munnell, fit):
    more = pandas.DataFrame({f"more{j}": numpy.arange(816.0) for j in range(200)})
    wide = pandas.concat([munnell, more], axis=1)
    made = panelyst.feols(TWO_WAY, wide, vcov="cluster:state")
    assert len(pickle.dumps(made)) < 1.1 * len(pickle.dumps(fit))


def test_tables(munnell, fit):
    table = panelyst.etable([fit, fit.with_vcov("iid")], headings=["clustered", "iid"], labels={"unemp": "Unemployment"})
    assert "Unemployment" in table and "clustered" in table and table == str(table)
    assert "<table" in table._repr_html_() and "<table" in fit._repr_html_()
    assert pickle.loads(pickle.dumps(table))._repr_html_() == table._repr_html_()
    for format, sign in {"latex": "\\toprule", "markdown": "|", "html": "<table", "csv": ","}.items():
        assert sign in panelyst.etable(fit, format=format)
    errors = panelyst.etable(fit, brackets="se", stars=[0.1, 0.05, 0.01])
    assert f"({fit.se()['log(emp)']:.2f})" in errors and "p < 0.1," in errors and errors != fit.summary()
    assert "观测值" in fit.summary(lang="zh") or "样本" in fit.summary(lang="zh")
    several = panelyst.feols("log(gsp) ~ sw(log(pc), unemp) | state", munnell)
    assert "(2)" in repr(several) and "<table" in several._repr_html_()
    assert panelyst.etable([several, fit]).count("(3)") >= 1
    assert repr(fit) == str(fit.summary())


def test_tables_refuse_what_they_do_not_know(fit):
    for options in ({"format": "pdf"}, {"lang": "fr"}, {"brackets": "x"}, {"stars": [0.01, 0.05]}, {"headings": ["a", "b"]}):
        with pytest.raises(panelyst.UsageError):
            panelyst.etable(fit, **options)
    with pytest.raises(panelyst.UsageError):
        panelyst.etable([])
    with pytest.raises(panelyst.UsageError, match="int"):
        panelyst.etable([1])


def test_few_clusters_are_told(munnell):
    fit = panelyst.feols("log(gsp) ~ log(pc) + unemp | state + yr", munnell, vcov="cluster:state")
    few = fit.to_dict()["small_samples"]
    assert few["cluster"] == "state"
    quick = panelyst.feols(
        "log(gsp) ~ log(pc) + unemp | state + yr", munnell, vcov="cluster:state", small_samples="never"
    )
    assert "small_samples" not in quick.to_dict()
    pandas.testing.assert_frame_equal(fit.tidy(), quick.tidy(), check_exact=True)


def test_bootstrap_intervals_are_kept(munnell):
    fit = panelyst.feols("log(gsp) ~ log(pc) + unemp | state", munnell, vcov="wild:state,draws=199")
    told = {c["term"]: c for c in fit.to_dict()["coefficients"]}
    for term, row in fit.confint().iterrows():
        assert row["ci_low"] == told[term]["ci_low"] and math.isfinite(row["ci_high"])
    with pytest.raises(panelyst.UsageError, match="0.95"):
        fit.confint(level=0.9)


def test_what_is_told_can_be_written(fit):
    told = fit.to_dict()
    told["nobs"] = 1
    assert fit.to_dict()["nobs"] == 816
    json.dumps(fit.to_dict())
    assert fit.outcome == "log(gsp)" and fit.model == "within" and "state + yr" in fit.formula
