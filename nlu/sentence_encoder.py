"""Turn sentences into vectors with all-MiniLM-L6-v2, on NumPy alone.

The weights are int8 per row (see ``encoder/README.md`` for where they come from); the forward
pass is BERT's, as in Devlin et al. (2019), followed by mean pooling and L2 normalisation as the
model's card prescribes.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf
from tokenizers import Tokenizer

FOLDER = Path(__file__).parent / "encoder"
DIMENSIONS = 384
LAYERS = 6
HEADS = 12
MAX_TOKENS = 96
SHA256 = "63530be5b3b196e92399b0f74e4389ebfec412a9aeb51e0775374cf2425ec860"

Array = NDArray[np.float32]


class EncoderError(RuntimeError):
    """The encoder's weights are missing or not the ones that were released."""


class SentenceEncoder:
    """Encode sentences as unit vectors.

    Example:
        >>> vectors = SentenceEncoder.load().encode(["what is overfitting"])
        >>> vectors.shape
        (1, 384)
    """

    def __init__(self, tokenizer: Tokenizer, weights: dict[str, NDArray[np.generic]]) -> None:
        """Keep token embeddings in int8 (they are only looked up) and unpack the rest."""
        self._tokenizer = tokenizer
        self._words = weights.pop("embeddings.word_embeddings.weight")
        self._words_scale = weights.pop("embeddings.word_embeddings.weight.scale")
        self._weights: dict[str, Array] = {}
        for name, value in weights.items():
            if name.endswith(".scale"):
                continue
            scale = weights.get(f"{name}.scale")
            matrix = value.astype(np.float32)
            self._weights[name] = matrix if scale is None else matrix * scale[:, None]
        for layer in range(LAYERS):
            self._fuse_attention(f"encoder.layer.{layer}.attention.self")

    def _fuse_attention(self, prefix: str) -> None:
        parts = ("query", "key", "value")
        for kind in ("weight", "bias"):
            self._weights[f"{prefix}.{kind}"] = np.concatenate(
                [self._weights.pop(f"{prefix}.{part}.{kind}") for part in parts]
            )

    @classmethod
    @functools.lru_cache(maxsize=1)
    def load(cls, folder: Path = FOLDER) -> SentenceEncoder:
        """Load the released encoder once.

        Raises:
            EncoderError: if the weights are missing or their hash differs.
        """
        path = folder / "weights.npz"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise EncoderError(f"The sentence encoder is missing: {path.name}") from error
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise EncoderError(f"The sentence encoder is damaged: {path.name}; check it out anew")
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.no_padding()
        with np.load(path, allow_pickle=False) as archive:
            return cls(tokenizer, {name: archive[name] for name in archive.files})

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is one of those the encoder never takes apart."""
        return self._tokenizer.token_to_id(word) is not None

    def encode(self, sentences: Sequence[str], batch_size: int = 32) -> Array:
        """Return one unit vector a sentence, shape ``(len(sentences), 384)``.

        Sentences of similar length share a batch, so little is spent on padding.
        """
        encodings = self._tokenizer.encode_batch(list(sentences))
        order = np.argsort([len(encoding.ids) for encoding in encodings], kind="stable")
        vectors = np.zeros((len(encodings), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            vectors[rows] = self._forward([encodings[row].ids for row in rows])
        return vectors

    def _forward(self, batch: list[list[int]]) -> Array:
        length = max(map(len, batch))
        ids = np.zeros((len(batch), length), dtype=np.int64)
        mask = np.zeros((len(batch), length), dtype=np.float32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1.0
        words = self._words[ids].astype(np.float32) * self._words_scale[ids][..., None]
        hidden = (
            words
            + self._weights["embeddings.position_embeddings.weight"][:length]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._normalise(hidden, "embeddings.LayerNorm")
        blocked = (1.0 - mask)[:, None, None, :] * np.float32(-1e9)
        for layer in range(LAYERS):
            hidden = self._layer(hidden, blocked, f"encoder.layer.{layer}")
        pooled = (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def _layer(self, hidden: Array, blocked: Array, prefix: str) -> Array:
        batch, length, _ = hidden.shape
        mixed = self._dense(hidden, f"{prefix}.attention.self")
        # (batch, length, 3 * 384) -> three of (batch, heads, length, 32)
        query, key, value = (
            part.reshape(batch, length, HEADS, -1).transpose(0, 2, 1, 3)
            for part in np.split(mixed, 3, axis=-1)
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(query.shape[-1])) + blocked
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        attention = scores / scores.sum(axis=-1, keepdims=True)
        context = (attention @ value).transpose(0, 2, 1, 3).reshape(batch, length, DIMENSIONS)
        hidden = self._normalise(
            hidden + self._dense(context, f"{prefix}.attention.output.dense"),
            f"{prefix}.attention.output.LayerNorm",
        )
        inner = self._dense(hidden, f"{prefix}.intermediate.dense")
        inner = inner * np.float32(0.5) * (1 + erf(inner / np.float32(np.sqrt(2))))
        return self._normalise(
            hidden + self._dense(inner, f"{prefix}.output.dense"), f"{prefix}.output.LayerNorm"
        )

    def _dense(self, values: Array, name: str) -> Array:
        # One flat product: NumPy hands a stack of matrices to BLAS one by one, which is slower.
        flat = values.reshape(-1, values.shape[-1]) @ self._weights[f"{name}.weight"].T
        return (flat + self._weights[f"{name}.bias"]).reshape(*values.shape[:-1], -1)

    def _normalise(self, values: Array, name: str) -> Array:
        centred = values - values.mean(axis=-1, keepdims=True)
        variance = (centred**2).mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(variance + np.float32(1e-12))
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
