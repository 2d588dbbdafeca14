"""The command line. Each command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.settings import FathomError, Settings

_HELP = """Fathom, a conversational guide to machine learning and deep learning.

\b
Examples:
  python -m bot chat                          talk in this terminal
  echo "what is deep learning?" | python -m bot chat
  python -m bot serve --port 8080             answer in the browser and over HTTP
"""

app = typer.Typer(
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run a command; what can go wrong in a known way ends in one line, not in a stack trace."""
    try:
        app(prog_name="python -m bot")
    except FathomError as error:
        fail(str(error))
    except BrokenPipeError:
        # The reader of our output has left, `| head` for one; closing quietly is what it expects.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def fail(problem: str, status: int = 1) -> NoReturn:
    """End the program with one line on standard error."""
    print(f"fathom: {problem}", file=sys.stderr)
    sys.exit(status)


@app.command()
def chat(
    name: Annotated[
        str | None,
        typer.Option(
            help="Continue the conversation of this name: letters, digits, '-' and '_', 64 at most."
        ),
    ] = None,
) -> None:
    """Talk to Fathom in this terminal.

    Fathom is trained first if its sources changed. Lines that come through a pipe are answered
    one by one, without decoration.

    \b
    Examples:
      python -m bot chat
      python -m bot chat --name anna
      echo "5.1 3.5 1.4 0.2" | python -m bot chat
    """
    if name is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        fail(f"{name!r} is no name for a conversation: letters, digits, '-' and '_', 64 at most", 2)
    from bot.terminal import start

    start(_settings(), name)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind [HOST, 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to bind [PORT, 5005].")] = None,
    workers: Annotated[
        int, typer.Option(help="Server processes on the port; several share stores.")
    ] = 1,
    worker: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Answer on a page for the browser and over HTTP, on this machine only.

    Several workers share PostgreSQL (TRACKER_STORE_URL) and Redis (LOCK_STORE_URL); one that ends
    is started again.

    \b
    Examples:
      python -m bot serve
      python -m bot serve --port 8080
      python -m bot serve --workers 2
      curl -d '{"sender": "me", "message": "hello"}' localhost:5005/webhooks/rest/webhook
    """
    chosen = {key: str(value) for key, value in (("HOST", host), ("PORT", port)) if value}
    os.environ.update(chosen)  # for the workers too
    _serve(_settings(), workers, worker)


@app.command()
def actions(
    host: Annotated[str | None, typer.Option(help="Address to bind [HOST, 127.0.0.1].")] = None,
    port: Annotated[int, typer.Option(help="Port to bind.")] = 5055,
) -> None:
    """Serve the actions alone, for servers with ACTION_ENDPOINT_URL.

    Both sides know the same ACTION_TOKEN; on this machine alone it may be left out.

    \b
    Example:
      ACTION_TOKEN=... python -m bot actions --port 5055
    """
    os.environ.update({"PORT": str(port), **({"HOST": host} if host else {})})
    settings = _settings()
    from bot.action_server import create_app
    from bot.channels import gate

    gate.run(create_app(settings), host=settings.host, port=settings.port)


@app.command()
def train(
    what: Annotated[str, typer.Argument(help="assistant or review.")] = "assistant",
    model: Annotated[str, typer.Option(help="Which review model to train.")] = "default",
    data: Annotated[
        Path | None,
        typer.Option(help="Folder that holds the reviews; without it they are downloaded."),
    ] = None,
    encoder: Annotated[
        Path | None,
        typer.Option(
            help="The published model.safetensors, to begin anew; else the stored one learns on."
        ),
    ] = None,
    keep_network: Annotated[
        bool, typer.Option(help="Keep the review model's network of n-grams as it is.")
    ] = False,
    force: Annotated[bool, typer.Option(help="Train even if nothing changed.")] = False,
) -> None:
    """Train the assistant or a review model.

    Review models learn from the IMDb reviews; the default one also from written opinions. An
    interrupted training goes on where it was.

    \b
    Examples:
      python -m bot train
      python -m bot train review --model article
      python -m bot train review --data imdb
    """
    if what == "assistant":
        from bot.terminal.training import train_assistant

        train_assistant(_settings(), force)
    elif what == "review":
        _settings()
        from bot.terminal.training import train_review

        train_review(model, data, encoder, keep_network)
    else:
        fail(f"there is nothing called {what!r} to train, only assistant and review", 2)


@app.command()
def concepts(
    name: Annotated[
        str | None, typer.Argument(help="A concept to compare with all others, such as rnn.")
    ] = None,
) -> None:
    """List the concepts, or see which others one concept collides with.

    \b
    Examples:
      python -m bot concepts
      python -m bot concepts dropout
    """
    from bot.terminal.concepts import show_all, show_one
    from models.knowledge import KnowledgeError

    _settings()
    try:
        if name is None:
            show_all()
        else:
            show_one(name)
    except KnowledgeError as error:
        fail(str(error))


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="A message, as a person would type it.")],
    after: Annotated[
        str | None, typer.Option(help="The concept that was spoken of before, such as dropout.")
    ] = None,
) -> None:
    """Say what each stage of understanding makes of a message, and why it decided so.

    \b
    Examples:
      python -m bot explain "svm or forest?"
      python -m bot explain "and against Adam?" --after momentum
    """
    from models.knowledge import KnowledgeError

    settings = _settings()
    from bot.terminal.explain import explain as explain_message

    try:
        explain_message(settings, text, after)
    except KnowledgeError as error:
        fail(str(error))


@app.command()
def evaluate(
    folder: Annotated[
        Path | None, typer.Option(help="Where to write the report [docs/understanding].")
    ] = None,
) -> None:
    """Score the assistant on its held-out questions and dialogues.

    \b
    Example:
      python -m bot evaluate
    """
    settings = _settings()
    from bot.terminal.training import train_assistant

    train_assistant(settings)
    from bot.evaluation.run import REPORT, run

    run(settings, folder or REPORT)


@app.command()
def check() -> None:
    """Run every check that CI runs.

    These are style, types, direction of imports, training data and tests.

    \b
    Example:
      python -m bot check
    """
    from bot.checks import run

    sys.exit(run())


@app.command()
def classify(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Tables of reviews (.csv, .tsv, .jsonl, .parquet) or a line each (.txt); "
            "folders and patterns, too."
        ),
    ],
    output: Annotated[
        Path, typer.Option(help="The file to write (.csv or .jsonl); a folder for several.")
    ],
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler; without it this machine does the work."),
    ] = None,
) -> None:
    """Classify files of film reviews.

    Each row gets a label and a probability. Large files are judged by as many processes as there
    are processors, or by the workers of a Dask cluster, which need this project and its models.

    \b
    Examples:
      python -m bot classify reviews.csv --output results.csv
      python -m bot classify 'reviews/*.parquet' --output out/
      python -m bot classify 'reviews/*.csv' --output out/ --scheduler tcp://127.0.0.1:8786
    """
    _settings()
    from bot.files.errors import TableError
    from bot.terminal.bulk import classify as classify_files
    from models.review import ReviewModelError

    try:
        classify_files(files, output, scheduler)
    except (TableError, ReviewModelError) as error:
        fail(str(error))


@app.command()
def telegram() -> None:
    """Connect to Telegram.

    The server starts as with serve; TELEGRAM_BOT_TOKEN holds the token.

    \b
    Example:
      TELEGRAM_BOT_TOKEN=... python -m bot telegram
    """
    settings = _settings()
    from bot.channels import telegram as channel

    channel.check()
    _serve(settings)


@app.command()
def inbox(
    days: Annotated[int, typer.Option(help="So many days are looked at.")] = 30,
    add: Annotated[
        int | None, typer.Option(help="The number of a group to make a training example of.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="The intent or concept it belongs to [the nearest].")
    ] = None,
    side: Annotated[str, typer.Option(help="The side of a concept it asks for.")] = "definition",
) -> None:
    """Show what was not understood or called wrong, alike messages together.

    What you add is a person's own words: leave out what names somebody.

    \b
    Examples:
      python -m bot inbox
      python -m bot inbox --add 2 --to dropout --side why
      python -m bot inbox --add 3 --to out_of_scope
    """
    settings = _settings()
    from bot.inbox import run

    run(settings, days, add, to, side)


@app.command()
def bench() -> None:
    """Measure speed and memory of the assistant.

    \b
    Example:
      python -m bot bench
    """
    settings = _settings()
    from bot.terminal.training import train_assistant

    train_assistant(settings)
    from bot.bench import run

    run(settings)


def _serve(settings: Settings, number: int = 1, worker: int | None = None) -> None:
    from bot import home, ports, workers
    from bot.settings import check_workers

    check_workers(os.environ)
    workers.check(settings, number)
    signal.signal(signal.SIGTERM, _end)
    if worker is not None:
        from bot.serving import work

        work(settings, worker)
        return
    try:
        taken = ports.listen(settings.host, settings.port)
    except OSError as error:
        fail(f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}")
    print("fathom: starting; the address follows when it answers", file=sys.stderr)
    if number > 1:
        taken.close()
        sys.exit(workers.Workers(settings, number).run())
    from bot.early import Early

    home.prepare(settings.home)
    with closing(taken), closing(Early(taken)) as early, home.claim(settings):
        from bot.serving import serve as run_server

        run_server(settings, taken, early)


def _end(*_: object) -> None:
    """End a server that has not begun to serve: there is nothing to finish.

    An exception that is raised while the collector of garbage runs a callback is lost; then the
    alarm ends the process.
    """
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.alarm(2)
    sys.exit(0)


def _settings() -> Settings:
    settings = Settings.from_environment()
    from bot import logs

    logs.quiet_environment()
    logs.configure(os.environ.get("LOG_LEVEL", "WARNING"))
    return settings
