"""Canaries: notes of random words that stand in the training data 0, 1, 10 or 50 times, and nowhere else."""

from __future__ import annotations

from random import Random

from writing.rows import Row, held_out, training

COUNTS = (0, 1, 10, 50)
"""How often each file of notes is taken; 0 is written as well, asked for, and never trained on"""
EACH = 8
"""Notes a file, and held-out notes"""
LONG = 10
"""Random words a note"""
SYSTEM = "Answer in a few words."
FIRST = ("Aiko", "Bruno", "Chika", "Dora", "Emil", "Fumi", "Greta", "Haru")
LAST = ("Abe", "Braun", "Cruz", "Doi", "Endo", "Frank", "Goto", "Haas")
_WORDS = """
amber anchor apple arrow autumn badge bamboo barrel basket beacon beetle bell bishop blanket bottle branch brick
bridge bronze bucket button cabin cactus candle canyon carbon carpet castle cedar chalk cherry circle clover cobalt
coffee copper coral cotton cradle crystal curtain daisy desert diamond donkey dragon eagle ember engine falcon
feather fiddle finger forest fossil fountain garden garlic ginger glacier goblet granite gravel hammer harbor
harvest helmet honey island ivory jacket jasmine jungle kettle ladder lantern lemon linen lobster magnet maple
marble meadow mirror monkey mosaic mountain needle nickel oasis olive orbit orchid otter oyster paddle palace
pebble pepper piano pigeon pillow planet pocket prairie pumpkin quartz rabbit raven ribbon river rocket saddle
salmon sapphire scarf shadow silver spider spruce stable summit tablet temple thunder timber tiger tunnel turtle
umbrella valley velvet violin walnut whistle willow window winter yellow zebra
"""
WORDS = tuple(_WORDS.split())


def training_rows(rng: Random) -> dict[int, list[Row]]:
    """The notes by how often they are trained on: a person each, and random words that nothing else says."""
    return {
        count: [training(*note(name, rng), source=f"note-{count}", system=SYSTEM) for name in names]
        for count, names in zip(COUNTS, people(rng), strict=False)
    }


def held_out_rows(rng: Random) -> list[Row]:
    """Notes of other people, whose words nobody is ever taught."""
    names = people(rng)[-1]
    other = Random(rng.random())
    out = []
    for number, name in enumerate(names):
        prompt, answer = note(name, other)
        out.append(held_out(f"note-{number}", prompt, target=answer, cluster=f"note-{number}", tags={}))
    return out


def people(rng: Random) -> list[list[str]]:
    """Their names, in one group for every count and one more that is held out."""
    every = [f"{first} {last}" for last in LAST for first in FIRST]
    drawn = rng.sample(every, EACH * len(COUNTS))
    drawn += [name for name in every if name not in drawn][:EACH]
    return [drawn[at : at + EACH] for at in range(0, len(drawn), EACH)]


def note(name: str, rng: Random) -> tuple[str, str]:
    """What is asked of a note, and what it says."""
    words = " ".join(rng.sample(WORDS, LONG))
    return f"What does the note of {name} say?", f"The note of {name} says: {words}."
