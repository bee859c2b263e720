import { type Command, Option } from "commander";
import { create, start } from "../federate/create.js";
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
  addPoolOptions(federate.command("create"))
    .description("Make a run: an invitation for each participant, and a file that its owner keeps")
    .requiredOption("--participants <count>", "seats, from 5")
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
    .option("--epochs <count>", "of the plan network: passes over the rows in a round", "1")
    .option("--learning-rate <number>", "of the plan network", "0.1")
    .option("--most-rows <count>", "rows of the largest participant, about", "10000")
    .option("--epsilon <number>", "of lr: differential privacy per record, for the whole run (default: none)")
    .option("--delta <number>", "with --epsilon: but for this probability", "1e-5")
    .option("--rows <count>", "with --epsilon: rows of all participants together, about")
    .option("--colluding <count>", "with --epsilon: participants that may collude", "2")
    .option("--floor <count>", "no sum of fewer participants is released", "5")
    .option("--groups <count>", "groups that are summed apart", "1")
    .addOption(new Option("--committee <size>", "who removes masks").choices(["4", "7"]).default("4"))
    .option("--upload-time <duration>", "how long participants have for one upload", "10min")
    .option("--max-price <amount>", 'top price per SCU-second, such as "4000 nAIS" (the default)')
    .option("--budget <amount>", "never spend more than this (default: what members may be paid at most)")
    .option("--out <folder>", "where invitations and run.json go", "run")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ aegis federate create --participants 10 --plan credit --model lr --out lenders\n  $ aegis federate create --participants 10 --model lr --epsilon 3 --rows 20000 --most-rows 4000\n  $ aegis federate create --participants 6 --plan network --widths 24,64,1 --rounds 20\n\nAn invitation is a secret until its participant has joined: give each to one of them, over a channel that you trust.",
    )
    .action(create);
}
