"""The CLIP of the lite pack: an open_clip architecture, trained with only the tokens that captions can hold.

open_clip's standard vocabulary has 49,408 tokens, of which our captions use a few hundred. Training knows just those
(and one for all others, whose vector stays zero and which says nothing); `widened` puts them back in their places.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.captions import LANGUAGES, TRAITS, imagined, wordings, write
from training.paths import CONFIGS

ARCHITECTURE = CONFIGS / "open_clip_config.json"
EMBEDDING = "token_embedding.weight"
CONTEXT = 77
"""Tokens that a text is cut at."""


class Tokens:
    """open_clip's tokenizer, with ids of a small vocabulary: 0 for pads and for what captions never hold."""

    def __init__(self) -> None:
        from open_clip.tokenizer import SimpleTokenizer

        self._full = SimpleTokenizer()
        used = sorted({one for words in wordings() for one in self._full.encode(words)})
        self.ids = [*used, self._full.sot_token_id, self._full.eot_token_id]
        """Standard ids of tokens 1, 2, ...; the end of a text is the largest, by which open_clip finds it."""
        self._small = {one: place + 1 for place, one in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids) + 1

    def encode(self, text: str) -> list[int]:
        """Small ids with start and end."""
        return [len(self.ids) - 1, *(self._small.get(one, 0) for one in self._full.encode(text)), len(self.ids)]

    def batch(self, texts: Sequence[str], length: int) -> Tensor:
        """Small ids [n, longest of the texts], cut at `length`."""
        lists = [one[: length - 1] + one[-1:] if len(one) > length else one for one in map(self.encode, texts)]
        result = torch.zeros(len(lists), max(len(one) for one in lists), dtype=torch.long)
        for row, one in zip(result, lists, strict=True):
            row[: len(one)] = torch.tensor(one)
        return result


def architecture(path: Path = ARCHITECTURE) -> dict[str, Any]:
    """`embed_dim`, `vision_cfg` and `text_cfg`."""
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["model_cfg"]
    return config


def preprocessing(path: Path = ARCHITECTURE) -> tuple[float, float]:
    """Mean and deviation that pixels (0..1) are normalised by, the same for all colours."""
    config = json.loads(path.read_text(encoding="utf-8"))["preprocess_cfg"]
    return float(config["mean"][0]), float(config["std"][0])


def build(tokens: Tokens) -> nn.Module:
    """open_clip's own model with the small vocabulary."""
    from open_clip.model import CLIP

    config = architecture()
    model: nn.Module = CLIP(
        config["embed_dim"], config["vision_cfg"], {**config["text_cfg"], "vocab_size": len(tokens)}
    )
    with torch.no_grad():
        model.get_parameter("token_embedding.weight")[0] = 0
    return model


def token_meanings(tokens: Tokens, count: int = 4000, ridge: float = 0.02) -> Tensor:
    """What each token says of each trait, [tokens, traits]: ridge regression of what captions state on their tokens."""
    rng = np.random.default_rng(0)
    shares, stated = np.zeros((count, len(tokens)), np.float32), np.zeros((count, len(TRAITS)), np.float32)
    for row, known in enumerate(imagined(rng, count)):
        caption = write(rng, known, LANGUAGES[row % len(LANGUAGES)])
        if caption is not None:
            ids = tokens.encode(caption.text)
            np.add.at(shares[row], ids, 1 / len(ids))
            stated[row] = caption.stated
    moments = shares.T @ shares / count + ridge / count * np.eye(len(tokens), dtype=np.float32)
    return torch.from_numpy(np.linalg.solve(moments, shares.T @ stated / count).astype(np.float32))


@torch.no_grad()
def prime(model: Any, tokens: Tokens, directions: Tensor) -> None:
    """Let the text tower begin as a reader of words in any order, which it would need thousands of steps to become.

    The first numbers of a token are what it says of each trait; the others, which its place gives it, are the same for
    all and keep the norms from making silent tokens loud. The first layer takes the even average of all tokens, and
    the projection turns traits into their directions. The layers go on from there.
    """
    traits, width = len(directions), model.token_embedding.embedding_dim
    meanings = token_meanings(tokens)
    model.token_embedding.weight.normal_(std=0.02)[:, :traits] += meanings / meanings.std()
    model.token_embedding.weight[0] = 0
    model.positional_embedding[:, traits:] += 0.5 - (torch.arange(width - traits) % 2)
    attention = model.transformer.resblocks[0].attn
    attention.in_proj_weight[: 2 * width] = 0
    attention.in_proj_weight[2 * width :] = torch.eye(width)
    attention.out_proj.weight[:] = 8 * torch.eye(width)
    model.text_projection[:] *= 0.1
    model.text_projection[:traits] += directions / directions.norm(dim=1, keepdim=True)


def encode_text(model: Any, ids: Tensor) -> Tensor:
    """What `model.encode_text` gives for texts padded to full length, without computing the pads: [n, embed_dim]."""
    count = ids.shape[1]
    x = model.token_embedding(ids) + model.positional_embedding[:count]
    x = model.ln_final(model.transformer(x, attn_mask=model.attn_mask[:count, :count]))
    found: Tensor = x[torch.arange(len(x)), ids.argmax(1)] @ model.text_projection
    return found


def widened(state: dict[str, Tensor], tokens: Tokens) -> dict[str, Tensor]:
    """The weights in half precision with the standard vocabulary."""
    small = state[EMBEDDING]
    full = torch.zeros(architecture()["text_cfg"]["vocab_size"], small.shape[1])
    full[torch.tensor(tokens.ids)] = small[1:].float()
    return {
        name: (full if name == EMBEDDING else value).to(torch.float16 if value.is_floating_point() else value.dtype)
        for name, value in state.items()
    }
