"""What can be seen of the service from outside: the port of observation, figures of the store, and the probes."""
