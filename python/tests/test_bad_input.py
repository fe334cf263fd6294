"""Bad input is one clear exception, and that of the command line."""

import numpy
import pandas
import pytest

import panelyst
from conftest import MUNNELL


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("log(gsp) ~ unemployment | state", {}),
        ("log(gsp) ~ unmep | state", {}),
        ("log(gsp ~ unemp", {}),
        ("log(gsp) ~ unemp | state + ", {}),
        ("gsp ~ state", {}),
        ("state ~ gsp", {}),
        ("log(unemp - 5) ~ gsp", {}),
        ("gsp ~ unemp", {"vcov": "cluster:stat"}),
        ("gsp ~ unemp", {"vcov": "hc9"}),
        ("gsp ~ unemp", {"vcov": "cluster"}),
        ("gsp ~ unemp", {"convention": "stata"}),
        ("gsp ~ unemp", {"model": "ridge"}),
        ("gsp ~ unemp", {"model": "random"}),
        ("gsp ~ unemp", {"weights": "state"}),
        ("gsp ~ unemp", {"weights": "wieght"}),
        ("gsp ~ unemp", {"where": "yr > 3000"}),
        ("gsp ~ unemp | state | pc ~ unemp", {}),
        ("gsp ~ unemp", {"vcov": "newey-west:2"}),
        ("gsp ~ i(state, ref='X')", {}),
        ("unemp - 5 ~ gsp", {"model": "poisson"}),
        ("gsp ~ unemp", {"vcov": "conley:100,lat,lon"}),
    ],
)
def test_the_sentence_of_the_command_line(command_line, munnell, formula, options):
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    code, _, error = command_line("fit", MUNNELL, formula, *flags, "--format", "json")
    assert code in (1, 2)
    with pytest.raises(panelyst.Error) as caught:
        panelyst.fit(formula, munnell, **options)
    told = error.strip()
    message = str(caught.value)
    assert message in (told, told.removeprefix("error: "))
    assert isinstance(caught.value, panelyst.UsageError if code == 2 else panelyst.DataError)
    assert isinstance(caught.value, ValueError) and "\x1b" not in message


def test_a_name_that_is_nearly_right(munnell):
    with pytest.raises(panelyst.DataError, match="unemp"):
        panelyst.feols("gsp ~ unmep", munnell)


def test_text_in_a_column_of_numbers(panel):
    mixed = panel.astype({"x": object})
    mixed.loc[6, "x"] = "n/a"
    with pytest.raises(panelyst.DataError, match=r"column `x` mixes text and other values: row 7 is 'n/a'"):
        panelyst.feols("y ~ x", mixed)
    # One that is not asked for does not matter.
    assert panelyst.feols("y ~ z", mixed).nobs == 240


def test_columns_that_cannot_be_used(panel):
    for values in ([{}] * 240, [1j] * 240, pandas.to_timedelta([1] * 240, unit="s"), [[1.0]] * 240):
        with pytest.raises(panelyst.DataError, match="column `odd`"):
            panelyst.feols("y ~ odd", panel.assign(odd=values))


def test_frames_without_rows_or_columns(panel):
    for frame in (panel.iloc[:0], panel.iloc[:1], panel.iloc[:2], panel.drop(columns="x"), pandas.DataFrame()):
        with pytest.raises(panelyst.DataError):
            panelyst.feols("y ~ x", frame)
        with pytest.raises(panelyst.DataError):
            panelyst.feols("y ~ x | unit", frame)


def test_columns_without_information(panel):
    with pytest.raises(panelyst.DataError, match="missing x"):
        panelyst.feols("y ~ x", panel.assign(x=numpy.nan))
    with pytest.raises(panelyst.DataError, match="missing x"):
        panelyst.feols("y ~ x", panel.assign(x=None))
    with pytest.raises(panelyst.DataError, match="one value"):
        panelyst.feols("y ~ x", panel.assign(g=1), vcov="cluster:g")
    with pytest.raises(panelyst.DataError, match="does not vary"):
        panelyst.feols("y ~ x", panel.assign(y=3.0))
    fit = panelyst.feols("y ~ x + constant", panel.assign(constant=7))
    assert "constant" not in fit.coef() and any("constant" in note for note in fit.notes)
    with pytest.raises(panelyst.DataError, match="dropped"):
        panelyst.feols("y ~ constant | unit", panel.assign(constant=7))
    with pytest.raises(panelyst.DataError):
        panelyst.feols("y ~ x | row", panel.assign(row=numpy.arange(240)))


def test_infinite_numbers(panel):
    panel.loc[3, "x"] = numpy.inf
    with pytest.raises(panelyst.DataError, match="row 4"):
        panelyst.feols("y ~ x", panel)


def test_units_and_periods_twice(panel):
    twice = pandas.concat([panel, panel.iloc[[5]]], ignore_index=True)
    with pytest.raises(panelyst.DataError, match="two rows"):
        panelyst.feols("y ~ l(x, 1)", twice, panel=("unit", "year"))
    with pytest.raises(panelyst.Error):
        panelyst.test("y ~ x", twice, panel="unit,year")


def test_names_twice(panel):
    twice = pandas.concat([panel, panel[["x"]]], axis=1)
    with pytest.raises(panelyst.DataError, match="`x` occurs twice"):
        panelyst.feols("y ~ x", twice)
    assert panelyst.feols("y ~ z", twice).nobs == 240
    with pytest.raises(panelyst.DataError, match="occurs twice"):
        panelyst.describe(twice)


def test_arguments_of_the_wrong_kind(panel):
    for call in (
        lambda: panelyst.feols(1, panel),
        lambda: panelyst.feols("y ~ x", 7),
        lambda: panelyst.feols("y ~ x", None),
        lambda: panelyst.feols("y ~ x", [1, 2]),
        lambda: panelyst.feols("y ~ x", panel, vcov=3),
        lambda: panelyst.feols("y ~ x", panel, vcov={"CRV1": "unit", "CRV3": "unit"}),
        lambda: panelyst.feols("y ~ x", panel, vcov={"CRV9": "unit"}),
        lambda: panelyst.feols("y ~ x", panel, weights=panel["weight"]),
        lambda: panelyst.feols("y ~ x", panel, panel=("unit",)),
        lambda: panelyst.feols("y ~ x", panel, panel="unit"),
        lambda: panelyst.feols("y ~ x", panel, panel=("unit", "unit")),
        lambda: panelyst.feols("y ~ x", panel, invalid="skip"),
        lambda: panelyst.feols("y ~ x", panel, constant="yes"),
        lambda: panelyst.feols("y ~ x", panel, small_samples="yes"),
        lambda: panelyst.fepois("y ~ x", panel, model="logit"),
        lambda: panelyst.set_threads(10_000),
        lambda: panelyst.feols("y ~ x", panel).confint(level=95),
        lambda: panelyst.feols("y ~ x", panel).predict(type="probability"),
    ):
        with pytest.raises(panelyst.UsageError):
            call()
    with pytest.raises(panelyst.DataError):
        panelyst.feiv("y ~ x", panel)
    with pytest.raises(TypeError):
        panelyst.feols("y ~ x", panel, cluster="unit")
    with pytest.raises(panelyst.DataError, match="nowhere.csv"):
        panelyst.feols("y ~ x", "nowhere.csv")


def test_samples_of_other_conventions(panel):
    alone = pandas.concat([panel, panel.iloc[[0]].assign(unit=99)], ignore_index=True)
    fit = panelyst.feols("y ~ x | unit", alone)
    with pytest.raises(panelyst.DataError, match="estimate again"):
        fit.with_vcov("iid", convention="areg")
    with pytest.raises(panelyst.DataError, match="is missing"):
        panelyst.feols("y ~ x", alone.assign(g=[None] + list(range(240)))).with_vcov("cluster:g")


def test_a_defect_is_an_exception():
    # What is not one of ours never reaches the interpreter as a crash: the class is there to be caught.
    assert issubclass(panelyst.InternalError, panelyst.Error) and issubclass(panelyst.Error, Exception)
