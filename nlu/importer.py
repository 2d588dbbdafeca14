"""Read the topic blocks of ``nlu/knowledge`` as training data beside Rasa's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.questions import INTENT_NAME, KNOWLEDGE, Example, read_topics

# What an example of a topic carries beside its label.
FIELD, WEIGHT = "field", "weight"


class TopicImporter(RasaFileImporter):
    """Rasa's importer plus one retrieval intent ``ask_topic/<subject>`` for each subject."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keep topic files out of the files that Rasa reads itself."""
        super().__init__(*args, **kwargs)
        self._nlu_files = [file for file in self._nlu_files if Path(file).parent != KNOWLEDGE]

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the examples of every intent and of every topic."""
        topics = TrainingData(training_examples=[_message(example) for example in read_topics()])
        return super().get_nlu_data(language).merge(topics)


def _message(example: Example) -> Message:
    data: dict[str, Any] = {
        TEXT: example.text,
        INTENT: INTENT_NAME,
        INTENT_RESPONSE_KEY: example.label,
        WEIGHT: example.weight,
    }
    return Message(data={**data, FIELD: example.field} if example.field else data)
