"""One file a subject. Each has a ``subject`` and views that parse, call one method of the core, and render."""
