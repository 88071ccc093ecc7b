"""Every pair of the benchmark, in the order of its classes."""

from maagn.opposites.action import Action
from maagn.opposites.carry import MoveCloser, MoveTowardsCamera, MoveUp, PickUp, PushSideways
from maagn.opposites.contain import PutInto
from maagn.opposites.cover import Cover
from maagn.opposites.hinge import Open

ACTIONS: tuple[type[Action], ...] = (
    PushSideways,
    MoveUp,
    Open,
    Cover,
    PutInto,
    MoveTowardsCamera,
    PickUp,
    MoveCloser,
)
