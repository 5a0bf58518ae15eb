"""Small tables of common knowledge. Each relation has question forms for training and for the held-out set.

A pair is asked in the held-out set or in training, never in both: `split` sends every third pair to training.
"""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Relation:
    """One kind of question: how it is asked, how training answers it, and what is asked and answered."""

    name: str
    held_out: tuple[str, ...]
    training: str
    sentence: str
    pairs: tuple[Pair, ...]

    def split(self) -> tuple[list[Pair], list[Pair]]:
        """The pairs of the held-out set and those of training."""
        held_out = [pair for index, pair in enumerate(self.pairs) if index % 3 != 2]
        return held_out, [pair for index, pair in enumerate(self.pairs) if index % 3 == 2]


def _pairs(text: str) -> tuple[Pair, ...]:
    """Read "a=b, c=d" into pairs."""
    return tuple((left.strip(), right.strip()) for left, _, right in (part.partition("=") for part in text.split(",")))


RELATIONS = (
    Relation(
        name="opposite",
        held_out=("What is the opposite of {q}?",),
        training="Tell me the opposite of {q}.",
        sentence="The opposite of {q} is {a}.",
        pairs=_pairs(
            "hot=cold, big=small, full=empty, tall=short, fast=slow, light=dark, old=new, wet=dry, open=closed, "
            "early=late, happy=sad, rich=poor, strong=weak, loud=quiet, left=right, up=down, inside=outside, "
            "first=last, win=lose, push=pull, buy=sell, start=stop, day=night, true=false, clean=dirty, "
            "easy=hard, thick=thin, near=far, high=low, above=below, before=after, love=hate, always=never, "
            "give=take, wide=narrow, sharp=dull, young=old, soft=hard, brave=afraid, north=south, east=west, "
            "asleep=awake"
        ),
    ),
    Relation(
        name="capital",
        held_out=("What is the capital of {q}?",),
        training="Tell me which city is the capital of {q}.",
        sentence="The capital of {q} is {a}.",
        pairs=_pairs(
            "France=Paris, Japan=Tokyo, Italy=Rome, Spain=Madrid, Germany=Berlin, Egypt=Cairo, Russia=Moscow, "
            "Greece=Athens, Portugal=Lisbon, Ireland=Dublin, Norway=Oslo, Sweden=Stockholm, Cuba=Havana, "
            "Peru=Lima, Kenya=Nairobi, China=Beijing, Austria=Vienna, Poland=Warsaw, Hungary=Budapest, "
            "Iraq=Baghdad, Iran=Tehran, Thailand=Bangkok, India=New Delhi, Canada=Ottawa, Finland=Helsinki, "
            "Denmark=Copenhagen, Chile=Santiago, Belgium=Brussels, England=London, South Korea=Seoul, "
            "Vietnam=Hanoi, Argentina=Buenos Aires"
        ),
    ),
    Relation(
        name="young",
        held_out=("What is a baby {q} called?",),
        training="How do we call a young {q}?",
        sentence="A baby {q} is called a {a}.",
        pairs=_pairs(
            "dog=puppy, cat=kitten, cow=calf, horse=foal, sheep=lamb, bear=cub, pig=piglet, goat=kid, "
            "duck=duckling, kangaroo=joey, deer=fawn, frog=tadpole, swan=cygnet, chicken=chick, lion=cub"
        ),
    ),
    Relation(
        name="kind",
        held_out=("What kind of thing is a {q}?", "A {q} is a type of what?"),
        training="Which kind of thing is meant by the word {q}?",
        sentence="The word {q} means a type of {a}.",
        pairs=_pairs(
            "sparrow=bird, salmon=fish, oak=tree, rose=flower, carrot=vegetable, violin=instrument, hammer=tool, "
            "ant=insect, snake=reptile, shirt=clothing, sofa=furniture, banana=fruit, eagle=bird, shark=fish, "
            "tulip=flower, potato=vegetable, trumpet=instrument, screwdriver=tool, butterfly=insect, "
            "lizard=reptile, pine=tree, table=furniture, apple=fruit, owl=bird, tuna=fish, daisy=flower, "
            "onion=vegetable, flute=instrument, wrench=tool, beetle=insect, crocodile=reptile, coat=clothing, "
            "desk=furniture, pear=fruit, piano=instrument, penguin=bird, maple=tree, mosquito=insect, "
            "turtle=reptile, bed=furniture, grape=fruit, parrot=bird"
        ),
    ),
    Relation(
        name="use",
        held_out=("What do you use to {q}?",),
        training="Tell me what helps you {q}.",
        sentence="You use {a} to {q}.",
        pairs=_pairs(
            "cut paper=scissors, dig a hole=a shovel, tell the time=a clock, write a letter=a pen, unlock a "
            "door=a key, sweep the floor=a broom, brush your hair=a comb, eat soup=a spoon, call a friend=a "
            "phone, take a picture=a camera, stay dry in the rain=an umbrella, see far stars=a telescope, measure "
            "a fever=a thermometer, drive in a nail=a hammer, wash your hands=soap, light a candle=a match, sew a "
            "button=a needle, see your face=a mirror, carry water=a bucket, fry an egg=a pan, ride to school=a "
            "bicycle, erase pencil marks=an eraser, clean your teeth=a toothbrush, catch fish=a net, weigh "
            "flour=a scale, climb a wall=a ladder, cross a lake=a boat, cut wood=a saw"
        ),
    ),
    Relation(
        name="place",
        held_out=("Where do you go to {q}?",),
        training="Tell me where people {q}.",
        sentence="You go to {a} to {q}.",
        pairs=_pairs(
            "borrow books=a library, see a doctor=a hospital, catch a plane=an airport, buy bread=a bakery, watch "
            "a film=a cinema, keep money=a bank, catch a train=a station, learn to read=a school, post a letter=a "
            "post office, see old paintings=a museum, look at wild animals=a zoo, pray=a church, swim indoors=a "
            "pool, eat a meal out=a restaurant, sleep on a trip=a hotel, see a play=a theater, buy medicine=a "
            "pharmacy, get a haircut=a barber, exercise=a gym, build a sand castle=a beach"
        ),
    ),
    Relation(
        name="worker",
        held_out=("Who is it that {q}?",),
        training="Tell me whose job it is: one who {q}.",
        sentence="It is {a} who {q}.",
        pairs=_pairs(
            "teaches children=a teacher, flies planes=a pilot, puts out fires=a firefighter, bakes bread=a baker, "
            "treats sick people=a doctor, grows crops=a farmer, cuts hair=a barber, fixes cars=a mechanic, "
            "repairs pipes=a plumber, paints pictures=a painter, writes books=an author, treats teeth=a dentist, "
            "treats animals=a vet, cooks in a restaurant=a chef, catches fish=a fisherman, makes suits=a tailor, "
            "delivers letters=a postman, designs houses=an architect, digs for coal=a miner, judges in court=a "
            "judge, drives a taxi=a driver, plays in films=an actor"
        ),
    ),
    Relation(
        name="color",
        held_out=("What color is {q}?",),
        training="Tell me the color of {q}.",
        sentence="The color of {q} is {a}.",
        pairs=_pairs(
            "grass=green, snow=white, coal=black, a ripe banana=yellow, a clear sky=blue, blood=red, a ripe "
            "tomato=red, milk=white, a crow=black, a carrot=orange, chocolate=brown, a lemon=yellow, a "
            "strawberry=red, salt=white, a flamingo=pink, an elephant=gray, spinach=green, a fire truck=red, "
            "cotton=white, the night sky=black, a frog=green, a pumpkin=orange, the sea=blue, a polar bear=white"
        ),
    ),
    Relation(
        name="next",
        held_out=("What comes right after {q}?",),
        training="Tell me what follows {q}.",
        sentence="{a} comes right after {q}.",
        pairs=_pairs(
            "Monday=Tuesday, Wednesday=Thursday, Friday=Saturday, January=February, March=April, June=July, "
            "September=October, November=December, spring=summer, summer=autumn, three=four, seven=eight, "
            "nine=ten, Saturday=Sunday, April=May, August=September, breakfast=lunch, Tuesday=Wednesday, "
            "Thursday=Friday, five=six, twelve=thirteen, first=second, third=fourth, February=March, May=June, "
            "July=August, nineteen=twenty"
        ),
    ),
    Relation(
        name="plural",
        held_out=("What is the plural of {q}?",),
        training="Tell me the plural form of {q}.",
        sentence="The plural of {q} is {a}.",
        pairs=_pairs(
            "child=children, man=men, foot=feet, tooth=teeth, mouse=mice, goose=geese, woman=women, leaf=leaves, "
            "wolf=wolves, knife=knives, city=cities, box=boxes, baby=babies, bus=buses, person=people, "
            "wife=wives, story=stories, glass=glasses, shelf=shelves, country=countries, watch=watches, "
            "life=lives, party=parties, brush=brushes"
        ),
    ),
    Relation(
        name="past",
        held_out=("What is the past tense of {q}?",),
        training="Tell me the past form of the verb {q}.",
        sentence="The past tense of {q} is {a}.",
        pairs=_pairs(
            "go=went, eat=ate, run=ran, see=saw, buy=bought, take=took, write=wrote, drink=drank, swim=swam, "
            "give=gave, think=thought, bring=brought, sing=sang, fly=flew, speak=spoke, teach=taught, "
            "begin=began, sleep=slept, know=knew, drive=drove, come=came, break=broke, find=found, fall=fell, "
            "catch=caught, build=built, grow=grew"
        ),
    ),
    Relation(
        name="sum",
        held_out=("What is {q}?",),
        training="Work out {q}.",
        sentence="{q} is {a}.",
        pairs=_pairs(
            "1 plus 1=2, 2 plus 3=5, 4 plus 4=8, 5 plus 2=7, 3 plus 6=9, 10 plus 10=20, 2 times 3=6, 5 times "
            "2=10, 3 times 3=9, 8 minus 3=5, 10 minus 4=6, 9 minus 2=7, 7 plus 1=8, 4 times 2=8, 6 plus 4=10, 5 "
            "minus 1=4, 6 minus 6=0, 2 plus 2=4, 10 times 2=20, 3 plus 1=4, 12 minus 2=10, 5 plus 5=10, 20 minus "
            "10=10, 3 times 2=6"
        ),
    ),
    Relation(
        name="sense",
        held_out=("Which is true of {q}?",),
        training="Tell me something true of {q}.",
        sentence="It is true of {q} that {a}.",
        pairs=_pairs(
            "ice=it is cold, the sun=it is hot, a feather=it is light, sugar=it is sweet, a rock=it is hard, a "
            "snail=it is slow, a lemon=it is sour, a knife=it is sharp, a whale=it lives in the sea, a giraffe=it "
            "has a long neck, fire=it burns, glass=it breaks easily, a bicycle=it has two wheels, a spider=it has "
            "eight legs, a bird=it has wings, a cactus=it grows in the desert, honey=it is made by bees, a dog=it "
            "can bark, a fish=it can swim, the moon=it shines at night, wool=it comes from sheep, a desert=it is "
            "very dry, a week=it has seven days, rain=it is wet"
        ),
    ),
    Relation(
        name="maker",
        held_out=("What do we get from {q}?",),
        training="Tell me what {q} gives us.",
        sentence="We get {a} from {q}.",
        pairs=_pairs(
            "a cow=milk, a hen=eggs, a bee=honey, a sheep=wool, an apple tree=apples, grapes=wine, wheat=flour, a "
            "pine tree=wood, a silkworm=silk, an oyster=pearls, an olive=oil, cocoa beans=chocolate, a cotton "
            "plant=cotton, a vine=grapes, milk=cheese, a maple tree=syrup"
        ),
    ),
    Relation(
        name="continent",
        held_out=("On which continent is {q}?",),
        training="Tell me the continent of {q}.",
        sentence="{q} is on the continent of {a}.",
        pairs=_pairs(
            "Brazil=South America, France=Europe, Kenya=Africa, India=Asia, Mexico=North America, Germany=Europe, "
            "Nigeria=Africa, China=Asia, Canada=North America, Peru=South America, Spain=Europe, Vietnam=Asia, "
            "Egypt=Africa, Italy=Europe, Chile=South America, Japan=Asia, Morocco=Africa, Poland=Europe, "
            "Thailand=Asia, Ghana=Africa, Sweden=Europe, Argentina=South America, Korea=Asia, Colombia=South "
            "America"
        ),
    ),
    Relation(
        name="home",
        held_out=("Where does a {q} live?",),
        training="Tell me the home of a {q}.",
        sentence="A {q} lives {a}.",
        pairs=_pairs(
            "bee=in a hive, bird=in a nest, fish=in the water, spider=in a web, king=in a palace, camel=in the "
            "desert, lion=in the savanna, rabbit=in a burrow, polar bear=in the Arctic, horse=in a stable, "
            "monkey=in the trees, cow=in a barn, pig=in a sty, soldier=in the barracks, whale=in the ocean"
        ),
    ),
    Relation(
        name="synonym",
        held_out=("Which word means the same as {q}?",),
        training="Tell me another word for {q}.",
        sentence="Another word for {q} is {a}.",
        pairs=_pairs(
            "big=large, fast=quick, happy=glad, begin=start, end=finish, smart=clever, angry=mad, sick=ill, "
            "shout=yell, small=little, gift=present, rock=stone, hard=difficult, house=home, quiet=silent, "
            "pretty=beautiful, rich=wealthy, buy=purchase, help=aid, jump=leap, near=close, boat=ship, "
            "sofa=couch, trash=garbage, road=street, talk=speak, scared=afraid, choose=pick, reply=answer, "
            "error=mistake, tired=weary, odd=strange"
        ),
    ),
)
