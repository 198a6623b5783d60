"""The office's papers: rendered with Typst to PDF/A-2b from the templates in ``config/letters/``."""
