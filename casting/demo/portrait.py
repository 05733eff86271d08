"""The portrait look: one person, one moment, one lens, as a picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from casting.demo import backdrop, clothes, glasses
from casting.demo.curves import Array, dot, linear, mix, step, unit
from casting.demo.cuts import scalp_cover
from casting.demo.eyes import EyePainter
from casting.demo.head import BODY, EAR, HEAD
from casting.demo.identity import Identity, rng_of
from casting.demo.light import ShadowMap, shade_hair, shade_skin
from casting.demo.raster import FAR
from casting.demo.scene import CLOTH, Scene
from casting.demo.shots import Shot
from casting.demo.strands import draw

RGB8 = npt.NDArray[np.uint8]


def _coarsely(shadows: ShadowMap, world: Array, flat: npt.NDArray[np.int64], size: int) -> Array:
    """Soft shadows are smooth: find them for every fourth pixel and spread them."""
    chosen = np.flatnonzero((flat // size % 2 == 0) & (flat % size % 2 == 0))
    half = size // 2
    at = (flat[chosen] // size // 2) * half + flat[chosen] % size // 2
    value, weight = np.zeros(half * half, np.float32), np.zeros(half * half, np.float32)
    value[at], weight[at] = shadows.lit(world[chosen]), 1.0
    spread = cv2.blur(value.reshape(half, half), (3, 3)) / np.maximum(
        cv2.blur(weight.reshape(half, half), (3, 3)), 1e-3
    )
    return np.asarray(cv2.resize(spread, (size, size), interpolation=cv2.INTER_LINEAR).ravel()[flat], np.float32)


def _open(depth: Array, size: int) -> Array:
    """How open each pixel is to the sky, from the relief of the depth picture at three scales."""
    seen = depth < FAR / 2
    filled = np.where(seen, depth, np.median(depth[seen]) + 120).astype(np.float32)
    total = np.ones_like(filled)
    small = cv2.resize(filled, (size // 4, size // 4), interpolation=cv2.INTER_AREA)
    for radius, reach, strength in ((size / 170, 4.0, 0.35), (size / 60, 12.0, 0.45), (size / 22, 38.0, 0.40)):
        around = cv2.resize(cv2.GaussianBlur(small, (0, 0), radius / 4), (size, size), interpolation=cv2.INTER_LINEAR)
        total *= 1 - strength * np.clip((filled - around) / reach, 0, 1)
    return np.asarray(total, np.float32)


def render(who: Identity, shot: Shot, size: int = 512) -> RGB8:
    """Draw the portrait, `size` pixels square."""
    big = size * 3 // 2
    scene = Scene(who, shot, big)
    rig, camera, attributes = scene.rig, scene.camera, scene.buffer.attributes
    seen = scene.buffer.depth < FAR / 2
    flat = np.flatnonzero(seen.ravel())
    values = attributes.reshape(-1, attributes.shape[-1])[flat]
    world, normals, canonical, part = values[:, :3], values[:, 3:6], values[:, 6:8], np.round(values[:, 8])
    normals = unit(normals)
    view = unit(camera.eye - world)
    hair_points = (
        np.concatenate([g.points.reshape(-1, 3) for g in scene.hair_groups])
        if scene.hair_groups
        else np.zeros((0, 3), np.float32)
    )
    shadows = ShadowMap(rig.key, scene.world, hair_points, rig.softness)
    lit = _coarsely(shadows, world, flat, big)
    hollow = _open(scene.buffer.depth, big).ravel()[flat]

    light, flesh = _surfaces(scene, world, normals, canonical, part, view, lit, hollow)
    picture = np.zeros((big * big, 3), np.float32)
    picture[flat] = light
    skin_mask = np.zeros(big * big, np.float32)
    skin_mask[flat] = flesh
    picture = _subsurface(picture.reshape(big, big, 3), skin_mask.reshape(big, big), big)

    alpha = seen.astype(np.float32)
    picture, alpha, depth = _hair(scene, picture, alpha, shadows)
    picture, alpha = glasses.put_on(who, scene.f, scene.to_world, camera, rig, picture, alpha, depth)
    behind = backdrop.paint(shot.backdrop, rng_of("backdrop", who.name, shot.number), big)
    picture = picture * alpha[..., None] + behind * (1 - alpha[..., None])
    return _develop(picture * (0.3 + 0.7 * scene.exposure), alpha, depth, size, rng_of("grain", who.name, shot.number))


def _surfaces(
    scene: Scene, world: Array, normals: Array, canonical: Array, part: Array, view: Array, lit: Array, hollow: Array
) -> tuple[Array, Array]:
    who, f, rig = scene.who, scene.f, scene.rig
    n = len(world)
    albedo, gloss = np.zeros((n, 3), np.float32), np.zeros(n, np.float32)
    grain = np.zeros(n, np.float32)
    x, y = canonical[:, 0], canonical[:, 1]
    head, ear, body, cloth = (part == code for code in (HEAD, EAR, BODY, CLOTH))
    for mask, skin in (
        (head, scene.painter.face(x[head], y[head])),
        (ear, scene.painter.plain(x[ear] * 20, y[ear] * 30, 0.30)),
        (body, scene.painter.plain(x[body], y[body], 0.06)),
    ):
        albedo[mask], gloss[mask], grain[mask] = skin.colour, skin.gloss, skin.grain
    local = scene.to_head(world[head])
    hairy = scalp_cover(who, f, local) * (0.0 if who.hair == "bald" else 0.97)
    albedo[head] = mix(
        albedo[head], linear(who.hair_colour) * 0.45 + 0.012 * linear(who.skin), np.asarray(hairy, np.float32)
    )
    gloss[head] *= 1 - hairy
    normals = _roughen(scene, normals, world, grain, 0.085 + 0.05 * who.wrinkles)
    diffuse, glint = shade_skin(rig, normals, view, lit, hollow)
    light = albedo * diffuse + glint * gloss[:, None]
    skin = light[(part == HEAD) & (canonical[:, 1] < 30)]
    brightness = float(np.percentile(skin.mean(1), 70)) if len(skin) else 0.4
    scene.exposure = 0.60 * float(linear(who.skin).mean()) ** 0.62 / brightness
    light[head] = _eyes(scene, light[head], x[head], y[head], world[head], view[head], lit[head], hollow[head])
    if cloth.any():
        weave, sheen = clothes.paint(who, scene.shot, x[cloth], y[cloth])
        light[cloth] = weave * (0.9 * diffuse[cloth]) + sheen[:, None] * glint[cloth]
    inner = body & clothes.under(scene.shot.garment, canonical)
    if inner.any():
        light[inner] = linear((0.90, 0.89, 0.87)) * 0.85 * diffuse[inner]
    flesh = np.where(cloth | inner, 0.0, 1.0).astype(np.float32)
    flesh[head] *= 1 - 0.9 * hairy
    return np.asarray(light, np.float32), flesh


def _roughen(scene: Scene, normals: Array, world: Array, grain: Array, amount: float) -> Array:
    """Tilt normals by the slope of the fine grain across the picture."""
    column, row, _ = scene.camera.project(world)
    size = scene.size
    picture = np.zeros((size, size), np.float32)
    at = np.clip(row, 0, size - 1).astype(np.int64) * size + np.clip(column, 0, size - 1).astype(np.int64)
    picture.ravel()[at] = grain
    gy, gx = np.gradient(picture)
    tilt = np.stack([-gx.ravel()[at], gy.ravel()[at], np.zeros_like(grain)], axis=1)
    out = normals + amount * np.clip(tilt, -2, 2)
    return unit(out)


def _eyes(
    scene: Scene, light: Array, x: Array, y: Array, world: Array, view: Array, lit: Array, hollow: Array
) -> Array:
    f, rig = scene.f, scene.rig
    near = (np.abs(np.abs(x) - f.eye_x) < f.eye_half + 6) & (np.abs(y) < 14)
    at = np.flatnonzero(near)
    if not at.size:
        return light
    origin = scene.to_head(scene.camera.eye[None])[0]
    eye = EyePainter(scene.who, f, scene.shot.mood).paint(x[at], y[at], origin, -view[at] @ scene.turn)
    normal = eye.normal @ scene.turn.T
    cosine = np.clip((normal @ rig.key.unit + 0.25) / 1.25, 0, 1)
    share = (lit[at] * cosine)[:, None] * np.array(rig.key.colour, np.float32) * 0.8 + rig.ambient(normal) * 0.9
    share = share + np.clip(normal @ rig.fill.unit, 0, 1)[:, None] * np.array(rig.fill.colour, np.float32)
    ball = eye.colour * share * eye.shadow[:, None]
    ahead = unit(np.array([[0.0, 0.0, 1.0]], np.float32) @ scene.turn.T * 0.6 + view[at] * 0.4)
    cornea = unit(normal + 0.75 * (normal - ahead))
    for lamp, strength, width in ((rig.key, 2.2, 0.975), (rig.fill, 0.7, 0.985)):
        mirror = 2 * dot(cornea, view[at])[:, None] * cornea - view[at]
        towards = mirror @ lamp.unit
        ball = (
            ball
            + (strength * step(width - 0.016, width + 0.004, towards))[:, None]
            * np.array(lamp.colour, np.float32)
            * np.clip(eye.shadow, 0.3, 1)[:, None]
        )
    ball = ball + 0.012 * np.array(rig.sky, np.float32)
    out = light.copy()
    skin = light[at] * (1 - 0.80 * eye.lid_line[:, None])
    out[at] = skin * (1 - eye.cover[:, None]) + ball * eye.cover[:, None]
    return out


def _subsurface(picture: Array, mask: Array, size: int) -> Array:
    """Light that wanders under the skin: red the farthest. Blurs stay within the skin."""
    out = picture.copy()
    for channel, radius in enumerate((size / 260, size / 560, size / 900)):
        weight = cv2.GaussianBlur(mask, (0, 0), radius)
        soft = cv2.GaussianBlur(picture[..., channel] * mask, (0, 0), radius) / np.maximum(weight, 1e-3)
        share = 0.62 * mask
        out[..., channel] = picture[..., channel] * (1 - share) + soft * share
    return np.asarray(out, np.float32)


def _hair(scene: Scene, picture: Array, alpha: Array, shadows: ShadowMap) -> tuple[Array, Array, Array]:
    size = scene.size
    found = draw(scene.camera, scene.strands, scene.buffer.depth)
    depth = scene.buffer.depth.copy()
    if not found.pixel.size:
        return picture, alpha, depth
    view = unit(scene.camera.eye - found.points)
    lit = shadows.lit(found.points)
    inner = scene.to_head(found.points)
    sky = np.clip(0.35 + 0.65 * step(-90.0, 70.0, inner[:, 1]), 0, 1) * (0.62 + 0.38 * found.deep)
    roots = 0.55 + 0.45 * step(0.0, 0.18, found.along)
    outward = inner - np.array([0, 25, -15], np.float32)
    outward = (outward / np.linalg.norm(outward, axis=1, keepdims=True)) @ scene.turn.T
    lit = lit * (0.35 + 0.65 * found.deep)
    light = shade_hair(scene.rig, found.tangents, outward, view, found.colour, lit, sky * roots, found.gloss)
    flat, cover = picture.reshape(-1, 3).copy(), found.cover[:, None]
    see = alpha.reshape(-1).copy()
    alone = (see[found.pixel] <= 0)[:, None]
    flat[found.pixel] = np.where(alone, light, flat[found.pixel] * (1 - cover) + light * cover)
    see[found.pixel] = np.maximum(see[found.pixel], found.cover)
    depth.ravel()[found.pixel] = found.depth
    return flat.reshape(size, size, 3), see.reshape(size, size), depth


def _develop(picture: Array, alpha: Array, depth: Array, size: int, generator: np.random.Generator) -> RGB8:
    """Lens and film: a little depth of field and bloom, tone curve, vignette, grain."""
    near = np.where(depth < FAR / 2, depth, 0)
    focus = np.percentile(depth[depth < FAR / 2], 12)
    away = np.clip((near - focus - 70) / 160, 0, 1) * (depth < FAR / 2)
    blurred = cv2.GaussianBlur(away.astype(np.float32), (0, 0), 4)[..., None]
    soft = cv2.GaussianBlur(picture, (0, 0), len(picture) / 340)
    picture = np.asarray(picture * (1 - blurred) + soft * blurred, np.float32)
    small = cv2.resize(cv2.GaussianBlur(picture, (0, 0), 0.5), (size, size), interpolation=cv2.INTER_AREA)
    tiny = cv2.resize(np.maximum(small - 0.9, 0), (size // 4, size // 4), interpolation=cv2.INTER_AREA)
    small = small + 0.25 * cv2.resize(cv2.GaussianBlur(tiny, (0, 0), size / 50 / 4), (size, size))
    small = cv2.GaussianBlur(small, (0, 0), 0.45)
    exposed = small * 0.95
    tone = (exposed * (2.51 * exposed + 0.03)) / (exposed * (2.43 * exposed + 0.59) + 0.14)
    tone = 0.55 * tone + 0.45 * np.clip(exposed, 0, 1) ** 0.95
    srgb = np.clip(tone, 0, 1) ** (1 / 2.2)
    row, column = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    srgb = srgb * (1 - 0.10 * np.clip(row**2 + column**2 - 0.5, 0, None))[..., None]
    grain = generator.standard_normal((size, size, 1)) * 0.007 + generator.standard_normal((size, size, 3)) * 0.004
    srgb = srgb + cv2.GaussianBlur(grain[..., 0] * 1.0, (0, 0), 0.7)[..., None] * 1.2 + 0.5 * grain
    return np.asarray(np.clip(srgb * 255 + 0.5, 0, 255), np.uint8)
