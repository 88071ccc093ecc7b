"""Every pair of the benchmark, in the order of its classes."""

from maagn.opposites.action import Action
from maagn.opposites.bury import Bury
from maagn.opposites.carry import (
    MoveCloser,
    MoveCloserTo,
    MoveTowardsCamera,
    MoveUp,
    PickUp,
    PullRight,
    PushRight,
)
from maagn.opposites.contain import PutInto
from maagn.opposites.cover import Cover
from maagn.opposites.film import Approach, TurnLeft, TurnUp
from maagn.opposites.fold import Fold
from maagn.opposites.hide import Hide
from maagn.opposites.hinge import Open
from maagn.opposites.plug import Plug

ACTIONS: tuple[type[Action], ...] = (
    PushRight,
    PullRight,
    MoveUp,
    Open,
    Cover,
    PutInto,
    MoveTowardsCamera,
    PickUp,
    MoveCloser,
    MoveCloserTo,
    Fold,
    Plug,
    Bury,
    Hide,
    Approach,
    TurnLeft,
    TurnUp,
)
