"""Do all runners say the same? Each is held against a tight solution of a peer.

Errors of coefficients are relative to the coefficient or its standard error, whichever is larger (a coefficient may be zero);
errors of standard errors are relative. A runner that stops iterating early is allowed 1e-6, Panelyst 1e-9 and 1e-8.
"""

import re

LOOSE = (1e-6, 1e-6)
# Poisson stops when the deviance hardly moves (1e-8 in peers): the weights in the errors are those of a step before.
LOOSE_POISSON = (1e-6, 1e-5)
OURS = (1e-9, 1e-8)

# Runners whose small-sample factor differs: their errors must be in one ratio to the others'.
OTHER_FACTOR = {"linearmodels"}

# Digits that printed tables have at the least: three decimals.
PRINTED = 6e-4


def check(case, results, reference):
    """Adds `coefficient_error`, `std_error_error` and `agrees` to each result; the reference is a list of models, or None."""
    measured = {name: result for name, result in results.items() if "seconds" in result}
    if case.whole:
        check_printed(case, measured, reference)
        return
    for name, result in measured.items():
        if not result.get("models") or reference is None:
            continue
        coefficients, errors = compare(result["models"], reference, name in OTHER_FACTOR)
        loose = LOOSE_POISSON if case.family == "poisson" else LOOSE
        limits = OURS if name.startswith("panelyst") else loose
        result["coefficient_error"], result["std_error_error"] = coefficients, errors
        result["agrees"] = coefficients <= limits[0] and errors <= limits[1]


def compare(models, reference, other_factor):
    """The largest errors of coefficients and standard errors; infinite where models or terms are missing."""
    if len(models) != len(reference):
        return float("inf"), float("inf")
    worst_coefficient = worst_error = 0.0
    for model, held in zip(models, reference):
        found = {plain(term): b for term, b in model["coefficients"].items()}
        errors = {plain(term): s for term, s in model["std_errors"].items()}
        ratio = 1.0
        for position, (term, b) in enumerate(held["coefficients"].items()):
            term = plain(term)
            if term not in found:
                return float("inf"), float("inf")
            s = held["std_errors"][term] if term in held["std_errors"] else list(held["std_errors"].values())[position]
            if other_factor and position == 0:
                ratio = errors[term] / s
            worst_coefficient = max(worst_coefficient, abs(found[term] - b) / max(abs(b), s))
            worst_error = max(worst_error, abs(errors[term] / (ratio * s) - 1.0))
    return worst_coefficient, worst_error


def plain(term):
    """A term without the mark that some packages put on an instrumented one."""
    return term.removeprefix("fit_")


def check_printed(case, measured, reference):
    """Printed tables: the coefficients to the digits printed, against the reference or else the first that printed."""
    term_names = case.regressors[0]
    held = reference[0]["coefficients"] if reference else None
    for result in measured.values():
        found = {term: printed_number(result.get("printed", ""), term) for term in term_names}
        if held is None:
            held = found
        differences = [
            float("inf") if found[term] is None or held[term] is None else abs(found[term] - held[term])
            for term in term_names
        ]
        result["printed_difference"] = max(differences)
        result["agrees"] = max(differences) <= PRINTED


def printed_number(text, term):
    """The first number after a term at the beginning of a line."""
    found = re.search(rf"^\W*{re.escape(term)}\b[^\d\n-]*(-?\d*\.?\d+(?:[eE][-+]?\d+)?)", text, re.MULTILINE)
    return float(found[1]) if found else None
