"""Presents Munnell's panel (48 states, 1970-1986) as yearbook tables.

Reads tests/canonical/munnell.csv and writes the files of data/. Needs openpyxl 3.1.
Run from the root of the project: python3 examples/us-states/make_tables.py

Numbers are those of the panel. Two things are added for the sake of the example: a row of totals, as
yearbooks have them, and four cells of highway capital that are shown as not available.
"""

import csv
import datetime
import pathlib

import openpyxl

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(__file__).resolve().parent / "data"
SPELLING = {
    "MASSACHUSET": "Massachusetts",
    "NEW_HAMPSHI": "New Hampshire",
    "NORTH_CAROL": "North Carolina",
    "NORTH_DAKOT": "North Dakota",
    "PENNSYLVANI": "Pennsylvania",
    "RHODE_ISLAN": "Rhode Island",
    "SOUTH_CAROL": "South Carolina",
    "SOUTH_DAKOT": "South Dakota",
    "TENNESSE": "Tennessee",
    "WEST_VIRGIN": "West Virginia",
}
NOT_AVAILABLE = {("Nevada", 1974), ("Nevada", 1975), ("Vermont", 1979), ("Wyoming", 1983)}


def state(name):
    return SPELLING.get(name) or name.replace("_", " ").title()


with open(ROOT / "tests/canonical/munnell.csv", newline="") as file:
    rows = list(csv.DictReader(file))
states = list(dict.fromkeys(state(r["state"]) for r in rows))
years = sorted({int(r["yr"]) for r in rows})
cell = {(state(r["state"]), int(r["yr"])): r for r in rows}


def value(name, year, series):
    return float(cell[name, year][series])


def total(year, series):
    return round(sum(value(name, year, series) for name in states), 2)


def marked(number, decimals=None):
    """A number with thousands marks, with as many decimals as it has."""
    if decimals is None:
        text = repr(number)
        decimals = 0 if text.endswith(".0") else len(text.split(".")[1])
    return f"{number:,.{decimals}f}"


# Gross state product: a wide CSV, states in rows, years in columns, totals, footnotes.
with open(DATA / "gross-state-product.csv", "w", newline="", encoding="utf-8-sig") as file:
    out = csv.writer(file)
    out.writerow(["Table 4-1  Gross state product (million 1982 dollars)"])
    out.writerow([])
    out.writerow(["State"] + years)
    out.writerow(["United States"] + [marked(total(y, "gsp")) for y in years])
    for name in states:
        out.writerow([name] + [marked(value(name, y, "gsp")) for y in years])
    out.writerow(["Note: the total is that of the 48 contiguous states."])
    out.writerow(["Source: Munnell (1990)."])

# Labour: two series side by side under a second header row.
with open(DATA / "labour.csv", "w", newline="", encoding="utf-8") as file:
    out = csv.writer(file)
    out.writerow(["Table 2-7  Employment and unemployment"])
    out.writerow(["State", "employment"] + [""] * (len(years) - 1) + ["unemployment"] + [""] * (len(years) - 1))
    out.writerow([""] + years + years)
    for name in states:
        out.writerow(
            [name]
            + [marked(value(name, y, "emp")) for y in years]
            + [marked(value(name, y, "unemp")) for y in years]
        )
    out.writerow(["Note: employment in thousand persons, non-agricultural payrolls; unemployment in per cent."])

# Capital stock: a workbook, one sheet with states in rows, one with states in columns.
book = openpyxl.Workbook()
private = book.active
private.title = "Private capital"
private["A1"] = "Table 6-2  Private capital stock (million 1982 dollars)"
for j, year in enumerate(years):
    private.cell(3, j + 2, year)
private.cell(3, 1, "State")
for i, name in enumerate(states):
    private.cell(i + 4, 1, name)
    for j, year in enumerate(years):
        private.cell(i + 4, j + 2, value(name, year, "pc"))
private.cell(len(states) + 5, 1, "Source: Munnell (1990).")

public = book.create_sheet("Public capital")
public["A1"] = "Table 6-1  Public capital stock (million 1982 dollars)"
public.cell(3, 1, "Year")
for i, name in enumerate(states):
    public.cell(3, i + 2, name)
for j, year in enumerate(years):
    public.cell(j + 4, 1, year)
    for i, name in enumerate(states):
        public.cell(j + 4, i + 2, value(name, year, "p_cap"))
book.properties.created = book.properties.modified = datetime.datetime(2026, 11, 22)
book.save(DATA / "capital-stock.xlsx")

# Public capital by kind: a long table of region, activity and year.
with open(DATA / "public-capital-by-kind.csv", "w", newline="", encoding="utf-8") as file:
    out = csv.writer(file)
    out.writerow(["state", "kind", "year", "stock"])
    for name in states:
        for year in years:
            for kind, series in (("highways", "hwy"), ("water and sewers", "water"), ("other", "util")):
                out.writerow([name, kind, year, value(name, year, series)])

# Highway capital again as a wide table with cells that are not available.
with open(DATA / "highway-capital.csv", "w", newline="", encoding="utf-8") as file:
    out = csv.writer(file)
    out.writerow(["State"] + years)
    for name in states:
        out.writerow(
            [name]
            + ["…" if (name, y) in NOT_AVAILABLE else marked(value(name, y, "hwy")) for y in years]
        )
