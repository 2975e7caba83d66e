"""Every change of the reference's source that changes its numbers is noticed.

python -m pytest tests/faults -k mutant -s          prints how many were killed
"""

from backproof.reports.record import BROKE, DIFFERS

from .bench import Bench, ask, judged
from .equivalent import EQUIVALENT
from .mutants import Mutant, mutants

PATIENCE = 5  # answers that a mutant may fail to give before it counts as broken


def verdict(mutant: Mutant, bench: Bench) -> str:
    """killed: an answer differs. broke: it raises, which everybody notices. Else it survived."""
    broken = 0
    for question in bench.questions:
        if not any(map(question.uses, mutant.operations)):
            continue
        for check in question.problem.checks:
            rows = judged(question, ask(mutant.patches, question, check))
            if any(row.verdict in DIFFERS for row in rows):
                return "killed"
            broken += any(row.verdict in BROKE for row in rows)
            if broken >= PATIENCE:
                return "broke"
    return "broke" if broken else "survived"


def test_every_mutant_is_killed(bench: Bench) -> None:
    verdicts = {mutant.id: verdict(mutant, bench) for mutant in mutants()}
    counts = {v: list(verdicts.values()).count(v) for v in ("killed", "broke", "survived")}
    print(f"\n{len(verdicts)} mutants: {counts}")
    survivors = {id for id, v in verdicts.items() if v == "survived"}
    assert counts["killed"] > 400
    assert not sorted(survivors - EQUIVALENT.keys()), "nothing in the catalogue shows these mistakes"
    assert not sorted(EQUIVALENT.keys() - survivors), "these do not survive: take them out of equivalent.py"
