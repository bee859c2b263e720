"""Stands in for PyTorch where there is no card. PYTHON_FAKE_TORCH: "absent", "no-device", "full" or nothing."""

import os
import time

mode = os.environ.get("PYTHON_FAKE_TORCH", "")
if mode == "absent":
    raise ImportError("No module named 'torch'")

float32, float16 = "float32", "float16"
MATRIX_SECONDS = 0.01
pending = []


class Matmul:
    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = True


class backends:
    class cuda:
        matmul = Matmul


class version:
    hip = None


class Version:
    def __str__(self):
        return "9.9 tf32=%s reduced=%s" % (Matmul.allow_tf32, Matmul.allow_fp16_reduced_precision_reduction)


__version__ = Version()


class Properties:
    name = "Stand-in Card"
    total_memory = 2**30


class cuda:
    @staticmethod
    def is_available():
        return mode != "no-device"

    @staticmethod
    def get_device_properties(_index):
        return Properties

    @staticmethod
    def synchronize():
        time.sleep(sum(pending))
        pending.clear()


class Array:
    def __init__(self, count):
        self.count = count

    def numel(self):
        return self.count

    def sum(self):
        pending.append(0.001)

    def fill_(self, _value):
        pending.append(0.001)


def randn(rows, columns, device, dtype):
    if mode == "full":
        raise RuntimeError("CUDA out of memory. Tried to allocate 1 GiB.")
    assert device == "cuda" and dtype in (float32, float16)
    return Array(rows * columns)


def zeros(count, device, dtype):
    assert device == "cuda" and dtype == float32
    return Array(count)


def matmul(_left, _right, out):
    pending.append(MATRIX_SECONDS)


def add(_one, _other, alpha, out):
    pending.append(0.001)
