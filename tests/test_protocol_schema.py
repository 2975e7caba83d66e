"""The published schema of the protocol: up to date, as generous as the reader, and strict where that is asked for."""

import json
import re
from typing import Any, get_args

import jsonschema
import pytest

from backproof import cases
from backproof.adapters import protocol, schema
from backproof.adapters.base import Refused
from backproof.adapters.compute import compute
from backproof.adapters.protocol import Computed, Describe, Described, Failed, Reply, Request, Run, Stop, Unable
from backproof.adapters.reference import Reference
from backproof.cases.load import catalogue

PUBLISHED = json.loads(schema.PATH.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(PUBLISHED)
ASKED = Describe(1, protocol.PROTOCOL)
ARRAY = {"dtype": "float64", "shape": [2], "values": [0.5, "NaN"]}
TRACE = {"kind": "trace", "id": 1, "trace": {"loss": ARRAY}}
DESCRIPTION = {"kind": "description", "id": 1, "protocol": 1, "name": "mine", "version": "1"}


def test_the_published_schema_is_up_to_date() -> None:
    assert schema.PATH.read_text(encoding="utf-8") == schema.text(), "run python -m backproof.adapters.schema"
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)


def test_it_has_every_message_and_says_what_each_is() -> None:
    definitions = PUBLISHED["$defs"]
    for kind in (*get_args(Request), *get_args(Reply)):
        assert definitions[kind.__name__]["description"] == kind.__doc__
        assert definitions[kind.__name__]["properties"]["kind"]["enum"] == [kind.__struct_config__.tag]
    for name in ("Problem", "LayerOf", "OptimizerOf", "ArrayMessage"):
        assert definitions[name]["description"]
    assert definitions["Described"]["properties"]["operations"]["description"] == "globs of the operations it has"


def test_the_lines_in_the_protocols_own_words_are_valid() -> None:
    lines = re.findall(r'^    .*?({"kind.*})', protocol.__doc__ or "", re.MULTILINE)
    whole = [line.replace(", ...", "") for line in lines if "{...}" not in line]
    assert len(whole) == 6
    for line in whole:
        VALIDATOR.validate(json.loads(line))


@pytest.mark.parametrize("case", catalogue()[::40], ids=lambda case: case.name)
def test_what_is_sent_and_what_the_reference_answers_is_valid(case: cases.Case) -> None:
    for precision in case.file.precisions:
        problem = case.problem(precision)
        for check in problem.checks:
            asked = Run(2, check, problem)
            VALIDATOR.validate(json.loads(protocol.encode(asked)))
            line = protocol.encode(protocol.reply_to(2, compute(Reference(), problem, check)))
            VALIDATOR.validate(json.loads(line))
            assert schema.violation(line, asked) == ""


@pytest.mark.parametrize(
    "message",
    [ASKED, Stop(3), Described(1, 1, "mine", "1"), Computed(1, {}), Unable(1, "no"), Failed(1, "no", "because")],
    ids=lambda message: message.__struct_config__.tag,
)
def test_every_kind_of_message_is_valid(message: protocol.Message) -> None:
    VALIDATOR.validate(json.loads(protocol.encode(message)))


CHANGES: list[tuple[dict[str, Any], str]] = [
    (TRACE | {"kind": "guess"}, "$.kind"),
    ({"kind": "trace", "id": 1}, "'trace' is a required property"),
    (TRACE | {"id": "1"}, "$.id: '1' is not of type 'integer'"),
    (TRACE | {"trace": [1]}, "$.trace: [1] is not of type 'object'"),
    (TRACE | {"trace": {"loss": 0.25}}, "$.trace.loss: 0.25 is not of type 'object'"),
    (TRACE | {"trace": {"loss": ARRAY | {"dtype": "float65"}}}, "$.trace.loss.dtype: 'float65' is not one of"),
    (TRACE | {"trace": {"loss": ARRAY | {"shape": [-1]}}}, "$.trace.loss.shape[0]: -1 is less than the minimum of 0"),
    (TRACE | {"trace": {"loss": ARRAY | {"shape": [1.5]}}}, "$.trace.loss.shape[0]: 1.5 is not of type 'integer'"),
    (TRACE | {"trace": {"loss": ARRAY | {"values": [[0.5, 0.5]]}}}, "$.trace.loss.values[0]"),
    (TRACE | {"trace": {"loss": ARRAY | {"values": ["nan"]}}}, "$.trace.loss.values[0]"),
    (TRACE | {"trace": {"loss": ARRAY | {"data": "AA=="}}}, "$.trace.loss: an array has either data or values"),
    ({"kind": "unsupported", "id": 1}, "'reason' is a required property"),
    ({"kind": "error", "id": 1, "reason": None}, "$.reason: None is not of type 'string'"),
    (DESCRIPTION | {"version": 1}, "$.version: 1 is not of type 'string'"),
    (DESCRIPTION | {"precisions": "float64"}, "$.precisions: 'float64' is not of type 'array'"),
    (DESCRIPTION | {"flags": {"threads": 1}}, "$.flags.threads: 1 is not of type 'string'"),
]


@pytest.mark.parametrize(("message", "says"), CHANGES, ids=[says[:40] for _, says in CHANGES])
def test_the_schema_refuses_what_the_reader_refuses(message: dict[str, Any], says: str) -> None:
    assert not VALIDATOR.is_valid(message)
    line = json.dumps(message).encode()
    assert says in schema.violation(line, ASKED)
    if '"data"' not in line.decode():  # of data and values the reader takes the data
        with pytest.raises(protocol.Garbled):
            protocol.decode_reply(line, ASKED)


def test_unknown_fields_are_for_later_versions_and_not_valid_where_asked() -> None:
    """Readers pass over them, so does the schema; who validates is told the place."""
    top = DESCRIPTION | {"hint": 1}
    VALIDATOR.validate(top)
    assert isinstance(protocol.decode_reply(json.dumps(top).encode(), ASKED), Described)
    assert schema.violation(json.dumps(top).encode(), ASKED) == (
        "not valid: $: Additional properties are not allowed ('hint' was unexpected)"
    )
    deep = TRACE | {"trace": {"loss": ARRAY | {"order": "C"}}}
    VALIDATOR.validate(deep)
    assert schema.violation(json.dumps(deep).encode(), ASKED).startswith("not valid: $.trace.loss: Additional")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"operations": ["linear", "liner"]}, "$.operations[1]: there is no 'liner'; did you mean 'linear'?"),
        ({"operations": ["conv*", "adam"]}, ""),
        ({"operations": ["nothing_*"]}, "$.operations[0]: there is no 'nothing_*'"),
        ({"precisions": ["double"]}, "$.precisions[0]: there is no 'double'"),
        ({"precisions": ["float16"]}, ""),
    ],
)
def test_a_description_names_what_there_is(change: dict[str, Any], says: str) -> None:
    found = schema.violation(json.dumps(DESCRIPTION | change).encode(), ASKED)
    assert found == (f"not valid: {says}" if says else "")


def test_a_misspelt_tensor_is_told_its_right_name() -> None:
    case = next(case for case in catalogue() if case.name.startswith("basics/losses/mean_squared_error:"))
    asked = Run(2, "gradients", case.problem("float64"))
    answer = compute(Reference(), asked.problem, "gradients")
    line = protocol.encode(protocol.reply_to(2, answer)).replace(b'"gradient.x"', b'"gradients.x"')
    says = "not valid: $.trace['gradients.x']: nobody asked for this tensor; did you mean 'gradient.x'?"
    assert schema.violation(line, asked) == says


def test_a_refusal_is_valid_whatever_was_asked() -> None:
    line = protocol.encode(protocol.reply_to(1, Refused("no convolutions")))
    assert schema.violation(line, Run(1, "training", catalogue()[0].problem("float64"))) == ""
