"""Other packages that take results."""

import numpy
import pytest

import panelyst
from conftest import TWO_WAY


def test_maketables(munnell):
    maketables = pytest.importorskip("maketables")
    fits = [panelyst.feols(TWO_WAY, munnell, vcov=vcov) for vcov in ("iid", "cluster:state")]
    table = maketables.ETable(fits, coef_fmt="b:.3f \n (se:.3f)")
    text = table.make(type="tex")
    text = text if isinstance(text, str) else str(text)
    assert f"{fits[0].coef()['unemp']:.3f}" in text and f"({fits[1].se()['log(emp)']:.3f})" in text
    assert "log(gsp)" in text and "816" in text


@pytest.fixture()
def marginaleffects():
    polars = pytest.importorskip("polars")
    if int(polars.__version__.split(".")[0]) >= 2:
        pytest.skip("marginaleffects up to 0.6 fails with polars 2 on every model")
    return pytest.importorskip("marginaleffects")


def test_marginaleffects(munnell, marginaleffects):
    fit = panelyst.feols("log(gsp) ~ unemp + pc + pc:unemp | state + yr", munnell, vcov="cluster:state")
    model = fit.marginaleffects()
    found = marginaleffects.avg_slopes(model, variables="unemp")
    weights = numpy.array([1.0, 0.0, munnell["pc"].mean()])
    assert list(fit.coef().index) == ["unemp", "pc", "pc:unemp"]
    # Slopes there are differences over a small step.
    assert found["estimate"][0] == pytest.approx(float(weights @ fit.coef()), rel=1e-5)
    error = float(numpy.sqrt(weights @ fit.vcov().to_numpy() @ weights))
    # Their derivatives by coefficients are differences of differences of predictions of about 10.
    assert found["std_error"][0] == pytest.approx(error, rel=2e-3)
    line = marginaleffects.predictions(model)
    numpy.testing.assert_allclose(line["estimate"].to_numpy(), fit.predict(), rtol=1e-9)
    robust = marginaleffects.avg_slopes(model, variables="unemp", vcov="hetero")
    assert robust["std_error"][0] != found["std_error"][0]


def test_marginaleffects_of_counts(munnell, marginaleffects):
    fit = panelyst.fepois("gsp ~ log(p_cap) + unemp", munnell, vcov="hetero")
    found = marginaleffects.avg_slopes(fit.marginaleffects(), variables="unemp")
    expected = fit.coef()["unemp"] * fit.predict().mean()
    assert found["estimate"][0] == pytest.approx(expected, rel=1e-5)
