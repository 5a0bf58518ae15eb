"""Support tickets in three registers, each with an intent, a product, a priority and mostly an order number."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

INTENTS = ("refund", "delivery", "account", "cancel", "question")
REGISTERS = ("polite", "plain", "casual")

TRAIN_PRODUCTS = (
    "kettle", "blender", "toaster", "desk lamp", "backpack", "jacket", "keyboard", "teapot", "umbrella", "monitor",
    "yoga mat", "chair", "wallet", "printer", "rug", "bike helmet", "water bottle", "pillow",
)  # fmt: skip
MORE_PRODUCTS = (
    "sofa", "bag", "ring", "radio", "cup", "phone case", "belt", "lantern", "mixer", "bench", "hat", "clock", "vase",
    "microwave", "tripod", "drum", "ladder", "skirt", "coat rack", "razor", "scale", "notebook", "bed frame",
    "game set", "toy car", "fridge", "flute", "boots", "gloves", "drill", "map", "pen", "bottle opener", "cushion",
    "towel", "stove",
)  # fmt: skip
HELD_OUT_PRODUCTS = (
    "rice cooker", "scarf", "tent", "camera", "suitcase", "fan", "speaker", "watch", "mirror", "tea set",
    "heater", "bookshelf", "kettle", "jacket", "printer", "pillow",
)  # fmt: skip

TRAIN_CORES: dict[str, tuple[str, ...]] = {
    "refund": (
        "I want my money back for the {p} from order {o}.",
        "The {p} arrived broken and I would like a refund. My order is {o}.",
        "Order {o}: the {p} stopped working after one day, please pay me back.",
        "Please refund order {o}, the {p} has a crack in it.",
        "You sent the {p} in the wrong colour. I want a refund for order {o}.",
        "I returned the {p} last week but order {o} is still not refunded.",
        "My {p} is faulty and I expect my money back.",
        "I was charged twice for the {p}. Pay back the second charge on order {o}.",
        "The {p} does not fit, so I am asking for a refund.",
        "The {p} from order {o} smells terrible. Money back, please.",
    ),
    "delivery": (
        "Where is my {p}? I ordered it under {o}.",
        "Order {o} with the {p} has not arrived yet.",
        "When will the {p} from order {o} be delivered?",
        "The tracking page of order {o} has not moved for days. It is a {p}.",
        "My {p} was sent to the wrong address, order {o}.",
        "The courier says the {p} was left outside, but order {o} is not here.",
        "I am still waiting for my {p}.",
        "Has the {p} in order {o} left the warehouse?",
        "The parcel with the {p} is late.",
        "Can you tell me the arrival day of order {o}? It is the {p}.",
    ),
    "account": (
        "I cannot log in to look at my {p} order.",
        "I forgot my password and cannot see order {o} for the {p}.",
        "The site says my account is locked, so I cannot pay for the {p}.",
        "Please change the email on my account. I bought the {p} in order {o}.",
        "My login code never arrives, and I want to review the {p}.",
        "The password link for my account has expired. I only wanted the receipt of the {p}, order {o}.",
        "My profile shows another person's name on order {o} for the {p}.",
        "I cannot sign in on my phone to check the {p}.",
    ),
    "cancel": (
        "Please cancel order {o} for the {p}.",
        "I no longer need the {p}. Stop order {o}.",
        "I ordered the {p} by mistake, cancel order {o}.",
        "Cancel my {p} before it ships.",
        "I changed my mind about the {p}, please drop order {o}.",
        "I clicked twice and bought two. Cancel one {p}, order {o}.",
        "Do not send the {p}. I want to cancel.",
        "Please call off order {o}, I found the {p} in another shop.",
    ),
    "question": (
        "Does the {p} come in blue?",
        "How heavy is the {p}?",
        "Is the {p} still made by the same company?",
        "What is the difference between the old and the new {p}?",
        "Can I use the {p} outdoors?",
        "How long is the warranty of the {p}?",
        "Which size of the {p} is best for a child?",
        "Do you have the {p} in your shop in Osaka?",
        "Is there a manual for the {p} from order {o}?",
        "What is the {p} in order {o} made of?",
    ),
}
MORE_CORES: dict[str, tuple[str, ...]] = {
    "refund": (
        "There is a hole in the {p}. Send me my money for order {o}.",
        "Nothing was paid back to me yet although you have the {p} again, order {o}.",
        "The {p} looks used. I would like to be paid back for {o}.",
        "The {p} is not what the advert showed, give me a refund.",
        "A part of the {p} never came, so please return the price of order {o}.",
        "The {p} from {o} makes a strange noise and I want my money returned.",
        "The zip of the {p} came off. I ask for a refund of {o}.",
    ),
    "delivery": (
        "It has been ten days and there is no {p}. My number is {o}.",
        "Could you look up where the box with the {p} went? It is order {o}.",
        "Nobody brought the {p} yesterday, order {o}.",
        "On what day will the {p} be here?",
        "The site says order {o} was handed over, but I do not have the {p}.",
        "I got no tracking number for the {p}, order {o}.",
        "Has the courier lost my {p}? The order is {o}.",
    ),
    "account": (
        "Your page does not take my password, so I can't see order {o} with the {p}.",
        "I am shut out of my account and want the bill for the {p}.",
        "I get an error at sign-in after buying the {p} in order {o}.",
        "A stranger has used my account to look at the {p}.",
        "How can I set a new password? The {p} is in order {o}.",
        "Logging in does not work any more since I ordered the {p}.",
    ),
    "cancel": (
        "I would rather not get the {p}; please cancel {o}.",
        "Be so kind and stop order {o}, the {p} is not needed now.",
        "Can I still call off the {p}? I want it cancelled.",
        "My friend gave me a {p}, so cancel order {o}.",
        "Drop order {o}. The {p} costs too much.",
        "No {p} for me any more, take back order {o}.",
    ),
    "question": (
        "Would the {p} suit a person with big hands?",
        "May I put the {p} into the dishwasher?",
        "Do you sell parts for the {p} too?",
        "How many kinds of {p} are there?",
        "Is the {p} of order {o} fine for a baby?",
        "Where is the {p} made?",
        "Does the {p} need batteries?",
    ),
}
HELD_OUT_CORES: dict[str, tuple[str, ...]] = {
    "refund": (
        "Something rattles inside the {p}. I'd like to be refunded for order {o}.",
        "Your {p} tore on the first evening; please return what I paid on {o}.",
        "I sent the {p} back ten days ago and nothing was repaid for order {o}.",
        "The {p} is nothing like the picture, so refund me.",
        "Half of the {p} was missing from the box. I want a refund on order {o}.",
        "Refund needed: order {o}, the {p} is scratched all over.",
    ),
    "delivery": (
        "It has been two weeks and my {p} still is not here. The number is {o}.",
        "Could you find out where the package with the {p} is? Order {o}.",
        "The driver never came with my {p}, order {o}.",
        "Which day does the {p} arrive?",
        "Order {o} is shown as delivered, yet there is no {p} at my door.",
        "Your shipping mail for the {p}, order {o}, had no tracking link.",
    ),
    "account": (
        "My password is rejected every time I try to open order {o} with the {p}.",
        "I can't get into my account any more, and I need the invoice for the {p}.",
        "Signing in fails with an error since I bought the {p}, order {o}.",
        "Somebody else seems to be using my account and looked at the {p}.",
        "How do I reset my login? My {p} is under order {o}.",
    ),
    "cancel": (
        "I'd rather not have the {p} after all; cancel {o}.",
        "Kindly stop the shipment of order {o}, we don't want the {p} now.",
        "Is it too late to call off my {p}? Please cancel it.",
        "My wife already bought a {p}, so cancel order {o}.",
        "Scrap order {o}. The {p} is too expensive for me.",
    ),
    "question": (
        "Would the {p} be all right for someone with small hands?",
        "Can the {p} be washed in a machine?",
        "Are spare parts for the {p} sold as well?",
        "Tell me how many colours the {p} has.",
        "Is the {p} I got in order {o} safe near children?",
        "Which country does the {p} come from?",
    ),
}

OPENERS = {
    "train": {
        "polite": ("Hello, I hope you are well. ", "Good morning. ", "Dear support team, "),
        "plain": ("", "", "Hi. "),
        "casual": ("hey, ", "yo ", "hi there!! "),
    },
    "more": {
        "polite": ("Good evening. ", "I am sorry to trouble you. ", "Dear team, ", "Hello to everybody there. "),
        "plain": ("", "", "Hi. ", "Good day. "),
        "casual": ("hiya, ", "so ", "um ", "yo ", "hey, "),
    },
    "test": {
        "polite": ("Good afternoon to your team. ", "Excuse me for writing again. ", "Dear Sir or Madam, "),
        "plain": ("", "", "Hello. "),
        "casual": ("heya, ", "ok so ", "umm hi, "),
    },
}
CLOSERS = {
    "train": {
        "polite": (
            " Thank you very much for your help.",
            " I would be grateful for your answer.",
            " With kind regards.",
        ),
        "plain": ("", "", " Thanks."),
        "casual": (" thx", " pls", " cheers!"),
    },
    "more": {
        "polite": (" Thanks in advance for your trouble.", " Thank you for your time.", " Best regards."),
        "plain": ("", "", " Thanks."),
        "casual": (" thx", " haha", " pls", " bye!"),
    },
    "test": {
        "polite": (" Many thanks in advance.", " I appreciate your time.", " Yours sincerely."),
        "plain": ("", "", " Thank you."),
        "casual": (" ta!", " plz", " lol"),
    },
}
URGENT = {
    "more": (
        " It is urgent.",
        " I must have this settled today.",
        " Be quick, please, I leave tomorrow.",
        " I need an answer right now.",
        " Please do it at once.",
    ),
    "train": (
        " This is urgent.",
        " I need it today.",
        " It has to be solved right now.",
        " Please hurry, it is for tomorrow.",
    ),
    "test": (" I need this solved today.", " It is really urgent.", " Please be quick, my flight is tomorrow."),
}
CALM = {
    "more": ("", "", " There is no rush.", " Whenever it suits you.", " It can wait."),
    "train": ("", "", " There is no hurry.", " Take your time."),
    "test": ("", "", " No rush at all.", " Whenever you have time."),
}
DISTRACTORS = {
    "more": (
        " Please do not confuse it with order {d}.",
        " I really like the {q} from your shop.",
        " Order {d} was fine, by the way.",
        " My {q} works well.",
    ),
    "train": (
        " My earlier order {d} was fine.",
        " The {q} I bought last year is great.",
        " (Order {d} is another matter.)",
    ),
    "test": (
        " Do not mix it up with order {d}.",
        " By the way, I love the {q} you sold me.",
        " Order {d} came without trouble.",
    ),
}


PRODUCTS = {"train": TRAIN_PRODUCTS, "more": TRAIN_PRODUCTS + MORE_PRODUCTS, "test": HELD_OUT_PRODUCTS}
CORES = {
    "train": TRAIN_CORES,
    "more": {intent: cores + MORE_CORES[intent] for intent, cores in TRAIN_CORES.items()},
    "test": HELD_OUT_CORES,
}


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What a customer wrote, and what is true of it. `order` is None where no number is given."""

    text: str
    intent: str
    product: str
    order: str | None
    priority: str
    register: str
    difficulty: str
    template: str

    def fields(self) -> dict[str, str | None]:
        """The ticket as the structured record the suite asks for."""
        return {"intent": self.intent, "product": self.product, "order": self.order, "priority": self.priority}


def draw(rng: Random, *, part: str, intent: str, core: int, register: str) -> Ticket:
    """One ticket of `part` (train, more, test) from a core template, with random product, order number and urgency."""
    cores, products = CORES[part], PRODUCTS[part]
    template = cores[intent][core % len(cores[intent])]
    product, other = rng.sample(products, 2)
    order, distractor_order = (f"{n:04d}" for n in rng.sample(range(1000, 10000), 2))
    priority = rng.choice(("high", "normal"))
    hard = rng.random() < 0.34
    body = template.format(p=product, o=order)
    if hard:
        body += rng.choice(DISTRACTORS[part]).format(d=distractor_order, q=other)
    body += rng.choice((URGENT if priority == "high" else CALM)[part])
    text = rng.choice(OPENERS[part][register]) + body + rng.choice(CLOSERS[part][register])
    return Ticket(
        text=text.lower() if register == "casual" else text,
        intent=intent,
        product=product,
        order=order if "{o}" in template else None,
        priority=priority,
        register=register,
        difficulty="hard" if hard else "easy",
        template=f"{intent}-{core % len(cores[intent])}",
    )


def batch(rng: Random, *, part: str, count: int) -> list[Ticket]:
    """`count` tickets, intents and registers in equal shares, every core template used about equally often."""
    out: list[Ticket] = []
    for index in range(count):
        intent = INTENTS[index % len(INTENTS)]
        register = REGISTERS[(index // len(INTENTS)) % len(REGISTERS)]
        core = index // len(INTENTS) + index // (len(INTENTS) * len(REGISTERS))
        out.append(draw(rng, part=part, intent=intent, core=core, register=register))
    return out
