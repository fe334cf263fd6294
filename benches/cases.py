"""The cases of the benchmarks by name, and who runs in each.

DESIGN-ROWS-EFFECTS[-KIND], for example simple-1e6-2fe, worker-firm-1e7-3fe, difficult-shuffled-1e5-3fe, simple-1e6-3fe-poisson,
simple-1e6-2fe-iv, simple-1e6-2fe-csw; panel434; and the whole processes csv-ROWS, csv-434 and parquet-ROWS.
"""

import dataclasses
import re

PYTHON_PEERS = ["fereg", "within", "pyfixest-lsmr", "pyfixest-map"]

DESIGNS = {
    "simple": ["indiv_id", "year", "firm_id"],
    "difficult": ["indiv_id", "year", "firm_id"],
    "simple-shuffled": ["indiv_id", "year", "firm_id"],
    "difficult-shuffled": ["indiv_id", "year", "firm_id"],
    "simple-original": ["indiv_id", "year", "firm_id"],
    "difficult-original": ["indiv_id", "year", "firm_id"],
    "worker-firm": ["worker_id", "firm_id", "year"],
}

NAME = re.compile(rf"({'|'.join(DESIGNS)})-(\d+e\d)-([123])fe(?:-(poisson|iv|csw))?")


@dataclasses.dataclass
class Case:
    """One row of the table: data, model, runners, and how many times faster than the fastest peer it should be."""

    name: str
    design: str
    rows: int
    outcome: str
    regressors: list
    effects: list
    family: str = "ols"
    endogenous: list = dataclasses.field(default_factory=list)
    instruments: list = dataclasses.field(default_factory=list)
    runners: list = dataclasses.field(default_factory=list)
    whole: str = ""
    inner: int = 1
    memory_gb: float | None = None
    must: str = ""
    aim: str = ""

    @property
    def cluster(self):
        return self.effects[0]

    @property
    def columns(self):
        """What the runners read, in a fixed order and each once."""
        used = [x for model in self.regressors for x in model]
        used += self.endogenous + self.instruments
        return list(dict.fromkeys([*self.effects, self.outcome, *used]))

    @property
    def formula(self):
        models = self.regressors
        right = f"csw({', '.join(models[-1])})" if len(models) > 1 else " + ".join(models[0])
        text = f"{self.outcome} ~ {right} | {' + '.join(self.effects)}"
        if self.instruments:
            text += f" | {' + '.join(self.endogenous)} ~ {' + '.join(self.instruments)}"
        return text


def case(name):
    """The case of a name; an error that says which names there are otherwise."""
    if name == "panel434":
        x = [f"x{j}" for j in range(1, 5)]
        runners = ["panelyst", "floor", *PYTHON_PEERS, "linearmodels", "fixest"]
        return Case(name, name, 434, "y", [x], ["province", "year"], runners=runners, inner=50, must="0.2 ms", aim="0.05 ms")
    if whole := re.fullmatch(r"(csv|parquet)-(\d+(?:e\d+)?)", name):
        return whole_process(name, whole[1], int(float(whole[2])))
    found = NAME.fullmatch(name)
    if not found:
        raise SystemExit(f"there is no case named {name}; a case is {__doc__.split(chr(10), 2)[2].strip()}")
    design, rows, count, kind = found[1], int(float(found[2])), int(found[3]), found[4]
    made = Case(name, design, rows, "y", [["x1", "x2"]], DESIGNS[design][:count])
    made.runners = ["panelyst", "floor", *PYTHON_PEERS, "fixest"]
    made.inner = max(1, min(20, 100_000 // rows))
    made.must, made.aim = ("3x", "5x") if count < 3 and design != "worker-firm" else ("2x", "3x")
    if kind == "poisson":
        made.family, made.outcome = "poisson", "exp_y"
        made.must, made.aim = "2x", "4x"
    elif kind == "iv":
        made.outcome, made.regressors = "y_iv", [["x2"]]
        made.endogenous, made.instruments = ["endo"], ["z"]
        made.must, made.aim = "2x", "4x"
    elif kind == "csw":
        x = [f"x{j}" for j in range(1, 11)]
        made.regressors = [x[: j + 1] for j in range(10)]
        made.runners.insert(3, "fereg-calls")
        made.must, made.aim = "5x", "10x"
    if kind in ("poisson", "iv"):
        made.runners = [name for name in made.runners if name != "within"]
    return made


def whole_process(name, kind, rows):
    if kind == "parquet":
        runners = ["panelyst-parquet", "hdfe-stream-parquet"]
        effects = ["unit_id", "group_id"]
        return Case(name, "stream", rows, "y", [["x1", "x2"]], effects, runners=runners, whole=kind, memory_gb=2, must="5x", aim="10x")
    runners = ["panelyst-csv", "fereg-csv", "pyfixest-csv", "gretl-csv"]
    if rows == 434:
        x = [f"x{j}" for j in range(1, 5)]
        effects = ["province", "year"]
        return Case(name, "panel434", rows, "y", [x], effects, runners=runners, whole=kind, must="gretl", aim="10 ms")
    effects = ["indiv_id", "year"]
    return Case(name, "simple", rows, "y", [["x1", "x2"]], effects, runners=runners, whole=kind, must="3x", aim="5x")


FIVE = ["simple-{}-2fe", "difficult-{}-2fe", "simple-{}-3fe", "difficult-{}-3fe", "worker-firm-{}-2fe", "worker-firm-{}-3fe"]

GROUPS = {
    "smoke": ["panel434", "simple-1e4-2fe", "difficult-1e4-3fe", "worker-firm-1e4-2fe", "csv-434"],
    "1e5": [name.format("1e5") for name in FIVE],
    "1e6": [name.format("1e6") for name in FIVE],
    "1e7": [name.format("1e7") for name in FIVE],
    "shuffled": ["simple-shuffled-1e6-2fe", "difficult-shuffled-1e6-2fe", "simple-shuffled-1e6-3fe", "difficult-shuffled-1e6-3fe"],
    "original": ["simple-original-1e6-2fe", "difficult-original-1e6-2fe", "simple-original-1e6-3fe", "difficult-original-1e6-3fe"],
    "estimators": ["simple-1e6-3fe-poisson", "simple-1e6-2fe-iv", "simple-1e6-2fe-csw"],
    "whole": ["csv-1e6", "csv-434"],
    "streaming": ["parquet-1e8"],
}
GROUPS["table"] = [
    "panel434",
    "simple-1e5-2fe",
    "difficult-1e5-2fe",
    *GROUPS["1e6"],
    *GROUPS["1e7"],
    *GROUPS["estimators"],
    *GROUPS["whole"],
    *GROUPS["streaming"],
]
GROUPS["all"] = list(dict.fromkeys(name for group in GROUPS.values() for name in group))


def chosen(text):
    """The cases of a list of names and groups, each once."""
    names = []
    for name in text.split(","):
        names += GROUPS.get(name.strip(), [name.strip()])
    return [case(name) for name in dict.fromkeys(names)]
