"""What a report must not wait for: words of danger, violence, neglect or despair in a text.

Plain phrases, matched word by word; a wrong hit costs the writer one more box to read. The boxes
point to people who help at once, for reports are read in office hours.
"""

from app.civic.text import search_terms

DANGER, VIOLENCE, CHILD, CRISIS = "danger", "violence", "child", "crisis"

PHRASES = {
    DANGER: (
        "orang terjebak",
        "anak terjebak",
        "warga terjebak",
        "terjebak banjir",
        "terjebak di dalam",
        "kesetrum",
        "tersetrum",
        "percikan api",
        "memercik api",
        "kobaran api",
        "kebakaran",
        "gas bocor",
        "bocor gas",
        "bau gas",
        "kabel putus",
        "tenggelam",
        "hanyut",
        "tertimpa",
        "pingsan",
        "sparks",
        "gas leak",
        "leaking gas",
        "trapped",
        "on fire",
        "drowning",
    ),
    VIOLENCE: (
        "kdrt",
        "kekerasan dalam rumah tangga",
        "kekerasan di rumah",
        "kekerasan seksual",
        "dipukul suami",
        "dipukuli suami",
        "pukul istri",
        "memukul istri",
        "memukuli istri",
        "pelecehan",
        "dilecehkan",
        "diperkosa",
        "perkosaan",
        "pemerkosaan",
        "dicabuli",
        "pencabulan",
        "disiksa",
        "diancam bunuh",
        "diancam dibunuh",
        "mau dibunuh",
        "ancaman pembunuhan",
        "domestic violence",
        "sexual violence",
        "sexual harassment",
        "rape",
        "raped",
        "death threat",
        "beats his wife",
    ),
    CHILD: (
        "anak dipukuli",
        "memukuli anak",
        "pukul anak",
        "memukul anak",
        "anak disiksa",
        "anak terlantar",
        "anak ditelantarkan",
        "menelantarkan anak",
        "bayi dibuang",
        "buang bayi",
        "pekerja anak",
        "eksploitasi anak",
        "anak dieksploitasi",
        "anak dipaksa",
        "anak disuruh mengemis",
        "anak dicabuli",
        "child abuse",
        "child labour",
        "child labor",
        "abandoned baby",
    ),
    CRISIS: (
        "bunuh diri",
        "ingin mati",
        "mau mati",
        "pengen mati",
        "pingin mati",
        "akhiri hidup",
        "mengakhiri hidup",
        "tidak sanggup hidup",
        "gak sanggup hidup",
        "nggak sanggup hidup",
        "suicide",
        "kill myself",
        "end my life",
    ),
}


def spoken_of(text: str) -> frozenset[str]:
    """Return which of the four a text speaks of."""
    words = f" {' '.join(search_terms(text))} "
    return frozenset(
        topic
        for topic, phrases in PHRASES.items()
        if any(f" {phrase} " in words for phrase in phrases)
    )
