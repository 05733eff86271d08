"""`gatys`: the original neural style transfer, minutes a picture, the reference that quicker ones are judged by.

Gatys, Ecker & Bethge, "Image Style Transfer Using Convolutional Neural Networks" (2016), and "Preserving Color in
Neural Artistic Style Transfer" (2016). Files: `vgg19.pth`, the weights that torchvision publishes, and artworks in
`styles/`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.contract import RGB, Stylizer
from toonify.engine import Engine, StyleRequest, Variant
from toonify.engines.pictures import find_style_picture, read_style, style_pictures
from toonify.parameters import choice, slider, switch

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from toonify.networks.vgg import VGG19

WEIGHTS = "vgg19.pth"
LBFGS_EVALUATIONS = 20
"""Evaluations of the loss within one step of L-BFGS."""

Step = Callable[[int, int], None]
"""Called with steps done and steps in all; raises to stop."""


@dataclass(frozen=True)
class GatysParameters:
    """What a person may change about Gatys' method; weights are powers of ten."""

    steps: int = slider(200, 1, 2000, title="Steps", step=10)
    optimiser: str = choice(
        "lbfgs", ("lbfgs", "adam"), title="Optimiser", help="L-BFGS is better, Adam takes less memory."
    )
    content: float = slider(0.0, -3, 3, title="Content", help="Exponent of the content's weight.", step=0.1)
    style: float = slider(5.0, 0, 9, title="Style", help="Exponent of the style's weight.", step=0.1)
    smooth: float = slider(-3.0, -8, 2, title="Smoothness", help="Exponent of the total variation's weight.", step=0.1)
    keep_colour: bool = switch(False, title="Keep colours", help="Paint with the photo's colours.")
    style_size: int = slider(
        384, 128, 1024, title="Scale of strokes", help="Size at which the artwork is read.", step=32
    )


def load_network(path: Path) -> VGG19:
    """The published VGG-19."""
    from toonify.checkpoints import fill, read_checkpoint, tensors_of
    from toonify.networks.vgg import VGG19, convolutional_part

    network = VGG19()
    fill(network, convolutional_part(tensors_of(read_checkpoint(path), "state_dict")), path, "gatys")
    return network


def transfer(
    network: VGG19, photos: Tensor, artwork: Tensor, chosen: GatysParameters, step_done: Step | None = None
) -> Tensor:
    """Photos [b, 3, h, w] in 0..1 painted like the artwork [1, 3, h', w'].

    Pictures of one batch influence each other's steps under L-BFGS; the engine hands in one at a time.
    """
    import torch

    from toonify.networks.vgg import CONTENT, STYLE, gram

    with torch.inference_mode(False), torch.enable_grad():
        photos, artwork = photos.clone(), artwork.clone()
        with torch.no_grad():
            wanted = network(photos, [CONTENT])[CONTENT]
            grams = {name: gram(features) for name, features in network(artwork, STYLE).items()}
        picture = photos.clone().requires_grad_(True)

        def loss() -> Tensor:
            features = network(picture, [CONTENT, *STYLE])
            content = (features[CONTENT] - wanted).square().mean((1, 2, 3))
            style = torch.stack([(gram(features[n]) - grams[n]).square().sum((1, 2)) for n in STYLE]).mean(0)
            rough = picture.diff(dim=2).abs().mean((1, 2, 3)) + picture.diff(dim=3).abs().mean((1, 2, 3))
            total: Tensor = 10**chosen.content * content + 10**chosen.style * style + 10**chosen.smooth * rough
            return total.sum()

        evaluations = 1 if chosen.optimiser == "adam" else min(LBFGS_EVALUATIONS, chosen.steps)
        optimiser: torch.optim.Optimizer = (
            torch.optim.Adam([picture], lr=0.02)
            if chosen.optimiser == "adam"
            else torch.optim.LBFGS([picture], max_iter=evaluations, line_search_fn="strong_wolfe")
        )

        def closure() -> float:
            optimiser.zero_grad()
            value = loss()
            torch.autograd.backward(value)
            return float(value.detach())

        for done in range(0, chosen.steps, evaluations):
            optimiser.step(closure)
            if step_done is not None:
                step_done(min(done + evaluations, chosen.steps), chosen.steps)
        return picture.detach().clamp(0, 1)


def open_style(request: StyleRequest) -> Stylizer:
    """Open `gatys:<artwork>`."""
    import torch

    from toonify.colour import with_colours_of
    from toonify.fitting import Fit
    from toonify.torch_stylizer import TorchStylizer, to_pictures, to_tensor

    chosen: GatysParameters = request.parameters
    weights = request.folder / WEIGHTS
    name = f"gatys:{request.variant}"
    path = find_style_picture(request.folder, request.variant, name)

    def run(network: VGG19, faces: Sequence[RGB], device: torch.device) -> list[RGB]:
        artwork = to_tensor([read_style(path, chosen.style_size)], device, 0, 1)
        step_done = partial(request.runtime.step, name)
        photos = to_tensor(faces, device, 0, 1)
        made = to_pictures(
            torch.cat([transfer(network, one[None], artwork, chosen, step_done) for one in photos]), 0, 1
        )
        return [with_colours_of(f, m) for f, m in zip(faces, made, strict=True)] if chosen.keep_colour else made

    return TorchStylizer(
        name,
        "gatys-1",
        request,
        [weights, path],
        load=lambda: load_network(weights),
        run=run,
        fit=Fit(multiple=1, smallest=32, largest=768),
        cost=6000,
    )


def variants(folder: Path) -> list[Variant]:
    """One style an artwork; without artworks, what it would take."""
    missing = tuple(path for path in (folder / WEIGHTS,) if not path.is_file())
    found = [Variant(name, f"Gatys: {name}", missing) for name in style_pictures(folder)]
    return found or [Variant("picture", "Gatys: any artwork", (*missing, folder / "styles" / "picture.png"))]


ENGINE = Engine(
    name="gatys",
    title="Any artwork, slowly (Gatys)",
    licence="VGG-19 weights: CC BY 4.0",
    commercial_use=True,
    moves_features=False,
    parameters=GatysParameters,
    variants=variants,
    open=open_style,
)
