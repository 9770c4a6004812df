"""What is trained and tested on: MNIST, or a data set of its form, or files of any samples."""
import os

import numpy as np


def idx(path):
    with open(path, "rb") as file:
        raw = file.read()
    sizes = [int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * len(sizes)).reshape(sizes)


def digits(folder, part, count=None):
    """The first `count` images [n, 28, 28, 1] in [0, 1], and their classes one-hot [n, 10]."""
    images = idx(os.path.join(folder, part + "-images-idx3-ubyte"))[:count]
    classes = idx(os.path.join(folder, part + "-labels-idx1-ubyte"))[:count]
    return images[..., None].astype("float32") / 255, np.eye(10, dtype="float32")[classes]


def load(data):
    """The samples and targets to train with, then those to test with.

    Of digits `data` is {"folder", "count": of those to train with}, the IDX files that the
    benchmarks read; of others {"train", "test"}, each {"x", "y"} of {"path", "shape", "dtype"}.
    """
    if "folder" in data:
        return digits(data["folder"], "train", data["count"]), digits(data["folder"], "t10k")
    return [[np.fromfile(each["path"], each["dtype"]).reshape(each["shape"])
             for each in (part["x"], part["y"])] for part in (data["train"], data["test"])]
