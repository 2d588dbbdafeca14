"""Read the topic blocks of ``nlu/knowledge`` as training data beside Rasa's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.questions import INTENT_NAME, KNOWLEDGE, read_fields, read_questions


# What an example carries beside its label: the field it is about, if its subject has several.
FIELD = "field"


class TopicImporter(RasaFileImporter):
    """Rasa's importer plus one retrieval intent ``ask_topic/<subject>`` for each subject."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keep topic files out of the files that Rasa reads itself."""
        super().__init__(*args, **kwargs)
        self._nlu_files = [file for file in self._nlu_files if Path(file).parent != KNOWLEDGE]

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the examples of every intent and the questions of every topic."""
        fields = read_fields()
        examples = [
            Message(
                data={
                    TEXT: question,
                    INTENT: INTENT_NAME,
                    INTENT_RESPONSE_KEY: f"{INTENT_NAME}/{subject}",
                    **({FIELD: fields[question]} if question in fields else {}),
                }
            )
            for subject, questions in read_questions().items()
            for question in questions
        ]
        return super().get_nlu_data(language).merge(TrainingData(training_examples=examples))
