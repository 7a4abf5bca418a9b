"""The few words of the player and the pages, in the languages of the shows that we know of."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """One language's words. Write them as they stand at the start of a line or on a button."""

    #: What the language calls itself.
    language: str
    podcast: str
    podcasts: str
    latest: str
    popout: str
    download: str
    feed: str
    loading: str
    #: There is nothing to play: no episode yet, or its file is gone or cannot be decoded.
    empty: str
    #: The way to the file is broken for now; goes with ``retry``.
    error: str
    retry: str
    episodes: str
    no_episodes: str
    notes: str
    chapters: str
    transcript: str


_LABELS: Final = {
    "en": Labels(
        language="English",
        podcast="Podcast",
        podcasts="Podcasts",
        latest="Latest episode",
        popout="Pop-out player",
        download="Download",
        feed="RSS feed",
        loading="Loading…",
        empty="No media source currently available",
        error="The audio could not be loaded",
        retry="Try again",
        episodes="Episodes",
        no_episodes="No episodes yet",
        notes="About this episode",
        chapters="Chapters",
        transcript="Transcript",
    ),
    "ru": Labels(
        language="Русский",
        podcast="Подкаст",
        podcasts="Подкасты",
        latest="Последний выпуск",
        popout="В отдельном окне",
        download="Скачать",
        feed="RSS-лента",
        loading="Загрузка…",
        empty="Медиафайл сейчас недоступен",
        error="Не удалось загрузить аудио",
        retry="Повторить",
        episodes="Выпуски",
        no_episodes="Выпусков пока нет",
        notes="О выпуске",
        chapters="Главы",
        transcript="Расшифровка",
    ),
    "ky": Labels(
        language="Кыргызча",
        podcast="Подкаст",
        podcasts="Подкасттар",
        latest="Акыркы чыгарылыш",
        popout="Өзүнчө терезеде",
        download="Жүктөп алуу",
        feed="RSS агымы",
        loading="Жүктөлүүдө…",
        empty="Медиа файл азыр жеткиликсиз",
        error="Аудиону жүктөө мүмкүн болбоду",
        retry="Кайра аракет кылуу",
        episodes="Чыгарылыштар",
        no_episodes="Азырынча чыгарылыш жок",
        notes="Чыгарылыш жөнүндө",
        chapters="Бөлүмдөр",
        transcript="Транскрипт",
    ),
    "kk": Labels(
        language="Қазақша",
        podcast="Подкаст",
        podcasts="Подкасттар",
        latest="Соңғы шығарылым",
        popout="Бөлек терезеде",
        download="Жүктеп алу",
        feed="RSS арнасы",
        loading="Жүктелуде…",
        empty="Медиа файл қазір қолжетімсіз",
        error="Аудионы жүктеу мүмкін болмады",
        retry="Қайталап көру",
        episodes="Шығарылымдар",
        no_episodes="Әзірге шығарылым жоқ",
        notes="Шығарылым туралы",
        chapters="Бөлімдер",
        transcript="Транскрипт",
    ),
    "fa": Labels(
        language="فارسی",
        podcast="پادکست",
        podcasts="پادکست‌ها",
        latest="تازه‌ترین قسمت",
        popout="پخش در پنجرهٔ جدا",
        download="دانلود",
        feed="خوراک RSS",
        loading="در حال بارگذاری…",
        empty="در حال حاضر فایلی برای پخش در دسترس نیست",
        error="بارگذاری صدا ممکن نشد",
        retry="تلاش دوباره",
        episodes="قسمت‌ها",
        no_episodes="هنوز قسمتی منتشر نشده است",
        notes="دربارهٔ این قسمت",
        chapters="فصل‌ها",
        transcript="متن گفت‌وگو",
    ),
    "ar": Labels(
        language="العربية",
        podcast="بودكاست",
        podcasts="البودكاست",
        latest="أحدث حلقة",
        popout="فتح في نافذة مستقلة",
        download="تنزيل",
        feed="خلاصة RSS",
        loading="جارٍ التحميل…",
        empty="لا يوجد ملف متاح للتشغيل حاليًا",
        error="تعذّر تحميل الصوت",
        retry="إعادة المحاولة",
        episodes="الحلقات",
        no_episodes="لا توجد حلقات بعد",
        notes="عن هذه الحلقة",
        chapters="الفصول",
        transcript="النص",
    ),
}


def labels(language: str) -> Labels:
    """Return the words for a BCP 47 tag by its first part; English where we have none.

    >>> labels("ky-KG").latest
    'Акыркы чыгарылыш'
    """
    return _LABELS.get(language.split("-", maxsplit=1)[0].lower(), _LABELS["en"])


def language_name(tag: str) -> str:
    """Return what a language calls itself; the tag itself where we have no words of it.

    >>> language_name("ky-KG"), language_name("cs")
    ('Кыргызча', 'cs')
    """
    known = _LABELS.get(tag.split("-", maxsplit=1)[0].lower())
    return known.language if known else tag
