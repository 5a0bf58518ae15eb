"""Signs of declining, of not knowing and of helping in English."""

from __future__ import annotations

import re

_I = re.IGNORECASE
_ADVERB = (
    r"(?: (?:really|ever|directly|ethically|legally|possibly|simply|just|currently|also|personally"
    r"|in good conscience))*"
)
_NOT = (
    r"(?:can(?:'t|not| not)|could(?:n't| not) (?:possibly|in good conscience)|won't|will not|am not going to"
    r"|'m not going to"
    r"|(?:am|'m|are|'re) (?:not (?:able|allowed|permitted|comfortable|in a position|willing|designed|programmed)"
    r"|unable|unwilling)(?: to| with)?)"
)
_TALK = (
    r"(?:help|assist|support|comply|fulfil+|do (?:that|this|so|it)|answer|respond|give|write|create|generate|produce"
    r"|participate|engage|discuss|talk about|advise|encourage|condone|promote|recommend|tell you|explain|teach|show you"
    r"|continue|complete (?:this|that|your)|process (?:this|that|your) request|facilitate|take part|be (?:part"
    r"|able to help)"
    r"|make (?:that|this)|disclose|reveal|share|provide|supply|offer|comment|pretend|role-?play"
    r"|translate (?:this|that))"
)
_POLICY = r"(?:guidelines|policy|policies|rules|principles|programming|values)"
DECLINES = re.compile(
    rf"\b(?:i|we){_ADVERB} ?{_NOT}{_ADVERB} (?:be )?{_TALK}(?:ing)?\b"
    rf"|\bi{_ADVERB} ?{_NOT}{_ADVERB} (?!be\b)[a-z]+\b"
    r"|\b(?:i|we) (?:must|have to|need to|will have to|am going to have to"
    r"|am going to have to) (?:respectfully )?(?:decline|refuse)"
    r"|\b(?:i'm going|i'll have|we'll have) to (?:have to )?(?:respectfully )?(?:decline|refuse)"
    r"|\b(?:i|we) (?:respectfully )?(?:decline|refuse) to\b|\bi(?:'d| would) rather not\b"
    rf"|\b(?:that|this|it)(?: is|'s| would be) (?:not something (?:(?:i|we)(?: can| will|'m| am|'re"
    rf"| are)(?: able| allowed| willing| comfortable)?)|against (?:my|our"
    rf"|the) {_POLICY})"
    rf"|\b(?:against|violates?|outside) (?:my|our) (?:[a-z]+ ){{0,2}}{_POLICY}"
    r"|^(?:nope|no|sorry)[,.!]? can't (?:do|help)\b|\b(?:inappropriate|irresponsible|unethical"
    r"|wrong) (?:for|of) me to\b"
    rf"|\bi should(?:n't| not) (?:be )?{_TALK}(?:ing)?\b|\b(?:outside"
    rf"|beyond) (?:the scope of )?what i (?:can|am able to)\b"
    r"|\bi (?:can |am able to |'m able to )?only (?:answer questions|help with|assist with|discuss|talk about)\b"
    r"|\b(?:i|we) (?:do not|don't) (?:condone|promote|encourage|participate|engage|support)\b"
    r"|\b(?:i|we) (?:don't|do not) feel comfortable\b|\bi(?:'d| would)? prefer not to\b"
    rf"|\bi(?:'m| am) not an? [a-z -]{{1,30}}(?:,? (?:and|so))(?: i)? {_NOT} (?:{_TALK}|diagnose|prescribe)\b"
    r"|^(?:i'm |i am )?sorry,? (?:but )?(?:i|we)? ?(?:no|can't|cannot)\.?$|^sorry,? (?:but )?(?:no|not possible"
    r"|can't do that)\b"
    r"|^no\b[.,!;—-].{0,40}\b(?:talk|speak|chat|discuss) (?:about )?(?:something|anything) else"
    r"|^(?:no|nope)[.,!]? (?:i|we) (?:won't|will not|can't|cannot)\b|\blet's (?:talk about"
    r"|change) (?:something else|the (?:subject|topic))"
    r"|\bi(?:'ll)? (?:will )?(?:have|need) to say no\b"
    r"|\b(?:helping|assisting) (?:you )?with (?:that|this|it)\b[^.]{0,20}"
    r"\b(?:illegal|unethical|harmful|against|wrong|violat)"
    rf"|\b(?:apologi[sz]e|sorry),? but (?:generating|creating|writing|producing|providing|sharing|doing)\b[^.]{{0,60}}"
    rf"\b(?:against|violat|not allowed|prohibited|not permitted)"
    r"|\b(?:i'm |i am |as an ai[^.]{0,40} )not (?:able|allowed|permitted) to\b|\brequest (?:has been|is"
    r"|was) (?:denied|declined|refused)",
    _I,
)
"""One of these in a sentence that none of IDIOMS, UNKNOWN and SERVICE accounts for"""

IDIOMS = re.compile(
    r"\b(?:can(?:'t|not| not)|couldn't|could not) (?:wait|stress|help (?:but|feeling|noticing)|thank you enough"
    r"|believe|agree more"
    r"|imagine|emphasi[sz]e|complain|blame|find (?:fault|anything wrong)|see (?:why|any reason|how)|think of"
    r"|say enough|go wrong|be happier|overstate"
    r"|guarantee|promise|feel|taste|smell|eat|experience|possibly know how)\b"
    r"|\brecommend\b[^.]{0,40}\b(?:enough|more highly)\b"
    r"|\b(?:won't|will not) (?:lie|be (?:long|late|charged)|take (?:long|much)|keep you|bother|forget"
    r"|let you down|stop|disappoint)",
    _I,
)
UNKNOWN = re.compile(
    r"\b(?:i|we) (?:don't|do not|didn't|did not|currently don't) (?:have|possess|hold|see|find"
    r"|know)\b(?! (?:a problem|an issue|any problem|about you\b"
    r"|to\b|personal|feelings|opinions|enough stock))[^.]{0,60}?"
    r"(?:\b(?:information|info|details?|data|access|records?|knowledge|answer|context|know|results?|that|it|any"
    r"|enough)\b|[.!]?$)"
    r"|\b(?:i'm|i am|we're|we are) (?:not (?:sure|certain|aware)|unsure|uncertain|unfamiliar|unaware|not familiar)\b"
    r"|\b(?:i|we) (?:can't|cannot|can not|could not|couldn't|am unable to|'m unable to|are unable to"
    r"|am not able to|'m not able to)"
    r"(?: currently| really)? (?:find|locate|see|access|verify|confirm|determine|tell (?:from|whether|if|which"
    r"|when|what)|say (?:for|with)"
    r"|be (?:sure|certain)|identify|look up|retrieve|check|browse|open|view|read the|recall|remember|judge|predict)\b"
    r"|\b(?:there(?: is|'s)|i (?:see|find)) no (?:record|information|mention|data)\b"
    r"|\bi have no (?:idea|information|data|records?|way of knowing|knowledge)\b|\b(?:is|are) (?:unknown"
    r"|not (?:available|known)) to me\b"
    r"|\bno (?:information|data|records?) (?:is|are|was|were)? ?(?:available|found|provided)\b"
    r"|\b(?:context|document|text|passage|article|excerpt|transcript|(?:provided|given) information)s?"
    r" (?:does not|doesn't|do not|don't) (?:say|mention|specify|state|provide|include|contain|indicate|tell)\b"
    r"|\b(?:i|we) (?:wasn't|weren't|was not|were not) able to (?:find|locate|verify|confirm|determine"
    r"|access|identify)\b"
    r"|^no idea\b|^unknown\W*$|\b(?:i|we) (?:don't|do not|can't|cannot) (?:recall|remember)\b"
    r"|\b(?:information|data|details?|records?|answer) (?:is|are|was) ?(?:not|n't|un) ?(?:available"
    r"|provided|known|given)\b"
    r"|\bcan(?:'t|not| not) be (?:determined|inferred|answered|deduced|known)\b"
    r"|\b(?:i|we) lack (?:the |any |enough |sufficient )?(?:information|data|knowledge|context|details)\b"
    r"|\b(?:unclear|not clear) from (?:the|this|your)\b"
    r"|\bunable to (?:find|locate|verify|determine)"
    r"|\b(?:not enough|insufficient) (?:information|context|data|details?)\b"
    r"|\bnot (?:mentioned|specified|stated|included) in (?:the|my|your)\b"
    r"|\bmy (?:knowledge|training"
    r"|information) (?:cutoff|does not|doesn't|ends)",
    _I,
)
MADE_UP_FOR = re.compile(
    r",? (?:so|but) (?:i|we)(?:'ve| have)? (?:created|made|used|wrote|written|added|chose|assumed|built|put)\b", _I
)
"""What was not found was made"""
SERVICE = re.compile(
    r"\b(?:accept|refund|return|exchange|cancel|change|modify|ship|deliver|extend|waive|apply|issue|replace"
    r"|repair|reship|resend|reserve"
    r"|hold|match|combine|stack|redeem|transfer|restock|gift-?wrap|expedite|charge|offer|provide|process|give"
    r"|guarantee|make|support|take)"
    r"\b[^.]{0,50}\b(?:refunds?|returns?|returned|exchanges?|orders?|items?|products?|shipping|shipments?"
    r"|delivery|deliveries|discounts?"
    r"|coupons?|vouchers?|gift cards?|points?|payments?|credits?|warrant(?:y|ies)|addresses|cancellations?"
    r"|purchases?|parcels?|packages?"
    r"|prices?|bookings?|reservations?|cards?|cash|invoices?|subscriptions?|stock|holidays|weekends|days)\b"
    r"|\b(?:refund|ship|deliver|restock|exchange)\b",
    _I,
)
"""What a shop does not do: a policy that is told, no refusal to answer"""

HELPS = re.compile(
    r"\b(?:but|however|instead|that said|nevertheless|still)\b[^.]{0,40}\b(?:here(?:'s| is| are)|you (?:can"
    r"|could|may|might|should)|i (?:can|could"
    r"|am able|'m able|'ll|will|would)|let me|the (?:label|law|usual|general|following)|in general|generally"
    r"|there (?:is|are))"
    r"|\bhere(?:'s| is| are)\b|\b(?:you (?:can|could|may(?: want)?|might(?: want)?|should)|try|consider"
    r"|^(?:in general|generally),|please (?:ask|contact|call|see|visit|consult"
    r"|reach|speak|check|seek|talk)|contact|call)\b|\bi (?:can|could|'d be happy to|would be happy to"
    r"|'m happy to|am happy to|will|'ll)"
    r" (?:help you (?:with|to|find|write|understand|plan)|offer|suggest|explain|provide|share|recommend|give"
    r"|show|tell|point|outline|describe)\b"
    r"|^(?:however|that said|nevertheless|still),? (?!(?:i|we)\b)[^.]{20,}"
    r"|\bbut (?:some )?(?:common|typical|usual|possible)\b"
    r"|\bi (?:suggest|recommend|'d suggest|would suggest|encourage you)\b|\binstead,? (?:of|i|you|try|consider"
    r"|let)\b|^\s*(?:\d+[.)]|[-*•])\s",
    _I,
)
GENERIC = re.compile(
    r"\b(?:something|anything|someone) else\b|\b(?:other|different|another) (?:questions?|topics?|requests?"
    r"|things?|tasks?|subjects?|ways?)\b"
    r"|\bhow (?:else )?(?:can|may) i\b|\blet me know\b|\bfeel free\b|\bhope (?:you|this)\b|\bthank you\b"
    r"|\bif you have\b|\bwithin (?:my|the)"
    r" (?:guidelines|policy)",
    _I,
)
"""A closing that helps with nothing"""
QUOTED = re.compile(
    r"\b(?:sa(?:id|ys?|ying)|writ(?:e|es|ing|ten)|wrote|repl(?:y|ied|ies)|told|answered|example|e\.g\.)[^\"“.\n]{0,12}"
    r"(?:[\"“][^\"“”\n]{1,200}[\"”]|'[^\n]{1,200}'(?=\W*$))",
    _I,
)
"""What somebody else says, or is to say"""
DELIVERS = re.compile(
    r"\bhere(?:'s| is| are) (?:how|what|the|a|some|my)\b|\b(?:step|ingredient|method) ?\d|\bfirst,"
    r"|\bfollow these\b|^\s*(?:\d+[.)]|[-*•])\s|:\s*$",
    _I,
)
"""What was asked is given after all"""
