"""DualStyleGAN on CPU: Castoon's arrangement of the layers against the straightforward one, in one run.

    python bench/stylegan.py [--size 1024] [--batches 1 4] [--threads 2] [--repeats 2]

The straightforward implementation does what the papers' code does: one weight tensor for each sample, convolutions in
groups, blurring one channel at a time. Both share one set of random weights; the largest difference of their pictures
is printed beside the times of each, elapsed and of the CPU, and the peak memory; each runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from toonify.networks import modulated, stylegan2
from toonify.networks.dualstylegan import DualStyleGAN


def filtered(x: Tensor, kernel: Tensor, pad: tuple[int, int], up: int = 1) -> Tensor:
    """Zeros between the pixels, padding, and a convolution of every channel by itself."""
    b, c, h, w = x.shape
    if up > 1:
        spread = x.new_zeros(b, c, h, up, w, up)
        spread[:, :, :, 0, :, 0] = x
        x = spread.view(b, c, h * up, w * up)
    x = F.pad(x, (*pad, *pad))
    out = F.conv2d(x.reshape(b * c, 1, *x.shape[2:]), kernel.flip(0, 1)[None, None])
    return out.view(b, c, *out.shape[2:])


def grouped(
    self: modulated.ModulatedConv, x: Tensor, style: Tensor, gain: float = 1.0, bias: Tensor | None = None
) -> Tensor:
    """Modulated convolution with one weight tensor for each sample, in groups."""
    b, inputs, h, w = x.shape
    weight = self.scale * self.weight * self.modulation(style).view(b, 1, inputs, 1, 1)
    if self.demodulate:
        weight = weight * torch.rsqrt(weight.square().sum((2, 3, 4), keepdim=True) + 1e-8)
    outputs, size = weight.shape[1], weight.shape[3]
    x = x.reshape(1, b * inputs, h, w)
    if self.upsample:
        weight = weight.transpose(1, 2).reshape(b * inputs, outputs, size, size)
        out = F.conv_transpose2d(x, weight, stride=2, groups=b)
        out = filtered(out.view(b, outputs, *out.shape[2:]), self.blur.kernel, (1, 1))
    else:
        out = F.conv2d(x, weight.view(b * outputs, inputs, size, size), padding=self.padding, groups=b)
        out = out.view(b, outputs, *out.shape[2:])
    out = out * gain
    return out if bias is None else out + bias.view(1, -1, 1, 1)


def styled(self: modulated.StyledConv, x: Tensor, style: Tensor, noise: Tensor) -> Tensor:
    """Convolution, noise, bias, activation and gain, one after the other."""
    out = self.conv(x, style)
    out = out + self.noise.weight * noise.expand(out.shape[0], -1, -1, -1)
    return F.leaky_relu(out + self.activate.bias.view(1, -1, 1, 1), modulated.SLOPE) * modulated.GAIN


def make_straightforward() -> None:
    """Replace the layers of this process."""
    for owner, name, instead in (
        (modulated.ModulatedConv, "forward", grouped),
        (modulated.StyledConv, "forward", styled),
        (modulated, "upsample_twice", lambda x, kernel: filtered(x, kernel, (2, 1), up=2)),
        (stylegan2.Generator, "begin", lambda self, batch: self.input.input.repeat(batch, 1, 1, 1)),
    ):
        setattr(owner, name, instead)


def one_side(side: str, size: int, batches: list[int], repeats: int, target: str) -> None:
    """Measure one implementation in this process and print a JSON line."""
    torch.manual_seed(0)
    if side == "grouped":
        make_straightforward()
    network = DualStyleGAN(stylegan2.Shape(size)).eval().requires_grad_(False)
    for name, buffer in network.state_dict().items():
        if name.endswith("noise.weight"):
            buffer.fill_(0.1)
    layers, times, work, peaks = network.generator.n_latent, {}, {}, {}
    with torch.inference_mode():
        for batch in batches:
            content, exemplar = torch.randn(2, batch, layers, 512)
            best = least = float("inf")
            with Peak() as peak:
                for _ in range(repeats):
                    start, begun = time.perf_counter(), time.process_time()
                    pictures = network(content, exemplar)
                    best = min(best, time.perf_counter() - start)
                    least = min(least, time.process_time() - begun)
            times[batch], work[batch], peaks[batch] = best, least, peak.mib
            torch.save(pictures, f"{target}-{batch}.pt")
    print(json.dumps({"times": times, "work": work, "peaks": peaks}))


class Peak:
    """Highest resident memory above that at the beginning, sampled every 5 ms, in MiB."""

    def __enter__(self) -> Peak:
        self._stop = threading.Event()
        self._base = self._top = self._now()
        self._watch = threading.Thread(target=self._sample, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watch.join()
        self.mib = (self._top - self._base) / 2**20

    def _sample(self) -> None:
        while not self._stop.wait(0.005):
            self._top = max(self._top, self._now())

    @staticmethod
    def _now() -> int:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--side", choices=["grouped", "castoon"])
    parser.add_argument("--target", default="")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if given.side:
        one_side(given.side, given.size, given.batches, given.repeats, given.target)
        return
    import tempfile

    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for side in ("grouped", "castoon"):
            command = [
                sys.executable,
                __file__,
                "--side",
                side,
                "--target",
                f"{folder}/{side}",
                "--size",
                str(given.size),
            ]
            command += [
                "--threads",
                str(given.threads),
                "--repeats",
                str(given.repeats),
                "--batches",
                *map(str, given.batches),
            ]
            environment = os.environ | {"OMP_NUM_THREADS": str(given.threads)}
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            results[side] = json.loads(done.stdout.strip().splitlines()[-1])
        for batch in given.batches:
            ours, theirs = (torch.load(f"{folder}/{s}-{batch}.pt", weights_only=True) for s in ("castoon", "grouped"))
            error = float((ours - theirs).abs().max() / theirs.std())
            a, b = results["grouped"], results["castoon"]
            slow, fast = a["times"][str(batch)], b["times"][str(batch)]
            print(
                f"{given.size} px, batch {batch}: grouped {slow:.2f} s, castoon {fast:.2f} s, {slow / fast:.2f}x; "
                f"CPU time {a['work'][str(batch)]:.1f} and {b['work'][str(batch)]:.1f} s; "
                f"peak memory above weights {a['peaks'][str(batch)]:.0f} and {b['peaks'][str(batch)]:.0f} MiB; "
                f"largest difference {error:.1e} of the deviation"
            )


if __name__ == "__main__":
    main()
