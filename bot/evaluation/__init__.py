"""Score the trained assistant on questions and dialogues that it was not trained on."""
