"""What the pages of every floor share."""

from liaison.words.errors import InvalidInput
from liaison.words.text import read_digits


def whole_number(text: str) -> int:
    """The number of a row, from a form or an address; anything else is a wrong entry (400)."""
    number = read_digits(text)
    if number is None:
        raise InvalidInput({"id": "提交的编号不正确，请返回重新选择。"})
    return number
