"""What can go wrong, with the sentences of the command line."""


class Error(Exception):
    """Anything that panelyst refuses or cannot do; the message says where and what to do."""


class UsageError(Error, ValueError):
    """The call, a formula or a study file is wrong (exit code 2 of the command line)."""


class DataError(Error, ValueError):
    """The data or the model cannot give what was asked (exit code 1 of the command line)."""


class InternalError(Error, RuntimeError):
    """A defect of panelyst itself."""


for _class in (Error, UsageError, DataError, InternalError):
    _class.__module__ = "panelyst"
