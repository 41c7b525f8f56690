"""What the summariser raises on purpose."""


class SummarizerError(Exception):
    """A request that the summariser cannot understand; never raised because of what a text holds."""


class UnknownMethodError(SummarizerError):
    """A method that does not exist.

    Attributes:
        method: the name that was asked for.
        known: every name that would have done.
    """

    def __init__(self, method: str, known: tuple[str, ...]) -> None:
        super().__init__(f"unknown method {method!r}; known are {', '.join(known)}")
        self.method = method
        self.known = known


class InputError(SummarizerError):
    """Something was given that is of another kind than what is asked for.

    Attributes:
        name: which argument.
        wanted: what it should be.
    """

    def __init__(self, name: str, wanted: str, given: str) -> None:
        super().__init__(f"{name} must be {wanted}, not {given}")
        self.name = name
        self.wanted = wanted


class BudgetError(SummarizerError):
    """A budget below one.

    Attributes:
        name: which budget (``sentences``, ``max_chars`` or ``max_words``).
        value: what was asked for.
    """

    def __init__(self, name: str, value: int) -> None:
        super().__init__(f"{name} must be at least 1, not {value}")
        self.name = name
        self.value = value
