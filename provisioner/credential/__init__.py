"""The passwords of an account, never in clear at rest: generations, issuing, the envelope's slips."""
