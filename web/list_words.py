"""What is wrong with a list that somebody uploaded or pasted, in the office's words."""

from flask_babel import LazyString

from provisioner.user_list import ListRefused, Problem
from web.catalog import gettext, later

PROBLEM: dict[str, LazyString] = {
    "formula": later("berisi rumus; simpan sebagai nilai biasa"),
    "cell-error": later("berisi kesalahan hitung (misalnya #N/A)"),
    "number-too-long": later("angkanya sudah terpotong oleh lembar kerja; simpan kolom itu sebagai teks"),
    "too-long": later("terlalu panjang"),
    "control-character": later("memuat tanda yang tidak tampak"),
    "required": later("kosong"),
    "duplicate": later("sama dengan baris %(other_line)s"),
    "too-many-cells": later("isinya lebih banyak daripada kolomnya"),
    "status-unknown": later("kata itu tidak dikenal sebagai aktif atau nonaktif"),
}
"""What is wrong at a line of a list."""


def problem_lines(refused: ListRefused) -> list[str]:
    """What is wrong with a list, line by line."""
    return [_problem(each) for each in refused.problems]


def and_more(refused: ListRefused) -> int:
    """How many further lines are wrong."""
    return refused.count - len(refused.problems)


def _problem(problem: Problem) -> str:
    why = str(PROBLEM.get(problem.code, problem.code)) % {"other_line": problem.other_line}
    if not problem.column:
        return gettext("Baris %(line)s: %(why)s.", line=problem.line, why=why)
    return gettext("Baris %(line)s, kolom %(column)s: %(why)s.", line=problem.line, column=problem.column, why=why)
