"""Codes of the database in words, in the language of the request."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from datathon.jury.members import Trouble

ARTICLES = ("le ", "la ", "les ", "l’", "l'", "the ", "un ", "une ")


def failure(code: str) -> str:
    """Return why a submission failed."""
    words = {
        "timeout": _("the scorer took too long"),
        "memory": _("the scorer used too much memory"),
        "scorer_error": _("the scorer broke down"),
        "no_score": _("the scorer gave no usable score"),
        "sandbox_refused": _("the sandbox refused to start"),
        "platform": _("the platform could not finish it"),
    }
    return words.get(code, code or _("unknown"))


def queue_state(state: str) -> tuple[str, str]:
    """Return shape and words of a line of the queue's table."""
    return {
        "received": ("", _("waiting")),
        "running": ("run", _("being scored")),
        "scored": ("full", _("scored today")),
        "rejected": ("off", _("refused today")),
        "failed": ("fail", _("in failure, not charged")),
    }[state]


def team_status(status: str) -> str:
    """Return what stands under a team's name, nothing for one that simply takes part."""
    return {
        "withdrawn": _("withdrew"),
        "out_of_competition": _("out of competition"),
        "ineligible": _("declared ineligible"),
    }.get(status, "")


def standing(status: str) -> str:
    """Return a team's status in words, that of a team that simply takes part too."""
    return team_status(status) or _("takes part")


def dossier(state: str) -> tuple[str, str]:
    """Return shape and word of a dossier's state."""
    return {
        "none": ("", pgettext("dossier", "none")),
        "draft": ("half", _("draft")),
        "submitted": ("full", _("handed in")),
    }[state]


def letter(state: str) -> tuple[str, str]:
    """Return shape and word of a letter's state."""
    return {
        "waiting": ("", _("waiting")),
        "sent": ("full", pgettext("letter", "sent")),
        "failed": ("fail", pgettext("letter", "failed")),
    }[state]


def phase(state: str) -> tuple[str, str]:
    """Return shape and word of a phase's state."""
    return {
        "upcoming": ("", pgettext("phase", "to come")),
        "open": ("half", pgettext("phase", "open")),
        "closed": ("off", pgettext("phase", "closed")),
    }[state]


def sign(what: str) -> str:
    """Return the kind of a team's last sign of life."""
    return {
        "submission": pgettext("last sign", "submission"),
        "dossier": pgettext("last sign", "dossier"),
        "created": pgettext("last sign", "team created"),
    }[what]


def stage(name: str) -> str:
    """Return the stage of scoring that a text comes from."""
    return {
        "configuration": pgettext("stage", "challenge folder"),
        "predict": pgettext("stage", "the team’s program"),
        "parse": pgettext("stage", "reading of the file"),
        "score": pgettext("stage", "comparison with the reference data"),
        "lease": pgettext("stage", "worker"),
    }.get(name, pgettext("stage", "platform"))


def unranked(reason: str) -> str:
    """Return why a team has no rank."""
    return {
        "below_threshold": _("under the jury’s threshold"),
        "below_criterion": _("under the threshold of a criterion"),
        "decided": _("declared ineligible by the organisers"),
        "out_of_competition": _("out of competition"),
        "withdrawn": _("withdrew"),
        "no_jury": _("graded by no member of the jury"),
        "no_metric": _("no scored submission"),
        "no_vote": _("no prototype that could be voted for"),
    }.get(reason, reason)


def _listed(details: Mapping[str, object]) -> str:
    after = details.get("after")
    return (", ".join(map(str, after)) if isinstance(after, list) else "") or "–"


def _role(name: str) -> str:
    return {"organiser": _("organiser"), "juror": _("member of the jury"), "observer": _("observer")}.get(name, name)


def _act_of_the_jury(details: Mapping[str, object], subject: str) -> dict[str, str]:
    """Return the acts up to the marks as sentences."""
    return {
        "close_jury": _("Jury closed"),
        "reopen_one_sheet": _("One sheet opened again after the closing"),
        "end_reopening": {
            "corrected": _("A sheet opened again was corrected; severity and agreement frozen anew"),
            "unchanged": _("A sheet opened again was sent unchanged"),
        }.get(str(details.get("outcome", "")), _("A sheet opened again was closed uncorrected")),
        "declare_conflicts": _("Conflicts of interest declared"),
        "declare_conflict": _("Conflict of interest declared with %(team)s", team=subject)
        if details.get("sheet") != "submitted"
        else _("Conflict of interest declared with %(team)s; a submitted sheet no longer counts", team=subject),
        "conflict_found": _("Conflict of interest found with %(team)s", team=subject),
        "lift_conflict": _("Conflict of interest with %(team)s lifted", team=subject),
        "name_mentors": _("Mentors named by %(team)s", team=subject),
        "apply_jury_plan": _("Sheets shared out among the jury"),
        "drop_jury_plan": _("Every member of the jury grades every team again"),
        "invite_juror": _("Invitation to the jury written"),
        "withdraw_jury_invitation": _("Invitation to the jury withdrawn"),
        "accept_jury_invitation": _("Invitation to the jury accepted"),
        "make_president": _("Head of the jury named"),
        "unmake_president": _("Head of the jury no longer presides"),
        "submit_sheet": _("Sheet submitted for %(team)s", team=subject),
        "reopen_sheet": _("Sheet for %(team)s taken back to draft", team=subject),
        "grade_example": _("Example graded"),
        "adopt_rubric": _(
            "Corrected rubric adopted, version %(version)s: %(reason)s",
            version=details.get("version", ""),
            reason=details.get("reason", ""),
        ),
        "erase_account": _("Account erased: %(pseudonym)s", pseudonym=details.get("pseudonym", "")),
        "erase_from_minutes": _(
            "Name taken out of the frozen minutes: %(pseudonym)s", pseudonym=details.get("pseudonym", "")
        ),
    }


def act(name: str, details: Mapping[str, object], subject: str) -> str:
    """Return an act of the journal as a sentence; one without a sentence is shown by its name."""
    sentences = _act_of_the_jury(details, subject) | {
        "publish_ranking": _("Ranking published, version %(version)s", version=details.get("version", "")),
        "deliberate": _("Deliberation recorded"),
        "validate_deliberation": _("Deliberation validated, minutes frozen"),
        "reopen_deliberation": _("Deliberation reopened: %(reason)s", reason=details.get("reason", "")),
        "sign_minutes": _("Minutes signed for the jury")
        if subject == "president"
        else _("Minutes signed for the organisers"),
        "file_appeal": _(
            "Appeal of %(team)s against version %(version)s", team=subject, version=details.get("version", "")
        ),
        "upheld_appeal": _("Appeal of %(team)s upheld: %(reason)s", team=subject, reason=details.get("reason", "")),
        "refused_appeal": _("Appeal of %(team)s refused: %(reason)s", team=subject, reason=details.get("reason", "")),
        "approve_comment": _("Comment let go to %(team)s", team=subject),
        "withhold_comment": _(
            "Comment withheld from %(team)s: %(reason)s", team=subject, reason=details.get("reason", "")
        ),
        "retry_submission": _("Submission no. %(number)s to be scored again", number=details.get("number", "")),
        "read_private_log": _("Private log of submission no. %(number)s read", number=details.get("number", "")),
        "start_rescoring": _("Rescoring begun: %(challenge)s", challenge=subject),
        "apply_rescoring": _("Rescoring applied: %(challenge)s", challenge=subject),
        "cancel_rescoring": _("Rescoring cancelled: %(challenge)s", challenge=subject),
        "stale_rescoring": _("Rescoring overtaken by another change: %(challenge)s", challenge=subject),
        "scoring_changed": _("Scoring changed: %(challenge)s", challenge=subject),
        "scoring_failed": _("Scoring failed"),
        "withdraw_submission": _("Submission no. %(number)s withdrawn", number=details.get("number", "")),
        "forget_files": ngettext(
            "%(num)s file removed whose term was over (refused or withdrawn)",
            "%(num)s files removed whose terms were over (refused or withdrawn)",
            int(str(details.get("files") or 0)),
        ),
        "withdraw_team": _("Team withdrawn: %(team)s", team=subject),
        "claim_brackets": _("Kinds of teams chosen by %(team)s: %(after)s", team=subject, after=_listed(details)),
        "correct_brackets": _("Kinds of teams of %(team)s corrected: %(after)s", team=subject, after=_listed(details)),
        "set_team_status": _(
            "Status of %(team)s, from “%(before)s” to “%(after)s”: %(reason)s",
            team=subject,
            before=standing(str(details.get("before", ""))),
            after=standing(str(details.get("after", ""))),
            reason=details.get("reason", ""),
        ),
        "rename_team": _("Team renamed: %(team)s", team=subject),
        "hand_over_team": _("Team handed over to another member: %(team)s", team=subject),
        "grant_role": _("Role given: %(role)s", role=_role(str(details.get("role", "")))),
        "phase_open": _("Phase opened by hand: %(phase)s", phase=subject),
        "phase_closed": _("Phase closed by hand: %(phase)s", phase=subject),
        "phase_calendar": _("Phase back to its calendar: %(phase)s", phase=subject),
    }
    return (sentences | _rooms(details, subject)).get(name, name.replace("_", " "))


def _rooms(details: Mapping[str, object], subject: str) -> dict[str, str]:
    """Return the acts of expos: comparisons two by two, pitches, the public's vote."""
    return {
        "open_comparison": _("Comparisons opened: %(title)s", title=subject),
        "close_comparison": _("Comparisons closed: %(title)s", title=subject),
        "reopen_comparison": _("Comparisons opened again: %(title)s", title=subject),
        "conflict_comparing": _("Conflict of interest with %(team)s, for these comparisons", team=subject),
        "conflict_taken_back": _("Conflict of interest with %(team)s taken back while comparing", team=subject),
        "draw_pitches": _("Order of the pitches drawn, draw no. %(number)s", number=details.get("draw", "")),
        "print_codes": _("Codes printed for the public vote: %(number)s", number=details.get("number", "")),
        "void_codes": _(
            "Sheet no. %(sheet)s of vote codes made void: %(codes)s codes, %(served)s served, %(removed)s ballots taken out",
            sheet=details.get("sheet", ""),
            codes=details.get("codes", ""),
            served=details.get("served", ""),
            removed=details.get("removed", ""),
        ),
        "open_vote": _(
            "Public vote opened; its rules are frozen: weight %(weight)s of %(whole)s",
            weight=details.get("weight", 0),
            whole=details.get("whole", 0),
        )
        if "whole" in details
        else _("Public vote opened"),
        "close_vote": _("Public vote closed"),
        "reopen_vote": _("Public vote opened again"),
        "lead_pitches": _("Pitches led on"),
        "erase_from_texts": _(
            "Name of an erased account replaced in texts: %(texts)s, now %(pseudonym)s",
            texts=details.get("texts", ""),
            pseudonym=details.get("pseudonym", ""),
        ),
    }


def abbreviations(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return short heads for narrow columns: "Les Sondeurs" gives "Son."; equal ones are numbered."""
    heads: list[str] = []
    for name in names:
        plain = name.strip()
        for article in ARTICLES:
            if plain.lower().startswith(article) and len(plain) > len(article):
                plain = plain[len(article) :]
                break
        word = plain.split()[0] if plain.split() else name
        head = word if len(word) <= 4 else f"{word[:3].capitalize()}."
        heads.append(head if head not in heads else f"{head}{len(heads) + 1}")
    return tuple(heads)


def charge(kind: str, reason: str) -> str:
    """Return what a line of the quota says."""
    if kind == "reserve":
        return _("received: a place is reserved")
    if kind == "commit":
        return _("scored: the place is spent")
    return {
        "rejected": _("refused: the place is given back"),
        "failed": _("failed by our fault: the place is given back"),
        "withdrawn": _("withdrawn before its score: the place is given back"),
    }.get(reason, reason)


def trouble(one: Trouble) -> str:
    """Return what is wrong with a jury, as a sentence."""
    return {
        "nobody": _("The jury has no member yet: invite the first one from the page of its members."),
        "alone": _(
            "%(name)s is the only member. One person’s marks cannot be compared with anybody’s, and a conflict would leave a team without a grade.",
            name=one.name,
        ),
        "all_conflicts": _(
            "%(name)s has a conflict with every team and grades nobody. Lift a conflict that does not hold, or invite somebody else.",
            name=one.name,
        ),
        "nobody_left": _(
            "Nobody on the jury may grade %(name)s. Lift a conflict that does not hold, or invite somebody else.",
            name=one.name,
        ),
        "unplanned": _(
            "Nobody grades %(name)s: the assignment gives it to nobody, or only to members with a conflict. Make the assignment again.",
            name=one.name,
        ),
    }[one.kind]
