"""The numbers that make a face: about forty shape parameters, colours, hair and marks, drawn per person.

Shape parameters are deviations from an average face, mostly within -2.5..2.5, one unit being what one notices at once.
Both looks are drawn from the same `Identity`; `exaggerated` amplifies what sets it apart, as a caricaturist does.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from casting.demo.people import Person

SHAPE = [
    "face_width",
    "face_length",
    "forehead",
    "cheekbone",
    "cheek",
    "jaw_width",
    "jaw_angle",
    "chin_width",
    "chin_length",
    "chin_forward",
    "temple",
    "brow_ridge",
    "eye_size",
    "eye_open",
    "eye_tilt",
    "eye_spacing",
    "eye_depth",
    "lid_crease",
    "lid_hood",
    "brow_thick",
    "brow_arch",
    "brow_tilt",
    "brow_gap",
    "nose_length",
    "nose_bridge",
    "nose_width",
    "nose_tip",
    "nose_tilt",
    "nose_hump",
    "mouth_width",
    "lip_upper",
    "lip_lower",
    "mouth_corner",
    "philtrum",
    "muzzle",
    "ear_size",
    "ear_out",
    "neck",
    "hairline",
    "asymmetry",
]

RGB = tuple[float, float, float]


def rng_of(*parts: object) -> np.random.Generator:
    """A random stream that depends on nothing but the words given."""
    return np.random.Generator(np.random.PCG64(zlib.crc32("/".join(map(str, parts)).encode())))


@dataclass(frozen=True)
class Identity:
    """Everything that stays the same from one picture of a person to the next. Colours are sRGB in 0..1."""

    name: str
    gender: str
    age: float
    shape: Mapping[str, float]
    skin: RGB
    hair_colour: RGB
    iris: RGB
    lips: RGB
    hair: str
    beard: str
    glasses: str
    fringe: str
    waviness: float
    grey: float
    freckles: float
    wrinkles: float
    moles: tuple[tuple[float, float, float], ...]
    scar: bool

    def __getitem__(self, key: str) -> float:
        return self.shape[key]

    @property
    def is_male(self) -> bool:
        """Whether male ranges apply."""
        return self.gender == "male"

    def exaggerated(self, amount: float) -> Identity:
        """The same person with every deviation from the average face multiplied, softly limited."""
        shape = {key: float(3.4 * np.tanh(value * amount / 3.4)) for key, value in self.shape.items()}
        return dataclasses.replace(self, shape=MappingProxyType(shape))


_HERITAGE: dict[str, dict[str, float]] = {
    "korean": {"face_width": 0.5, "cheekbone": 0.4, "nose_bridge": -0.4, "lid_crease": -0.3, "eye_depth": -0.8},
    "eastasian": {"face_width": 0.4, "nose_bridge": -0.5, "lid_crease": -0.3, "eye_depth": -0.8, "eye_tilt": 0.3},
    "seasian": {"face_width": 0.4, "nose_bridge": -0.7, "nose_width": 0.7, "lip_upper": 0.5, "lip_lower": 0.4},
    "african": {"nose_width": 1.7, "nose_bridge": -0.9, "lip_upper": 1.5, "lip_lower": 1.3, "muzzle": 0.9},
    "pacific": {"nose_width": 1.3, "face_width": 0.8, "jaw_width": 0.7, "lip_lower": 0.8, "brow_thick": 0.5},
    "southasian": {"eye_size": 0.5, "eye_depth": 0.4, "nose_length": 0.4, "brow_thick": 0.7, "lip_lower": 0.4},
    "mideast": {"nose_hump": 0.8, "nose_bridge": 0.8, "nose_length": 0.5, "brow_thick": 0.8, "eye_depth": 0.6},
    "latin": {"lip_lower": 0.3, "brow_thick": 0.4, "nose_bridge": 0.2, "eye_depth": 0.3},
    "european": {"face_width": -0.4, "nose_bridge": 0.9, "eye_depth": 0.9, "lip_upper": -0.4, "brow_ridge": 0.2},
}
_SKIN: dict[str, RGB] = {
    "korean": (0.905, 0.755, 0.655),
    "eastasian": (0.910, 0.765, 0.670),
    "seasian": (0.760, 0.570, 0.440),
    "african": (0.430, 0.295, 0.225),
    "pacific": (0.635, 0.450, 0.335),
    "southasian": (0.665, 0.490, 0.380),
    "mideast": (0.805, 0.635, 0.520),
    "latin": (0.815, 0.640, 0.530),
    "european": (0.915, 0.745, 0.665),
}
_IRIS: dict[str, list[RGB]] = {
    "european": [(0.34, 0.45, 0.55), (0.33, 0.42, 0.33), (0.36, 0.25, 0.15), (0.42, 0.50, 0.56)],
    "latin": [(0.25, 0.15, 0.08), (0.32, 0.28, 0.16)],
    "mideast": [(0.24, 0.14, 0.08), (0.33, 0.27, 0.15)],
}
_DARK_IRIS: list[RGB] = [(0.17, 0.095, 0.055), (0.13, 0.075, 0.045), (0.22, 0.125, 0.065)]
_HAIR: dict[str, RGB] = {
    "black": (0.055, 0.045, 0.045),
    "darkbrown": (0.125, 0.080, 0.058),
    "brown": (0.230, 0.145, 0.095),
    "dyedcopper": (0.430, 0.185, 0.085),
    "dyedred": (0.400, 0.075, 0.085),
    "dyedash": (0.330, 0.280, 0.255),
    "dyedblond": (0.690, 0.555, 0.375),
    "ginger": (0.560, 0.270, 0.110),
    "greying": (0.200, 0.185, 0.180),
    "grey": (0.520, 0.505, 0.495),
    "white": (0.800, 0.785, 0.760),
}
_WORD: dict[str, dict[str, float]] = {
    "round": {"face_width": 1.0, "face_length": -0.9, "cheek": 1.1, "chin_width": 0.6, "jaw_angle": -0.9},
    "long": {"face_length": 1.5, "face_width": -0.6, "nose_length": 0.8, "chin_length": 0.7, "cheek": -0.7},
    "square": {"jaw_width": 1.7, "jaw_angle": 1.5, "chin_width": 1.2, "cheek": -0.2},
    "heart": {"cheekbone": 1.2, "jaw_width": -0.9, "chin_width": -1.2, "forehead": 0.8, "temple": 0.5},
    "wide": {"face_width": 1.6, "nose_width": 0.9, "mouth_width": 1.1, "jaw_width": 0.9},
    "slim": {"face_width": -1.1, "cheek": -1.2, "jaw_width": -0.9, "neck": -0.8, "cheekbone": 0.5},
    "chubby": {"cheek": 2.1, "jaw_width": 0.8, "face_width": 0.8, "neck": 1.6, "chin_forward": -0.8},
    "soft": {"jaw_angle": -0.9, "cheek": 0.5, "nose_tilt": 0.7, "chin_width": -0.5, "brow_ridge": -0.8},
    "strongbrow": {"brow_thick": 1.7, "brow_ridge": 0.9, "brow_gap": -0.8},
    "strongnose": {"nose_length": 1.2, "nose_bridge": 1.3, "nose_hump": 1.4, "nose_tip": 0.7},
    "bigeyes": {"eye_size": 1.5, "eye_open": 1.3, "lid_crease": 1.2},
    "monolid": {"lid_crease": -3.0, "eye_open": -1.0, "lid_hood": 1.4, "eye_tilt": 0.7},
    "fulllips": {"lip_upper": 1.3, "lip_lower": 1.5},
    "thinlips": {"lip_upper": -1.5, "lip_lower": -1.2, "mouth_width": 0.6},
}
_STYLES = [
    "bob",
    "lob",
    "bun",
    "ponytail",
    "pixie",
    "curlyshort",
    "twintails",
    "curtains",
    "undercut",
    "slickback",
    "crop",
    "receding",
    "sidepart",
    "mop",
    "buzz",
    "curly",
    "tieback",
    "bald",
    "afro",
    "fade",
]
_BEARDS = ["stubble", "moustache", "goatee", "beard", "beardgrey"]


def _hair_style(words: frozenset[str], male: bool) -> str:
    for style in _STYLES:
        if style in words:
            return style
    return "longhair" if not male or "dyedblond" in words else "crop"


def _colour(base: RGB, generator: np.random.Generator, spread: float) -> RGB:
    value = np.asarray(base) * (1 + spread * generator.standard_normal()) + 0.25 * spread * generator.standard_normal(3)
    r, g, b = np.clip(value, 0.02, 0.97)
    return float(r), float(g), float(b)


def _shape(who: Person, generator: np.random.Generator) -> dict[str, float]:
    male = who.gender == "male"
    shape = {key: float(1.05 * np.clip(generator.standard_normal(), -2.0, 2.0)) for key in SHAPE}
    shape["asymmetry"] *= 0.6
    sexed = {"jaw_width": 0.5, "brow_ridge": 0.8, "brow_thick": 0.7, "chin_width": 0.6, "neck": 1.1, "jaw_angle": 0.4}
    sexed |= {"nose_width": 0.3, "eye_size": -0.4, "lip_upper": -0.4, "brow_gap": -0.5, "brow_arch": -0.4}
    for key, value in sexed.items():
        shape[key] += value if male else -1.25 * value
    if not male:
        softer = {
            "eye_open": 0.5,
            "lip_lower": 0.5,
            "lip_upper": 0.3,
            "nose_length": -0.5,
            "cheek": 0.3,
            "nose_hump": -0.5,
        }
        softer |= {
            "face_length": -0.8,
            "jaw_width": -0.4,
            "nose_tip": -0.7,
            "lid_crease": 0.4,
            "eye_size": 0.5,
            "nose_width": -0.4,
        }
        for key, value in softer.items():
            shape[key] += value
    for source in [_HERITAGE[who.heritage], *(_WORD[word] for word in sorted(who.words & _WORD.keys()))]:
        for key, value in source.items():
            shape[key] += value
    old = max(0.0, (who.age - 40) / 30)
    for key, value in {"lid_hood": 0.9, "nose_length": 0.5, "ear_size": 0.8, "lip_upper": -0.7, "cheek": -0.2}.items():
        shape[key] += value * old
    if who.age < 26:
        shape["cheek"] += 0.3
    return {key: float(np.clip(value, -3.2, 3.2)) for key, value in shape.items()}


def identity_of(who: Person) -> Identity:
    """The face of one fictional actor; the same for ever, being seeded by the name."""
    generator = rng_of("identity", who.name)
    words = who.words
    male = who.gender == "male"
    shape = _shape(who, generator)
    red, green, blue = _SKIN[who.heritage]
    if "pale" in words:
        red, green, blue = (min(0.95, c * 1.035 + 0.012) for c in (red, green, blue))
    elif male:
        red, green, blue = red * 0.955, green * 0.93, blue * 0.915
    skin = _colour((red, green, blue), generator, 0.035)
    hair_word = next((word for word in _HAIR if word in words), "black")
    hair_colour = _colour(_HAIR[hair_word], generator, 0.06)
    irises = _IRIS.get(who.heritage, _DARK_IRIS)
    iris = irises[int(generator.integers(len(irises)))]
    rosy = (0.80, 0.50, 0.50) if male else (0.86, 0.42, 0.44)
    lip_red, lip_green, lip_blue = (
        float(0.55 * s * f + 0.45 * s * c) for s, c, f in zip(skin, rosy, (0.95, 0.66, 0.68), strict=True)
    )
    moles = tuple(
        (float(x), float(y), float(r))
        for x, y, r in zip(
            generator.uniform(-48, 48, 7), generator.uniform(-95, 45, 7), generator.uniform(0.5, 0.95, 7), strict=True
        )
    )[: int(generator.integers(0, 4))]
    if "mole" in words:
        side = 1.0 if generator.random() < 0.5 else -1.0
        spots = [(side * 24.0, -18.0), (side * 27.0, -62.0), (side * 16.0, -84.0)]
        moles += ((*spots[int(generator.integers(3))], 1.7),)
    fringe = "bangs" if "bangs" in words else "middle" if "middlepart" in words else "side"
    glasses = ("round", "square", "thin")[int(generator.integers(3))] if "glasses" in words else ""
    wave = 1.0 if "curly" in words or "curlyshort" in words else 0.6 if "wavy" in words else 0.0
    grey = {"greying": 0.4, "grey": 0.8, "white": 1.0}.get(hair_word, 0.0)
    return Identity(
        name=who.name,
        gender=who.gender,
        age=float(who.age),
        shape=MappingProxyType(shape),
        skin=skin,
        hair_colour=hair_colour,
        iris=iris,
        lips=(lip_red, lip_green, lip_blue),
        hair=_hair_style(words, male),
        beard=next((word for word in _BEARDS if word in words), ""),
        glasses=glasses,
        fringe=fringe,
        waviness=wave,
        grey=grey,
        freckles=1.0 if "freckles" in words else 0.0,
        wrinkles=float(np.clip((who.age - 27) / 40, 0, 1) + (0.25 if "wrinkled" in words else 0)),
        moles=moles,
        scar="scar" in words,
    )
