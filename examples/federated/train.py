"""A trainer of your own for a federated run, in PyTorch: one round of local training.

    aegis federate join RUN --trainer "python train.py" --data rows.csv

The data is a CSV file with a header: numbers, one row per record, the label (0 or 1) in the last column. It stays on this
machine: what leaves it is the update, clipped, noised and masked by aegis.

Needs: pip install torch safetensors numpy
"""

import csv
import json
import os

import torch
from safetensors.torch import load_file, save_file


def read_rows(path):
    """Features and labels of a CSV file."""
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    values = torch.tensor([[float(cell) for cell in row] for row in rows])
    return values[:, :-1], values[:, -1]


def logits(parameters, features, activation):
    """A network of linear layers: layer0.weight, layer0.bias, layer1.weight, and so on."""
    depth = len(parameters) // 2
    values = features
    for layer in range(depth):
        weight, bias = parameters[f"layer{layer}.weight"], parameters[f"layer{layer}.bias"]
        values = torch.nn.functional.linear(values, weight, bias)
        if layer < depth - 1:
            values = activation(values)
    return values.squeeze(1)


def train(model, features, labels, round_number, terms):
    """The trained parameters, and the mean loss of the last epoch."""
    parameters = {name: value.clone().requires_grad_() for name, value in model.items()}
    activation = torch.tanh if terms.get("activation") == "tanh" else torch.relu
    optimiser = torch.optim.SGD(parameters.values(), lr=terms.get("learningRate", 0.1))
    loss_of = torch.nn.BCEWithLogitsLoss()
    torch.manual_seed(round_number)  # the order of the rows: the same if the round is tried again
    loss_sum = 0.0
    for _ in range(terms.get("epochs", 1)):
        loss_sum = 0.0
        for rows in torch.randperm(len(labels)).split(terms.get("batchRows", 32)):
            optimiser.zero_grad()
            loss = loss_of(logits(parameters, features[rows], activation), labels[rows])
            loss.backward()
            optimiser.step()
            loss_sum += loss.item() * len(rows)
    return {name: value.detach() for name, value in parameters.items()}, loss_sum / len(labels)


def main():
    with open(os.environ["AEGIS_ROUND"]) as file:
        this_round = json.load(file)
    model = load_file(os.environ["AEGIS_MODEL"])
    features, labels = read_rows(os.environ["AEGIS_DATA"])
    trained, loss = train(model, features, labels, this_round["round"], this_round["terms"])
    # the update is the difference, with the model's own names
    save_file({name: trained[name] - model[name] for name in model}, os.environ["AEGIS_UPDATE"])
    with open(os.environ["AEGIS_METRICS"], "w") as file:
        json.dump({"loss": loss, "rows": len(labels)}, file)


if __name__ == "__main__":
    main()
