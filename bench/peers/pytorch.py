"""torch.nn.utils.prune and Torch-Pruning, served to the benchmarks (see serve.py).

{"op": "versions"}
    -> the versions of what runs here
{"op": "unstructured", "weights": path, "data": see data.py, "seed", "batch_size", "epochs",
 "amounts"}
    -> {"dense", "pruned": [...]}: accuracies in % of LeNet-300-100 with the weights in that
       file, and pruned at once by global magnitude, then fine-tuned; one for each amount
{"op": "structured", "net", "weights": path, "data", "seed",
 "tuning": {"epochs", "batchSize", "learningRate", "decay"} or null}
    -> {"dense", "pruned": {"pruned", "accuracy", "parameters", "macs"}}: accuracy in % of the
       net with the weights in that file, then without half of all channels, at once and
       after fine-tuning, and what that has and costs
{"op": "nets", "net"}
    -> {}; makes a net, and the same without half of all channels
{"op": "predict", "net", "half", "batch_size", "predictions"}
    -> {"cpu", "wall"}: milliseconds of so many predictions on one thread
"""
import copy
import math
import sys
import time
from importlib.metadata import version

from serve import serve

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.nn.utils.prune as prune
import torch_pruning

from data import load

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d)
NORMALIZATIONS = (nn.BatchNorm1d, nn.BatchNorm2d)
# Of layers this small, several threads take longer where anything else runs.
torch.set_num_threads(1)


def keras_like(net, momentum):
    """Initial weights and normalization as in Keras, which the other side uses."""
    for layer in net.modules():
        if isinstance(layer, (*CONVOLUTIONS, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        if isinstance(layer, NORMALIZATIONS):
            layer.momentum, layer.eps = momentum, 0.001
    return net


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 300), nn.ReLU(),
                         nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10))


def lenet5():
    return nn.Sequential(nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(20, 50, 5), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10))


class Block(nn.Module):
    """Its layers in the order in which Keras lists them, with 'same' padding as there."""

    def __init__(self, inputs, filters, stride):
        super().__init__()
        fits = stride == 1 and inputs == filters
        self.pad = nn.ZeroPad2d(1 if stride == 1 else (0, 1, 0, 1))
        self.conv1 = nn.Conv2d(inputs, filters, 3, stride, bias=False)
        self.norm1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.shortcut = nn.Identity() if fits else nn.Conv2d(inputs, filters, 1, stride, bias=False)
        self.norm2 = nn.BatchNorm2d(filters)
        self.norm3 = nn.Identity() if fits else nn.BatchNorm2d(filters)

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(self.pad(x))))
        return F.relu(self.norm2(self.conv2(y)) + self.norm3(self.shortcut(x)))


def resnet():
    blocks = [Block(16, 16, 1), Block(16, 16, 1), Block(16, 32, 2), Block(32, 32, 1),
              Block(32, 64, 2), Block(64, 64, 1)]
    return nn.Sequential(nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
                         *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def pictures():
    """A residual net of nine convolutions, for pictures of 64x64 in color."""
    return nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 16, 3, 2, bias=False),
                         nn.BatchNorm2d(16), nn.ReLU(), Block(16, 32, 2), Block(32, 64, 2),
                         nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(64, 128, 3, 2, bias=False),
                         nn.BatchNorm2d(128), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(128, 9))


def series():
    """Two convolutions over time, for 25 steps of 12 numbers."""
    return nn.Sequential(nn.Conv1d(12, 64, 3, 1, 1, bias=False), nn.BatchNorm1d(64), nn.ReLU(),
                         nn.Conv1d(64, 128, 3, 1, 1, bias=False), nn.BatchNorm1d(128), nn.ReLU(),
                         nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(128, 9))


class ChannelsFirst(nn.Module):
    def forward(self, x):
        return x.movedim(-1, 1)


def mails():
    """Vectors of 10,000 words, and a convolution over those of a mail."""
    return nn.Sequential(nn.Embedding(10000, 32), ChannelsFirst(), nn.Conv1d(32, 32, 5), nn.ReLU(),
                         nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(32, 1))


NETS = {"mlp": mlp, "lenet5": lenet5, "resnet": resnet,
        "pictures": pictures, "series": series, "mails": mails}
# By which statistics of normalizations move, where it is not the 0.01 of Keras.
MOMENTUMS = {"pictures": 0.1}
DIGITS = torch.zeros(1, 1, 28, 28)
nets = {}


def seeded(net, seed):
    torch.manual_seed(seed)
    return keras_like(NETS[net](), MOMENTUMS.get(net, 0.01))


def tensors(x, y):
    """Channels first, but for numbers of words; classes as numbers, and yes or no as float32."""
    x = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1) if x.ndim > 2 else x))
    return x, torch.from_numpy(y if y.shape[1] == 1 else y.argmax(1))


def fit(net, data, epochs, batch_size, seed, learning_rate=0.001, decay=False):
    """Trains by Adam; where `decay` is set, the learning rate falls step by step to 0."""
    x, y = data
    order = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate, eps=1e-7)
    steps, step = epochs * math.ceil(len(x) / batch_size), 0
    net.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=order).split(batch_size):
            if decay:
                optimizer.param_groups[0]["lr"] = learning_rate * (1 - step / steps)
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits if y.is_floating_point() else F.cross_entropy
            loss(net(x[batch]), y[batch]).backward()
            optimizer.step()
            step += 1
    return net


@torch.no_grad()
def accuracy(net, data):
    x, y = data
    net.eval()
    outputs = torch.cat([net(some) for some in x.split(1000)])
    guess = outputs > 0 if y.is_floating_point() else outputs.argmax(1)
    return 100 * (guess == y).float().mean().item()


def prune_weights(net, amount):
    weights = [(layer, "weight") for layer in net if isinstance(layer, nn.Linear)]
    prune.global_unstructured(weights, pruning_method=prune.L1Unstructured, amount=amount)
    return net


def halved(net, inputs):
    """Without half of the channels and units of each layer but the last, by their L2 norms."""
    last = [layer for layer in net.modules() if isinstance(layer, nn.Linear)][-1]
    torch_pruning.pruner.BasePruner(
        net, inputs, importance=torch_pruning.importance.MagnitudeImportance(p=2),
        pruning_ratio=0.5, ignored_layers=[last],
        root_module_types=[*CONVOLUTIONS, nn.Linear, nn.Embedding]).step()
    return net


@torch.no_grad()
def with_weights(net, path):
    """With the weights in the file, in the order and the layouts of Keras."""
    values, at = np.fromfile(path, "float32"), 0

    def take(*shape):
        nonlocal at
        at += math.prod(shape)
        return torch.from_numpy(values[at - math.prod(shape):at].reshape(shape))

    # Of each pixel that is flattened before the next dense layer.
    channels = 1
    for layer in net.modules():
        if isinstance(layer, nn.Embedding):
            layer.weight.copy_(take(*layer.weight.shape))
        if isinstance(layer, CONVOLUTIONS):
            outputs, inputs, *size = layer.weight.shape
            layer.weight.copy_(take(*size, inputs, outputs).movedim((-1, -2), (0, 1)))
            channels = outputs
        if isinstance(layer, nn.Linear):
            outputs, inputs = layer.weight.shape
            kernel = take(inputs // channels, channels, outputs)
            layer.weight.copy_(kernel.permute(2, 1, 0).reshape(outputs, inputs))
            channels = 1
        if isinstance(layer, (*CONVOLUTIONS, nn.Linear)) and layer.bias is not None:
            layer.bias.copy_(take(outputs))
        if isinstance(layer, NORMALIZATIONS):
            for own in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                own.copy_(take(layer.num_features))
    return net


def measure_unstructured(weights, data, seed, batch_size, epochs, amounts):
    train, test = [tensors(*part) for part in load(data)]
    dense = with_weights(seeded("mlp", seed), weights)
    result = {"dense": accuracy(dense, test), "pruned": []}
    for amount in amounts:
        net = prune_weights(copy.deepcopy(dense), amount)
        fit(net, train, epochs, batch_size, 100 + seed)
        result["pruned"].append(accuracy(net, test))
    return result


def macs(net, inputs):
    """Multiplications of one sample in convolutions and dense layers."""
    counts = []

    def count(layer, _, output):
        counts.append(output.numel() * layer.weight[0].numel())

    hooks = [layer.register_forward_hook(count) for layer in net.modules()
             if isinstance(layer, (*CONVOLUTIONS, nn.Linear))]
    with torch.no_grad():
        net.eval()(inputs)
    for hook in hooks:
        hook.remove()
    return sum(counts)


def measure_structured(net, weights, data, seed, tuning):
    train, test = [tensors(*part) for part in load(data)]
    one = train[0][:1]
    dense = with_weights(seeded(net, seed), weights)
    half = halved(copy.deepcopy(dense), one)
    pruned = last = accuracy(half, test)
    if tuning:
        fit(half, train, tuning["epochs"], tuning["batchSize"], 100 + seed,
            tuning["learningRate"], tuning["decay"])
        last = accuracy(half, test)
    parameters = sum(weight.numel() for weight in half.parameters())
    return {"dense": accuracy(dense, test),
            "pruned": {"pruned": pruned, "accuracy": last, "parameters": parameters,
                       "macs": macs(half, one)}}


def make_nets(net):
    dense = seeded(net, 1)
    nets[net] = [each.eval() for each in (dense, halved(copy.deepcopy(dense), DIGITS))]
    return {}


@torch.inference_mode()
def predict(net, half, batch_size, predictions):
    x = torch.rand(batch_size, *DIGITS.shape[1:])
    each = nets[net][half]
    start = time.process_time(), time.perf_counter()
    for _ in range(predictions):
        each(x)
    return {"cpu": 1000 * (time.process_time() - start[0]),
            "wall": 1000 * (time.perf_counter() - start[1])}


def versions():
    return {**{name: version(name) for name in ("torch", "torch-pruning")},
            "Python": sys.version.split()[0]}


serve(versions=versions, unstructured=measure_unstructured, structured=measure_structured,
      nets=make_nets, predict=predict)
