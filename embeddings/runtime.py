"""ONNX Runtime sessions: opened in one place, with a thread count that is a setting and errors that help."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from castoon.errors import NotReadyError
from castoon.words import Words


def session_options(threads: int) -> Any:
    """Options for a session that uses `threads` threads within one operator and runs operators one after another.

    Idle threads sleep instead of spinning: several sessions share the same few cores.
    """
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(1, threads)
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def chosen_providers(providers: Sequence[str] | None) -> list[str]:
    """The execution providers to use: those given, or CUDA / CoreML where ONNX Runtime has them, then the CPU."""
    if providers is not None:
        return list(providers)
    from insightface.model_zoo.onnxruntime_utils import get_default_providers

    return list(get_default_providers())


def open_session(path: Path, threads: int = 1, providers: Sequence[str] | None = None) -> Any:
    """An `onnxruntime.InferenceSession`, or `NotReadyError` when the file is missing or damaged."""
    if not path.is_file():
        raise NotReadyError(
            str(path), "the model file is missing.", "Run `castoon models verify`: it says how to mend it."
        )
    return open_model(str(path), path, threads, providers)


def open_model(model: str | bytes, named: Path, threads: int = 1, providers: Sequence[str] | None = None) -> Any:
    """The same for a model in memory, or a file that is there; `named` is what an error calls it."""
    import onnxruntime

    try:
        return onnxruntime.InferenceSession(
            model, sess_options=session_options(threads), providers=chosen_providers(providers)
        )
    except Exception as error:
        raise damaged(named, error) from error


def damaged(path: Path, error: Exception) -> NotReadyError:
    """The error for an ONNX file that the runtime refuses."""
    first = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
    return NotReadyError(
        str(path),
        Words("this is not an ONNX model that can be opened ({first}).", first=first),
        "Run `castoon models verify`: it says which files differ and how to mend them.",
    )


def open_analysis(
    folder: Path,
    modules: Sequence[str] = ("detection",),
    threads: int = 1,
    providers: Sequence[str] | None = None,
) -> Any:
    """`insightface.app.FaceAnalysis` on a folder, prepared; insightface never gets the chance to download anything."""
    from insightface.app import FaceAnalysis

    if not folder.is_dir():
        raise NotReadyError(str(folder), "the model folder is missing.", "Run `castoon models list` to see the packs.")
    try:
        analysis = FaceAnalysis(
            name=str(folder),
            allowed_modules=list(modules),
            providers=chosen_providers(providers),
            sess_options=session_options(threads),
        )
        analysis.prepare(ctx_id=0)
    except AssertionError as error:
        raise NotReadyError(str(folder), "it has no face detector.", "Name a complete insightface pack.") from error
    except Exception as error:
        raise damaged(folder, error) from error
    return analysis
