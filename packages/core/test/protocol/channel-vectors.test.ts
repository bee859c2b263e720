import { describe, expect, it } from "vitest";
import { toAgent, toPool } from "../../src/protocol/agent-channel.js";
import type { FrameCodec } from "../../src/protocol/frames.js";
import { fromReleaser, toReleaser } from "../../src/protocol/release-channel.js";
import { asVector, vectorFile } from "../fixtures.js";
import { agentChannelExamples, type Example, releaseChannelExamples } from "./examples.js";

async function expectVectors(name: string, examples: readonly Example[], codecs: Record<string, FrameCodec<object>>) {
  const vectors = examples.map(({ to, message }) => {
    const frame = codecs[to]!.encode([message]);
    expect(codecs[to]!.decode(frame)).toEqual([message]);
    return { to, message, frame };
  });
  const source = `packages/core/src/protocol/${name}.ts; byte strings in hexadecimal`;
  await expect(asVector({ source, vectors })).toMatchFileSnapshot(vectorFile(name));
}

describe("the wire format", () => {
  it("of the agent channel is that of vectors/agent-channel.json", async () => {
    await expectVectors("agent-channel", agentChannelExamples, { pool: toPool, agent: toAgent });
  });

  it("of the release channel is that of vectors/release-channel.json", async () => {
    await expectVectors("release-channel", releaseChannelExamples, { pool: fromReleaser, releaser: toReleaser });
  });
});
