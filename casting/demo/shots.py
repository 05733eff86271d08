"""Head shots of one person: pose, expression, light, place and clothes of each."""

from __future__ import annotations

from dataclasses import dataclass

from casting.demo import clothes
from casting.demo.features import Expression
from casting.demo.identity import Identity, rng_of


@dataclass(frozen=True)
class Shot:
    """What differs from one portrait to the next. Angles in degrees; `zoom` 1 makes the face half the picture high."""

    number: int
    yaw: float
    pitch: float
    roll: float
    mood: Expression
    rig: str
    backdrop: str
    garment: str
    distance: float = 1100.0
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    wind: float = 0.0


def shots_of(who: Identity, count: int) -> list[Shot]:
    """The portraits of one person: a plain head shot first, then turns, smiles, other light and other places."""
    generator = rng_of("shots", who.name)
    rigs = list(generator.permutation(["window", "sunset", "overcast", "stage", "beauty"]))
    places = list(generator.permutation(["street", "park", "night", "room", "studio-warm", "studio-cool"]))
    garments = list(generator.permutation(sorted(clothes.GARMENTS)))
    turn = float(generator.choice([-1.0, 1.0]))
    shots = []
    for i in range(count):
        yaw = [4.0 * turn, 20.0 * turn, -24.0 * turn, 9.0 * turn, -12.0 * turn, 29.0 * turn][
            i
        ] + generator.normal() * 2.5
        smile = float([0.12, 0.65, 0.0, 0.95, 0.2, 0.4][i] * generator.uniform(0.7, 1.15))
        serious = i == 2
        mood = Expression(
            smile=smile,
            open_mouth=float(0.75 * max(0.0, smile - 0.55) / 0.45) if smile > 0.6 else 0.0,
            frown=float(generator.uniform(0.2, 0.5)) if serious else 0.0,
            raise_brow=float(generator.uniform(-0.1, 0.35)),
            squint=float(generator.uniform(0.0, 0.25)),
            gaze=(float(-0.30 * yaw + generator.normal() * 3), float(generator.normal() * 1.5)),
        )
        shots.append(
            Shot(
                number=i + 1,
                yaw=float(yaw),
                pitch=float(generator.normal() * 4),
                roll=float(generator.normal() * 3.5),
                mood=mood,
                rig="studio" if i == 0 else str(rigs[(i - 1) % len(rigs)]),
                backdrop=["studio-grey", "studio-cool", "studio-warm"][int(generator.integers(3))]
                if i == 0
                else str(places[i - 1]),
                garment=str(garments[i % len(garments)]),
                distance=float(generator.choice([800.0, 1100.0, 1600.0])),
                zoom=float(generator.uniform(0.95, 1.12)),
                shift=(float(generator.normal() * 10), float(generator.normal() * 5)),
                wind=float(generator.normal() * 0.25),
            )
        )
    return shots
