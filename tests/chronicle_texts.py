"""The invented reports of the sample chronicle. Nothing in them happened."""

from __future__ import annotations

from datetime import date

from tarikh.model import Report

_TEXTS: dict[str, tuple[str, str | None, str, str]] = {
    "r01": (
        "Sahel Courier",
        "2024-03-14",
        "Army column ambushed near Téra, 17 soldiers dead",
        "NIAMEY – Seventeen soldiers were killed on Tuesday when fighters on motorcycles ambushed their column near "
        "Téra, the defense ministry said in a statement.\n\nAbout twenty others were wounded and flown to the capital. "
        "The ministry said that a search was going on along the river.\n\nThe region has been under a state of "
        "emergency for years.",
    ),
    "r02": (
        "Radio Liptako",
        "2024-03-16",
        "Téra ambush: toll rises to 22",
        "The toll of Tuesday's ambush near Téra has risen to 22 soldiers, a doctor at the regional hospital told this "
        "station. Five of the wounded died on the way.\n\nThe attack was claimed by no one so far, but residents "
        "speak of men of the Islamic State.",
    ),
    "r03": (
        "Az-Zallaqa channel",
        "2024-03-15",
        "Communiqué",
        "The mujahideen destroyed a column of the Niger army near Téra on Tuesday and killed more than thirty of its "
        "soldiers, by the grace of God.",
    ),
    "r04": (
        "Burkina Matin",
        "2024-03-19",
        "Market bomb in Djibo leaves nine dead",
        "A device hidden in a handcart exploded at the market of Djibo on Monday morning, killing nine people and "
        "wounding fourteen, a health worker said. Nobody has claimed it.",
    ),
    "r05": (
        "Khartoum Ledger",
        "2024-03-20",
        "Shells fall on El Fasher camp",
        "Shells struck a camp for displaced people in El Fasher on Wednesday. A volunteer network accused "
        "the Rapid Support Forces. It gave between 8 and 14 dead.\n\nThe force did not answer questions.",
    ),
    "r06": (
        "Nile Wire",
        "2024-03-21",
        "RSF denies having shelled El Fasher camp",
        "The Rapid Support Forces denied on Thursday that they had shelled the camp in El Fasher a day earlier. A local "
        "emergency room counted 11 bodies.",
    ),
    "r07": (
        "Mali Debout",
        "2024-03-11",
        "Drone strike somewhere in Kidal region",
        "The army said that a drone strike in the Kidal region on Sunday neutralized several terrorists. No independent "
        "account could be had.",
    ),
    "r08": (
        "Lac Info",
        "2024-03-22",
        "Fishermen taken on Lake Chad",
        "Armed men in canoes took eleven fishermen near Baga Sola in the night of Wednesday, their relatives said. "
        "No ransom has been asked for.",
    ),
    "r09": (
        "Agadez Today",
        "2024-03-08",
        "Women march for peace in Agadez",
        "Several hundred women marched through Agadez on Friday to ask for peace in the north. The march ended without "
        "incident.",
    ),
    "r10": (
        "Voice of N'Djamena",
        "2024-03-01",
        "Clashes between herders and farmers in Chad",
        "Clashes between herders and farmers in the south of Chad have left dozens dead in the last week of February, "
        "the governor said.",
    ),
    "r11": (
        "Plateau Post",
        "2024-03-25",
        "Villages burnt in Bokkos district",
        "Gunmen burnt houses in several villages of Bokkos district, Plateau state, on Saturday. Nobody was hurt, the "
        "district chairman said, because people had fled.",
    ),
    "r12": (
        "Wire of the Lakes",
        "2024-03-27",
        "M23 enters town in North Kivu",
        "Fighters of the M23 took control of Nyanzale on Tuesday after two days of fighting with the army, residents "
        "said by telephone.",
    ),
    "r13": (
        "Sahel Courier",
        None,
        "Officer recalls an attack",
        "An officer recalled how his post was attacked by gunmen and four of his men fell. He would not say where.",
    ),
    "r14": (
        "Bamako Soir",
        "2024-03-29",
        "Ten suspects held in Ségou",
        "Gendarmes detained ten people suspected of ties with armed groups in Ségou on Thursday, the prosecutor said.",
    ),
    "r15": (
        "Harbor Gazette",
        "2024-03-30",
        "Drones hit grain port in Odesa",
        "Drones struck a grain store in the port of Odesa overnight. Two dockers were killed and at least five people "
        "were wounded, the regional governor wrote. A fire burnt until the morning, he added.",
    ),
    "r16": (
        "Djibo Community Radio",
        "2024-03-19",
        "Explosion au marché de Djibo",
        "Un engin a explosé lundi au marché de Djibo. On compte au moins sept morts, selon un infirmier. 💔 Les blessés "
        "sont soignés sur place.",
    ),
}


def reports() -> list[Report]:
    """The sixteen reports."""
    return [
        Report(
            id=key,
            title=title,
            text=text,
            language="fr" if key == "r16" else "en",
            published=None if day is None else date.fromisoformat(day),
            source=source,
            url=f"https://example.org/{key}" if key != "r03" else "javascript:alert(1)",
            given_id=f"given-{key}",
        )
        for key, (source, day, title, text) in _TEXTS.items()
    ]
