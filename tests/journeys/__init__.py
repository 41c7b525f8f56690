"""A package, so that its town ends with its last test rather than idle on beside all others."""
