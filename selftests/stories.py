"""Histories of calls that overlapped, written by hand: what may happen, what may not, and which promise it breaks.

A row is a sentence, the word for what the law says, and the picture (`assay.linearizability.notation`). The words:
`kept`; `broken`, whatever is promised of names; `names`, broken only because a name has one holder; `refusal`, broken
only because a refusal has its reason in the name; `silent`, where nothing overlapped.
"""

from __future__ import annotations

__all__ = ["STORIES"]

# fmt: off
STORIES: dict[str, tuple[str, str]] = {
    # -- one connection
    "a get beside a delete may find it": ("kept", """
        a: |create x = 1| |----delete 1 = ok----|
        b:                  |get 1 = found|
    """),
    "a get beside a delete may miss it": ("kept", """
        a: |create x = 1| |----delete 1 = ok----|
        b:                  |get 1 = gone|
    """),
    "gets beside a delete find it and then miss it": ("kept", """
        a: |create x = 1| |-----------delete 1 = ok------------|
        b:                  |get 1 = found|  |get 1 = gone|
    """),
    "what was gone comes back while the delete runs": ("broken", """
        a: |create x = 1| |-----------delete 1 = ok------------|
        b:                  |get 1 = gone|  |get 1 = found|
    """),
    "what was gone for one client is found by another one later": ("broken", """
        a: |create x = 1| |-----------delete 1 = ok------------|
        b:                  |get 1 = gone|
        c:                                  |get 1 = found|
    """),
    "two gets that overlap may disagree": ("kept", """
        a: |create x = 1| |-----------delete 1 = ok------------|
        b:                  |get 1 = gone------|
        c:                     |get 1 = found-------|
    """),
    "a list shows what a get had missed": ("broken", """
        a: |create x = 1| |-----------delete 1 = ok------------|
        b:                  |get 1 = gone|  |list = 1|
    """),
    "a list that began before the get may show it": ("kept", """
        a: |create x = 1| |-----------delete 1 = ok------------|
        b:                  |get 1 = gone|
        c:                    |--------list = 1---------|
    """),
    "a list need not show what is there": ("kept", """
        a: |create x = 1| |-----------delete 1 = ok------------|
        b:                  |list =|  |get 1 = found|
    """),
    "a page may show what there was when its walk began": ("kept", """
        a: |create x = 1|  |create y = 2|                 |-------delete 2 = ok-------|
        b:                               |list = 1 ~t|      |get 2 = gone|  |list ~t = 2|
    """),
    "a page of a walk that began later may not": ("broken", """
        a: |create x = 1|  |create y = 2|  |-----------------delete 2 = ok-----------------|
        b:                                    |get 2 = gone|  |list = 1 ~t|  |list ~t = 2|
    """),
    "a page that follows nothing we saw may show any past": ("kept", """
        a: |create x = 1| |-----------delete 1 = ok------------|
        b:                  |get 1 = gone|  |list ~t = 1|
    """),
    "two deletes, one of them accepted": ("kept", """
        a: |create x = 1| |--delete 1 = ok--|
        b:                  |--delete 1 = gone--|
    """),
    "two deletes, both accepted": ("broken", """
        a: |create x = 1| |--delete 1 = ok--|
        b:                  |--delete 1 = ok--|
    """),
    "two deletes, and nobody did it": ("broken", """
        a: |create x = 1| |--delete 1 = gone--|
        b:                  |--delete 1 = gone--|
    """),
    "the loser of two deletes may not be answered before the winner began": ("broken", """
        a: |create x = 1|  |delete 1 = gone|  |--delete 1 = ok--|
        b:                                       |get 1 = found|
    """),
    "a delete that lost tells that it is gone, and a get finds it after that": ("broken", """
        a: |create x = 1| |------------------delete 1 = ok------------------|
        b:                  |delete 1 = gone|  |get 1 = found|
    """),
    "a get finds it, then a delete that lost": ("kept", """
        a: |create x = 1| |------------------delete 1 = ok------------------|
        b:                  |get 1 = found|  |delete 1 = gone|
    """),
    "a create shows itself to a list before it is answered": ("kept", """
        a: |---------create x = 1---------|
        b:      |list = 1|
    """),
    "what a list had shown is missing while its create runs": ("broken", """
        a: |---------------create x = 1---------------|
        b:      |list = 1|  |get 1 = gone|
    """),
    "visible, invisible, visible again": ("broken", """
        a: |----------------------create x = 1------------------------|
        b:      |list = 1|  |get 1 = gone|  |list = 1|
    """),
    "not yet visible, and then visible": ("kept", """
        a: |--------------------create x = 1---------------------|
        b:      |get 1 = gone|  |list = 1|  |get 1 = found|
    """),
    "a refused delete that is not about absence claims nothing": ("silent", """
        a: |create x = 1| |---------delete 1 = no---------|
        b:                  |get 1 = found|  |get 1 = no|
    """),
    # -- answers that nobody heard
    "a delete without an answer may have happened": ("kept", """
        a: |create x = 1| |--delete 1 = ?--|
        b:                    |get 1 = found|    |get 1 = gone|
    """),
    "a delete without an answer may happen long after its client gave up": ("kept", """
        a: |create x = 1| |--delete 1 = ?--|
        b:                    |-get 1 = found-|  |get 1 = found|  |get 1 = gone|
    """),
    "a delete without an answer may never happen": ("kept", """
        a: |create x = 1| |--delete 1 = ?--|
        b:                    |-get 1 = found-|  |delete 1 = ok|  |get 1 = gone|
    """),
    "a delete without an answer brings nothing back": ("broken", """
        a: |create x = 1| |--delete 1 = ?--|
        b:                    |-get 1 = gone-|  |get 1 = found|
    """),
    "a delete that was turned away for its rate did not happen": ("broken", """
        a: |create x = 1| |--delete 1 = busy--|
        b:                    |-get 1 = found-|  |get 1 = gone|
        c:                  |-create x = no-|
    """),
    "a get without an answer claims nothing": ("kept", """
        a: |create x = 1| |------delete 1 = ok------|
        b:                  |get 1 = ?|  |get 1 = gone|
    """),
    "a create without an answer may hold its name": ("kept", """
        a: |create x = ?|      |create x = no|
        b:    |create x = no|
    """),
    "a create without an answer may never have happened": ("kept", """
        a: |--create x = ?--|
        b:    |create x = 1|
    """),
    "a create without an answer may have its effect later": ("kept", """
        a: |--create x = ?--|
        b:    |create x = 1|  |delete 1 = ok|  |create x = no|
    """),
    "a create without an answer holds its name for good where nobody knows its ARN": ("refusal", """
        a: |--create x = ?--|
        b:    |create x = no|  |create x = 1|
    """),
    "but where an ARN that is none of ours was deleted, it may have been that one": ("kept", """
        a: |--create x = ?--|
        b:    |create x = no|  |delete 9 = ok|  |create x = 1|
    """),
    # -- one name
    "two creates of a name, one of them accepted": ("kept", """
        a: |--create x = 1--|
        b:    |--create x = no--|
    """),
    "two creates of a name, both accepted": ("names", """
        a: |--create x = 1--|
        b:    |--create x = 2--|
    """),
    "two creates of a name, both refused": ("refusal", """
        a: |--create x = no--|
        b:    |--create x = no--|
    """),
    "two creates of two names": ("silent", """
        a: |--create x = 1--|
        b:    |--create y = 2--|
    """),
    "two creates of a name in two Regions": ("silent", """
        a: |--create x = 1--|
        b:    |--create x = 2@eu-west-1--|
    """),
    "a create beside the delete of its name may be refused": ("kept", """
        a: |create x = 1| |--delete 1 = ok--|
        b:                   |--create x = no--|
    """),
    "a create beside the delete of its name may be accepted": ("kept", """
        a: |create x = 1| |--delete 1 = ok--|
        b:                   |--create x = 2--|
    """),
    "the name is free, and its holder is still found": ("names", """
        a: |create x = 1| |-------------delete 1 = ok-------------|
        b:                   |create x = 2|  |get 1 = found|
    """),
    "the holder is found until the name is free": ("kept", """
        a: |create x = 1| |-------------delete 1 = ok-------------|
        b:                   |get 1 = found|  |create x = 2|
    """),
    "the holder is gone, and the name is not free": ("refusal", """
        a: |create x = 1| |-------------delete 1 = ok-------------|
        b:                   |get 1 = gone|  |create x = no|
    """),
    "a delete cannot free a name for a create that was answered before it": ("names", """
        a: |create x = 1|  |create x = 2|  |delete 1 = ok|
        b:                    |get 1 = found|
    """),
    "a create was refused for the quota": ("kept", """
        a: |--create x = full--|
        b:    |--create x = full--|  |create x = 1|
        c:                             |create x = no|
    """),
    "two holders, one after the other, and a refusal between them": ("kept", """
        a: |create x = 1|  |-------------delete 1 = ok-------------|
        b:                    |create x = no|  |create x = 2|
    """),
    "a refusal for a holder that comes later": ("refusal", """
        a: |create x = 1|  |delete 1 = ok|  |create x = no|  |create x = 2|
        b:                    |get 1 = gone----------------------------|
    """),
    "three creates, three deletes, and one order": ("kept", """
        a: |--create x = 1--|       |--create x = 2--|
        b:   |create x = no|   |--delete 1 = ok--|   |--delete 2 = ok--|
        c:                        |create x = no|  |get 1 = gone|  |get 2 = gone|
    """),
    # -- what is not judged
    "calls that followed each other": ("silent", """
        a: |create x = 1|  |delete 1 = ok|  |get 1 = gone|
    """),
    "calls that followed each other, whatever they say": ("silent", """
        a: |create x = 1|  |delete 1 = ok|  |get 1 = found|  |create x = no|
    """),
    "reads beside each other": ("silent", """
        a: |create x = 1|  |get 1 = found|
        b:                   |get 1 = gone|
    """),
    "calls about a stranger's connection": ("silent", """
        a: |--delete 9 = ok--|
        b:    |get 9 = gone|  |get 9 = found|
    """),
    "an ARN that was given twice": ("kept", """
        a: |create x = 1|  |--delete 1 = ok--|
        b:                    |create y = 1|  |get 1 = gone|  |get 1 = found|
    """),
}
# fmt: on
