"""Writes us-states.ipynb beside this file from the cells below, with their outputs.

    pip install nbformat nbclient ipykernel . && python examples/python/make_notebook.py
"""

import pathlib

import nbclient
import nbformat

HERE = pathlib.Path(__file__).resolve().parent


class Code(str):
    """A cell that is run."""


CELLS = [
    """# Public capital in 48 US states, from Python

The study that is bundled with Panelyst (`examples/us-states`), taken up from a notebook: the whole study in one call, then the
same panel as a frame, step by step. The working folder is the root of the repository or this folder.""",
    Code("""import pathlib, tempfile
import numpy as np, pandas as pd
import panelyst

root = next(p for p in [pathlib.Path.cwd(), *pathlib.Path.cwd().parents] if (p / "examples" / "us-states").exists())
pd.set_option("display.precision", 4)"""),
    """## The whole study

`run` does what `panelyst run` does: it reads the yearbook tables, builds the variables, estimates, and writes tables, page, ledger
and lock file. The tables come back too.""",
    Code("""out = tempfile.TemporaryDirectory()
done = panelyst.run(root / "examples" / "us-states" / "study.toml", out=out.name)
sorted(file for file in done.files if "/" not in file)"""),
    Code("""print(done.tables[1])"""),
    Code("""print(done.reading[:1200])"""),
    """## The panel as a frame

Munnell's panel as published: 48 states, 1970 to 1986. Columns of numbers go to the engine as they lie in memory.""",
    Code("""data = pd.read_csv(root / "tests" / "canonical" / "munnell.csv")
panelyst.describe(data, ["gsp", "log(pc)", "unemp"], panel=("state", "yr"))"""),
    """Which model do the data ask for? Undefined tests say so and have no p-value.""",
    Code("""tests = panelyst.test("log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp", data, panel=("state", "yr"))
tests[["test", "variant", "statistic", "p_value", "decision"]]"""),
    """## One model, several errors

Formulas are fixest's. Other standard errors do not need another estimation, and a convention is a package's rule for them.""",
    Code("""fit = panelyst.feols("log(gsp) ~ log(p_cap) + log(pc) + log(emp) + unemp | state + yr", data, vcov={"CRV1": "state"})
fit"""),
    Code("""pd.DataFrame({
    name: fit.with_vcov(vcov, convention=convention).se()
    for name, vcov, convention in [
        ("iid", "iid", "fixest"),
        ("clustered, fixest", "cluster:state", "fixest"),
        ("clustered, areg", "cluster:state", "areg"),
        ("clustered, linearmodels", "cluster:state", "linearmodels"),
        ("two-way", "cluster:state+yr", "fixest"),
        ("jackknife", "crv3:state", "fixest"),
    ]
})"""),
    """With few clusters the result holds more: the wild bootstrap's p-values, the effective number of clusters, and which state has
the most leverage.""",
    Code("""few = fit.to_dict()["small_samples"]
pd.DataFrame(few["coefficients"]).set_index("term")[["std_error_crv3", "p_value_crv3", "p_value_wild", "effective_clusters"]]"""),
    """## Side by side

Pooled, effects of states, both effects, instruments, and counts, in one table. `etable` also writes LaTeX, Markdown and CSV, in
English or Chinese.""",
    Code("""models = [
    panelyst.feols("log(gsp) ~ log(p_cap) + log(emp) + unemp", data, vcov={"CRV1": "state"}),
    panelyst.feols("log(gsp) ~ log(p_cap) + log(emp) + unemp | state", data, vcov={"CRV1": "state"}),
    panelyst.feols("log(gsp) ~ log(p_cap) + log(emp) + unemp | state + yr", data, vcov={"CRV1": "state"}),
    panelyst.feiv("log(gsp) ~ log(emp) + unemp | state + yr | log(p_cap) ~ log(hwy) + log(water)", data, vcov={"CRV1": "state"}),
    panelyst.fepois("gsp ~ log(p_cap) + log(emp) + unemp | state + yr", data, vcov={"CRV1": "state"}),
]
panelyst.etable(models, headings=["pooled", "states", "both", "2SLS", "Poisson"], brackets="se", labels={"log(p_cap)": "Public capital"})"""),
    """## What else a result knows""",
    Code("""fit.confint(level=0.9)"""),
    Code("""fit.fixef()["yr"].head()"""),
    Code("""frame = data.iloc[fit.rows].assign(fitted=fit.predict(), residual=fit.resid())
frame.groupby("state")["residual"].std().sort_values().tail(3)"""),
    """## Location quotients

The outcome of the study: where does each kind of public capital lie, relative to the nation?""",
    Code("""kinds = root / "examples" / "us-states" / "data" / "public-capital-by-kind.csv"
quotients = panelyst.index("location-quotient", kinds, value="stock", region="state", activity="kind", time="year")
quotients[quotients["year"] == 1986].pivot(index="state", columns="kind", values="location_quotient").head()"""),
    """## Somebody else's table

`audit` says which numbers of a published table cannot be right, from the numbers alone.""",
    Code("""found = panelyst.audit(root / "examples" / "audit-reference-paper" / "paper.toml")
found["severity"].value_counts()"""),
    """## Mistakes

say where and what to do, as exceptions.""",
    Code("""try:
    panelyst.feols("log(gsp) ~ log(pc) + unmep | state", data)
except panelyst.Error as error:
    print(error)"""),
]


def main():
    notebook = nbformat.v4.new_notebook()
    for place, cell in enumerate(CELLS):
        new = nbformat.v4.new_code_cell if isinstance(cell, Code) else nbformat.v4.new_markdown_cell
        made = new(str(cell))
        made["id"] = f"cell-{place}"
        notebook.cells.append(made)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    client = nbclient.NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(HERE)}})
    client.execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("language_info", None)
    nbformat.write(notebook, HERE / "us-states.ipynb")


if __name__ == "__main__":
    main()
