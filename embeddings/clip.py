"""CLIP through open_clip: pictures and words in one space.

The face is cut out with a box twice its size, because hair and collar carry much of a drawn character's likeness.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from castoon.errors import NotReadyError
from castoon.files import short_hash
from castoon.words import Words
from embeddings.arcface import unit
from embeddings.contract import AS_GALLERY, RGB, Box, FacePicture, Vectors

BATCH = 16
CROP = 2.0
"""Side of the square that is cut out, in longer sides of the face's box."""


@dataclass(frozen=True)
class ClipSource:
    """Which CLIP: an open_clip model name with a tag or a weights file, or an architecture of one's own."""

    model: str = ""
    """Name in open_clip, such as `ViT-L-14`; empty when `config` is given."""
    pretrained: str = ""
    """Tag that open_clip knows. With `weights` it only says which published preprocessing belongs to that file."""
    weights: Path | None = None
    """Checkpoint file (safetensors, or a PyTorch file that loads without pickled code)."""
    config: Path | None = None
    """JSON of an architecture, as in open_clip's `model_configs/`, or an `open_clip_config.json`."""
    download: bool = False
    """Let open_clip fetch the weights of the tag into its own cache; nothing is ever downloaded without it."""


class ClipEncoder:
    """Image and text towers of one CLIP."""

    def __init__(
        self,
        source: ClipSource,
        name: str = "clip",
        *,
        crop: float = CROP,
        prompt: str = "{}",
        device: str = "",
        threads: int = 0,
    ) -> None:
        """`threads` are those of one call on a CPU; 0 leaves it to torch."""
        import torch

        self._name, self._crop, self._prompt, self._threads = name, crop, prompt, threads
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._model, self._preprocess, self._tokenize = _load(source, self._device)
        self._contract = short_hash(
            "clip", _weights_hash(self._model), str(source.model), repr(self._preprocess), f"{crop:g}"
        )
        self._dim = int(self.encode_text(["a face"]).shape[1])

    @property
    def name(self) -> str:
        """First half of the names of its spaces."""
        return self._name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def contract(self) -> str:
        """Hash over weights, preprocessing and the width of the crop."""
        return self._contract

    @property
    def query_contract(self) -> str:
        """Read like the gallery."""
        return AS_GALLERY

    def encode_gallery(self, faces: Sequence[FacePicture]) -> Vectors:
        """Unit vectors [n, dim] of the faces with their surroundings."""
        return self.encode_crops([wide_crop(face.image, face.face.box, self._crop) for face in faces])

    def encode_query(self, faces: Sequence[FacePicture], *, once: bool = False) -> Vectors:
        """The same as for the gallery."""
        return self.encode_gallery(faces)

    def encode_crops(self, crops: Sequence[RGB]) -> Vectors:
        """Unit vectors [n, dim] of whole pictures."""
        import torch
        from PIL import Image

        rows = [np.empty((0, getattr(self, "_dim", 0)), np.float32)]
        for start in range(0, len(crops), BATCH):
            batch = [self._preprocess(Image.fromarray(crop)) for crop in crops[start : start + BATCH]]
            with _threads(self._threads), torch.inference_mode():
                found = self._model.encode_image(torch.stack(batch).to(self._device))
            rows.append(unit(found.float().cpu().numpy()))
        return np.concatenate(rows)

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors [n, dim] of descriptions, each set into the prompt."""
        import torch

        if not texts:
            return np.empty((0, self._dim), np.float32)
        with torch.inference_mode():
            tokens = self._tokenize([self._prompt.format(text) for text in texts])
            found = self._model.encode_text(tokens.to(self._device))
        return unit(found.float().cpu().numpy())


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """torch with that many threads for what this thread asks of it; 0 leaves it as it is."""
    import torch

    before = torch.get_num_threads()
    if count in (0, before):
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def wide_crop(image: RGB, box: Box, factor: float = CROP) -> RGB:
    """The square around a box, `factor` times its longer side; beyond the border the edge pixels go on."""
    import cv2

    x1, y1, x2, y2 = box
    half = max(2.0, factor * max(x2 - x1, y2 - y1) / 2)
    left, top = round((x1 + x2) / 2 - half), round((y1 + y2) / 2 - half)
    side = round(2 * half)
    height, width = image.shape[:2]
    inner = image[max(0, top) : min(height, top + side), max(0, left) : min(width, left + side)]
    if not inner.size:
        return np.full((side, side, 3), 127, np.uint8)
    missing = (max(0, -top), max(0, top + side - height), max(0, -left), max(0, left + side - width))
    return np.asarray(cv2.copyMakeBorder(np.ascontiguousarray(inner), *missing, cv2.BORDER_REPLICATE), np.uint8)


def _load(source: ClipSource, device: str) -> tuple[Any, Any, Any]:
    """Model in evaluation mode, preprocessing of a PIL picture, tokenizer."""
    import open_clip

    thing = str(source.weights or source.config or f"{source.model} ({source.pretrained})")
    for needed in (source.weights, source.config):
        if needed is not None and not needed.is_file():
            raise NotReadyError(str(needed), "the file is missing.", "Pull the model pack, or name the right file.")
    if source.weights is None and not source.download:
        raise NotReadyError(
            Words("CLIP {thing}", thing=thing),
            "no weights file is named, and downloading was not asked for.",
            "Name a weights file, pull a pack that has one, or allow the download.",
        )
    try:
        name, extra = _architecture(source)
        weights = str(source.weights) if source.weights else source.pretrained or None
        with redirect_stdout(StringIO()):
            model, _, preprocess = open_clip.create_model_and_transforms(
                name, pretrained=weights, device=device, require_pretrained=True, weights_only=True, **extra
            )
        return model.eval(), preprocess, open_clip.get_tokenizer(name)
    except NotReadyError:
        raise
    except Exception as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise NotReadyError(
            Words("CLIP {thing}", thing=thing),
            Words("open_clip cannot load it ({first}).", first=first),
            "Check that weights and architecture belong together; without network, name a local weights file.",
        ) from error


def _architecture(source: ClipSource) -> tuple[str, dict[str, Any]]:
    """The model's name in open_clip's registry, and the preprocessing that its weights were made with."""
    import open_clip

    if source.config is None:
        published = open_clip.get_pretrained_cfg(source.model, source.pretrained) if source.pretrained else {}
        wanted = {"image_mean": "mean", "image_std": "std", "image_interpolation": "interpolation"}
        return source.model, {ours: published[theirs] for ours, theirs in wanted.items() if published.get(theirs)}
    content = json.loads(source.config.read_text(encoding="utf-8"))
    architecture = content.get("model_cfg", content)
    if not all(part in architecture for part in ("embed_dim", "vision_cfg", "text_cfg")):
        raise NotReadyError(
            str(source.config), "this is no open_clip architecture.", "It needs embed_dim, vision_cfg and text_cfg."
        )
    text = json.dumps(architecture, sort_keys=True)
    name = f"castoon-{short_hash(text)}"
    if name not in open_clip.list_models():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.json"
            path.write_text(text, encoding="utf-8")
            open_clip.add_model_config(path)
    feeding = content.get("preprocess_cfg", {})
    wanted = {"image_mean": "mean", "image_std": "std", "image_interpolation": "interpolation"}
    return name, {ours: feeding[theirs] for ours, theirs in wanted.items() if feeding.get(theirs)}


def _weights_hash(model: Any) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().data)
    return digest.hexdigest()
