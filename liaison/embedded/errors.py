"""The one exception an operator may see; its text is Chinese and says what to do."""


class EmbeddedError(RuntimeError):
    """The embedded services cannot do what was asked; the message is for the operator."""
