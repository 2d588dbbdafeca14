import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.intake import MAX_CHARACTERS, clean, is_sender


@given(st.text(alphabet=st.characters(), max_size=300))
def test_what_is_left_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    kept = set("\n\t\u200d\ufe0f")
    assert not [c for c in cleaned if unicodedata.category(c).startswith("C") and c not in kept]


def test_nul_and_lone_surrogates_go() -> None:
    assert clean("a\x00b\ud800c") == "abc"


def test_line_breaks_and_joined_emoji_stay() -> None:
    assert clean("one\r\ntwo \U0001f468\u200d\U0001f469") == "one\ntwo \U0001f468\u200d\U0001f469"


def test_a_text_over_the_limit_can_still_be_told() -> None:
    assert len(clean("x" * 30_000)) == MAX_CHARACTERS + 1


def test_senders() -> None:
    assert is_sender("anna-1_B")
    for bad in ("", "a b", "x" * 65, "a\x00", None, 5, "ünal"):
        assert not is_sender(bad)
