"""The few lines of BER (X.690) that the controls need which ldap3 does not speak."""

from collections.abc import Iterator

SEQUENCE = 0x30
OCTET_STRING = 0x04


def encode(tag: int, content: bytes) -> bytes:
    """One element with a definite length."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The (tag, content) pairs that follow one another in ``data``; short and long form of lengths.

    :raises ValueError: the data ends too early or uses an indefinite length.
    """
    position = 0
    while position < len(data):
        tag, position = data[position], position + 1
        length, position = _length(data, position)
        if position + length > len(data):
            raise ValueError("BER element is longer than its data")
        yield tag, data[position : position + length]
        position += length


def _length(data: bytes, position: int) -> tuple[int, int]:
    if position >= len(data):
        raise ValueError("BER element without a length")
    first, position = data[position], position + 1
    if first < 0x80:
        return first, position
    count = first & 0x7F
    if not 1 <= count <= 4 or position + count > len(data):
        raise ValueError("BER length is indefinite, too long or cut off")
    return int.from_bytes(data[position : position + count], "big"), position + count
