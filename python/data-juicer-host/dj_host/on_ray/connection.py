"""The Ray that a job runs on: one of its own, or the cluster of `ray_address`.

A Ray of its own listens on loopback only, has no dashboard, tells nobody of its use, and lives in the job's session: it ends with the job, however
that ends. Its sockets' paths must be short, so that its files are in a folder of the system's temporary ones and not in the job's.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dj_host.environment import OFFLINE
from dj_host.errors import JobError, first_line
from dj_host.samples import FILE_VARIABLE, LIMIT_VARIABLE
from dj_host.session import short_folder

ANSWER_SECONDS = 5
# Ray's own processes are Python programs with many imports; on a busy machine they take longer than Ray waits by itself.
START_SECONDS = 120
DEFAULT_STORE_BYTES = 1 << 30

# Read by Ray's processes as they start.
OWN = {
    'RAY_USAGE_STATS_ENABLED': '0',
    # Ray's word for: nodes of this Ray are on this machine only; it then listens on 127.0.0.1 instead of on all interfaces.
    'RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER': '0',
    'RAY_raylet_start_wait_time_s': str(START_SECONDS),
    'RAY_agent_register_timeout_ms': str(START_SECONDS * 1000),
}


@contextmanager
def ray_for(recipe: dict, options: dict) -> Iterator[str | None]:
    """Connects this process; yields the cluster's address, None for a Ray of its own. Raises JobError where there is no Ray to reach."""
    if find_spec('ray') is None:
        raise JobError(
            f'executor_type {recipe["executor_type"]} needs the Python package ray in the Data-Juicer environment: '
            'install it there, or use executor_type: default'
        )
    address = recipe.get('ray_address')
    folder = None
    try:
        if address is None:
            folder = start_own(recipe, options)
        else:
            connect(str(address), recipe)
        stay_connected()
        yield address
    finally:
        import ray

        ray.shutdown()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def start_own(recipe: dict, options: dict) -> Path:
    """Starts a Ray on this host; returns its folder."""
    os.environ.update(OWN | {'RAY_AUTH_TOKEN': secrets.token_hex(32)})
    import ray
    from ray._private import ray_constants

    # Read from the environment when ray was imported, which may have been before.
    ray_constants.ENABLE_RAY_CLUSTER = False
    exported = fix_ports()
    folder = short_folder(os.getpid())
    folder.mkdir(mode=0o700)
    ray.init(
        'local',
        num_cpus=recipe.get('np'),
        object_store_memory=options.get('objectStoreMemory') or DEFAULT_STORE_BYTES,
        include_dashboard=False,
        runtime_env=runtime_env(recipe),
        _temp_dir=str(folder),
        _metrics_export_port=exported,
    )
    return folder


def fix_ports() -> int:
    """
    Has Ray's agents listen on ports that are known beforehand; returns the one for metrics. For ports that they choose themselves the raylet
    waits 15 s, which Python programs do not always start in on a busy machine, and dies.
    """
    from ray._private import parameter, ray_constants, services

    exported, metrics, environments, agent = free_ports(4)
    parameter.RayParams = partial(
        parameter.RayParams, metrics_agent_port=metrics, runtime_env_agent_port=environments, dashboard_agent_listen_port=agent
    )
    start = services.start_ray_process

    def start_process(command: list[str], process_type: str, *args: Any, **kwargs: Any) -> Any:
        # Ray tells this port to the agent only.
        told = [f'--dashboard_agent_listen_port={agent}'] if process_type == ray_constants.PROCESS_TYPE_RAYLET else []
        return start([*command, *told], process_type, *args, **kwargs)

    services.start_ray_process = start_process
    return exported


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(('127.0.0.1', 0))
        return [one.getsockname()[1] for one in sockets]


def connect(address: str, recipe: dict) -> None:
    """Connects to a cluster as Data-Juicer does, once something answers there."""
    import ray

    # `auto` is Ray's word for the cluster of RAY_ADDRESS or of this machine.
    at = os.environ.get('RAY_ADDRESS', address) if address == 'auto' else address
    host, _, port = at.rpartition('://')[2].rpartition(':')
    if host and port.isdigit():
        try:
            socket.create_connection((host.strip('[]'), int(port)), ANSWER_SECONDS).close()
        except OSError as error:
            raise JobError(unreachable(at, str(error))) from error
    # What the cluster's nodes do not have: this package, which an op's methods are wrapped with.
    package = str(Path(__file__).resolve().parents[1])
    try:
        ray.init(address, runtime_env=runtime_env(recipe, package), ignore_reinit_error=True)
    except Exception as error:
        raise JobError(unreachable(at, first_line(error))) from error


def unreachable(address: str, why: str) -> str:
    return (
        f'Ray cannot be reached at ray_address {address} ({why}): start a cluster there (ray start --head), give the address of one that runs, '
        'or leave ray_address out to run on a Ray of the job\'s own on this host'
    )


def runtime_env(recipe: dict, *packages: str) -> dict[str, Any]:
    """What each worker process of the job gets."""
    from data_juicer.utils.constant import RAY_JOB_ENV_VAR
    from data_juicer.utils.mm_utils import SPECIAL_TOKEN_ENV_PREFIX

    own = {name: value for name, value in os.environ.items() if name.startswith(SPECIAL_TOKEN_ENV_PREFIX)}
    told = {name: os.environ[name] for name in (FILE_VARIABLE, LIMIT_VARIABLE)}
    modules = [*(recipe.get('custom_operator_paths') or []), *packages]
    return {'env_vars': {**OFFLINE, **own, **told, RAY_JOB_ENV_VAR: '1'}, **({'py_modules': modules} if modules else {})}


def stay_connected() -> None:
    """Data-Juicer connects again, with an address of its own choice: it is connected already."""
    from data_juicer.utils import ray_utils

    ray_utils.initialize_ray = lambda cfg=None, force=False: None
