"""MNIST, or a data set of its form, from the IDX files that the benchmarks read."""
import os

import numpy as np


def idx(path):
    with open(path, "rb") as file:
        raw = file.read()
    sizes = [int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * len(sizes)).reshape(sizes)


def load(folder, part, count=None):
    """The first `count` images [n, 28, 28] in [0, 1], and their classes [n], of "train" or "t10k"."""
    images = idx(os.path.join(folder, part + "-images-idx3-ubyte"))[:count]
    classes = idx(os.path.join(folder, part + "-labels-idx1-ubyte"))[:count]
    return images.astype("float32") / 255, classes
