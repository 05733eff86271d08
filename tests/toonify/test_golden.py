"""Every architecture gives what its published implementation gives, and holds the same tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from toonify.networks import adain, animegan2, dualstylegan, fast, psp, stylegan2

TOLERANCE = 1e-3
Load = Callable[[str], Any]


def _check(golden: Any, name: str, output: torch.Tensor) -> None:
    error = golden.error(output, name)
    print(f"golden {golden.name} {name}: {error:.2e} of the standard deviation")
    assert error <= TOLERANCE


@torch.inference_mode()
def test_stylegan2_generator(golden: Load) -> None:
    vectors = golden("stylegan2_generator_64")
    net = vectors.fill(stylegan2.Generator(stylegan2.Shape(64)))
    _check(vectors, "image_from_w", net(vectors.tensor("w")))
    w = net.map(vectors.tensor("z"))
    _check(vectors, "w_from_z", w)
    _check(vectors, "image_from_z_trunc_0_5", net(stylegan2.truncated(w, 0.5)))


@torch.inference_mode()
def test_dualstylegan(golden: Load) -> None:
    vectors = golden("dualstylegan_64")
    net = vectors.fill(dualstylegan.DualStyleGAN(stylegan2.Shape(64)))
    exemplar = net.generator.map(vectors.tensor("exstyle_z_plus"))
    _check(vectors, "exstyle_w", exemplar)
    content = stylegan2.truncated(net.generator.map(vectors.tensor("z_plus")), 0.75)
    _check(vectors, "image_zplus_trunc075_default_weights", net(content, exemplar))
    as_w_plus = net(vectors.tensor("z_plus"), vectors.tensor("exstyle_w"), [0.5] * 18)
    _check(vectors, "image_wplus_weights_05", as_w_plus)
    _check(vectors, "image_no_style", net(net.generator.map(vectors.tensor("z_plus")), None))


@torch.inference_mode()
def test_psp_encoders(golden: Load) -> None:
    faces = torch.from_numpy(
        np.random.Generator(np.random.PCG64(5)).uniform(-1, 1, (1, 3, 256, 256)).astype(np.float32)
    )
    vectors = golden("psp_gradual_encoder")
    _check(vectors, "codes", vectors.fill(psp.GradualStyleEncoder(8))(faces))
    vectors = golden("psp_backbone_wplus_encoder")
    _check(vectors, "codes", vectors.fill(psp.BackboneEncoder(18))(faces))


@torch.inference_mode()
def test_adain(golden: Load) -> None:
    vectors = golden("adain")
    net = vectors.fill(adain.AdaIN())
    content, style = vectors.tensor("content"), net.encode(vectors.tensor("style"))
    _check(vectors, "relu4_1_content", net.encode(content))
    _check(vectors, "image_alpha_1", net(content, [style], [1.0], 1.0))
    _check(vectors, "image_alpha_06", net(content, [style], [1.0], 0.6))


@torch.inference_mode()
def test_fast_neural_style(golden: Load) -> None:
    vectors = golden("fast_neural_style")
    _check(vectors, "image", vectors.fill(fast.TransformerNet())(vectors.tensor("x")))


@torch.inference_mode()
def test_animegan2(golden: Load) -> None:
    vectors = golden("animegan2")
    net = vectors.fill(animegan2.Generator())
    _check(vectors, "image", net(vectors.tensor("x")))
    _check(vectors, "image_align_corners_false", net(vectors.tensor("x"), align_corners=False))
