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
    state: int = 4


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


def selective_scan(delta: Any, rate: Any, drive: Any, b: Any, c: Any) -> Any:
    """y_t = <c_t, h_t> with h_t = exp(delta_t rate) h_{t-1} + b_t drive_t from h = 0, for every channel: a plain loop over time.

    `delta`, `drive`: batch x time x channels; `rate`: state x channels; `b`, `c`: batch x time x state. The states of one time
    stay in the cache, and channels come last, where the hardware multiplies them side by side.
    """
    hidden, found = torch.zeros(len(drive), *rate.shape, device=drive.device), []
    for step, entry, into, out in zip(delta.unbind(1), drive.unbind(1), b.unbind(1), c.unbind(1)):
        hidden = torch.exp(step.unsqueeze(1) * rate) * hidden + torch.bmm(into.unsqueeze(2), entry.unsqueeze(1))
        found.append(torch.bmm(out.unsqueeze(1), hidden).squeeze(1))
    return torch.stack(found, dim=1)


def causal_convolution(x: Any, weight: Any, bias: Any) -> Any:
    """Every channel mixed with its last few times, as shifted products: x batch x time x channels, weight channels x width."""
    width, time = weight.shape[1], x.shape[1]
    padded = F.pad(x, (0, 0, width - 1, 0))
    return sum((padded[:, k : k + time] * weight[:, k] for k in range(width)), start=bias)


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
        self.convolution = nn.Conv1d(inner, inner, kernel_size=4, groups=inner)
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
        inner = F.silu(causal_convolution(inner, self.convolution.weight[:, 0], self.convolution.bias))
        low, b, c = self.choose(inner).split([self.rank, self.state, self.state], dim=-1)
        delta = F.softplus(self.step(low))
        mixed = selective_scan(delta, -self.log_decay.exp().T, delta * inner, b, c) + self.skip * inner
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
