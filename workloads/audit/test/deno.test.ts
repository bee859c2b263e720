import { expect, it } from "vitest";
import { auditInDeno } from "./deno.js";
import { foundIn, loadProgram, sampleContracts } from "./program.js";

it("runs in a Worker of Deno without permissions or process, and finds there what it finds in Node.js", async () => {
  const inputs = (await sampleContracts(""))
    .slice(0, 3)
    .map(({ name, source }) => ({ path: name, sources: { [name]: source } }));
  const [loaded, ...answers] = await auditInDeno(inputs);
  expect(loaded).not.toHaveProperty("error");
  const audit = await loadProgram();
  for (const [i, input] of inputs.entries()) {
    expect(answers[i]).not.toHaveProperty("error");
    expect(answers[i]?.output).toEqual(await audit(input));
  }
  expect(
    answers.flatMap(({ output }) => (output ? foundIn(output) : [])).some(({ tools }) => tools.includes("solc")),
  ).toBe(true);
});
