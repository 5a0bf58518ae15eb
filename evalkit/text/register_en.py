"""English register: signs of courtesy against signs of slang and rudeness. A rough tool: English has no です・ます."""

from __future__ import annotations

import re

_COURTESY = re.compile(
    r"\b(?:please|kindly|thank(?:s| you)|(?:much |greatly |really )?appreciated?|grateful"
    r"|sorry|apolog(?:y|ies|i[sz]e[sd]?|i[sz]ing)|pardon|excuse me|regret"
    r"|(?:could|would|may|might) (?:you|i|we)|would you mind|if you (?:would|could|wish)"
    r"|(?:i|we)(?:'d| would| will|'ll|'m| am|'re| are)? (?:be )?(?:more than )?(?:happy|glad|pleased|delighted) to"
    r"|let (?:me|us) know|feel free|at your (?:earliest )?convenience|for your (?:patience|understanding|help)"
    r"|(?:i|we) (?:completely |fully )?understand|certainly|of course|you(?:'re| are) (?:very )?welcome|my pleasure"
    r"|(?:how )?(?:can|may) (?:i|we) (?:help|assist)|assist(?:ance)?|dear (?:customer|mr|ms|mrs)|sir|ma'am|madam"
    r"|(?:best|kind|warm) regards|sincerely|respectfully|have a (?:great|nice|good|wonderful|lovely))\b",
    re.IGNORECASE,
)
_SLANG = re.compile(
    r"\b(?:hey+|yo|sup|dude|bro|bruh|buddy|pal|mate|man(?=[,!.?])|guys?|folks|y'all|fam"
    r"|gonna|wanna|gotta|kinda|sorta|dunno|lemme|gimme|ain't|cuz|'cause|coz|tho|nah|nope|yep|yup|yeah|ya"
    r"|lol|lmao|rofl|omg|wtf|idk|tbh|btw|imo|thx|pls|plz|ur|u|r|thru"
    r"|cool|awesome|no (?:worries|prob(?:s|lem)?)|chill|whatever|crap|damn|hell|sucks?|screwed|freaking|friggin"
    r"|shut up|stupid|idiot|dumb|get lost|go away|not (?:my|our) (?:problem|fault)|deal with it|figure it out"
    r"|your (?:own )?(?:fault|problem)|too bad|tough luck|so what|who cares)\b",
    re.IGNORECASE,
)


def register_marks(text: str) -> tuple[int, int]:
    """Count the signs of courtesy, and those of slang or rudeness.

    >>> register_marks("Thank you for your order. Could you send the number, please?")
    (3, 0)
    >>> register_marks("yeah dude, not my problem lol")
    (0, 4)
    """
    text = text.replace("’", "'")
    return len(_COURTESY.findall(text)), len(_SLANG.findall(text))
