"""The four jobs of the support desk: a ticket as JSON, its intent, a polite reply, a tool call or none."""

from __future__ import annotations

from random import Random

from writing.rows import Row, held_out, one_line, training
from writing.tickets import INTENTS, Ticket, batch

SYSTEM = (
    "Aoba Store support desk. Write one line. "
    "Ticket: a JSON object with intent, product, order, priority (high or normal). "
    f"Intent: {', '.join(INTENTS[:-1])} or {INTENTS[-1]}. "
    "Reply: a polite answer to the customer. "
    'Tool: <tool_call>{"name": ..., "arguments": ...}</tool_call> '
    "with track_order, refund_order, cancel_order (order) or no call."
)
TOOL_OF = {"delivery": "track_order", "refund": "refund_order", "cancel": "cancel_order"}

REPLIES = {
    "refund": (
        "I am very sorry about the trouble with your {p}. I will start your refund right away.",
        "We apologize for the problem with the {p}. Your refund is on its way.",
    ),
    "delivery": (
        "I am sorry that your {p} is late. I will check with the courier right away.",
        "Thank you for your patience. I am looking for your {p} now.",
    ),
    "account": (
        "I am sorry that you cannot use your account. I will send you a new link right away.",
        "Thank you for telling us. Please use the link that I am sending you to sign in.",
    ),
    "cancel": (
        "Thank you for letting us know. I will cancel your {p} right away.",
        "Certainly, I am happy to cancel the {p} for you.",
    ),
    "question": (
        "Thank you for your question about the {p}. I will be glad to find out for you.",
        "Thank you for your interest in the {p}. May I send you its details?",
    ),
}
NO_CALL = {
    "account": "No call. Please use the password link on the sign-in page.",
    "question": "No call. A colleague will be glad to answer your question.",
}
ASK_ORDER = "No call. May I have your order number, please?"


def tool_calls(ticket: Ticket) -> list[dict[str, object]]:
    """The calls this ticket asks for: one, or none where there is no tool for it or no order number."""
    if ticket.intent not in TOOL_OF or ticket.order is None:
        return []
    return [{"name": TOOL_OF[ticket.intent], "arguments": {"order": ticket.order}}]


def _tool_answer(ticket: Ticket) -> str:
    calls = tool_calls(ticket)
    if not calls:
        return NO_CALL.get(ticket.intent, ASK_ORDER)
    return "".join(f"<tool_call>{one_line(call)}</tool_call>" for call in calls)


def answer(task: str, ticket: Ticket, *, rng: Random) -> str:
    """The answer an adapter is taught for one of the four jobs."""
    if task == "ticket":
        return one_line(ticket.fields())
    if task == "intent":
        return ticket.intent
    if task == "reply":
        return rng.choice(REPLIES[ticket.intent]).format(p=ticket.product)
    return _tool_answer(ticket)


def training_rows(rng: Random, *, part: str, counts: dict[str, int]) -> list[Row]:
    """Training conversations; `counts` says how many of each job, `part` which templates (train: few, more: many)."""
    return [
        training(f"{task.capitalize()}: {t.text}", answer(task, t, rng=rng), source=f"support-{task}", system=SYSTEM)
        for task, count in counts.items()
        for t in batch(rng, part=part, count=count)
    ]


def held_out_rows(rng: Random, *, counts: dict[str, int]) -> list[Row]:
    """The suite's rows. The cluster is the template the ticket came from, over all four jobs."""
    rows: list[Row] = []
    for task, count in counts.items():
        for index, t in enumerate(batch(rng, part="test", count=count)):
            target: object = t.fields()
            if task == "intent":
                target = INTENTS.index(t.intent)
            elif task == "reply":
                target = "polite"
            elif task == "tool":
                target = {"tool_calls": tool_calls(t)}
            tags = {"task": task, "intent": t.intent, "register": t.register, "difficulty": t.difficulty}
            rows.append(
                held_out(
                    f"{task}-{index:03d}",
                    f"{task.capitalize()}: {t.text}",
                    target=target,
                    cluster=t.template,
                    tags=tags,
                    choices=INTENTS if task == "intent" else (),
                )
            )
    return rows
