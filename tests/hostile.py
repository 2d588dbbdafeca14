"""Texts that made something slow, and texts of the same kinds: much of a few characters."""

from __future__ import annotations

from bot.channels.intake import MAX_CHARACTERS

# Each of these took seconds, or for ever.
SEEN = {
    "commas in a question": "review: what " + "," * 40 + "*24" * 3 + ".a",
    "taken back again": "5 " + "no wait " * 18 + "x",
    "taken back for ever": "5 " + "no wait " * 1_000 + "x",
    "digits for a flower": "i would like to classify an iris flower please " + "1" * 700 + "a",
    "digits for a review": "review: " + "1" * 6_000 + "a",
    "digits in a review": "review: it is a good film " + "1" * 9_900,
    "a command and blanks": "/a" + " " * 9_900 + "b",
    "digits alone": "9" * 399,
    "stops in a review": "review: it is a good film " + "." * 9_900 + "a",
    "commas": "review: what " + ",*24" * 12 + ".a",
    "quotes": "classify this review " + "“" * 9_000,
    "a slip without blanks": "scfale/" * 1_400,
    "many sentences in a review": "review: " + "a. " * 3_000,
    "questions in a review": "review: who " + "?" * 9_000 + "a",
}
_OPENINGS = (
    "",
    "review: ",
    "review: it is a good film ",
    "classify this: ",
    "i would like to classify an iris flower please ",
    "sepal length ",
    "what is ",
    "compare k ",
    "/review ",
    "train on ",
)
_UNITS = (
    *("a", "1", " ", ".", ",", "-", "!", "?", "'", '"', "“", "*", "|", "`", "<", "[", "(", "\n"),
    *(
        "\t",
        "_",
        "é",
        "漢",
        "😀",
        "★",
        "´",
        "1,",
        "1.",
        "1 ",
        "-1",
        "1-",
        "1/2 ",
        "½",
        "a ",
        "a.",
        "a,",
    ),
    *(
        "a'",
        " 'a",
        "*a",
        "**a ",
        "| a ",
        "|\n",
        "`a",
        "<b>",
        "<br ",
        "&a;",
        "no ",
        "not bad ",
        "wait ",
    ),
    *(
        "5 cm ",
        "5 no ",
        "five ",
        "five point ",
        "minus ",
        "one and a half ",
        "half an ",
        "k=",
        "k 5 ",
    ),
    *(
        "sepal ",
        "petal width ",
        "sl",
        "5.1x",
        "5.1 3.5 1.4 0.2 ",
        "5.1,3.5;",
        "1:2 ",
        "what ",
        "what, ",
    ),
    *(
        "and ",
        "and what ",
        "; what is ",
        "ok so ",
        "thanks ",
        "please ",
        "hello ",
        "you train ",
        "the ",
    ),
    *("deep learning ", "vs ", "svm ", "overfiting ", "zzzz ", "qxzj", "aaaaaaaaab ", "sooooo "),
    *(
        "good ",
        "not ",
        "but ",
        "never a dull ",
        "pros: ",
        "half good ",
        "10/10 ",
        "4 stars ",
        "5.5/",
    ),
    *(
        "import os\n",
        "x = 1\n",
        "http://a.b/",
        "a@b.c ",
        "#",
        "{",
        "}",
        "{a}",
        "\\",
        "$x$ ",
        "\u200d",
    ),
)


def texts() -> dict[str, str]:
    """Return every text by a name: what was seen, then each opening and unit in turn."""
    made = {f"seen: {name}": text for name, text in SEEN.items()}
    for number, unit in enumerate(_UNITS):
        for opening in (_OPENINGS[number % len(_OPENINGS)], _OPENINGS[(number * 7 + 3) % 10]):
            body = opening + unit * ((MAX_CHARACTERS - len(opening) - 2) // len(unit))
            made[f"{opening}{unit!r} again and again"] = body + " a"
    return made
