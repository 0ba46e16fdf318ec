"""The tables of a design's page that say its registers."""

from __future__ import annotations

import re

from models.registers import Field, Limit
from scripts.pages.text import markdown
from scripts.registers.description import Description, Word


def parts(found: Description) -> dict[str, str]:
    """Marker -> Markdown between ``<!-- marker:begin -->`` and ``<!-- marker:end -->``."""
    return {"cfg": cfg(found), "mode": mode(found.words[0]), "cap": cap(found)}


def renewed(text: str, found: Description, path: str) -> str:
    """A page with the parts that it has made anew; ValueError if it lacks one."""
    for name, made in parts(found).items():
        escaped = made.replace("\\", r"\\")
        pattern = rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)"
        replaced = re.sub(pattern, rf"\g<1>{escaped}\n\g<2>", text, flags=re.DOTALL)
        if f"<!-- {name}:begin -->" not in text or f"<!-- {name}:end -->" not in text:
            raise ValueError(f"{path}: found no part '{name}', need <!-- {name}:begin --> and end")
        text = replaced
    return text


def cfg(found: Description) -> str:
    """All fields, one a line."""
    rows = []
    for word in found.words:
        if word.flags:
            rules = "; ".join(rule.text for rule in word.rules)
            rows.append(
                (str(word.index), f"`{word.name}`", "31:0", word.meaning, f"below; {rules}")
            )
            continue
        for field in word.fields:
            name = f"`{word.name}`" if word.plain else f"`{word.name}.{field.name}`"
            meaning = field.meaning + (f" ({field.unit})" if field.unit else "")
            rows.append((str(word.index), name, bits(field), meaning, limits(field)))
    return markdown(("CFG", "field", "bits", "meaning (unit)", "allowed (in passes with)"), rows)


def mode(word: Word) -> str:
    """The bits of MODE."""
    rows = [(str(flag.number), f"`{flag.name}`", flag.meaning) for flag in word.flags]
    return markdown((f"{word.name} bit", "name", "meaning"), rows)


def cap(found: Description) -> str:
    """What the build tells."""
    rows = []
    for field in found.cap:
        meaning = field.meaning + (f" ({field.unit})" if field.unit else "")
        if field.values:
            named = ", ".join(f"{value} {name}" for name, value in field.values)
            meaning += f": {named}"
        rows.append((str(field.word), f"`{field.name}`", bits(field), f"`{field.value}`", meaning))
    return markdown(("CAP", "field", "bits", "value", "meaning (unit)"), rows)


def bits(field: Field) -> str:
    """``31:16``, or ``3``."""
    high = field.low + field.width - 1
    return f"{high}:{field.low}" if field.width > 1 else str(high)


def limits(field: Field) -> str:
    """What a field may be, in words."""
    return "; ".join(_limit(field, one) for one in field.limits) or f"0 .. {field.most}"


def _limit(field: Field, limit: Limit) -> str:
    low, high = limit.low or "0", limit.high or str(field.most)
    text = f"at least {low}" if limit.low and not limit.high else f"`{low} .. {high}`"
    if limit.step > 1:
        text += f", a multiple of {limit.step}"
    return text + (f" ({limit.when})" if limit.when else "")
