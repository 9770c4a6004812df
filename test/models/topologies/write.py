"""Writes the topologies beside this file, as `model.to_json()` of Keras 2.15 gives them.

pip install tensorflow-cpu==2.15.1 && python test/models/topologies/write.py
"""

import json
import pathlib

from tensorflow import keras
from tensorflow.keras import layers

HERE = pathlib.Path(__file__).parent


def unet(size=64, filters=(16, 32, 64, 128)):
    """A U-Net with batch normalization (Ronneberger et al. 2015)."""

    def block(x, count):
        for _ in range(2):
            x = layers.Conv2D(count, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.Activation("relu")(x)
        return x

    x = inputs = keras.Input((size, size, 3))
    skips = []
    for count in filters[:-1]:
        x = block(x, count)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = block(x, filters[-1])
    for count, skip in zip(filters[-2::-1], skips[::-1]):
        x = layers.Conv2DTranspose(count, 2, strides=2, padding="same")(x)
        x = block(layers.Concatenate()([skip, x]), count)
    return keras.Model(inputs, layers.Conv2D(2, 1, activation="sigmoid")(x), name="unet")


def application(make, size=64, **kwargs):
    return make(weights=None, input_shape=(size, size, 3), classes=10, **kwargs)


MODELS = {
    "mobilenet_v2": lambda: application(keras.applications.MobileNetV2),
    "resnet50": lambda: application(keras.applications.ResNet50),
    "efficientnet_v2_b0": lambda: application(
        keras.applications.EfficientNetV2B0, include_preprocessing=False
    ),
    "densenet121": lambda: application(keras.applications.DenseNet121),
    "unet": unet,
}

for name, make in MODELS.items():
    topology = json.loads(make().to_json())
    (HERE / f"{name}.json").write_text(json.dumps(topology, separators=(",", ":")) + "\n")
