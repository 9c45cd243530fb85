import pytest

from core.slugs import slug_candidates


def test_slug_is_plain_then_numbered_then_random() -> None:
    plain, numbered, random, *_more = slug_candidates("A title", "post", 50)
    assert (plain, numbered) == ("a-title", "a-title-2")
    assert random.startswith("a-title-")
    assert len(random) == len("a-title-") + 6
    assert random not in slug_candidates("A title", "post", 50)


@pytest.mark.parametrize("max_length", [1, 2, 3, 7, 8, 9, 50])
@pytest.mark.parametrize("text", ["A title", "日本", "x" * 60])
def test_slugs_fit_the_field(text: str, max_length: int) -> None:
    for slug in slug_candidates(text, "a-model-of-a-long-name", max_length):
        assert 0 < len(slug) <= max_length
        assert slug.strip("-") == slug


def test_text_without_latin_letters_gives_the_fallback() -> None:
    assert next(slug_candidates("日本", "post", 50)) == "post"
