"""What a command says in one line, without a traceback: what its reader can do something about."""

from typing import Final

TOLD: Final = frozenset(
    {
        "booking.operations.backup.programs.BackupError",
        "booking.platform.base.errors.MawidError",
        "booking.platform.base.server_error.ServerError",
        "booking.platform.base.settings.SettingsError",
        "booking.platform.computing.errors.PieceKillsWorkersError",
        "booking.country.core.audit.BrokenChainError",
        "booking.country.core.key_check.WrongSecretError",
        "booking.country.core.schema.SchemaError",
        "booking.platform.files.place.FilesAwayError",
        "booking.platform.files.place.MoveRunningError",
        "booking.operations.keys.seal_anew.RotationError",
        "booking.platform.languages.language.LanguageError",
        "booking.entrypoints.notebooks.article.ArticleError",
        "booking.entrypoints.notebooks.executing.NoDataError",
        "booking.transparency.log.nodes.DamagedLogError",
        "booking.transparency.log.notes.NoteError",
        "booking.operations.worker.life.WorkerError",
        "fraud.facts.FactError",
        "fraud.rules.rule_set.RuleError",
        "fraud.scoring.evaluate.EvaluationError",
        "fraud.scoring.splits.TrainingError",
        "fraud.scoring.trees.ArtifactError",
    }
)
"""What a command reports in one line, by name: to load all of these classes would load most of Mawid."""
_ITSELF: Final = "booking.country.packs.reading.PackError"
"""It names file and line, and needs no word before that."""


def in_one_line(error: Exception) -> str | None:
    """Return what is said of an error that its reader can do something about; None where it is a fault of ours."""
    names = {f"{each.__module__}.{each.__qualname__}" for each in type(error).__mro__}
    if _ITSELF in names:
        return str(error)
    if not names.isdisjoint(TOLD):
        return f"{type(error).__name__}: {error}"

    from booking.platform.base import outages  # noqa: PLC0415 - it loads the clients of all servers

    return f"{type(error).__name__}: {outages.in_one_line(error)}" if isinstance(error, outages.OUTAGES) else None
