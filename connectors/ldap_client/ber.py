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
    position, end = 0, len(data)
    while position < end:
        tag = data[position]
        position, stop = bounds(data, position)
        yield tag, data[position:stop]
        position = stop


def bounds(data: bytes, position: int) -> tuple[int, int]:
    """Where the content of the element at ``position`` begins and ends; raises as :func:`elements` does."""
    position += 1
    if position < len(data) and data[position] < 0x80:
        begin, length = position + 1, data[position]
    else:
        length, begin = _length(data, position)
    end = begin + length
    if end > len(data):
        raise ValueError("BER element is longer than its data")
    return begin, end


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
