"""The use cases: what the front ends call, one method each, one class per subject."""
