"""Which file and which tensor of it: ``file.safetensors:tensor``. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: Suffix -> what such a file is called.
KINDS = {
    ".npz": "numpy or scipy",
    ".mtx": "Matrix Market",
    ".safetensors": "safetensors",
    ".pt": "PyTorch",
    ".pth": "PyTorch",
}
#: Kinds whose files hold tensors by name.
NAMED = ("safetensors", "PyTorch")


@dataclass(frozen=True)
class Source:
    """A file, and the tensor of it that is meant ("": not said)."""

    path: Path
    tensor: str = ""

    @classmethod
    def of(cls, text: str | Path) -> Source:
        """``file`` or ``file:tensor``; a file that is there wins over a tensor's name.

        >>> Source.of("net.safetensors:fc.weight")
        Source(path=PosixPath('net.safetensors'), tensor='fc.weight')
        >>> Source.of("a:b.npz").tensor, Source.of("my.npz").tensor
        ('', '')
        """
        text = str(text)
        if not Path(text).exists():
            for at, letter in enumerate(text):
                path = Path(text[:at])
                if letter == ":" and path.suffix.lower() in KINDS:
                    return cls(path, text[at + 1 :])
        return cls(Path(text))

    @property
    def kind(self) -> str:
        """Of ``KINDS``; ``.npz`` for a suffix that is not known, whose reader says what is wrong.

        >>> Source.of("net.PTH:fc.weight").kind, Source.of("layer").kind
        ('PyTorch', 'numpy or scipy')
        """
        return KINDS.get(self.path.suffix.lower(), KINDS[".npz"])

    @property
    def name(self) -> str:
        """Of the layer: the tensor, or the file without its suffix."""
        return self.tensor.removesuffix(".weight") or self.path.stem
