"""A hundred names that try pages hardest: what they do to markup, to direction, to the width of a screen.

An import takes out controls and marks of direction; whoever writes a row in another way may not, so they are here too.
"""

SCRIPTS = (
    "<script>alert('fox')</script>", '"><script>alert(1)</script>', "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>", "</script><!--", "<!--<script>", "]]><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", '"><img src=x onerror=alert(1)>', "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<iframe src=javascript:alert(1)>", "<body onload=alert(1)>",
    "<style>*{display:none}</style>", "<base href=//example.org>", "<link rel=stylesheet href=//example.org/x>",
    '<meta http-equiv="refresh" content="0;url=//example.org">', "<a href=javascript:alert(1)>x</a>",
    "<plaintext>", "<textarea>", "</bdi></a></li></ol></main>", "<math><mtext></form><form><mglyph><svg>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<template><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;alert(1)", "＜script＞alert(1)＜/script＞",
)  # fmt: skip
ATTRIBUTES = (
    "' onmouseover='alert(1)", '" onfocus="alert(1)" autofocus="', "` onmouseover=`alert(1)", "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "' style='position:fixed;inset:0",
    '" hx-get="/admin/" hx-trigger="load',
    "x\" data-url=\"javascript:alert(1)", "a'b\"c`d\\e/f",
)  # fmt: skip
TEMPLATES = (
    "{{ request.META }}", "{% now 'Y' %}", "{% include '/etc/passwd' %}", "${7*7}", "#{7*7}", "{{7*7}}", "<%= 7*7 %>",
    "%(siren)s %s %d %n", "{0} {siren} {}", "{{ constructor.constructor('alert(1)')() }}",
)  # fmt: skip
STATEMENTS = (
    "'; DROP TABLE enterprise_entreprise; --", "' OR '1'='1", "1); SELECT pg_sleep(10); --", "\\'; SELECT 1; --",
    "$$ SELECT 1 $$", "name:* OR text:\"x\" AND NOT (y", "/.*/ ~2 ^9 [a TO z]", "%_%",
)  # fmt: skip
DIRECTIONS = (
    "\u202eמאפייה הפינה\u202c", "\u202egnp.exe", "مخبز الثعلب الأحمر", "\u2067מאפייה\u2069 LYON", "שלום SARL 123 עולם",
    "\u200fLE FOURNIL\u200f", "A\u202bB\u202aC\u202dD\u202eE", "\u2066\u2067\u2068LE FOUR", "בית קפה (LYON) 69003",
)  # fmt: skip
HOMOGLYPHS = (
    "РАУРАL АВС", "GООGLЕ FRАNСЕ", "ᴬᴾᴾᴸᴱ", "ＡＰＰＬＥ ＦＲＡＮＣＥ", "𝕱𝖔𝖚𝖗𝖓𝖎𝖑 𝔡𝔢 𝔏𝔶𝔬𝔫", "ⒻⓄⓊⓇⓃⒾⓁ",
    "ΑΒΓ ΤΑΧΙ", "ꜰᴏᴜʀɴɪʟ",
)  # fmt: skip
LONG = (
    "X" * 500, "MOT " * 125, "a-" * 250, "Œ" * 500, "🦊" * 250, "1" * 255, "." * 255,
    "www." + "fournil" * 40 + ".example",
    "أ" * 255, "한" * 255,
)  # fmt: skip
EMOJI = ("🦊👩‍👩‍👧‍👦", "Ets 🥐 & Fils 🇫🇷", "👍🏿👍🏻", "☠️☢️☣️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "\U0001f1eb", "♥︎ ♥️ ♥")
MARKS = (
    "Z" + "\u0315\u0350\u0356\u0316" * 15 + "A" + "\u0363" * 40, "e\u0301te\u0301 c\u0327a", "\u0301SEUL", "ก็็็็็็็็็็็็็็็็็็็็",
    "FOX\u20dd\u20e3", "\u200d\u200d\u200d", "A\u200bB\u200bC\ufeffD\u2060E",
)  # fmt: skip
CONTROLS = (
    "A\x01B\x1fC\x7fD",
    "A\rB\nC\tD",
    "\u2028A\u2029B\x85C",
    "A\x1b[31mROUGE\x1b[0m",
    "\ufffe\uffff\ufdd0",
)

HOSTILE = (
    *SCRIPTS, *ATTRIBUTES, *TEMPLATES, *STATEMENTS, *DIRECTIONS, *HOMOGLYPHS, *LONG, *EMOJI, *MARKS, *CONTROLS,
)  # fmt: skip
MAX_NAME = 255  # letters of Entreprise.nom
assert len({*HOSTILE}) == 100, len({*HOSTILE})
