"""How a script looks for an order of calls that overlapped: the search of `assay.linearizability`, on half a page.

What a finding of `concurrent.linearizable` needs to be seen without assay: every answer is taken for a claim about one
connection, true at some moment between request and answer, and the script looks whether a service that does one thing
after the other could have said all of it. It knows less than the law does and accuses nobody whom the law would not: a
Create without a clear answer may have done anything at any later time, a page is no picture of one moment, and an
error that is not about a missing connection claims nothing.

The text is that of a script; `LOOK` is appended to the runtime where a finding asks for it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LOOK"]

LOOK: Final = r'''
def claims(taken):
    """What each answer claims: (name, ARN, kind, from when, until when); until None: at any time, or never.

    Only Creates of the numbers `taken` claim, where they are refused, that somebody has the name.
    """
    owners, walks, found = {}, {}, []
    for number, came in said.items():
        if number > 0 and came.error is None and came.request.operation == CREATE and came.output.get(IDENTITY):
            arn = came.output[IDENTITY]  # one that was given twice claims nothing
            owners[arn] = None if arn in owners else (came.request.by, came.request.members.get(NAME))
    for number, came in sorted(said.items()):
        asked, start, end = came.request, came.start, came.end
        if number < 1 or asked.operation is None:
            continue
        is_lost = not came.status or came.status >= 500
        is_missing = came.error in ("ResourceNotFoundException", "404")
        if asked.operation == CREATE:
            room, arn = (asked.by, asked.members.get(NAME)), came.output.get(IDENTITY)
            if came.error is None and owners.get(arn):
                found.append((room, arn, "creates", start, end))
            elif came.error is None or is_lost:
                found += [(room, number, "creates", start, None), (room, number, "deletes", start, None)]
            elif number in taken and came.status != 429 and "Limit" not in came.error and "hrottl" not in came.error:
                found.append((room, None, "taken", start - LAG, end))
        elif asked.operation == LIST:
            begun = walks.get(asked.members.get(TOKEN_IN), start)
            walks[came.output.get(TOKEN_OUT)] = begun
            shown = {item.get(IDENTITY) for item in came.output.get("Connections") or []} if came.error is None else ()
            about = [(arn, "finds", begun - LAG, end) for arn in shown]
            found += [(owners[each[0]], *each) for each in about if owners.get(each[0], ("", 0))[0] == asked.by]
        else:
            arn = asked.members.get(IDENTITY)
            if owners.get(arn, ("", 0)) is None or owners.get(arn, ("", 0))[0] != asked.by:
                continue
            if is_lost and asked.operation == DELETE:
                found.append((owners[arn], arn, "deletes", start, None))
            elif is_missing:
                found.append((owners[arn], arn, "misses", start - LAG, end))
            elif came.error is None and asked.operation == DELETE:
                found.append((owners[arn], arn, "deletes", start, end))
            elif came.error is None and came.output.get("Connection", {}).get(IDENTITY) in (None, arn):
                found.append((owners[arn], arn, "finds", start - LAG, end))
    return found


def have_an_order(about, unique):
    """Could a service that does one thing after the other have said all of this? None: it takes too long to tell."""
    places, ahead = set(), [(frozenset(), frozenset())]  # what was taken, and which connections live then
    while ahead:
        done, alive = ahead.pop()
        left = [n for n in range(len(about)) if n not in done]
        if all(about[n][4] is None for n in left):
            return True
        until = min(about[n][4] for n in left if about[n][4] is not None)
        can_be_next = []
        for n in left:
            _, arn, kind, start, _ = about[n]
            is_held = bool(alive) if unique or kind == "taken" else arn in alive
            can_be = {"creates": not is_held, "taken": is_held, "misses": arn not in alive}.get(kind, arn in alive)
            if start > until or not can_be:
                continue
            now = alive | {arn} if kind == "creates" else alive - {arn} if kind == "deletes" else alive
            can_be_next.append((done | {n}, now))
            if now is alive:  # a read changes nothing, so it may as well be now
                can_be_next = can_be_next[-1:]
                break
        ahead += [place for place in can_be_next if place not in places]
        places.update(can_be_next)
        if len(places) > 50000:
            return None
    return False


def order(unique, taken):
    """0: there is an order that explains every answer. 1: there is none. 2: this script cannot tell."""
    parts = {}
    for claim in claims(taken):
        parts.setdefault(claim[0] if unique else claim[1], []).append(claim)
    words = [have_an_order(about, unique) for about in parts.values()]
    return 1 if False in words else 2 if None in words else 0

'''
