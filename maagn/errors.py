"""The named errors: each carries one sentence that a person can act on.

One rule for their names. An error is named after what happened, without a suffix: `ClipNotFound`,
`TooFewFrames`, `DecodeTimeout`. Only where any of several things may have happened is it named
after the thing that they happened to, with `Error` behind it: `ClipError`, `RunError`, `DiskError`.
Such a class is raised as it is, or is the base of those that say more.

Every error of the library that a person may see is here, and those of the app are in `app.errors`;
what one module raises for another to catch stays with them.
"""


class MaagnError(Exception):
    """Anything that the person at the keyboard can mend; the message says how."""


class ClipError(MaagnError):
    """A clip cannot be used."""


class NotAClip(ClipError):
    """What was given for a clip is something else: a network, a folder, an array."""


class ClipNotFound(ClipError):
    """There is no file at that path."""


class UnreadableClip(ClipError):
    """The content is not a video that any of the readers can decode."""


class TooFewFrames(ClipError):
    """Fewer frames could be read than the network needs."""


class SectionError(ClipError):
    """There is no such section of the film."""


class ClipTooLarge(ClipError):
    """The clip is over a limit on bytes, seconds or pixels."""


class DecodeTimeout(ClipError):
    """Decoding did not end before its deadline; the worker was stopped."""


class ModelError(MaagnError):
    """A model that cannot be used as asked."""


class NotAModel(ModelError):
    """What was given for a network is something else, such as a clip."""


class CheckpointError(ModelError):
    """A checkpoint file that is not one of ours, or is damaged."""


class NonFinitePrediction(ModelError):
    """A network computed an infinite number, or none at all, for a clip: it has no answer."""


class UnknownModel(ModelError):
    """No preset and no file has that name."""


class NetworkError(ModelError):
    """A network that cannot be registered or adapted: it does not keep the contract, say."""


class UnknownTarget(ModelError):
    """The class asked for is not among the model's labels."""


class UnknownMethod(ModelError):
    """No such CAM method, stage or path."""


class ReportError(MaagnError):
    """A report that cannot be kept, or read back, as asked."""


class UnknownTable(ReportError):
    """A report has no such table."""


class PairsError(MaagnError):
    """Pairs of classes, opposite or mirrored, that are missing or cannot be used as given."""


class DatasetError(MaagnError):
    """A set that is not there, not whole, or not as it is distributed."""


class ColumnsError(MaagnError):
    """A CSV of clips' columns that cannot be read, or does not fit the clips."""


class RunError(MaagnError):
    """A run that cannot begin, or cannot be gone on with."""


class RegistryError(MaagnError):
    """A set of videos that cannot be registered, or that is not there any more."""


class TeachError(MaagnError):
    """Clips that networks cannot be taught from as they are."""


class EvaluationError(MaagnError):
    """An evaluation that cannot be gone on with."""


class ResultsError(MaagnError):
    """A file of results that is not one of ours, or is damaged."""


class SliceError(MaagnError):
    """A query that does not fit the clips' factors."""


class QueryError(MaagnError):
    """A run that cannot be asked, or a question that it has no answer to."""


class NotesError(MaagnError):
    """Notes that cannot be read or kept."""


class TableError(MaagnError):
    """A stored table of measurements that cannot be read."""


class DiskError(MaagnError):
    """A disk that takes nothing more, or nothing at all."""


class DeviceError(MaagnError):
    """A device that is not there, or fewer of them than are needed."""


class OutOfMemory(MaagnError):
    """The device or the machine has no memory left for this."""
