"""The few words of the player and the pages, in the languages of the shows that we know of."""

from dataclasses import dataclass
from typing import Final

from podcast.formats.text import direction


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
    #: The states of a player that are told in words. There is nothing to play: no episode yet, or its file is gone or cannot be decoded.
    empty: str
    loading: str
    #: The way to the file is broken for now; goes with ``retry``.
    error: str
    retry: str
    #: Nothing stands at the address of an embed, as before the episode goes out.
    scheduled: str
    withdrawn: str
    play: str
    pause: str
    back: str
    forward: str
    position: str
    speed: str
    volume: str
    mute: str
    share: str
    link: str
    code: str
    copy: str
    copied: str
    #: Stands before a position: "Start at 0:05:10".
    start: str
    subscribe: str
    settings: str
    remember: str
    search: str
    #: Stands before a number: "Found: 3".
    found: str
    #: The transcript cannot be fetched.
    lost: str
    episodes: str
    no_episodes: str
    older: str
    newer: str
    find: str
    #: Stands above the names of those who speak in an episode.
    persons: str
    notes: str
    chapters: str
    transcript: str


#: Words that stand in no file but the script: states, which are never in the text of a page, and the names of what it makes; and those
#: of the embed, which it changes for ``?lang=``.
_SPOKEN: Final = (
    *("podcast", "latest", "popout", "download", "feed", "chapters", "transcript", "share", "link", "code", "subscribe"),
    *("loading", "empty", "error", "retry", "scheduled", "withdrawn"),
    *("play", "pause", "back", "forward", "position", "speed", "volume", "mute"),
    *("copy", "copied", "start", "settings", "remember", "search", "found", "lost"),
)

_LABELS: Final = {
    "en": Labels(
        language="English",
        podcast="Podcast",
        podcasts="Podcasts",
        latest="Latest episode",
        popout="Pop-out player",
        download="Download",
        feed="RSS feed",
        empty="No media source currently available",
        loading="Please wait…",
        error="The audio could not be loaded",
        retry="Try again",
        scheduled="Not available yet",
        withdrawn="This episode is no longer available",
        play="Play",
        pause="Pause",
        back="Back 15 seconds",
        forward="Forward 30 seconds",
        position="Position",
        speed="Speed",
        volume="Volume",
        mute="Mute",
        share="Share",
        link="Direct link",
        code="Embed code",
        copy="Copy",
        copied="Copied to your clipboard",
        start="Start at",
        subscribe="Subscribe",
        settings="Settings",
        remember="Remember where I stopped",
        search="Search the transcript",
        found="Found:",
        lost="The transcript could not be loaded",
        episodes="Episodes",
        no_episodes="No episodes yet",
        older="Older episodes",
        newer="Newer episodes",
        find="Search the episodes",
        persons="With",
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
        empty="Медиафайл сейчас недоступен",
        loading="Подождите…",
        error="Не удалось загрузить аудио",
        retry="Повторить",
        scheduled="Пока недоступно",
        withdrawn="Этот выпуск больше недоступен",
        play="Слушать",
        pause="Пауза",
        back="Назад на 15 секунд",
        forward="Вперёд на 30 секунд",
        position="Позиция",
        speed="Скорость",
        volume="Громкость",
        mute="Без звука",
        share="Поделиться",
        link="Прямая ссылка",
        code="Код для вставки",
        copy="Скопировать",
        copied="Скопировано в буфер обмена",
        start="Начать с",
        subscribe="Подписаться",
        settings="Настройки",
        remember="Запоминать место остановки",
        search="Поиск по расшифровке",
        found="Найдено:",
        lost="Не удалось загрузить расшифровку",
        episodes="Выпуски",
        no_episodes="Выпусков пока нет",
        older="Более ранние выпуски",
        newer="Более новые выпуски",
        find="Поиск по выпускам",
        persons="Участники",
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
        empty="Медиа файл азыр жеткиликсиз",
        loading="Күтө туруңуз…",
        error="Аудиону жүктөө мүмкүн болбоду",
        retry="Кайра аракет кылуу",
        scheduled="Азырынча жеткиликсиз",
        withdrawn="Бул чыгарылыш мындан ары жеткиликсиз",
        play="Угуу",
        pause="Тындыруу",
        back="15 секунд артка",
        forward="30 секунд алдыга",
        position="Орду",
        speed="Ылдамдык",
        volume="Үнү",
        mute="Үнсүз",
        share="Бөлүшүү",
        link="Түз шилтеме",
        code="Жайгаштыруу коду",
        copy="Көчүрүү",
        copied="Алмашуу буферине көчүрүлдү",
        start="Башталышы",
        subscribe="Жазылуу",
        settings="Жөндөөлөр",
        remember="Токтогон жерди эстеп калуу",
        search="Транскрипттен издөө",
        found="Табылды:",
        lost="Транскриптти жүктөө мүмкүн болбоду",
        episodes="Чыгарылыштар",
        no_episodes="Азырынча чыгарылыш жок",
        older="Мурунку чыгарылыштар",
        newer="Кийинки чыгарылыштар",
        find="Чыгарылыштардан издөө",
        persons="Катышуучулар",
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
        empty="Медиа файл қазір қолжетімсіз",
        loading="Күте тұрыңыз…",
        error="Аудионы жүктеу мүмкін болмады",
        retry="Қайталап көру",
        scheduled="Әзірге қолжетімсіз",
        withdrawn="Бұл шығарылым енді қолжетімсіз",
        play="Тыңдау",
        pause="Кідірту",
        back="15 секунд артқа",
        forward="30 секунд алға",
        position="Орны",
        speed="Жылдамдық",
        volume="Дыбыс деңгейі",
        mute="Дыбыссыз",
        share="Бөлісу",
        link="Тікелей сілтеме",
        code="Ендіру коды",
        copy="Көшіру",
        copied="Алмасу буферіне көшірілді",
        start="Басталуы",
        subscribe="Жазылу",
        settings="Баптаулар",
        remember="Тоқтаған жерді есте сақтау",
        search="Транскрипттен іздеу",
        found="Табылды:",
        lost="Транскриптті жүктеу мүмкін болмады",
        episodes="Шығарылымдар",
        no_episodes="Әзірге шығарылым жоқ",
        older="Ертерек шығарылымдар",
        newer="Кейінгі шығарылымдар",
        find="Шығарылымдардан іздеу",
        persons="Қатысушылар",
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
        empty="در حال حاضر فایلی برای پخش در دسترس نیست",
        loading="لطفاً صبر کنید…",
        error="بارگذاری صدا ممکن نشد",
        retry="تلاش دوباره",
        scheduled="هنوز در دسترس نیست",
        withdrawn="این قسمت دیگر در دسترس نیست",
        play="پخش",
        pause="مکث",
        back="۱۵ ثانیه به عقب",
        forward="۳۰ ثانیه به جلو",
        position="جایگاه",
        speed="سرعت",
        volume="بلندی صدا",
        mute="بی‌صدا",
        share="هم‌رسانی",
        link="پیوند مستقیم",
        code="کد جاسازی",
        copy="رونوشت",
        copied="در بریده‌دان رونوشت شد",
        start="شروع از",
        subscribe="اشتراک",
        settings="تنظیمات",
        remember="به خاطر سپردن جای توقف",
        search="جست‌وجو در متن",
        found="یافته‌ها:",
        lost="بارگذاری متن ممکن نشد",
        episodes="قسمت‌ها",
        no_episodes="هنوز قسمتی منتشر نشده است",
        older="قسمت‌های قدیمی‌تر",
        newer="قسمت‌های جدیدتر",
        find="جست‌وجو در قسمت‌ها",
        persons="با حضور",
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
        empty="لا يوجد ملف متاح للتشغيل حاليًا",
        loading="يرجى الانتظار…",
        error="تعذّر تحميل الصوت",
        retry="إعادة المحاولة",
        scheduled="غير متاح بعد",
        withdrawn="لم تعد هذه الحلقة متاحة",
        play="تشغيل",
        pause="إيقاف مؤقت",
        back="15 ثانية إلى الوراء",
        forward="30 ثانية إلى الأمام",
        position="الموضع",
        speed="السرعة",
        volume="مستوى الصوت",
        mute="كتم الصوت",
        share="مشاركة",
        link="رابط مباشر",
        code="شيفرة التضمين",
        copy="نسخ",
        copied="نُسخ إلى الحافظة",
        start="البدء عند",
        subscribe="اشتراك",
        settings="الإعدادات",
        remember="تذكّر موضع التوقف",
        search="البحث في النص",
        found="النتائج:",
        lost="تعذّر تحميل النص",
        episodes="الحلقات",
        no_episodes="لا توجد حلقات بعد",
        older="حلقات أقدم",
        newer="حلقات أحدث",
        find="البحث في الحلقات",
        persons="المشاركون",
        notes="عن هذه الحلقة",
        chapters="الفصول",
        transcript="النص",
    ),
}


def player_words() -> dict[str, dict[str, str]]:
    """Return what the script says, by language and by the name of the word; ``direction`` is ltr or rtl."""
    return {tag: {"direction": direction(tag)} | {name: getattr(words, name) for name in _SPOKEN} for tag, words in _LABELS.items()}


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
