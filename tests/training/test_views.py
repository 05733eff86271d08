"""What training hides of a face is what the product hides, and vectors are joined as the product joins them."""

from __future__ import annotations

import numpy as np
import torch

from embeddings.hiding import FACE, HIDDEN, WHOLE
from training.augment import parts_hidden
from training.faces import window
from training.teacher import unit
from training.views import View, joined, windows

RNG = np.random.default_rng(3)
CROPS = RNG.integers(0, 256, (5, 160, 160, 3)).astype(np.uint8)


def test_a_share_of_faces_lacks_one_of_the_products_parts() -> None:
    torch.manual_seed(2)
    faces = torch.from_numpy(np.ascontiguousarray(window(CROPS))).permute(0, 3, 1, 2).float() / 127.5 - 1
    assert torch.equal(parts_hidden(faces.clone(), 0.0), faces)
    seen = ((parts_hidden(faces.clone(), 1.0).permute(0, 2, 3, 1) + 1) * 127.5).numpy()
    possible = [windows(CROPS, hidden).astype(float) for hidden in HIDDEN]
    apart = np.stack([np.abs(seen - view).reshape(len(CROPS), -1).max(1) for view in possible])
    assert (apart.min(0) < 2).all()
    some = parts_hidden(faces.repeat(200, 1, 1, 1), 0.3)
    share = (some != faces.repeat(200, 1, 1, 1)).flatten(1).any(1).float().mean()
    assert 0.25 < float(share) < 0.35


def test_vectors_are_joined_by_the_products_weights() -> None:
    def encode(view: View) -> np.ndarray:  # type: ignore[type-arg]
        means = windows(CROPS, view).reshape(len(CROPS), 8, -1).mean(2)
        return unit(means - means.mean(1, keepdims=True))

    vectors = joined(encode)
    parts = {FACE: encode(None)} | {hidden.name: encode(hidden) for hidden in HIDDEN}
    wanted = sum(part @ part.T * (WHOLE if name == FACE else 1.0) for name, part in parts.items())
    assert np.allclose(vectors @ vectors.T, wanted / (WHOLE + len(HIDDEN)), atol=1e-5)
