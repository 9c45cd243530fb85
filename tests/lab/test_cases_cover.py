"""The small set stands for the whole: no value of an axis is left out of CI."""

import dataclasses

import pytest

from lab.cases import EVERYTHING, FIXED


def test_everything_is_the_full_product() -> None:
    assert len(EVERYTHING) == len(set(EVERYTHING)) == 36 + 42
    assert set(FIXED) < set(EVERYTHING)


def test_fixed_set_holds_each_authentication() -> None:
    assert {auth for case in FIXED for auth in case.auth.split("+")} == {"", "jwt", "token", "session"}


@pytest.mark.parametrize("axis", ["preset", "views", "login", "line", "models"])
def test_fixed_set_holds_each_value_of(axis: str) -> None:
    assert {getattr(case, axis) for case in FIXED} == {getattr(case, axis) for case in EVERYTHING}


def test_each_axis_is_a_field_of_the_case() -> None:
    assert [field.name for field in dataclasses.fields(FIXED[0])] == [
        "preset",
        "auth",
        "views",
        "login",
        "line",
        "models",
    ]
