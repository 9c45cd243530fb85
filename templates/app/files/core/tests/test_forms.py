import json

import pytest

from core.forms import StrictJSONDecoder


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        "-Infinity",
        "1e999",
        r'"\u0000"',
        r'{"\\\u0000": 1}',
        r'["\ud800"]',
        "[" * 100_000,
        "[" * 101 + "1" + "]" * 101,
        "9" * 5_000,
    ],
)
def test_json_that_no_database_takes_is_refused(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(text, cls=StrictJSONDecoder)


@pytest.mark.parametrize("value", [None, {"a": [1, 0.5, True]}, r"\u0000", "日本 😀"])
def test_other_json_is_taken(value: object) -> None:
    assert json.loads(json.dumps(value), cls=StrictJSONDecoder) == value


def test_json_may_be_nested_to_a_depth() -> None:
    text = "[" * 100 + "1" + "]" * 100
    assert json.dumps(json.loads(text, cls=StrictJSONDecoder)) == text
