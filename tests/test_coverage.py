"""What is said to be covered is, and nothing that a framework offers is passed over in silence."""

import importlib
import inspect
from typing import Any

import pytest

from backproof.reference import operations
from backproof.reports import coverage
from backproof.reports.coverage import Share
from backproof.reports.record import Record

from .records import case, record, row


def told() -> Record:
    cases = [case(f"group/{name}", operations=["linear", "relu"]) for name in ("one", "two", "three")]
    cases.append(case("group/four", operations=["linear"]))
    verdicts = {
        "group/one": ("exact", "within"), "group/two": ("unsupported", "unsupported"),
        "group/three": ("known", "within"), "group/four": ("inconclusive", "outside"),
    }  # fmt: skip
    rows = [row(name, tensor=f"t{i}", verdict=v) for name, both in verdicts.items() for i, v in enumerate(both)]
    return record(cases, rows)


def test_cases_are_counted_by_the_operations_that_they_use() -> None:
    found = coverage.shares(told())
    place = (told().rows[0].implementation, "float64")
    assert found["activations", "relu"][place] == Share(agree=1, known=1, unsupported=1, wrong=0)
    assert found["layers", "linear"][place] == Share(agree=1, known=1, unsupported=1, wrong=1)
    assert found["activations", "relu"][place].text == "✓ 1 of 3"
    assert found["layers", "linear"][place].text == "✗ 1 of 4"
    assert ("losses", "l1") not in found


def test_every_offer_names_an_operation_or_a_reason() -> None:
    known = set(operations.names(*operations.KINDS))
    for offer in coverage.offers():
        assert (offer.operation in known) != bool(offer.reason), offer
    names = [(offer.namespace, offer.function) for offer in coverage.offers()]
    assert len(set(names)) == len(names)
    assert ("torch.nn.functional", "mse_loss") in names
    assert ("optax.losses", "squared_error") in names


def offered(namespace: str) -> set[str]:
    """What a namespace has, without what it has imported and the machinery of its own.

    Optimizers and schedulers of torch.optim are classes; in Optax they are functions, beside the losses that have a
    namespace of their own.
    """
    module = importlib.import_module(namespace)
    public = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    if namespace.startswith("torch.optim"):
        base = module.Optimizer if namespace == "torch.optim" else module.LRScheduler
        return {name for name, value in public.items() if inspect.isclass(value) and issubclass(value, base)}
    functions = {name for name, value in public.items() if callable(value) and not _foreign(value)}
    return functions - offered("optax.losses") if namespace == "optax" else functions


def _foreign(value: Any) -> bool:
    return inspect.isclass(value) or inspect.ismodule(value) or getattr(value, "__module__", "").startswith("typing")


@pytest.mark.frameworks
@pytest.mark.parametrize("namespace", coverage.NAMESPACES)
def test_nothing_offered_is_passed_over(namespace: str) -> None:
    pytest.importorskip(namespace.partition(".")[0])
    listed = {offer.function for offer in coverage.offers() if offer.namespace == namespace}
    assert sorted(offered(namespace) - listed) == [], "neither checked nor in adapters/offered.toml"
    assert sorted(set(coverage.left_out(namespace)) - offered(namespace)) == [], "in offered.toml, and not there"
