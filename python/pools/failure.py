"""What is wrong with the data, as one sentence for the user."""


class BadInput(Exception):
    """The job fails for good: another attempt with the same data would fail too."""
