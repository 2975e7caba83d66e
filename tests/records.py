"""A small factory of records that no run made: as many cases as wanted, every verdict, and hostile text on request."""

import math
from pathlib import Path
from typing import Any

from backproof.reports.journal import Writer
from backproof.reports.record import (
    FORMAT,
    CaseLine,
    Certificate,
    ClaimLine,
    Footer,
    Header,
    Record,
    Row,
    Verdict,
    Who,
)

NAMES = ("reference", "torch", "jax")
PRECISIONS = ("float64", "float32")
HOSTILE = (
    "<script>alert(1)</script> | `code` **bold** [a](javascript:alert(1)) \"q\" 'p' & 😀\n\x1b[31m\x00 ]]> [red]x[/red]"
)


def header(**changes: Any) -> Header:
    fields: dict[str, Any] = {
        "format": FORMAT,
        "backproof": "0.1.0",
        "started": "2026-01-02T03:04:05Z",
        "command": ["backproof", "run"],
        "selection": [],
        "cases": 1,
        "catalogue": "3f2a9c81d04e" + "0" * 52,
        "precisions": list(PRECISIONS),
        "implementations": [
            Who("reference", "0.1.0", list(PRECISIONS)),
            Who("torch", "2.13.0", list(PRECISIONS), {"threads": "1", "matmul precision": "highest"}),
            Who("jax", "0.9.1", list(PRECISIONS), {"jax_enable_x64": "true"}),
        ],
        "machine": {"processor": "x86-64", "cores": "4", "system": "Linux"},
        "libraries": {"Python": "3.13.1", "NumPy": "2.4.6 (OpenBLAS 0.3.30)", "SciPy": "1.17.0"},
        "noise": {"runs": 12, "first seed": 0},
    }
    return Header(**fields | changes)


def case(name: str, precision: str = "float64", **changes: Any) -> CaseLine:
    fields: dict[str, Any] = {
        "case": name,
        "precision": precision,
        "group": name.rpartition("/")[0],
        "hash": "ab" * 32,
        "question": "Is the gradient right?",
        "because": "a factor of two is easily lost",
        "certificate": Certificate(bits=120, tensors=4, elements=60, widest_ulp=1e-9, digits=24.5),
    }
    return CaseLine(**fields | changes)


def row(
    name: str, implementation: str = "torch", tensor: str = "loss", verdict: Verdict = "within", **changes: Any
) -> Row:
    check = {"gradient": "gradient", "trajectory": "trajectory"}
    check |= dict.fromkeys(("update", "state", "rate", "clipped", "average"), "update")
    fields: dict[str, Any] = {
        "case": name,
        "precision": "float64",
        "implementation": implementation,
        "check": check.get(tensor.split(".")[0], "loss"),
        "tensor": tensor,
        "verdict": verdict,
    }
    if verdict == "exact":
        fields["margin"] = 0.0
    elif verdict in ("within", "outside", "inconclusive", "known"):
        margin = 13.7 if verdict in ("outside", "known") else 0.31
        fields |= {
            "margin": margin, "error": margin * 1e-15, "tolerance": 1e-15, "ulps": 4.0, "shape": [6, 5],
            "index": [4, 2], "expected": 0.1, "actual": 0.1 + margin * 1e-15,
        }  # fmt: skip
    elif verdict == "nonfinite":
        fields |= {"index": [0, 1], "expected": 0.5, "actual": "nan"}
    return Row(**fields | changes)


def record(
    lines: list[CaseLine], rows: list[Row], claims: tuple[ClaimLine, ...] = (), *, complete: bool = True, **changes: Any
) -> Record:
    footer = Footer(len(rows), len(claims), complete, 12.5, {"expected values": 8.0, "torch": 2.0})
    changes = {"cases": len({line.case for line in lines})} | changes
    return Record(header(**changes), tuple(lines), tuple(rows), claims, footer)


def every_verdict(text: str = "a reason") -> Record:
    """Small, with each verdict, a claim, a training run and, where text may stand, this text."""
    lines = [case("seed/chain", expected={"loss": 0.04}), case("basics/losses/mse", question=text, because=text)]
    lines += [case("basics/training/mlp", expected={"trajectory.0.loss": [1.0, 0.5, 0.25]})]
    rows = [row("seed/chain", name, verdict="exact") for name in NAMES]
    verdicts: tuple[Verdict, ...] = ("inconclusive", "known", "outside", "nonfinite", "dtype", "shape", "missing")
    for number, verdict in enumerate(verdicts):
        tensor = f"gradient.layer{number}.W"
        rows.append(row("basics/losses/mse", "torch", tensor, verdict, reason=text, link="https://example.org/1"))
        rows.append(row("basics/losses/mse", "jax", tensor, "within"))
    whole = {"tensor": "", "reason": text, "details": f"Traceback\n{text}"}
    rows.append(row("basics/losses/mse", "jax", verdict="unsupported", check="update", **whole))
    rows.append(row("basics/losses/mse", "torch", verdict="error", check="update", **whole))
    rows.append(row("basics/losses/mse", "torch", verdict="timeout", check="trajectory", **whole))
    rows += [row("basics/training/mlp", n, "trajectory.0.loss", "within", values=[1.0, 0.5, "nan"]) for n in NAMES]
    claims = tuple(ClaimLine("seed/chain", text, "0.04", "loss", [], name, 0.04, "holds") for name in NAMES)
    wrong = tuple(ClaimLine("seed/chain", text, "0.028", "gradient.h", [0], name, -0.28, "wrong") for name in NAMES)
    return record(lines, rows, claims + wrong)


def realistic(cases: int = 126, *, good: bool = False) -> Record:
    """The size and mixture of a whole run: three implementations, two precisions, about 20 tensors for each case."""
    groups = ("seed", "basics/losses", "basics/optimizers", "basics/networks", "layers/norms", "lessons/rates")
    lines, rows = [], []
    tensors = ["loss", "output.hidden", "output.logits"]
    tensors += [f"gradient.{part}" for part in ("x", "hidden.W", "hidden.b", "logits.W", "logits.b", "hidden")]
    tensors += [f"update.{step}.{part}" for step in (1, 2, 3) for part in ("hidden.W", "hidden.b", "logits.W")]
    for number in range(cases):
        group = groups[number % len(groups)]
        name = f"{group}/case_{number}:loss.reduction=mean"
        trains = group == "lessons/rates" and number < 24
        curve = [math.exp(-step / (8 + number)) * (1 + 0.2 * math.cos(step)) for step in range(60)]
        for precision in PRECISIONS:
            expected = {"trajectory.0.loss": curve} if trains else {}
            lines.append(case(name, precision, tags=["loss", "edge"], expected=expected))
            for who, implementation in enumerate(NAMES):
                for place, tensor in enumerate(tensors):
                    margin = ((number * 31 + place * 17 + who * 7) % 97) / 120
                    verdict: Verdict = "exact" if who == 0 or margin < 0.4 else "within"
                    rows.append(row(name, implementation, tensor, verdict, precision=precision))
                    if verdict == "within":
                        rows[-1] = row(name, implementation, tensor, verdict, precision=precision, margin=margin)
                if trains:
                    tensor = "trajectory.0.loss"
                    rows.append(row(name, implementation, tensor, "within", precision=precision, values=curve))
    found = every_verdict("JAX's own update takes the root before the correction")
    if good:
        return record(lines, rows)
    return record([*lines, *found.cases], [*rows, *found.rows], found.claims)


def write(found: Record, path: Path) -> Path:
    """To a file, through the writer."""
    with Writer(path) as out:
        out.write(found.header)
        for line in (*found.cases, *found.rows, *found.claims):
            out.write(line)
        out.finish(complete=found.footer.complete, reason=found.footer.reason, timings=found.footer.timings)
    return path
