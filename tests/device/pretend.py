"""A device that is not there: its numbers are the CPU's, its rules those of a GPU.

It is PyTorch's place for devices of others (`PrivateUse1`), under the name "pretend". A tensor on
it wraps one of the CPU, and every operator passes through `_run`, which refuses what a GPU refuses:
a tensor of the CPU beside one of the device, and reading its memory from NumPy. PyTorch itself sees
a tensor of another device, so the paths of autograd, of views and of `inference_mode` are those
that a GPU takes.

As on Apple's GPUs, there are no doubles.

Importing this changes the process for good: `torch.accelerator` finds the device from then on. So
only `tests/device/paths.py` does, in a process of its own.
"""

import torch
from lightning_fabric.accelerators import ACCELERATOR_REGISTRY, Accelerator
from lightning_fabric.connector import _Connector
from lightning_fabric.strategies import SingleDeviceStrategy
from torch.utils._python_dispatch import return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.backend_registration import (
    _DummyBackendModule,
    _setup_privateuseone_for_python_backend,
)

NAME = "pretend"
aten = torch.ops.aten
_COPIES = {aten._to_copy.default, aten.copy_.default, aten.type_as.default}
_INDEXING = {aten.index.Tensor, aten.index_put.default, aten.index_put_.default}


class Mixed(RuntimeError):
    """Tensors of two devices met in one operator."""


class NoDoubles(TypeError):
    """A tensor of double precision on a device that has none."""


class _Module(_DummyBackendModule):
    """What `torch.pretend` is."""

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16, torch.float16]


_setup_privateuseone_for_python_backend(NAME, backend_module=_Module())
DEVICE = torch.device(NAME, 0)
# A network's parameters stay the same objects when it moves, as they do to a GPU.
torch.__future__.set_swap_module_params_on_conversion(True)
operators = 0
"""That the device has run so far."""


class There(torch.Tensor):
    """A tensor on the device."""

    inner: torch.Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner: torch.Tensor) -> "There":
        if inner.dtype == torch.float64:
            raise NoDoubles(f"{NAME} has no doubles")
        made = torch.Tensor._make_wrapper_subclass(
            cls,
            inner.size(),
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=DEVICE,
        )
        made.inner = inner
        return made

    def __init__(self, inner: torch.Tensor) -> None:
        """All is done in `__new__`."""

    def numpy(self, *, force: bool = False):  # noqa: ARG002
        """As PyTorch says it of a GPU's."""
        raise TypeError(f"can't convert {DEVICE} device type tensor to numpy")

    def __reduce_ex__(self, protocol):
        """Stored as of the CPU, where whoever reads it puts it first."""
        return self.inner.__reduce_ex__(protocol)

    def tolist(self):
        """A copy, as a GPU gives it."""
        return self.inner.tolist()

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return _run(func, args, kwargs or {})


def _run(func, args, kwargs):
    global operators
    if func._can_decompose():  # under `inference_mode` PyTorch leaves that to us
        return func.decompose(*args, **kwargs)
    operators += 1
    if func not in _COPIES:
        _refuse_mixed(func, args, kwargs)
    asked = kwargs.get("device")
    to = DEVICE if asked is None else torch.device(asked)
    on_cpu = kwargs if asked is None else kwargs | {"device": torch.device("cpu")}
    found = func(*tree_map_only(There, _inner, args), **tree_map_only(There, _inner, on_cpu))
    if to.type == "cpu" or (func is aten.copy_.default and not isinstance(args[0], There)):
        return args[0] if func is aten.copy_.default else found
    with torch.inference_mode(_of_inference(func, args)):
        wrapped = tree_map_only(torch.Tensor, There, found)
    return return_and_correct_aliasing(func, args, kwargs, wrapped)


def _inner(tensor: There) -> torch.Tensor:
    return tensor.inner


def _of_inference(func, args) -> bool:
    """A view is of inference where its base is; what is new, where the mode says so."""
    first = func._schema.arguments[0] if func._schema.arguments else None
    if first is not None and first.alias_info is not None and isinstance(args[0], torch.Tensor):
        return args[0].is_inference()
    return torch.is_inference_mode_enabled()


def _refuse_mixed(func, args, kwargs) -> None:
    """A number in a tensor of the CPU may stand beside the device's in arithmetic, nothing else."""
    if func in _INDEXING and isinstance(args[0], There):
        args = (args[0], *args[2:])  # a GPU fetches its indices
    tensors = [one for one in tree_leaves((args, kwargs)) if isinstance(one, torch.Tensor)]
    away = [one for one in tensors if not isinstance(one, There)]
    written = func._schema.is_mutable and not isinstance(args[0], There)
    numbers = torch.Tag.pointwise in func.tags and not any(one.dim() for one in away)
    if away and (written or not numbers):
        raise Mixed(f"{func} was given tensors on {', '.join(str(one.device) for one in tensors)}")


# What PyTorch runs below `__torch_dispatch__`: where tensors are made, and filled from lists.


def _empty(size, dtype=None, layout=None, device=None, pin_memory=None, memory_format=None):  # noqa: ARG001
    form = memory_format or torch.contiguous_format
    return There(torch.empty(size, dtype=dtype, memory_format=form, device="cpu"))


def _empty_strided(size, stride, dtype=None, layout=None, device=None, pin_memory=None):  # noqa: ARG001
    return There(torch.empty_strided(size, stride, dtype=dtype, device="cpu"))


def _copy_from(source, to, non_blocking=False):  # noqa: ARG001
    _innermost(to).copy_(_innermost(source))
    return to


def _innermost(tensor):
    return tensor.inner if isinstance(tensor, There) else tensor


_library = torch.library.Library("aten", "IMPL")
_library.impl("empty.memory_format", _empty, "PrivateUse1")
_library.impl("empty_strided", _empty_strided, "PrivateUse1")
_library.impl("_copy_from", _copy_from, "PrivateUse1")

# Autocast: convolutions and classifiers in the asked precision, all else as it comes.


def _lower(name):
    operator = getattr(torch.ops.aten, name).default
    autocast = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastPrivateUse1)

    def run(*args):
        dtype = torch.get_autocast_dtype(NAME)
        with torch._C._ExcludeDispatchKeyGuard(autocast):
            return operator(*tree_map_only(torch.Tensor, lambda x: x.to(dtype), args))

    return run


_all = torch.library.Library("_", "IMPL")
_all.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
for _name in ("conv1d", "conv2d", "conv3d", "linear"):
    _library.impl(_name, _lower(_name), "AutocastPrivateUse1")


class PretendAccelerator(Accelerator):
    """The device, for Lightning's Fabric."""

    def setup_device(self, device: torch.device) -> None:
        """Nothing is to be set up."""

    def teardown(self) -> None:
        """Nothing is to be torn down."""

    @staticmethod
    def parse_devices(devices):
        return list(range(devices)) if isinstance(devices, int) else devices

    @staticmethod
    def get_parallel_devices(devices):
        return [torch.device(NAME, number) for number in devices]

    @staticmethod
    def auto_device_count() -> int:
        return 1

    @staticmethod
    def is_available() -> bool:
        return True

    @staticmethod
    def name() -> str:
        return NAME


ACCELERATOR_REGISTRY.register(NAME, PretendAccelerator)
# Fabric puts the process of an accelerator that it does not know on the CPU.
_Connector._choose_strategy = lambda own: SingleDeviceStrategy(own._parallel_devices[0])
