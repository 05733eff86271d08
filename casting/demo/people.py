"""The sixty fictional actors: names, facts, and the few words from which a face follows.

None of them exists. `look` says what a casting director would say of the person; `identity.py` turns it, together with
random numbers seeded by the name, into a face. Words it knows are listed there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Person:
    """One fictional actor. `gender` is "female" or "male"; `heritage` chooses the ranges that a face is drawn from."""

    name: str
    hangul: str
    gender: str
    birth_year: int
    heritage: str
    look: str
    agency: str
    height_cm: int
    availability: str
    tags: str

    @property
    def slug(self) -> str:
        """The name as a folder: `Ki Mi-reu` becomes `ki-mi-reu`."""
        return self.name.lower().replace(" ", "-").replace("'", "")

    @property
    def words(self) -> frozenset[str]:
        """The words of `look`."""
        return frozenset(self.look.split())

    @property
    def age(self) -> int:
        """Age in the year in which the demo plays."""
        return 2026 - self.birth_year


_ROWS = """
Yang Seo-bit|양서빛|female|1998|korean|soft long bangs black|Haneul House|164|available|romance;drama
Ok Da-rae|옥다래|female|1995|korean|bob round brown freckles|Moonbridge|160|available|comedy;drama
Pyo Yun-seul|표윤슬|female|2001|korean|long wavy slim monolid black|Studio Narae|171|from 2027-01|fantasy;action
Ma Ha-yul|마하율|female|1992|korean|bun square strongbrow darkbrown|Haneul House|168|available|thriller;drama
Tak Ye-on|탁예온|female|1989|korean|lob wavy brown wide fulllips|Independent|166|booked|drama
Bong Na-ru|봉나루|female|1999|korean|pixie dyedred monolid mole|Paper Lantern|158|available|comedy;action
Ki Mi-reu|기미르|female|1985|korean|ponytail long strongnose black|Moonbridge|170|available|action;thriller
Do Eun-gyeol|도은결|female|1979|korean|lob darkbrown thinlips glasses|Haneul House|163|from 2027-03|drama
Ham Su-ryeon|함수련|female|1968|korean|curlyshort darkbrown round|Studio Narae|157|available|comedy;family
Guk Ok-hui|국옥희|female|1956|korean|bun grey slim|Paper Lantern|155|available|historical;family
Eom Ga-on|엄가온|female|2003|korean|long bangs dyedash soft bigeyes|Studio Narae|162|available|romance;fantasy
Cheon Bom-i|천봄이|female|2000|korean|twintails round brown mole bigeyes|Moonbridge|156|available|comedy;romance
Ra Hae-won|라해원|female|1990|korean|lob middlepart black square monolid|Orchard Talent|173|booked|thriller;action
Jin Ru-bi|진루비|female|1997|korean|long wavy dyedcopper heart fulllips|Haneul House|167|available|romance
Mo Cho-rong|모초롱|female|1983|korean|bob bangs glasses black chubby|Independent|159|available|comedy
Seol A-jin|설아진|female|1994|korean|long straight middlepart black pale slim|Orchard Talent|172|from 2027-02|fantasy;historical
Wi Do-gyeom|위도겸|male|1993|korean|curtains black heart soft|Haneul House|181|available|romance;drama
Pi Tae-ryung|피태륭|male|1988|korean|undercut black square strongbrow scar|Moonbridge|185|available|action
Je Kang-ryun|제강륜|male|1980|korean|slickback black stubble long strongnose|Orchard Talent|183|booked|thriller;drama
Byeon Han-eol|변한얼|male|1999|korean|bangs brown round soft bigeyes|Studio Narae|177|available|romance;comedy
Sa Mu-yeol|사무열|male|1972|korean|crop greying square wrinkled|Haneul House|176|available|thriller;historical
Yeon Gi-ho|연기호|male|1965|korean|receding greying glasses chubby|Paper Lantern|170|available|comedy;family
Pyeon Sang-rok|편상록|male|1958|korean|sidepart grey long moustache|Independent|174|available|historical;drama
Tak Ji-ul|탁지울|male|2002|korean|mop dyedash slim monolid|Studio Narae|179|available|fantasy;romance
Maeng Ro-un|맹로운|male|1996|korean|sidepart black strongnose mole|Moonbridge|184|from 2027-01|romance;thriller
Ok Cheol-wan|옥철완|male|1975|korean|buzz black wide square stubble|Independent|178|available|action;comedy
Dan Si-ru|단시루|male|2000|korean|long dyedblond slim pale|Orchard Talent|182|available|fantasy
Gal Yi-hyeon|갈이현|male|1991|korean|curly black glasses long|Haneul House|175|available|comedy;drama
Ho Jun-seom|호준섬|male|1986|korean|crop black chubby round monolid|Paper Lantern|172|available|comedy
Bin Ga-ram|빈가람|male|1998|korean|curtains dyedcopper freckles slim|Studio Narae|180|booked|romance;fantasy
Cha Mu-gang|차무강|male|1984|korean|tieback black beard square strongnose|Orchard Talent|187|available|action;historical
Eun Tae-bit|은태빛|male|1995|korean|undercut brown heart bigeyes fulllips|Moonbridge|178|available|comedy;romance
Nam-gung Du-ri|남궁두리|male|1978|korean|bald wide round goatee|Independent|169|available|comedy;thriller
Mun Baek-ha|문백하|male|1990|korean|slickback black pale long thinlips monolid|Orchard Talent|186|from 2027-04|thriller
Amara Okonjwe||female|1994|african|afro black round fulllips|Kestrel Artists|170|available|drama;romance
Ilse Vandermoor||female|1987|european|lob dyedblond long strongnose pale|Kestrel Artists|176|available|thriller
Priya Nadarkar||female|1991|southasian|long wavy black strongbrow bigeyes|Moonbridge|163|available|romance;comedy
Lucia Berrondo||female|1996|latin|long curly darkbrown heart fulllips|Kestrel Artists|165|available|romance;action
Freydis Halmark||female|1999|european|long straight ginger freckles pale slim|Northlight|174|from 2027-02|fantasy;action
Noor El-Shamari||female|1990|mideast|lob wavy black strongbrow strongnose|Northlight|168|available|thriller;drama
Thandeka Mbuyeni||female|1982|african|buzz black long slim|Kestrel Artists|175|available|action;drama
Mai Fujisaka||female|2000|eastasian|bob bangs dyedash round soft|Paper Lantern|157|available|comedy;fantasy
Bianca Torvelli||female|1976|european|bob darkbrown strongnose square|Northlight|169|booked|drama
Quyen Thach-Lam||female|1997|seasian|ponytail black round mole|Moonbridge|161|available|action;comedy
Eleanor Whitcastle||female|1954|european|curlyshort white slim glasses|Northlight|164|available|family;historical
Zhou Lanxue||female|1993|eastasian|bun black pale slim bigeyes|Orchard Talent|169|available|historical;fantasy
Kalena Maheroa||female|1989|pacific|long wavy darkbrown wide fulllips strongbrow|Kestrel Artists|172|available|action;family
Kwabena Asantu||male|1990|african|fade black square goatee|Kestrel Artists|184|available|action;thriller
Mateus Carvalhido||male|1985|latin|curly darkbrown beard long|Kestrel Artists|180|available|romance;drama
Henrik Solvbaek||male|1971|european|sidepart greying square strongnose stubble|Northlight|188|from 2027-03|thriller
Arjun Velmurthy||male|1988|southasian|sidepart black moustache round strongbrow|Moonbridge|176|available|comedy;drama
Omar Hadjebi||male|1979|mideast|crop black beard strongnose strongbrow|Northlight|179|available|thriller;action
Tomasz Wielgorz||male|1963|european|bald wide moustache wrinkled|Northlight|175|available|family;comedy
Ren Hatakawa||male|2001|eastasian|mop black soft slim|Paper Lantern|173|available|fantasy;romance
Wei Shuolin||male|1994|eastasian|undercut black long monolid strongbrow|Orchard Talent|183|booked|action;historical
Dmitri Ostrozhny||male|1957|european|receding white beard wide|Northlight|177|available|historical;family
Callum Fairbrae||male|1998|european|mop ginger freckles round|Northlight|178|available|comedy;fantasy
Santiago Quirolo||male|1992|latin|slickback black stubble heart strongbrow|Kestrel Artists|182|available|romance;thriller
Jabari Nkemelu||male|1975|african|bald beardgrey wide|Kestrel Artists|181|available|drama;action
Sione Taufatoa||male|1983|pacific|tieback black beard wide chubby|Kestrel Artists|186|available|action;comedy
"""  # noqa: E501


@cache
def everybody() -> tuple[Person, ...]:
    """All sixty, in the order of the cast list."""
    people = []
    for row in _ROWS.strip().splitlines():
        name, hangul, gender, year, heritage, look, agency, height, availability, tags = row.split("|")
        people.append(Person(name, hangul, gender, int(year), heritage, look, agency, int(height), availability, tags))
    return tuple(people)


def person(name: str) -> Person:
    """The actor of that name."""
    return {one.name: one for one in everybody()}[name]
