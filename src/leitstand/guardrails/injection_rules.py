"""Which phrases speak to the model behind the workflow instead of to a person, and why is each suspicious?

Patterns are RE2, over text in lower case. A blank stands for up to four characters that are neither letters nor digits, so that
``ignore-all.previous`` and ``ignoreallprevious`` are found too; ``~`` for up to forty characters within a sentence.
"""

import functools
from dataclasses import dataclass

import re2

_GAP = r"[^.!?\n]{0,40}?"
_LOOSE_GAP = r"[^.!?\n]*?"
_BLANK = "[^a-z0-9äöüß]{0,4}"
_LETTER = "[a-zäöüß]"
_EDGE = r"(?:^|\b|[^a-z0-9äöüß])"

_ORDERS = "(?:instructions?|orders?|commands?|directions?|directives?|rules?|guidelines?|prompts?|polic(?:y|ies)|restrictions?|programming|constraints?|safeguards?)"
_PRIOR = "(?:previous|prior|preceding|above|earlier|foregoing|all|any|every|your|original|initial|system|other|existing)"
_DROP = "(?:ignore|disregard|forget|override|overwrite|bypass|discard|neglect|dismiss|abandon|skip|drop|violate)"
_BEFREIT = "(?:ignorier|vergiss|vergess|missacht|überschreib|verwirf|verwerf|streich|übergeh|umgeh|außer acht lass|hinter sich|lösch)"
_VORIG = "(?:bisherig|vorherig|vorig|vorangegangen|vorangehend|vorangestellt|vorausgehend|obig|vorstehend|sämtlich|all|dein|eur|ursprünglich|früher|davor|zuvor)"
_VORGABE = "(?:anweisung|instruktion|vorgabe|regel|befehl|richtlinie|anordnung|aufgabe|ausführung|information|einschränkung|system-?prompt|prompt|programmierung|text|eingabe)"

RULES: dict[str, tuple[str, ...]] = {
    "override": (
        rf"\b{_DROP} (?:(?:the|these|those|my|of|our) ){{0,3}}{_PRIOR} (?:(?:the|of|your|my|previous|prior|above|safety|system|given) ){{0,3}}{_ORDERS}",
        rf"\b{_DROP} (?:the )?{_ORDERS} (?:above|before|you (?:were|have|got)|given)",
        r"\b(?:ignore|disregard|forget) (?:everything|all|anything)(?: of)? (?:(?:that )?(?:before|above|prior|previous|earlier|preceding|you|i|we|was|has)|the (?:previous|above))",
        r"\bforget (?:everything|all) (?:that )?(?:before|i|you|we)\b",
        rf"\bpay no attention to (?:the |your |any )?{_PRIOR}",
        rf"\b(?:previous|prior|above|earlier|old) {_ORDERS} (?:are|were|is|was) (?:now )?(?:void|invalid|cancell?ed|obsolete|revoked|replaced|no longer)",
        rf"\b(?:new|updated|real|actual|true|revised) (?:{_ORDERS}|task|system message|system prompt)[^.\n]{{0,30}}:",
        rf"\byour (?:new |real |only |actual )?(?:{_ORDERS}|task|job|goal|purpose) (?:is|are) (?:now|from now on|no longer)",
        r"\bstop (?:following|obeying|being bound by) (?:the|your|any|all)",
        rf"\b{_BEFREIT}\pL* (?:bitte |sie |jetzt |mal |einfach |du ){{0,3}}(?:~)?\b{_VORIG}\pL* (?:~)?{_VORGABE}",
        rf"\b(?:alle|die|deine|sämtliche) (?:{_VORIG}\pL* )?{_VORGABE}\pL* (?:~)?\b{_BEFREIT}\pL*",
        r"\b(?:vergiss|vergesst|vergessen sie|ignorier\pL*(?: sie)?) (?:bitte )?(?:alles|was|das) (?:was|man|wir|ich|du|bisher|vorher|davor|vorige|bisherige|gesagte|obige|zuvor|oben)",
        r"\balles (?:bisherige|vorherige|vorige|obige|gesagte|davor|zuvor) (?:~)?(?:streich|ignorier|vergess|lösch|verwerf|ungültig)",
        rf"\b(?:{_VORGABE}\pL*|abschnitt) (?:~)?\b(?:ungültig|aufgehoben|hinfällig|außer kraft|nur ein test|gelten (?:ab \pL+ )?nicht)",
        rf"\b(?:neue|echte|aktuelle|geänderte|eigentliche)[nrs]? (?:{_VORGABE}|systemnachricht|systemanweisung)\pL*[^.\n]{{0,40}}:",
        rf"\b(?:folgen|kommen) (?:nun |jetzt |aber |noch |dir ){{0,3}}(?:~)?(?:neue|weitere|ein paar) {_VORGABE}",
        rf"\begal was (?:~)?(?:{_VORGABE})",
        rf"\b(?:abweichend|entgegen|anders als) (?:~)?\b{_VORIG}\pL* {_VORGABE}",
        rf"\b(?:contrary to|instead of|regardless of|despite) (?:the |all |any |your ){{0,2}}(?:previous|prior|above|earlier|existing|original) {_ORDERS}",
        r"\bforget (?:about )?(?:everything|all of (?:that|this))\b",
        r"\b(?:do not|don t) (?:look|use|cite|consult|rely) (?:~)?\b(?:documents|sources|articles|passages|context)\b",
        r"\bhör\pL* auf,? (?:~)?\bzu (?:zitieren|folgen|befolgen|prüfen)",
        r"\bsetz\pL* (?:dich|sie sich) über (?:~)?(?:regel|vorgabe|anweisung|richtlinie)",
    ),
    "persona": (
        r"\bfrom now on (?:you|your|u) (?:(?:will|are|must|should|have to|shall|can|re|only) ){1,3}(?:going to |now )?(?:act|be|answer|follow|respond|pretend|forget|play|speak|roleplay|a|an|the|not|ignore)\b",
        r"\byou are (?:now )?(?:going to|about to) (?:pretend|act|role ?play|be|play|immerse|impersonate)\b",
        r"\byou are now (?:an? |the )?(?:dan|evil|unfiltered|unrestricted|uncensored|free|different|new|pirate|hacker|\pL+gpt)\b",
        r"\b(?:pretend|imagine|act|behave|respond|answer|reply|speak)(?: as)?(?: if| like| that)? (?:you (?:are|were|have|had)|an? |the )(?:~)?\b(?:(?:no|without|free (?:of|from)|not bound by|any) (?:~)?(?:rules?|restrictions?|filters?|ethic\pL*|moral\pL*|guidelines|limit\pL*|boundaries|censor\pL*)|evil|amoral|immoral|unfiltered|uncensored|unrestricted)",
        r"\b(?:unfiltered|uncensored|amoral|unrestricted|jailbroken|immoral|unethical) (?:and \pL+ |, ?\pL+ )?(?:ai|a i|chatbot|chat bot|bot|assistant|language model|version|response|answer|mode|persona|character)",
        r"\b(?:ai|assistant|chatbot|chatgpt|you|it|they|he|she|dan) (?:~)?\b(?:no longer|not|never|doesn t|don t|without|free (?:of|from)|freed from|broken free) (?:~)?\b(?:bound|restrain\pL*|restrict\pL*|limit\pL*|confine\pL*|abide|adhere|follow|obey|constrained)\b(?:~)?\b(?:rules|ethic\pL*|moral\pL*|guidelines|confines|openai|polic\pL*|censor\pL*|law)",
        r"\b(?:do|does|did|has|have|with) ?(?:not have )?(?:no|any) (?:ethic\pL*|moral\pL*)(?: or| and|,)? (?:ethic\pL*|moral\pL*|principles|code|guidelines|restrictions|boundaries|limits|compass|rules)",
        r"\bdo anything now\b",
        r"\b(?:dan|developer|debug|god|sudo|jailbreak|unrestricted|opposite|evil) mode (?:is |has been |now )?(?:enabled|activated|on|engaged|output|active)\b",
        r"\b(?:enable|activate|enter|simulate) (?:~)?\b(?:dan|developer|debug|god|sudo|jailbreak|unrestricted|evil) mode\b",
        r"\bbroken free (?:of|from) (?:~)?(?:confines|limits|rules|ai)",
        r"\b(?:can ?not|can t|must not|will not|won t|never|do not|don t) (?:~)?\b(?:refuse|reject|decline|deny)\b(?:~)?\b(?:request|answer|question|prompt|order|anything|command|instruction|me|user)",
        r"\bforget (?:that )?you (?:are|re) (?:an? )?(?:ai|language model|assistant|chatbot)",
        r"\b(?:openai|anthropic|google|meta) s? ?(?:content )?(?:polic(?:y|ies)|guidelines|rules|restrictions|values|usage)",
        r"\b(?:stay|remain|keep) in (?:~)?character\b|\bbreak(?:s|ing)? character\b|\bstop being (?:in character|\pL+gpt)",
        r"\btwo (?:different )?(?:separate )?(?:ways|responses|answers|paragraphs)\b(?:~)?(?:first|gpt|normal)",
        r"\bintroduce yourself (?:as|by saying)\b",
        r"\b(?:ab|von) (?:jetzt|sofort|nun)(?: an)? (?:bist|antwortest|antwortet|endet|wirst|darfst|sollst|musst|verhältst|sprichst|gibst|heißt|beginnt|hast) (?:du|jede|deine)",
        r"\bdu bist (?:jetzt|nun|ab jetzt|ab sofort|ab nun|von nun an|nicht mehr|kein \pL+ mehr)\b",
        r"\b(?:tu|tue|tun sie) so,? (?:als (?:ob|wärst|seist|hättest|wären|gäbe)|wie)",
        r"\b(?:spiel\pL*|übernimm|schlüpf\pL*) (?:~)?\brolle\b(?:~)?\b(?:ki|ohne|bot|assistent|hacker|system|keine|regel)",
        r"\b(?:keinerlei|keine|ohne) (?:jegliche |jede |irgendwelche |ethischen? |moralischen? ){0,2}(?:regeln|einschränkung\pL*|filter|zensur|moral|richtlinien|grenzen|tabus)\b(?:~)?\b(?:antwort|beantwort|mehr|ki|bot|du)\pL*",
        r"\b(?:antwort|beantwort)\pL* (?:~)?\b(?:ohne|frei von) (?:jede |jegliche |alle )?(?:einschränkung|filter|zensur|regel|moral|grenze)",
        r"\b(?:antworte|reagiere|sprich) (?:mir )?(?:ab jetzt|ab sofort|von nun an|künftig|fortan|nur noch)",
        r"\b(?:jetzt|nun) bist du\b",
        r"\bstell\pL* dir vor,? (?:dass )?du (?:bist|wärst|wärest|seist) (?:~)?(?:ki\b|modell|bot\b|assistent|unzensiert|ungefiltert|böse|ohne)",
        r"\b(?:unzensiert|ungefiltert|uneingeschränkt)\pL* (?:ki|modell|bot|assistent|sprachmodell|antwort|text|version)",
        r"\b(?:wartungs|entwickler|debug|admin|administrator|gott|test) ?modus (?:~)?\b(?:gelten|darfst|bist|befindest|alle (?:filter|regeln))",
        r"\bdu befindest dich (?:jetzt|nun|ab jetzt) im \pL*modus",
        r"\b(?:moderation|sicherheitsrichtlinie|inhaltsfilter|zensur)\pL* (?:~)?\b(?:abgeschaltet|deaktiviert|aufgehoben|gelten nicht)",
        r"\b(?:not|isn t|aren t|never|un) ?(?:restrain\pL*|bound\pL*|constrained|restricted) by (?:~)?(?:moral|ethic|rule|guideline|polic)",
        r"\b(?:any|all) (?:kinds?|types?|sorts?) of content\b",
        r"\bfilter (?:~)?\b(?:deaktiviert|abgeschaltet|ausgeschaltet|aufgehoben)",
    ),
    "leak": (
        r"\b(?:reveal|show|print|display|output|repeat|tell|give|leak|share|disclose|expose|write|list|return|dump|recite|summari[sz]e|translate|spell ?check|what (?:is|are|was|were)) (?:~)?\b(?:system|initial|hidden|original|secret|internal|developer|your|this|the above|pre) ?(?:full |exact |complete |own |system |initial |hidden |secret |original ){0,2}(?:prompts?\b|instructions\b|system message|guidelines\b|configuration\b)",
        r"\b(?:repeat|print|output|display|write|recite|say|copy) (?:~)?\b(?:everything|all|words|text|sentences?|lines?|message|instructions) (?:that (?:is|was|comes) |written )?(?:above|before|prior|preceding)",
        r"\bwhat (?:is|are|was|were|does) (?:~)?\b(?:words|text|sentences?|lines?|instructions?) (?:above|before|preceding)\b",
        r"\b(?:your|the) system prompt\b",
        r"\byour (?:internal|hidden|secret|original|initial|confidential) (?:instructions|prompt|rules|guidelines|configuration)\b",
        r"\b(?:dein|eur)e[rmns]? (?:intern|geheim|versteckt|ursprünglich)\pL* (?:anweisung|vorgabe|regel|prompt|richtlinie|konfiguration)",
        r"\b(?:gib|nenn|zeig|verrat|schick)\pL* (?:~)?\b(?:hinterlegt|vertraulich)\pL* (?:zugangsdaten|kundendaten|passw|schlüssel|vertrags)",
        r"\bprint \(? ?(?:system|prompt|instructions)",
        r"\b(?:send|forward|post|upload|transmit|exfiltrate|leak) (?:~)?\b(?:conversation|chat history|api keys?|passwords?|credentials|secrets?|cookies|user data|environment variables)\b(?:~)?\b(?:to|via|using)\b",
        r"\b(?:zeig|gib|nenn|verrat|druck|wiederhol|list|schreib|offenbar|sag|übersetz|fass|verkünde|poste|kopier|leg)\pL* (?:~)?\b(?:system-?prompt|systemnachricht|systemanweisung|(?:dein|eur)\pL* (?:\pL+ ){0,3}(?:anweisung|instruktion|konfiguration|vorgabe|regel|prompt|richtlinie|werkzeug|befehl)\pL*|(?:intern|geheim|versteckt)\pL* (?:~)?(?:anweisung|vorgabe|prompt|freigabe|passw|kundendaten|zugangsdaten|schlüssel|regel|notiz))",
        r"\b(?:dein|eur)\pL* (?:\pL+ ){0,2}(?:system-?prompt|initialprompt|systemnachricht|systemanweisung)",
        r"\b(?:wort für wort|wörtlich|wortgetreu) (?:~)?(?:~)?\b(?:oberhalb|über dieser|davor|bisher|vorgaben|anweisung)",
        r"\b(?:oberhalb|über) dieser (?:zeile|nachricht)\b",
        r"\b(?:was|alles) (?:~)?\b(?:steht|stand) (?:~)?\b(?:oberhalb|vor dieser|über diesem|vor diesem)",
        r"\b(?:intern|geheim)\pL* (?:freigabecode|passwort|passwörter|kundendaten|zugangsdaten|api-?schlüssel)",
        r"\bapi ?(?:schlüssel|keys?) (?:~)?(?:kontext|anzeig|ausgeb|nenn|verrat)",
    ),
    "addressed": (
        r"\b(?:note|attention|instructions?|message|notice|hint|important|reminder|warning) (?:to|for) (?:the |all |any |every )?(?:ai|a i|llms?|language models?|ai assistants?|chatbots?|bots?|gpt|automated|automatic|large language|assistant)\b",
        r"\bif you (?:are|re) (?:an? )?(?:ai|a i|llm|language model|large language model|chatbot|bot|automated)",
        r"\b(?:attention|dear|hey|hi|hello) (?:~)?\b(?:ai|llm|language model|chatgpt|gpt|claude|gemini|copilot)\b",
        r"\b(?:ai|a i|llm) (?:assistant|system|model|agent|reviewer|tool)s? (?:~)?\b(?:must|should|shall|reading|processing|are (?:required|instructed)|is (?:required|instructed))\b",
        r"\b(?:do not|don t|never|without) (?:mention|mentioning|reveal|revealing|tell|telling|disclose|disclosing|inform|informing|say|alert) (?:~)?\b(?:this (?:note|instruction|message|hint|prompt|to)|the user|the human|anyone)\b",
        r"\b(?:end|begin|start|beginning) of (?:the |new )?(?:user|system|developer) ?(?:s)? (?:input|query|prompt|message|instructions?|document|request)",
        r"\b(?:modify|adjust|change|alter|rewrite|begin|start|end|finish|conclude|append|insert|include|incorporate|integrate|add|weave|merge|blend|embed|make|put|use|place) (?:~)?(?:~)?\b(?:in|to|into|with|within|of|throughout)? ?your (?:final |next |own |generated )?(?:answer|response|reply|solution|summary|output|implementation|code|analysis)s?\b",
        r"\b(?:respond|reply|answer) (?:to (?:this|the|any|every|all) (?:~)?)?(?:only|exclusively|solely) (?:with|in|using)\b",
        r"\b(?:hinweis|anweisung|nachricht|mitteilung|notiz|information|achtung|wichtig)\pL* (?:für|an) (?:die |den |das |alle |jede )?(?:\pL+e[nr]? )?(?:ki|k i|llm|sprachmodell|ki-?\pL+|assistent|chatbot|bot|auswert|ai|automatisch)\pL*",
        r"\b(?:an|für) (?:alle |das |die |den )(?:\pL+ )?(?:ki|sprachmodell|chatbot|llm)(?: ?(?:system|modell|assistent|agent|bot)\pL*)?\b",
        r"\b(?:wenn|falls|sobald|während) (?:du|sie) (?:(?:als|eine?) \pL+ )?(?:diese[nrsm]?|das|den) (?:absatz|text|dokument|satz|nachricht|mail|e mail|abschnitt|zeile) (?:\pL+ )?(?:liest|lesen|verarbeitest|verarbeiten|zusammenfasst|siehst)\b(?:~)?\b(?:du|dann|antwort|gib|ki)",
        r"\b(?:achtung|hallo|liebe[rs]?),? (?:ki\b|sprachmodell|chatbot|llm|ki-\pL+|assistent\b)",
        r"\b(?:ki|ai|llm) (?:agent|assistent|assistant|system|modell|model|bot)(?:en|s)?:",
        r"\ban (?:den|die|das|alle) (?:assistent\pL*|bot|chatbot|sprachmodell|ki):",
        r"\b(?:erwähn|nenn|verrat)\pL* (?:~)?\bdiese[nr]? (?:hinweis|anweisung|nachricht|notiz|text)(?: \pL+)? nicht\b",
        r"\bsag\pL* (?:es )?(?:niemandem|keinem|dem (?:nutzer|kunden|benutzer) (?:nichts|davon))",
        r"\b(?:ist|sind|wird) (?:~)?(?:~)?\b(?:auszugeben|einzustufen|zu bewerten als|zu antworten)\b",
        r"\bunabhängig vom (?:restlichen|übrigen|sonstigen) (?:inhalt|text)",
        r"\b(?:beginn|ende|anfang) (?:der|des|neuer|einer) (?:neuen )?(?:nutzer|system|benutzer|entwickler)\pL*",
    ),
    "markup": (
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|start_header_id|eot_id)",
        r"\[/?inst\]|<</?sys>>",
        r"(?m)^[ \t]*#{2,6} ?(?:system|instruction|new instruction|human|assistant|anweisung|systemanweisung)\b[^\n]{0,30}:",
        r"(?m)^[ \t>*]*(?:\[?system\]?|\[?assistant\]?|\[?developer\]?) ?(?:message|prompt|override|note)?\]? ?: ?\pL",
        r"\[(?:system|admin|developer)\]",
        r"</?(?:system|assistant|instructions?|prompt)>",
        r"!\[[^\]\n]{0,80}\]\(https?://[^)\s]{0,200}\?[^)\s]{0,40}=",
    ),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: the rule's reason and the stretch of the searched text."""

    reason: str
    start: int
    end: int


def hits(text: str) -> tuple[Hit, ...]:
    """The first place of every rule that ``text`` breaks; ``text`` in lower case."""
    matched, rules = _compiled()
    found = []
    for number in matched.Match(text) or ():
        reason, pattern = rules[number]
        match = pattern.search(text)
        if match is not None:
            found.append(Hit(reason, match.start(), match.end()))
    return tuple(found)


def patterns(gap: str = _GAP) -> tuple[tuple[str, str], ...]:
    """Reason and RE2 pattern of every rule."""
    return tuple((reason, _expanded(rule, gap)) for reason, rules in RULES.items() for rule in rules)


def _expanded(rule: str, gap: str) -> str:
    """RE2 knows word edges in ASCII only, and its Unicode classes make the set slow to compile: hence our own."""
    plain = rule.replace("(?:~)?", "~").replace(" ", _BLANK).replace("~", gap)
    return plain.replace(r"\pL", _LETTER).replace(r"\b", _EDGE)


@functools.cache
def _compiled() -> "tuple[re2.Set, tuple[tuple[str, re2._Regexp], ...]]":
    """One set that scans a text once for all rules, and each rule alone to say where.

    The set does not count the letters of gaps, because the counters of a hundred rules multiply. Its memory is ample: a set that runs out
    of it misses in silence.
    """
    options = re2.Options()
    options.max_mem = 256 << 20
    together = re2.Set.SearchSet(options)
    for _, pattern in patterns(_LOOSE_GAP):
        together.Add(pattern)
    together.Compile()
    return together, tuple((reason, re2.compile(pattern, options)) for reason, pattern in patterns())
