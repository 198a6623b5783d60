"""The core's codes in words. Add a line for every new code; places in a sentence are filled from the error's data.

Sentences are Indonesian; catalogs translate them. A percent sign that is not a place is written twice.
"""

from flask_babel import LazyString

from web.catalog import later

TEXTS: dict[str, LazyString] = {
    # Fields
    "required": later("Wajib diisi."),
    "invalid-input": later("Isian ini tidak dapat diterima."),
    "too-long": later("Terlalu panjang."),
    "too-short": later("Terlalu pendek."),
}
