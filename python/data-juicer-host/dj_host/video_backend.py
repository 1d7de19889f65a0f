"""Video ops without the ffmpeg command: they read with PyAV, which carries the same libraries."""

from __future__ import annotations

import shutil

from dj_host.report import Report


def choose_video_backend(report: Report, recipe: dict) -> None:
    """Some ops call `ffmpeg` unless told otherwise; where it is not installed they get PyAV, and the record says so."""
    set_video_backend()
    if shutil.which('ffmpeg'):
        return
    if any(uses_ffmpeg(name, args or {}) for step in recipe.get('process') or [] for name, args in step.items()):
        report.notes.append('the ffmpeg command is not installed here: videos were read with PyAV')


def set_video_backend() -> None:
    """The same without a word: for the other processes of a job."""
    from data_juicer.utils import video_utils

    if shutil.which('ffmpeg'):
        # Asked for each sample, by starting ffmpeg.
        video_utils.FFmpegReader.is_available = classmethod(lambda _cls: True)
    else:
        video_utils.FFmpegReader = video_utils.AVReader


def uses_ffmpeg(name: str, args: dict) -> bool:
    """Whether the op reads videos by the ffmpeg command, by its argument or its default."""
    import inspect

    from data_juicer.ops import OPERATORS

    op = OPERATORS.modules.get(name)
    known = inspect.signature(op.__init__).parameters.get('video_backend') if op else None
    return known is not None and args.get('video_backend', known.default) == 'ffmpeg'
