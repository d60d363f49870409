"""Two small causal sequence models, written plainly: a decoder-only transformer and a selective state-space model (a Mamba block).

Both map token ids (batch x time) to logits (batch x time x vocabulary), and position t sees tokens 0..t only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....errors import InvalidInput

try:
    import torch as installed
except ImportError:  # the extra is optional: `require_torch` says what to install
    installed = None

torch: Any = installed
nn: Any = None if torch is None else torch.nn
F: Any = None if torch is None else torch.nn.functional
Module: Any = object if torch is None else torch.nn.Module
ARCHITECTURES = ("transformer", "state-space")


def require_torch() -> None:
    """Raise `InvalidInput` with the remedy where PyTorch is missing."""
    if torch is None:
        raise InvalidInput("torch", "is not installed, and networks are trained with it", "pip install 'ntpproofs[torch]'")


@dataclass(frozen=True)
class Size:
    """Layers, width, heads (transformer) and state dimension per channel (state-space)."""

    layers: int = 3
    width: int = 64
    heads: int = 4
    state: int = 8


class Attention(Module):
    """Causal multi-head attention."""

    def __init__(self, size: Size) -> None:
        Module.__init__(self)
        self.heads = size.heads
        self.mixed = nn.Linear(size.width, 3 * size.width)
        self.out = nn.Linear(size.width, size.width)

    def forward(self, x: Any) -> Any:
        """x: batch x time x width."""
        batch, time, width = x.shape
        q, k, v = (part.view(batch, time, self.heads, -1).transpose(1, 2) for part in self.mixed(x).split(width, dim=2))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(mixed.transpose(1, 2).reshape(batch, time, width))


class TransformerBlock(Module):
    """Pre-norm attention and a two-layer perceptron."""

    def __init__(self, size: Size) -> None:
        Module.__init__(self)
        self.first, self.second = nn.LayerNorm(size.width), nn.LayerNorm(size.width)
        self.attention = Attention(size)
        self.perceptron = nn.Sequential(nn.Linear(size.width, 4 * size.width), nn.GELU(), nn.Linear(4 * size.width, size.width))

    def forward(self, x: Any) -> Any:
        """x: batch x time x width."""
        x = x + self.attention(self.first(x))
        return x + self.perceptron(self.second(x))


def selective_scan(decay: Any, drive: Any) -> Any:
    """h_t = decay_t * h_{t-1} + drive_t from h = 0, entrywise along the second axis: a plain loop over time.

    On a CPU this is five times less work than a scan by doubling at the 30 to 40 tokens of these tasks.
    """
    hidden, found = torch.zeros_like(drive[:, 0]), []
    for factor, entry in zip(decay.unbind(1), drive.unbind(1)):
        hidden = factor * hidden + entry
        found.append(hidden)
    return torch.stack(found, dim=1)


class SelectiveBlock(Module):
    """A Mamba block: gated, short causal convolution, then a diagonal recursion whose step, input and output depend on the token.

    h_t = exp(-delta_t A) h_{t-1} + delta_t B_t x_t,  y_t = <C_t, h_t> + D x_t,  A > 0 diagonal per channel.
    """

    def __init__(self, size: Size) -> None:
        Module.__init__(self)
        inner, self.state, rank = 2 * size.width, size.state, max(size.width // 16, 1)
        self.rank = rank
        self.norm = nn.LayerNorm(size.width)
        self.into = nn.Linear(size.width, 2 * inner)
        self.convolution = nn.Conv1d(inner, inner, kernel_size=4, groups=inner, padding=3)
        self.choose = nn.Linear(inner, rank + 2 * size.state, bias=False)
        self.step = nn.Linear(rank, inner)
        self.log_decay = nn.Parameter(torch.arange(1, size.state + 1, dtype=torch.float32).log().repeat(inner, 1))
        self.skip = nn.Parameter(torch.ones(inner))
        self.out = nn.Linear(inner, size.width)
        # Steps start log-uniform in [0.001, 0.1], as in the published block: softplus of the bias is the step.
        initial = torch.exp(torch.linspace(torch.log(torch.tensor(1e-3)), torch.log(torch.tensor(1e-1)), inner))
        with torch.no_grad():
            self.step.bias.copy_(initial + torch.log(-torch.expm1(-initial)))

    def forward(self, x: Any) -> Any:
        """x: batch x time x width."""
        inner, gate = self.into(self.norm(x)).chunk(2, dim=-1)
        inner = F.silu(self.convolution(inner.transpose(1, 2))[..., : x.shape[1]].transpose(1, 2))
        low, b, c = self.choose(inner).split([self.rank, self.state, self.state], dim=-1)
        delta = F.softplus(self.step(low))
        decay = torch.exp(-delta.unsqueeze(-1) * self.log_decay.exp())
        drive = (delta * inner).unsqueeze(-1) * b.unsqueeze(2)
        hidden = selective_scan(decay, drive)
        mixed = (hidden * c.unsqueeze(2)).sum(-1) + self.skip * inner
        return x + self.out(mixed * F.silu(gate))


class Model(Module):
    """Token and position embeddings, blocks, a linear read-out."""

    def __init__(self, architecture: str, vocabulary: int, time: int, size: Size) -> None:
        Module.__init__(self)
        require_torch()
        if architecture not in ARCHITECTURES:
            raise InvalidInput("architecture", f"is {architecture!r}", f"give one of {', '.join(ARCHITECTURES)}")
        block = TransformerBlock if architecture == "transformer" else SelectiveBlock
        self.tokens = nn.Embedding(vocabulary, size.width)
        self.places = nn.Embedding(time, size.width)
        self.blocks = nn.Sequential(*(block(size) for _ in range(size.layers)))
        self.norm = nn.LayerNorm(size.width)
        self.read = nn.Linear(size.width, vocabulary)
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.places.weight, std=0.02)

    def forward(self, ids: Any) -> Any:
        """ids: batch x time, integers; gives logits batch x time x vocabulary."""
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1], device=ids.device))
        return self.read(self.norm(self.blocks(x)))
