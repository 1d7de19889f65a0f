class Failure(Exception):
    """What the user can put right; the message is a sentence for them."""
