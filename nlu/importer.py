"""Read the knowledge as training data beside Rasa's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from models.knowledge import FOLDER, library
from nlu.kind import QUESTION


class KnowledgeImporter(RasaFileImporter):
    """Rasa's importer plus the questions of all blocks, as examples of one intent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keep the knowledge files out of the files that Rasa reads itself."""
        super().__init__(*args, **kwargs)
        self._nlu_files = [file for file in self._nlu_files if Path(file).parent != FOLDER]

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the examples of every intent and a question for each block.

        The stages read the blocks themselves; Rasa only has to know that there are examples.
        """
        asked = [
            Message(data={TEXT: f"What is {block.name}?", INTENT: QUESTION})
            for block in library().blocks
        ]
        return super().get_nlu_data(language).merge(TrainingData(training_examples=asked))
