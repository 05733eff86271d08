"""Four fictional productions and their forty characters: who they are and whom they are drawn after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from casting.demo.identity import Identity, identity_of
from casting.demo.people import Person, person


@dataclass(frozen=True)
class Production:
    """A webtoon to be filmed. `style` is how it is drawn."""

    title: str
    hangul: str
    style: str
    genre: str
    logline: str


@dataclass(frozen=True)
class Role:
    """A character. `actor` is empty where it is based on nobody in the cast; `stranger` then says who it is."""

    name: str
    production: str
    style: str
    actor: str
    stranger: Person | None
    synopsis: str

    @property
    def slug(self) -> str:
        """The name as a file name."""
        return self.name.lower().replace(" ", "-").replace("'", "")

    @property
    def identity(self) -> Identity:
        """The face that the drawing starts from."""
        return identity_of(self.stranger or person(self.actor))


PRODUCTIONS = (
    Production(
        "Night Shift at Moon Mart",
        "달마트 야간조",
        "romance",
        "romance",
        "A corner shop opens only between midnight and four, and sells what its customers have lost.",
    ),
    Production(
        "Iron Tide",
        "철의 조수",
        "action",
        "action",
        "When the sea gate of a harbour city is stolen, a crew of divers has nine tides to bring it back.",
    ),
    Production(
        "My Boss Is a Mountain Spirit",
        "우리 부장님은 산신령",
        "comedy",
        "comedy",
        "An ancient spirit takes an office job to stop a cable car, and turns out to be good at spreadsheets.",
    ),
    Production(
        "The Ninth Witness",
        "아홉 번째 목격자",
        "sketch",
        "thriller",
        "Eight people saw the bridge fall. The ninth drew it, a day before.",
    ),
)

_ROWS = """
romance|Moon Bit-na|Yang Seo-bit||Works the till and remembers every customer's loss but her own.
romance|Kang I-an|Wi Do-gyeom||Comes each night for the same umbrella, and never takes it.
romance|Yu Seo-ri|Jin Ru-bi||A singer who sold her first song and wants it back.
romance|Han Byeol|Bin Ga-ram||The delivery rider who can find the shop by daylight.
romance|Grandmother Mok|Guk Ok-hui||Owns the shop, the building and most of the secrets in it.
romance|Elian Voss|Mateus Carvalhido||A photographer whose pictures all show one stranger.
romance|Aru|Mai Fujisaka||The shop's cat, on the nights when she is not a cat.
romance|Nadia Rahm|Noor El-Shamari||A surgeon who left her steady hand on shelf seven.
romance|Do Yun-sil||female,1994,korean,lob wavy dyedcopper soft|The rival shop's clerk, who sells what people want to lose.
romance|Seo Jin-u||male,1997,korean,curtains brown slim|A student who lost a whole year and has the receipt.
action|Captain Cha|Cha Mu-gang||Led the harbour guard until the gate went under his watch.
action|Tae Ryeong|Pi Tae-ryung||The diver with the scar; holds his breath for seven minutes and a grudge for longer.
action|Mirae|Ki Mi-reu||Helmswoman, smuggler, and the only one who reads the tide tables.
action|Zuri|Thandeka Mbuyeni||Breaks locks, codes and, once, a lighthouse.
action|Old Drozd|Dmitri Ostrozhny||Built the gate, and built the way around it.
action|Kofi Steel|Kwabena Asantu||The crew's welder; works under water, sings above it.
action|Wei the Quiet|Wei Shuolin||Hired to stop them; has not said for whom.
action|Big Sione|Sione Taufatoa||Carries the anchor when the winch is broken.
action|Raiko||female,2001,eastasian,undercut dyedash slim strongbrow|A pilot of stolen patrol boats, most of them still floating.
action|Magnus Rhee||male,1969,european,slickback grey beard long|Buys cities by the metre of sea wall.
comedy|Director San|Yeon Gi-ho||The mountain spirit. Nine hundred years old; on probation.
comedy|Na Ru-mi|Bong Na-ru||The intern who noticed that the boss casts no shadow.
comedy|Manager Ok|Ok Cheol-wan||Head of sales; afraid of nothing except the boss's tiger.
comedy|Mo Team Lead|Mo Cho-rong||Has run the department for years without anyone noticing.
comedy|Ho Dae-ri|Ho Jun-seom||Eats lunch twice and dreams of a third.
comedy|Miss Bom|Cheon Bom-i||Receptionist, and on Thursdays the goddess of the valley.
comedy|Arjun from Audit|Arjun Velmurthy||Finds a mountain of unbooked expenses; it is a mountain.
comedy|Grandma Ham|Ham Su-ryeon||Sells sweet potatoes at the gate and knows the boss from before.
comedy|Tiger Beom||male,1990,korean,mop ginger wide round freckles|The boss's tiger, in a suit, in a meeting.
comedy|Chairwoman Gu||female,1960,korean,bob black glasses square|Wants the cable car; has never once walked up.
sketch|Inspector Je|Je Kang-ryun||Closed the case in a week and has reopened it for ten years.
sketch|Ra Hyeon|Ra Hae-won||Defends the man who confessed, and does not believe him.
sketch|Sa Jun-mo|Sa Mu-yeol||The bridge's engineer; kept the wrong drawing.
sketch|The Draughtsman|Mun Baek-ha||Draws what happens tomorrow, badly, on purpose.
sketch|Eun-gyo|Do Eun-gyeol||Runs the archive where one box is always missing.
sketch|Anselm Kroon|Henrik Solvbaek||The insurer, who pays too quickly.
sketch|Eleanor Pike|Eleanor Whitcastle||Saw the bridge fall from her window, and says it was pushed.
sketch|Amara Cole|Amara Okonjwe||A reporter with eight interviews and nine tapes.
sketch|Witness Five||male,1982,southasian,sidepart black glasses long moustache|Saw it from the train; the train was not running.
sketch|Lee Na-gyeong||female,1986,korean,ponytail black slim monolid|The prosecutor, who keeps a pencil from the scene.
"""  # noqa: E501


@cache
def everyone() -> tuple[Role, ...]:
    """All forty characters."""
    titles = {one.style: one.title for one in PRODUCTIONS}
    roles = []
    for row in _ROWS.strip().splitlines():
        style, name, actor, stranger, synopsis = row.split("|")
        nobody = None
        if stranger:
            gender, year, heritage, look = stranger.split(",")
            nobody = Person(name, "", gender, int(year), heritage, look, "", 170, "", "")
        roles.append(Role(name, titles[style], style, actor, nobody, synopsis))
    return tuple(roles)
