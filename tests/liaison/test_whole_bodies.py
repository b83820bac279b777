"""A body is believed only when all of it arrived."""

import io

import pytest
from django.core.handlers.wsgi import LimitedStream

from liaison.web.whole_bodies import BrokenBody, WholeBody

ENDING = b"--x--"
BODY = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + b"1" * 50_000 + b"\r\n--x--\r\n"


def read(body: bytes, told: int, size: int | None, ending: bytes = ENDING) -> bytes:
    """What a parser gets that reads ``size`` bytes at a time until nothing comes."""
    stream = WholeBody(LimitedStream(io.BytesIO(body), told), told, ending)
    if size is None:
        return stream.read()
    return b"".join(iter(lambda: stream.read(size), b""))


@pytest.mark.parametrize("size", [None, 1, 7, 64, 49_999, 1 << 16])
@pytest.mark.parametrize("body", [BODY, BODY.rstrip(), BODY + b"\r\n"])
def test_a_whole_body_is_handed_on_as_it_is(body: bytes, size: int | None) -> None:
    assert read(body, len(body), size) == body


@pytest.mark.parametrize("size", [None, 7, 1 << 16])
@pytest.mark.parametrize("missing", [1, 9, 10, 11, 40_000, len(BODY)])
def test_a_body_shorter_than_announced_is_broken(missing: int, size: int | None) -> None:
    with pytest.raises(BrokenBody):
        read(BODY[: len(BODY) - missing], len(BODY), size)
    with pytest.raises(BrokenBody):
        read(b"{}"[:1], 2, size, b"")


@pytest.mark.parametrize("size", [None, 7, 1 << 16])
@pytest.mark.parametrize("cut", [3, 4, 9, 40_000])
def test_parts_without_the_closing_boundary_are_broken_whatever_the_length_says(
    cut: int, size: int | None
) -> None:
    short = BODY[: len(BODY) - cut]
    with pytest.raises(BrokenBody):
        read(short, len(short), size)


def test_what_does_not_consist_of_parts_may_end_with_anything() -> None:
    assert read(b"a=1&b=2", 7, 4, b"") == b"a=1&b=2"
