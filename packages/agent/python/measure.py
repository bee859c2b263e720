"""Measures a graphics card through its maker's own libraries, by PyTorch: CUDA and ROCm, Intel's XPU, Apple's MPS.

One JSON object per line in, one out. The first line out describes the card:
    {"device": {"name", "backend", "memoryBytes", "precisions", "version"}}
Then, for each line in:
    {"product": "fp32" | "fp16", "size": columns, "steps": products, "dutyPercent": 1 to 100}
    {"traffic": "read" | "write" | "triad", "bytes": of each array, "rounds": walks, "dutyPercent": 1 to 100}
comes {"amount": floating-point operations or bytes, "ms": time that it took}, or {"failed": reason, "message": words}.
Reasons: "no-pytorch", "no-device", "out-of-memory", "failed". It ends with its input.
"""

import json
import sys
import time

# Work between two looks at the clock, as the share of a card asks for: at most 50 ms.
SLICE_MS = 50.0


class Failure(Exception):
    def __init__(self, reason, message):
        super().__init__(message)
        self.reason = reason


def load():
    try:
        import torch
    except Exception as error:  # a broken installation raises much else than ImportError
        raise Failure("no-pytorch", str(error)) from error
    return torch


def backend_of(torch):
    """The first accelerator there is: its name for PyTorch, ours, and the module that waits for it."""
    if torch.cuda.is_available():
        return "cuda", "rocm" if getattr(torch.version, "hip", None) else "cuda", torch.cuda
    xpu = getattr(torch, "xpu", None)
    if xpu is not None and xpu.is_available():
        return "xpu", "xpu", xpu
    mps = getattr(torch.backends, "mps", None)
    if mps is not None and mps.is_available():
        return "mps", "mps", torch.mps
    raise Failure("no-device", "PyTorch " + str(torch.__version__) + " finds no accelerator")


class Card:
    def __init__(self, torch):
        self.torch = torch
        self.place, self.backend, self.module = backend_of(torch)
        if self.place == "cuda":
            # TF32 counts for FP32-class products; sums of FP16 products must be kept in FP32.
            torch.backends.cuda.matmul.allow_tf32 = True
            torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
        self.types = {"fp32": torch.float32, "fp16": torch.float16}
        self.matrices = {}
        self.arrays = ()

    def describe(self):
        if self.place == "mps":
            name, memory = "Apple GPU", int(self.module.recommended_max_memory())
        else:
            properties = self.module.get_device_properties(0)
            name, memory = properties.name, int(properties.total_memory)
        version = "PyTorch " + str(self.torch.__version__)
        return {
            "name": name,
            "backend": self.backend,
            "memoryBytes": memory,
            "precisions": ["fp32", "fp16"],
            "version": version,
        }

    def product(self, precision, size, steps, duty):
        left, right, out = self._matrices_of(precision, size)
        once = lambda: self.torch.matmul(left, right, out=out)
        return {"amount": 2 * size**3 * steps, "ms": self._timed(once, steps, duty)}

    def traffic(self, kind, size, rounds, duty):
        one, other, third = self._arrays_of(size)
        if kind == "read":
            # a sum reads each byte once and writes next to nothing
            once, walked = lambda: (one.sum(), other.sum(), third.sum()), 3
        elif kind == "write":
            once, walked = lambda: (one.fill_(1.0), other.fill_(2.0), third.fill_(0.0)), 3
        else:
            once, walked = lambda: self.torch.add(one, other, alpha=0.5, out=third), 3
        return {"amount": walked * self.array_bytes * rounds, "ms": self._timed(once, rounds, duty)}

    def _matrices_of(self, precision, size):
        key = (precision, size)
        if key not in self.matrices:
            self.matrices.clear()
            make = lambda: self.torch.randn(size, size, device=self.place, dtype=self.types[precision])
            self.matrices[key] = (make(), make(), make())
        return self.matrices[key]

    def _arrays_of(self, size):
        count = size // 4
        if not self.arrays or self.arrays[0].numel() != count:
            self.arrays = ()
            make = lambda: self.torch.zeros(count, device=self.place, dtype=self.torch.float32)
            self.arrays = (make(), make(), make())
            self.array_bytes = 4 * count
        return self.arrays

    def _timed(self, once, times, duty):
        """Wall-clock time in ms of all `times`, with the rests that a part of the card asks for."""
        begin = time.perf_counter()
        done, at_once = 0, 1
        while done < times:
            now = min(at_once, times - done)
            started = time.perf_counter()
            for _ in range(now):
                once()
            self.module.synchronize()
            busy = (time.perf_counter() - started) * 1000
            done += now
            if duty < 100:
                time.sleep(busy / 1000 * (100 - duty) / duty)
                at_once = max(1, int(now * SLICE_MS / max(busy, 0.001) / 2))
            else:
                at_once = times - done
        return (time.perf_counter() - begin) * 1000


def answer(card, request):
    duty = request["dutyPercent"]
    if "product" in request:
        return card.product(request["product"], request["size"], request["steps"], duty)
    return card.traffic(request["traffic"], request["bytes"], request["rounds"], duty)


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def attempt(work):
    """Says what `work` gives, or why it gives nothing. @returns whether it gave something"""
    try:
        say(work())
        return True
    except Failure as failure:
        say({"failed": failure.reason, "message": str(failure)[:500]})
    except Exception as error:
        reason = "out-of-memory" if "out of memory" in str(error).lower() else "failed"
        say({"failed": reason, "message": (type(error).__name__ + ": " + str(error))[:500]})
    return False


def main():
    card = None

    def describe():
        nonlocal card
        card = Card(load())
        return {"device": card.describe()}

    if not attempt(describe):
        return
    for line in sys.stdin:
        attempt(lambda: answer(card, json.loads(line)))


main()
