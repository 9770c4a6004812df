"""TFMOT, served to the benchmarks (see serve.py).

{"op": "versions"}
    -> the versions of what runs here
{"op": "model", "id", "inputs", "hidden", "frequency": n or null, "end_step"}
    -> {}; an MLP, pruned by PolynomialDecay from 0.5 to 0.9 if there is a frequency
{"op": "fit", "id", "batches", "batch_size"}
    -> {"cpu", "wall"}: milliseconds of one fit over random images, without those
       in which it makes its data set, a third of a short fit
{"op": "sparsity", "topology": JSON as Keras writes it, "weights": path, "data": see data.py,
 "seed", "epochs", "end_step", "batch_size", "frequency", "initial", "finals": [...], "samples",
 "learning_rate" (default 0.001), "loss" (default "categorical_crossentropy")}
    -> {"dense", "pruned": [{"pruned", "recalibrated"}, ...]}: accuracies in % on what is to
       test with, of the model with the weights in that file, float32 layer by layer, and after
       training it from there with Adam while PolynomialDecay rises from `initial` at step 0
       to each of `finals` at `end_step`, in the kernels of dense layers and convolutions and
       in embeddings; the last with the statistics of batch normalization measured anew, on
       so many `samples`, null if there is none
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

from data import load

layers = keras.layers
sparsity = tfmot.sparsity.keras
models = {}
random_images = {}


def mlp(inputs, hidden):
    shape = {"input_shape": (inputs,)}
    units = [layers.Dense(n, activation="relu", **({} if i else shape)) for i, n in enumerate(hidden)]
    return keras.Sequential([*units, layers.Dense(10, activation="softmax")])


def compiled(model, learning_rate=0.001, loss="categorical_crossentropy"):
    model.compile(keras.optimizers.Adam(learning_rate), loss, metrics=["accuracy"])
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
    if key not in random_images:
        x = np.random.randn(*key).astype("float32")
        random_images[key] = x, np.eye(10, dtype="float32")[np.random.randint(10, size=key[0])]
    x, y = random_images[key]
    started = Started()
    model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0, shuffle=False,
              callbacks=[*callbacks, started])
    return {"cpu": 1000 * (time.process_time() - started.cpu),
            "wall": 1000 * (time.perf_counter() - started.wall)}


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
    """Makes the moving statistics of normalizations the mean of those of `batches`, by size."""
    norms = [layer for layer in net.layers if isinstance(layer, layers.BatchNormalization)]
    sums = [0] * (2 * len(norms))
    for norm in norms:
        norm.momentum = 0
    for batch in batches:
        net(batch, training=True)
        moving = [each.numpy() for norm in norms for each in (norm.moving_mean, norm.moving_variance)]
        sums = [total + len(batch) * each for total, each in zip(sums, moving)]
    count = sum(map(len, batches))
    for i, norm in enumerate(norms):
        norm.moving_mean.assign(sums[2 * i] / count)
        norm.moving_variance.assign(sums[2 * i + 1] / count)
    return len(norms) > 0


def measure_sparsity(topology, weights, data, seed, epochs, end_step, batch_size, frequency,
                     initial, finals, samples, **training):
    def build():
        return keras.models.model_from_json(topology)

    def accuracy(net):
        return 100 * float(compiled(net, **training).evaluate(*test, batch_size=1000, verbose=0)[1])

    train, test = load(data)
    dense = with_weights(build(), weights)
    result = {"dense": accuracy(dense), "pruned": []}
    for final in finals:
        keras.utils.set_random_seed(100 + seed)
        net = build()
        net.set_weights(dense.get_weights())
        net, callbacks = pruned(net, initial, final, end_step, frequency)
        compiled(net, **training).fit(*train, batch_size=batch_size, epochs=epochs, verbose=0,
                                      callbacks=callbacks)
        net = sparsity.strip_pruning(net)
        own = {"pruned": accuracy(net), "recalibrated": None}
        # Mixed as in training: samples may be sorted by class.
        some = np.random.permutation(train[0])[:samples]
        if recalibrate(net, [some[i:i + batch_size] for i in range(0, len(some), batch_size)]):
            own["recalibrated"] = accuracy(net)
        result["pruned"].append(own)
    return result


def versions():
    return {"TFMOT": tfmot.__version__, "TensorFlow": tf.__version__,
            "Python": sys.version.split()[0]}


serve(versions=versions, model=make_model, fit=fit, sparsity=measure_sparsity)
