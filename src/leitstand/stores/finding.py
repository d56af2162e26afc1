"""Which statement lists the cases that a filter wants? The same for every database behind the ports."""

from leitstand.domain.case import WAITING
from leitstand.ports import CaseFilter

_DUE = "coalesce(due_at, 9223372036854775807)"
# A cursor whose case waits no longer begins at the front again, so that nothing is passed over.
_CURSOR_DUE = f"""(
    SELECT CASE WHEN status IN ('review', 'escalated') THEN {_DUE} ELSE 0 END
    FROM cases WHERE tenant_id = :tenant_id AND case_id = :before
)"""  # noqa: S608  all constant

_NEWEST_FIRST = "case_id DESC"
_DUE_FIRST = f"{_DUE}, case_id"


_FIND = "SELECT * FROM cases WHERE tenant_id = :tenant_id{conditions} ORDER BY {order} LIMIT :limit"


def finding(tenant_id: str, wanted: CaseFilter) -> tuple[str, dict[str, object]]:
    """Statement with ``:name`` for each value, and the values: none becomes part of the text."""
    values: dict[str, object] = {"tenant_id": tenant_id, "limit": wanted.limit}
    conditions = []
    wanted_values = (("workflow", wanted.workflow), ("job", wanted.job), ("release_digest", wanted.release_digest))
    for column, value in wanted_values:
        if value is not None:
            conditions.append(f"{column} = :{column}")
            values[column] = value
    if wanted.status:
        names = {f"status_{place}": str(status) for place, status in enumerate(wanted.status)}
        values.update(names)
        conditions.append(f"status IN ({', '.join(':' + name for name in names)})")
        if set(wanted.status) <= set(WAITING):
            # Said literally, so that the partial index over waiting cases serves the inbox.
            conditions.append("status IN ('review', 'escalated')")
    if wanted.since is not None:
        conditions.append("accepted_at >= :since")
        values["since"] = wanted.since
    if wanted.search:
        conditions.append("(number = :number OR (case_id >= :prefix AND case_id < :prefix_end))")
        values.update(_search(wanted.search))
    if wanted.before is not None:
        values["before"] = wanted.before
        conditions.append(
            f"({_DUE}, case_id) > ({_CURSOR_DUE}, :before)" if wanted.oldest_due_first else "case_id < :before"
        )
    order = _DUE_FIRST if wanted.oldest_due_first else _NEWEST_FIRST
    text = "".join(f" AND {condition}" for condition in conditions)
    return _FIND.format(conditions=text, order=order), values


def _search(text: str) -> dict[str, object]:
    prefix = text.strip().lower().removeprefix("#")
    number = int(prefix) if prefix.isascii() and prefix.isdigit() and len(prefix) < 19 else -1
    return {"number": number, "prefix": prefix, "prefix_end": prefix + "\U0010ffff"}
