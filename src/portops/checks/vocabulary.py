"""Words of names and addresses as statements print them, and as people write them."""

from __future__ import annotations

#: Words that do not tell one company from another.
LEGAL = frozenset(
    """
    inc incorporated llc llp lp ltd limited co company corp corporation pllc pc pa plc the and
    of dba
    """.split()  # noqa: SIM905 - a table of words
)

#: Long and short ways to write a word.
SHORT = dict(
    pair.split(":")
    for pair in """
    saint:st sainte:st mount:mt fort:ft center:ctr centre:ctr hospital:hosp medical:med
    regional:reg memorial:mem community:comm department:dept university:univ association:assn
    associates:assoc north:n south:s east:e west:w northeast:ne northwest:nw southeast:se
    southwest:sw highway:hwy route:rt rte:rt county:co first:1st second:2nd third:3rd fourth:4th
    fifth:5th sixth:6th seventh:7th eighth:8th ninth:9th tenth:10th one:1 two:2 three:3 four:4
    five:5
    """.split()  # noqa: SIM905 - a table of words
)

#: Words of a street that statements leave out or shorten.
STREET = frozenset(
    """
    street st str avenue ave av road rd drive dr lane ln boulevard blvd court ct circle cir
    place pl square sq parkway pkwy pky terrace ter trail trl way wy plaza plz highway hwy route
    rt loop suite ste unit apt floor fl bldg building n s e w ne nw se sw
    """.split()  # noqa: SIM905 - a table of words
)
