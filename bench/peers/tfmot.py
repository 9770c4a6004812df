"""TFMOT, served to the benchmarks (see serve.py).

{"op": "versions"}
    -> the versions of what runs here
{"op": "model", "id", "inputs", "hidden", "frequency": n or null, "end_step"}
    -> {}; an MLP, pruned by PolynomialDecay from 0.5 to 0.9 if there is a frequency
{"op": "fit", "id", "batches", "batch_size"}
    -> {"cpu", "wall"}: milliseconds of one fit over random images, without those
       in which it makes its data set, a third of a short fit
{"op": "sparsity", "model", "weights": path, "data", "count", "seed", "epochs", "end_step",
 "batch_size", "frequency", "initial", "finals": [...], "samples"}
    -> {"dense", "pruned": [{"pruned", "recalibrated"}, ...]}: accuracies in % on the test
       images, of the model with the weights in that file, float32 layer by layer, and after
       training it from there with `count` images; the last with the statistics of batch
       normalization measured anew, on the first `samples` images, null if there is none
"""
import os
import sys
import time

from serve import serve

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
import tensorflow_model_optimization as tfmot
from tensorflow_model_optimization.python.core.keras.compat import keras

from digits import load

layers = keras.layers
sparsity = tfmot.sparsity.keras
models = {}
data = {}


def mlp(inputs, hidden):
    shape = {"input_shape": (inputs,)}
    units = [layers.Dense(n, activation="relu", **({} if i else shape)) for i, n in enumerate(hidden)]
    return keras.Sequential([*units, layers.Dense(10, activation="softmax")])


def convolutional(*before):
    """Layers, the first of them given the shape of an image, and an output layer."""
    return keras.Sequential([keras.Input((28, 28, 1)), *before, layers.Dense(10, activation="softmax")])


def conv(filters, size):
    return layers.Conv2D(filters, size, activation="relu")


def resnet():
    """Three stages of two blocks, 16-32-64 channels."""
    def normalized(x, filters, size, strides=1):
        x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    def block(x, filters, strides):
        inner = layers.ReLU()(normalized(x, filters, 3, strides))
        fits = strides == 1 and x.shape[-1] == filters
        shortcut = x if fits else normalized(x, filters, 1, strides)
        return layers.ReLU()(layers.Add()([normalized(inner, filters, 3), shortcut]))

    image = keras.Input((28, 28, 1))
    x = layers.ReLU()(normalized(image, 16, 3))
    for filters, strides in ((16, 1), (32, 2), (64, 2)):
        x = block(block(x, filters, strides), filters, 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))


BUILDERS = {
    "mlp": lambda: mlp(784, (300, 100)),
    "tutorial": lambda: convolutional(conv(12, 3), layers.MaxPooling2D(), layers.Flatten()),
    "cnn": lambda: convolutional(
        conv(8, 3), layers.MaxPooling2D(), conv(16, 3), layers.MaxPooling2D(), layers.Flatten()),
    "lenet5": lambda: convolutional(
        conv(20, 5), layers.MaxPooling2D(), conv(50, 5), layers.MaxPooling2D(), layers.Flatten(),
        layers.Dense(500, activation="relu")),
    "resnet": resnet,
}


def compiled(model):
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def pruned(model, initial, final, end_step, frequency):
    schedule = sparsity.PolynomialDecay(initial, final, 0, end_step, frequency=frequency)
    return sparsity.prune_low_magnitude(model, schedule), [sparsity.UpdatePruningStep()]


def make_model(id, inputs, hidden, frequency, end_step):
    model, callbacks = mlp(inputs, hidden), []
    if frequency:
        model, callbacks = pruned(model, 0.5, 0.9, end_step, frequency)
    models[id] = compiled(model), callbacks, inputs
    return {}


class Started(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.cpu, self.wall = time.process_time(), time.perf_counter()


def fit(id, batches, batch_size):
    model, callbacks, inputs = models[id]
    key = batches * batch_size, inputs
    if key not in data:
        x = np.random.randn(*key).astype("float32")
        data[key] = x, np.eye(10, dtype="float32")[np.random.randint(10, size=key[0])]
    x, y = data[key]
    started = Started()
    model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0, shuffle=False,
              callbacks=[*callbacks, started])
    return {"cpu": 1000 * (time.process_time() - started.cpu),
            "wall": 1000 * (time.perf_counter() - started.wall)}


def images(folder, part, shape, count=None):
    x, classes = load(folder, part, count)
    return x.reshape(-1, *shape), np.eye(10, dtype="float32")[classes]


def with_weights(net, path):
    values, at = np.fromfile(path, "float32"), 0
    for layer in net.layers:
        own = []
        for weight in layer.get_weights():
            own.append(values[at:at + weight.size].reshape(weight.shape))
            at += weight.size
        layer.set_weights(own)
    return net


def recalibrate(net, batches):
    """Makes the moving statistics of normalizations the mean of those of `batches`."""
    norms = [layer for layer in net.layers if isinstance(layer, layers.BatchNormalization)]
    sums = [0] * (2 * len(norms))
    for norm in norms:
        norm.momentum = 0
    for batch in batches:
        net(batch, training=True)
        moving = [each.numpy() for norm in norms for each in (norm.moving_mean, norm.moving_variance)]
        sums = [total + each for total, each in zip(sums, moving)]
    for i, norm in enumerate(norms):
        norm.moving_mean.assign(sums[2 * i] / len(batches))
        norm.moving_variance.assign(sums[2 * i + 1] / len(batches))
    return len(norms) > 0


def measure_sparsity(model, weights, data, count, seed, epochs, end_step, batch_size, frequency,
                     initial, finals, samples):
    dense = compiled(with_weights(BUILDERS[model](), weights))
    shape = dense.input_shape[1:]
    train, test = images(data, "train", shape, count), images(data, "t10k", shape)

    def accuracy(net):
        return 100 * float(net.evaluate(*test, batch_size=1000, verbose=0)[1])

    result = {"dense": accuracy(dense), "pruned": []}
    for final in finals:
        keras.utils.set_random_seed(100 + seed)
        net = BUILDERS[model]()
        net.set_weights(dense.get_weights())
        net, callbacks = pruned(net, initial, final, end_step, frequency)
        compiled(net).fit(*train, batch_size=batch_size, epochs=epochs, verbose=0,
                          callbacks=callbacks)
        net = compiled(sparsity.strip_pruning(net))
        own = {"pruned": accuracy(net), "recalibrated": None}
        if recalibrate(net, np.split(train[0][:samples], samples // batch_size)):
            own["recalibrated"] = accuracy(compiled(net))
        result["pruned"].append(own)
    return result


def versions():
    return {"TFMOT": tfmot.__version__, "TensorFlow": tf.__version__,
            "Python": sys.version.split()[0]}


serve(versions=versions, model=make_model, fit=fit, sparsity=measure_sparsity)
