"""The numbers: those of other packages, kept in tests/reference, and those of the command line, to the last digit."""

import csv
import json
import pickle

import numpy
import pandas
import pytest

import panelyst
from conftest import MUNNELL, REFERENCE, TWO_WAY


def reference_rows():
    rows = json.loads((REFERENCE / "pyfixest" / "munnell.json").read_text())["rows"]
    return [pytest.param(row, id=f"{row['case']}-{row['sample']}-{row['vcov']}") for row in rows]


@pytest.mark.parametrize("row", reference_rows())
def test_pyfixest_says_the_same(munnell, row):
    data = munnell
    if row["sample"] == "unbalanced":
        dropped = pandas.read_csv(REFERENCE / "munnell" / "dropped_rows.csv")["row"]
        data = munnell.drop(index=dropped)
    effects = {"pooled": "", "within1": " | state", "within2": " | state + yr"}[row["case"].split("-")[0]]
    fit = panelyst.feols(
        f"log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp{effects}",
        data,
        vcov=row["vcov"],
        weights="hwy" if row["case"].endswith("-weights") else None,
    )
    assert fit.nobs == row["extra"]["nobs"]
    assert set(fit.coef().index) == set(row["coefficients"])
    for term, value in row["coefficients"].items():
        # The digits that pyfixest keeps of its own at a tolerance of 1e-14, as in the engine's tests.
        assert fit.coef()[term] == pytest.approx(value, rel=1e-9)
        assert fit.se()[term] == pytest.approx(row["std_errors"][term], rel=1e-8)
        # p-values near zero are 1 less a rounded number there.
        assert fit.pvalue()[term] == pytest.approx(row["p_values"][term], rel=1e-6, abs=1e-13)


def test_instruments_say_the_same(munnell):
    checked = 0
    with open(REFERENCE / "numpy" / "instruments.csv") as file:
        for row in csv.DictReader(file):
            if row["quantity"] != "estimate":
                continue
            options = dict(option.split("=") for option in row["options"].split())
            panelyst_options = {k: options[k] for k in ("vcov", "convention", "weights") if k in options}
            if set(options) - set(panelyst_options):
                continue
            fit = panelyst.feiv(row["formula"], munnell, **panelyst_options)
            # Both solve the same normal equations in double precision.
            assert fit.coef()[row["term"]] == pytest.approx(float(row["value"]), rel=1e-9)
            checked += 1
    assert checked > 0


@pytest.mark.parametrize("model", ["poisson", "logit"])
@pytest.mark.parametrize("vcov", ["iid", "hc1", "cluster:state"])
def test_counts_and_choices_say_the_same(munnell, model, vcov):
    data = munnell.assign(
        count=numpy.floor(numpy.maximum(munnell["unemp"] - 4, 0)), high=(munnell["unemp"] > 6).astype(int)
    )
    with open(REFERENCE / "pyfixest" / "likelihood.csv") as file:
        rows = [row for row in csv.DictReader(file) if row["options"] == f"model={model} vcov={vcov}"]
    rows = [row for row in rows if row["tool"] == "pyfixest"]
    assert len(rows) == 14
    for row in rows:
        fit = panelyst.fit(row["formula"], data, model=model, vcov=vcov)
        values = fit.se() if row["quantity"] == "std_error" else fit.coef()
        # pyfixest ends when its deviance is steady to 1e-13: half as many digits of the estimates.
        assert values[row["term"]] == pytest.approx(float(row["value"]), rel=1e-6)


CALLS = [
    (TWO_WAY, {"vcov": "cluster:state"}),
    (TWO_WAY, {"vcov": "hc3", "convention": "areg"}),
    (TWO_WAY, {"vcov": "driscoll-kraay:2", "panel": ("state", "yr")}),
    (TWO_WAY, {"weights": "hwy", "where": "yr >= 1975 and state != 'TEXAS'", "vcov": "hc1"}),
    ("log(gsp) ~ log(pc) + unemp + i(yr)", {"model": "random", "panel": ("state", "yr")}),
    ("unemp ~ l(log(gsp), 1) + d(log(emp))", {"model": "within", "panel": ("state", "yr"), "vcov": "cluster:state"}),
    ("log(gsp) ~ log(emp) + unemp | state + yr | log(p_cap) ~ log(hwy) + log(water)", {"vcov": "cluster:state"}),
    ("gsp ~ log(p_cap) + log(emp) | state + yr", {"model": "poisson", "vcov": "cluster:state"}),
    ("log(gsp) ~ csw(log(pc), log(emp), unemp) | state", {"vcov": "cluster:state", "convention": "plm"}),
    ("log(gsp) ~ unemp | state", {"model": "within", "constant": "mean", "vcov": "iid"}),
]


@pytest.mark.parametrize(("formula", "options"), CALLS, ids=[f"{f} {o}" for f, o in CALLS])
def test_the_command_line_gives_the_same_digits(command_line, munnell, formula, options):
    flags = []
    for name, value in options.items():
        flags += [f"--{name}", ",".join(value) if isinstance(value, tuple) else value]
    code, answer, error = command_line("fit", MUNNELL, formula, *flags, "--format", "json")
    assert code == 0, error
    for data in (munnell, MUNNELL):
        fits = panelyst.fit(formula, data, **options)
        fits = [fits] if isinstance(fits, panelyst.Fit) else fits
        assert [fit.to_dict() for fit in fits] == answer


def test_several_formulas_are_those_alone(munnell):
    fits = panelyst.feols("c(log(gsp), unemp) ~ sw(log(pc), log(emp)) | state + yr", munnell, vcov="cluster:state")
    assert len(fits) == 4 and len(fits[:2]) == 2
    assert list(fits.all_fitted_models) == [fit.formula for fit in fits]
    for fit in fits:
        alone = panelyst.feols(fit.formula, munnell, vcov="cluster:state")
        # Formulas that are estimated together share sums: the same to rounding.
        numpy.testing.assert_allclose(fit.tidy(), alone.tidy(), rtol=1e-9)
        numpy.testing.assert_allclose(
            fit.with_vcov("hc1").se(), alone.with_vcov("hc1").se(), rtol=1e-9
        )
    assert len(fits.tidy()) == 4


def test_rows_are_parted_by_a_variable(munnell):
    formula = "log(gsp) ~ csw(log(emp), unemp) | state"
    fits = panelyst.fit(formula, munnell, vcov="cluster:state", split="yr >= 1980", where="state != 'WYOMING'")
    assert [fit.group for fit in fits] == ["not yr >= 1980"] * 2 + ["yr >= 1980"] * 2
    for fit, late in zip(fits, [False, False, True, True]):
        condition = "yr >= 1980" if late else "yr < 1980"
        alone = panelyst.fit(fit.formula, munnell, vcov="cluster:state", where=f"{condition} and state != 'WYOMING'")
        assert fit.tidy().equals(alone.tidy())
        assert fit.notes[0] == f"only rows with {fit.group}" and fit.group not in "".join(alone.notes)
        again = pickle.loads(pickle.dumps(fit))
        assert again.tidy().equals(fit.tidy()) and again.group == fit.group
        assert fit.with_vcov("iid").group == fit.group
    assert len(fits.all_fitted_models) == 4 and len(fits.tidy().index.unique("formula")) == 4
    # One group is a list of one, and a group that cannot be estimated is named.
    assert len(panelyst.fit("log(gsp) ~ unemp", munnell, split="yr > 0")) == 1
    with pytest.raises(panelyst.DataError, match="rows with yr = 1970"):
        panelyst.fit("log(gsp) ~ unemp | yr + state", munnell, split="yr")
    with pytest.raises(panelyst.UsageError, match="split = 1"):
        panelyst.fit("log(gsp) ~ unemp", munnell, split=1)


def test_results_do_not_depend_on_threads(munnell):
    found = []
    for threads in (1, 2, 5):
        panelyst.set_threads(threads)
        found.append(panelyst.feols(TWO_WAY, munnell, vcov="cluster:state").tidy().to_numpy().tobytes())
    panelyst.set_threads(0)
    assert found[0] == found[1] == found[2]
