"""The small set stands for the whole: no value of an axis is left out of CI."""

import dataclasses
import itertools

import pytest

from lab.cases import EVERYTHING, FIXED, LINES, MODEL_SETS, PRESETS, Case

AXES = [field.name for field in dataclasses.fields(Case)]


def test_everything_crosses_presets_models_and_lines() -> None:
    crossed = {(case.preset, case.models, case.line) for case in EVERYTHING}
    assert crossed == set(itertools.product(PRESETS, MODEL_SETS, LINES))
    assert set(FIXED) < set(EVERYTHING)


@pytest.mark.parametrize("pair", list(itertools.combinations(["views", "login", "signup", "mfa", "line", "models"], 2)))
def test_every_pair_of_values_meets(pair: tuple[str, str]) -> None:
    one, other = ({getattr(case, axis) for case in EVERYTHING} for axis in pair)
    met = {tuple(getattr(case, axis) for axis in pair) for case in EVERYTHING}
    assert met == set(itertools.product(one, other))


@pytest.mark.parametrize("axis", AXES)
def test_fixed_set_holds_each_value_of(axis: str) -> None:
    def values(cases: list[Case]) -> set[str]:
        return {value for case in cases for value in getattr(case, axis).split("+")}

    assert values(FIXED) == values(EVERYTHING)
