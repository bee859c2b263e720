import { type Command, Option } from "commander";
import { cancel, create as createRun, start } from "../federate/create.js";
import { join } from "../federate/join.js";
import { sample } from "../federate/sample.js";
import { result, status } from "../federate/watch.js";
import { addPoolOptions } from "./shared-options.js";

export function addFederateCommand(program: Command): void {
  const federate = program
    .command("federate")
    .description("Train together with others: nobody sees anybody's data, masked sums alone leave a machine");
  addCreate(federate);
  federate
    .command("sample")
    .description("Invented applicants to try it with, a file for each lender: synthetic, of no real person")
    .requiredOption("--participants <count>", "lenders")
    .option("--applicants <count>", "of all lenders together", "4000")
    .option("--seed <number>", "the same again with the same number (default: another each time)")
    .option("--out <folder>", "where they go", "data")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis federate sample --participants 5 --out data")
    .action(sample);
  federate
    .command("start")
    .description("Begin with the participants that have come, without waiting for the other seats")
    .argument("<run>", "the owner's file, run.json")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis federate start lenders/run.json")
    .action(start);
  federate
    .command("cancel")
    .description("End a run of your own: what is set aside goes back, less what its members have done")
    .argument("<run>", "the owner's file, run.json")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis federate cancel lenders/run.json")
    .action(cancel);
  federate
    .command("join")
    .description("Take part: train on your own data, here, and add masked updates to the sums of all")
    .argument("<invitation>", "the file that the run's owner gave you")
    .requiredOption("--data <file>", "your data: comma-separated values under a line of names; it stays here")
    .option("--trainer <command>", 'a program of your own that trains in each round, such as "python train.py"')
    .option("--out <folder>", "where the model goes in the end (default: beside the invitation)")
    .option("--json", "one JSON object per event, then the result")
    .addHelpText(
      "after",
      "\nExamples:\n  $ aegis federate join invitation-01.json --data applicants.csv\n  $ aegis federate join invitation-01.json --trainer 'python train.py' --data rows.csv\n\nWhat you must not lose is in a file beside the invitation. Stopped with Ctrl-C, or by a power cut, run the same command again: you go on as the same participant.",
    )
    .action(join);
  federate
    .command("status")
    .description("How far a run is: rounds, loss, participants, bytes, epsilon")
    .argument("<run>", "the owner's file or an invitation")
    .option("--watch", "stay, and show each round as it ends")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis federate status lenders/run.json --watch")
    .action(status);
  federate
    .command("result")
    .description("The model, computed again from the signed sums of all rounds: model.onnx and model.safetensors")
    .argument("<run>", "the owner's file or an invitation")
    .option("--out <folder>", "where it goes", ".")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis federate result lenders/run.json --out model")
    .action(result);
}

function addCreate(federate: Command): void {
  const create = addPoolOptions(federate.command("create"))
    .description("Make a run: an invitation for each participant, and a file that its owner keeps")
    .requiredOption("--participants <count>", "seats, from 5");
  addPlanOptions(create);
  addTrainingOptions(create);
  addPrivacyOptions(create);
  create
    .option("--floor <count>", "no sum of fewer participants is released", "5")
    .option("--groups <count>", "groups that are summed apart", "1")
    .addOption(new Option("--committee <size>", "who removes masks").choices(["4", "7"]).default("4"))
    .option("--upload-time <duration>", "how long participants have for one upload", "10min")
    .option("--max-price <amount>", 'top price per SCU-second, such as "4000 nAIS" (the default)')
    .option("--budget <amount>", "never spend more than this (default: what members may be paid at most)")
    .option("--out <folder>", "where invitations and run.json go", "run")
    .option("--json", "as JSON")
    .addHelpText("after", createExamples)
    .action(createRun);
}

function addPlanOptions(create: Command): void {
  create
    .addOption(new Option("--plan <name>", "what is done").choices(["credit", "network"]).default("credit"))
    .addOption(new Option("--model <name>", "of the plan credit").choices(["lr", "mlp", "trees"]).default("lr"))
    .option(
      "--schema <name>",
      "of the plan credit: german, taiwan, synthetic, or a JSON file that describes columns",
      "german",
    )
    .option("--rounds <count>", "rounds of training, or trees", "60")
    .option("--hidden <widths>", "of mlp: hidden layers, such as 16 or 32,16", "16")
    .option("--widths <widths>", "of the plan network: columns, hidden layers and 1, such as 24,64,1")
    .option("--most-rows <count>", "rows of the largest participant, about", "10000")
    .option("--measure-every <rounds>", "of the plan credit: the AUC after so many rounds (default: at the end alone)");
}

function addTrainingOptions(create: Command): void {
  create
    .addOption(
      new Option(
        "--strategy <name>",
        "how rounds move the model (default: fed-adam for credit, fed-avg for network)",
      ).choices(["fed-avg", "fed-prox", "fed-adam"]),
    )
    .option(
      "--server-rate <number>",
      "with --strategy: how far a round moves the model (default: 1; of fed-adam 0.05 for lr, 0.02 for mlp, 0.01 for network)",
    )
    .option("--proximal <number>", "with fed-prox: its mu (default: 0.01)")
    .option("--epochs <count>", "of network, fed-avg and fed-prox: passes over the rows in a round (default: 1)")
    .option("--learning-rate <number>", "of network, fed-avg and fed-prox (default: 0.1)")
    .addOption(
      new Option(
        "--robust <mean>",
        "instead of the mean over all, over the means of groups, of which some may be poisoned; needs --groups 3 or more, from 15 participants on",
      ).choices(["median", "trimmed"]),
    )
    .option("--trim <groups>", "with --robust trimmed: groups left out at each end (default: 1)");
}

function addPrivacyOptions(create: Command): void {
  create
    .option("--epsilon <number>", "differential privacy for the whole run (default: none)")
    .option("--delta <number>", "with --epsilon: but for this probability", "1e-5")
    .addOption(
      new Option(
        "--per <unit>",
        "with --epsilon: what it is promised to, each record (lr alone) or each participant with all its records (default: record)",
      ).choices(["record", "participant"]),
    )
    .option("--rows <count>", "with --per record: rows of all participants together, about")
    .option(
      "--clip-norm <norm>",
      "with --per participant: updates are shortened to this (default: 0.1 for credit, 1 for network)",
    )
    .option(
      "--adapt-clip",
      "with --per participant: the norm follows the median update; for a hundred participants and more",
    )
    .option("--colluding <count>", "with --epsilon: participants that may collude", "2");
}

const createExamples = `
Examples:
  $ aegis federate create --participants 10 --plan credit --model lr --out lenders
  $ aegis federate create --participants 10 --model lr --epsilon 3 --rows 20000 --most-rows 4000
  $ aegis federate create --participants 200 --model lr --epsilon 3 --per participant --floor 160 --colluding 10
  $ aegis federate create --participants 20 --model lr --strategy fed-prox --robust median --groups 3
  $ aegis federate create --participants 6 --plan network --widths 24,64,1 --rounds 20

Noise is measured for the smallest sum: with --epsilon, a --floor near the participants that will surely come costs the model least.
An invitation is a secret until its participant has joined: give each to one of them, over a channel that you trust.`;
