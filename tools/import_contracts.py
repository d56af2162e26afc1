"""Which imports may cross a border of the package? Two contract types for import-linter.

import-linter's own ``forbidden`` and ``protected`` contracts name what must not happen and need every named module to
exist; these two name what may happen, so that neither a new library nor a new folder slips through.
"""

from collections.abc import Iterable
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def _is_within(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


class _CrossingContract(Contract):
    """A contract whose verdict is a list of crossings, ``importer -> imported``."""

    def crossings(self, graph: ImportGraph) -> Iterable[str]:
        """Every import that breaks the contract."""
        raise NotImplementedError

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Kept when nothing crosses."""
        del verbose
        crossings = sorted(self.crossings(graph))
        return ContractCheck(kept=not crossings, metadata={"crossings": crossings})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line per import that is not allowed."""
        for crossing in check.metadata["crossings"]:
            output.print_error(f"- {crossing} is not allowed")
        output.new_line()


class AllowedExternals(_CrossingContract):
    """Every direct import that leaves the package from ``modules`` must be one of ``allowed`` (top-level names)."""

    type_name = "allowed_externals"

    modules = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())

    def crossings(self, graph: ImportGraph) -> Iterable[str]:
        """Imports of anything outside the list."""
        allowed = {*cast("list[str]", self.allowed), str(self.session_options["root_packages"][0])}
        for importer in graph.modules:
            if _is_within(importer, cast("list[str]", self.modules)):
                for imported in graph.find_modules_directly_imported_by(importer):
                    if imported.split(".")[0] not in allowed:
                        yield f"{importer} -> {imported}"


class OnlyThrough(_CrossingContract):
    """``targets`` (packages, ours or from outside) may be imported directly by themselves and by ``importers`` only."""

    type_name = "only_through"

    targets = fields.ListField(subfield=fields.StringField())
    importers = fields.ListField(subfield=fields.StringField())

    def crossings(self, graph: ImportGraph) -> Iterable[str]:
        """Imports of a target from anywhere else."""
        targets, entrances = cast("list[str]", self.targets), cast("list[str]", self.importers)
        for target in targets:
            insiders = [target, *entrances]
            imports = graph.find_matching_direct_imports(import_expression=f"** -> {target}")
            imports += graph.find_matching_direct_imports(import_expression=f"** -> {target}.**")
            yield from (
                f"{each['importer']} -> {each['imported']}"
                for each in imports
                if not _is_within(each["importer"], insiders)
            )
