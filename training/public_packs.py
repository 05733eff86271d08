"""Packs of public face networks, made from the research weights: what `lite` is measured against.

`joined` is MobileFaceNet and EdgeFace side by side, `three` these and lite's own encoder, `mobilefacenet` the first of
them alone, all with two detectors; `insightface-small` is the bare folder as insightface opens it. The others get
lite's CLIP, the only one at hand. Public networks read drawings as they read photos: beside a bridge, a manner of
drawings (`embeddings.manner`) was of no use to them. Files are linked, not copied; `python -m training.bridge --pack
joined` makes what it needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.arcface import Feeding
from embeddings.pack import Pack, PackFile
from embeddings.packtoml import write_pack
from training.earlier import PUBLIC_WEIGHT, make_earlier
from training.export import DRAWN_FILE, EARLIER_FILE, FACE_FILE
from training.paths import PACK, shared_dir, var_dir
from training.teacher import IMAGENET_MEAN, IMAGENET_STD, LAYERS, PARTS

BARE = "insightface-small"


def _three(values: npt.NDArray[np.floating]) -> tuple[float, float, float]:
    red, green, blue = (round(float(value), 3) for value in values)
    return red, green, blue


IMAGENET = Feeding(_three(IMAGENET_MEAN), _three(IMAGENET_STD))
NETWORKS = {
    "joined": PARTS,
    "three": (*PARTS, str(PACK / FACE_FILE)),
    "mobilefacenet": PARTS[:1],
}
DETECTORS = {
    "detection": "insightface-small/det_500m.onnx",
    "detection2": "detection/yunet_n_dynamic.onnx",
}
EARLIER = {Path(part).name: layer for part, layer in zip(PARTS, LAYERS, strict=True)}
CLIP = {"clip": "clip/open_clip_model.safetensors", "clip_config": "clip/open_clip_config.json"}


def public_pack(name: str) -> str:
    """Folder of a pack named above, made when missing; any other name or folder is handed back as it is."""
    weights = shared_dir() / "weights" if name in {BARE, *NETWORKS} else Path()
    if name == BARE:
        return str(weights / BARE)
    if name not in NETWORKS:
        return name
    folder = var_dir("packs", name)
    files = {role: weights / path for role, path in DETECTORS.items()}
    files |= {_role(place): weights / path for place, path in enumerate(NETWORKS[name])}
    files |= {role: PACK / path for role, path in CLIP.items()}
    for place, path in enumerate(NETWORKS[name]):
        if weights / path == PACK / FACE_FILE:
            files |= {f"{_role(place)}_drawn": PACK / DRAWN_FILE, f"{_role(place)}_earlier": PACK / EARLIER_FILE}
    entries = []
    for role, source in files.items():
        target = folder / (f"clip/{source.name}" if role.startswith("clip") else source.name)
        target.parent.mkdir(exist_ok=True)
        if not target.exists():
            target.unlink(missing_ok=True)
            target.symlink_to(source)
        entries.append(PackFile(str(target.relative_to(folder)), role))
    settings: dict[str, dict[str, Any]] = {
        "arcface": {"mean": list(IMAGENET.mean), "std": list(IMAGENET.std), "colour": "rgb"},
        "clip": {"crop": 1.4},
    }
    for place in range(1, len(NETWORKS[name])):
        settings[_role(place)] = {"mean": 127.5, "std": 127.5, "colour": "rgb"}
    for place, path in enumerate(NETWORKS[name]):
        network = folder / Path(path).name
        if network.name in EARLIER:
            target = folder / f"{network.stem}-earlier.npz"
            if not target.exists():
                fed = IMAGENET if place == 0 else Feeding()
                make_earlier(network, fed, EARLIER[network.name], target, PUBLIC_WEIGHT)
            entries.append(PackFile(target.name, f"{_role(place)}_earlier"))
    write_pack(
        Pack(name, folder, "research use only", False, "public research weights", files=tuple(entries),
             settings=settings, title=f"Public networks: {name}", version="1"), folder,
    )  # fmt: skip
    return str(folder)


def _role(place: int) -> str:
    return "arcface" if place == 0 else f"arcface{place + 1}"
