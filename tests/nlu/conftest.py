"""The stages of the trained assistant, read once for all tests."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot.settings import ROOT, Settings
from bot.terminal import explain
from bot.training import is_trained
from nlu.concept import ConceptIndex
from nlu.facet import FacetModel
from nlu.kind import KindModel
from nlu.understand import Stages


@pytest.fixture(scope="session")
def stages() -> Stages:
    settings = Settings.from_environment()
    if not is_trained(settings):  # in a process of its own, as training sets up logs for itself
        subprocess.run(
            [sys.executable, "-m", "bot", "train"],
            cwd=ROOT,
            env={**os.environ, "FATHOM_HOME": str(settings.home)},
            check=True,
        )
    return explain.stages(settings)


@pytest.fixture(scope="session")
def kinds(stages: Stages) -> KindModel:
    return stages._kinds


@pytest.fixture(scope="session")
def concepts(stages: Stages) -> ConceptIndex:
    return stages._concepts


@pytest.fixture(scope="session")
def facets(stages: Stages) -> FacetModel:
    return stages._facets
