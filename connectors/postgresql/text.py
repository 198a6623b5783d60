"""Text that the server can be sent."""


def sendable(text: str) -> bool:
    """It takes no NUL, and what is no text (half a surrogate pair) cannot be encoded."""
    return "\x00" not in text and text.encode(errors="replace").decode() == text
