"""Private real servers for tests and benchmarks: each below one folder, on 127.0.0.1, ended by whoever started it."""
