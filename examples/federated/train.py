"""A trainer of your own for a federated run, in PyTorch: one round of local training.

    aegis federate join RUN --trainer "python train.py" --data rows.csv

The data is a CSV file with a header: numbers, one row per record, the label (0 or 1) in the last column. It stays on this
machine: what leaves it is the update, clipped and masked by aegis.

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


def loss_of(parameters, features, labels, terms):
    """Mean loss of a network of linear layers: layer0.weight, layer0.bias, layer1.weight, and so on."""
    activation = {"relu": torch.relu, "tanh": torch.tanh}[terms["activation"]]
    layers = len(terms["widths"]) - 1
    values = features
    for layer in range(layers):
        values = torch.nn.functional.linear(values, parameters[f"layer{layer}.weight"], parameters[f"layer{layer}.bias"])
        if layer < layers - 1:
            values = activation(values)
    return torch.nn.functional.binary_cross_entropy_with_logits(values.squeeze(1), labels)


def penalty_of(parameters, model, terms):
    """What the run's terms add to the loss: small weights, and (FedProx) parameters near the round's model."""
    weights = sum(value.square().sum() for name, value in parameters.items() if name.endswith(".weight"))
    distance = sum((value - model[name]).square().sum() for name, value in parameters.items())
    return (terms.get("l2", 0) * weights + terms.get("proximal", 0) * distance) / 2


def optimiser_of(parameters, terms):
    """The optimiser that the run's terms name, afresh in each round."""
    rate = terms.get("learningRate", 0.001)
    if terms["name"] == "adam":
        betas = (terms.get("beta1", 0.9), terms.get("beta2", 0.999))
        return torch.optim.Adam(parameters, lr=rate, betas=betas, eps=terms.get("epsilon", 1e-8))
    momentum = terms.get("momentum", 0.9) if terms["name"] == "momentum" else 0
    return torch.optim.SGD(parameters, lr=rate, momentum=momentum)


def train(model, features, labels, terms):
    """The parameters after some passes over all rows."""
    parameters = {name: value.clone().requires_grad_() for name, value in model.items()}
    optimiser = optimiser_of(parameters.values(), terms["optimiser"])
    for _ in range(terms.get("epochs", 1)):
        for rows in torch.randperm(len(labels)).split(terms.get("batchRows", 32)):
            optimiser.zero_grad()
            loss = loss_of(parameters, features[rows], labels[rows], terms) + penalty_of(parameters, model, terms)
            loss.backward()
            optimiser.step()
    return {name: value.detach() for name, value in parameters.items()}


def main():
    with open(os.environ["AEGIS_ROUND"]) as file:
        this_round = json.load(file)
    terms = this_round["terms"]
    model = load_file(os.environ["AEGIS_MODEL"])
    features, labels = read_rows(os.environ["AEGIS_DATA"])
    loss = loss_of(model, features, labels, terms).item()  # of the model as it came
    if this_round["task"] == "train":
        trained = train(model, features, labels, terms)
        # the update is the difference, under the model's own names
        save_file({name: trained[name] - model[name] for name in model}, os.environ["AEGIS_UPDATE"])
    with open(os.environ["AEGIS_METRICS"], "w") as file:
        json.dump({"loss": loss, "rows": len(labels)}, file)


if __name__ == "__main__":
    main()
