# SPDX-License-Identifier: MIT
"""PyTorch's side of the peer bench (peers.c): each operation as a user who cares about speed would write it, outputs
reused where the library lets one. It reads commands and answers each with a line; times are CPU time of all threads,
so a library that takes a second core pays for it."""
import mmap
import sys
import time

try:
    import numpy
    import torch
except ImportError:
    sys.exit(0)

TYPES = {"f32": "float32", "i32": "int32", "i64": "int64"}


def attention(dim, a):
    """Head by head in blocks of 256 queries, each with the keys up to its end, as there is no fused kernel for the CPU:
    the logits stay near, and most of what the mask hides is not computed."""
    b, h, t, d = dim[:4]
    q, k, v = (a[name].view(b * h, t, d) for name in "qkv")
    mask = torch.full((t, t), float("-inf")).triu(1)
    heads = 1 if t > 128 else b * h
    out = torch.empty(b * h, t, d)
    blocks = []
    for first in range(0, t, 256):
        end = min(first + 256, t)
        blocks.append((first, end, torch.empty(heads, end - first, end), torch.empty(heads, end - first, end)))

    def run():
        for i in range(0, b * h, heads):
            for first, end, logits, weights in blocks:
                torch.baddbmm(mask[first:end, :end].expand(heads, end - first, end), q[i:i + heads, first:end],
                              k[i:i + heads, :end].transpose(1, 2), alpha=d ** -0.5, out=logits)
                torch.softmax(logits, 2, out=weights)
                out[i:i + heads, first:end] = torch.bmm(weights, v[i:i + heads, :end])
        return {"o": out}
    return run


def center_rows(dim, a):
    x, out = a["x"].view(dim[0], dim[1]), torch.empty(dim[0], dim[1])

    def run():
        return {"y": torch.sub(x, x.mean(1, keepdim=True), out=out)}
    return run


def layernorm_fwd(dim, a):
    rows, n = dim[:2]
    x = a["x"].view(rows, n)

    def run():
        y, mean, rstd = torch.native_layer_norm(x, (n,), a["gamma"], a["beta"], 1e-5)
        return {"y": y, "mean": mean, "rstd": rstd}
    return run


def layernorm_bwd(dim, a):
    rows, n = dim[:2]
    dy, x = a["dy"].view(rows, n), a["x"].view(rows, n)
    mean, rstd = a["mean"].view(rows, 1), a["rstd"].view(rows, 1)
    beta = torch.zeros(n)

    def run():
        dx, dgamma, dbeta = torch.ops.aten.native_layer_norm_backward(
            dy, x, (n,), mean, rstd, a["gamma"], beta, (True, True, True))
        return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}
    return run


def softmax_xent(dim, a):
    n, v = dim[:2]
    logits = a["logits"].view(n, v).requires_grad_()
    target = a["target"].long()

    def run():
        logits.grad = None
        loss = torch.nn.functional.cross_entropy(logits, target, reduction="none")
        loss.mean().backward()
        return {"row_loss": loss.detach(), "dlogits": logits.grad}
    return run


def rms_norm_fwd(dim, a):
    rows, n = dim[:2]
    x = a["x"].view(rows, n)

    def run():
        rstd = torch.rsqrt(x.pow(2).mean(1, keepdim=True) + 1e-5)
        return {"y": (x * rstd).mul_(a["gamma"]), "rstd": rstd}
    return run


def rms_norm_bwd(dim, a):
    rows, n = dim[:2]
    dy, x, rstd = a["dy"].view(rows, n), a["x"].view(rows, n), a["rstd"].view(rows, 1)

    def run():
        xhat = x * rstd
        g = dy * a["gamma"]
        dgamma = (dy * xhat).sum(0)
        share = (g * xhat).mean(1, keepdim=True)
        return {"dx": g.sub_(xhat.mul_(share)).mul_(rstd), "dgamma": dgamma}
    return run


def adamw(dim, a):
    """The library's own optimiser. Clipping changes the gradient, which only the answer needs fresh; timed calls clip
    one of norm 1 again, with the same work."""
    counts = [int(c) for c in a["count"]]
    parts = {name: list(a[name].split(counts)) for name in ("g", "w", "m", "v")}
    groups = [{"params": [w], "lr": 0.03 * float(mult), "weight_decay": float(decay)}
              for w, mult, decay in zip(parts["w"], a["lr_mult"], a["weight_decay"])]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.95), eps=1e-8, foreach=True)
    rate = 0.002 + (0.03 - 0.002) * (1 + numpy.cos(numpy.pi * 200 / 900)) / 2
    for group, mult in zip(optimizer.param_groups, a["lr_mult"]):
        group["lr"] = rate * float(mult)
    gradient = [g.clone() for g in parts["g"]]
    for w, g, m, v in zip(parts["w"], gradient, parts["m"], parts["v"]):
        w.grad = g
        optimizer.state[w] = {"step": torch.tensor(300.0), "exp_avg": m, "exp_avg_sq": v}

    def fresh():
        for w, g in zip(parts["w"], parts["g"]):
            w.grad.copy_(g)
            optimizer.state[w]["step"].fill_(300)

    def run():
        torch.nn.utils.clip_grad_norm_(parts["w"], 1.0)
        optimizer.step()
        return {}
    run.fresh = fresh
    return run


def gatednorm_bwd(dim, a):
    """Autograd does it all: forward again, then backward."""
    n, d, f = dim[:3]
    shapes = {"x": (n, d), "g": (d,), "w1": (d, f), "w2": (d, f), "w3": (f, d), "a": (1,)}
    leaf = {name: a[name].view(shape).requires_grad_() for name, shape in shapes.items()}
    dy = a["dy"].view(n, d)

    def run():
        x = leaf["x"]
        r = leaf["g"] * x * torch.rsqrt(x.pow(2).mean(1, keepdim=True) + 1e-5)
        z = torch.nn.functional.silu(r @ leaf["w1"]) * (r @ leaf["w2"])
        y = x + torch.tanh(leaf["a"]) * (z @ leaf["w3"])
        grads = torch.autograd.grad(y, list(leaf.values()), dy)
        return {"d" + name: grad for name, grad in zip(leaf, grads)}
    return run


def selective_scan(dim, a):
    """There is no fused one for the CPU: a loop over the tokens, the state updated in place."""
    b, t, c, s, softplus = dim[:5]
    u, delta = a["u"].view(b, t, c), a["delta"].view(b, t, c)
    A, B, C = a["A"].view(c, s), a["B"].view(b, t, 1, s), a["C"].view(b, t, s, 1)
    y = torch.empty(b, t, c)

    def run():
        step = torch.nn.functional.softplus(delta) if softplus else delta
        fresh = (step * u).unsqueeze(3)
        h = torch.zeros(b, c, s)
        for i in range(t):
            h.mul_(torch.exp(step[:, i].unsqueeze(2) * A)).add_(fresh[:, i] * B[:, i])
            y[:, i] = torch.bmm(h, C[:, i]).squeeze(2)
        return {"y": y + a["D"] * u, "h_last": h}
    return run


def flash_attention(dim, a):
    """As attention(), from any offset, with the logarithm of the sums that the backward pass would want."""
    h, tq, tk, d = dim[:4]
    q, k, v = a["q"].view(h, tq, d), a["k"].view(h, tk, d), a["v"].view(h, tk, d)
    out, lse = torch.empty(h, tq, d), torch.empty(h, tq)
    blocks = []
    for first in range(0, tq, 256):
        last = min(first + 256, tq)
        end = last + tk - tq
        mask = torch.full((last - first, end), float("-inf")).triu(1 + first + tk - tq)
        blocks.append((first, last, end, mask, torch.empty(1, last - first, end)))

    def run():
        for i in range(h):
            for first, last, end, mask, logits in blocks:
                torch.baddbmm(mask, q[i:i + 1, first:last], k[i:i + 1, :end].transpose(1, 2), alpha=d ** -0.5,
                              out=logits)
                torch.logsumexp(logits, 2, out=lse[i:i + 1, first:last])
                logits.sub_(lse[i, first:last].view(1, -1, 1)).exp_()
                torch.bmm(logits, v[i:i + 1, :end], out=out[i:i + 1, first:last])
        return {"o": out, "lse": lse}
    return run


def moe_dispatch(dim, a):
    n, d, e, k, f = dim[:5]
    x, wr = a["x"].view(n, d), a["wr"].view(d, e)
    w1, w2 = a["w1"].view(e, d, f), a["w2"].view(e, f, d)

    def run():
        p = torch.softmax(x @ wr, 1)
        top, expert = p.topk(k, 1)
        gate = top / top.sum(1, keepdim=True)
        y = torch.zeros(n, d)
        for i in range(e):
            token, place = torch.where(expert == i)
            if token.numel():
                inner = torch.nn.functional.silu(x[token] @ w1[i])
                y.index_add_(0, token, (inner @ w2[i]).mul_(gate[token, place].unsqueeze(1)))
        front = torch.bincount(expert[:, 0], minlength=e) / n
        return {"y": y, "gate": gate, "aux": e * (front * p.mean(0)).sum().view(1)}
    return run


def transformer_block(dim, w):
    b, t, d, h, f = dim[:5]
    mask = torch.full((t, t), float("-inf")).triu(1)
    F = torch.nn.functional

    def gelu(u):
        return F.gelu(u, approximate="tanh")

    def block():
        x = w["x"]
        qkv = torch.addmm(w["bqkv"], F.layer_norm(x, (d,), w["ln1g"], w["ln1b"], 1e-5).view(b * t, d), w["wqkv"])
        q, k, v = (part.view(b, t, h, d // h).transpose(1, 2) for part in qkv.split(d, 1))
        weights = torch.softmax(q @ k.transpose(2, 3) * (d // h) ** -0.5 + mask, 3)
        heads = (weights @ v).transpose(1, 2).reshape(b * t, d)
        mid = x + torch.addmm(w["bo"], heads, w["wo"])
        inner = gelu(torch.addmm(w["b1"], F.layer_norm(mid, (d,), w["ln2g"], w["ln2b"], 1e-5), w["w1"]))
        return mid + torch.addmm(w["b2"], inner, w["w2"])
    return block


def block_tensors(dim, a):
    b, t, d, _, f = dim[:5]
    matrices = {"x": (b * t, d), "wqkv": (d, 3 * d), "wo": (d, d), "w1": (d, f), "w2": (f, d)}
    names = ["x", "ln1g", "ln1b", "wqkv", "bqkv", "wo", "bo", "ln2g", "ln2b", "w1", "b1", "w2", "b2"]
    return {name: a[name].view(matrices.get(name, (-1,))) for name in names}


def block_forward(dim, a):
    block = transformer_block(dim, block_tensors(dim, a))

    def run():
        with torch.no_grad():
            return {"y": block()}
    return run


def block_backward(dim, a):
    """Gradients are added to what is there, as autograd does."""
    leaf = {name: tensor.requires_grad_() for name, tensor in block_tensors(dim, a).items()}
    block = transformer_block(dim, leaf)
    dy = a["dy"].view(leaf["x"].shape)
    for name in leaf:
        if name != "x":
            leaf[name].grad = a["d" + name].view(leaf[name].shape)

    def run():
        leaf["x"].grad = None
        block().backward(dy)
        return {"dx": leaf["x"].grad}
    return run


OPERATIONS = {f.__name__: f for f in (
    center_rows, attention, layernorm_fwd, layernorm_bwd, softmax_xent, rms_norm_fwd, rms_norm_bwd, adamw,
    gatednorm_bwd, selective_scan, flash_attention, moe_dispatch, block_forward, block_backward)}


class Peer:
    def __init__(self, memory):
        self.memory = memory
        self.run = None
        self.outputs = {}

    def begin(self, operation, *words):
        dim = [int(word) for word in words if ":" not in word]
        arrays = {}
        self.run, self.outputs = None, {}
        for word in words[len(dim):]:
            name, kind, role, count, offset = word.split(":")
            data = numpy.frombuffer(self.memory, TYPES[kind], int(count), int(offset))
            arrays[name] = torch.from_numpy(data)
            if role == "output":
                self.outputs[name] = arrays[name]
        if operation not in OPERATIONS:
            return "none"
        self.run = OPERATIONS[operation](dim, arrays)
        return "ready"

    def answer(self):
        getattr(self.run, "fresh", lambda: None)()
        result = self.run()
        with torch.no_grad():
            for name, tensor in self.outputs.items():
                tensor.copy_(result[name].reshape(-1))
        return "done"

    def time(self, calls):
        start = time.process_time_ns()
        for _ in range(int(calls)):
            self.run()
        return str(time.process_time_ns() - start)


def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(False)
    peer = Peer(mmap.mmap(int(sys.argv[1]), 0))
    print("PyTorch " + torch.__version__, flush=True)
    for line in sys.stdin:
        command, *words = line.split()
        print(getattr(peer, command)(*words), flush=True)


main()
