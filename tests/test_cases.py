"""Reading cases: what is written wrong is refused in one clear line that names the case, the place and the way out."""

import importlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from backproof.cases import CaseError, load
from backproof.cases.load import from_table, matches, read_file
from backproof.cases.problem import Problem, decode_hook, encode_hook
from backproof.reference import operations

from .good_case import GOOD, TABLE, changed, computed, made


def test_the_good_case_is_good() -> None:
    computed(TABLE)


NAN = float("nan")
THERE = operations.there_are(*operations.NETWORK)
MISTAKES: list[tuple[str, Any, list[str]]] = [
    # keys
    ("question", ..., ["question"]),
    ("question", 3, ["str", "question"]),
    ("inptus", {}, ["unknown key 'inptus'", "did you mean 'inputs'?", "There are: question"]),
    ("training.epoch", 3, ["epoch"]),
    ("training.epochs", "3", ["int", "training.epochs"]),
    ("training.epochs", True, ["int", "training.epochs"]),
    ("precisions", ["float63"], ["float63"]),
    ("precisions", [], ["precisions = []"]),
    ("network", {"op": "tanh"}, ["array", "network"]),
    # operations and options
    ("network.1.op", "tahn", ["[[network]] tahn", "'tahn'", "did you mean 'tanh'?", THERE]),
    ("network.1.op", "cross_entropy", ["no operation 'cross_entropy'", "There are"]),
    ("network.1.op", ..., ["op = ", THERE]),
    ("network.1.op", ["tanh"], ["['tanh']"]),
    ("loss.op", "mean_square_error", ["[loss]", "'mean_square_error'", "did you mean 'mean_squared_error'?"]),
    ("loss.op", ..., ["[loss]", "op = ", "in reference/losses"]),
    ("optimizer.op", "sdg", ["[optimizer]", "did you mean 'sgd'?"]),
    ("network.1.tail", "exact", ["[[network]] tanh", "tanh has no option 'tail'", "it has: tails"]),
    ("network.1.tails", "short", ["option tails", "short"]),
    ("loss.reduction", "average", ["[loss]", "option reduction", "average"]),
    ("optimizer.epsilon", 0.1, ["sgd has no option 'epsilon'", "it has: momentum, dampening, nesterov"]),
    ("optimizer.momentum", "0.9", ["option momentum", "float"]),
    ("optimizer.momentum", NAN, ["option momentum", "finite"]),
    ("optimizer.nesterov", True, ["nesterov needs momentum"]),
    ("optimizer.lr", ..., ["[optimizer]", "lr = … is missing"]),
    ("optimizer.lr", "fast", ["[optimizer].lr"]),
    ("optimizer.lr", float("inf"), ["lr must be a finite number"]),
    ("optimizer.steps", 2, ["lr lists 3 rates for 2 steps"]),
    ("optimizer.steps", 10**9, ["steps must be between 1 and"]),
    ("training.lr", [0.1], ["[training]", "lr lists 1 rates for 2 epochs"]),
    ("training.lr", [], ["lr lists 0 rates"]),
    ("training.epochs", 0, ["epochs must be"]),
    ("training.batch_size", 6, ["batch_size between 1 and the 5 rows"]),
    ("penalties", [{"op": "l3"}], ["[[penalties]] l3", "no operation 'l3'", "l2_penalty"]),
    ("penalties", [{"op": "l2_penalty", "parameters": ["hidden.W"]}], ["l2_penalty needs strength = …"]),
    (
        "penalties",
        [{"op": "l2_penalty", "strength": 0.1}],
        ["names no parameter", "['hidden.W', 'hidden.b', 'logits.W']"],
    ),
    ("penalties", [{"op": "l2_penalty", "strength": 0.1, "parameters": ["W"]}], ["no parameter 'W'", "hidden.W"]),
    ("penalties", [{"op": "l2_penalty", "lambda": 0.1}], ["no option 'lambda'", "strength"]),
    # names
    ("network.2.name", "hidden", ["[[network]] hidden", "the name 'hidden' is taken"]),
    ("network.1.name", "x", ["the name 'x' is taken"]),
    ("network.1.name", "a.b", ["a name is letters", "'a.b'"]),
    ("network.1.name", "", ["a name is letters"]),
    ("network.1.name", 5, ["a name is letters", "5"]),
    ("inputs.1x", 1.0, ["[inputs]", "a name is letters"]),
    ("inputs.extra", {"normal": [5]}, ["linear takes 1 input (x)", "['x', 'extra']", "inputs = [...]"]),
    (
        "network.0.inputs",
        ["y"],
        ["no input and no earlier layer is named 'y'", "There are: ['x', 'target']"],
    ),
    ("network.0.inputs", ["logits"], ["named 'logits'"]),
    ("network.0.inputs", "x", ["[[network]] hidden.inputs", "array"]),
    ("network.1.inputs", ["x"], ["nothing uses 'hidden'"]),
    ("network.1", {"uses": "hiden", "name": "again"}, ["no earlier layer is named 'hiden'", "There are: ['hidden']"]),
    ("network.1", {"uses": "hidden"}, ["name = ", "missing"]),
    ("network.1", {"uses": ["hidden"], "name": "again"}, ["[[network]] again.uses", "str"]),
    ("network.1", {"uses": "hidden", "name": "again", "op": "tanh"}, ["only name and inputs besides"]),
    (
        "loss.target",
        "labels",
        ["[loss]: target = 'labels' is no input", "['x', 'target', 'hidden', 'tanh', 'logits']"],
    ),
    ("inputs.target", ..., ["target = 'target' is no input"]),
    ("network", [], ["there is no prediction"]),
    ("loss", ..., ["linear takes 1 input"]),
    ("optimizer", ..., ["[training] needs"]),
    ("parameters", {"w": 1.0}, ["[parameters] is for cases without [[network]]"]),
    ("gradients", {"hidden.w": 1.0}, ["[gradients] ['hidden.w'] are no parameters", "There are: ['hidden.W'"]),
    # shapes
    ("network.0.W", {"normal": [3, 6]}, ["layer 'hidden'", "x (5, 4) and W (3, 6) do not fit"]),
    ("network.0.b", {"normal": [4]}, ["layer 'hidden'", "b needs shape (6,)"]),
    ("network.0.W", ..., ["[[network]] hidden", "linear needs W"]),
    ("inputs.target", {"integers": [4], "below": 3}, ["[training]", "different numbers of rows"]),
    ("inputs.target", {"integers": [5], "below": 4}, ["target must be a class from 0 to 2"]),
    ("gradients", {"hidden.b": {"normal": [3, 5]}}, ["hidden.b has shape (3, 5)", "need (3, 6)"]),
    ("upstream", {"normal": [2]}, ["upstream must have the shape of the loss", "(2,)"]),
    ("loss.reduction", "none", ["upstream must have the shape of the loss", "none"]),
    ("inputs", {"x": {"normal": [0, 4]}, "target": {"integers": [0], "below": 3}}, ["the 0 rows"]),
    # arrays
    ("inputs.x", {"normal": [-5, 4]}, ["my/case: x", "negative length"]),
    ("inputs.x", {"normal": [10**6, 10**6]}, ["my/case: x", "too large"]),
    ("inputs.x", {"normal": [1] * 40}, ["my/case: x", "too large"]),
    ("inputs.x", {"normal": 5}, ["my/case: x", "array", "normal"]),
    ("inputs.x", {"normal": [5, 4], "std": 2}, ["my/case: x", "unknown key 'std'", "normal, mean, scale"]),
    ("inputs.x", {"gauss": [5, 4]}, ["my/case: x", "exactly one of: normal, uniform"]),
    ("inputs.x", {"normal": [5, 4], "uniform": [5, 4]}, ["exactly one of"]),
    ("inputs.x", {"probabilities": []}, ["an axis to sum to 1 along"]),
    ("inputs.x", [[1.0, 2.0], [3.0]], ["my/case: x", "their lengths differ"]),
    ("inputs.x", [[1.0, "2"]], ["my/case: x", "expected numbers"]),
    ("inputs.x", [[1.0, True]], ["my/case: x", "expected numbers"]),
    ("inputs.x", "normal", ["my/case: x", "str"]),
    ("inputs.x", True, ["my/case: x", "bool"]),
    ("inputs.x", [[1.0, NAN]], ["my/case: x", "not finite in float64", "nonfinite = true"]),
    ("inputs.x", {"normal": [5, 4], "scale": 1e300}, ["my/case: x", "not finite in float32", "nonfinite = true"]),
    ("inputs.target", {"labels": [0, 1, 1.5, 0, 2]}, ["my/case: target", "expected integers"]),
    ("inputs.target", {"integers": [5], "below": 0}, ["my/case: target", "no whole number from 0 to -1"]),
    ("inputs.target", {"integers": [5], "below": 2**70}, ["my/case: target"]),
    ("inputs.x", {"file": "x.npz", "array": "x"}, ["my/case", "no file 'x.npz' beside the case"]),
    ("inputs.x", {"file": "../x.npz", "array": "x"}, ["my/case", "no file '../x.npz' beside the case"]),
    # matrices
    ("matrix", ["loss.reduction"], ["[matrix] must be a table"]),
    ("matrix", {"loss.reduction": "mean"}, ["[matrix] loss.reduction needs a list of plain values, or a table"]),
    ("matrix", {"loss.reduction": []}, ["needs a list of plain values"]),
    ("matrix", {"inputs.x": [[1.0], [2.0]]}, ["needs a list of plain values, or a table from label to value"]),
    ("matrix", {"network.tnah.op": ["relu"]}, ["[matrix] network.tnah.op: there is no layer named 'tnah'"]),
    ("matrix", {"question.word": ["why"]}, ["what stands before 'word' is no table"]),
    ("matrix", {"loss.reduction": ["mean", "mean"]}, ["the same name"]),
    ("matrix", {"loss.reduction": ["a mean"]}, ["short names"]),
    ("matrix", {"seed": list(range(2000))}, ["more than 1000 combinations"]),
    ("matrix", {"loss.reduction": ["mean", "avg"]}, ["my/case:reduction=avg", "option reduction"]),
]


@pytest.mark.parametrize(("key", "value", "said"), MISTAKES, ids=lambda x: str(x)[:40])
def test_a_mistake_is_named_with_the_way_out(key: str, value: Any, said: list[str]) -> None:
    with pytest.raises(CaseError) as caught:
        computed(changed(key, value))
    message = str(caught.value)
    assert message.startswith("my/case"), message
    assert [part for part in said if part not in message] == [], message
    assert "\n" not in message
    assert len(message) < 400


OTHERS: list[tuple[dict[str, Any], str]] = [
    ({}, "nothing to compute"),
    ({"optimizer": {"op": "sgd", "lr": 0.1}}, "nothing to update"),
    ({"parameters": {"w": 1.0}}, "nothing to compute"),
    ({"parameters": {"w": 1.0}, "optimizer": {"op": "sgd", "lr": 0.1}, "upstream": 1.0}, "upstream = … needs"),
    ({"inputs": {"x": 1.0}, "network": [{"op": "tanh"}]}, "needs an upstream"),
    ({"inputs": {"x": 1.0}, "network": [{"op": "tanh"}], "upstream": [1.0]}, "must have the shape of the last layer"),
    ({"inputs": {"x": 1.0}, "network": [{"op": "tanh"}], "upstream": 1.0, "gradients": {"x": 1.0}}, "need an [optim"),
]
AROUND: list[tuple[dict[str, Any], str]] = [
    ({"lr": [0.1, 0.2], "schedule": {"op": "step_lr", "step_size": 2}}, "a schedule starts from one lr"),
    ({"schedule": {"op": "stairs"}}, "[optimizer].schedule: there is no operation 'stairs'"),
    ({"schedule": {"op": "step_lr", "step": 2}}, "step_lr has no option 'step'"),
    ({"schedule": {"op": "step_lr", "step_size": 2, "warmup": "long"}}, "[optimizer].schedule.warmup"),
    ({"schedule": {"op": "step_lr", "step_size": 0}}, "step_size must be at least 1"),
    ({"clip": {"op": "clip_global_norm", "max_norm": 0.0}}, "max_norm must be above 0"),
    ({"groups": [{"lr": 0.1}]}, "[optimizer].groups 1: 'parameters = [...] is missing'"),
    ({"groups": [{"parameters": ["v"]}]}, "'v' is no parameter that is free. There are: ['w']"),
    ({"groups": [{"parameters": ["w"]}, {"parameters": ["w"]}]}, "groups 2: 'w' is no parameter that is free"),
    ({"groups": [{"parameters": ["w"], "lr": [0.1]}]}, "groups 1: lr lists 1 rates for 3 steps"),
    ({"missing": {"v": [1]}}, "[optimizer].missing ['v'] are no parameters"),
    ({"values": [1.0]}, "values lists 1 numbers for 3 steps"),
    ({"accumulate": {"every": 2, "by": "product"}}, "[optimizer].accumulate.by"),
    ({"accumulate": {"every": 0}}, "accumulate.every must be at least 1"),
    ({"loss_scale": {"init": 0.0}}, "loss_scale.init must be above 0"),
]


@pytest.mark.parametrize(("more", "said"), AROUND, ids=lambda value: str(value)[:40])
def test_what_stands_around_the_step_is_checked_too(more: dict[str, Any], said: str) -> None:
    raw = {"parameters": {"w": [1.0, 2.0]}, "optimizer": {"op": "sgd", "lr": 0.1} | more}
    with pytest.raises(CaseError, match=r"^my/case") as caught:
        computed({"question": "?", "because": "a test"} | raw)
    assert said in str(caught.value)


@pytest.mark.parametrize(("raw", "said"), OTHERS)
def test_what_does_not_make_a_case(raw: dict[str, Any], said: str) -> None:
    with pytest.raises(CaseError, match=r"^my/case") as caught:
        computed({"question": "?", "because": "a test"} | raw)
    assert said in str(caught.value)


def test_an_unknown_precision_is_named() -> None:
    with pytest.raises(CaseError, match=r"no precision 'float8'\. There are: float64"):
        made(TABLE).problem("float8")


# ---------------------------------------------------------------- files
@pytest.mark.parametrize(
    ("content", "said"),
    [(b"question = ", "is not TOML"), (b"\x93NUMPY\x01\x00\xff\xfe", "is not TOML"), (b"\x00" * 64, "is not TOML"),
     (b"x = " + b"9" * 5000, "is not TOML"), (b"x = " + b"[" * 5000, "is not TOML"), (b"", "question")],
    ids=["half", "binary", "zeros", "long number", "deep", "empty"],
)  # fmt: skip
def test_files_that_are_no_cases(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "mine.toml").write_bytes(content)
    with pytest.raises(CaseError, match=r"^mine: ") as caught:
        load(tmp_path / "mine.toml")
    assert said in str(caught.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"mine: there is no file .*mine\.toml"):
        load(tmp_path / "mine.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(CaseError, match=r"folder: .* cannot be read"):
        load(tmp_path / "folder.toml")


def test_windows_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    (case,) = load(tmp_path / "mine.toml")
    assert case.hash == from_table(TABLE, tmp_path / "mine.toml", "mine")[0].hash


@pytest.mark.parametrize("content", [b"no archive", b"", b"PK\x03\x04 half an archive"])
def test_archives_that_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(CaseError, match=r"my/case: x: x\.npz is no NumPy archive"):
        computed(changed("inputs.x", {"file": "x.npz", "array": "x"}), tmp_path)


def test_arrays_of_archives(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.arange(20.0).reshape(5, 4), words=np.array(["a"]), things=np.array([None]))
    np.save(tmp_path / "one.npy", np.arange(20.0))
    computed(changed("inputs.x", {"file": "x.npz", "array": "x"}), tmp_path)
    with pytest.raises(CaseError, match=r"has no array 'y'\. There are: x, words, things"):
        computed(changed("inputs.x", {"file": "x.npz", "array": "y"}), tmp_path)
    for array, file in (("words", "x.npz"), ("things", "x.npz"), ("x", "one.npy")):
        with pytest.raises(CaseError, match=r"numbers"):
            computed(changed("inputs.x", {"file": file, "array": array}), tmp_path)


# ---------------------------------------------------------------- names
def test_selection(tmp_path: Path) -> None:
    def names(*patterns: str | Path) -> set[str]:
        return {case.name for case in load(patterns)}

    assert names("seed/chain") == {"seed/chain"}
    assert len(names("seed")) == len(names("seed/*")) > 10
    assert len(names("basics/losses/cross_entropy")) == 4
    assert names("seed/chain", "seed/ch*") == {"seed/chain"}
    assert names("no/such/case") == set()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.toml").write_text(GOOD, encoding="utf-8")
    assert names(tmp_path) == {"a/b"}
    assert names(tmp_path / "a" / "b.toml") == {"b"}


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(CaseError, match="mine: two files have this name"):
        load([tmp_path / "a" / "mine.toml", tmp_path / "b" / "mine.toml"])
    assert len(load([tmp_path / "a" / "mine.toml"] * 2)) == 1


def test_matching() -> None:
    assert matches("basics/sgd:lr=1", "basics")
    assert matches("basics/sgd:lr=1", "basics/sgd")
    assert matches("basics/sgd:lr=1", "*/sgd:*")
    assert not matches("basics/sgd:lr=1", "basics/sg")


def test_matrix_names_and_values(tmp_path: Path) -> None:
    matrix = (
        '\n[matrix]\n"loss.reduction" = ["mean", "sum"]\n"network.tanh.op" = ["relu"]\n"seed" = { one = 1, two = 2 }\n'
    )
    (tmp_path / "m.toml").write_text(GOOD + matrix, encoding="utf-8")
    cases = read_file(tmp_path / "m.toml", "m")
    assert [case.name for case in cases][:2] == [
        "m:reduction=mean,op=relu,seed=one",
        "m:reduction=mean,op=relu,seed=two",
    ]
    assert (cases[3].file.seed, cases[3].file.loss) == (2, {"op": "cross_entropy", "reduction": "sum"})
    assert (cases[0].stem, cases[0].group) == ("m", "")


def test_alike_keys_of_a_matrix_are_told_apart() -> None:
    matrix = {"network.hidden.W.scale": [0.5], "network.logits.W.scale": [0.25]}
    raw = changed("matrix", matrix)
    assert [case.name for case in from_table(raw, Path("m"), "m")] == [
        "m:network.hidden.W.scale=0.5,network.logits.W.scale=0.25"
    ]


def test_a_problem_crosses_a_border_unchanged() -> None:
    problem = made(TABLE).problem("bfloat16")
    there = msgspec.json.encode(problem, enc_hook=encode_hook)
    back = msgspec.json.decode(there, type=Problem, dec_hook=decode_hook)
    assert msgspec.json.encode(back, enc_hook=encode_hook) == there
    assert back.inputs["x"].dtype == problem.inputs["x"].dtype


# ---------------------------------------------------------------- kept
def test_an_unchanged_catalogue_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKPROOF_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "catalogue"
    folder.mkdir()
    loader = importlib.import_module("backproof.cases.load")
    monkeypatch.setattr(loader, "CATALOGUE", folder)
    text = 'question = "?"\nbecause = "b"\nupstream = [1.0]\n[inputs]\nx = [2.0]\n[[network]]\nop = "identity"\n'
    (folder / "one.toml").write_text(text)
    first = loader.catalogue()
    with monkeypatch.context() as patch:
        patch.setattr(loader, "read_folder", lambda _: pytest.fail("read again"))
        again = loader.catalogue()
    assert [(c.name, c.path, c.file, c.hash) for c in again] == [(c.name, c.path, c.file, c.hash) for c in first]
    (folder / "two.toml").write_text(text.replace("2.0", "3.0"))
    assert [c.name for c in loader.catalogue()] == ["one", "two"]
    (entry,) = (tmp_path / "cache" / "cases").iterdir()
    entry.write_bytes(b"\x00junk")
    assert [c.name for c in loader.catalogue()] == ["one", "two"]
